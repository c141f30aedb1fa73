//! Copies a chain while its node runs: a prefix of the entries that is durable, with what vouches for it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use granary_log::{
    hash::Hash,
    note::VerifierKey,
    segment::{RecoverError, RecoverOptions, Recovered, Scan, SegmentReader, SegmentSize, recover},
};
use serde::{Deserialize, Serialize};

use super::{MaintainError, Progress, TELL_EVERY, copy::Copier, evidence::Checkpoints};
use crate::{
    chain::read_vkey,
    files::{FileStorage, write_atomically},
};

/// The file that makes a directory a backup; it is written last.
pub const BACKUP_FILE: &str = "backup.json";

/// How often the end of a log is read again that changed while it was read.
const TRIES: u32 = 20;
const TRY_AGAIN: Duration = Duration::from_millis(25);

/// What a backup holds of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    /// The chain's origin.
    pub origin: String,
    /// The chain's name.
    pub chain: String,
    /// How many entries it holds.
    pub size: u64,
    /// Their root, in hex.
    pub root: String,
    /// How many of them were copied this time.
    #[serde(skip)]
    pub copied: u64,
    /// How many checkpoints it holds.
    pub checkpoints: u64,
    /// Entries beyond the last checkpoint.
    pub beyond: u64,
    /// Whether it holds secret keys.
    pub keys: bool,
}

/// Copies the chain in `chain_dir` of the node in `node_dir` to `to`, which is a node's directory of its own
/// and may hold an older backup of the chain: then what is new is added. The copy is a prefix
/// of the log that is durable, every entry of it was checked, and so was every checkpoint.
///
/// The signer's state is never copied, and `keys` only when asked for.
///
/// # Errors
///
/// [`MaintainError`]; what `to` held before stays good.
pub fn backup(
    node_dir: &Path,
    chain_dir: &Path,
    to: &Path,
    keys: bool,
    segment_size: SegmentSize,
    progress: Progress<'_>,
) -> Result<BackedUp, MaintainError> {
    let key = read_vkey(chain_dir)?;
    let name = chain_dir.file_name().unwrap_or_default();
    let place = to.join("chains").join(name);
    check_target(&place, to, &key)?;
    // Before the entries, so that there are entries for every checkpoint.
    let checkpoints = Checkpoints::read(&chain_dir.join("checkpoints"), &key)?;
    let signed = checkpoints.newest().map_or(0, |kept| kept.checkpoint.size());
    let storage = FileStorage::read_only(&chain_dir.join("log"));
    let recovered = recover_running(&storage, key.name())?;
    // The group written last may not be durable yet; what was signed is.
    let size = recovered.before_last_group.max(signed.min(recovered.head.size));

    for name in ["checkpoints", "log"] {
        let dir = place.join(name);
        fs::create_dir_all(&dir).map_err(MaintainError::read(&dir))?;
    }
    write_atomically(&place.join("vkey"), format!("{key}\n").as_bytes(), 0o644)?;
    let mut copier = Copier::open(&place.join("log"), key.name(), segment_size)?;
    let (from, last_leaf) = copier.head();
    check_continues(&storage, &recovered, from, last_leaf, to)?;
    for entry in SegmentReader::new(&storage, &recovered.index, from, size) {
        let entry = entry.map_err(|error| MaintainError::Read {
            path: chain_dir.join("log"),
            source: io::Error::other(error),
        })?;
        let index = entry.index;
        copier.push(entry)?;
        if index.is_multiple_of(TELL_EVERY) {
            progress(index, size);
        }
    }
    copier.finish()?;
    progress(size, size);
    let (size, root) = (copier.head().0, copier.root());
    drop(copier);
    let copied = copy_checkpoints(&checkpoints, &place, &key, size)?;
    copy_settings(node_dir, to, keys)?;
    let beyond = size - signed.min(size);
    let backed_up = BackedUp {
        origin: key.name().to_owned(),
        chain: name.to_string_lossy().into_owned(),
        size,
        root: root.to_string(),
        copied: size.saturating_sub(from),
        checkpoints: copied,
        beyond,
        keys,
    };
    let json = serde_json::to_vec_pretty(&backed_up).map_err(io::Error::other);
    let json = json.map_err(MaintainError::read(&to.join(BACKUP_FILE)))?;
    write_atomically(&to.join(BACKUP_FILE), &json, 0o644)?;
    Ok(backed_up)
}

/// The target is empty, or holds a backup of this chain; never a node.
fn check_target(place: &Path, to: &Path, key: &VerifierKey) -> Result<(), MaintainError> {
    let is_empty = fs::read_dir(to).map_or(true, |mut entries| entries.next().is_none());
    if is_empty {
        return Ok(());
    }
    let other = |found: String| MaintainError::OtherBackup {
        path: to.to_owned(),
        found,
        expected: key.name().to_owned(),
    };
    if let Ok(manifest) = super::restore::read_manifest(to)
        && manifest.origin != key.name()
    {
        return Err(other(manifest.origin));
    }
    // A backup that was interrupted has no manifest yet.
    let is_node = place.join("signer").exists();
    match read_vkey(place) {
        Ok(found) if found == *key && !is_node => Ok(()),
        Ok(found) if found != *key => Err(other(found.name().to_owned())),
        _ => Err(MaintainError::NotEmpty { path: to.to_owned(), holds: String::new() }),
    }
}

/// Reads the segments of a node that may be writing them: what is read while it is written looks damaged, and
/// whole a moment later.
fn recover_running(storage: &FileStorage, origin: &str) -> Result<Recovered, RecoverError> {
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: true };
    let mut tries = 0;
    loop {
        match recover(storage, origin, options) {
            Err(
                RecoverError::MidLogCorruption { .. }
                | RecoverError::Contradiction { .. }
                | RecoverError::Missing { .. },
            ) if tries < TRIES => {
                tries += 1;
                thread::sleep(TRY_AGAIN);
            }
            found => return found,
        }
    }
}

/// What the backup holds already is the beginning of this log.
fn check_continues(
    storage: &FileStorage,
    recovered: &Recovered,
    from: u64,
    last_leaf: Hash,
    to: &Path,
) -> Result<(), MaintainError> {
    let Some(last) = from.checked_sub(1) else { return Ok(()) };
    let mut reader = SegmentReader::new(storage, &recovered.index, last, from);
    let here =
        reader.next().and_then(Result::ok).map(|entry| granary_log::hash::leaf_hash(&entry.bytes));
    if here == Some(last_leaf) {
        return Ok(());
    }
    Err(MaintainError::OtherBackup {
        path: to.to_owned(),
        found: format!("{from} entries of another history"),
        expected: recovered.origin.clone(),
    })
}

/// Copies the checkpoints that the copy has the entries of; each is compared with them.
fn copy_checkpoints(
    checkpoints: &Checkpoints,
    place: &Path,
    key: &VerifierKey,
    size: u64,
) -> Result<u64, MaintainError> {
    let to = place.join("checkpoints");
    let there = Checkpoints::read(&to, key)?;
    let mut count = 0;
    for (at, kept) in checkpoints.good.range(..=size) {
        count += 1;
        if !there.good.contains_key(at) {
            let bytes = fs::read(&kept.path).map_err(MaintainError::read(&kept.path))?;
            write_atomically(&to.join(at.to_string()), &bytes, 0o644)?;
        }
    }
    super::restore::check_roots(place, key)?;
    Ok(count)
}

fn copy_settings(node_dir: &Path, to: &Path, keys: bool) -> Result<(), MaintainError> {
    let settings = node_dir.join("granary.toml");
    if settings.is_file() {
        let bytes = fs::read(&settings).map_err(MaintainError::read(&settings))?;
        write_atomically(&to.join("granary.toml"), &bytes, 0o644)?;
    }
    if keys {
        copy_keys(&node_dir.join("keys"), &to.join("keys"))?;
    }
    Ok(())
}

/// Copies key files, readable for their owner alone.
pub(super) fn copy_keys(from: &Path, to: &Path) -> Result<(), MaintainError> {
    fs::create_dir_all(to).map_err(MaintainError::read(to))?;
    let listed = fs::read_dir(from).map_err(MaintainError::read(from))?;
    let paths: Result<Vec<PathBuf>, io::Error> =
        listed.map(|entry| entry.map(|entry| entry.path())).collect();
    for path in paths.map_err(MaintainError::read(from))? {
        let Some(name) = path.file_name().filter(|_| path.is_file()) else { continue };
        let bytes = fs::read(&path).map_err(MaintainError::read(&path))?;
        write_atomically(&to.join(name), &bytes, 0o600)?;
    }
    Ok(())
}
