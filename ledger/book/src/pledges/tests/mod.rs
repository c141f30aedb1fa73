//! Pledges: given, when, then.

mod call_off;
mod histories;
mod perfect;
mod propose;
mod release;

use super::{
    AcceptPledge, CheckOutcome, Command, ConfirmControl, ConfirmRelease, Event, PLEDGES,
    ProposePledge, RecordDuplicateCheck, RecordRegistration, RejectPledge, RequestRelease, Stage,
    WithdrawPledge,
};
use crate::{
    areas,
    goods::tests::yard::{CAPACITY, Yard},
    parties::{self, PARTIES, Role},
    receipts::{self, Encumbrance, HoldKind, RECEIPTS, Receipt, ReceiptKind},
    refusal::Refusal,
    registries::{self, Profile},
    testing::{World, party},
    vocabulary::{
        Code, Currency, Date, Digest, Id, Money, PartyId, PledgeId, Quantity, ReceiptId, Time, Unit,
    },
    wire::List,
};

pub(crate) const COOP: u8 = 10;
pub(crate) const BANK: u8 = 2;
pub(crate) const KEEPER: u8 = 20;
pub(crate) const OTHER_BANK: u8 = 4;
pub(crate) const BUYER: u8 = 5;
const COURT: u8 = 7;

pub(crate) fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

pub(crate) fn yuan(minor_units: u64) -> Money {
    Money::new(minor_units, Currency::CNY)
}

/// A cooperative with a receipt on garlic in store (see [`template`]), its bank and another, a buyer, a court.
pub(crate) fn world() -> World {
    let mut yard = Yard::new();
    assert_eq!((yard.cooperative, yard.warehouse), (party(COOP), party(KEEPER)));
    let lot = yard.stored(CAPACITY / 2);
    let mut world = yard.world;
    world.party(BANK, &[Role::Bank]);
    world.party(OTHER_BANK, &[Role::Bank]);
    world.party(BUYER, &[Role::Buyer]);
    world.party(COURT, &[Role::Court]);
    let (coop, keeper) = (party(COOP), party(KEEPER));
    let numbers = receipts::AllotNumbers { keeper, first: 1, last: 1_000 };
    world.say(party(250), receipts::Command::from(numbers)).expect("accepted");
    let draft = receipts::DraftReceipt {
        lot,
        kind: ReceiptKind::Negotiable,
        quantity: Quantity::new(CAPACITY / 2, Unit::Gram),
        valid_until: date("2026-12-31"),
        declared_value: None,
        particulars: None,
    };
    let drafted = world.say(keeper, receipts::Command::from(draft)).expect("accepted");
    let [areas::Event::Receipts(receipts::Event::ReceiptDrafted(drafted))] = drafted.as_slice()
    else {
        panic!("not a draft: {drafted:?}")
    };
    let receipt = drafted.receipt;
    let sign = receipts::Command::from(receipts::SignReceipt { receipt, number: None });
    world.say_with(keeper, &[(keeper, Some(2))], sign).expect("accepted");
    let accept = receipts::Command::from(receipts::AcceptReceipt { receipt });
    world.say(coop, accept).expect("accepted");
    world
}

/// The receipt that was issued on goods in store, 50 tonnes of garlic of the cooperative, valid to the end
/// of 2026.
pub(crate) fn template(world: &World) -> Receipt {
    RECEIPTS.scan(&world.view, None, 1).pop().expect("one").value
}

/// A copy of the issued receipt for so many grams. There are no goods behind it: a pledge looks at its receipt
/// alone, and most tests here need many.
pub(crate) fn receipt(world: &mut World, n: u8, grams: u64) -> ReceiptId {
    receipt_with(world, n, grams, |_| {})
}

pub(crate) fn receipt_with(
    world: &mut World,
    n: u8,
    grams: u64,
    change: impl FnOnce(&mut Receipt),
) -> ReceiptId {
    let id = ReceiptId::from_bytes([n; 16]);
    let nominal = Quantity::new(grams, Unit::Gram);
    let mut receipt = Receipt { id, nominal, ..template(world) };
    change(&mut receipt);
    RECEIPTS.insert(&mut world.view, &id, &receipt).expect("new");
    id
}

/// A licence of a warehouse for every commodity.
pub(crate) fn license(world: &mut World, warehouse: u8) {
    let licence = parties::Command::from(parties::GrantLicence {
        party: party(warehouse),
        number: code("L-2"),
        commodities: List::new(vec![]).expect("none needed"),
        valid_until: date("2027-12-31"),
    });
    world.say(party(250), licence).expect("accepted");
}

/// A court holds a receipt, or no longer.
pub(crate) fn hold(
    world: &mut World,
    receipt: ReceiptId,
    on: bool,
) -> Result<Vec<areas::Event>, Refusal> {
    let (kind, order) = (HoldKind::Court, code("ORDER-1"));
    let command = if on {
        let evidence = Digest([9; 32]);
        let place = receipts::PlaceHold { receipt, kind, order, evidence, until_ms: None };
        receipts::Command::from(place)
    } else {
        receipts::Command::from(receipts::LiftHold { receipt, kind, order })
    };
    world.say(party(COURT), command)
}

pub(crate) fn change_receipt(world: &mut World, id: ReceiptId, change: impl FnOnce(&mut Receipt)) {
    RECEIPTS
        .update(&mut world.view, &id, |receipt| {
            change(receipt);
            Ok(())
        })
        .expect("known");
}

/// The bank's number.
pub(crate) fn bank(world: &World) -> crate::vocabulary::PartyNo {
    PARTIES.no(&world.view, &party(BANK)).expect("known")
}

pub(crate) fn encumbrance(world: &World, id: ReceiptId) -> Encumbrance {
    RECEIPTS.find(&world.view, &id).expect("known").value.encumbrance
}

pub(crate) fn stage(world: &World, id: PledgeId) -> Stage {
    PLEDGES.find(&world.view, &id).expect("known").value.stage
}

/// A proposal to the bank for at most 100,000.00 until the end of June.
pub(crate) fn proposal(receipts: &[ReceiptId]) -> ProposePledge {
    ProposePledge {
        pledgee: party(BANK),
        receipts: List::new(receipts.to_vec()).expect("few"),
        secured_maximum: yuan(10_000_000),
        matures_on: date("2026-06-30"),
        terms: None,
    }
}

/// The id of the pledge that was proposed.
pub(crate) fn proposed(said: Result<Vec<areas::Event>, Refusal>) -> PledgeId {
    match said.expect("accepted").first() {
        Some(areas::Event::Pledges(Event::PledgeProposed(proposed))) => proposed.pledge,
        event => panic!("not a proposal: {event:?}"),
    }
}

pub(crate) fn check(pledge: PledgeId, outcome: CheckOutcome, at: Time) -> Command {
    Command::RecordDuplicateCheck(RecordDuplicateCheck {
        pledge,
        registry: code("ZHONGDENG"),
        outcome,
        checked_at_ms: at,
        evidence: Digest([7; 32]),
        reason: (outcome == CheckOutcome::NearMatch).then(|| code("OTHER-LOT")),
    })
}

pub(crate) fn accept(pledge: PledgeId) -> Command {
    Command::AcceptPledge(AcceptPledge { pledge, related_party_reason: None })
}

pub(crate) fn confirm_control(pledge: PledgeId) -> Command {
    Command::ConfirmControl(ConfirmControl { pledge, lien: Some(yuan(0)) })
}

pub(crate) fn register(pledge: PledgeId, at: Time) -> Command {
    Command::RecordRegistration(RecordRegistration {
        pledge,
        registry: code("ZHONGDENG"),
        number: code("2026-000123"),
        registered_at_ms: at,
        expires_on: date("2026-06-30"),
        report: Digest([8; 32]),
        prior_filing: None,
    })
}

pub(crate) fn reject(pledge: PledgeId) -> Command {
    Command::RejectPledge(RejectPledge { pledge, reason: code("POLICY") })
}

pub(crate) fn withdraw(pledge: PledgeId) -> Command {
    Command::WithdrawPledge(WithdrawPledge { pledge })
}

pub(crate) fn request_release(pledge: PledgeId) -> Command {
    Command::RequestRelease(RequestRelease { pledge })
}

/// By both persons of the bank.
pub(crate) fn confirm_release(
    world: &mut World,
    pledge: PledgeId,
) -> Result<Vec<areas::Event>, Refusal> {
    let bank = party(BANK);
    let command = Command::ConfirmRelease(ConfirmRelease { pledge });
    world.say_with(bank, &[(bank, Some(1)), (bank, Some(2))], command)
}

/// Proposed, reserved.
pub(crate) fn reserved(world: &mut World, receipts: &[ReceiptId]) -> PledgeId {
    proposed(world.say(party(COOP), Command::from(proposal(receipts))))
}

/// Checked and accepted by the bank.
pub(crate) fn accepted(world: &mut World, receipts: &[ReceiptId]) -> PledgeId {
    let pledge = reserved(world, receipts);
    let now = world.now;
    world.say(party(BANK), check(pledge, CheckOutcome::Clear, now)).expect("accepted");
    world.say(party(BANK), accept(pledge)).expect("accepted");
    pledge
}

/// Confirmed by the keeper: in force, unless the profile asks for a registration.
pub(crate) fn active(world: &mut World, receipts: &[ReceiptId]) -> PledgeId {
    let pledge = accepted(world, receipts);
    world.say(party(KEEPER), confirm_control(pledge)).expect("accepted");
    pledge
}

/// The generic profile with a change.
pub(crate) fn set_profile(world: &mut World, change: impl FnOnce(&mut Profile)) {
    let operator: PartyId = world.party(249, &[Role::Operator]);
    let mut profile = Profile::generic();
    change(&mut profile);
    world.say(operator, registries::Command::from(profile)).expect("accepted");
}
