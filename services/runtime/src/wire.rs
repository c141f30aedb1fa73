//! Values of the book in resources, as they go over the wire. Ids and dates are text there.

use granary_book::{registries::CodeKey, vocabulary as book};
use granary_proto::common::v1 as pb;

/// A quantity.
pub fn quantity(quantity: book::Quantity) -> pb::Quantity {
    pb::Quantity { amount: quantity.amount(), unit: quantity.unit().number().cast_signed() }
}

/// An amount of money.
pub fn money(money: book::Money) -> pb::Money {
    pb::Money { minor_units: money.minor(), currency: money.currency().to_string() }
}

/// A price.
pub fn price(price: &granary_book::prices::Price) -> granary_proto::prices::v1::Price {
    granary_proto::prices::v1::Price {
        minor_units: price.minor_units,
        per: Some(quantity(price.per)),
    }
}

/// A code that is part of a key.
pub fn code(key: &CodeKey) -> String {
    // Padded with zeros, which no code holds.
    String::from_utf8_lossy(key).trim_end_matches('\0').to_owned()
}
