//! The door: what stands between callers and the chain. It checks form, chain, expiry, keys and signatures,
//! and never the rules of the trade: a refusal by those is evidence, and the door's view may be stale.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use granary_book::{
    apply::{self, Moment, Received},
    chain::{self, Chain, Clock, ClockKind},
    parties::KEYS,
    state::View,
    vocabulary::Time,
    wire::Violations,
};
use granary_log::{
    entry::Outcome,
    record::{self, Record as Classified},
    signature::{KeyCache, SigningKey, Verdict, check_signatures_with},
    statement::{STATEMENT_MAX, Statement, digest_of},
};

use crate::{
    answer::Answer,
    apply::Shared,
    layers::Head,
    queries::{Freshness, Queries},
    sequence::{AppendError, Checked, Record, Sequencer},
    telemetry::names,
    time::unix_ms,
    waiters::{Joined, Waiting},
};

/// Parsed keys kept: 200 bytes each. Parsing one takes a tenth of the time that checking a signature does.
const KEYS_MAX: usize = 16_384;

/// How long a caller waits for the outcome before it is told that it is unknown.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// How long a statement that the node signs for a caller stays valid.
const CALL_LIFE_MS: u64 = 3_600_000;

/// The present moment of a chain: its own when its clock is simulated, else the time of day; never before its
/// last entry.
pub fn now_ms(chain: &Chain, head: Head) -> u64 {
    let now = match chain.clock {
        ClockKind::Simulated => chain.claim.ms(),
        ClockKind::Wall => unix_ms(),
    };
    now.max(head.time_ms)
}

/// Why a statement did not become an entry, or why its outcome isn't known.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Longer than a statement may be.
    #[error("a statement has at most {STATEMENT_MAX} bytes and this one {len}")]
    TooLong {
        /// Its length.
        len: usize,
    },
    /// Not a statement.
    #[error("not a statement: {0}")]
    Unreadable(String),
    /// For another chain.
    #[error("the statement is for chain {found}; this is {expected}")]
    OtherChain {
        /// The origin it names.
        found: String,
        /// This chain's.
        expected: String,
    },
    /// A signature does not verify.
    #[error("signature {position} does not verify; nothing was appended, and the id is still free")]
    SignatureInvalid {
        /// Which, from 0.
        position: usize,
    },
    /// A signature of a suite that isn't built.
    #[error("signature suite {suite} is not built here; 1 (Ed25519) is")]
    SuiteUnknown {
        /// Which suite.
        suite: u8,
    },
    /// A key that isn't registered.
    #[error(
        "key {key} is not registered on this chain; ask the registrar, or wait for the entry that registers it"
    )]
    KeyUnknown {
        /// The key id in hex.
        key: String,
    },
    /// Expired.
    #[error("the statement expired at {expires_at_ms} ms and the chain's time is {now_ms} ms")]
    Expired {
        /// Its expiry, Unix milliseconds.
        expires_at_ms: u64,
        /// The chain's time, Unix milliseconds.
        now_ms: u64,
        /// The entry that decided it, if one did.
        index: Option<u64>,
    },
    /// The body of a typed call is malformed.
    #[error("the command is malformed: {0}")]
    Body(Violations),
    /// The node keeps no key for the party.
    #[error(
        "this node keeps no service key for party {party}; sign the statement yourself and use Submit"
    )]
    NoServiceKey {
        /// Which party.
        party: String,
    },
    /// The queue is full, or the node is stopping: nothing was appended.
    #[error(transparent)]
    NotAppended(#[from] AppendError),
    /// The wait ended without an answer.
    #[error("the outcome is not known yet; ask GetStatement with the command id")]
    OutcomeUnknown {
        /// The statement's command id.
        command_id: [u8; 16],
    },
    /// The node has stopped serving.
    #[error("the node has stopped serving: {0}")]
    Stopped(String),
}

impl Failure {
    /// A word for it, as metrics count it.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::Unreadable(_) => "unreadable",
            Self::OtherChain { .. } => "other_chain",
            Self::SignatureInvalid { .. } => "signature_invalid",
            Self::SuiteUnknown { .. } => "suite_unknown",
            Self::KeyUnknown { .. } => "key_unknown",
            Self::Expired { .. } => "expired",
            Self::Body(_) => "body_malformed",
            Self::NoServiceKey { .. } => "no_service_key",
            Self::NotAppended(AppendError::Full { .. }) => "queue_full",
            Self::NotAppended(AppendError::Stopping) => "stopping",
            Self::OutcomeUnknown { .. } => "outcome_unknown",
            Self::Stopped(_) => "stopped",
        }
    }
}

/// Keys that the node keeps for parties: what typed calls are signed with.
pub trait Keyring: Send + Sync {
    /// The service key of a party.
    fn service_key(&self, party: &[u8; 16]) -> Option<SigningKey>;
}

/// The door of one chain.
#[derive(Clone)]
pub struct Door {
    shared: Shared,
    sequencer: Arc<dyn Sequencer>,
    queries: Arc<Queries>,
    keyring: Arc<dyn Keyring>,
    keys: Arc<Mutex<KeyCache>>,
}

/// A typed call.
#[derive(Debug, Clone)]
pub struct Call {
    /// In whose name.
    pub party: [u8; 16],
    /// The idempotency key; absent: a fresh one.
    pub command_id: Option<[u8; 16]>,
    /// Full protobuf name of the command.
    pub type_name: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// A statement that has passed the door.
struct Passed {
    bytes: Vec<u8>,
    checked: Box<Checked>,
}

impl Door {
    /// A door to a chain.
    pub fn new(
        shared: Shared,
        sequencer: Arc<dyn Sequencer>,
        queries: Arc<Queries>,
        keyring: Arc<dyn Keyring>,
    ) -> Self {
        let keys = Arc::new(Mutex::new(KeyCache::new(KEYS_MAX)));
        Self { shared, sequencer, queries, keyring, keys }
    }

    /// The chain's origin.
    pub fn origin(&self) -> &str {
        &self.shared.origin
    }

    /// What queries read from.
    pub fn queries(&self) -> &Arc<Queries> {
        &self.queries
    }

    /// The present moment as a statement's `signed_at`: the chain's own when its clock is simulated.
    pub fn now_ms(&self) -> u64 {
        let snapshot = self.shared.layers.snapshot();
        let head = snapshot.head();
        // A chain without genesis is never opened.
        chain::facts(&View::new(&snapshot)).map_or(head.time_ms, |chain| now_ms(&chain, head))
    }

    /// Appends a statement and waits for its outcome.
    ///
    /// # Errors
    ///
    /// [`Failure`]: it never became an entry, or its outcome isn't known.
    pub async fn submit(&self, bytes: Vec<u8>) -> Result<Arc<Answer>, Failure> {
        self.enter(bytes)?.outcome().await
    }

    /// Appends a statement; its outcome is waited for by what is returned. What one task enters keeps its
    /// order.
    ///
    /// # Errors
    ///
    /// [`Failure`]: it never became an entry.
    pub fn enter(&self, bytes: Vec<u8>) -> Result<Entered, Failure> {
        let since = Instant::now();
        let entered = self.enter_at(bytes, since);
        if let Err(failure) = &entered {
            metrics::counter!(names::TURNED_AWAY, "reason" => failure.reason()).increment(1);
        }
        entered
    }

    fn enter_at(&self, bytes: Vec<u8>, since: Instant) -> Result<Entered, Failure> {
        let Passed { bytes, checked } = self.check(bytes)?;
        let command_id = checked.statement.command_id;
        if let Some(answer) = self.decided_before(&checked.statement) {
            return Ok(Entered { command_id, since, state: EnteredState::Decided(answer) });
        }
        self.check_expiry(&checked.statement)?;
        let digest = digest_of(&bytes);
        let waiting = match self.shared.waiters.join(digest) {
            Joined::Along(waiting) => waiting,
            Joined::First(waiting) => {
                let record = Record { bytes, digest, checked: Some(checked) };
                if let Err(error) = self.sequencer.append(record) {
                    self.shared.waiters.forget(&digest);
                    return Err(error.into());
                }
                waiting
            }
        };
        Ok(Entered { command_id, since, state: EnteredState::Waiting(waiting) })
    }

    /// Form, chain, signatures and keys.
    fn check(&self, bytes: Vec<u8>) -> Result<Passed, Failure> {
        if bytes.len() > STATEMENT_MAX {
            return Err(Failure::TooLong { len: bytes.len() });
        }
        let statement = match record::classify(&bytes, &self.shared.origin) {
            Classified::Statement(statement) => statement,
            Classified::Barrier(_) => {
                return Err(Failure::Unreadable("a barrier is not for callers".to_owned()));
            }
            Classified::Unreadable(why) => return Err(self.unreadable(&bytes, &why.to_string())),
        };
        // Locked while a key is looked up, and not while a signature is checked.
        let verdicts = check_signatures_with(&statement, |key_id| {
            self.keys.lock().unwrap_or_else(PoisonError::into_inner).key(key_id)
        });
        for (position, verdict) in verdicts.iter().enumerate() {
            match verdict {
                Verdict::Valid => {}
                Verdict::Invalid => return Err(Failure::SignatureInvalid { position }),
                Verdict::SuiteUnknown => {
                    let suite = statement.signatures[position].suite;
                    return Err(Failure::SuiteUnknown { suite });
                }
            }
        }
        self.check_keys(&statement)?;
        Ok(Passed { bytes, checked: Box::new(Checked { statement, verdicts }) })
    }

    fn unreadable(&self, bytes: &[u8], why: &str) -> Failure {
        match Statement::decode(bytes) {
            Ok(statement) => Failure::OtherChain {
                found: statement.origin,
                expected: self.shared.origin.to_string(),
            },
            Err(_) => Failure::Unreadable(why.to_owned()),
        }
    }

    /// A statement whose keys nobody registered is kept out: it would only fill the log. One with a new key
    /// beside known ones passes, for that is how keys are registered.
    fn check_keys(&self, statement: &Statement) -> Result<(), Failure> {
        let snapshot = self.shared.layers.snapshot();
        let view = View::new(&snapshot);
        let known = |s: &&granary_log::statement::Signature| KEYS.has(&view, &(s.suite, s.key_id));
        match statement.signatures.first() {
            Some(first) if known(&first) => Ok(()),
            Some(first) => Err(Failure::KeyUnknown { key: hex::encode(first.key_id) }),
            None => Err(Failure::Unreadable("it has no signature".to_owned())),
        }
    }

    fn check_expiry(&self, statement: &Statement) -> Result<(), Failure> {
        let now_ms = self.now_ms();
        if statement.expires_at_ms >= now_ms {
            return Ok(());
        }
        let index = self.queries.decided(statement.principal, statement.command_id);
        let index = index.map(|seen| seen.index);
        Err(Failure::Expired { expires_at_ms: statement.expires_at_ms, now_ms, index })
    }

    /// The same statement, decided before: answered without another entry.
    fn decided_before(&self, statement: &Statement) -> Option<Arc<Answer>> {
        let (principal, command_id) = (statement.principal, statement.command_id);
        let (seen, time_ms) = {
            let snapshot = self.shared.layers.snapshot();
            let seen = apply::seen(&View::new(&snapshot), principal, command_id);
            (seen, snapshot.head().time_ms)
        };
        // The book remembers a statement until it has expired, so only one that has can be known to the
        // queries alone.
        let may_be_forgotten = || statement.expires_at_ms < time_ms;
        let seen = seen.or_else(|| {
            may_be_forgotten().then(|| self.queries.decided(principal, command_id)).flatten()
        })?;
        if seen.digest != statement.signed_digest().0 {
            // Used for something else: the book says so, in an entry.
            return None;
        }
        let mut answer = self.queries.answer_at(seen.index)?;
        answer.result.clock_events.clear();
        answer.result.outcome = Outcome::Duplicate { first_index: seen.index };
        Some(Arc::new(answer))
    }

    /// Decides a statement against the node's present state and appends nothing.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub fn validate(&self, bytes: Vec<u8>) -> Result<Answer, Failure> {
        let Passed { checked, .. } = self.check(bytes)?;
        let snapshot = self.shared.layers.snapshot();
        let head = snapshot.head();
        let moment = Moment {
            index: head.size,
            previous: Time::from_ms(head.time_ms),
            clock: Clock::Local(Time::from_ms(unix_ms())),
        };
        let received =
            Received::Statement { statement: &checked.statement, verdicts: &checked.verdicts };
        let applied = apply::apply(&snapshot, &moment, received)
            .map_err(|broken| Failure::Stopped(broken.to_string()))?;
        Ok(Answer {
            index: head.size,
            leaf_hash: granary_log::hash::Hash([0; 32]),
            time_ms: applied.time.ms(),
            result: applied.result,
        })
    }

    /// The statement of a typed call, signed with the service key that the node keeps for the party.
    ///
    /// # Errors
    ///
    /// [`Failure::NoServiceKey`], [`Failure::Body`] with every violation.
    pub fn sign_call(&self, call: Call) -> Result<Vec<u8>, Failure> {
        if let Some(Err(violations)) =
            granary_book::areas::Command::decode(&call.type_name, &call.body)
        {
            return Err(Failure::Body(violations));
        }
        let no_key = || Failure::NoServiceKey { party: format!("pt_{}", hex::encode(call.party)) };
        let key = self.keyring.service_key(&call.party).ok_or_else(no_key)?;
        let signed_at_ms = self.now_ms();
        let mut statement = Statement {
            origin: self.shared.origin.to_string(),
            principal: call.party,
            command_id: call.command_id.unwrap_or_else(|| *uuid::Uuid::now_v7().as_bytes()),
            signed_at_ms,
            expires_at_ms: signed_at_ms.saturating_add(CALL_LIFE_MS),
            type_name: call.type_name,
            body: call.body,
            signatures: Vec::new(),
        };
        let sign = statement.sign_with(&key).and_then(|()| statement.encode());
        sign.map_err(|error| Failure::Unreadable(error.to_string()))
    }

    /// Waits until a read may be made.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the wait is over without success.
    pub async fn fresh(&self, freshness: Freshness) -> Result<(), Failure> {
        let wait = async {
            let mut size = freshness.min_index.map_or(0, |index| index.saturating_add(1));
            if freshness.linearizable {
                let nonce = *uuid::Uuid::new_v4().as_bytes();
                let reached = self.shared.barriers.join(nonce);
                self.sequencer.barrier(nonce)?;
                let stopped = || Failure::Stopped("the apply thread has ended".to_owned());
                size = size.max(reached.await.map_err(|_| stopped())?);
            }
            self.queries.wait_for(size).await
        };
        match tokio::time::timeout(DEADLINE, wait).await {
            Ok(done) => done,
            Err(_) => Err(Failure::Stopped(
                "the read waited 10 s for an index that has not been applied".to_owned(),
            )),
        }
    }
}

enum EnteredState {
    Decided(Arc<Answer>),
    Waiting(Waiting),
}

/// A statement that is on its way.
pub struct Entered {
    command_id: [u8; 16],
    since: Instant,
    state: EnteredState,
}

impl Entered {
    /// Waits for the outcome. Dropping the wait loses nothing: it may be begun again.
    ///
    /// # Errors
    ///
    /// [`Failure::OutcomeUnknown`]: it may still be decided.
    pub async fn outcome(&mut self) -> Result<Arc<Answer>, Failure> {
        let unknown = Failure::OutcomeUnknown { command_id: self.command_id };
        match &mut self.state {
            EnteredState::Decided(answer) => Ok(Arc::clone(answer)),
            EnteredState::Waiting(waiting) => match tokio::time::timeout(DEADLINE, waiting).await {
                Ok(Ok(answer)) => {
                    metrics::histogram!(names::STATEMENT_SECONDS).record(self.since.elapsed());
                    Ok(answer)
                }
                Ok(Err(_)) | Err(_) => Err(unknown),
            },
        }
    }

    /// The statement's command id.
    pub const fn command_id(&self) -> [u8; 16] {
        self.command_id
    }
}
