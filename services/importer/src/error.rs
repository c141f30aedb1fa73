//! Why an import ends before its file does.

use std::{
    io,
    path::{Path, PathBuf},
};

use granary_import::{ReadError, Unusable, rejects::WriteError};
use granary_log::statement::EncodeError;
use granary_runtime::{files::FileError, keystore::KeyError};

use crate::journal::JournalError;

/// Why an import ended. What was imported stays; running it again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is none of the format.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The file can't be read to its end.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file was changed or cut while it was read.
    #[error("the file changed while it was read; leave it alone and run the import again")]
    Changed(#[source] io::Error),
    /// A file or directory.
    #[error("{} can't be used", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or directory of the node.
    #[error("the node's key directory can't be used")]
    Files(#[from] FileError),
    /// A key.
    #[error("a key can't be used")]
    Key(#[from] KeyError),
    /// A key file where the import's own belongs.
    #[error(
        "{} is no key of the party that the import keeps there; move it away, or restore the right one",
        .0.display()
    )]
    OtherKey(PathBuf),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The rejects file.
    #[error(transparent)]
    Rejects(#[from] WriteError),
    /// A statement doesn't fit its format.
    #[error("a statement can't be made")]
    Statement(#[from] EncodeError),
    /// The node can't be reached, or went away.
    #[error(
        "the node doesn't answer: {}; see that it runs, and run the import again: it goes on where it stopped",
        .0.message()
    )]
    Node(#[source] Box<tonic::Status>),
    /// The node doesn't take a statement.
    #[error("the node doesn't take what the import sends ({reason}: {message})")]
    NotTaken {
        /// The failure's stable name.
        reason: String,
        /// What the node said.
        message: String,
    },
    /// The rules refuse a statement for who says it, how or when.
    #[error(
        "the chain doesn't hear what the import says ({name}: {message}); see that the registrar's key is the \
         chain's, and that this machine's clock is right"
    )]
    NotHeard {
        /// Name of the refusal.
        name: String,
        /// What the node said.
        message: String,
    },
    /// A party, key, commodity or feed that the rows need was refused.
    #[error("the chain refuses {what}, which the rows need ({name}: {message})")]
    SetupRefused {
        /// What was said.
        what: &'static str,
        /// Name of the refusal.
        name: String,
        /// What the node said.
        message: String,
    },
    /// What became of a statement can't be learnt now.
    #[error(
        "what became of a statement isn't known yet; wait a moment and run the import again: it asks first"
    )]
    Unknown,
    /// The node answered what its protocol doesn't allow.
    #[error("the node's answer makes no sense ({0}); see that it is of this version")]
    Nonsense(&'static str),
}

impl ImportError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

impl From<tonic::Status> for ImportError {
    fn from(status: tonic::Status) -> Self {
        Self::Node(Box::new(status))
    }
}
