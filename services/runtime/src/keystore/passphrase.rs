//! Passphrases, and the three places they may come from.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use zeroize::Zeroizing;

use super::{MODE, too_wide};
use crate::files::FileError;

/// Shortest passphrase for a new key, in characters.
const CHARACTERS_MIN: usize = 8;

/// Longest passphrase read, in bytes: a whole file given by mistake isn't one.
const BYTES_MAX: u64 = 1024;

/// What opens an encrypted key.
pub struct Passphrase(pub(super) SecretString);

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// The file or descriptor can't be read.
    #[error("passphrase can't be read")]
    Files(#[from] FileError),
    /// Others on this machine can read the file.
    #[error("{}", too_wide(path, *mode))]
    ModeTooWide {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// What was read isn't one line of text.
    #[error("passphrase from {0} is empty, longer than 1024 bytes or not text")]
    NotALine(String),
    /// Nobody to ask.
    #[error("no terminal to ask for the passphrase; give it by file or descriptor")]
    NoTerminal(#[source] io::Error),
    /// The two given for a new key differ.
    #[error("the two passphrases differ")]
    Differ,
    /// Too easily guessed.
    #[error("a new passphrase has at least 8 characters")]
    TooShort,
}

impl Passphrase {
    /// One that is at hand, such as in tests.
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The first line of a file that only its owner can read.
    ///
    /// # Errors
    ///
    /// [`PassphraseError`].
    pub fn from_file(path: &Path) -> Result<Self, PassphraseError> {
        let io = |source| FileError::io("read", path, source);
        let file = File::open(path).map_err(io)?;
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
        if mode & !MODE != 0 {
            return Err(PassphraseError::ModeTooWide { path: path.to_owned(), mode });
        }
        first_line(file, path)
    }

    /// The first line of what another process writes to descriptor `fd` of this one.
    ///
    /// # Errors
    ///
    /// [`PassphraseError`].
    pub fn from_descriptor(fd: u32) -> Result<Self, PassphraseError> {
        let path = PathBuf::from(format!("/dev/fd/{fd}"));
        let file = File::open(&path).map_err(|source| FileError::io("read", &path, source))?;
        first_line(file, &path)
    }

    /// Asks at the terminal, which shows nothing of what is typed.
    ///
    /// # Errors
    ///
    /// [`PassphraseError::NoTerminal`] or [`PassphraseError::NotALine`].
    pub fn prompt(question: &str) -> Result<Self, PassphraseError> {
        let text = rpassword::prompt_password(question).map_err(PassphraseError::NoTerminal)?;
        if text.is_empty() {
            return Err(PassphraseError::NotALine("the terminal".to_owned()));
        }
        Ok(Self::new(text))
    }

    /// Asks twice, for a new key.
    ///
    /// # Errors
    ///
    /// Also [`PassphraseError::Differ`] and [`PassphraseError::TooShort`].
    pub fn prompt_new(question: &str) -> Result<Self, PassphraseError> {
        let first = Self::prompt(question)?;
        first.check_new()?;
        let again = Self::prompt("The same again: ")?;
        if first.expose() == again.expose() { Ok(first) } else { Err(PassphraseError::Differ) }
    }

    /// Whether it may protect a new key.
    ///
    /// # Errors
    ///
    /// [`PassphraseError::TooShort`].
    pub fn check_new(&self) -> Result<(), PassphraseError> {
        match self.expose().chars().count() {
            CHARACTERS_MIN.. => Ok(()),
            _ => Err(PassphraseError::TooShort),
        }
    }

    fn expose(&self) -> &str {
        age::secrecy::ExposeSecret::expose_secret(&self.0)
    }
}

fn first_line(file: File, path: &Path) -> Result<Passphrase, PassphraseError> {
    let mut text = Zeroizing::new(String::new());
    let not_a_line = || PassphraseError::NotALine(path.display().to_string());
    match file.take(BYTES_MAX + 1).read_to_string(&mut text) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(not_a_line()),
        Err(source) => return Err(FileError::io("read", path, source).into()),
    }
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() || line.len() as u64 > BYTES_MAX {
        return Err(not_a_line());
    }
    Ok(Passphrase::new(line.to_owned()))
}
