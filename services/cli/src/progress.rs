//! How far something has come, and how long it takes still: on a terminal, on stderr.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of entries. It is drawn only where somebody sees it.
#[derive(Debug, Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(what: &'static str) -> Self {
        let style = ProgressStyle::with_template(
            "{msg} {bar:30} {pos}/{len} entries, {per_sec}, {eta} left",
        );
        let bar = ProgressBar::no_length();
        Self(style.map_or(bar.clone(), |style| bar.with_style(style)).with_message(what))
    }

    /// So many are done, of so many.
    pub(crate) fn tell(&self, done: u64, of: u64) {
        self.0.set_length(of);
        self.0.set_position(done);
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
