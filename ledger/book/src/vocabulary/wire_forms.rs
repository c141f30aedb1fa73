//! Money and quantities as nested messages.
use super::{Currency, Money, Quantity, Unit};
use crate::wire::{self, Kind, Message, Path, Problem, Raw, Scalar, Violations};
wire::message! {
    /// `granary.common.v1.Money` on the wire.
    pub struct MoneyForm("granary.common.v1.Money") {
        /// Minor units.
        1 => minor_units: u64,
        /// ISO 4217.
        2 => currency: Currency,
    }
}
wire::message! {
    /// `granary.common.v1.Quantity` on the wire.
    pub struct QuantityForm("granary.common.v1.Quantity") {
        /// Base units.
        1 => amount: u64,
        /// Which base unit.
        2 => unit: Unit,
    }
}
impl Scalar for Money {
    const KIND: Kind = Kind::Message(&MoneyForm::SPEC);
    fn absent() -> Option<Self> {
        None
    }
    fn from_raw(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<Self> {
        let form = MoneyForm::from_raw(raw, path, bad)?;
        Some(Money::new(form.minor_units, form.currency))
    }
    fn is_absent(&self) -> bool {
        false
    }
    fn put(&self, tag: u32, out: &mut Vec<u8>) {
        MoneyForm { minor_units: self.minor(), currency: self.currency() }.put(tag, out);
    }
}
impl Scalar for Quantity {
    const KIND: Kind = Kind::Message(&QuantityForm::SPEC);
    fn absent() -> Option<Self> {
        None
    }
    /// A quantity beyond [`Quantity::MAX_AMOUNT`] is malformed: no sum in the book can then overflow.
    fn from_raw(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<Self> {
        let form = QuantityForm::from_raw(raw, path, bad)?;
        if form.amount > Quantity::MAX_AMOUNT {
            bad.push(&path.field("amount"), Problem::Malformed);
            return None;
        }
        Some(Quantity::new(form.amount, form.unit))
    }
    fn is_absent(&self) -> bool {
        false
    }
    fn put(&self, tag: u32, out: &mut Vec<u8>) {
        QuantityForm { amount: self.amount(), unit: self.unit() }.put(tag, out);
    }
}
