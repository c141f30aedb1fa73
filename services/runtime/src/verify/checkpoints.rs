//! What the log signed, and what witnesses cosigned of it.

use std::{fs, io::ErrorKind, path::Path};

use granary_log::{
    checkpoint::Checkpoint,
    note::{NOTE_MAX, Note, VerifierKey},
};

use super::{
    Kept,
    report::{Found, Teller, VerifyError, error_line},
    source::Evidence,
};
use crate::chain::{ChainError, read_vkey};

/// The longest verifier key that is read, in bytes.
const KEY_MAX: usize = 4_096;

/// A checkpoint that the log signed.
pub(super) struct Opened {
    pub(super) checkpoint: Checkpoint,
    pub(super) note: Note,
    /// Whether the log keeps it, and not only the auditor.
    is_its_own: bool,
    /// Which of the required witnesses cosigned it.
    by: Vec<VerifierKey>,
}

/// Every checkpoint that was opened with the log key.
pub(super) struct Signed {
    pub(super) opened: Vec<Opened>,
    /// How many entries the published checkpoint covers: those whose tiles must be there.
    pub(super) published: Option<u64>,
}

/// The log's key: the auditor's, or the one beside the log; nothing, after telling, when there is none.
pub(super) fn log_key(
    evidence: &Evidence,
    kept: &Kept,
    teller: &mut Teller<'_>,
) -> Result<Option<VerifierKey>, VerifyError> {
    let found = match &evidence.chain {
        Some(chain) => read_vkey(chain).map_err(|error| match error {
            // Not even text: as damaged as a text that is no key.
            ChainError::Io(io) if io.kind() == ErrorKind::InvalidData => {
                ChainError::NoVerifierKey { path: chain.join("vkey") }
            }
            error => error,
        }),
        None => published_key(evidence)?,
    };
    match (&kept.vkey, found) {
        (Some(kept), found) => {
            match found {
                Ok(found) if found == *kept => {}
                Ok(_) => teller.tell(Found::new(0, "key", "the log's place names another log key")),
                // Tiles need no key beside them.
                Err(ChainError::NoChain { .. }) if evidence.chain.is_none() => {}
                Err(error) => teller.tell(Found::new(0, "key", error.to_string())),
            }
            Ok(Some(kept.clone()))
        }
        (None, Ok(found)) => Ok(Some(found)),
        (None, Err(ChainError::NoVerifierKey { path })) => {
            // A damaged key is a fault of the evidence, unless there is none at all to check against.
            let path = path.display();
            let what = format!("{path} holds no verifier key; give the right one by --vkey");
            teller.tell(Found::new(0, "key", what));
            Ok(None)
        }
        (None, Err(_)) if evidence.chain.is_none() => Err(VerifyError::NoKey),
        (None, Err(error)) => Err(error.into()),
    }
}

/// The key published beside tiles.
fn published_key(evidence: &Evidence) -> Result<Result<VerifierKey, ChainError>, VerifyError> {
    let path = Path::new("vkey").to_owned();
    let read = evidence.store.get("vkey", KEY_MAX);
    let read = read.map_err(|why| VerifyError::Http { url: "vkey".to_owned(), why })?;
    let Some(bytes) = read else { return Ok(Err(ChainError::NoChain { path })) };
    let key = str::from_utf8(&bytes).ok().and_then(|text| text.trim_end().parse().ok());
    Ok(key.ok_or(ChainError::NoVerifierKey { path }))
}

impl Signed {
    /// Reads every checkpoint there is; what doesn't open is told.
    pub(super) fn read(
        evidence: &Evidence,
        kept: &Kept,
        key: &VerifierKey,
        teller: &mut Teller<'_>,
    ) -> Result<Self, VerifyError> {
        let mut signed = Self { opened: Vec::new(), published: None };
        for note in &kept.since {
            let opened = open(note.clone(), key, &[], false);
            signed.opened.push(opened.map_err(VerifyError::Since)?);
        }
        let (dir, must_be_there) = match (&evidence.chain, &evidence.dir) {
            (Some(chain), _) => (Some(chain.join("checkpoints")), true),
            (None, dir) => (dir.as_ref().map(|dir| dir.join("checkpoints")), false),
        };
        if let Some(dir) = dir.filter(|dir| must_be_there || dir.is_dir()) {
            signed.read_kept(&dir, key, &kept.witnesses, teller)?;
        }
        signed.read_published(evidence, key, &kept.witnesses, teller)?;
        Ok(signed)
    }

    /// The directory of all that were signed, each under its size.
    fn read_kept(
        &mut self,
        dir: &Path,
        key: &VerifierKey,
        witnesses: &[VerifierKey],
        teller: &mut Teller<'_>,
    ) -> Result<(), VerifyError> {
        let read = |source| VerifyError::Read { path: dir.to_owned(), source };
        let mut named = Vec::new();
        for entry in fs::read_dir(dir).map_err(read)? {
            let path = entry.map_err(read)?.path();
            // Files being written have other names; they are not evidence yet.
            let size = path.file_name().and_then(|name| name.to_str()?.parse::<u64>().ok());
            if let Some(size) = size {
                named.push((size, path));
            }
        }
        named.sort();
        for (size, path) in named {
            let bytes = fs::read(&path).map_err(read)?;
            match parse(&bytes).and_then(|note| open(note, key, witnesses, true)) {
                Ok(opened) if opened.checkpoint.size() == size => self.opened.push(opened),
                Ok(opened) => {
                    let found = opened.checkpoint.size();
                    let what = format!("the checkpoint named {size} is of {found} entries");
                    teller.tell(Found::new(size, "checkpoint", what));
                }
                Err(why) => {
                    let what = format!("the checkpoint of {size} entries does not open: {why}");
                    teller.tell(Found::new(size, "checkpoint", what));
                }
            }
        }
        Ok(())
    }

    /// The newest, as it is published beside the tiles. A node may have no tiles yet.
    fn read_published(
        &mut self,
        evidence: &Evidence,
        key: &VerifierKey,
        witnesses: &[VerifierKey],
        teller: &mut Teller<'_>,
    ) -> Result<(), VerifyError> {
        let read = match evidence.store.get("checkpoint", NOTE_MAX) {
            Ok(read) => read,
            Err(why) if evidence.dir.is_none() => {
                return Err(VerifyError::Http { url: "checkpoint".to_owned(), why });
            }
            Err(why) => {
                let what = format!("the published checkpoint can't be read: {why}");
                teller.tell(Found::new(0, "checkpoint", what));
                return Ok(());
            }
        };
        let Some(bytes) = read else {
            if evidence.chain.is_none() {
                teller.tell(Found::new(0, "checkpoint", "there is no published checkpoint"));
            }
            return Ok(());
        };
        match parse(&bytes).and_then(|note| open(note, key, witnesses, true)) {
            Ok(opened) => {
                self.published = Some(opened.checkpoint.size());
                self.opened.push(opened);
            }
            Err(why) => {
                let what = format!("the published checkpoint does not open: {why}");
                teller.tell(Found::new(0, "checkpoint", what));
            }
        }
        Ok(())
    }

    /// All of them, without their signatures.
    pub(super) fn checkpoints(&self) -> Vec<Checkpoint> {
        self.opened.iter().map(|opened| opened.checkpoint.clone()).collect()
    }

    /// The note of a checkpoint.
    pub(super) fn note(&self, checkpoint: &Checkpoint) -> Option<&Note> {
        let found = self.opened.iter().find(|opened| opened.checkpoint == *checkpoint)?;
        Some(&found.note)
    }

    /// How many entries the log's last checkpoint covers that all of the witnesses cosigned. A witness that
    /// cosigned none is a fault.
    pub(super) fn covered(&self, witnesses: &[VerifierKey], teller: &mut Teller<'_>) -> u64 {
        let own = || self.opened.iter().filter(|opened| opened.is_its_own);
        let last = |by: &dyn Fn(&Opened) -> bool| {
            own().filter(|opened| by(opened)).map(|opened| opened.checkpoint.size()).max()
        };
        for witness in witnesses {
            if last(&|opened| opened.by.contains(witness)).is_none() {
                let what = format!("the witness {} cosigned no checkpoint", witness.name());
                teller.tell(Found::new(last(&|_| true).unwrap_or(0), "witness", what));
            }
        }
        let by_all = |opened: &Opened| witnesses.iter().all(|by| opened.by.contains(by));
        last(&by_all).unwrap_or(0)
    }
}

fn parse(bytes: &[u8]) -> Result<Note, String> {
    Note::parse(bytes).map_err(|error| error_line(&error))
}

/// Opens a checkpoint. A bad signature by the log or by a required witness is why it does not.
fn open(
    note: Note,
    key: &VerifierKey,
    witnesses: &[VerifierKey],
    is_its_own: bool,
) -> Result<Opened, String> {
    let checkpoint = Checkpoint::open(&note, key).map_err(|error| error_line(&error))?;
    let known: Vec<VerifierKey> = witnesses.iter().chain([key]).cloned().collect();
    let by = note.verify(&known).map_err(|error| error_line(&error))?;
    let by = witnesses.iter().filter(|witness| by.iter().any(|line| line.is_by(witness)));
    let by = by.cloned().collect();
    Ok(Opened { checkpoint, note, is_its_own, by })
}

/// Checks that all of the witnesses cosigned a checkpoint.
pub(super) fn cosigned(
    note: &Note,
    key: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<(), String> {
    let opened = open(note.clone(), key, witnesses, true)?;
    match witnesses.iter().find(|witness| !opened.by.contains(witness)) {
        Some(witness) => {
            Err(format!("the witness {} did not cosign the checkpoint", witness.name()))
        }
        None => Ok(()),
    }
}
