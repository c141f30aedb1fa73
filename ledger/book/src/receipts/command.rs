//! What may be asked about receipts (domain.md section 6.2).

use crate::{
    vocabulary::{
        Code, Date, Digest, LotId, Money, PartyId, Quantity, ReceiptId, ReleaseOrderId, Time,
        TransferId,
    },
    wire::{self, List},
};

wire::enumeration! {
    /// Whether a receipt passes from hand to hand.
    pub enum ReceiptKind("granary.receipts.v1.ReceiptKind") {
        /// To order.
        1 => Negotiable,
        /// To the person named; passes only with the keeper's countersignature.
        2 => NonNegotiable,
    }
}

wire::enumeration! {
    /// Why a receipt is held.
    pub enum HoldKind("granary.receipts.v1.HoldKind") {
        /// A court's order.
        1 => Court,
        /// A regulator's order.
        2 => Regulator,
        /// Title is disputed.
        3 => Dispute,
        /// Its holder has lost control of it.
        4 => LossReported,
        /// Goods behind it are missing.
        5 => Shortage,
        /// Its holder's identity is in doubt.
        6 => KycFreeze,
        /// It may be a fraud.
        7 => FraudSuspicion,
    }
}

wire::message! {
    /// Payment that is locked with a bank until the receipt changes hands.
    pub struct Payment("granary.receipts.v1.Payment") {
        /// The price agreed.
        1 => price: Money,
        /// The bank that confirms by its signature on the acceptance.
        2 => bank: PartyId,
    }
}

wire::message! {
    /// A registrar or regulator allots numbers to a keeper, above all allotted before.
    pub struct AllotNumbers("granary.receipts.v1.AllotNumbers") {
        /// To which warehouse.
        1 => keeper: PartyId,
        /// First serial.
        2 => first: u64,
        /// Last serial.
        3 => last: u64,
    }
}

wire::message! {
    /// R1: a clerk of the keeper drafts a receipt to the lot's owner. Its id is derived id 0.
    pub struct DraftReceipt("granary.receipts.v1.DraftReceipt") {
        /// On which lot.
        1 => lot: LotId,
        /// Negotiable or not.
        2 => kind: ReceiptKind,
        /// For how much of it.
        3 => quantity: Quantity,
        /// Last day of its validity, in UTC.
        4 => valid_until: Date,
        /// What the depositor says the goods are worth.
        5 => declared_value: Option<Money>,
        /// SHA-256 of the document with the particulars that law asks for besides.
        6 => particulars: Option<Digest>,
    }
}

wire::message! {
    /// The keeper drops a draft.
    pub struct WithdrawDraft("granary.receipts.v1.WithdrawDraft") {
        /// Which receipt.
        1 => receipt: ReceiptId,
    }
}

wire::message! {
    /// R2: another person of the keeper than the drafter signs. The number is the keeper's next.
    pub struct SignReceipt("granary.receipts.v1.SignReceipt") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// The number that the signer expects it to have.
        2 => number: Option<Code>,
    }
}

wire::message! {
    /// R3: the depositor accepts the receipt: it is issued.
    pub struct AcceptReceipt("granary.receipts.v1.AcceptReceipt") {
        /// Which receipt.
        1 => receipt: ReceiptId,
    }
}

wire::message! {
    /// R4: the depositor declines the receipt.
    pub struct DeclineReceipt("granary.receipts.v1.DeclineReceipt") {
        /// Which receipt.
        1 => receipt: ReceiptId,
    }
}

wire::message! {
    /// R5: the holder offers the receipt to somebody. The transfer's id is derived id 0.
    pub struct ProposeTransfer("granary.receipts.v1.ProposeTransfer") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// To whom.
        2 => to: PartyId,
        /// Whoever accepts takes over what is due to the keeper.
        3 => fees_assumed: bool,
        /// Payment that has to be locked first.
        4 => payment: Option<Payment>,
        /// The version that the holder has seen.
        5 => expected_version: Option<u64>,
    }
}

wire::message! {
    /// R6: the keeper countersigns a transfer (Chinese Civil Code art. 910).
    pub struct CountersignTransfer("granary.receipts.v1.CountersignTransfer") {
        /// Which transfer.
        1 => transfer: TransferId,
    }
}

wire::message! {
    /// R7: the transferee accepts. The bank signs too where payment has to be locked.
    pub struct AcceptTransfer("granary.receipts.v1.AcceptTransfer") {
        /// Which transfer.
        1 => transfer: TransferId,
    }
}

wire::message! {
    /// R8: the holder takes the offer back.
    pub struct WithdrawTransfer("granary.receipts.v1.WithdrawTransfer") {
        /// Which transfer.
        1 => transfer: TransferId,
    }
}

wire::message! {
    /// R8: the transferee rejects the offer.
    pub struct RejectTransfer("granary.receipts.v1.RejectTransfer") {
        /// Which transfer.
        1 => transfer: TransferId,
    }
}

wire::message! {
    /// R9: the holder splits a receipt. The children's ids are derived ids 0, 1, 2 and so on. The pledgee
    /// signs too when the receipt is pledged.
    pub struct SplitReceipt("granary.receipts.v1.SplitReceipt") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// The children's quantities, which add up to the receipt's.
        2 => parts: List<Quantity, 2, 64>,
        /// The version that the holder has seen.
        3 => expected_version: Option<u64>,
    }
}

wire::message! {
    /// R13: the holder hands the receipt back for the goods. The release order's id is derived id 0. The
    /// pledgee signs too when the receipt is pledged.
    pub struct SurrenderReceipt("granary.receipts.v1.SurrenderReceipt") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// What the collector has to show at the gate: a code that says nothing of the person.
        2 => collector: Code,
        /// The version that the holder has seen.
        3 => expected_version: Option<u64>,
    }
}

wire::message! {
    /// R16: the holder takes the surrender back while nothing has left.
    pub struct ReverseSurrender("granary.receipts.v1.ReverseSurrender") {
        /// Which receipt.
        1 => receipt: ReceiptId,
    }
}

wire::message! {
    /// R14: goods left by the gate. Said by two persons of the keeper, or of a gate with the same owner.
    pub struct RecordGateOut("granary.receipts.v1.RecordGateOut") {
        /// On which order.
        1 => order: ReleaseOrderId,
        /// The weigh ticket's number, unique among the keeper's.
        2 => ticket: Code,
        /// How much.
        3 => quantity: Quantity,
        /// What the collector showed.
        4 => collector: Code,
        /// When.
        5 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// R15: keeper and holder agree that the delivery is complete.
    pub struct CompleteDelivery("granary.receipts.v1.CompleteDelivery") {
        /// Which order.
        1 => order: ReleaseOrderId,
    }
}

wire::message! {
    /// R21, R23: an authority, or the holder who lost control of it, puts a hold on a receipt.
    pub struct PlaceHold("granary.receipts.v1.PlaceHold") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Of which kind.
        2 => kind: HoldKind,
        /// The order's number.
        3 => order: Code,
        /// SHA-256 of the order, or of the proof of identity.
        4 => evidence: Digest,
        /// When it ends by itself.
        5 => until_ms: Option<Time>,
    }
}

wire::message! {
    /// R23: whoever placed a hold, or a court, lifts it.
    pub struct LiftHold("granary.receipts.v1.LiftHold") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Of which kind.
        2 => kind: HoldKind,
        /// The number of the order that lifts it.
        3 => order: Code,
    }
}

wire::message! {
    /// R24: the holder has the receipt printed; the keeper signs too.
    pub struct ConvertToPaper("granary.receipts.v1.ConvertToPaper") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Serial number of the form: used once.
        2 => form: Code,
        /// The version that the holder has seen.
        3 => expected_version: Option<u64>,
    }
}

wire::message! {
    /// R24: the keeper has the printed form back and its security features are in order; the holder signs
    /// too.
    pub struct ReturnFromPaper("granary.receipts.v1.ReturnFromPaper") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// Serial number of the form.
        2 => form: Code,
    }
}

wire::message! {
    /// The keeper states what is due to it on a receipt, in the place of what it stated before.
    pub struct StateFees("granary.receipts.v1.StateFees") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// How much; absent: nothing.
        2 => due: Option<Money>,
    }
}

wire::message! {
    /// R25: the keeper cancels a receipt that came back to it.
    pub struct CancelReceipt("granary.receipts.v1.CancelReceipt") {
        /// Which receipt.
        1 => receipt: ReceiptId,
        /// The version that the keeper has seen.
        2 => expected_version: Option<u64>,
    }
}

wire::commands! {
    /// What may be asked about receipts.
    pub enum Command {
        AllotNumbers, DraftReceipt, WithdrawDraft, SignReceipt, AcceptReceipt, DeclineReceipt,
        ProposeTransfer, CountersignTransfer, AcceptTransfer, WithdrawTransfer, RejectTransfer,
        SplitReceipt, SurrenderReceipt, ReverseSurrender, RecordGateOut, CompleteDelivery,
        PlaceHold, LiftHold, ConvertToPaper, ReturnFromPaper, StateFees, CancelReceipt,
    }
}
