//! Where settings come from, and who is to blame for one that is wrong.

use std::fmt::{self, Write};
use std::io;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::settings::{SETTINGS, values};
use super::{Config, FILE_NAME, check};

const PREFIX: &str = "GRANARY_";
const DEFAULT: &str = "default";
const ENVIRONMENT: &str = "environment";

/// How far a misspelt key may be from a real one to be taken for it, in letters.
const MISSPELT_BY_MAX: usize = 3;

/// What [`Config::load`] reads, from weak to strong.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file to read; it must exist. `None`: `granary.toml` in the node's directory, if any.
    pub file: Option<PathBuf>,
    /// Variables as (name, value). Only those that start with `GRANARY_` are looked at.
    pub environment: Vec<(String, String)>,
    /// `GRANARY_*` variables that are no settings, such as the client's own.
    pub other_variables: &'static [&'static str],
    /// Flags, as any figment provider. [`Assignments`] is one.
    pub flags: Figment,
}

impl Sources {
    /// The environment of this process and nothing else. Names or values that aren't UTF-8 are
    /// left out.
    pub fn from_process() -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { environment, ..Self::default() }
    }
}

/// Settings given as text, by variables or flags. What the text means follows from the setting:
/// of a list it is the items, separated by commas.
#[derive(Debug, Clone)]
pub struct Assignments {
    origin: &'static str,
    pairs: Vec<(String, String)>,
}

impl Assignments {
    /// * `origin` — what to call them in messages, such as `flags`.
    /// * `pairs` — keys, such as `log_level`, and values.
    pub fn new(origin: &'static str, pairs: Vec<(String, String)>) -> Self {
        Self { origin, pairs }
    }
}

impl Provider for Assignments {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let defaults = values(&Config::default());
        let value = |key: &str, text: &str| match defaults.get(key) {
            Some(toml::Value::Integer(_) | toml::Value::Boolean(_)) => {
                text.parse().unwrap_or_else(|never| match never {})
            }
            Some(toml::Value::Array(_)) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::from(items.map(Value::from).collect::<Vec<Value>>())
            }
            _ => Value::from(text),
        };
        let dict =
            self.pairs.iter().map(|(key, text)| (key.clone(), value(key, text))).collect::<Dict>();
        Ok(Map::from([(Profile::Default, dict)]))
    }
}

/// A configuration and where each of its settings came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The effective settings.
    pub config: Config,
    /// Origin of each setting, in the order of [`SETTINGS`].
    origins: Vec<String>,
}

impl Loaded {
    /// The effective settings as TOML, each with where it came from.
    pub fn dump(&self) -> String {
        let values = values(&self.config);
        let mut text = String::new();
        for (setting, origin) in SETTINGS.iter().zip(&self.origins) {
            let line = match values.get(setting.key) {
                Some(value) => format!("{} = {value}", setting.key),
                None => format!("#{} is not set", setting.key),
            };
            let _ = writeln!(text, "{line:<45} # {origin}");
        }
        text
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting as it was written; empty when a whole file can't be parsed.
    pub key: String,
    /// The file, variable or flag it came from.
    pub origin: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { key, origin, what } = self;
        match key.as_str() {
            "" => write!(f, "{origin}: {what}"),
            key => write!(f, "{key} ({origin}): {what}"),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named can't be read.
    #[error("configuration file {} can't be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Some settings are wrong; all of them are listed.
    #[error("configuration can't be used:{}", lines(.0))]
    Wrong(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        let _ = write!(text, "\n  {problem}");
        text
    })
}

pub(super) fn load(sources: Sources) -> Result<Loaded, ConfigError> {
    let Sources { file, environment, other_variables, flags } = sources;
    let variables = environment
        .into_iter()
        .filter(|(name, _)| !other_variables.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_ascii_lowercase(), value)))
        .collect();
    let strong = Figment::new().merge(Assignments::new(ENVIRONMENT, variables)).merge(flags);
    let defaults = Figment::from(Serialized::defaults(Config::default()));

    let file = find_file(file, &defaults, &strong)?;
    let figment = match &file {
        Some(path) => defaults.merge(Toml::file_exact(path)).merge(strong),
        None => defaults.merge(strong),
    };
    let wrong = |error| wrong(error, &figment, file.as_deref());
    let unknown = unknown_keys(&figment, &figment.data().map_err(wrong)?);
    if !unknown.is_empty() {
        return Err(ConfigError::Wrong(unknown));
    }
    let config: Config = figment.extract().map_err(wrong)?;

    let problems: Vec<Problem> = check::problems(&config)
        .into_iter()
        .map(|(key, what)| Problem { key: key.to_owned(), origin: origin_of(&figment, key), what })
        .collect();
    if !problems.is_empty() {
        return Err(ConfigError::Wrong(problems));
    }
    let origins = SETTINGS.iter().map(|setting| origin_of(&figment, setting.key)).collect();
    Ok(Loaded { config, origins })
}

fn find_file(
    named: Option<PathBuf>,
    defaults: &Figment,
    strong: &Figment,
) -> Result<Option<PathBuf>, ConfigError> {
    let readable = |path: &Path| {
        std::fs::File::open(path)
            .map(drop)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
    };
    match named {
        Some(path) => readable(&path).map(|()| Some(path)),
        None => {
            let settings = defaults.clone().merge(strong);
            let dir: PathBuf =
                settings.extract_inner("dir").map_err(|error| wrong(error, &settings, None))?;
            let path = dir.join(FILE_NAME);
            match readable(&path) {
                Ok(()) => Ok(Some(path)),
                Err(ConfigError::Unreadable { source, .. })
                    if source.kind() == io::ErrorKind::NotFound =>
                {
                    Ok(None)
                }
                Err(other) => Err(other),
            }
        }
    }
}

/// Every key that is no setting, with the one that was probably meant.
fn unknown_keys(figment: &Figment, data: &Map<Profile, Dict>) -> Vec<Problem> {
    let keys = data.get(&Profile::Default).into_iter().flatten();
    let unknown = keys
        .filter(|(key, _)| !SETTINGS.iter().any(|setting| setting.key == key.as_str()))
        .map(|(key, value)| {
            let nearest = SETTINGS
                .iter()
                .map(|setting| (strsim::damerau_levenshtein(key, setting.key), setting.key))
                .min()
                .filter(|(distance, _)| *distance <= MISSPELT_BY_MAX);
            let what = match nearest {
                Some((_, meant)) => format!("is not a setting; did you mean `{meant}`?"),
                None => "is not a setting".to_owned(),
            };
            let origin = origin(figment.get_metadata(value.tag()), key);
            Problem { key: key.clone(), origin, what }
        });
    unknown.collect()
}

/// figment's errors, in our words.
fn wrong(error: figment::Error, figment: &Figment, file: Option<&Path>) -> ConfigError {
    let problems = error.into_iter().map(|error| {
        let key = error.path.join(".");
        let origin = match (&error.metadata, file) {
            (Some(metadata), _) => origin(Some(metadata), &key),
            // Only a file can be wrong as a whole.
            (None, Some(file)) if key.is_empty() => file.display().to_string(),
            (None, _) => origin_of(figment, &key),
        };
        Problem { key, origin, what: in_words(&error.kind) }
    });
    ConfigError::Wrong(problems.collect())
}

fn in_words(kind: &figment::error::Kind) -> String {
    match kind {
        figment::error::Kind::UnknownVariant(found, expected) => {
            format!("`{found}` is not one of {}", expected.join(", "))
        }
        other => other.to_string(),
    }
}

fn origin_of(figment: &Figment, key: &str) -> String {
    origin(figment.find_metadata(key), key)
}

fn origin(metadata: Option<&Metadata>, key: &str) -> String {
    let Some(metadata) = metadata else { return DEFAULT.to_owned() };
    let file = metadata.source.as_ref().and_then(|source| source.file_path());
    match (file, metadata.name.as_ref()) {
        (Some(path), _) => path.display().to_string(),
        (None, ENVIRONMENT) => format!("{PREFIX}{}", key.to_ascii_uppercase()),
        // figment's name for what was serialised from our own `Default`.
        (None, name) if name.ends_with("Config") => DEFAULT.to_owned(),
        (None, name) => name.to_owned(),
    }
}
