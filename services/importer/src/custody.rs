//! Parties that records name and that have no keys of their own: the import registers each once, marked
//! custodial, and keeps its service key in the node's key directory.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use granary_book::{
    parties::{KeyHolder, Purpose, RegisterKey, RegisterParty, Role},
    vocabulary::{Id, PartyId},
    wire::{List, Message},
};
use granary_log::{signature::SigningKey, statement::SUITE_ED25519};
use granary_runtime::keystore::{
    KeyError, KeyFile, KeyUse, Protection, Purpose as FilePurpose, Seed,
};

use crate::{
    error::ImportError,
    ids::{setup_id, short_digest},
    plan::{Planned, derived},
    text::{label, slug},
};

/// A party in the import's custody.
#[derive(Debug, Clone)]
pub(crate) struct Custodial {
    /// Its id.
    pub(crate) party: PartyId,
    /// What signs for it.
    pub(crate) key: Arc<SigningKey>,
}

/// Says setup statements in the registrar's name.
#[derive(Debug)]
pub(crate) struct Registrar<'r> {
    /// The registrar.
    pub(crate) party: PartyId,
    /// What signs for it.
    pub(crate) key: Arc<SigningKey>,
    /// Where keys are kept.
    pub(crate) keys_dir: &'r Path,
}

/// Longest label of a key file, in characters.
const KEY_LABEL_MAX: usize = 80;

impl Registrar<'_> {
    /// A statement of the registrar's, whatever file it is for.
    pub(crate) fn says<M: Message>(&self, command: &M) -> Planned {
        let body = command.encode();
        Planned {
            principal: self.party.to_bytes(),
            command_id: setup_id(M::NAME, &body),
            type_name: M::NAME,
            body,
            keys: vec![Arc::clone(&self.key)],
            rows: Rc::new([]),
        }
    }

    /// The party that records call `name`, and the statements that register it and its key. The key file is
    /// there before anything is said: a key that is registered can't get lost by a crash.
    ///
    /// * `kind`: what it is to the records, such as `vendor`: one name may be two parties.
    pub(crate) fn custodial(
        &self,
        kind: &str,
        name: &str,
        role: Role,
    ) -> Result<(Custodial, [Planned; 2]), ImportError> {
        let registration = RegisterParty {
            name: label(name),
            roles: List::new(vec![role]).expect("one of one to eight"),
            owner_group: None,
            custodial: true,
        };
        let registers_party = self.says(&registration);
        let party = derived(self.party.to_bytes(), registers_party.command_id, 0, 0);
        let key = Arc::new(self.key_of(kind, name, party)?);
        let mut registers_key = self.says(&RegisterKey {
            party,
            holder: KeyHolder { person: None },
            purpose: Purpose::Statement,
            suite: SUITE_ED25519.into(),
            key: key.verifying_key().to_bytes(),
        });
        registers_key.keys.push(Arc::clone(&key));
        Ok((Custodial { party, key }, [registers_party, registers_key]))
    }

    fn key_of(&self, kind: &str, name: &str, party: PartyId) -> Result<SigningKey, ImportError> {
        let path = self.key_path(kind, name);
        let label: String =
            label(&format!("{kind} {name}")).as_str().chars().take(KEY_LABEL_MAX).collect();
        let used_for =
            KeyUse { party: Some(party.to_bytes()), purpose: FilePurpose::Statement, label };
        let seed = Seed::random()?;
        let file = match KeyFile::create(&path, used_for, &seed, Protection::Unencrypted) {
            Err(KeyError::Exists(_)) => KeyFile::open(&path)?,
            created => created?,
        };
        if file.meta().used_for.party != Some(party.to_bytes()) {
            return Err(ImportError::OtherKey(path));
        }
        Ok(file.unlock(None)?.signing_key().clone())
    }

    /// Readable, and different for different names and for the registrars of different chains.
    fn key_path(&self, kind: &str, name: &str) -> PathBuf {
        let registrar = self.party.to_bytes();
        let digest = short_digest(&[&registrar, kind.as_bytes(), name.as_bytes()]);
        let readable = slug(name, 40).to_lowercase();
        self.keys_dir.join(format!("{kind}-{readable}-{digest}.key"))
    }
}
