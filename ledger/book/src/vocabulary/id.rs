//! Identifiers: one type per kind of thing.
//!
//! 128 bits, derived from the statement that makes the thing (format.md section 1) and never chosen.
//! In bodies, events and state an id is 16 bytes; in text it is a prefix and 32 lower-case hex digits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// The text names another kind of thing, or nothing at all.
    #[error("identifier must start with `{expected}_`")]
    WrongKind {
        /// The prefix of the kind that was asked for.
        expected: &'static str,
    },
    /// The part after the prefix is not exactly 32 lower-case hex digits.
    #[error("identifier must end in 32 lower-case hex digits")]
    BadDigits,
}

/// An identifier of some kind.
pub trait Id: Copy + Eq + Ord + fmt::Display {
    /// What its text form begins with, before the underscore.
    const PREFIX: &'static str;
    /// From its 16 bytes.
    fn from_bytes(bytes: [u8; 16]) -> Self;
    /// Its 16 bytes.
    fn to_bytes(self) -> [u8; 16];
}

fn parse(text: &str, prefix: &'static str) -> Result<[u8; 16], ParseIdError> {
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or(ParseIdError::WrongKind { expected: prefix })?;
    // One spelling per value: `from_str_radix` alone would also take `+` and upper case.
    let canonical =
        digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !canonical {
        return Err(ParseIdError::BadDigits);
    }
    u128::from_str_radix(digits, 16).map(u128::to_be_bytes).map_err(|_| ParseIdError::BadDigits)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name([u8; 16]);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
            fn to_bytes(self) -> [u8; 16] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{:032x}"), u128::from_be_bytes(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse(text, $prefix).map(Self)
            }
        }
    };
}

id!(/// A party: cooperative, warehouse, bank, carrier, buyer, registrar.
    PartyId, "pt");
id!(/// A person who acts for a party. Opaque: names live outside the chain.
    PersonId, "pn");
id!(/// A command as its signer numbered it (UUIDv7), the idempotency key within the principal.
    CommandId, "cm");
id!(/// A lot of physical goods.
    LotId, "lt");
id!(/// A warehouse receipt.
    ReceiptId, "wr");
id!(/// An offer to transfer a receipt.
    TransferId, "tf");
id!(/// An order to release goods from a warehouse, made by surrendering a receipt.
    ReleaseOrderId, "ro");
id!(/// A pledge of receipts.
    PledgeId, "pl");
id!(/// A credit facility.
    FacilityId, "cf");
id!(/// A loan: one drawdown under a facility.
    LoanId, "ln");
id!(/// A margin call.
    CallId, "mc");
id!(/// An observation of a price.
    PriceId, "pr");
id!(/// An order to sell or buy goods.
    OrderId, "or");
id!(/// A shipment.
    ShipmentId, "sh");
id!(/// A proposal of the operators.
    ProposalId, "op");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = ReceiptId::from_bytes([0xAB; 16]);
        let text = id.to_string();
        assert_eq!(text, format!("wr_{}", "ab".repeat(16)));
        assert_eq!(text.parse(), Ok(id));
        for (bad, why) in [
            (text.to_uppercase(), ParseIdError::WrongKind { expected: "wr" }),
            (text.replace("wr_", "pl_"), ParseIdError::WrongKind { expected: "wr" }),
            (format!("wr_+{}", "ab".repeat(15)), ParseIdError::BadDigits),
            (format!("{text}0"), ParseIdError::BadDigits),
            ("wr".to_owned(), ParseIdError::WrongKind { expected: "wr" }),
        ] {
            assert_eq!(bad.parse::<ReceiptId>(), Err(why), "{bad}");
        }
    }
}
