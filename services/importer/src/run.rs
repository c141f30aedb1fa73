//! An import from its beginning to its end.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Instant};

use granary_import::Source;

use crate::{
    Job, Node, Progress,
    custody::Registrar,
    error::ImportError,
    journal::Journal,
    outcome::{Decided, ItemVerdict},
    plan::Planned,
    records::{RawRows, Record, Records, file_digest},
    report::Report,
    send::{Doubt, Heard, Sender, Step},
    tally::Tally,
    trade::{Needs, Trade, Unfit},
};

/// What a first reading of the file finds.
struct Survey<T> {
    trade: T,
    rows: u64,
    notes: BTreeMap<&'static str, u64>,
}

fn records<T: Trade>(file: &Path) -> Result<Records<T::Reader>, ImportError> {
    let source = Source::open(file, T::FORMAT)?;
    Ok(Records::new(T::reader(source), RawRows::open(file)?))
}

/// Reads the file once, so that all that its rows need is known before the first of them is said.
fn survey<T: Trade>(file: &Path) -> Result<Survey<T>, ImportError> {
    let mut survey = Survey { trade: T::default(), rows: 0, notes: BTreeMap::new() };
    for record in records::<T>(file)? {
        survey.rows += 1;
        if let Record::Kept { row, notes, .. } = record? {
            // Why a row can't be said is told when its turn to be said comes.
            if survey.trade.note(&row).is_ok() {
                for note in notes {
                    *survey.notes.entry(note).or_default() += 1;
                }
            }
        }
    }
    Ok(survey)
}

/// Imports a file.
pub(crate) async fn import<T: Trade>(
    node: &Node,
    job: &Job,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, ImportError> {
    let begun = Instant::now();
    let Survey { mut trade, rows, notes } = survey::<T>(&job.file)?;
    let file = file_digest(&job.file)?;
    let journal = Journal::open(&job.journal_of(&file), &node.origin, &file)?;
    let mut tally = Tally::begin(&job.file, job.rejects.as_deref(), rows, progress)?;
    let keys_dir = job.keys_dir();
    let key = Arc::new(job.registrar_key.clone());
    let registrar = Registrar { party: job.registrar, key, keys_dir: &keys_dir };
    let needs = trade.set_up(&registrar)?;
    let mut sender = Sender::new(node, journal);
    set_up(&mut sender, needs, &mut tally).await?;
    let mut steps = trade.steps(records::<T>(&job.file)?, file);
    sender.run(&mut steps, Doubt::UntilUnknown, &mut |heard| tally.hear(heard)).await?;
    let mut report = tally.finish(notes)?;
    report.elapsed = begun.elapsed();
    Ok(report)
}

/// Sees to it that everything is there that rows need. Another import may have made some of it.
async fn set_up(
    sender: &mut Sender<'_>,
    needs: Vec<Planned>,
    tally: &mut Tally<'_>,
) -> Result<(), ImportError> {
    let (made, missing) = sender.look_up(needs).await?;
    for (said, decided) in &made {
        require(said, decided)?;
    }
    let mut steps = missing.into_iter().map(|said| Ok(Step::Say(said)));
    let mut hear = |heard: Heard| {
        let Heard::Decided { said, decided, now } = heard else { return Ok(()) };
        require(&said, &decided)?;
        tally.made(&said, now);
        Ok(())
    };
    sender.run(&mut steps, Doubt::None, &mut hear).await
}

fn require(said: &Planned, decided: &Decided) -> Result<(), ImportError> {
    match decided.of_row(0, 1) {
        ItemVerdict::Accepted | ItemVerdict::Quarantined => Ok(()),
        ItemVerdict::Refused { name, message } => {
            Err(ImportError::SetupRefused { what: said.type_name, name, message })
        }
    }
}

/// Reads a file as an import would and says nothing.
pub(crate) fn dry_run<T: Trade>(
    file: &Path,
    rejects: Option<&Path>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, ImportError> {
    let begun = Instant::now();
    let Survey { mut trade, rows, notes } = survey::<T>(file)?;
    let mut tally = Tally::begin(file, rejects, rows, progress)?;
    let raw = RawRows::open(file)?;
    for record in records::<T>(file)? {
        match record? {
            Record::SetAside(row) => tally.hear(Heard::SetAside(row))?,
            Record::Kept { row, place, .. } => match trade.note(&row) {
                Ok(()) => tally.would_import(),
                Err(Unfit { code, reason }) => {
                    let row = raw.set_aside(&place, code.to_owned(), reason, false)?;
                    tally.hear(Heard::SetAside(row))?;
                }
            },
        }
    }
    let mut report = tally.finish(notes)?;
    let Needs { parties, commodities, feeds } = trade.needs();
    (report.parties_made, report.commodities_made, report.feeds_made) =
        (parties, commodities, feeds);
    report.dry_run = true;
    report.elapsed = begun.elapsed();
    Ok(report)
}
