//! Brings a backup back, into an empty directory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use granary_log::{
    hash::leaf_hash,
    note::VerifierKey,
    segment::{RecoverOptions, Scan, SegmentReader, SegmentSize, recover},
    tree::CompactRange,
};

use super::{
    MaintainError, Progress, TELL_EVERY,
    backup::{BACKUP_FILE, BackedUp, copy_keys},
    copy::Copier,
    evidence::Checkpoints,
};
use crate::{
    chain::read_vkey,
    files::{FileError, FileStorage, sync_dir, write_atomically},
    verify::chain_dirs,
};

/// A chain that was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The chain's origin.
    pub origin: String,
    /// The chain's directory.
    pub chain_dir: PathBuf,
    /// How many entries it has.
    pub size: u64,
    /// How many entries its newest checkpoint covers; 0 without one.
    pub signed: u64,
    /// Whether its keys came with it.
    pub keys: bool,
}

/// Brings the backup in `from` back as the node's directory `dir`, which must be empty or not there. Every
/// entry and every checkpoint is checked on the way. The directory has its name only when everything
/// is in it.
///
/// The signer's state is not in a backup, so the restored node serves and signs nothing until the operators
/// grant it the right anew: more may have been signed since the backup.
///
/// # Errors
///
/// [`MaintainError`]; `dir` is as it was.
pub fn restore(
    from: &Path,
    dir: &Path,
    segment_size: SegmentSize,
    progress: Progress<'_>,
) -> Result<Restored, MaintainError> {
    check_empty(dir)?;
    let backed_up = read_manifest(from)?;
    let source = from.join("chains").join(&backed_up.chain);
    let key = read_vkey(&source)?;
    let unfinished = unfinished(dir);
    remove(&unfinished)?;
    let place = unfinished.join("chains").join(&backed_up.chain);
    for name in ["log", "checkpoints", "signer", "tiles"] {
        let dir = place.join(name);
        fs::create_dir_all(&dir).map_err(|source| FileError::io("create", &dir, source))?;
    }
    copy_entries(&source, &place, &key, &backed_up, segment_size, progress)?;
    for (size, kept) in Checkpoints::read(&source.join("checkpoints"), &key)?.good {
        let bytes = fs::read(&kept.path).map_err(MaintainError::read(&kept.path))?;
        write_atomically(&place.join("checkpoints").join(size.to_string()), &bytes, 0o644)?;
    }
    write_atomically(&place.join("vkey"), format!("{key}\n").as_bytes(), 0o644)?;
    let signed = check_roots(&place, &key)?;
    let settings = from.join("granary.toml");
    if settings.is_file() {
        let bytes = fs::read(&settings).map_err(MaintainError::read(&settings))?;
        write_atomically(&unfinished.join("granary.toml"), &bytes, 0o644)?;
    }
    let keys = from.join("keys");
    if keys.is_dir() {
        copy_keys(&keys, &unfinished.join("keys"))?;
    }
    finish(&unfinished, dir)?;
    Ok(Restored {
        origin: backed_up.origin,
        chain_dir: dir.join("chains").join(&backed_up.chain),
        size: backed_up.size,
        signed,
        keys: keys.is_dir(),
    })
}

fn check_empty(dir: &Path) -> Result<(), MaintainError> {
    let is_empty = fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
    if is_empty && !dir.is_file() {
        return Ok(());
    }
    let origins: Vec<String> = chain_dirs(dir)
        .unwrap_or_default()
        .iter()
        .filter_map(|chain| read_vkey(chain).ok())
        .map(|key| key.name().to_owned())
        .collect();
    let holds = if origins.is_empty() {
        String::new()
    } else {
        format!(": it holds {}", origins.join(", "))
    };
    Err(MaintainError::NotEmpty { path: dir.to_owned(), holds })
}

pub(super) fn read_manifest(from: &Path) -> Result<BackedUp, MaintainError> {
    let path = from.join(BACKUP_FILE);
    let no_backup = |why: String| MaintainError::NoBackup { path: from.to_owned(), why };
    let bytes = fs::read(&path).map_err(|error| no_backup(format!("{BACKUP_FILE}: {error}")))?;
    serde_json::from_slice(&bytes).map_err(|error| no_backup(format!("{BACKUP_FILE}: {error}")))
}

fn copy_entries(
    source: &Path,
    place: &Path,
    key: &VerifierKey,
    backed_up: &BackedUp,
    segment_size: SegmentSize,
    progress: Progress<'_>,
) -> Result<(), MaintainError> {
    let storage = FileStorage::read_only(&source.join("log"));
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = recover(&storage, key.name(), options)?;
    let mut copier = Copier::open(&place.join("log"), key.name(), segment_size)?;
    for entry in SegmentReader::new(&storage, &recovered.index, 0, backed_up.size) {
        let entry = entry.map_err(|error| MaintainError::Read {
            path: source.join("log"),
            source: io::Error::other(error),
        })?;
        let index = entry.index;
        copier.push(entry)?;
        if index.is_multiple_of(TELL_EVERY) {
            progress(index, backed_up.size);
        }
    }
    copier.finish()?;
    progress(backed_up.size, backed_up.size);
    let (size, root) = (copier.head().0, copier.root().to_string());
    if size == backed_up.size && root == backed_up.root {
        return Ok(());
    }
    let why = format!(
        "it holds {size} entries with root {root}, and says {} with {}",
        backed_up.size, backed_up.root
    );
    Err(MaintainError::NoBackup { path: source.to_owned(), why })
}

/// Compares every checkpoint of a chain's directory with its entries. How many entries the newest covers.
pub(super) fn check_roots(place: &Path, key: &VerifierKey) -> Result<u64, MaintainError> {
    let checkpoints = Checkpoints::read(&place.join("checkpoints"), key)?;
    let storage = FileStorage::read_only(&place.join("log"));
    let options = RecoverOptions { scan: Scan::LastSegment, cut_damaged_tail: false };
    let recovered = recover(&storage, key.name(), options)?;
    let mut range = CompactRange::new();
    let mut entries = SegmentReader::new(&storage, &recovered.index, 0, recovered.head.size);
    for (size, kept) in &checkpoints.good {
        while range.size() < *size {
            let entry = entries.next().and_then(Result::ok);
            let entry = entry.ok_or(MaintainError::OtherHistory { size: *size })?;
            range.push(leaf_hash(&entry.bytes));
        }
        if range.root() != kept.checkpoint.root() {
            return Err(MaintainError::OtherHistory { size: *size });
        }
    }
    Ok(range.size())
}

/// Where a directory is put together: beside it, so that a rename moves it.
fn unfinished(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    dir.with_file_name(name)
}

fn remove(dir: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::io("remove", dir, error))
        }
        _ => Ok(()),
    }
}

/// Gives the directory its name. An empty one of that name is replaced.
fn finish(unfinished: &Path, dir: &Path) -> Result<(), FileError> {
    fs::rename(unfinished, dir).map_err(|source| FileError::io("rename", unfinished, source))?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => sync_dir(Path::new(".")),
    }
}
