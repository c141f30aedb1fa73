//! Which keys sign: key files on this machine, opened with their passphrases.

use std::{
    env,
    path::{Path, PathBuf},
};

use granary_runtime::keystore::{
    EXTENSION, KeyFile, KeyMeta, Passphrase, Purpose, UnlockedKey, list,
};

use crate::report::Failure;

/// Where the key files are, and how they are opened.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct KeyArgs {
    /// Directory of your key files [default: granary/keys in the configuration directory]
    #[arg(long, value_name = "DIR", env = "GRANARY_KEYS", help_heading = "Keys")]
    keys: Option<PathBuf>,
    /// File with the passphrase, mode 0600; without it the terminal is asked
    #[arg(long, value_name = "FILE", env = "GRANARY_PASSPHRASE_FILE", help_heading = "Keys")]
    passphrase_file: Option<PathBuf>,
}

impl KeyArgs {
    /// The directory of key files.
    pub(crate) fn dir(&self) -> anyhow::Result<PathBuf> {
        if let Some(dir) = &self.keys {
            return Ok(dir.clone());
        }
        let config = env::var_os("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".config")));
        let config = config.ok_or_else(|| {
            Failure::new(
                "there is no home directory to keep keys in",
                "name a directory with --keys",
            )
        })?;
        Ok(config.join("granary").join("keys"))
    }

    /// The file of a key: a path, or the name of one in the directory.
    pub(crate) fn path_of(&self, name: &str) -> anyhow::Result<PathBuf> {
        let is_path = name.contains('/') || Path::new(name).extension().is_some();
        if is_path {
            return Ok(PathBuf::from(name));
        }
        Ok(self.dir()?.join(name).with_extension(EXTENSION))
    }

    /// Opens a key file without unlocking it.
    pub(crate) fn open(&self, name: &str) -> anyhow::Result<KeyFile> {
        let path = self.path_of(name)?;
        KeyFile::open(&path).map_err(|error| {
            let what = format!("can't read the key {}", path.display());
            Failure::new(what, "see which keys there are: granary key list").because(error).into()
        })
    }

    /// Every key file of the directory that can be read, by name.
    pub(crate) fn all(&self) -> anyhow::Result<Vec<KeyFile>> {
        let dir = self.dir()?;
        if !dir.exists() {
            return Ok(Vec::new());
        }
        Ok(list(&dir)?.into_iter().filter_map(|listed| listed.key.ok()).collect())
    }

    /// The one key that signs statements of a party.
    pub(crate) fn of_party(&self, party: [u8; 16]) -> anyhow::Result<KeyFile> {
        let is_of = |meta: &KeyMeta| {
            meta.used_for.party == Some(party) && meta.used_for.purpose == Purpose::Statement
        };
        let mut found: Vec<KeyFile> =
            self.all()?.into_iter().filter(|key| is_of(key.meta())).collect();
        let name = format!("pt_{}", hex::encode(party));
        match (found.pop(), found.len()) {
            (Some(key), 0) => Ok(key),
            (Some(_), others) => {
                let what = format!("{} keys sign for {name}", others + 1);
                Err(Failure::new(what, "name one with --key").into())
            }
            (None, _) => {
                let what = format!("no key for {name} in {}", self.dir()?.display());
                let to_do = "name the file with --key or the directory with --keys, or make one: \
                             granary key new NAME --party ID";
                Err(Failure::new(what, to_do).into())
            }
        }
    }

    /// Makes a key ready to sign.
    pub(crate) fn unlock(&self, key: &KeyFile) -> anyhow::Result<UnlockedKey> {
        let passphrase = match (&self.passphrase_file, key.meta().encrypted) {
            (_, false) => None,
            (Some(path), true) => Some(Passphrase::from_file(path).map_err(|error| {
                let to_do = "write it as the first line of a file of mode 0600";
                Failure::new("can't use the passphrase file", to_do).because(error)
            })?),
            (None, true) => {
                let question = format!("Passphrase of {}: ", key.meta().used_for.label);
                Some(Passphrase::prompt(&question).map_err(no_passphrase)?)
            }
        };
        key.unlock(passphrase.as_ref()).map_err(|error| {
            let what = format!("can't unlock {}", key.path().display());
            Failure::new(what, "try again with the right passphrase").because(error).into()
        })
    }

    /// The passphrase that protects a new key.
    pub(crate) fn new_passphrase(&self, label: &str) -> anyhow::Result<Passphrase> {
        let passphrase = match &self.passphrase_file {
            Some(path) => Passphrase::from_file(path)
                .and_then(|passphrase| passphrase.check_new().map(|()| passphrase)),
            None => Passphrase::prompt_new(&format!("New passphrase for {label}: ")),
        };
        passphrase.map_err(no_passphrase)
    }
}

fn no_passphrase(error: granary_runtime::keystore::PassphraseError) -> anyhow::Error {
    let to_do = "type it at a terminal, or give it with --passphrase-file";
    Failure::new("there is no passphrase", to_do).because(error).into()
}
