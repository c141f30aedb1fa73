//! A yard whose keeper has numbers to give, for the tests of receipts and of the areas above.

use crate::{
    areas,
    at::Stamp,
    goods::{LOTS, Lot, tests::yard::Yard},
    parties::{PARTIES, Role},
    receipts::{
        AcceptReceipt, AllotNumbers, Command, DraftReceipt, Event, PledgeMark, RECEIPTS, Receipt,
        ReceiptKind, ReceiptPledged, ReceiptReserved, SignReceipt, SurrenderReceipt, invariants,
    },
    refusal::Refusal,
    registries::{self, Profile, SetProfile},
    testing::World,
    vocabulary::{
        Id, LotId, Millis, PartyId, PartyNo, PledgeId, Quantity, ReceiptId, ReleaseOrderId,
        TransferId,
    },
};

pub(crate) use crate::goods::tests::yard::{code, date, grams};

/// Until when the house's receipts are valid.
pub(crate) const VALID_UNTIL: &str = "2026-12-31";

/// The yard and the parties that deal in its receipts.
pub(crate) struct House {
    pub(crate) yard: Yard,
    pub(crate) buyer: PartyId,
    pub(crate) bank: PartyId,
    pub(crate) court: PartyId,
    pub(crate) regulator: PartyId,
}

/// What an accepted command came to, in this area.
pub(crate) type Events = Vec<areas::Event>;

impl House {
    /// Numbers 1 to 1,000 are the keeper's.
    pub(crate) fn new() -> Self {
        let mut house = Self::without_numbers();
        let allotment = AllotNumbers { keeper: house.keeper(), first: 1, last: 1_000 };
        house.accept(house.yard.registrar, allotment);
        house
    }

    /// The keeper has no numbers yet.
    pub(crate) fn without_numbers() -> Self {
        let mut yard = Yard::new();
        let buyer = yard.world.party(80, &[Role::Buyer]);
        let bank = yard.world.party(90, &[Role::Bank]);
        let court = yard.world.party(100, &[Role::Court]);
        let regulator = yard.world.party(110, &[Role::Regulator]);
        Self { yard, buyer, bank, court, regulator }
    }

    pub(crate) fn keeper(&self) -> PartyId {
        self.yard.warehouse
    }

    pub(crate) fn depositor(&self) -> PartyId {
        self.yard.cooperative
    }

    pub(crate) fn world(&self) -> &World {
        &self.yard.world
    }

    /// Changes the profile.
    pub(crate) fn profile(&mut self, change: impl FnOnce(&mut SetProfile)) {
        let mut profile = Profile::generic();
        change(&mut profile);
        let operator = self.yard.world.party(1, &[Role::Operator]);
        let command = registries::Command::SetProfile(profile);
        self.yard.world.say(operator, command).expect("accepted");
    }

    /// Says a command, signed by the principal's person 1.
    pub(crate) fn say(
        &mut self,
        who: PartyId,
        command: impl Into<Command>,
    ) -> Result<Events, Refusal> {
        self.signed(who, &[(who, Some(1))], command)
    }

    /// Says a command, signed by the principal's person 1 and another party's.
    pub(crate) fn cosigned(
        &mut self,
        who: PartyId,
        with: PartyId,
        command: impl Into<Command>,
    ) -> Result<Events, Refusal> {
        self.signed(who, &[(who, Some(1)), (with, Some(1))], command)
    }

    /// Says a command of two persons of one party.
    pub(crate) fn by_two(
        &mut self,
        who: PartyId,
        command: impl Into<Command>,
    ) -> Result<Events, Refusal> {
        self.signed(who, &[(who, Some(1)), (who, Some(2))], command)
    }

    /// Says a command, signed as given. All invariants hold afterwards, and a refusal changes nothing.
    pub(crate) fn signed(
        &mut self,
        who: PartyId,
        signers: &[(PartyId, Option<u8>)],
        command: impl Into<Command>,
    ) -> Result<Events, Refusal> {
        let before = self.state();
        let result = self.yard.world.say_with(who, signers, command.into());
        match &result {
            Ok(_) => invariants::check(&self.yard.world.view),
            Err(_) => assert_eq!(before, self.state(), "a refused command changed something"),
        }
        result
    }

    /// Says a command that is accepted.
    #[track_caller]
    pub(crate) fn accept(&mut self, who: PartyId, command: impl Into<Command>) -> Events {
        self.say(who, command).expect("accepted")
    }

    /// The whole state.
    pub(crate) fn state(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.yard.world.view.range(&[], None, usize::MAX)
    }

    /// Time passes; all invariants hold afterwards.
    pub(crate) fn pass(&mut self, span: Millis) -> Events {
        let fired = self.yard.world.pass(span);
        invariants::check(&self.yard.world.view);
        fired
    }

    pub(crate) fn lot(&self, id: LotId) -> Lot {
        LOTS.find(&self.world().view, &id).expect("a lot of this house").value
    }

    pub(crate) fn receipt(&self, id: ReceiptId) -> Receipt {
        RECEIPTS.find(&self.world().view, &id).expect("a receipt of this house").value
    }

    pub(crate) fn no(&self, party: PartyId) -> PartyNo {
        PARTIES.no(&self.world().view, &party).expect("a party of this house")
    }

    /// A draft on a lot, by person 1 of the keeper.
    pub(crate) fn drafted(&mut self, lot: LotId, quantity: u64) -> ReceiptId {
        drafted(&self.accept(self.keeper(), draft(lot, quantity)))
    }

    /// Person 2 of the keeper signs.
    pub(crate) fn sign(&mut self, receipt: ReceiptId) -> Result<Events, Refusal> {
        let keeper = self.keeper();
        self.signed(keeper, &[(keeper, Some(2))], SignReceipt { receipt, number: None })
    }

    /// A receipt on a lot, offered to the depositor.
    pub(crate) fn offered(&mut self, lot: LotId, quantity: u64) -> ReceiptId {
        let receipt = self.drafted(lot, quantity);
        self.sign(receipt).expect("accepted");
        receipt
    }

    /// A receipt on a lot, issued to the depositor.
    pub(crate) fn issued_on(&mut self, lot: LotId, quantity: u64) -> ReceiptId {
        let receipt = self.offered(lot, quantity);
        self.accept(self.depositor(), AcceptReceipt { receipt });
        receipt
    }

    /// A receipt of a kind on a lot, issued to the depositor.
    pub(crate) fn issued_as(&mut self, lot: LotId, quantity: u64, kind: ReceiptKind) -> ReceiptId {
        let command = DraftReceipt { kind, ..draft(lot, quantity) };
        let receipt = drafted(&self.accept(self.keeper(), command));
        self.sign(receipt).expect("accepted");
        self.accept(self.depositor(), AcceptReceipt { receipt });
        receipt
    }

    /// A receipt for a whole lot of its own, issued to the depositor.
    pub(crate) fn issued(&mut self, quantity: u64) -> ReceiptId {
        let lot = self.yard.stored(quantity);
        self.issued_on(lot, quantity)
    }

    /// Writes events that areas above emit.
    pub(crate) fn write(&mut self, events: &[Event]) {
        let stamp = Stamp { index: self.world().index, time: self.world().now };
        for event in events {
            let event = event.clone().into();
            areas::evolve(&mut self.yard.world.view, &event, &stamp).expect("can follow");
            self.yard.world.history.push(event);
        }
        invariants::check(&self.yard.world.view);
    }

    /// Reserves a receipt for a pledge to the bank.
    pub(crate) fn reserve(&mut self, receipt: ReceiptId, pledge: PledgeId) {
        let until_ms = self.world().now.after(Millis::days(3));
        let reserved = ReceiptReserved { receipt, pledge, pledgee: self.bank, until_ms };
        self.write(&[reserved.into()]);
    }

    /// Pledges a receipt to the bank, published at index 7.
    pub(crate) fn pledge(&mut self, receipt: ReceiptId, pledge: PledgeId) {
        self.reserve(receipt, pledge);
        let published_at_ms = self.world().now;
        let pledged = ReceiptPledged { receipt, pledge, published_index: 7, published_at_ms };
        self.write(&[pledged.into()]);
    }

    /// The receipts' last day is over.
    pub(crate) fn pass_validity(&mut self) -> Events {
        let days = date(VALID_UNTIL).days_since(self.world().now.date_at(0));
        self.pass(Millis(Millis::days(days + 1).0 + 1))
    }

    /// The depositor surrenders a receipt to the collector `C-1`.
    pub(crate) fn surrendered(&mut self, receipt: ReceiptId) -> ReleaseOrderId {
        release_order(&self.accept(self.depositor(), surrender(receipt)))
    }
}

pub(crate) fn pledge_id(n: u8) -> PledgeId {
    PledgeId::from_bytes([n; 16])
}

pub(crate) fn draft(lot: LotId, quantity: u64) -> DraftReceipt {
    DraftReceipt {
        lot,
        kind: ReceiptKind::Negotiable,
        quantity: grams(quantity),
        valid_until: date(VALID_UNTIL),
        declared_value: None,
        particulars: None,
    }
}

pub(crate) fn surrender(receipt: ReceiptId) -> SurrenderReceipt {
    SurrenderReceipt { receipt, collector: code("C-1"), expected_version: None }
}

/// The receipt that a draft will be.
pub(crate) fn drafted(events: &[areas::Event]) -> ReceiptId {
    match events {
        [areas::Event::Receipts(Event::ReceiptDrafted(event))] => event.receipt,
        other => panic!("no draft: {other:?}"),
    }
}

/// The release order that a surrender made.
pub(crate) fn release_order(events: &[areas::Event]) -> ReleaseOrderId {
    match events {
        [_, areas::Event::Receipts(Event::ReleaseOrderIssued(event))] => event.order,
        other => panic!("no release order: {other:?}"),
    }
}

/// The transfer that a proposal made.
pub(crate) fn transfer(events: &[areas::Event]) -> TransferId {
    match events {
        [areas::Event::Receipts(Event::TransferProposed(event))] => event.transfer,
        other => panic!("no transfer: {other:?}"),
    }
}

/// The children that a split made: id, quantity, pledge.
pub(crate) fn children(events: &[areas::Event]) -> Vec<(ReceiptId, Quantity, Option<PledgeMark>)> {
    let child = |event: &areas::Event| match event {
        areas::Event::Receipts(Event::ReceiptOpened(event)) => {
            Some((event.receipt, event.quantity, event.pledge.clone()))
        }
        _ => None,
    };
    events.iter().filter_map(child).collect()
}
