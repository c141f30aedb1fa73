//! A warehouse with all that a deposit needs, for the tests of goods and of the areas above.

use crate::{
    goods::{
        AcceptToStore, AnnounceDeposit, Command, Commingling, Insurance, OwnershipClass,
        RecordArrival, RecordAssay, RecordWeight, RegisterScale, RegisterStore, Seal, TakeSample,
        invariants,
    },
    parties::{self, GrantLicence, PARTIES, Role},
    refusal::Refusal,
    testing::{World, party},
    vocabulary::{Date, Digest, Id, LotId, PartyId, Quantity, Unit},
    wire::List,
};

/// What everything in the yard is.
pub(crate) const COMMODITY: &str = "GARLIC";
/// The yard's store.
pub(crate) const STORE: &str = "S-1";
/// What fits into it: 100 t.
pub(crate) const CAPACITY: u64 = 100_000_000;

/// The world, and who takes part in a deposit.
pub(crate) struct Yard {
    pub(crate) world: World,
    pub(crate) registrar: PartyId,
    pub(crate) cooperative: PartyId,
    pub(crate) warehouse: PartyId,
    pub(crate) weigher: PartyId,
    pub(crate) inspector: PartyId,
    pub(crate) laboratory: PartyId,
    pub(crate) insurer: PartyId,
    tickets: u32,
}

pub(crate) fn code(text: &str) -> crate::vocabulary::Code {
    text.parse().expect("a code")
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

pub(crate) fn grams(amount: u64) -> Quantity {
    Quantity::new(amount, Unit::Gram)
}

/// The lot that an announcement made.
pub(crate) fn announced(events: &[crate::areas::Event]) -> LotId {
    match events.first() {
        Some(crate::areas::Event::Goods(super::super::Event::DepositAnnounced(event))) => event.lot,
        other => panic!("no announcement: {other:?}"),
    }
}

impl Yard {
    /// A licensed warehouse with one store and one scale; nobody belongs to anybody else.
    pub(crate) fn new() -> Self {
        let mut world = World::new();
        let cooperative = world.party(10, &[Role::Cooperative]);
        let warehouse = world.party(20, &[Role::Warehouse]);
        let weigher = world.party(30, &[Role::Weigher]);
        let inspector = world.party(40, &[Role::Inspector]);
        let laboratory = world.party(50, &[Role::Laboratory]);
        let insurer = world.party(60, &[Role::Insurer]);
        world.commodity(COMMODITY);
        let registrar = party(250);
        let mut yard = Self {
            world,
            registrar,
            cooperative,
            warehouse,
            weigher,
            inspector,
            laboratory,
            insurer,
            tickets: 0,
        };
        yard.license("2027-12-31");
        yard.accept(warehouse, store(STORE, CAPACITY));
        yard.accept(warehouse, scale("B-1", "2026-06-30"));
        yard
    }

    /// Licenses the warehouse for the commodity.
    pub(crate) fn license(&mut self, until: &str) {
        let licence = parties::Command::GrantLicence(GrantLicence {
            party: self.warehouse,
            number: code("L-1"),
            commodities: List::new(vec![code(COMMODITY)]).expect("one"),
            valid_until: date(until),
        });
        self.world.say(self.registrar, licence).expect("accepted");
    }

    /// Makes two parties one owner's.
    pub(crate) fn relate(&mut self, a: PartyId, b: PartyId) {
        for id in [a, b] {
            let related = PARTIES.update(&mut self.world.view, &id, |party| {
                party.owner_group = Some(code("GROUP"));
                Ok(())
            });
            related.expect("a party of this world");
        }
    }

    /// Says a command that is accepted; all invariants hold afterwards.
    #[track_caller]
    pub(crate) fn accept(&mut self, who: PartyId, command: Command) -> Vec<crate::areas::Event> {
        let events = self.world.say(who, command).expect("accepted");
        invariants::check(&self.world.view);
        events
    }

    /// Says a command.
    pub(crate) fn say(
        &mut self,
        who: PartyId,
        command: Command,
    ) -> Result<Vec<crate::areas::Event>, Refusal> {
        self.world.say(who, command)
    }

    /// A deposit of the cooperative's own goods, announced.
    pub(crate) fn announced(&mut self, ownership: OwnershipClass) -> LotId {
        let command = announcement(self.warehouse, ownership);
        announced(&self.accept(self.cooperative, command.into()))
    }

    pub(crate) fn arrived(&mut self) -> LotId {
        let lot = self.announced(OwnershipClass::Own);
        self.bring(lot);
        lot
    }

    pub(crate) fn bring(&mut self, lot: LotId) {
        let command = arrival(lot, Seal::Intact, &self.world);
        self.accept(self.warehouse, command.into());
    }

    pub(crate) fn weighed(&mut self, net: u64) -> LotId {
        let lot = self.arrived();
        self.weigh(lot, net);
        lot
    }

    pub(crate) fn weigh(&mut self, lot: LotId, net: u64) {
        self.tickets += 1;
        let ticket = format!("T-{}", self.tickets);
        let command = weight(self.warehouse, lot, &ticket, net + 9_000, 9_000, &self.world);
        self.accept(self.weigher, command.into());
    }

    pub(crate) fn sampled(&mut self, net: u64) -> LotId {
        let lot = self.weighed(net);
        self.sample(lot);
        lot
    }

    pub(crate) fn sample(&mut self, lot: LotId) {
        let command = TakeSample { lot, sample: code("SEAL-7"), occurred_at_ms: self.world.now };
        self.accept(self.inspector, command.into());
    }

    pub(crate) fn graded(&mut self, net: u64) -> LotId {
        let lot = self.sampled(net);
        self.assay(lot);
        lot
    }

    pub(crate) fn assay(&mut self, lot: LotId) {
        let command = assay(lot, &[], None, &self.world);
        self.accept(self.laboratory, command.into());
    }

    /// A lot of so many grams in store.
    pub(crate) fn stored(&mut self, net: u64) -> LotId {
        let lot = self.graded(net);
        self.store(lot, OwnershipClass::Own);
        lot
    }

    /// A lot whose owner holds it in a standing, in store.
    pub(crate) fn stored_as(&mut self, net: u64, ownership: OwnershipClass) -> LotId {
        let lot = self.announced(ownership);
        self.bring(lot);
        self.weigh(lot, net);
        self.sample(lot);
        self.assay(lot);
        self.store(lot, ownership);
        lot
    }

    pub(crate) fn store(&mut self, lot: LotId, ownership: OwnershipClass) {
        let command = AcceptToStore { ownership, ..acceptance(lot, self.insurer) };
        self.accept(self.warehouse, command.into());
    }
}

pub(crate) fn store(store: &str, capacity: u64) -> Command {
    RegisterStore { store: code(store), capacity: grams(capacity) }.into()
}

pub(crate) fn scale(scale: &str, calibrated_until: &str) -> Command {
    let calibrated_until = date(calibrated_until);
    RegisterScale { scale: code(scale), calibrated_until, certificate: Digest([7; 32]) }.into()
}

pub(crate) fn announcement(warehouse: PartyId, ownership: OwnershipClass) -> AnnounceDeposit {
    AnnounceDeposit {
        warehouse,
        commodity: code(COMMODITY),
        quantity: grams(10_000_000),
        owner: None,
        ownership,
        not_graded: false,
        crop_year: Some(2025),
        origin: Some(code("FIELD-9")),
    }
}

pub(crate) fn arrival(lot: LotId, seal: Seal, world: &World) -> RecordArrival {
    let carriage = Digest([1; 32]);
    RecordArrival { lot, carriage, seal, shipment: None, occurred_at_ms: world.now }
}

pub(crate) fn weight(
    scale_owner: PartyId,
    lot: LotId,
    ticket: &str,
    gross: u64,
    tare: u64,
    world: &World,
) -> RecordWeight {
    RecordWeight {
        lot,
        scale_owner,
        scale: code("B-1"),
        ticket: code(ticket),
        gross: grams(gross),
        tare: grams(tare),
        occurred_at_ms: world.now,
    }
}

pub(crate) fn assay(
    lot: LotId,
    values: &[(&str, u32)],
    grade: Option<&str>,
    world: &World,
) -> RecordAssay {
    let value = |(parameter, value): &(&str, u32)| crate::goods::AssayValue {
        parameter: code(parameter),
        value: *value,
    };
    RecordAssay {
        lot,
        method: code("GB/T-5009"),
        values: List::new(values.iter().map(value).collect()).expect("few"),
        grade: grade.map(code),
        occurred_at_ms: world.now,
    }
}

pub(crate) fn acceptance(lot: LotId, insurer: PartyId) -> AcceptToStore {
    let insurance = Insurance { insurer, policy: code("P-1"), until: date("2026-12-31") };
    AcceptToStore {
        lot,
        store: code(STORE),
        insurance: Some(insurance),
        commingling: Commingling::Segregated,
        ownership: OwnershipClass::Own,
    }
}

/// A lot that isn't there.
pub(crate) fn no_lot() -> LotId {
    LotId::from_bytes([0xee; 16])
}
