//! Keys that the node keeps for parties: what typed calls are signed with.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use granary_log::signature::SigningKey;
use granary_runtime::{
    door::Keyring,
    files::FileError,
    keystore::{self, Passphrase, Purpose},
};

/// How often the directory is looked into again for a party without a key: an importer may have added one.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

struct Loaded {
    keys: HashMap<[u8; 16], SigningKey>,
    looked: Instant,
}

/// The key files of a node's directory whose purpose is to sign statements.
pub struct FileKeyring {
    dir: PathBuf,
    passphrase: Option<Passphrase>,
    loaded: Mutex<Loaded>,
}

impl FileKeyring {
    /// Reads the key files in `dir`. Encrypted ones are used when they open with the passphrase.
    ///
    /// # Errors
    ///
    /// The directory can't be listed.
    pub fn open(dir: &Path, passphrase: Option<Passphrase>) -> Result<Self, FileError> {
        let keys = load(dir, passphrase.as_ref())?;
        let loaded = Mutex::new(Loaded { keys, looked: Instant::now() });
        Ok(Self { dir: dir.to_owned(), passphrase, loaded })
    }

    fn lock(&self) -> MutexGuard<'_, Loaded> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load(
    dir: &Path,
    passphrase: Option<&Passphrase>,
) -> Result<HashMap<[u8; 16], SigningKey>, FileError> {
    let mut keys = HashMap::new();
    for listed in keystore::list(dir)? {
        let file = match listed.key {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(path = %listed.path.display(), %error, "a key file can't be used");
                continue;
            }
        };
        let (party, purpose) = (file.meta().used_for.party, file.meta().used_for.purpose);
        let (Some(party), Purpose::Statement) = (party, purpose) else { continue };
        if file.meta().encrypted && passphrase.is_none() {
            continue;
        }
        match file.unlock(passphrase) {
            Ok(key) => drop(keys.insert(party, key.signing_key().clone())),
            Err(error) => {
                tracing::warn!(path = %listed.path.display(), %error, "a key stays locked");
            }
        }
    }
    Ok(keys)
}

impl Keyring for FileKeyring {
    fn service_key(&self, party: &[u8; 16]) -> Option<SigningKey> {
        let mut loaded = self.lock();
        if let Some(key) = loaded.keys.get(party) {
            return Some(key.clone());
        }
        if loaded.looked.elapsed() >= LOOK_AGAIN {
            loaded.looked = Instant::now();
            match load(&self.dir, self.passphrase.as_ref()) {
                Ok(keys) => loaded.keys = keys,
                Err(error) => tracing::warn!(%error, "the key directory can't be read"),
            }
        }
        loaded.keys.get(party).cloned()
    }
}
