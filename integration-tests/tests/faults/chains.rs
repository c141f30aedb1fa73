//! Chains to break: made by a real node, and looked at with the node stopped.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use granary_book::{
    chain::ClockKind,
    parties::{RegisterParty, Role},
    wire::{List, Message},
};
use granary_integration_tests::{Running, World, config, found};
use granary_log::{
    note::VerifierKey,
    segment::{RecoverOptions, Scan, SegmentReader, SegmentSize, recover},
};
use granary_node::Founded;
use granary_runtime::{
    chain::{chain_dir, read_vkey},
    config::Config,
    files::FileStorage,
    maintain::{Examined, examine},
    store::StoreKind,
    time::unix_ms,
    verify::{Checks, Report, verify_directory},
};
use tokio::runtime::{Builder, Runtime};

/// The size of segments that repairs and restores make.
pub(crate) const SEGMENT: u64 = 1 << 20;
/// Callers that fill a chain side by side.
const CALLERS: usize = 16;

pub(crate) fn segment_size() -> SegmentSize {
    SegmentSize::new(SEGMENT).expect("in range")
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads")
}

/// A chain in a directory of its own.
pub(crate) struct Chain {
    pub(crate) config: Config,
    pub(crate) founded: Founded,
    series: u16,
    dir: tempfile::TempDir,
}

impl Chain {
    /// A chain of at least so many entries, closed in good order.
    pub(crate) fn of(entries: usize) -> Self {
        let mut chain = Self::new();
        chain.run(|running, world| Box::pin(fill(running, world, entries)));
        chain
    }

    pub(crate) fn new() -> Self {
        Self::named("test")
    }

    /// A chain whose origin is another one.
    pub(crate) fn new_with_other_origin() -> Self {
        Self::named("other")
    }

    fn named(name: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut config = config(&dir.path().join("node"), StoreKind::Redb);
        name.clone_into(&mut config.chain);
        fs::create_dir(&config.dir).expect("made");
        let founded = found(&config, ClockKind::Wall, unix_ms());
        Self { config, founded, series: 0, dir }
    }

    /// Runs the node, does something with it, and stops it. The digest of its state.
    pub(crate) fn run<F>(&mut self, act: F) -> [u8; 32]
    where
        F: for<'a> FnOnce(
            &'a Running,
            &'a mut World,
        ) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>,
    {
        self.series += 1;
        runtime().block_on(async {
            let running = Running::start(&self.config).await;
            let mut world = World::new(&running, &self.founded, self.series);
            act(&running, &mut world).await;
            drop(world);
            running.stop().await
        })
    }

    /// Runs the node and stops it.
    pub(crate) fn digest(&mut self) -> [u8; 32] {
        self.run(|_, _| Box::pin(async {}))
    }

    /// Why the node doesn't start.
    pub(crate) fn refusal(&self) -> String {
        let started = runtime().block_on(granary_node::start(&self.config));
        let Err(error) = started else { panic!("the node starts") };
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    pub(crate) fn place(&self) -> PathBuf {
        chain_dir(&self.config.dir, &self.config.chain)
    }

    /// A path beside the node's directory.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A copy of the node's directory as it is.
    pub(crate) fn copy(&self, name: &str) -> PathBuf {
        let to = self.beside(name);
        copy_dir(&self.config.dir, &to);
        to
    }

    pub(crate) fn examine(&self) -> Examined {
        examine(&self.place(), &|_, _| {}).expect("it can be examined")
    }

    pub(crate) fn entries(&self) -> Vec<Vec<u8>> {
        entries(&self.place())
    }

    pub(crate) fn segment(&self, ordinal: u64) -> PathBuf {
        self.place().join("log").join(granary_log::segment::segment_name(ordinal))
    }
}

/// The key in a chain's directory.
pub(crate) fn vkey(place: &Path) -> VerifierKey {
    read_vkey(place).expect("a key")
}

pub(crate) fn verified(place: &Path) -> Report {
    let checks = Checks { signatures: true, replay: true };
    verify_directory(place, Some(&vkey(place)), checks, &|_, _| {}).expect("it runs")
}

/// Every entry of a whole log.
pub(crate) fn entries(place: &Path) -> Vec<Vec<u8>> {
    let storage = FileStorage::read_only(&place.join("log"));
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = recover(&storage, vkey(place).name(), options).expect("whole");
    SegmentReader::new(&storage, &recovered.index, 0, recovered.head.size)
        .map(|entry| entry.expect("whole").bytes)
        .collect()
}

pub(crate) fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("listed") {
        let entry = entry.expect("listed");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_dir(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

/// Flips a bit of a file.
pub(crate) fn flip(path: &Path, bit: usize) {
    let mut bytes = fs::read(path).expect("it is there");
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(path, bytes).expect("written");
}

/// Appends so many entries: registrations, each a statement of its own.
pub(crate) async fn fill(running: &Running, world: &mut World, entries: usize) {
    let registrar = world.registrar.clone();
    let mut statements = Vec::with_capacity(entries);
    for n in 0..entries {
        let command = RegisterParty {
            name: format!("Buyer {n}").parse().expect("a label"),
            roles: List::new(vec![Role::Buyer]).expect("one"),
            owner_group: None,
            custodial: false,
        };
        let mut statement = world.unsigned(registrar.party, RegisterParty::NAME, command.encode());
        statement.sign_with(registrar.person(1)).expect("once");
        statements.push(statement.encode().expect("of the right size"));
    }
    let statements = Arc::new(statements);
    let callers = (0..CALLERS).map(|caller| {
        let (statements, door) = (Arc::clone(&statements), running.chain.door.clone());
        tokio::spawn(async move {
            for bytes in statements.iter().skip(caller).step_by(CALLERS) {
                door.submit(bytes.clone()).await.expect("decided");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("no panic");
    }
}
