//! Batches and positions that tell by themselves which number they have.

use granary_runtime::store::{Batch, Change, Position, StateStore, StoreOptions};

pub(crate) fn small() -> StoreOptions {
    StoreOptions { cache_bytes: 16 << 20, verify_at_open: false }
}

pub(crate) fn position(size: u64) -> Position {
    let mut leaf_hash = [0; 32];
    leaf_hash[..8].copy_from_slice(&size.to_be_bytes());
    Position { size, leaf_hash, chain_origin: "example.org/rice-0a1b2c3d".to_owned() }
}

pub(crate) fn batch(size: u64, changes: Vec<Change>) -> Batch {
    Batch { position: position(size), changes }
}

/// Batch `n`: its own number under one key, a hundred keys that only it has, and it deletes those
/// of the batch before. So contents and position can be told to belong together.
pub(crate) fn numbered(n: u64) -> Batch {
    let key = |n: u64, i: u64| [&b"k"[..], &n.to_be_bytes(), &i.to_be_bytes()].concat();
    let mut changes = vec![(b"n".to_vec(), Some(n.to_be_bytes().to_vec()))];
    for i in 0..100 {
        changes.push((key(n, i), Some(vec![n.to_be_bytes()[7]; 200])));
        changes.push((key(n - 1, i), None));
    }
    batch(n, changes)
}

/// The contents that batch `n` leaves behind, whatever came before.
pub(crate) fn assert_stands_at(store: &dyn StateStore, n: u64, context: &str) {
    assert_eq!(store.position().unwrap(), Some(position(n)), "{context}");
    let counter = store.get(b"n").unwrap();
    assert_eq!(counter.as_deref(), Some(&n.to_be_bytes()[..]), "{context}");
    let keys = store.range(b"k", None, 1_000).unwrap();
    assert_eq!(keys.len(), 100, "{context}: keys of one batch");
    for (key, value) in keys {
        assert_eq!(key[1..9], n.to_be_bytes(), "{context}: a key of another batch");
        assert_eq!(value, vec![n.to_be_bytes()[7]; 200], "{context}");
    }
}
