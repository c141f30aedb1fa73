//! What all areas speak of: identifiers, money, quantities, ratios, times and dates.
//!
//! Every type here is an integer underneath and none has an operator that can overflow, mix units or
//! round unseen.

mod date;
mod daycount;
mod id;
mod interest;
mod money;
mod number;
mod ppm;
mod quantity;
mod text;
mod time;
mod waterfall;
mod wire_forms;

pub use date::{Date, DateError};
pub use daycount::DayCount;
pub use id::{
    CallId, CommandId, FacilityId, Id, LoanId, LotId, OrderId, ParseIdError, PartyId, PersonId,
    PledgeId, PriceId, ProposalId, ReceiptId, ReleaseOrderId, ShipmentId, TransferId,
};
pub use interest::{Accrued, Rounding, Segment};
pub use money::{Currency, Money, MoneyError};
pub use number::{
    CallNo, CommodityNo, FacilityNo, FeedNo, LoanNo, LotNo, No, OrderNo, PartyNo, PersonNo,
    PledgeNo, PriceNo, ReceiptNo, ReleaseOrderNo, ShipmentNo, TransferNo,
};
pub use ppm::Ppm;
pub use quantity::{Quantity, QuantityError, Unit};
pub use text::{Code, Digest, Label, TextError};
pub use time::{Millis, Time};
pub use waterfall::{Allocation, Bucket, Owed, Part, allocate, is_complete};
pub use wire_forms::{MoneyForm, QuantityForm};
