//! The view: what a statement sees, and the changes it makes, layer upon layer.

use std::{cell::Cell, collections::BTreeMap, ops::Bound};

/// Changes to the state: a key's new value, or `None` where it was deleted.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What lies beneath a view. Read-only: changes come out of [`View::into_changes`].
///
/// A base that can't read answers as if nothing were there and remembers the failure; its owner looks
/// for one after each statement, before anything is kept or answered.
pub trait Base {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// Up to `limit` pairs whose keys begin with `prefix` and, when `after` is given, come after it;
    /// in ascending order.
    fn range(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<(Vec<u8>, Vec<u8>)>;
}

/// A base that holds nothing: where a chain begins.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmptyBase;

impl Base for EmptyBase {
    fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
    fn range(&self, _: &[u8], _: Option<&[u8]>, _: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        Vec::new()
    }
}

impl Base for Changes {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        BTreeMap::get(self, key).cloned().flatten()
    }
    fn range(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        within(self, prefix, after)
            .filter_map(|(key, value)| value.as_ref().map(|value| (key.clone(), value.clone())))
            .take(limit)
            .collect()
    }
}

/// The state contradicts itself or the history: nobody's request did this. The node stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the state contradicts the history: {0}")]
pub struct BrokenHistory(pub &'static str);

/// The state as a statement sees it: a base, and layers of changes above it.
///
/// A layer is begun before something that may be taken back (a linked batch, an item of an independent
/// one) and then either kept or dropped.
pub struct View<'b> {
    base: &'b dyn Base,
    layers: Vec<Changes>,
    broken: Cell<Option<BrokenHistory>>,
}

impl<'b> View<'b> {
    /// Over a base, with one empty layer.
    pub fn new(base: &'b dyn Base) -> Self {
        Self { base, layers: vec![Changes::new()], broken: Cell::new(None) }
    }

    /// Begins a layer.
    pub fn begin(&mut self) {
        self.layers.push(Changes::new());
    }

    /// Keeps the topmost layer: its changes become those of the layer beneath.
    pub fn keep(&mut self) {
        if self.layers.len() > 1
            && let Some(top) = self.layers.pop()
            && let Some(below) = self.layers.last_mut()
        {
            below.extend(top);
        }
    }

    /// Drops the topmost layer with its changes.
    pub fn drop_layer(&mut self) {
        if self.layers.len() > 1 {
            self.layers.pop();
        }
    }

    /// All changes made and kept.
    pub fn into_changes(self) -> Changes {
        self.layers.into_iter().fold(Changes::new(), |mut all, layer| {
            all.extend(layer);
            all
        })
    }

    /// Remembers that the state contradicts itself. The first one counts.
    pub(crate) fn report_broken(&self, broken: BrokenHistory) {
        if self.broken.get().is_none() {
            self.broken.set(Some(broken));
        }
    }

    /// The contradiction found, if any.
    pub fn broken(&self) -> Option<BrokenHistory> {
        self.broken.get()
    }

    /// The bytes under a key.
    pub fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        for layer in self.layers.iter().rev() {
            if let Some(value) = layer.get(key) {
                return value.clone();
            }
        }
        self.base.get(key)
    }

    /// Sets the bytes under a key.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.change(key, Some(value));
    }

    /// Deletes a key.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.change(key, None);
    }

    fn change(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.layers.last_mut().expect("never without a layer").insert(key, value);
    }

    /// Up to `limit` pairs whose keys begin with `prefix` and come after `after`, ascending.
    pub fn range(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut changed: BTreeMap<&[u8], Option<&[u8]>> = BTreeMap::new();
        for layer in &self.layers {
            for (key, value) in within(layer, prefix, after) {
                changed.insert(key, value.as_deref());
            }
        }
        // At most as many of the base's pairs are hidden as there are changes in the range.
        let below = self.base.range(prefix, after, limit.saturating_add(changed.len()));
        let mut merged: BTreeMap<Vec<u8>, Vec<u8>> = below.into_iter().collect();
        for (key, value) in changed {
            match value {
                Some(value) => drop(merged.insert(key.to_vec(), value.to_vec())),
                None => drop(merged.remove(key)),
            }
        }
        merged.into_iter().take(limit).collect()
    }
}

/// The entries of `changes` under `prefix` and after `after`, ascending.
fn within<'c>(
    changes: &'c Changes,
    prefix: &'c [u8],
    after: Option<&'c [u8]>,
) -> impl Iterator<Item = (&'c Vec<u8>, &'c Option<Vec<u8>>)> {
    let from = match after {
        Some(after) if after >= prefix => Bound::Excluded(after),
        _ => Bound::Included(prefix),
    };
    changes
        .range::<[u8], _>((from, Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Put(u8, u8),
        Delete(u8),
        Begin,
        Keep,
        Drop,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0u8..16, any::<u8>()).prop_map(|(k, v)| Step::Put(k, v)),
            2 => (0u8..16).prop_map(Step::Delete),
            1 => Just(Step::Begin),
            1 => Just(Step::Keep),
            1 => Just(Step::Drop),
        ]
    }

    proptest! {
        /// The layers against a stack of whole copies.
        #[test]
        fn a_view_is_its_base_with_the_kept_changes(
            base in prop::collection::btree_map(0u8..16, any::<u8>(), 0..10),
            steps in prop::collection::vec(step(), 0..40),
            prefix in 0u8..4, after in prop::option::of(0u8..16), limit in 0usize..6,
        ) {
            let key = |k: u8| vec![k / 4, k % 4];
            let below: Changes = base.iter().map(|(k, v)| (key(*k), Some(vec![*v]))).collect();
            let mut view = View::new(&below);
            let mut model = vec![base];
            for step in steps {
                match step {
                    Step::Put(k, v) => {
                        view.put(key(k), vec![v]);
                        model.last_mut().expect("one").insert(k, v);
                    }
                    Step::Delete(k) => {
                        view.delete(key(k));
                        model.last_mut().expect("one").remove(&k);
                    }
                    Step::Begin => {
                        view.begin();
                        model.push(model.last().expect("one").clone());
                    }
                    Step::Keep if model.len() > 1 => {
                        view.keep();
                        let top = model.pop().expect("two");
                        *model.last_mut().expect("one") = top;
                    }
                    Step::Drop if model.len() > 1 => {
                        view.drop_layer();
                        model.pop();
                    }
                    Step::Keep | Step::Drop => {}
                }
                let top = model.last().expect("one");
                for k in 0..16 {
                    prop_assert_eq!(view.get(&key(k)), top.get(&k).map(|v| vec![*v]));
                }
            }
            let top = model.last().expect("one");
            let expected: Vec<_> = top.iter()
                .filter(|(k, _)| **k / 4 == prefix && after.is_none_or(|after| **k > after))
                .map(|(k, v)| (key(*k), vec![*v])).take(limit).collect();
            let after = after.map(key);
            prop_assert_eq!(view.range(&[prefix], after.as_deref(), limit), expected);
        }
    }
}
