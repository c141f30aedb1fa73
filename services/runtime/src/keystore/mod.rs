//! Signing keys at rest.
//!
//! A key file is TOML. What identifies the key (party, purpose, label, public key) can be read
//! without a passphrase; the 32-byte seed is inside an [age](https://age-encryption.org/v1) file
//! encrypted with one (scrypt and ChaCha20-Poly1305), so that `age -d` can open it too.
//!
//! **Unencrypted files** exist for two cases, and say so in themselves: demonstrations, and the
//! service keys of a node that must start without a person. Their only protection is the mode of
//! the file, and whoever can read the node's disk can sign with them.
//!
//! Only the seed is protected. The rest is checked as far as it matters: the public key must be
//! the seed's, and a key used for another party or purpose than the chain has registered it for
//! is refused by the chain.
//!
//! Passphrases come from a prompt, a file or a descriptor, never from an argument or the
//! environment, which other processes can see. Secrets have neither `Debug` nor `Display`, and
//! are overwritten when dropped.

mod file;
mod passphrase;

use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use self::file::{KeyFile, Listed, list};
pub use self::passphrase::{Passphrase, PassphraseError};
use crate::files::FileError;

/// How a key file's name ends.
pub const EXTENSION: &str = "key";

/// Permission bits of key files; a wider file is refused.
const MODE: u32 = 0o600;

/// What a key is for: one key, one purpose (access.md section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Signs statements.
    Statement,
    /// Signs access tokens.
    Access,
    /// Identifies a transport.
    Transport,
    /// Replaces lost keys.
    Recovery,
    /// Signs checkpoints.
    Log,
    /// Cosigns checkpoints.
    Witness,
}

/// Whose key, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The party's id; `None` for a key of the chain itself, or before the party has an id.
    pub party: Option<[u8; 16]>,
    /// What it is for.
    pub purpose: Purpose,
    /// For people: 1 to 80 characters on one line.
    pub label: String,
}

/// What a key file says without a passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMeta {
    /// Whose key, and what for.
    pub used_for: KeyUse,
    /// The Ed25519 public key, which is also the key's id on the chain.
    pub public_key: [u8; 32],
    /// Whether unlocking takes a passphrase.
    pub encrypted: bool,
}

/// The secret half of a key: 32 bytes (RFC 8032 section 5.1.5).
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// A new one from the system's generator.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`].
    pub fn random() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(KeyError::Random)?;
        Ok(Self(seed))
    }

    /// A known one, for keys made elsewhere and for demonstrations that repeat.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key that signs with it.
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.0)
    }
}

/// A key that can sign.
pub struct UnlockedKey {
    meta: KeyMeta,
    /// Overwrites itself when dropped.
    signing: SigningKey,
}

impl UnlockedKey {
    /// What its file says about it.
    pub fn meta(&self) -> &KeyMeta {
        &self.meta
    }

    /// What signs.
    pub fn signing_key(&self) -> &SigningKey {
        &self.signing
    }
}

/// How much work one guess of a passphrase takes: scrypt with N = 2^`log_n`, r = 8, p = 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkFactor {
    log_n: u8,
}

impl WorkFactor {
    /// Some 128 MiB and half a second on a present-day core.
    pub const STANDARD: WorkFactor = WorkFactor { log_n: 17 };

    /// None to speak of. For tests only.
    pub const TESTS_ONLY: WorkFactor = WorkFactor { log_n: 1 };
}

/// Largest work factor a file may ask of whoever opens it: 1 GiB, some seconds.
const LOG_N_MAX: u8 = 20;

/// How a seed is kept in its file.
#[derive(Clone, Copy)]
pub enum Protection<'a> {
    /// Encrypted.
    Passphrase(&'a Passphrase, WorkFactor),
    /// Readable by whoever can read the file. Only for what the module says.
    Unencrypted,
}

/// Why a key can't be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file or its directory can't be used.
    #[error("key file can't be used")]
    Files(#[from] FileError),
    /// There is a key of that name; it is never overwritten.
    #[error("{} exists already; keys are never overwritten, choose another name", .0.display())]
    Exists(PathBuf),
    /// Others on this machine can read the secret.
    #[error("{}", too_wide(path, *mode))]
    ModeTooWide {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Made by a newer version.
    #[error("{} is of format `{format}`, and this version knows `granary-key 1`: use a newer one", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// What it says it is.
        format: String,
    },
    /// It isn't a key file, or is damaged.
    #[error("{} is not a sound key file: {reason}", path.display())]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It is encrypted and no passphrase was given.
    #[error("{} is encrypted: its passphrase is needed", .0.display())]
    PassphraseNeeded(PathBuf),
    /// The passphrase given is another one; damage to what is encrypted can look the same.
    #[error("wrong passphrase for {}, or it is damaged", .0.display())]
    PassphraseWrong(PathBuf),
    /// The label can't be shown on one line.
    #[error("a key's label is 1 to 80 characters on one line")]
    Label,
    /// The system has no randomness.
    #[error("no randomness from the system")]
    Random(#[source] getrandom::Error),
    /// age couldn't encrypt.
    #[error("key couldn't be encrypted")]
    Encryption(#[source] age::EncryptError),
}

fn too_wide(path: &Path, mode: u32) -> String {
    let path = path.display();
    format!("{path} can be read by others (mode {mode:03o}); run: chmod 600 {path}")
}
