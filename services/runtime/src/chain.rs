//! A chain of a node: opened, recovered, brought up to date, and put to work.

mod replaying;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, RwLock, mpsc},
};

use granary_book::{
    apply::ReplayFault,
    chain::{ClockKind, facts},
    state::{Base, View},
    vocabulary::Id,
};
use granary_log::{
    entry::Entry,
    hash::{Hash, leaf_hash},
    note::{SignerKey, VerifierKey},
    segment::{
        RecoverError, RecoverOptions, Scan, SegmentSize, SegmentWriter, StorageError, recover,
    },
    tree::Tree,
};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc as tokio_mpsc, watch};

pub(crate) use self::replaying::bring_up_to_date;
use crate::{
    apply::{AppliedGroup, Applier, Barriers, Shared, group_channel},
    door::{Door, Keyring},
    files::{FileError, FileStorage, write_atomically},
    flush::States,
    journal::{LogEntries, SegmentJournal},
    layers::{Head, Layers},
    projection::{Plan, Projector, QueriesBroken},
    proofs::Proofs,
    publication::Publication,
    publish::{Publisher, Publishes},
    queries::{Entries, Queries},
    sequence::{Limits, Sequencer, local},
    signer::{self, Grant, Grants, Identity, Signed, Signer, SignerError},
    store::{
        CachedStore, OpenError, StateStore, StoreError, StoreKind, StoreOptions, open_or_set_aside,
        set_aside,
    },
    tiles::TileFiles,
    time::{TimeSource, is_near, unix_ms},
    waiters::{Waiters, Woken},
};

/// How a chain is opened.
pub struct Options {
    /// Who publishes what is signed.
    pub publishes: Publishes,
    /// Which store holds the derived states.
    pub store: StoreKind,
    /// How it is opened.
    pub store_options: StoreOptions,
    /// Cache of values in front of the store, in bytes.
    pub read_cache_bytes: u64,
    /// Size of new segments.
    pub segment_size: SegmentSize,
    /// Bounds of queue and groups.
    pub limits: Limits,
    /// Open although the machine's clock is far from the last entry.
    pub accept_clock: bool,
    /// Told how far bringing a state up to date has come: (entries done, entries in all).
    pub progress: Box<dyn Fn(u64, u64) + Send>,
}

/// Why a chain can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The directory holds no chain.
    #[error("{} holds no chain; `granary init` makes one", .path.display())]
    NoChain {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The verifier key can't be read as one.
    #[error("{} holds no verifier key", .path.display())]
    NoVerifierKey {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The segments.
    #[error("the log can't be taken up")]
    Recover(#[from] RecoverError),
    /// A segment's file.
    #[error("the log can't be taken up")]
    Storage(#[from] StorageError),
    /// Files.
    #[error("the chain's files can't be used")]
    Files(#[from] FileError),
    /// Reading or starting something.
    #[error("the chain can't be put to work")]
    Io(#[from] io::Error),
    /// A store.
    #[error("the state store can't be opened")]
    OpenStore(#[from] OpenError),
    /// A store.
    #[error("the state store failed")]
    Store(#[from] StoreError),
    /// The query state.
    #[error(transparent)]
    Queries(#[from] QueriesBroken),
    /// The state is ahead of the log.
    #[error(
        "the state has applied {state} entries and the log holds {log}: durable entries were lost. Bring the log \
         back (granary fsck --repair-from a mirror); nothing was changed"
    )]
    EntriesLost {
        /// Entries applied.
        state: u64,
        /// Entries in the log.
        log: u64,
    },
    /// An entry doesn't follow by the rules.
    #[error("the log doesn't follow from itself by these rules; run granary verify --replay")]
    Replay(#[from] ReplayFault),
    /// An entry isn't one.
    #[error("entry {index} can't be decoded")]
    Entry {
        /// Which.
        index: u64,
    },
    /// The machine's clock is far from the last entry.
    #[error(
        "the machine's clock says {now_ms} ms and the last entry {last_ms} ms: more than 7 days apart. Set the \
         clock, or start with --accept-clock if the chain was idle that long"
    )]
    ClockFar {
        /// Now, Unix milliseconds.
        now_ms: u64,
        /// The last entry's log time, Unix milliseconds.
        last_ms: u64,
    },
    /// The signer.
    #[error("checkpoints can't be signed")]
    Signer(#[from] SignerError),
    /// The genesis statement was not accepted.
    #[error("the genesis was not accepted: {0}")]
    Genesis(String),
}

/// The directory of a chain below a node's.
pub fn chain_dir(node_dir: &Path, name: &str) -> PathBuf {
    node_dir.join("chains").join(name)
}

/// The log's verifier key, as its directory says it.
///
/// # Errors
///
/// There is no chain, or no key.
pub fn read_vkey(chain_dir: &Path) -> Result<VerifierKey, ChainError> {
    let path = chain_dir.join("vkey");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(ChainError::NoChain { path: chain_dir.to_owned() });
        }
        Err(error) => return Err(error.into()),
    };
    let key = String::from_utf8(bytes).ok().and_then(|text| text.trim_end().parse().ok());
    key.ok_or(ChainError::NoVerifierKey { path })
}

/// Makes a chain's directory and writes its genesis statement as the first entry.
///
/// # Errors
///
/// There is one already, the genesis is refused, or the disk refuses.
pub fn create(
    chain_dir: &Path,
    vkey: &VerifierKey,
    genesis: &[u8],
    segment_size: SegmentSize,
) -> Result<(), ChainError> {
    for name in ["log", "checkpoints", "signer", "tiles"] {
        fs::create_dir_all(chain_dir.join(name))?;
    }
    let origin = vkey.name();
    let storage = FileStorage::open(&chain_dir.join("log"))?;
    let recovered = recover(&storage, origin, everything())?;
    if recovered.head.size > 0 {
        return Err(ChainError::Genesis("the directory has a chain already".to_owned()));
    }
    let entry = crate::apply::genesis_entry(origin, genesis).map_err(ChainError::Genesis)?;
    let mut writer = SegmentWriter::open(storage, recovered, segment_size)?;
    writer.prepare_next(*uuid::Uuid::new_v4().as_bytes())?;
    writer.append_group(&[entry]).map_err(io::Error::other)?;
    signer::found(chain_dir)?;
    write_atomically(&chain_dir.join("vkey"), format!("{vkey}\n").as_bytes(), 0o644)?;
    Ok(())
}

pub(crate) const fn everything() -> RecoverOptions {
    RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false }
}

/// A chain that has been opened and brought up to date. What runs it are its [`Threads`].
pub struct Chain {
    /// The door.
    pub door: Door,
    /// Proofs and checkpoints.
    pub proofs: Arc<Proofs>,
    /// The checkpoint that the world is told, with the tiles beside it.
    pub publication: Publication,
    /// The entries.
    pub entries: Arc<LogEntries>,
    /// The book's state and the query state.
    pub states: States,
    /// The ordering log: closing it ends the apply thread once it is drained.
    pub sequencer: Arc<dyn Sequencer>,
}

/// The log's key, and whose right it is to use it.
pub struct LogKey {
    /// The key.
    pub key: SignerKey,
    /// The party of this node, which the chain may give the right to sign.
    pub node: [u8; 16],
}

/// What has to run for a chain to live.
pub struct Threads {
    /// Decides statements: an OS thread.
    pub applier: Applier,
    /// Folds projections: an OS thread.
    pub projector: Projector,
    /// Where the projector takes groups from.
    pub groups: mpsc::Receiver<AppliedGroup>,
    /// Tells callers their answers: a task.
    pub answers: tokio_mpsc::UnboundedReceiver<Vec<Woken>>,
    /// Makes tiles, signs checkpoints and publishes them: an OS thread.
    pub publisher: Publisher,
}

/// Opens a chain, replays what its states lack, and makes it ready to run.
///
/// # Errors
///
/// [`ChainError`], saying what to do.
pub fn open(
    chain_dir: &Path,
    key: LogKey,
    plan: Plan,
    keyring: Arc<dyn Keyring>,
    time: Box<dyn TimeSource>,
    options: &Options,
) -> Result<(Chain, Threads), ChainError> {
    let vkey = read_vkey(chain_dir)?;
    let origin: Arc<str> = vkey.name().into();
    let storage = FileStorage::open(&chain_dir.join("log"))?;
    let recovered = recover(&storage, &origin, everything())?;
    if let Some(cut) = &recovered.cut {
        tracing::warn!(
            first_index = cut.first_index,
            segment = cut.segment,
            "a group that was never acknowledged is cut off the log's end"
        );
    }
    let log = Head {
        size: recovered.head.size,
        leaf_hash: recovered.head.last_leaf_hash.0,
        time_ms: recovered.head.last_time_ms,
    };
    if log.size == 0 {
        return Err(ChainError::NoChain { path: chain_dir.to_owned() });
    }
    let writer = SegmentWriter::open(storage, recovered, options.segment_size)?;
    let (journal, entries) = SegmentJournal::new(writer)?;

    let (states, head) = open_states(chain_dir, &origin, options, &entries, log)?;
    let (projector, folded) = Projector::new(plan, Arc::clone(&states.queries))?;
    let tree = bring_up_to_date(&states, &projector, &entries, head, log, options)?;
    check_clock(&states, log.time_ms, options.accept_clock)?;

    let (tree, shared) = share(&origin, &states, tree);
    let publication = Publication::open(TileFiles::of_chain(chain_dir), log.size);
    let identity = Identity { key: key.key, node: key.node, grants: grants(&states) };
    let (signer, latest) = Signer::open(chain_dir, identity, Arc::clone(&tree))?;
    let publisher = Publisher::new(
        chain_dir.to_owned(),
        signer,
        Arc::clone(&entries),
        tree,
        publication.clone(),
        options.publishes,
    );
    let (sequencer, order) = local(options.limits);
    let (groups_in, groups) = group_channel();
    let (answers_in, answers) = tokio_mpsc::unbounded_channel();
    let applier = Applier::new(
        shared.clone(),
        Box::new(order),
        Box::new(journal),
        time,
        answers_in,
        groups_in,
    );
    let sequencer = Arc::new(sequencer);
    let chain =
        assemble(&shared, sequencer, &states, folded, entries, keyring, (latest, publication));
    Ok((chain, Threads { applier, projector, groups, answers, publisher }))
}

/// The chain's word on who may sign, at the state that is durable.
fn grants(states: &States) -> Grants {
    let book = Arc::clone(&states.book);
    Box::new(move || {
        let grant = granary_book::chain::signer(&View::new(&book.snapshot())).ok()?;
        Some(Grant {
            node: grant.node.to_bytes(),
            index: grant.index,
            size: grant.previous_size,
            root: Hash(grant.root.0),
        })
    })
}

fn check_clock(states: &States, last_ms: u64, accept: bool) -> Result<(), ChainError> {
    let now_ms = unix_ms();
    let facts = facts(&View::new(&states.book.snapshot()));
    // The time of day says nothing about a clock that only the operators move.
    let is_simulated = facts.is_ok_and(|chain| chain.clock == ClockKind::Simulated);
    if accept || is_simulated || is_near(now_ms, last_ms) {
        return Ok(());
    }
    Err(ChainError::ClockFar { now_ms, last_ms })
}

fn share(origin: &Arc<str>, states: &States, tree: Tree) -> (Arc<RwLock<Tree>>, Shared) {
    let tree = Arc::new(RwLock::new(tree));
    let shared = Shared {
        origin: Arc::clone(origin),
        layers: Arc::clone(&states.book),
        tree: Arc::clone(&tree),
        waiters: Arc::new(Waiters::default()),
        barriers: Arc::new(Barriers::default()),
    };
    (tree, shared)
}

fn assemble(
    shared: &Shared,
    sequencer: Arc<dyn Sequencer>,
    states: &States,
    folded: watch::Receiver<u64>,
    entries: Arc<LogEntries>,
    keyring: Arc<dyn Keyring>,
    (latest, publication): (watch::Receiver<Option<Signed>>, Publication),
) -> Chain {
    let readers: Arc<dyn Entries> = Arc::clone(&entries) as Arc<dyn Entries>;
    let queries = Arc::new(Queries::new(Arc::clone(&states.queries), folded, readers));
    Chain {
        door: Door::new(shared.clone(), Arc::clone(&sequencer), queries, keyring),
        proofs: Arc::new(Proofs::new(Arc::clone(&shared.tree), latest)),
        publication,
        entries,
        states: states.clone(),
        sequencer,
    }
}

/// The two states, and where the book's stands. One that belongs to another history is set aside; without
/// the query state's rows the book's is made anew with it, since both are replayed from one place.
pub(crate) fn open_states(
    chain_dir: &Path,
    origin: &Arc<str>,
    options: &Options,
    entries: &LogEntries,
    log: Head,
) -> Result<(States, Head), ChainError> {
    let book_dir = chain_dir.join("state");
    let query_dir = chain_dir.join("queries");
    let mut book = open_store(&book_dir, options)?;
    let mut queries = open_store(&query_dir, options)?;
    let mut head = stands(&*book, origin, entries, log)?;
    let query_head = stands(&*queries, origin, entries, log)?;
    // Changes are written with their position, so stores without one hold nothing yet.
    let new = book.position()?.is_none() && queries.position()?.is_none();
    let usable = new || matches!((head, query_head), (Some(b), Some(q)) if b.size <= q.size);
    if !usable {
        drop((book, queries));
        tracing::warn!("a state disagrees with the log or lacks its companion; both are rebuilt");
        for dir in [&book_dir, &query_dir] {
            set_aside(dir)?;
        }
        book = open_store(&book_dir, options)?;
        queries = open_store(&query_dir, options)?;
        head = None;
    }
    let head = head.unwrap_or_default();
    let query_head = if usable { query_head.unwrap_or_default() } else { Head::default() };
    let cached: Arc<dyn StateStore> = Arc::new(CachedStore::new(book, options.read_cache_bytes));
    let states = States {
        origin: Arc::clone(origin),
        book: Arc::new(Layers::new(cached, head)),
        queries: Arc::new(Layers::new(queries.into(), query_head)),
    };
    Ok((states, head))
}

fn open_store(dir: &Path, options: &Options) -> Result<Box<dyn StateStore>, ChainError> {
    Ok(open_or_set_aside(options.store, dir, &options.store_options)?.store)
}

/// Where a store stands in this log; `None` when it is empty or stands in another one.
fn stands(
    store: &dyn StateStore,
    origin: &str,
    entries: &LogEntries,
    log: Head,
) -> Result<Option<Head>, ChainError> {
    let Some(position) = store.position()? else { return Ok(None) };
    if position.chain_origin != origin || position.size == 0 {
        return Ok(None);
    }
    if position.size > log.size {
        return Err(ChainError::EntriesLost { state: position.size, log: log.size });
    }
    let index = position.size - 1;
    let bytes = entries.bytes(index).ok_or(ChainError::Entry { index })?;
    if leaf_hash(&bytes).0 != position.leaf_hash {
        return Ok(None);
    }
    let time_ms = Entry::decode(&bytes).map_err(|_| ChainError::Entry { index })?.time_ms;
    Ok(Some(Head { size: position.size, leaf_hash: position.leaf_hash, time_ms }))
}

/// Tells callers their answers, a group at a time, inside the runtime they wait in.
pub async fn tell(mut answers: tokio_mpsc::UnboundedReceiver<Vec<Woken>>) {
    while let Some(woken) = answers.recv().await {
        for (caller, answer) in woken {
            // A caller that has gone away asks GetStatement later.
            let _ = caller.send(answer);
        }
    }
}

/// A digest over all keys and values of the book's state, in order.
pub fn state_digest(layers: &Layers) -> [u8; 32] {
    let snapshot = layers.snapshot();
    let mut digest = Sha256::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = snapshot.range(&[], after.as_deref(), 4_096);
        let Some((last, _)) = page.last() else { return digest.finalize().into() };
        after = Some(last.clone());
        for (key, value) in &page {
            for part in [key, value] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
        }
    }
}
