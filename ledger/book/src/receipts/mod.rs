//! Warehouse receipts: title to goods in store, from the draft to the last gram delivered.
//!
//! Invariants: what live receipts stand for is exactly what their lots hold under receipts (INV-02); a
//! split neither makes nor loses a gram (INV-04); goods leave on an open release order and within it
//! (INV-05); a number is given once (INV-09); one holder at a time (INV-10), who changes only by a transfer
//! that both sides signed (INV-11); a terminal receipt stays so (INV-13); nothing is disposed of under a
//! hold (INV-14); goods that are not their owner's own back no negotiable receipt and no pledge (INV-16);
//! maker and checker differ (INV-62).
//!
//! For the areas above: [`require_operable`], [`require_free`] and [`require_unrestricted`] say whether a
//! receipt may be pledged; pledges emit `ReceiptReserved`, `ReceiptPledged`, `ReservationCancelled`,
//! `ReceiptEnforced` and `ReceiptReleased`; [`of_pledge`] says which receipts a pledge covers, children of
//! splits included; shipments emit `GateOutMatched` for what [`gate_out`] finds.

mod authority;
mod command;
mod decide;
mod event;
mod evolve;
mod guards;
#[cfg(test)]
pub(crate) mod invariants;
mod number;
mod refusal;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub use authority::AUTHORITY;
use authority::HOLDERS;
pub use command::{
    AcceptReceipt, AcceptTransfer, AllotNumbers, CancelReceipt, Command, CompleteDelivery,
    ConvertToPaper, CountersignTransfer, DeclineReceipt, DraftReceipt, HoldKind, LiftHold, Payment,
    PlaceHold, ProposeTransfer, ReceiptKind, RecordGateOut, RejectTransfer, ReturnFromPaper,
    ReverseSurrender, SignReceipt, SplitReceipt, StateFees, SurrenderReceipt, WithdrawDraft,
    WithdrawTransfer,
};
pub use decide::{decide, fire};
pub use event::{
    DraftWithdrawn, Ending, Event, FeesStated, GateOutMatched, GoodsReleased, HoldLifted,
    HoldPlaced, MediumChanged, NumbersAllotted, PledgeMark, ReceiptCancelled, ReceiptDeclined,
    ReceiptDelivered, ReceiptDrafted, ReceiptEnforced, ReceiptExpired, ReceiptIssued,
    ReceiptOpened, ReceiptPledged, ReceiptReinstated, ReceiptReleased, ReceiptReserved,
    ReceiptSigned, ReceiptSplit, ReceiptSurrendered, ReceiptTransferred, ReleaseOrderIssued,
    ReservationCancelled, TransferCountersigned, TransferLapsed, TransferProposed,
};
pub use evolve::evolve;
pub use guards::{require_free, require_operable, require_operable_at, require_unrestricted};
pub use number::{NUMBER_BLOCKS, NumberBlock, SERIAL_MAX, number, serial};
use state::PLEDGED;
pub use state::{
    Cancellation, DRAFTS, Deadline, Draft, Encumbrance, GATE_OUTS, GateOut, Hold, Holds, Lifecycle,
    Medium, PLEDGE_RECEIPTS_MAX, Publicity, RECEIPTS, RELEASE_ORDERS, Receipt, ReleaseOrder,
    ReleaseStage, TRANSFERS, Transfer, TransferStage, find, gate_out, of_pledge,
};
