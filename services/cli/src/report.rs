//! How a command ends: with an answer, or with what happened, why, and what to do.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

/// What a command came to, when it could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done, or yes. Exit code 0.
    Yes,
    /// The question was answered with no: refused by the rules, not found, faults found. Exit code 1.
    No,
}

/// Why a command could not run: exit code 2. What led to it is its source.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    to_do: String,
    why: Option<anyhow::Error>,
}

impl Failure {
    /// What happened and what to do about it, each a sentence without its full stop.
    pub(crate) fn new(what: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { what: what.into(), to_do: to_do.into(), why: None }
    }

    /// The same, with what led to it.
    pub(crate) fn because(self, why: impl Into<anyhow::Error>) -> Self {
        Self { why: Some(why.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.why.as_ref().map(|why| why.as_ref())
    }
}

/// The exit code of a command's end, after telling on stderr what could not be done.
pub(crate) fn conclude(result: &anyhow::Result<Answer>) -> ExitCode {
    match result {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        // Whoever read our output has seen enough (`granary list receipt | head -1`).
        Err(error) if is_broken_pipe(error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told when stderr is gone too.
            let _ = anstream::stderr().lock().write_all(text(error).as_bytes());
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// What happened, why, and what to do, a line each.
fn text(error: &anyhow::Error) -> String {
    let bold = anstyle::Style::new().bold();
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let mut text = format!("{red}error{red:#}: {}\n", printable(&error.to_string()));
    let mut said = vec![error.to_string()];
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Some errors repeat what their source says.
        if !said.contains(&cause) {
            text.push_str(&format!("  {bold}why{bold:#}: {}\n", printable(&cause)));
            said.push(cause);
        }
    }
    for failure in error.chain().filter_map(|cause| cause.downcast_ref::<Failure>()) {
        text.push_str(&format!("  {bold}to do{bold:#}: {}\n", printable(&failure.to_do)));
    }
    text
}

/// A text without control characters but line ends: what comes from files and nodes must not move a
/// terminal's cursor.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\n    "),
            letter if letter.is_control() => out.extend(letter.escape_default()),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_happened_why_and_what_to_do() {
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused");
        let failure = Failure::new("can't reach the node", "start one").because(refused);
        let told = anstream::adapter::strip_str(&text(&failure.into())).to_string();
        assert_eq!(
            told,
            "error: can't reach the node\n  why: connection refused\n  to do: start one\n"
        );
    }

    #[test]
    fn nobody_is_told_of_a_reader_that_has_seen_enough() {
        let gone = io::Error::from(io::ErrorKind::BrokenPipe);
        let failure = Failure::new("can't print", "").because(gone);
        assert!(is_broken_pipe(&failure.into()));
        assert!(!is_broken_pipe(&io::Error::from(io::ErrorKind::NotFound).into()));
    }

    #[test]
    fn what_others_wrote_does_not_move_the_cursor() {
        assert_eq!(printable("a\x1b[2Jb\u{9b}c"), "a\\u{1b}[2Jb\\u{9b}c");
    }
}
