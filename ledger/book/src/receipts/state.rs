//! Receipts and what hangs on them.

use serde::{Deserialize, Serialize};

use super::{HoldKind, ReceiptKind};
use crate::{
    refusal::{ObjectKind, Refusal},
    registries, registry,
    state::{Objects, Row, Table, View},
    vocabulary::{
        Code, CommodityNo, Date, LotNo, Millis, Money, PartyNo, PersonId, PledgeId, Ppm, Quantity,
        ReceiptId, ReceiptNo, ReleaseOrderId, ReleaseOrderNo, ShipmentId, Time, TransferId,
        TransferNo,
    },
};

/// A receipt that a clerk has drafted and nobody has signed. It has no number yet, and is no receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// On which lot.
    pub lot: LotNo,
    /// Negotiable or not.
    pub kind: ReceiptKind,
    /// For how much of the lot: that much is reserved.
    pub quantity: Quantity,
    /// Until when it is to be valid.
    pub valid_until: Date,
    /// What may be lost in store per year.
    pub loss_standard: Ppm,
    /// Who drafted it: another person signs. None when a service did.
    pub drafter: Option<PersonId>,
}

/// Why a receipt came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cancellation {
    /// Its depositor declined it.
    Declined,
    /// Its depositor didn't answer in time.
    Lapsed,
    /// It came back to its keeper, who cancelled it.
    Returned,
}

/// Where a receipt stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lifecycle {
    /// Signed by its keeper; the depositor may accept it until then.
    PendingAcceptance {
        /// Last moment of the offer.
        until: Time,
    },
    /// Title to the goods.
    Active,
    /// Past its validity: the goods can only be fetched.
    Expired,
    /// Handed back for the goods.
    Surrendered {
        /// The order that releases them.
        order: ReleaseOrderNo,
    },
    /// Split: its children stand in its place. Terminal.
    Superseded,
    /// Its goods are delivered. Terminal.
    Delivered,
    /// Never issued, or returned. Terminal.
    Cancelled(Cancellation),
}

impl Lifecycle {
    /// The name of the state in the facts of a refusal.
    pub const fn name(self) -> &'static str {
        match self {
            Lifecycle::PendingAcceptance { .. } => "PENDING_ACCEPTANCE",
            Lifecycle::Active => "ACTIVE",
            Lifecycle::Expired => "EXPIRED",
            Lifecycle::Surrendered { .. } => "SURRENDERED",
            Lifecycle::Superseded => "SUPERSEDED",
            Lifecycle::Delivered => "DELIVERED",
            Lifecycle::Cancelled(_) => "CANCELLED",
        }
    }

    /// Whether nothing can follow (INV-13).
    pub const fn is_terminal(self) -> bool {
        match self {
            Lifecycle::Superseded | Lifecycle::Delivered | Lifecycle::Cancelled(_) => true,
            Lifecycle::PendingAcceptance { .. }
            | Lifecycle::Active
            | Lifecycle::Expired
            | Lifecycle::Surrendered { .. } => false,
        }
    }
}

/// Since when a pledge is known to all: what priority goes by (INV-23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Publicity {
    /// The index of the entry.
    pub index: u64,
    /// Its time.
    pub time: Time,
}

/// Who, if anyone, stands between the holder and the goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encumbrance {
    /// Nobody.
    Free,
    /// A pledge that isn't active yet. The pledge's own deadline ends it.
    Reserved {
        /// Which pledge.
        pledge: PledgeId,
        /// For whom.
        pledgee: PartyNo,
        /// When it lapses.
        until: Time,
    },
    /// A pledge.
    Pledged {
        /// Which pledge.
        pledge: PledgeId,
        /// For whom.
        pledgee: PartyNo,
        /// Since when all know it.
        since: Publicity,
    },
    /// A pledge that is being enforced.
    Enforcing {
        /// Which pledge.
        pledge: PledgeId,
        /// For whom.
        pledgee: PartyNo,
        /// Since when all know it.
        since: Publicity,
    },
    /// An open offer to transfer the receipt.
    TransferPending {
        /// Which transfer.
        transfer: TransferId,
        /// When it lapses.
        until: Time,
    },
}

impl Encumbrance {
    /// The pledge that the receipt is, or is to be, under.
    pub const fn pledge(&self) -> Option<PledgeId> {
        match self {
            Encumbrance::Reserved { pledge, .. }
            | Encumbrance::Pledged { pledge, .. }
            | Encumbrance::Enforcing { pledge, .. } => Some(*pledge),
            Encumbrance::Free | Encumbrance::TransferPending { .. } => None,
        }
    }
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Of which kind.
    pub kind: HoldKind,
    /// Who placed it.
    pub authority: PartyNo,
    /// The number of its order.
    pub order: Code,
    /// When it ends by itself, if it does.
    pub until: Option<Time>,
}

impl Hold {
    /// Whether it still binds.
    pub fn is_in_force(&self, now: Time) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

/// The holds on a receipt: at most one of each kind, so at most seven.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Holds(Vec<Hold>);

impl Holds {
    /// Whether any hold binds.
    pub fn any_in_force(&self, now: Time) -> bool {
        self.0.iter().any(|hold| hold.is_in_force(now))
    }

    /// The hold of a kind, if it binds.
    pub fn in_force(&self, kind: HoldKind, now: Time) -> Option<&Hold> {
        self.0.iter().find(|hold| hold.kind == kind && hold.is_in_force(now))
    }

    /// All holds, in order of kind.
    pub fn as_slice(&self) -> &[Hold] {
        &self.0
    }

    /// Puts a hold in the place of one of the same kind that has ended.
    pub(super) fn place(&mut self, hold: Hold) {
        self.lift(hold.kind);
        let at = self.0.partition_point(|other| other.kind < hold.kind);
        self.0.insert(at, hold);
    }

    /// Takes the hold of a kind away.
    pub(super) fn lift(&mut self, kind: HoldKind) {
        self.0.retain(|hold| hold.kind != kind);
    }
}

/// What a receipt is written on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Medium {
    /// This chain.
    Electronic,
    /// A sheet of paper is out: nothing is done here until it is back (INV-12).
    PaperOut {
        /// The serial number of the form it was printed on.
        form: Code,
    },
}

/// A warehouse receipt. Lifecycle, encumbrance, holds and medium are independent of each other; what follows
/// from them (`require_operable`, `require_free`) is computed, never stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// The number that people read.
    pub number: Code,
    /// Negotiable or not.
    pub kind: ReceiptKind,
    /// Who keeps the goods.
    pub keeper: PartyNo,
    /// Whose the goods are: exactly one party (INV-10).
    pub holder: PartyNo,
    /// Which lot they are part of.
    pub lot: LotNo,
    /// What they are.
    pub commodity: CommodityNo,
    /// Of which grade.
    pub grade: Code,
    /// How much, as written.
    pub nominal: Quantity,
    /// How much of it shrank within the loss standard.
    pub shrink_applied: u64,
    /// What may be lost in store per year.
    pub loss_standard: Ppm,
    /// Since when the loss standard counts. A child keeps its parent's.
    pub stored_since: Time,
    /// The receipt that it is a part of.
    pub parent: Option<ReceiptNo>,
    /// Where it stands in its life.
    pub lifecycle: Lifecycle,
    /// Who stands between holder and goods.
    pub encumbrance: Encumbrance,
    /// What forbids to dispose of it.
    pub holds: Holds,
    /// What it is written on.
    pub medium: Medium,
    /// What its keeper says is due for storage and handling.
    pub fees_due: Option<Money>,
    /// Last day of its validity, in UTC.
    pub valid_until: Date,
    /// How many events it has seen.
    pub version: u64,
}

impl Receipt {
    /// What it stands for now: what is written, less what shrank.
    pub const fn net(&self) -> Quantity {
        let net = self.nominal.amount().saturating_sub(self.shrink_applied);
        Quantity::new(net, self.nominal.unit())
    }

    /// What may still have shrunk without being a loss, in the nominal quantity's unit: the yearly loss
    /// standard of what is written for the whole days in store, over 365, rounded down, less what was
    /// applied before (INV-06).
    pub fn shrink_allowed(&self, now: Time) -> u64 {
        let days = now.since(self.stored_since).0 / Millis::days(1).0;
        // 10^15 units, 10^10 millionths and 10^12 days at most: 10^37 fits 128 bits.
        let yearly = u128::from(self.nominal.amount()) * u128::from(self.loss_standard.get());
        let allowed = yearly * u128::from(days) / (365 * u128::from(Ppm::ONE.get()));
        let allowed = u64::try_from(allowed).unwrap_or(u64::MAX);
        allowed.min(self.nominal.amount()).saturating_sub(self.shrink_applied)
    }
}

/// How a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferStage {
    /// The transferee may accept it.
    Open {
        /// Last moment to do so.
        until: Time,
        /// The keeper has signed too.
        countersigned: bool,
    },
    /// The receipt changed hands. Terminal.
    Accepted,
    /// Withdrawn, rejected or run out. Terminal.
    Lapsed,
}

/// An offer to transfer a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// Of which receipt.
    pub receipt: ReceiptNo,
    /// By whom.
    pub from: PartyNo,
    /// To whom.
    pub to: PartyNo,
    /// What whoever accepts takes over.
    pub fees_assumed: Option<Money>,
    /// The bank that has to confirm the payment by its signature, where there is one to be locked.
    pub payment_bank: Option<PartyNo>,
    /// How it stands.
    pub stage: TransferStage,
}

/// How a release order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReleaseStage {
    /// Goods may leave on it.
    Open,
    /// Its goods are delivered. Terminal.
    Completed,
    /// The surrender was reversed. Terminal.
    Withdrawn,
}

/// An order to release goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseOrder {
    /// Its id.
    pub id: ReleaseOrderId,
    /// The receipt surrendered for it.
    pub receipt: ReceiptNo,
    /// How much may leave.
    pub quantity: Quantity,
    /// How much has left, in the quantity's unit.
    pub released: u64,
    /// What the collector has to show at the gate.
    pub collector: Code,
    /// How it stands.
    pub stage: ReleaseStage,
}

impl ReleaseOrder {
    /// What is still to leave.
    pub const fn remaining(&self) -> Quantity {
        let left = self.quantity.amount().saturating_sub(self.released);
        Quantity::new(left, self.quantity.unit())
    }
}

/// Goods that left by the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateOut {
    /// On which order.
    pub release_order: ReleaseOrderNo,
    /// How much.
    pub quantity: Quantity,
    /// The shipment that loaded them, once one has said so.
    pub matched: Option<ShipmentId>,
}

/// What falls due with receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deadline {
    /// A depositor's time to accept a receipt runs out.
    OfferLapses {
        /// Which receipt.
        receipt: ReceiptNo,
    },
    /// A transferee's time to accept a transfer runs out.
    TransferLapses {
        /// Which transfer.
        transfer: TransferNo,
    },
    /// A receipt's validity ends.
    ReceiptExpires {
        /// Which receipt.
        receipt: ReceiptNo,
    },
}

/// Drafts by the id that the receipt will have. Few at a time and short-lived, so not numbered.
pub const DRAFTS: Table<ReceiptId, Draft> = Table::new(registry::DRAFTS);
/// Receipts.
pub const RECEIPTS: Objects<ReceiptId, ReceiptNo, Receipt> =
    Objects::new(registry::RECEIPT_IDS, registry::RECEIPTS);
/// Transfers.
pub const TRANSFERS: Objects<TransferId, TransferNo, Transfer> =
    Objects::new(registry::TRANSFER_IDS, registry::TRANSFERS);
/// Release orders.
pub const RELEASE_ORDERS: Objects<ReleaseOrderId, ReleaseOrderNo, ReleaseOrder> =
    Objects::new(registry::RELEASE_ORDER_IDS, registry::RELEASE_ORDERS);
/// What left by the gate, by keeper and weigh ticket.
pub const GATE_OUTS: Table<(PartyNo, registries::CodeKey), GateOut> =
    Table::new(registry::GATE_OUTS);
/// The receipts under each pledge: the one place that says so, since a split puts children in their
/// parent's place.
pub(super) const PLEDGED: Table<(PledgeId, ReceiptNo), ()> = Table::new(registry::PLEDGED);

/// Most receipts under one pledge, so that whatever is done to all of them fits into an entry.
pub const PLEDGE_RECEIPTS_MAX: usize = 64;

/// The receipts that are reserved for, under, or being realised for a pledge, in order of their numbers.
pub fn of_pledge(view: &View<'_>, pledge: PledgeId) -> Vec<ReceiptNo> {
    let members = PLEDGED.scan(view, &pledge, None, PLEDGE_RECEIPTS_MAX);
    members.into_iter().map(|((_, receipt), ())| receipt).collect()
}

/// The receipt with an id.
///
/// # Errors
///
/// `NOT_FOUND`; `INVALID_STATE` when it is only drafted.
pub fn find(view: &View<'_>, id: ReceiptId) -> Result<Row<ReceiptNo, Receipt>, Refusal> {
    RECEIPTS.find(view, &id).ok_or_else(|| {
        if DRAFTS.has(view, &id) {
            Refusal::state(ObjectKind::Receipt, id, "DRAFT")
        } else {
            Refusal::not_found(ObjectKind::Receipt, id)
        }
    })
}

/// What left by the gate of a keeper under a weigh ticket.
pub fn gate_out(view: &View<'_>, keeper: PartyNo, ticket: &Code) -> Option<GateOut> {
    GATE_OUTS.get(view, &(keeper, registries::key(ticket)))
}
