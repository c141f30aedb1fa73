//! The key file itself.
//!
//! ```toml
//! format = "granary-key 1"
//! party = "0190163e8d9470e5b1d2c3a4f5061728"
//! purpose = "statement"
//! label = "Wang Fang, warehouse 3"
//! public_key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
//! protection = "passphrase"
//! secret = '''
//! -----BEGIN AGE ENCRYPTED FILE-----
//! ...
//! '''
//! ```
//! With `protection = "none"` the secret is the seed in hex.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    EXTENSION, KeyError, KeyMeta, KeyUse, LOG_N_MAX, MODE, Passphrase, Protection, Purpose, Seed,
    UnlockedKey,
};
use crate::files::{FileError, create_atomically};

const FORMAT: &str = "granary-key 1";

/// What every version's first field starts with.
const FORMAT_FAMILY: &str = "granary-key ";

/// A key file is under 1 KiB; this bounds what is read of a file that isn't one.
const FILE_BYTES_MAX: u64 = 16 << 10;

const LABEL_CHARACTERS_MAX: usize = 80;

const WARNING: &str = "# NOT ENCRYPTED: whoever can read this file can sign with this key.\n\
                       # For demonstrations and for service keys of a node, nothing else.\n";

/// A key on disk, not yet unlocked.
pub struct KeyFile {
    path: PathBuf,
    meta: KeyMeta,
    secret: Zeroizing<String>,
}

/// The file's fields, as they are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<String>,
    purpose: Purpose,
    label: String,
    public_key: String,
    protection: Kind,
    secret: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Passphrase,
    None,
}

impl Drop for Fields {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.secret);
    }
}

impl KeyFile {
    /// Writes a new key file, mode 0600. An existing one is never overwritten.
    ///
    /// # Errors
    ///
    /// [`KeyError`]; then there is no new file.
    pub fn create(
        path: &Path,
        used_for: KeyUse,
        seed: &Seed,
        protection: Protection<'_>,
    ) -> Result<Self, KeyError> {
        if !is_label(&used_for.label) {
            return Err(KeyError::Label);
        }
        let public_key = seed.signing_key().verifying_key().to_bytes();
        let (kind, warning, secret) = match protection {
            Protection::Passphrase(passphrase, work) => {
                let mut recipient = age::scrypt::Recipient::new(passphrase.0.clone());
                recipient.set_work_factor(work.log_n);
                let armored = age::encrypt_and_armor(&recipient, seed.0.as_slice());
                (Kind::Passphrase, "", armored.map_err(KeyError::Encryption)?)
            }
            Protection::Unencrypted => (Kind::None, WARNING, hex::encode(seed.0.as_slice())),
        };
        let fields = Fields {
            format: FORMAT.to_owned(),
            party: used_for.party.map(hex::encode),
            purpose: used_for.purpose,
            label: used_for.label.clone(),
            public_key: hex::encode(public_key),
            protection: kind,
            secret,
        };
        let body = Zeroizing::new(toml::to_string_pretty(&fields).expect("fields are strings"));
        let text = Zeroizing::new([warning, &body].concat());
        create_atomically(path, text.as_bytes(), MODE).map_err(|error| match error {
            FileError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                KeyError::Exists(path.to_owned())
            }
            other => KeyError::Files(other),
        })?;
        let meta = KeyMeta { used_for, public_key, encrypted: kind == Kind::Passphrase };
        Ok(Self { path: path.to_owned(), meta, secret: Zeroizing::new(fields.secret.clone()) })
    }

    /// Reads a key file without unlocking it.
    ///
    /// # Errors
    ///
    /// [`KeyError::ModeTooWide`] before anything is read, [`KeyError::Newer`],
    /// [`KeyError::Unsound`], or [`KeyError::Files`].
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let text = read_private(path)?;
        let unsound = |reason: String| KeyError::Unsound { path: path.to_owned(), reason };

        // The format first: a newer one may have fields that are unknown here.
        let table: toml::Table = toml::from_str(&text)
            .map_err(|error| unsound(format!("it isn't TOML: {}", error.message())))?;
        match table.get("format").and_then(toml::Value::as_str) {
            Some(FORMAT) => {}
            Some(format) if format.starts_with(FORMAT_FAMILY) => {
                return Err(KeyError::Newer { path: path.to_owned(), format: format.to_owned() });
            }
            _ => return Err(unsound("it doesn't say `format = \"granary-key 1\"`".to_owned())),
        }
        let fields: Fields =
            toml::from_str(&text).map_err(|error| unsound(error.message().to_owned()))?;
        let party = fields.party.as_deref().map(|party| bytes("party", party)).transpose();
        let public_key = bytes("public_key", &fields.public_key).map_err(unsound)?;
        if !is_label(&fields.label) {
            return Err(unsound(KeyError::Label.to_string()));
        }
        let used_for = KeyUse {
            party: party.map_err(unsound)?,
            purpose: fields.purpose,
            label: fields.label.clone(),
        };
        let encrypted = fields.protection == Kind::Passphrase;
        let meta = KeyMeta { used_for, public_key, encrypted };
        let secret = Zeroizing::new(fields.secret.clone());
        Ok(Self { path: path.to_owned(), meta, secret })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says without a passphrase.
    pub fn meta(&self) -> &KeyMeta {
        &self.meta
    }

    /// Makes the key ready to sign. Takes the work that its passphrase was given, up to seconds.
    ///
    /// * `passphrase` — not looked at when the file isn't encrypted.
    ///
    /// # Errors
    ///
    /// [`KeyError::PassphraseNeeded`], [`KeyError::PassphraseWrong`], or [`KeyError::Unsound`]
    /// when the file is damaged or its public key isn't the secret's.
    pub fn unlock(&self, passphrase: Option<&Passphrase>) -> Result<UnlockedKey, KeyError> {
        let seed = match (self.meta.encrypted, passphrase) {
            (true, Some(passphrase)) => self.decrypt(passphrase)?,
            (true, None) => return Err(KeyError::PassphraseNeeded(self.path.clone())),
            (false, _) => {
                Seed::from_bytes(bytes("secret", &self.secret).map_err(|e| self.unsound(e))?)
            }
        };
        let signing = seed.signing_key();
        if signing.verifying_key().to_bytes() != self.meta.public_key {
            return Err(self.unsound("its public key belongs to another secret".to_owned()));
        }
        Ok(UnlockedKey { meta: self.meta.clone(), signing })
    }

    fn decrypt(&self, passphrase: &Passphrase) -> Result<Seed, KeyError> {
        let mut identity = age::scrypt::Identity::new(passphrase.0.clone());
        // Bounded: a file that isn't ours must not take all memory before it is refused.
        identity.set_max_work_factor(LOG_N_MAX);
        let plain = match age::decrypt(&identity, self.secret.as_bytes()) {
            Ok(plain) => Zeroizing::new(plain),
            Err(
                age::DecryptError::DecryptionFailed
                | age::DecryptError::KeyDecryptionFailed
                | age::DecryptError::NoMatchingKeys,
            ) => return Err(KeyError::PassphraseWrong(self.path.clone())),
            Err(other) => return Err(self.unsound(other.to_string())),
        };
        let seed: [u8; 32] = plain
            .as_slice()
            .try_into()
            .map_err(|_| self.unsound(format!("its secret has {} bytes, not 32", plain.len())))?;
        Ok(Seed::from_bytes(seed))
    }

    fn unsound(&self, reason: String) -> KeyError {
        KeyError::Unsound { path: self.path.clone(), reason }
    }
}

/// A key file found in a directory.
pub struct Listed {
    /// Where it is.
    pub path: PathBuf,
    /// The key, or why it can't be read.
    pub key: Result<KeyFile, KeyError>,
}

/// Every `*.key` file in `dir`, by name; one that can't be read stands with its error.
///
/// # Errors
///
/// [`FileError`] when the directory can't be listed.
pub fn list(dir: &Path) -> Result<Vec<Listed>, FileError> {
    let io = |source| FileError::io("list", dir, source);
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            paths.push(path);
        }
    }
    paths.sort();
    let listed = |path: PathBuf| Listed { key: KeyFile::open(&path), path };
    Ok(paths.into_iter().map(listed).collect())
}

/// Reads the file if only its owner can.
fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let io = |source| FileError::io("read", path, source);
    let file = File::open(path).map_err(io)?;
    // Of the open file, so that it can't be exchanged between the look and the reading.
    let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
    if mode & !MODE != 0 {
        return Err(KeyError::ModeTooWide { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    match file.take(FILE_BYTES_MAX).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(KeyError::Unsound { path: path.to_owned(), reason: "it isn't text".to_owned() })
        }
        Err(source) => Err(io(source).into()),
    }
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_CHARACTERS_MAX).contains(&label.chars().count())
        && !label.chars().any(char::is_control)
}

fn bytes<const N: usize>(field: &str, text: &str) -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map(|()| bytes)
        .map_err(|_| format!("`{field}` is not {} hex digits", 2 * N))
}
