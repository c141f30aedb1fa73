//! Founds a chain: keys, genesis, configuration.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use granary_book::{
    LEVEL,
    chain::{ClockKind, Genesis, Visibility},
    vocabulary::{Id, Label, PartyId},
    wire::{List, Message},
};
use granary_log::{
    ids::derive_id,
    note::{KeyError as NoteKeyError, SignerKey, VerifierKey},
    segment::SegmentSizeOutOfRange,
    statement::{EncodeError, Statement},
};
use granary_runtime::{
    chain::{self, ChainError, chain_dir},
    config::Config,
    files::{FileError, write_atomically},
    keystore::{KeyError, KeyFile, KeyUse, Protection, Purpose, Seed},
};

/// How long a genesis statement stays valid: it is the first entry, so nothing can come before it.
const GENESIS_LIFE_MS: u64 = 3_600_000;

/// What a chain is founded with.
pub struct Founding<'f> {
    /// The node's configuration; its directory and chain name say where.
    pub config: Config,
    /// The domain of the chain's origin.
    pub domain: String,
    /// What moves its clock.
    pub clock: ClockKind,
    /// Who may read whole entries.
    pub entries: Visibility,
    /// The moment of the genesis, Unix milliseconds.
    pub now_ms: u64,
    /// Where secrets and the chain's nonce come from: 32 bytes for a number. The system's randomness, or a
    /// seed for demonstrations that repeat.
    pub randomness: &'f mut dyn FnMut() -> Result<[u8; 32], KeyError>,
    /// How the keys of operator and registrar are kept. The node's own are kept unencrypted, since it has to
    /// start alone.
    pub protection: Protection<'f>,
}

/// A chain that was founded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founded {
    /// The chain's origin.
    pub origin: String,
    /// The log's verifier key.
    pub vkey: String,
    /// The operators' party.
    pub operator: PartyId,
    /// The registrar.
    pub registrar: PartyId,
    /// The node.
    pub node: PartyId,
    /// The commented configuration file.
    pub config: PathBuf,
    /// Where the keys are.
    pub keys: PathBuf,
}

/// Why no chain was founded.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is a chain.
    #[error(
        "{} holds a chain already; choose another directory or another --chain (nothing was changed)",
        .0.display()
    )]
    Exists(PathBuf),
    /// The name or domain can't be a chain's.
    #[error("{what} `{value}` can't be used: {rule}")]
    Name {
        /// Which.
        what: &'static str,
        /// As given.
        value: String,
        /// What it has to be.
        rule: &'static str,
    },
    /// A key.
    #[error("a key can't be made")]
    Key(#[from] KeyError),
    /// The log key's name.
    #[error("the log key can't be made")]
    NoteKey(#[from] NoteKeyError),
    /// The genesis.
    #[error("the genesis can't be signed")]
    Genesis(#[from] EncodeError),
    /// The chain.
    #[error("the chain can't be written")]
    Chain(#[from] ChainError),
    /// Files.
    #[error("a file can't be written")]
    File(#[from] FileError),
    /// Directories.
    #[error("a directory can't be made")]
    Io(#[from] io::Error),
    /// Segments.
    #[error("the segment size can't be used")]
    Segment(#[from] SegmentSizeOutOfRange),
}

/// Founds a chain in the configuration's directory: keys, genesis as entry 0, a commented configuration file.
///
/// # Errors
///
/// [`InitError`]; a chain that is there is never touched.
pub fn init(founding: Founding<'_>) -> Result<Founded, InitError> {
    let Founding { config, domain, clock, entries, now_ms, randomness, protection } = founding;
    let place = chain_dir(&config.dir, &config.chain);
    if place.exists() {
        return Err(InitError::Exists(place));
    }
    check_names(&config.chain, &domain)?;
    let nonce = randomness()?;
    let origin = format!("{domain}/{}-{}", config.chain, hex::encode(&nonce[..4]));
    let mut command_id = *uuid::Builder::from_unix_timestamp_millis(
        now_ms,
        &<[u8; 10]>::try_from(&nonce[4..14]).expect("ten of 32 bytes"),
    )
    .as_uuid()
    .as_bytes();
    // The nonce is the id: the version and variant bits stay those of a UUIDv7.
    command_id[..6].copy_from_slice(&now_ms.to_be_bytes()[2..]);

    let seeds = Seeds {
        operator: Seed::from_bytes(randomness()?),
        registrar: Seed::from_bytes(randomness()?),
        node: Seed::from_bytes(randomness()?),
        log: Seed::from_bytes(randomness()?),
    };
    let genesis = seeds.genesis(&origin, clock, entries);
    let statement = sign(&seeds, &origin, command_id, now_ms, &genesis)?;
    let party = |n| PartyId::from_bytes(derive_id(&[0; 16], &command_id, 0, n));
    let founded = Founded {
        origin: origin.clone(),
        vkey: seeds.vkey(&origin)?.to_string(),
        operator: party(0),
        registrar: party(2),
        node: party(4),
        config: config.dir.join("granary.toml"),
        keys: config.dir.join("keys"),
    };
    fs::create_dir_all(&founded.keys)?;
    seeds.write(&founded, protection)?;
    let segment = granary_log::segment::SegmentSize::new(config.segment_bytes())?;
    chain::create(&place, &seeds.vkey(&origin)?, &statement, segment)?;
    if !founded.config.exists() {
        write_atomically(&founded.config, config.template().as_bytes(), 0o644)?;
    }
    Ok(founded)
}

fn check_names(chain: &str, domain: &str) -> Result<(), InitError> {
    let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if chain.is_empty() || chain.len() > 40 || !chain.bytes().all(is_name) {
        return Err(InitError::Name {
            what: "--chain",
            value: chain.to_owned(),
            rule: "1 to 40 of a-z, 0-9 and -",
        });
    }
    let is_domain = |b: u8| is_name(b) || b == b'.';
    if domain.is_empty() || domain.len() > 100 || !domain.bytes().all(is_domain) {
        return Err(InitError::Name {
            what: "--domain",
            value: domain.to_owned(),
            rule: "a domain name in lower case, such as ledger.example.org",
        });
    }
    Ok(())
}

struct Seeds {
    operator: Seed,
    registrar: Seed,
    node: Seed,
    log: Seed,
}

fn label(text: &str) -> Label {
    text.parse().expect("a constant that is a label")
}

impl Seeds {
    fn vkey(&self, origin: &str) -> Result<VerifierKey, NoteKeyError> {
        SignerKey::new(origin, self.log.signing_key()).map(|key| key.verifier().clone())
    }

    fn genesis(&self, origin: &str, clock: ClockKind, entries: Visibility) -> Genesis {
        let public = |seed: &Seed| seed.signing_key().verifying_key().to_bytes();
        Genesis {
            origin: origin.parse().expect("checked: a domain, a name and hex digits"),
            clock,
            entries,
            operators_name: label("Operator"),
            operator_keys: List::new(vec![public(&self.operator)]).expect("one of one to four"),
            operators_needed: 1,
            registrar_name: label("Registrar"),
            registrar_key: public(&self.registrar),
            node_name: label("Node 1"),
            node_key: public(&self.node),
            log_key: public(&self.log),
            nodes_needed: 1,
            level: LEVEL,
            profile: None,
        }
    }

    fn write(&self, founded: &Founded, protection: Protection<'_>) -> Result<(), InitError> {
        let own = Protection::Unencrypted;
        for (name, seed, party, purpose, protection) in [
            ("operator", &self.operator, Some(founded.operator), Purpose::Statement, protection),
            ("registrar", &self.registrar, Some(founded.registrar), Purpose::Statement, protection),
            ("node", &self.node, Some(founded.node), Purpose::Statement, own),
            ("log", &self.log, None, Purpose::Log, own),
        ] {
            let used_for =
                KeyUse { party: party.map(Id::to_bytes), purpose, label: name.to_owned() };
            KeyFile::create(&key_path(&founded.keys, name), used_for, seed, protection)?;
        }
        Ok(())
    }
}

/// Where a node keeps a key of its own.
pub(crate) fn key_path(keys: &Path, name: &str) -> PathBuf {
    keys.join(format!("{name}.key"))
}

fn sign(
    seeds: &Seeds,
    origin: &str,
    command_id: [u8; 16],
    now_ms: u64,
    genesis: &Genesis,
) -> Result<Vec<u8>, EncodeError> {
    let mut statement = Statement {
        origin: origin.to_owned(),
        principal: [0; 16],
        command_id,
        signed_at_ms: now_ms,
        expires_at_ms: now_ms + GENESIS_LIFE_MS,
        type_name: Genesis::NAME.to_owned(),
        body: genesis.encode(),
        signatures: Vec::new(),
    };
    statement.sign_with(&seeds.operator.signing_key())?;
    statement.encode()
}
