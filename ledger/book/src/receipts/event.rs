//! What happens to receipts.

use super::{HoldKind, Payment, ReceiptKind};
use crate::{
    vocabulary::{
        Code, Date, Digest, LotId, Money, PartyId, PersonId, PledgeId, Ppm, Quantity, ReceiptId,
        ReleaseOrderId, ShipmentId, Time, TransferId,
    },
    wire::{self, List},
};

wire::enumeration! {
    /// How an offer came to nothing.
    pub enum Ending("granary.receipts.v1.Ending") {
        /// The other side said no.
        1 => Rejected,
        /// Whoever made it took it back.
        2 => Withdrawn,
        /// Its time ran out.
        3 => Lapsed,
    }
}

wire::message! {
    /// The pledge that a receipt is under.
    pub struct PledgeMark("granary.receipts.v1.PledgeMark") {
        /// Which pledge.
        1 => pledge: PledgeId,
        /// For whom.
        2 => pledgee: PartyId,
        /// Since which entry all know it.
        3 => published_index: u64,
        /// Since when.
        4 => published_at_ms: Time,
    }
}

wire::message! {
    /// A keeper has numbers to give.
    pub struct NumbersAllotted("granary.receipts.v1.NumbersAllotted") {
        /// Which warehouse.
        1 => keeper: PartyId,
        /// First serial.
        2 => first: u64,
        /// Last serial.
        3 => last: u64,
        /// By whom.
        4 => authority: PartyId,
    }
}

wire::message! {
    /// A receipt is drafted: so much of the lot is reserved for it.
    pub struct ReceiptDrafted("granary.receipts.v1.ReceiptDrafted") {
        /// The id it will have.
        1 => receipt: ReceiptId,
        /// On which lot.
        2 => lot: LotId,
        /// By which keeper.
        3 => keeper: PartyId,
        /// To whom it will be issued.
        4 => depositor: PartyId,
        /// Negotiable or not.
        5 => kind: ReceiptKind,
        /// What the goods are.
        6 => commodity: Code,
        /// Of which grade.
        7 => grade: Code,
        /// How much.
        8 => quantity: Quantity,
        /// Last day of its validity.
        9 => valid_until: Date,
        /// What may be lost in store per year.
        10 => loss_standard_ppm: Ppm,
        /// Which person drafted it; absent: a service did.
        11 => drafter: Option<PersonId>,
        /// What the depositor says the goods are worth.
        12 => declared_value: Option<Money>,
        /// SHA-256 of the document with further particulars.
        13 => particulars: Option<Digest>,
    }
}

wire::message! {
    /// A draft is dropped.
    pub struct DraftWithdrawn("granary.receipts.v1.DraftWithdrawn") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// On which lot.
        2 => lot: LotId,
        /// How much is no longer reserved.
        3 => quantity: Quantity,
    }
}

wire::message! {
    /// A receipt is signed and has its number; the depositor may accept it.
    pub struct ReceiptSigned("granary.receipts.v1.ReceiptSigned") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Its number.
        2 => number: Code,
        /// By which keeper.
        3 => keeper: PartyId,
        /// By which person: not the one who drafted it.
        4 => signer: PersonId,
        /// To whom it is offered.
        5 => depositor: PartyId,
        /// Last moment to accept it.
        6 => accept_by_ms: Time,
    }
}

wire::message! {
    /// A receipt is issued: it is title from now on.
    pub struct ReceiptIssued("granary.receipts.v1.ReceiptIssued") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Its number.
        2 => number: Code,
        /// Negotiable or not.
        3 => kind: ReceiptKind,
        /// Who keeps the goods.
        4 => keeper: PartyId,
        /// Whose they are.
        5 => holder: PartyId,
        /// Which lot they are part of.
        6 => lot: LotId,
        /// What they are.
        7 => commodity: Code,
        /// Of which grade.
        8 => grade: Code,
        /// How much.
        9 => quantity: Quantity,
        /// Last day of its validity.
        10 => valid_until: Date,
    }
}

wire::message! {
    /// A receipt was not accepted.
    pub struct ReceiptDeclined("granary.receipts.v1.ReceiptDeclined") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// On which lot.
        2 => lot: LotId,
        /// How much is no longer reserved.
        3 => quantity: Quantity,
        /// How the offer ended: rejected or lapsed.
        4 => ending: Ending,
    }
}

wire::message! {
    /// A receipt is offered to somebody.
    pub struct TransferProposed("granary.receipts.v1.TransferProposed") {
        /// Which transfer.
        1 => transfer: TransferId,
        /// Of which receipt.
        2 => receipt: ReceiptId,
        /// By whom.
        3 => from: PartyId,
        /// To whom.
        4 => to: PartyId,
        /// What whoever accepts takes over.
        5 => fees_assumed: Option<Money>,
        /// Payment that has to be locked first.
        6 => payment: Option<Payment>,
        /// Last moment to accept it.
        7 => accept_by_ms: Time,
    }
}

wire::message! {
    /// The keeper has signed a transfer.
    pub struct TransferCountersigned("granary.receipts.v1.TransferCountersigned") {
        /// Which transfer.
        1 => transfer: TransferId,
        /// Of which receipt.
        2 => receipt: ReceiptId,
        /// Who keeps the goods.
        3 => keeper: PartyId,
    }
}

wire::message! {
    /// A receipt has changed hands.
    pub struct ReceiptTransferred("granary.receipts.v1.ReceiptTransferred") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// By which transfer.
        2 => transfer: TransferId,
        /// Who held it.
        3 => from: PartyId,
        /// Who holds it now.
        4 => to: PartyId,
    }
}

wire::message! {
    /// A transfer came to nothing.
    pub struct TransferLapsed("granary.receipts.v1.TransferLapsed") {
        /// Which transfer.
        1 => transfer: TransferId,
        /// Of which receipt.
        2 => receipt: ReceiptId,
        /// How it ended.
        3 => ending: Ending,
    }
}

wire::message! {
    /// A receipt is split: its children, which follow, stand in its place.
    pub struct ReceiptSplit("granary.receipts.v1.ReceiptSplit") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Its children.
        2 => children: List<ReceiptId, 2, 16>,
    }
}

wire::message! {
    /// A child of a split receipt is there, with all that its parent had.
    pub struct ReceiptOpened("granary.receipts.v1.ReceiptOpened") {
        /// Its id.
        1 => receipt: ReceiptId,
        /// Of which receipt it is a part.
        2 => parent: ReceiptId,
        /// Its number.
        3 => number: Code,
        /// Negotiable or not.
        4 => kind: ReceiptKind,
        /// Who keeps the goods.
        5 => keeper: PartyId,
        /// Whose they are.
        6 => holder: PartyId,
        /// Which lot they are part of.
        7 => lot: LotId,
        /// What they are.
        8 => commodity: Code,
        /// Of which grade.
        9 => grade: Code,
        /// How much.
        10 => quantity: Quantity,
        /// Last day of its validity.
        11 => valid_until: Date,
        /// The pledge it is under, with the parent's publicity (INV-23).
        12 => pledge: Option<PledgeMark>,
    }
}

wire::message! {
    /// A receipt is reserved for a pledge.
    pub struct ReceiptReserved("granary.receipts.v1.ReceiptReserved") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// For which pledge.
        2 => pledge: PledgeId,
        /// For whom.
        3 => pledgee: PartyId,
        /// When the reservation lapses.
        4 => until_ms: Time,
    }
}

wire::message! {
    /// A receipt is pledged.
    pub struct ReceiptPledged("granary.receipts.v1.ReceiptPledged") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Under which pledge.
        2 => pledge: PledgeId,
        /// Since which entry all know it.
        3 => published_index: u64,
        /// Since when.
        4 => published_at_ms: Time,
    }
}

wire::message! {
    /// A reservation for a pledge has ended without one.
    pub struct ReservationCancelled("granary.receipts.v1.ReservationCancelled") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// For which pledge.
        2 => pledge: PledgeId,
    }
}

wire::message! {
    /// The pledge that a receipt is under is being enforced.
    pub struct ReceiptEnforced("granary.receipts.v1.ReceiptEnforced") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Which pledge.
        2 => pledge: PledgeId,
    }
}

wire::message! {
    /// A receipt is no longer under a pledge.
    pub struct ReceiptReleased("granary.receipts.v1.ReceiptReleased") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Which pledge.
        2 => pledge: PledgeId,
    }
}

wire::message! {
    /// A receipt is handed back for the goods.
    pub struct ReceiptSurrendered("granary.receipts.v1.ReceiptSurrendered") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// By whom.
        2 => holder: PartyId,
        /// The pledge whose pledgee agreed.
        3 => pledge: Option<PledgeId>,
    }
}

wire::message! {
    /// Goods may leave.
    pub struct ReleaseOrderIssued("granary.receipts.v1.ReleaseOrderIssued") {
        /// Which order.
        1 => order: ReleaseOrderId,
        /// For which receipt.
        2 => receipt: ReceiptId,
        /// From whose warehouse.
        3 => keeper: PartyId,
        /// How much.
        4 => quantity: Quantity,
        /// What the collector has to show at the gate.
        5 => collector: Code,
        /// Until when the keeper expects the collector.
        6 => collect_by_ms: Time,
    }
}

wire::message! {
    /// Goods left by the gate.
    pub struct GoodsReleased("granary.receipts.v1.GoodsReleased") {
        /// On which order.
        1 => order: ReleaseOrderId,
        /// For which receipt.
        2 => receipt: ReceiptId,
        /// From whose warehouse.
        3 => keeper: PartyId,
        /// The weigh ticket's number.
        4 => ticket: Code,
        /// How much.
        5 => quantity: Quantity,
        /// How much of it went beyond the order, out of what has no receipt on it.
        6 => excess: Quantity,
        /// Who keeps the gate.
        7 => gate: PartyId,
        /// When.
        8 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// A shipment says that it loaded what left by the gate.
    pub struct GateOutMatched("granary.receipts.v1.GateOutMatched") {
        /// From whose warehouse.
        1 => keeper: PartyId,
        /// The weigh ticket's number.
        2 => ticket: Code,
        /// Which shipment.
        3 => shipment: ShipmentId,
    }
}

wire::message! {
    /// A receipt's goods are delivered.
    pub struct ReceiptDelivered("granary.receipts.v1.ReceiptDelivered") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// On which order.
        2 => order: ReleaseOrderId,
        /// How much left by the gate.
        3 => delivered: Quantity,
        /// What was missing within the loss standard.
        4 => shrink: Quantity,
        /// What was missing beyond it, to be settled in money.
        5 => loss: Quantity,
    }
}

wire::message! {
    /// A surrender is taken back.
    pub struct ReceiptReinstated("granary.receipts.v1.ReceiptReinstated") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// The order that no longer counts.
        2 => order: ReleaseOrderId,
    }
}

wire::message! {
    /// A receipt's validity is over.
    pub struct ReceiptExpired("granary.receipts.v1.ReceiptExpired") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Who holds it.
        2 => holder: PartyId,
        /// The pledge it is under: its pledgee should know.
        3 => pledge: Option<PledgeId>,
    }
}

wire::message! {
    /// A hold is on a receipt.
    pub struct HoldPlaced("granary.receipts.v1.HoldPlaced") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Of which kind.
        2 => kind: HoldKind,
        /// Who placed it.
        3 => authority: PartyId,
        /// The order's number.
        4 => order: Code,
        /// SHA-256 of the order, or of the proof of identity.
        5 => evidence: Digest,
        /// When it ends by itself.
        6 => until_ms: Option<Time>,
    }
}

wire::message! {
    /// A hold is gone.
    pub struct HoldLifted("granary.receipts.v1.HoldLifted") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Of which kind.
        2 => kind: HoldKind,
        /// Who lifted it.
        3 => authority: PartyId,
        /// The number of the order that lifts it.
        4 => order: Code,
    }
}

wire::message! {
    /// A receipt is on paper, or no longer.
    pub struct MediumChanged("granary.receipts.v1.MediumChanged") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Serial number of the form.
        2 => form: Code,
        /// Whether it is on paper now.
        3 => on_paper: bool,
    }
}

wire::message! {
    /// The keeper has stated what is due to it.
    pub struct FeesStated("granary.receipts.v1.FeesStated") {
        /// On which receipt.
        1 => receipt: ReceiptId,
        /// How much; absent: nothing.
        2 => due: Option<Money>,
    }
}

wire::message! {
    /// A receipt that came back to its keeper is cancelled.
    pub struct ReceiptCancelled("granary.receipts.v1.ReceiptCancelled") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// On which lot.
        2 => lot: LotId,
        /// How much has no receipt on it now.
        3 => quantity: Quantity,
    }
}

wire::events! {
    /// What happens to receipts.
    pub enum Event {
        NumbersAllotted, ReceiptDrafted, DraftWithdrawn, ReceiptSigned, ReceiptIssued,
        ReceiptDeclined, TransferProposed, TransferCountersigned, ReceiptTransferred,
        TransferLapsed, ReceiptSplit, ReceiptOpened, ReceiptReserved, ReceiptPledged,
        ReservationCancelled, ReceiptEnforced, ReceiptReleased, ReceiptSurrendered,
        ReleaseOrderIssued, GoodsReleased, GateOutMatched, ReceiptDelivered, ReceiptReinstated,
        ReceiptExpired, HoldPlaced, HoldLifted, MediumChanged, FeesStated, ReceiptCancelled,
    }
}
