//! Typed tables over the state.

use std::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};

use super::{BrokenHistory, Key, View};

/// The version byte before every value. A value written by a later form has another one.
const VALUE_VERSION: u8 = 1;

/// A table's first key byte and its name. All of them stand in `registry.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// First byte of each key.
    pub byte: u8,
    /// What people call the table.
    pub name: &'static str,
}

/// A stored value, for whoever reads rows without a view; `None` when the bytes are no such value.
pub fn decode_value<V: DeserializeOwned>(bytes: &[u8]) -> Option<V> {
    match bytes.split_first() {
        Some((&VALUE_VERSION, rest)) => postcard::from_bytes(rest).ok(),
        _ => None,
    }
}

/// A table from `K` to `V`.
pub struct Table<K, V> {
    prefix: Prefix,
    types: PhantomData<fn(K) -> V>,
}

impl<K: Key, V: Serialize + DeserializeOwned> Table<K, V> {
    /// The table under a prefix of the registry.
    pub const fn new(prefix: Prefix) -> Self {
        Self { prefix, types: PhantomData }
    }

    /// Its prefix.
    pub const fn prefix(&self) -> Prefix {
        self.prefix
    }

    fn key(&self, key: &K) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + K::LEN);
        bytes.push(self.prefix.byte);
        key.write(&mut bytes);
        bytes
    }

    fn decode(view: &View<'_>, bytes: &[u8]) -> Option<V> {
        let value = decode_value(bytes);
        if value.is_none() {
            view.report_broken(BrokenHistory("a value of the state does not decode"));
        }
        value
    }

    /// The value under a key.
    pub fn get(&self, view: &View<'_>, key: &K) -> Option<V> {
        let bytes = view.get(&self.key(key))?;
        Self::decode(view, &bytes)
    }

    /// Whether there is a value under a key.
    pub fn has(&self, view: &View<'_>, key: &K) -> bool {
        view.get(&self.key(key)).is_some()
    }

    /// Sets the value under a key.
    pub fn put(&self, view: &mut View<'_>, key: &K, value: &V) {
        match postcard::to_extend(value, vec![VALUE_VERSION]) {
            Ok(bytes) => view.put(self.key(key), bytes),
            Err(_) => view.report_broken(BrokenHistory("a value of the state does not encode")),
        }
    }

    /// Removes a key.
    pub fn delete(&self, view: &mut View<'_>, key: &K) {
        view.delete(self.key(key));
    }

    /// Up to `limit` rows whose keys begin with `part`, those after `after` when given, ascending.
    pub fn scan<P: Key>(
        &self,
        view: &View<'_>,
        part: &P,
        after: Option<&K>,
        limit: usize,
    ) -> Vec<(K, V)> {
        let mut prefix = vec![self.prefix.byte];
        part.write(&mut prefix);
        let after = after.map(|key| self.key(key));
        view.range(&prefix, after.as_deref(), limit)
            .into_iter()
            .filter_map(|(key, value)| {
                let read = K::read(&key[1..]);
                if read.is_none() {
                    view.report_broken(BrokenHistory("a key of the state does not decode"));
                }
                Some((read?, Self::decode(view, &value)?))
            })
            .collect()
    }
}
