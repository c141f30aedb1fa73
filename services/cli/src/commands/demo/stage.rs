//! The stage of the demonstration: a node, the people with their keys, and the chain's own clock.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use granary_book::{
    chain::AdvanceClock,
    parties::{AddPerson, KeyHolder, Purpose as KeyPurpose, RegisterKey, RegisterParty, Role},
    vocabulary::{Id, Millis, PartyId, PersonId, Time},
    wire::{List, Message},
};
use granary_log::{hash::sha256, ids::derive_id, signature::SigningKey, statement::Statement};
use granary_node::Founded;
use granary_proto::statement::v1::{
    self as pb, reply::Outcome, statement_service_client::StatementServiceClient,
};
use granary_runtime::keystore::{KeyFile, KeyUse, Protection, Purpose, Seed};
use tonic::transport::Channel;

use crate::report::Failure;

/// How long a statement of the demonstration stays valid.
const LIFE: Millis = Millis::hours(1);

/// Makes all secrets and ids of a demonstration from its seed: the same seed, the same statements.
pub(super) struct Seeded {
    seed: u64,
    count: u64,
}

impl Seeded {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed, count: 0 }
    }

    /// The next 32 bytes. Nothing that is made of them is a secret: everybody knows the seed.
    pub(super) fn next(&mut self) -> [u8; 32] {
        self.count += 1;
        let mut input = b"granary/demo/v1\0".to_vec();
        input.extend_from_slice(&self.seed.to_be_bytes());
        input.extend_from_slice(&self.count.to_be_bytes());
        sha256(&input).0
    }
}

/// Somebody who takes part: a party and the keys of its persons.
#[derive(Clone)]
pub(super) struct Actor {
    pub(super) name: &'static str,
    pub(super) id: PartyId,
    keys: Vec<SigningKey>,
}

/// What a statement came to.
pub(super) struct Said {
    pub(super) index: u64,
    pub(super) outcome: Outcome,
    principal: [u8; 16],
    command_id: [u8; 16],
}

impl Said {
    /// The id of the `n`-th thing that the statement made.
    pub(super) fn made<I: Id>(&self, n: u8) -> I {
        I::from_bytes(derive_id(&self.principal, &self.command_id, 0, n))
    }

    /// The first event of a type, decoded.
    pub(super) fn event<E: Message>(&self) -> anyhow::Result<E> {
        let Outcome::Accepted(accepted) = &self.outcome else { bail!("nothing was accepted") };
        let events = accepted.items.iter().flat_map(|item| &item.events);
        let event = events.into_iter().find(|event| event.type_name == E::NAME);
        let event = event.with_context(|| format!("the entry has no {}", E::NAME))?;
        Ok(E::decode(&event.body)?)
    }

    /// Whether the entry has an event of a type.
    pub(super) fn has<E: Message>(&self) -> bool {
        self.event::<E>().is_ok()
    }

    /// The name of the refusal.
    pub(super) fn refusal(&self) -> Option<&pb::Refusal> {
        match &self.outcome {
            Outcome::Refused(refused) => refused.refusal.as_ref(),
            _ => None,
        }
    }
}

/// The stage.
pub(super) struct Stage {
    client: StatementServiceClient<Channel>,
    origin: String,
    keys_dir: PathBuf,
    seeded: Seeded,
    pub(super) now: Time,
    operator: Actor,
    registrar: Actor,
    actors: BTreeMap<&'static str, Actor>,
}

impl Stage {
    pub(super) fn new(
        channel: Channel,
        founded: &Founded,
        mut seeded: Seeded,
        now: Time,
        [operator, registrar]: [[u8; 32]; 2],
    ) -> Self {
        let actor = |name, id, seed: [u8; 32]| Actor {
            name,
            id,
            keys: vec![SigningKey::from_bytes(&seed)],
        };
        // What the founding used stays unused here.
        seeded.count += 16;
        Self {
            client: StatementServiceClient::new(channel),
            origin: founded.origin.clone(),
            keys_dir: founded.keys.clone(),
            seeded,
            now,
            operator: actor("operator", founded.operator, operator),
            registrar: actor("registrar", founded.registrar, registrar),
            actors: BTreeMap::new(),
        }
    }

    pub(super) fn registrar(&self) -> Actor {
        self.registrar.clone()
    }

    /// An actor by the name it was registered under in the play.
    pub(super) fn actor(&self, name: &str) -> anyhow::Result<Actor> {
        self.actors.get(name).cloned().with_context(|| format!("nobody is called {name}"))
    }

    /// Registers a party with `persons` persons, each with a key of its own.
    pub(super) async fn register(
        &mut self,
        key: &'static str,
        name: &'static str,
        roles: &[Role],
        persons: usize,
    ) -> anyhow::Result<Actor> {
        let registrar = self.registrar();
        let said = self
            .say(
                &registrar,
                &RegisterParty {
                    name: name.parse()?,
                    roles: List::new(roles.to_vec()).context("one to eight roles")?,
                    owner_group: None,
                    custodial: false,
                },
            )
            .await?;
        let mut actor = Actor { name, id: said.made(0), keys: Vec::new() };
        for number in 1..=persons {
            let said = self.say(&registrar, &AddPerson { party: actor.id }).await?;
            let person: PersonId = said.made(0);
            let seed = self.seeded.next();
            let signing = SigningKey::from_bytes(&seed);
            let register = RegisterKey {
                party: actor.id,
                holder: KeyHolder { person: Some(person) },
                purpose: KeyPurpose::Statement,
                suite: 1,
                key: signing.verifying_key().to_bytes(),
            };
            self.send(&registrar, 0, &[&signing], &register).await?.accepted()?;
            self.keep(key, number, &actor, seed)?;
            actor.keys.push(signing);
        }
        self.actors.insert(key, actor.clone());
        Ok(actor)
    }

    /// Leaves the key for whoever wants to go on with `granary send --key`.
    fn keep(&self, key: &str, number: usize, actor: &Actor, seed: [u8; 32]) -> anyhow::Result<()> {
        let path = self.keys_dir.join(format!("{key}-{number}.key"));
        let label = format!("{}, person {number}", actor.name);
        let used_for =
            KeyUse { party: Some(actor.id.to_bytes()), purpose: Purpose::Statement, label };
        KeyFile::create(&path, used_for, &Seed::from_bytes(seed), Protection::Unencrypted)?;
        Ok(())
    }

    /// The actor's first person says a command; it has to be accepted.
    pub(super) async fn say(
        &mut self,
        actor: &Actor,
        command: &impl Message,
    ) -> anyhow::Result<Said> {
        self.send(actor, 0, &[], command).await?.accepted()
    }

    /// The actor's second person says a command.
    pub(super) async fn say_as_second(
        &mut self,
        actor: &Actor,
        command: &impl Message,
    ) -> anyhow::Result<Said> {
        self.send(actor, 1, &[], command).await?.accepted()
    }

    /// A maker and a checker of one party say a command together.
    pub(super) async fn say_both(
        &mut self,
        actor: &Actor,
        command: &impl Message,
    ) -> anyhow::Result<Said> {
        let checker = actor.keys.get(1).context("a second person")?.clone();
        self.send(actor, 0, &[&checker], command).await?.accepted()
    }

    /// The actor says a command that another party signs as well.
    pub(super) async fn say_with(
        &mut self,
        actor: &Actor,
        other: &Actor,
        command: &impl Message,
    ) -> anyhow::Result<Said> {
        let cosigner = other.keys.first().context("a person")?.clone();
        self.send(actor, 0, &[&cosigner], command).await?.accepted()
    }

    /// The actor says a command, whatever comes of it.
    pub(super) async fn try_to_say(
        &mut self,
        actor: &Actor,
        command: &impl Message,
    ) -> anyhow::Result<Said> {
        self.send(actor, 0, &[], command).await
    }

    async fn send<C: Message>(
        &mut self,
        actor: &Actor,
        person: usize,
        cosigners: &[&SigningKey],
        command: &C,
    ) -> anyhow::Result<Said> {
        let principal = actor.id.to_bytes();
        let command_id = self.command_id();
        let mut statement = Statement {
            origin: self.origin.clone(),
            principal,
            command_id,
            signed_at_ms: self.now.ms(),
            expires_at_ms: self.now.after(LIFE).ms(),
            type_name: C::NAME.to_owned(),
            body: command.encode(),
            signatures: Vec::new(),
        };
        statement.sign_with(actor.keys.get(person).context("such a person")?)?;
        for cosigner in cosigners {
            statement.sign_with(cosigner)?;
        }
        let request = pb::SubmitRequest {
            statement: statement.encode()?.into(),
            ..pb::SubmitRequest::default()
        };
        let reply = self
            .client
            .submit(request)
            .await
            .with_context(|| format!("{} could not say {}", actor.name, C::NAME))?
            .into_inner();
        let outcome = reply.outcome.context("a reply without an outcome")?;
        Ok(Said { index: reply.index, outcome, principal, command_id })
    }

    /// A UUIDv7 of the chain's time and the seed.
    fn command_id(&mut self) -> [u8; 16] {
        let random = self.seeded.next();
        let tail = <[u8; 10]>::try_from(&random[..10]).expect("ten of 32 bytes");
        *uuid::Builder::from_unix_timestamp_millis(self.now.ms(), &tail).as_uuid().as_bytes()
    }

    /// Time passes on the chain's simulated clock: the operators say so.
    pub(super) async fn pass(&mut self, span: Millis) -> anyhow::Result<()> {
        let operator = self.operator.clone();
        let to = self.now.after(span);
        self.say(&operator, &AdvanceClock { to_ms: to }).await?;
        self.now = to;
        Ok(())
    }
}

impl Said {
    /// The same, when it was accepted.
    fn accepted(self) -> anyhow::Result<Self> {
        if let Some(refusal) = self.refusal() {
            bail!("entry {}: refused, {}: {}", self.index, refusal.name, refusal.message);
        }
        ensure!(matches!(self.outcome, Outcome::Accepted(_)), "entry {}: not decided", self.index);
        Ok(self)
    }
}

/// An empty directory to play in; one that holds a demonstration is played in anew.
pub(super) fn empty(dir: &Path) -> anyhow::Result<()> {
    let marker = dir.join(MARKER);
    if dir.exists() {
        let is_empty = fs::read_dir(dir)?.next().is_none();
        if !is_empty && !marker.exists() {
            let what = format!("{} holds something else than a demonstration", dir.display());
            return Err(Failure::new(what, "choose another directory with --dir").into());
        }
        if !is_empty {
            fs::remove_dir_all(dir)?;
        }
    }
    fs::create_dir_all(dir)?;
    fs::write(marker, "granary demo plays here and empties this directory when it begins anew\n")?;
    Ok(())
}

/// Says that a directory is a demonstration's own.
const MARKER: &str = "THIS-IS-A-DEMONSTRATION";
