//! Where something listens, when it does.

use std::{fmt, net::SocketAddr, str::FromStr};

use serde::{Deserialize, Serialize};

/// A listener that may be switched off. In text an address with its port, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Listener {
    /// Nothing listens.
    Off,
    /// There. Port 0 lets the system choose.
    At(SocketAddr),
}

/// The text is neither an address nor `off`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address with its port, such as 127.0.0.1:7480, nor `off`")]
pub struct NoListener(String);

impl Listener {
    /// The address, when something listens.
    pub const fn address(self) -> Option<SocketAddr> {
        match self {
            Self::Off => None,
            Self::At(address) => Some(address),
        }
    }
}

impl FromStr for Listener {
    type Err = NoListener;

    fn from_str(text: &str) -> Result<Self, NoListener> {
        match text {
            "off" => Ok(Self::Off),
            address => address.parse().map(Self::At).map_err(|_| NoListener(address.to_owned())),
        }
    }
}

impl TryFrom<String> for Listener {
    type Error = NoListener;

    fn try_from(text: String) -> Result<Self, NoListener> {
        text.parse()
    }
}

impl From<Listener> for String {
    fn from(listener: Listener) -> Self {
        listener.to_string()
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(address) => address.fmt(f),
        }
    }
}
