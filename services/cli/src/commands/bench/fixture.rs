//! A chain to measure, and statements signed before the clock starts.

use std::{path::Path, thread};

use granary_book::{
    apply::{Batch, BatchMode, Item},
    chain::{ClockKind, Visibility},
    parties::{RegisterParty, Role},
    vocabulary::{Id, PartyId},
    wire::{List, Message},
};
use granary_log::{signature::SigningKey, statement::Statement};
use granary_node::{Founded, Founding, init};
use granary_runtime::{
    config::{Config, Listener},
    keystore::Protection,
    store::StoreKind,
    time::unix_ms,
};

/// The founding's third secret is the registrar's.
const REGISTRAR_SEED: [u8; 32] = [3; 32];

/// Bytes of a statement that the goals are stated for.
const STATEMENT_BYTES: usize = 512;

/// A founded chain and who speaks on it.
pub(super) struct Fixture {
    pub(super) config: Config,
    pub(super) origin: String,
    registrar: PartyId,
    key: SigningKey,
}

impl Fixture {
    /// Founds a chain in a directory, with keys that everybody knows: for measurements only.
    pub(super) fn new(dir: &Path, store: StoreKind) -> anyhow::Result<Self> {
        let config = Config {
            dir: dir.to_owned(),
            chain: "bench".to_owned(),
            listen: "127.0.0.1:0".parse()?,
            http_listen: Listener::Off,
            metrics_listen: Listener::Off,
            store,
            queue_statements: 1_000_000,
            queue_bytes: 1 << 30,
            ..Config::default()
        };
        let mut next = 0;
        let mut known = || {
            next += 1;
            Ok([next; 32])
        };
        let Founded { origin, registrar, .. } = init(Founding {
            config: config.clone(),
            domain: "bench.localhost".to_owned(),
            clock: ClockKind::Wall,
            entries: Visibility::Members,
            now_ms: unix_ms(),
            randomness: &mut known,
            protection: Protection::Unencrypted,
        })?;
        Ok(Self { config, origin, registrar, key: SigningKey::from_bytes(&REGISTRAR_SEED) })
    }

    /// `count` signed statements of one command each, about 512 bytes long.
    pub(super) fn singles(&self, first: u64, count: u64) -> Vec<Vec<u8>> {
        self.sign_all(first, count, &|_| (RegisterParty::NAME, registration(170).encode()))
    }

    /// `count` signed statements of `commands` commands each.
    pub(super) fn batches(&self, first: u64, count: u64, commands: usize) -> Vec<Vec<u8>> {
        let item = Item {
            principal: None,
            type_name: RegisterParty::NAME.parse().expect("a name"),
            body: registration(10).encode(),
        };
        let items = List::new(vec![item; commands]).expect("at most 256");
        let body = Batch { mode: BatchMode::Independent, items }.encode();
        self.sign_all(first, count, &|_| (Batch::NAME, body.clone()))
    }

    fn sign_all(
        &self,
        first: u64,
        count: u64,
        body: &(dyn Fn(u64) -> (&'static str, Vec<u8>) + Sync),
    ) -> Vec<Vec<u8>> {
        let half = count / 2;
        let sign = |range: std::ops::Range<u64>| -> Vec<Vec<u8>> {
            range.map(|n| self.sign(first + n, body(n))).collect()
        };
        thread::scope(|scope| {
            let other = scope.spawn(|| sign(half..count));
            let mut all = sign(0..half);
            all.extend(other.join().expect("signing does not panic"));
            all
        })
    }

    fn sign(&self, n: u64, (type_name, body): (&str, Vec<u8>)) -> Vec<u8> {
        let now = unix_ms();
        let mut command_id = [0x40; 16];
        command_id[..6].copy_from_slice(&now.to_be_bytes()[2..]);
        command_id[8..].copy_from_slice(&n.to_be_bytes());
        let mut statement = Statement {
            origin: self.origin.clone(),
            principal: self.registrar.to_bytes(),
            command_id,
            signed_at_ms: now,
            expires_at_ms: now + 3_600_000,
            type_name: type_name.to_owned(),
            body,
            signatures: Vec::new(),
        };
        statement.sign_with(&self.key).expect("a statement that fits");
        statement.encode().expect("a statement that fits")
    }
}

/// A command whose name fills a statement up to what the goals are stated for.
fn registration(name: usize) -> RegisterParty {
    debug_assert!(name < STATEMENT_BYTES);
    RegisterParty {
        name: "n".repeat(name).parse().expect("a label"),
        roles: List::new(vec![Role::Buyer]).expect("one"),
        owner_group: None,
        custodial: false,
    }
}
