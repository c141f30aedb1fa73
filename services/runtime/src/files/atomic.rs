//! Small files that are there whole: the old content or the new.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::FileError;

/// Replaces the file at `path` by `bytes`: writes a file beside it, syncs it, renames it over
/// `path` and syncs the directory. Takes some milliseconds; not for a hot path.
///
/// * `mode` — permission bits of the new file, such as `0o600` for secrets. The process's umask
///   can only narrow them.
///
/// One writer at a time per path: the file beside it is `NAME.tmp`.
///
/// # Errors
///
/// [`FileError`]. Then the old content or the new is there, whole; which one, only reading
/// tells. A failed sync isn't retried here, nor need it abort: the file it belongs to is given
/// up, or its name was not yet promised to anybody.
pub fn write_atomically(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    let tmp = tmp_path(path);
    let written = write_synced(&tmp, bytes, mode)
        .and_then(|()| fs::rename(&tmp, path))
        .map_err(|source| FileError::io("write", path, source));
    if written.is_err() {
        // Half a file with half a secret; if this fails too, the next write replaces it.
        let _ = fs::remove_file(&tmp);
    }
    written?;
    sync_dir(parent(path))
}

/// Like [`write_atomically`], for a file that must not exist yet.
///
/// # Errors
///
/// [`FileError::Io`] of kind `AlreadyExists` if it does; then it is untouched.
pub fn create_atomically(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    let tmp = tmp_path(path);
    // A link, unlike a rename, fails when the name is taken.
    let linked = write_synced(&tmp, bytes, mode).and_then(|()| fs::hard_link(&tmp, path));
    // Whether linked or not; a leftover is replaced by the next write.
    let _ = fs::remove_file(&tmp);
    linked.map_err(|source| FileError::io("create", path, source))?;
    sync_dir(parent(path))
}

/// Makes the names in `dir` durable: files created, renamed or removed.
///
/// # Errors
///
/// [`FileError`]; the names may or may not be there after a crash.
pub fn sync_dir(dir: &Path) -> Result<(), FileError> {
    File::open(dir)
        .and_then(|file| file.sync_all())
        .map_err(|source| FileError::io("sync directory", dir, source))
}

fn write_synced(tmp: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    // A leftover of a crash may have other permissions, which opening wouldn't change.
    match fs::remove_file(tmp) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(tmp)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn tmp_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vkey");
        write_atomically(&path, b"a long first content", 0o644).unwrap();
        write_atomically(&path, b"second", 0o644).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_secret_is_never_wider_than_asked_even_over_a_leftover_of_a_crash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.key");
        let leftover = dir.path().join("log.key.tmp");
        fs::write(&leftover, b"half").unwrap();
        fs::set_permissions(&leftover, fs::Permissions::from_mode(0o666)).unwrap();
        write_atomically(&path, b"secret", 0o600).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), b"secret");
    }

    #[test]
    fn a_file_that_exists_is_not_created_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.key");
        create_atomically(&path, b"first", 0o600).unwrap();
        let error = create_atomically(&path, b"second", 0o600).unwrap_err();
        let FileError::Io { source, .. } = &error else { panic!("{error}") };
        assert_eq!(source.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_content() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("signer");
        write_atomically(&path, b"old", 0o600).unwrap();
        // A directory where the new file should be written: that can't be replaced by a file.
        fs::create_dir(dir.path().join("signer.tmp")).unwrap();
        let error = write_atomically(&path, b"new", 0o600).unwrap_err();
        assert!(matches!(error, FileError::Io { action: "write", .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn a_full_disk_is_named_with_what_to_do() {
        let error = FileError::io("write", Path::new("d/log"), io::ErrorKind::StorageFull.into());
        assert_eq!(
            error.to_string(),
            "disk is full at d/log: can't write; free space and restart; \
             nothing acknowledged was lost"
        );
    }
}
