//! What is to be said: known before anything is sent, and the same in every run.

use std::{rc::Rc, sync::Arc};

use granary_book::{
    apply::{Batch, BatchMode, Item},
    vocabulary::{Id, PartyId},
    wire::{List, Message},
};
use granary_log::signature::SigningKey;

use crate::{custody::Custodial, records::Place};

/// A statement to be made.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    /// In whose name.
    pub(crate) principal: [u8; 16],
    /// The same in every run.
    pub(crate) command_id: [u8; 16],
    /// Full protobuf name of the body.
    pub(crate) type_name: &'static str,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// Who signs, the principal's key first.
    pub(crate) keys: Vec<Arc<SigningKey>>,
    /// The rows that it brings in.
    pub(crate) rows: Rc<[Place]>,
}

/// The id of the `n`-th thing that command `item` of a statement makes.
pub(crate) fn derived<I: Id>(principal: [u8; 16], command_id: [u8; 16], item: u16, n: u8) -> I {
    I::from_bytes(granary_log::ids::derive_id(&principal, &command_id, item, n))
}

/// A command of a batch in a party's name.
pub(crate) fn item<M: Message>(of: &Custodial, command: &M) -> Item {
    Item {
        principal: Some(of.party),
        type_name: M::NAME.parse().expect("a message's name is a label"),
        body: command.encode(),
    }
}

/// A batch in the name of the first of `of`, signed by all of them.
///
/// Items are at most 256 and not none, which every caller's own bounds see to.
pub(crate) fn batch(
    command_id: [u8; 16],
    mode: BatchMode,
    items: Vec<Item>,
    of: &[&Custodial],
    rows: Vec<Place>,
) -> Planned {
    let items = List::new(items).expect("callers' bounds: 1 to 256 items");
    let principal: PartyId = of.first().expect("somebody says it").party;
    Planned {
        principal: principal.to_bytes(),
        command_id,
        type_name: Batch::NAME,
        body: Batch { mode, items }.encode(),
        keys: of.iter().map(|party| Arc::clone(&party.key)).collect(),
        rows: rows.into(),
    }
}
