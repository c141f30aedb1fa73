//! What a verification says: faults as they are found, and what it came to.

use std::io;

use granary_log::note::VerifierKey;
use granary_runtime::verify::{Checks, Found, Kept, Proved, Report};
use serde_json::{Value, json};

use crate::output::{self, BAD, Form, GOOD, LOUD};

/// Says what is found while it is found: there may be more faults than a memory holds. As JSON that is one
/// object, with the faults first.
pub(super) struct Teller {
    form: Form,
    faults: u64,
    /// A reader that has gone away.
    failed: Option<io::Error>,
}

impl Teller {
    pub(super) fn new(form: Form) -> Self {
        Self { form, faults: 0, failed: None }
    }

    /// Says a fault.
    pub(super) fn fault(&mut self, found: &Found) {
        if self.failed.is_some() {
            return;
        }
        let Found { index, kind, what } = found;
        let said = if self.form == Form::Json {
            let fault = json!({ "index": index, "kind": kind, "what": what });
            let before = if self.faults == 0 { "{\n  \"faults\": [\n    " } else { "    ," };
            output::line(&format!("{before}{fault}"))
        } else {
            let what = crate::report::printable(what);
            output::line(&format!("{BAD}fault{BAD:#} at {index} ({kind}): {what}"))
        };
        self.faults += 1;
        self.failed = said.err();
    }

    /// Says what a verification came to.
    pub(super) fn report(self, report: &Report, kept: &Kept, checks: Checks) -> anyhow::Result<()> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        if self.form == Form::Json {
            let rest = serde_json::to_string_pretty(&object(report, kept, checks))?;
            let rest = rest.strip_prefix('{').unwrap_or(&rest);
            let faults = if self.faults == 0 { "{\n  \"faults\": []," } else { "  ]," };
            output::line(&format!("{faults}{rest}"))?;
            return Ok(());
        }
        text(report, kept)
    }
}

fn object(report: &Report, kept: &Kept, checks: Checks) -> Value {
    let summary = &report.summary;
    json!({
        "origin": report.origin, "good": report.is_good(), "fault_count": report.fault_count,
        "entries": summary.entries, "accepted": summary.accepted, "refused": summary.refused,
        "duplicates": summary.duplicates, "unreadable": summary.unreadable,
        "over_quota": summary.over_quota, "events": summary.events, "signatures": summary.signatures,
        "checkpoints": report.checkpoints, "proved": summary.proved,
        "beyond_last_checkpoint": report.beyond, "witnesses": kept.witnesses.len(),
        "two_histories": report.two_histories.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "simulated_clock": report.simulated, "replayed": checks.replay,
        "key_kept_by_auditor": kept.vkey.is_some(),
    })
}

fn text(report: &Report, kept: &Kept) -> anyhow::Result<()> {
    let Report { origin, summary, checkpoints, beyond, simulated, .. } = report;
    if *simulated {
        output::line(&format!("{LOUD}the clock of this chain is simulated{LOUD:#}"))?;
    }
    output::line(&format!(
        "{origin}: {} entries ({} accepted, {} refused, {} duplicates, {} unreadable, {} over quota)",
        summary.entries,
        summary.accepted,
        summary.refused,
        summary.duplicates,
        summary.unreadable,
        summary.over_quota,
    ))?;
    let cosigned = match kept.witnesses.len() {
        0 => String::new(),
        1 => " that the witness cosigned".to_owned(),
        count => format!(" that all {count} witnesses cosigned"),
    };
    output::line(&format!(
        "{checkpoints} checkpoints opened, {} entries proved, {beyond} beyond the last checkpoint{cosigned}",
        summary.proved
    ))?;
    if !report.two_histories.is_empty() {
        let keep = "--evidence FILE keeps both checkpoints with what shows it";
        output::line(&format!("{LOUD}the log signed two histories{LOUD:#}: {keep}"))?;
    }
    let kept = kept.vkey.is_some();
    let key = if kept { "against the key you keep" } else { "against the key found beside it" };
    if report.is_good() {
        output::line(&format!("{GOOD}good{GOOD:#}, {key}"))?;
    } else {
        output::line(&format!("{BAD}{} faults{BAD:#}, {key}", report.fault_count))?;
    }
    Ok(())
}

/// Says what a proof file, or evidence of two histories, was found to say.
pub(super) fn proved(
    proved: &Proved,
    vkey: &VerifierKey,
    kept: &Kept,
    form: Form,
) -> anyhow::Result<()> {
    let origin = vkey.name();
    if form == Form::Json {
        let witnesses = kept.witnesses.len();
        let value = match proved {
            Proved::Entry { index, size } => json!({
                "origin": origin, "good": true, "index": index, "checkpoint_size": size,
                "witnesses": witnesses, "fault": null,
            }),
            Proved::Not { index, why } => json!({
                "origin": origin, "good": false, "index": index, "checkpoint_size": null,
                "witnesses": witnesses, "fault": why,
            }),
            Proved::TwoHistories { earlier, later } => json!({
                "origin": origin, "good": false, "fault": "the log signed two histories",
                "earlier": { "size": earlier.size(), "root": earlier.root().to_string() },
                "later": { "size": later.size(), "root": later.root().to_string() },
            }),
        };
        return Ok(output::json(&value)?);
    }
    let line = match proved {
        Proved::Entry { index, size } => format!(
            "{GOOD}good{GOOD:#}: entry {index} stands in {origin}, under a signed checkpoint of {size} \
             entries{}",
            if kept.witnesses.is_empty() { "" } else { " that the witnesses cosigned" }
        ),
        Proved::Not { index, why } => format!("{BAD}fault{BAD:#} at {index}: {why}"),
        Proved::TwoHistories { earlier, later } => format!(
            "{BAD}the log signed two histories{BAD:#}: {origin} signed {} entries with root {}, and {} \
             entries with root {}, which don't continue them",
            earlier.size(),
            earlier.root(),
            later.size(),
            later.root(),
        ),
    };
    Ok(output::line(&line)?)
}
