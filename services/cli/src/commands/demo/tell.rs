//! How the story is told: a line for each act, with the entry it stands in.

use std::{cell::RefCell, net::SocketAddr, path::Path};

use granary_node::Founded;
use granary_runtime::verify::Report;
use serde_json::{Value, json};

use super::stage::Said;
use crate::{
    Context,
    output::{self, BAD, Form, GOOD, LOUD},
};

/// Tells, or with `--json` collects.
pub(super) struct Teller {
    form: Form,
    acts: RefCell<Vec<Value>>,
}

impl Teller {
    pub(super) fn new(context: &Context) -> Self {
        Self { form: context.form, acts: RefCell::default() }
    }

    fn line(&self, text: &str) -> anyhow::Result<()> {
        if self.form != Form::Json {
            output::line(text)?;
        }
        Ok(())
    }

    pub(super) fn opening(&self, founded: &Founded, address: SocketAddr) -> anyhow::Result<()> {
        self.line(&format!("A new chain, {}, served on {address}.", founded.origin))?;
        self.line(&format!(
            "{LOUD}Its clock is simulated{LOUD:#}: months pass in seconds, and every tool says so."
        ))
    }

    pub(super) fn chapter(&self, title: &str) -> anyhow::Result<()> {
        self.line(&format!("\n{LOUD}{title}{LOUD:#}"))
    }

    /// An act that was accepted.
    pub(super) fn act(&self, said: &Said, text: &str) -> anyhow::Result<()> {
        self.acts.borrow_mut().push(json!({ "index": said.index, "accepted": true, "what": text }));
        self.line(&format!("  {:>4}  {text}", said.index))
    }

    /// An act that was refused, as it should be.
    pub(super) fn refused(&self, said: &Said, text: &str) -> anyhow::Result<()> {
        let refusal = said.refusal();
        let (name, message) = refusal.map_or(("", ""), |r| (r.name.as_str(), r.message.as_str()));
        self.acts.borrow_mut().push(json!({
            "index": said.index, "accepted": false, "what": text, "refusal": name, "message": message,
        }));
        self.line(&format!("  {:>4}  {BAD}refused{BAD:#}  {text}", said.index))?;
        self.line(&format!("        {name}: {message}"))?;
        self.line("        The refusal itself is an entry: evidence that somebody tried.")
    }

    /// What an act means, for who reads along.
    pub(super) fn aside(&self, text: &str) -> anyhow::Result<()> {
        self.line(&format!("        {text}"))
    }

    pub(super) fn serving(
        &self,
        address: SocketAddr,
        http_address: Option<SocketAddr>,
        dir: &Path,
    ) -> anyhow::Result<()> {
        self.line(&format!(
            "\nThe node stays up on {address}; stop it with Ctrl-C. Try in another shell:"
        ))?;
        self.line(&format!("  granary list receipt --node http://{address}"))?;
        if let Some(http_address) = http_address {
            self.line(&format!("  curl http://{http_address}/checkpoint"))?;
        }
        self.line(&format!("  ls {}/keys", dir.display()))
    }

    pub(super) fn verified(&self, report: &Report) -> anyhow::Result<()> {
        self.chapter("An auditor verifies, trusting nobody")?;
        for fault in &report.faults {
            self.line(&format!("  {BAD}fault{BAD:#} at {}: {}", fault.index, fault.what))?;
        }
        if self.form == Form::Json {
            let acts = Value::Array(self.acts.borrow().clone());
            let text = serde_json::to_string_pretty(&json!({
                "origin": report.origin, "acts": acts, "entries": report.summary.entries,
                "accepted": report.summary.accepted, "refused": report.summary.refused,
                "signatures": report.summary.signatures, "checkpoints": report.checkpoints,
                "good": report.is_good(),
            }))?;
            output::line(&text)?;
            return Ok(());
        }
        self.line(&format!(
            "  {} entries: {} accepted, {} refused. {} signatures checked, every rule run again, {} checkpoints \
             opened.",
            report.summary.entries,
            report.summary.accepted,
            report.summary.refused,
            report.summary.signatures,
            report.checkpoints,
        ))?;
        if report.is_good() {
            self.line(&format!("  {GOOD}good{GOOD:#}: nothing was changed, removed or hidden."))
        } else {
            self.line(&format!("  {BAD}{} faults{BAD:#}", report.faults.len()))
        }
    }

    pub(super) fn closing(&self, dir: &Path) -> anyhow::Result<()> {
        let dir = dir.display();
        self.line("\nWhat to try next:")?;
        self.line(&format!("  granary verify {dir} --signatures --replay"))?;
        self.line(&format!("  granary node --dir {dir}     then, in another shell:"))?;
        self.line("  granary list receipt        granary list loan        granary chain show")?;
        self.line(&format!(
            "  flip a byte in {dir}/chains/demo/log/0000000000.segment and verify again"
        ))
    }
}

/// Money in its major unit, for people: 1234567 fen is 12,345.67.
pub(super) fn yuan(minor: u64) -> String {
    let whole = (minor / 100).to_string();
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{:02} yuan", minor % 100)
}
