//! Counts what is heard, row by row, and keeps what is set aside.

use std::{collections::BTreeMap, path::Path};

use granary_book::{
    parties::RegisterParty,
    registries::{SetCommodity, SetPriceFeed},
    wire::Message,
};
use granary_import::rejects::{self, RejectsWriter};

use crate::{
    Progress,
    error::ImportError,
    outcome::ItemVerdict,
    plan::Planned,
    records::{RawRows, SetAside},
    report::Report,
    send::Heard,
};

/// The code of what the book holds back.
const DEVIATION: &str = "DEVIATION";

pub(crate) struct Tally<'p> {
    report: Report,
    rejects: Option<RejectsWriter>,
    raw: RawRows,
    rows: u64,
    progress: &'p mut dyn FnMut(Progress),
}

impl<'p> Tally<'p> {
    /// * `rows`: how many there are in all, for progress.
    pub(crate) fn begin(
        file: &Path,
        rejects: Option<&Path>,
        rows: u64,
        progress: &'p mut dyn FnMut(Progress),
    ) -> Result<Self, ImportError> {
        let writer = rejects.map(RejectsWriter::create).transpose()?;
        let report = Report { rejects_file: rejects.map(Path::to_owned), ..Report::default() };
        Ok(Self { report, rejects: writer, raw: RawRows::open(file)?, rows, progress })
    }

    /// Counts a statement that rows need, when it was said in this run.
    pub(crate) fn made(&mut self, said: &Planned, now: bool) {
        if !now {
            return;
        }
        self.report.entries_appended += 1;
        match said.type_name {
            RegisterParty::NAME => self.report.parties_made += 1,
            SetCommodity::NAME => self.report.commodities_made += 1,
            SetPriceFeed::NAME => self.report.feeds_made += 1,
            // Keys: each party has one.
            _ => {}
        }
    }

    /// Counts a row that an import would send.
    pub(crate) fn would_import(&mut self) {
        self.report.rows += 1;
        self.report.imported += 1;
        self.tell();
    }

    fn tell(&mut self) {
        (self.progress)(Progress { rows: self.report.rows, of: self.rows });
    }

    /// Counts rows.
    pub(crate) fn hear(&mut self, heard: Heard) -> Result<(), ImportError> {
        match heard {
            Heard::SetAside(row) => self.set_aside(&row)?,
            Heard::Decided { said, decided, now } => {
                self.report.entries_appended += u64::from(now);
                if !now {
                    self.report.decided_before += said.rows.len() as u64;
                }
                for (n, place) in said.rows.iter().enumerate() {
                    self.report.rows += 1;
                    match decided.of_row(n, said.rows.len()) {
                        ItemVerdict::Accepted => self.report.imported += 1,
                        ItemVerdict::Quarantined => {
                            count(&mut self.report.quarantined, DEVIATION);
                        }
                        ItemVerdict::Refused { name, message } => {
                            count(&mut self.report.rejected, &name);
                            let row = self.raw.set_aside(place, name, message, false)?;
                            self.keep(&row)?;
                        }
                    }
                }
            }
        }
        self.tell();
        Ok(())
    }

    fn set_aside(&mut self, row: &SetAside) -> Result<(), ImportError> {
        self.report.rows += 1;
        let counts = match row.quarantined {
            true => &mut self.report.quarantined,
            false => &mut self.report.rejected,
        };
        count(counts, &row.code);
        self.keep(row)
    }

    fn keep(&mut self, row: &SetAside) -> Result<(), ImportError> {
        let Some(writer) = &mut self.rejects else { return Ok(()) };
        writer.record(&rejects::SetAside {
            line: row.line,
            key: &row.key,
            code: &row.code,
            reason: &row.reason,
            row: &row.raw,
        })?;
        Ok(())
    }

    /// Puts the rejects file in its place.
    ///
    /// # Panics
    ///
    /// When a row is not counted, or counted twice.
    pub(crate) fn finish(
        mut self,
        notes: BTreeMap<&'static str, u64>,
    ) -> Result<Report, ImportError> {
        self.report.notes = notes;
        self.report.check();
        assert_eq!(self.report.rows, self.rows, "every row that was read is counted");
        if let Some(rejects) = self.rejects {
            rejects.finish()?;
        }
        Ok(self.report)
    }
}

fn count(counts: &mut BTreeMap<String, u64>, code: &str) {
    *counts.entry(code.to_owned()).or_default() += 1;
}
