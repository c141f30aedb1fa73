//! A witness that a node asks for cosignatures.

use std::{fmt, str::FromStr};

use granary_log::note::{KeyType, VerifierKey};
use serde::{Deserialize, Serialize};

/// One witness. In text its verifier key and its URL, and `required` behind them if nothing counts as cosigned
/// without it: `bank.example/witness+530d903a+BHkn... http://127.0.0.1:7470 required`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WitnessSetting {
    /// The key under which it cosigns.
    pub key: VerifierKey,
    /// Host and port.
    pub authority: String,
    /// The path before `/add-checkpoint`; empty, or with a slash before it and none behind.
    pub prefix: String,
    /// Whether no checkpoint counts as cosigned without it.
    pub required: bool,
}

/// Why a text names no witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoWitness {
    /// Not two or three words.
    #[error("`{0}` is not a witness: write its verifier key, its URL, and perhaps `required`")]
    Form(String),
    /// The first word.
    #[error("`{0}` is not the verifier key of a witness: its own line in DIR/vkey is")]
    Key(String),
    /// The second word.
    #[error(
        "`{0}` is not a witness's URL, such as http://127.0.0.1:7470; TLS is not built yet, so for one far away \
         have a proxy on this machine speak it"
    )]
    Url(String),
}

impl FromStr for WitnessSetting {
    type Err = NoWitness;

    fn from_str(text: &str) -> Result<Self, NoWitness> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (key, url, required) = match words[..] {
            [key, url] => (key, url, false),
            [key, url, "required"] => (key, url, true),
            _ => return Err(NoWitness::Form(text.to_owned())),
        };
        let parsed: Option<VerifierKey> = key.parse().ok();
        let is_cosigner = |key: &VerifierKey| key.key_type() == KeyType::CosignatureV1;
        let key = parsed.filter(is_cosigner).ok_or_else(|| NoWitness::Key(key.to_owned()))?;
        let bad = || NoWitness::Url(url.to_owned());
        let rest = url.strip_prefix("http://").ok_or_else(bad)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        let is_plain = |b: u8| b.is_ascii_graphic() && !b"?#@\\".contains(&b);
        if port.is_none() || !url.bytes().all(is_plain) {
            return Err(bad());
        }
        let path = path.trim_end_matches('/');
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { key, authority: authority.to_owned(), prefix, required })
    }
}

impl TryFrom<String> for WitnessSetting {
    type Error = NoWitness;

    fn try_from(text: String) -> Result<Self, NoWitness> {
        text.parse()
    }
}

impl From<WitnessSetting> for String {
    fn from(witness: WitnessSetting) -> Self {
        witness.to_string()
    }
}

impl fmt::Display for WitnessSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, authority, prefix, required } = self;
        let required = if *required { " required" } else { "" };
        write!(f, "{key} http://{authority}{prefix}{required}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_is_its_key_its_url_and_whether_it_is_required() {
        let key = granary_log::cosignature::CosignerKey::new(
            "bank.example/witness",
            granary_log::signature::SigningKey::from_bytes(&[5; 32]),
        );
        let key = key.expect("a good name").verifier().to_string();
        for (text, written) in [
            (format!("{key} http://127.0.0.1:7470"), None),
            (format!("{key} http://[::1]:7470/a/b required"), None),
            (format!("{key}   http://host:1/"), Some(format!("{key} http://host:1"))),
        ] {
            let witness: WitnessSetting = text.parse().expect("a witness");
            assert_eq!(witness.to_string(), written.unwrap_or(text));
        }
        let log_key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
        for text in [
            key.clone(),
            format!("{key} https://host:1"),
            format!("{key} http://host"),
            format!("{key} http://host:1?a"),
            format!("{key} http://host:1 optional"),
            format!("{log_key} http://host:1"),
        ] {
            text.parse::<WitnessSetting>().expect_err(&text);
        }
    }
}
