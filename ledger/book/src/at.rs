//! Where and by whom a command is decided.

use crate::vocabulary::{Id, PartyId, PartyNo, PersonId, Time};

/// Place and moment of an entry: all that `evolve` may know besides the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The entry's index.
    pub index: u64,
    /// The book's time at that entry: what has lapsed by then has lapsed.
    pub time: Time,
}

/// Who signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer {
    /// The party whose key it is.
    pub party: PartyNo,
    /// Its id.
    pub party_id: PartyId,
    /// The person who holds the key; none for a service's key.
    pub person: Option<PersonId>,
    /// The key's id.
    pub key_id: [u8; 32],
}

/// Everything a decision may depend on besides the state and the command.
#[derive(Debug, Clone, Copy)]
pub struct At<'s> {
    /// Place and book time.
    pub stamp: Stamp,
    /// The entry's log time: for the window of `signed_at` and nothing else.
    pub log_time: Time,
    /// Feature level.
    pub level: u32,
    /// The chain's origin.
    pub origin: &'s str,
    /// In whose name this command is said (in a batch: the item's principal).
    pub party: PartyNo,
    /// The id of that party.
    pub party_id: PartyId,
    /// The statement's own principal, from which ids are derived.
    pub statement_principal: [u8; 16],
    /// The statement's command id.
    pub command_id: [u8; 16],
    /// Which command of the statement, from 0.
    pub item: u16,
    /// All who signed, in the order of the signatures.
    pub signers: &'s [Signer],
}

impl At<'_> {
    /// The book's time.
    pub const fn time(&self) -> Time {
        self.stamp.time
    }

    /// The id of the `n`-th thing this command makes; `n` is fixed for each command type.
    pub fn id<I: Id>(&self, n: u8) -> I {
        I::from_bytes(granary_log::ids::derive_id(
            &self.statement_principal,
            &self.command_id,
            self.item,
            n,
        ))
    }

    /// Whether a key of `party` is among the signatures.
    pub fn signed_by(&self, party: PartyNo) -> bool {
        self.signers.iter().any(|signer| signer.party == party)
    }

    /// The first person who signed for the principal; none when only a service did.
    pub fn person(&self) -> Option<PersonId> {
        self.persons().next()
    }

    /// The persons who signed for the principal.
    pub fn persons(&self) -> impl Iterator<Item = PersonId> {
        self.signers.iter().filter(|signer| signer.party == self.party).filter_map(|s| s.person)
    }

    /// Whether two different persons signed for the principal: a maker and a checker.
    pub fn two_persons(&self) -> bool {
        let mut persons = self.persons();
        let first = persons.next();
        persons.any(|other| Some(other) != first)
    }
}
