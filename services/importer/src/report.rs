//! What an import came to.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use serde::Serialize;

/// What became of a file: every row is counted once, as imported, quarantined or rejected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows of the file.
    pub rows: u64,
    /// Rows on the chain; in a dry run, rows that would be sent.
    pub imported: u64,
    /// Rows, of all, that earlier runs had brought to the chain's judgement.
    pub decided_before: u64,
    /// Rows that somebody may still confirm, by code. `DEVIATION` are on the chain and wait there for a
    /// second person; all others contradict themselves and are in the rejects file.
    pub quarantined: BTreeMap<String, u64>,
    /// Rows that are not on the chain, by code.
    pub rejected: BTreeMap<String, u64>,
    /// What a person should know of rows that were imported, by code; a row may have several.
    pub notes: BTreeMap<&'static str, u64>,
    /// Parties registered in this run.
    pub parties_made: u64,
    /// Commodities registered in this run.
    pub commodities_made: u64,
    /// Price feeds registered in this run.
    pub feeds_made: u64,
    /// Entries that this run added to the chain.
    pub entries_appended: u64,
    /// Whether nothing was sent.
    pub dry_run: bool,
    /// Where rows that are not on the chain were written.
    pub rejects_file: Option<PathBuf>,
    /// How long it took.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
}

fn as_millis<S: serde::Serializer>(elapsed: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

impl Report {
    /// Rows quarantined, for whatever reason.
    pub fn quarantined(&self) -> u64 {
        self.quarantined.values().sum()
    }

    /// Rows rejected, for whatever reason.
    pub fn rejected(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Whether the run found everything done.
    pub fn changed_nothing(&self) -> bool {
        !self.dry_run && self.entries_appended == 0
    }

    /// Rows a second.
    pub fn rows_per_second(&self) -> u64 {
        let millis = self.elapsed.as_millis().max(1);
        u64::try_from(u128::from(self.rows) * 1_000 / millis).unwrap_or(u64::MAX)
    }

    /// Every row is counted, and once.
    pub(crate) fn check(&self) {
        let counted = self.imported + self.quarantined() + self.rejected();
        assert_eq!(counted, self.rows, "imported + quarantined + rejected = rows: {self:?}");
    }
}

fn table(f: &mut fmt::Formatter<'_>, name: &str, of: &BTreeMap<String, u64>) -> fmt::Result {
    write!(f, "\n{:>9} {name}", of.values().sum::<u64>())?;
    of.iter().try_for_each(|(code, count)| write!(f, "\n{count:>13} {code}"))
}

impl fmt::Display for Report {
    /// Several lines, without a line end after the last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let imported = if self.dry_run { "would be imported" } else { "imported" };
        write!(f, "{:>9} rows\n{:>9} {imported}", self.rows, self.imported)?;
        for (code, count) in &self.notes {
            write!(f, "\n{count:>13} notes {code}")?;
        }
        table(f, "quarantined", &self.quarantined)?;
        table(f, "rejected", &self.rejected)?;
        let made = if self.dry_run { "needed" } else { "made" };
        write!(f, "\n{:>9} parties {made}", self.parties_made)?;
        write!(f, "\n{:>9} commodities {made}", self.commodities_made)?;
        if self.feeds_made > 0 {
            write!(f, "\n{:>9} price feeds {made}", self.feeds_made)?;
        }
        write!(f, "\n{:>9} entries appended", self.entries_appended)?;
        let seconds = self.elapsed.as_secs_f64();
        write!(f, "\n{seconds:>9.1} seconds, {} rows/s", self.rows_per_second())?;
        if let Some(path) = &self.rejects_file {
            write!(f, "\nrows that are not on the chain, and why: {}", path.display())?;
        }
        if self.changed_nothing() {
            write!(f, "\nnothing to do: all of this was imported before, and nothing was changed")?;
        }
        Ok(())
    }
}
