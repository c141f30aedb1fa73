//! Where documents come from: one JSON value after another, whatever stands between them.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use serde_json::{Deserializer, Value, de::IoRead};

use crate::{
    document::{Defaults, Document},
    json::Violations,
    report::Failure,
};

/// Most malformed documents that are told of one file.
const TOLD_MAX: usize = 20;

/// A document and its number in the file, from 1; or what is wrong with it.
pub(crate) struct Numbered {
    /// From 1.
    pub(crate) number: usize,
    /// The document.
    pub(crate) document: Result<Document, Malformed>,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    /// It is JSON, and not what a document is.
    #[error(transparent)]
    Violations(#[from] Violations),
    /// It is no JSON, and nothing after it can be read.
    #[error("not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
}

/// Documents, read as they are asked for.
pub(crate) struct Documents {
    values: serde_json::StreamDeserializer<'static, IoRead<Box<dyn Read + Send>>, Value>,
    defaults: Defaults,
    number: usize,
    is_over: bool,
}

impl Iterator for Documents {
    type Item = Numbered;

    fn next(&mut self) -> Option<Numbered> {
        if self.is_over {
            return None;
        }
        let document = match self.values.next()? {
            Ok(value) => Document::read(&value, &self.defaults).map_err(Malformed::from),
            Err(error) => {
                self.is_over = true;
                Err(Malformed::NotJson(error))
            }
        };
        self.number += 1;
        Some(Numbered { number: self.number, document })
    }
}

/// Opens a file, after checking all of it, or standard input, whose documents are checked as they come.
///
/// # Errors
///
/// The file can't be read, or a document in it is malformed: then every one that is has been told.
pub(crate) fn open(path: &Path, defaults: Defaults) -> anyhow::Result<Documents> {
    if path == Path::new("-") {
        return Ok(documents(Box::new(io::stdin()), defaults));
    }
    check(documents(file(path)?, defaults.clone()), path)?;
    Ok(documents(file(path)?, defaults))
}

fn documents(read: Box<dyn Read + Send>, defaults: Defaults) -> Documents {
    let values = Deserializer::from_reader(read).into_iter();
    Documents { values, defaults, number: 0, is_over: false }
}

fn file(path: &Path) -> anyhow::Result<Box<dyn Read + Send>> {
    let file = File::open(path).map_err(|error| {
        let what = format!("can't read {}", path.display());
        Failure::new(what, "name a file that exists, or - for standard input").because(error)
    })?;
    Ok(Box::new(BufReader::new(file)))
}

fn check(documents: Documents, path: &Path) -> anyhow::Result<()> {
    let malformed: Vec<String> = documents
        .filter_map(|numbered| Some(told(numbered.number, &numbered.document.err()?)))
        .collect();
    if malformed.is_empty() {
        return Ok(());
    }
    let what = match malformed.len() {
        1 => format!("{} is malformed; nothing was sent", path.display()),
        many => format!("{many} documents in {} are malformed; nothing was sent", path.display()),
    };
    let mut why = malformed;
    if why.len() > TOLD_MAX {
        let rest = why.len() - TOLD_MAX;
        why.truncate(TOLD_MAX);
        why.push(format!("and {rest} more documents"));
    }
    let to_do = "mend what is named; granary help commands TYPE shows a command's fields";
    Err(Failure::new(what, to_do).because(anyhow::anyhow!(why.join("\n"))).into())
}

/// What is wrong with a document, a line for each violation.
pub(crate) fn told(number: usize, malformed: &Malformed) -> String {
    match malformed {
        Malformed::Violations(violations) => {
            let lines = violations.0.iter().map(|v| format!("document {number}: {v}"));
            lines.collect::<Vec<_>>().join("\n")
        }
        Malformed::NotJson(error) => format!("document {number} is not JSON: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#""body": {"party": "pt_0190163e8d9470e5b1d2c3a4f5061728"}"#;

    fn read(text: &str) -> Vec<Result<String, String>> {
        let bytes = io::Cursor::new(text.to_owned().into_bytes());
        documents(Box::new(bytes), Defaults::default())
            .map(|n| n.document.map(|d| d.type_name).map_err(|error| told(n.number, &error)))
            .collect()
    }

    #[test]
    fn documents_may_stand_on_one_line_each_or_on_many() {
        let pretty = format!("{{\n  \"type\": \"SuspendParty\",\n  {BODY}\n}}\n\n");
        let line = format!("{{\"type\": \"ReinstateParty\", {BODY}}}\n");
        let names: Vec<String> = read(&[pretty.as_str(), &line, &line].concat())
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(
            names,
            [
                "granary.parties.v1.SuspendParty",
                "granary.parties.v1.ReinstateParty",
                "granary.parties.v1.ReinstateParty"
            ]
        );
    }

    #[test]
    fn a_malformed_document_does_not_hide_those_after_it_unless_it_is_no_json() {
        let good = format!("{{\"type\": \"SuspendParty\", {BODY}}}\n");
        let found = read(&format!("{good}{{\"type\": \"SuspendParty\"}}\n{good}"));
        assert_eq!(found.len(), 3);
        assert_eq!(found[1], Err("document 2: body.party: is required".to_owned()));
        let found = read(&format!("{good}{{\"type\" \n{good}"));
        assert_eq!(found.len(), 2);
        assert!(found[1].as_ref().is_err_and(|e| e.starts_with("document 2 is not JSON")));
        assert!(read(" \n").is_empty());
    }

    #[test]
    fn of_a_file_everything_is_checked_first() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "{\"type\": \"X\"}\n{\"tpye\": \"SuspendParty\"}\n")
            .expect("written");
        let failure = open(file.path(), Defaults::default()).err().expect("malformed");
        assert!(failure.to_string().starts_with("2 documents in "), "{failure}");
        let why = failure.chain().nth(1).expect("a reason").to_string();
        let expected = "document 1: body: `X`: there is no such command\n\
                        document 2: tpye: there is no such key; did you mean `type`?\n\
                        document 2: type: must name a command; granary help commands lists them";
        assert_eq!(why, expected);
    }
}
