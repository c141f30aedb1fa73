//! Cosignatures: every checkpoint that is signed goes to the witnesses, and is published with what they cosigned.
//! None of this is on the way of an append; a witness that is down, slow or wrong is an alarm and never a stop.

mod client;
mod evidence;
mod policy;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use granary_log::note::{Note, NoteSignature, VerifierKey};
use granary_runtime::{
    chain::Chain,
    config::Config,
    publication::Publication,
    signer::Signed,
    supervise::{Stop, Supervisor, TaskResult},
    telemetry::{in_metrics, names},
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout},
};

use client::{AskError, Client};
use policy::Policy;

/// How long a witness that failed is left alone: this, and twice as long each time.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// At most so long.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// A cosignature: which witness, of how many entries.
struct Cosigned {
    witness: usize,
    size: u64,
    signature: NoteSignature,
}

/// What every witness's task needs.
#[derive(Clone)]
struct Asking {
    chain: Arc<Chain>,
    log_key: VerifierKey,
    chain_dir: PathBuf,
    targets: watch::Receiver<Option<Signed>>,
    told: mpsc::Sender<Cosigned>,
}

/// Starts a task for each witness, and one that publishes.
pub(crate) fn spawn(
    supervisor: &mut Supervisor,
    chain: &Arc<Chain>,
    log_key: VerifierKey,
    chain_dir: PathBuf,
    config: &Config,
) {
    let witnesses = &config.witnesses;
    let (targets_in, targets) = watch::channel(None);
    let (told, cosigned) = mpsc::channel(witnesses.len().max(1) * 4);
    let asking =
        Asking { chain: Arc::clone(chain), log_key, chain_dir, targets, told: told.clone() };
    for (number, witness) in witnesses.iter().enumerate() {
        let client = Client::new(witness.clone(), config.witness_timeout());
        let asking = asking.clone();
        supervisor.spawn("witness", |stop| attend(number, client, asking, stop));
    }
    let required = (0..).zip(witnesses).filter(|(_, witness)| witness.required);
    let policy = Policy {
        needed: usize::try_from(config.witnesses_needed).unwrap_or(usize::MAX),
        required: required.map(|(number, _)| number).collect(),
    };
    let collector = Collector {
        publication: chain.publication.clone(),
        latest: chain.proofs.watch(),
        targets: targets_in,
        cosigned,
        _told: told,
        policy,
        timeout: config.witness_timeout(),
        idle: config.checkpoint_idle(),
    };
    supervisor.spawn("cosignatures", |stop| collector.run(stop));
}

/// Has one witness cosign each target, the newest when several came meanwhile.
async fn attend(number: usize, mut client: Client, mut asking: Asking, stop: Stop) -> TaskResult {
    let name = client.witness.key.name().to_owned();
    let mut failing: Option<&'static str> = None;
    let mut pause = PAUSE_MIN;
    loop {
        let target = asking.targets.borrow_and_update().clone();
        if let Some(target) = target {
            match client.cosign(&asking.chain.proofs, &target).await {
                Ok(signature) => {
                    if failing.take().is_some() {
                        tracing::info!(witness = name, "the witness cosigns again");
                    }
                    pause = PAUSE_MIN;
                    metrics::gauge!(names::WITNESS_SIZE, "witness" => name.clone())
                        .set(in_metrics(target.size));
                    let cosigned = Cosigned { witness: number, size: target.size, signature };
                    // Without a collector the node is stopping.
                    drop(asking.told.send(cosigned).await);
                }
                Err(error) => {
                    alarm(&client, &asking, &target, &error, &mut failing).await;
                    if timeout(pause, stop.requested()).await.is_ok() {
                        return Ok(());
                    }
                    pause = (pause * 2).min(PAUSE_MAX);
                    continue;
                }
            }
        }
        tokio::select! {
            changed = asking.targets.changed() => if changed.is_err() {
                stop.requested().await;
                return Ok(());
            },
            () = stop.requested() => return drain(number, client, asking).await,
        }
    }
}

/// After the stop: the last checkpoints are still cosigned, until the collector ends.
async fn drain(number: usize, mut client: Client, mut asking: Asking) -> TaskResult {
    while asking.targets.changed().await.is_ok() {
        let Some(target) = asking.targets.borrow_and_update().clone() else { continue };
        if let Ok(signature) = client.cosign(&asking.chain.proofs, &target).await {
            let cosigned = Cosigned { witness: number, size: target.size, signature };
            drop(asking.told.send(cosigned).await);
        }
    }
    Ok(())
}

/// Counts what went wrong, tells of it when it is something new, and looks for a second history.
async fn alarm(
    client: &Client,
    asking: &Asking,
    target: &Signed,
    error: &AskError,
    failing: &mut Option<&'static str>,
) {
    let (name, reason) = (client.witness.key.name(), error.reason());
    metrics::counter!(names::WITNESS_FAILURES, "witness" => name.to_owned(), "reason" => reason)
        .increment(1);
    if *failing != Some(reason) {
        tracing::warn!(witness = name, size = target.size, error = %with_cause(error),
            "a witness does not cosign; appends go on");
        *failing = Some(reason);
    }
    if matches!(error, AskError::Contradicts { .. }) {
        evidence::look(client, &asking.chain, &asking.log_key, &asking.chain_dir, target).await;
    }
}

fn with_cause(error: &AskError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Chooses what is to be cosigned, and publishes.
struct Collector {
    publication: Publication,
    latest: watch::Receiver<Option<Signed>>,
    targets: watch::Sender<Option<Signed>>,
    cosigned: mpsc::Receiver<Cosigned>,
    /// Witnesses come and go; the channel stays.
    _told: mpsc::Sender<Cosigned>,
    policy: Policy,
    timeout: Duration,
    idle: Duration,
}

/// One checkpoint on its way to being published.
struct Round {
    target: Signed,
    by: BTreeMap<usize, NoteSignature>,
    is_published: bool,
}

impl Collector {
    /// One checkpoint after another, until the signer has ended.
    async fn run(mut self, stop: Stop) -> TaskResult {
        let mut round: Option<Round> = None;
        loop {
            let Some(newest) = self.latest.borrow_and_update().clone() else {
                if self.latest.changed().await.is_err() {
                    break;
                }
                continue;
            };
            // Cosigned again when nothing new came: what is published stays until then.
            let again = round.take().filter(|round| round.target.size == newest.size);
            let mut begun =
                again.unwrap_or(Round { target: newest, by: BTreeMap::new(), is_published: false });
            if !self.round(&mut begun).await {
                break;
            }
            round = Some(begun);
        }
        drop(self.targets);
        stop.requested().await;
        Ok(())
    }

    /// Has a checkpoint cosigned and published, until there is a newer one or the idle interval is over. False
    /// when no newer one can come.
    async fn round(&mut self, round: &mut Round) -> bool {
        self.targets.send_replace(Some(round.target.clone()));
        let (deadline, again) = (Instant::now() + self.timeout, Instant::now() + self.idle);
        let mut signer_lives = true;
        self.publish(round, false);
        loop {
            let is_over = round.is_published && (!signer_lives || self.is_newer_than(round));
            if is_over {
                return signer_lives;
            }
            tokio::select! {
                cosigned = self.cosigned.recv() => {
                    if let Some(cosigned) = cosigned.filter(|c| c.size == round.target.size) {
                        round.by.insert(cosigned.witness, cosigned.signature);
                        self.publish(round, false);
                    }
                }
                changed = self.latest.changed(), if signer_lives => signer_lives = changed.is_ok(),
                () = sleep_until(deadline), if !round.is_published => self.publish(round, true),
                () = sleep_until(again), if round.is_published && signer_lives => return true,
            }
        }
    }

    fn is_newer_than(&self, round: &Round) -> bool {
        self.latest.borrow().as_ref().is_some_and(|latest| latest.size > round.target.size)
    }

    /// Publishes when the policy is met, or when the time for it is over: a checkpoint that the log signed is
    /// never kept back by those who don't answer.
    fn publish(&self, round: &mut Round, is_late: bool) {
        let by: BTreeSet<usize> = round.by.keys().copied().collect();
        let is_met = self.policy.is_met(&by);
        if !is_met && !is_late {
            return;
        }
        if is_late && !is_met {
            metrics::counter!(names::PUBLISHED_WITHOUT).increment(1);
            tracing::warn!(
                size = round.target.size,
                cosigned_by = by.len(),
                "a checkpoint is published without the cosignatures that the policy asks for"
            );
        }
        let Ok(mut note) = Note::parse(round.target.note.as_bytes()) else { return };
        round.by.values().cloned().for_each(|signature| note.add(signature));
        match self.publication.publish(round.target.size, &note.to_string().into()) {
            Ok(()) => round.is_published = true,
            Err(error) => {
                tracing::warn!(%error, "the checkpoint can't be published");
                // The next one is another attempt.
                round.is_published = is_late;
            }
        }
    }
}
