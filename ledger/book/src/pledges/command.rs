//! What may be asked about pledges.

use super::{CheckOutcome, MAX_RECEIPTS};
use crate::{
    vocabulary::{Code, Date, Digest, Money, PartyId, PledgeId, ReceiptId, Time},
    wire::{self, List},
};

wire::message! {
    /// Proposes to pledge receipts, and reserves them all in the same step. Said by their holder. The
    /// pledge's id is derived id 0.
    pub struct ProposePledge("granary.pledges.v1.ProposePledge") {
        /// The lender.
        1 => pledgee: PartyId,
        /// What is pledged; all of it with one keeper.
        2 => receipts: List<ReceiptId, 1, MAX_RECEIPTS>,
        /// The most that the pledge secures (最高额).
        3 => secured_maximum: Money,
        /// When the secured claim matures: the receipts must be valid until then.
        4 => matures_on: Date,
        /// Digest of the pledge contract.
        5 => terms: Option<Digest>,
    }
}

wire::message! {
    /// Records what a duplicate-finance registry answered. Said by the pledgee.
    pub struct RecordDuplicateCheck("granary.pledges.v1.RecordDuplicateCheck") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// Which registry was asked.
        2 => registry: Code,
        /// What it answered.
        3 => outcome: CheckOutcome,
        /// When.
        4 => checked_at_ms: Time,
        /// Digest of the answer.
        5 => evidence: Digest,
        /// Why a near match is not a match, as a code. Required of a near match.
        6 => reason: Option<Code>,
    }
}

wire::message! {
    /// Accepts a proposed pledge. Said by the pledgee.
    pub struct AcceptPledge("granary.pledges.v1.AcceptPledge") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// Why the pledgee accepts a keeper related to the pledgor (INV-63), as a code.
        2 => related_party_reason: Option<Code>,
    }
}

wire::message! {
    /// Confirms that the keeper holds the goods for the pledgee and knows of no other claim. Said by the
    /// keeper.
    pub struct ConfirmControl("granary.pledges.v1.ConfirmControl") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// Charges for which the keeper may retain the goods; nothing is said as an amount of nothing.
        2 => lien: Option<Money>,
    }
}

wire::message! {
    /// Records the registration of a pledge in an outside registry. Said by the pledgee.
    pub struct RecordRegistration("granary.pledges.v1.RecordRegistration") {
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
        /// Number of an earlier filing over the same goods, if the report shows one.
        7 => prior_filing: Option<Code>,
    }
}

wire::message! {
    /// Turns a pledge down before it is active. Said by the pledgee, or by the keeper asked to confirm.
    pub struct RejectPledge("granary.pledges.v1.RejectPledge") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::message! {
    /// Takes a pledge back before it is active. Said by the pledgor.
    pub struct WithdrawPledge("granary.pledges.v1.WithdrawPledge") {
        /// Which pledge.
        1 => pledge: PledgeId,
    }
}

wire::message! {
    /// Asks for the release of all receipts after repayment. Said by the pledgor or the pledgee.
    pub struct RequestRelease("granary.pledges.v1.RequestRelease") {
        /// Which pledge.
        1 => pledge: PledgeId,
    }
}

wire::message! {
    /// Releases all receipts. Said by the pledgee.
    pub struct ConfirmRelease("granary.pledges.v1.ConfirmRelease") {
        /// Which pledge.
        1 => pledge: PledgeId,
    }
}

wire::commands! {
    /// What may be asked about pledges.
    pub enum Command {
        ProposePledge, RecordDuplicateCheck, AcceptPledge, ConfirmControl, RecordRegistration,
        RejectPledge, WithdrawPledge, RequestRelease, ConfirmRelease,
    }
}
