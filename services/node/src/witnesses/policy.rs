//! When a checkpoint counts as cosigned.

use std::collections::BTreeSet;

/// So many of the witnesses, and every required one among them. Witnesses are numbered from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// How many it takes.
    pub(crate) needed: usize,
    /// Which it can't do without.
    pub(crate) required: BTreeSet<usize>,
}

impl Policy {
    /// Whether these witnesses are enough.
    pub(crate) fn is_met(&self, by: &BTreeSet<usize>) -> bool {
        by.len() >= self.needed && self.required.is_subset(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_cosign_and_the_required_ones_among_them() {
        for (needed, required, by, met) in [
            (0, &[][..], &[][..], true),
            (0, &[1], &[], false),
            (0, &[1], &[1], true),
            (2, &[], &[0], false),
            (2, &[], &[0, 2], true),
            (2, &[1], &[0, 2], false),
            (2, &[1], &[0, 1], true),
            (1, &[0, 1], &[1], false),
        ] {
            let policy = Policy { needed, required: required.iter().copied().collect() };
            assert_eq!(policy.is_met(&by.iter().copied().collect()), met, "{policy:?} {by:?}");
        }
    }
}
