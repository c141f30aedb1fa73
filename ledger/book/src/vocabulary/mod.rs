//! What all areas speak of: identifiers, money, quantities, ratios, times and dates.
//!
//! Every type here is an integer underneath and none has an operator that can overflow, mix units or
//! round unseen.

mod date;
mod id;
mod money;
mod number;
mod ppm;
mod quantity;
mod text;
mod time;
mod wire_forms;

pub use date::{Date, DateError};
pub use id::{
    CallId, CommandId, FacilityId, Id, LoanId, LotId, OrderId, ParseIdError, PartyId, PersonId,
    PledgeId, PriceId, ProposalId, ReceiptId, ReleaseOrderId, ShipmentId, TransferId,
};
pub use money::{Currency, Money, MoneyError};
pub use number::{
    CallNo, CommodityNo, FacilityNo, FeedNo, LoanNo, LotNo, No, OrderNo, PartyNo, PersonNo,
    PledgeNo, PriceNo, ReceiptNo, ReleaseOrderNo, ShipmentNo,
};
pub use ppm::Ppm;
pub use quantity::{Quantity, QuantityError, Unit};
pub use text::{Code, Digest, Label, TextError};
pub use time::{Millis, Time};
pub use wire_forms::{MoneyForm, QuantityForm};
