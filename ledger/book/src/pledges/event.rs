//! What happened to pledges. What happened to their receipts stands beside it, as events of receipts.

use super::{CheckOutcome, MAX_RECEIPTS};
use crate::{
    vocabulary::{Code, Date, Digest, Money, PartyId, PledgeId, ReceiptId, Time},
    wire::{self, List},
};

wire::message! {
    /// A pledge is proposed and its receipts are reserved.
    pub struct PledgeProposed("granary.pledges.v1.PledgeProposed") {
        /// Its id.
        1 => pledge: PledgeId,
        /// Who pledges.
        2 => pledgor: PartyId,
        /// To whom.
        3 => pledgee: PartyId,
        /// Who keeps the goods.
        4 => keeper: PartyId,
        /// The receipts.
        5 => receipts: List<ReceiptId, 1, MAX_RECEIPTS>,
        /// The most it secures.
        6 => secured_maximum: Money,
        /// When the claim matures.
        7 => matures_on: Date,
        /// Digest of the pledge contract.
        8 => terms: Option<Digest>,
        /// It lapses unless it is active by then.
        9 => reserved_until_ms: Time,
    }
}

wire::message! {
    /// A duplicate-finance registry was asked.
    pub struct DuplicateCheckRecorded("granary.pledges.v1.DuplicateCheckRecorded") {
        /// For which pledge.
        1 => pledge: PledgeId,
        /// Which registry.
        2 => registry: Code,
        /// What it answered.
        3 => outcome: CheckOutcome,
        /// When it was asked.
        4 => checked_at_ms: Time,
        /// Digest of the answer.
        5 => evidence: Digest,
        /// Why a near match is not a match.
        6 => reason: Option<Code>,
    }
}

wire::message! {
    /// The pledgee accepted.
    pub struct PledgeAccepted("granary.pledges.v1.PledgeAccepted") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// Whether keeper and pledgor are related.
        2 => related_parties: bool,
        /// Why the pledgee accepts that.
        3 => related_party_reason: Option<Code>,
    }
}

wire::message! {
    /// The keeper holds for the pledgee.
    pub struct ControlConfirmed("granary.pledges.v1.ControlConfirmed") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// Charges for which the keeper may retain the goods.
        2 => lien: Money,
        /// Whether the profile asks for an outside registration too.
        3 => registration_required: bool,
    }
}

wire::message! {
    /// The pledge is registered outside.
    pub struct RegistrationRecorded("granary.pledges.v1.RegistrationRecorded") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// Which registry.
        2 => registry: Code,
        /// The registry's number.
        3 => number: Code,
        /// When it was registered.
        4 => registered_at_ms: Time,
        /// Last day of the registration.
        5 => expires_on: Date,
        /// Digest of the report on earlier filings.
        6 => report: Digest,
    }
}

wire::message! {
    /// The pledge is active, with this place in the order of priority.
    pub struct PledgePerfected("granary.pledges.v1.PledgePerfected") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// Index of the entry that published it.
        2 => published_index: u64,
        /// Time of that entry.
        3 => published_at_ms: Time,
    }
}

wire::message! {
    /// The pledge was turned down.
    pub struct PledgeRejected("granary.pledges.v1.PledgeRejected") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// By whom.
        2 => by: PartyId,
        /// Why, as a code.
        3 => reason: Code,
    }
}

wire::message! {
    /// The pledgor took the pledge back.
    pub struct PledgeWithdrawn("granary.pledges.v1.PledgeWithdrawn") {
        /// Which pledge.
        1 => pledge: PledgeId,
    }
}

wire::message! {
    /// The pledge was not active in time.
    pub struct PledgeLapsed("granary.pledges.v1.PledgeLapsed") {
        /// Which pledge.
        1 => pledge: PledgeId,
    }
}

wire::message! {
    /// Release is asked for.
    pub struct ReleaseRequested("granary.pledges.v1.ReleaseRequested") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// By whom.
        2 => by: PartyId,
    }
}

wire::message! {
    /// The pledge is over; its receipts are free.
    pub struct PledgeReleased("granary.pledges.v1.PledgeReleased") {
        /// Which pledge.
        1 => pledge: PledgeId,
    }
}

wire::events! {
    /// What happened to pledges.
    pub enum Event {
        PledgeProposed, DuplicateCheckRecorded, PledgeAccepted, ControlConfirmed,
        RegistrationRecorded, PledgePerfected, PledgeRejected, PledgeWithdrawn, PledgeLapsed,
        ReleaseRequested, PledgeReleased,
    }
}
