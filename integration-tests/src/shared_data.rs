//! Real data, where it is at hand.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Names the directory that holds the real files.
const SHARED_DATA: &str = "GRANARY_SHARED_DATA";

/// A file of the real data, by its path below their directory; nothing, and a word about it, where it is
/// absent.
pub fn shared_data(name: &str) -> Option<PathBuf> {
    let beside_the_project = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let directory = env::var_os(SHARED_DATA).map_or_else(beside_the_project, PathBuf::from);
    let path = directory.join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("SKIPPED: {name} is not here; set {SHARED_DATA} to the directory of real data");
    None
}
