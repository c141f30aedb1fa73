//! Negative controls: mistakes in the disk or in how the log is used, each of which the simulation
//! must notice, or its green means nothing. None of them is in the code under test.

use std::str::FromStr;

/// A planted mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// The disk says that it has synced, and has not.
    LyingSync,
    /// A sync that failed is tried again, and what then succeeds is believed.
    RetryAfterFailedSync,
    /// The signer signs without looking at what it signed before.
    SkippedConsistencyCheck,
    /// New names are not made durable.
    UnsyncedDirectory,
    /// A caller is told before the sync has returned.
    AcknowledgedBeforeSync,
    /// Recovery is told to cut off whatever is damaged at the end.
    CutWhateverIsDamaged,
    /// A write of what can be read there already is left out.
    EqualWritesSkipped,
    /// New segments hold what their blocks held before.
    SegmentsNotZeroed,
    /// A torn tail is not overwritten with zeros.
    TornTailLeft,
    /// Errors of the disk are not passed on.
    ErrorsSwallowed,
    /// The sync comes before the write that it is for.
    WrittenAfterSync,
}

impl Sabotage {
    pub(crate) const ALL: [(&str, Self); 11] = [
        ("lying-sync", Self::LyingSync),
        ("retry-after-failed-sync", Self::RetryAfterFailedSync),
        ("skipped-consistency-check", Self::SkippedConsistencyCheck),
        ("unsynced-directory", Self::UnsyncedDirectory),
        ("acknowledged-before-sync", Self::AcknowledgedBeforeSync),
        ("cut-whatever-is-damaged", Self::CutWhateverIsDamaged),
        ("equal-writes-skipped", Self::EqualWritesSkipped),
        ("segments-not-zeroed", Self::SegmentsNotZeroed),
        ("torn-tail-left", Self::TornTailLeft),
        ("errors-swallowed", Self::ErrorsSwallowed),
        ("written-after-sync", Self::WrittenAfterSync),
    ];
}

impl FromStr for Sabotage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(name, _)| *name == text);
        known.map(|(_, sabotage)| *sabotage).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|(name, _)| *name).collect();
            format!("no sabotage is called {text}; there are {}", names.join(", "))
        })
    }
}
