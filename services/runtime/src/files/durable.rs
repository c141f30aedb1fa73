//! What to do when a sync fails.

use std::io;
use std::path::Path;

/// Returns if `synced` is `Ok`; otherwise logs and **aborts the process**.
///
/// After a failed fsync or fdatasync nobody knows what is on the disk: Linux marks the dirty
/// pages clean, so a second call succeeds although nothing was written. Retrying, or going on,
/// could acknowledge statements that are gone after a power cut. After a restart the log is read
/// back from the disk, and only what is there counts.
///
/// Source: Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020.
pub fn durable_or_abort(synced: io::Result<()>, path: &Path) {
    let Err(error) = synced else { return };
    let path = path.display();
    if tracing::dispatcher::has_been_set() {
        tracing::error!(%path, %error, "sync failed: what is on the disk isn't known, aborting");
    } else {
        eprintln!("sync of {path} failed: {error}: what is on the disk isn't known, aborting");
    }
    std::process::abort();
}
