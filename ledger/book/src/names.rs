//! Names that are used once and never again: weigh tickets, invoices, bank references (INV-09).

use serde::{Deserialize, Serialize};

use crate::{
    registries, registry,
    state::{Table, View},
    vocabulary::{Code, PartyNo},
};

/// In which space a name is unique, besides the party that gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Space {
    /// A scale's ticket, given by who weighs or keeps the gate.
    WeighTicket = 1,
    /// An invoice, given by the seller.
    Invoice = 2,
    /// A payment's reference, given by the bank.
    BankReference = 3,
    /// The form that a receipt is printed on, numbered by the keeper. Receipts' own numbers need no table:
    /// they are allotted and given in sequence.
    PaperForm = 4,
    /// The source key of an imported row, given by the importing party.
    ImportKey = 5,
    /// A payment's reference with which an invoice is settled, given by who pays. Apart from
    /// [`Space::BankReference`]: one payment may settle an invoice and repay a loan.
    Settlement = 6,
}

const NAMES: Table<(u8, PartyNo, registries::CodeKey), ()> = Table::new(registry::NAMES);

/// Whether `giver` has used a name in a space.
pub fn is_taken(view: &View<'_>, space: Space, giver: PartyNo, name: &Code) -> bool {
    NAMES.has(view, &(space as u8, giver, registries::key(name)))
}

/// Takes a name for ever.
pub(crate) fn take(view: &mut View<'_>, space: Space, giver: PartyNo, name: &Code) {
    NAMES.put(view, &(space as u8, giver, registries::key(name)), &());
}
