//! People with keys.

use granary_book::vocabulary::PartyId;
use granary_log::{hash::sha256, signature::SigningKey};

/// A party and the keys of the persons who act for it.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The party.
    pub party: PartyId,
    persons: Vec<SigningKey>,
}

impl Actor {
    /// A party whose persons hold these keys.
    pub fn new(party: PartyId, persons: Vec<SigningKey>) -> Self {
        Self { party, persons }
    }

    /// The key of person `n`, from 1.
    ///
    /// # Panics
    ///
    /// The party has no such person: a mistake of the test.
    #[track_caller]
    pub fn person(&self, n: usize) -> &SigningKey {
        &self.persons[n - 1]
    }

    /// The keys of all persons, in order.
    pub fn keys(&self) -> Vec<&SigningKey> {
        self.persons.iter().collect()
    }
}

/// The key that person `n` of the party with this name has in every run.
pub(crate) fn seeded_key(name: &str, n: usize) -> SigningKey {
    SigningKey::from_bytes(&sha256(format!("{name}/{n}").as_bytes()).0)
}
