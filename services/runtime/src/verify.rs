//! Verifies a log's evidence against itself and against what its log key signed. Needs no server and changes
//! nothing.
//!
//! What is checked (format.md section 8.4): the signed checkpoints and required cosignatures; that bundles
//! or segments lead to the signed roots; every tile; the chain, its order and its times; the statements'
//! signatures and whether their keys counted; sizes, order of signers and strict encoding; that every kept
//! checkpoint, also those that the auditor brings, is one of this history; and the results, by the rules.
//!
//! * `source`, `http`: where the evidence is.
//! * `checkpoints`: what was signed.
//! * `entries`: entries out of segments, behind damage too.
//! * `workers`: the entries of a tile checked by whichever core is free, joined in order.
//! * `rules`: results computed again, and keys that counted.
//! * `strays`: files among the tiles that nothing asked for.
//! * `proof`: files that carry a proof or evidence.

mod checkpoints;
mod entries;
mod http;
mod proof;
mod report;
mod rules;
mod source;
mod strays;
mod workers;

use std::{cell::RefCell, path::Path};

use granary_log::{
    checkpoint::Checkpoint,
    note::{Note, VerifierKey},
    tree::Tree,
    two_histories::TwoHistories,
    verify::{TileSource, Verifier},
};

pub(crate) use self::report::error_line;
use self::{
    checkpoints::Signed,
    entries::Entries,
    report::Teller,
    rules::Rules,
    source::{Evidence, Published},
    workers::Workers,
};
pub use self::{
    proof::{Proved, verify_proof},
    report::{Checks, FAULTS_KEPT, Found, Report, VerifyError},
    source::{Source, chain_dirs},
};

/// What an auditor brings along.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The log's key; without one the key beside the log is believed, which shows that the log agrees with
    /// itself and not whose it is.
    pub vkey: Option<VerifierKey>,
    /// Witnesses that must have cosigned.
    pub witnesses: Vec<VerifierKey>,
    /// Checkpoints that the log must continue.
    pub since: Vec<Note>,
}

/// Verifies the chain in a node's directory.
///
/// # Errors
///
/// [`VerifyError`]: it could not run. What is wrong with the chain stands in the report.
pub fn verify_directory(
    chain_dir: &Path,
    vkey: Option<&VerifierKey>,
    checks: Checks,
    progress: &dyn Fn(u64, u64),
) -> Result<Report, VerifyError> {
    let kept = Kept { vkey: vkey.cloned(), ..Kept::default() };
    verify(&Source::Chain(chain_dir.to_owned()), &kept, checks, &mut |_| (), progress)
}

/// Verifies a log.
///
/// * `told`: is given each fault as it is found; the report holds the first [`FAULTS_KEPT`].
/// * `progress`: is given how many entries were checked, and how many there are.
///
/// # Errors
///
/// [`VerifyError`]: it could not run. What is wrong with the log stands in the report.
pub fn verify(
    source: &Source,
    kept: &Kept,
    checks: Checks,
    told: &mut dyn FnMut(&Found),
    progress: &dyn Fn(u64, u64),
) -> Result<Report, VerifyError> {
    let mut teller = Teller::new(told);
    let evidence = Evidence::open(source)?;
    let Some(key) = checkpoints::log_key(&evidence, kept, &mut teller)? else {
        return Ok(teller.into_report());
    };
    teller.report.origin = key.name().to_owned();
    let signed = Signed::read(&evidence, kept, &key, &mut teller)?;
    let entries = Entries::open(&evidence, &key, &signed, &mut teller)?;
    let published = entries.tiles().map(|(store, size)| Published::new(store, size));
    let end = entries.end();
    let rules = join_all(&entries, published.as_ref(), &signed, checks, &mut teller, progress);
    if let Some(published) = &published {
        strays::look(&evidence, published, end, &mut teller)?;
    }
    let covered = signed.covered(&kept.witnesses, &mut teller);
    let mut report = teller.into_report();
    report.two_histories = gather(&report.contradictions, &signed, published.as_ref());
    report.checkpoints = signed.opened.len() as u64;
    report.beyond = end.saturating_sub(covered);
    report.simulated = rules.is_simulated();
    Ok(report)
}

/// Checks all entries, joins what is found, and runs the rules beside.
fn join_all(
    entries: &Entries<'_>,
    published: Option<&Published<'_>>,
    signed: &Signed,
    checks: Checks,
    teller: &mut Teller<'_>,
    progress: &dyn Fn(u64, u64),
) -> Rules {
    let origin = teller.report.origin.clone();
    let tiles = published.map(|published| published as &dyn TileSource);
    let faults = RefCell::new(Vec::new());
    let mut verifier = Verifier::new(&origin, signed.checkpoints(), tiles, |fault| {
        faults.borrow_mut().push(fault);
    });
    let mut rules = Rules::new(checks);
    let workers = Workers { origin: &origin, checks, entries, published };
    workers.run(|checked, lost| {
        let mut others = rules.follow(verifier.size(), checked.entries());
        others.extend(lost);
        verifier.join(checked);
        teller.tell_all(faults.take(), others);
        progress(verifier.size(), entries.end());
    });
    teller.report.summary = verifier.finish();
    teller.tell_all(faults.take(), Vec::new());
    rules
}

/// Evidence of the histories that contradict each other, where it can be put together: for two of one size
/// always, otherwise from the tiles.
fn gather(
    contradictions: &[(Checkpoint, Checkpoint)],
    signed: &Signed,
    published: Option<&Published<'_>>,
) -> Vec<TwoHistories> {
    let gathered = contradictions.iter().filter_map(|(earlier, later)| {
        let size = later.size();
        let earlier = (earlier.size(), signed.note(earlier)?.clone());
        let later = (size, signed.note(later)?.clone());
        match published {
            Some(published) => TwoHistories::gather(earlier, later, &published.nodes(size)).ok(),
            None => TwoHistories::gather(earlier, later, &Tree::new()).ok(),
        }
    });
    gathered.collect()
}
