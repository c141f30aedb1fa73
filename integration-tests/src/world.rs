//! Says commands to a node.

use granary_book::{
    apply::{Batch, BatchMode, Item},
    areas::Event,
    chain::AdvanceClock,
    parties::{AddPerson, KeyHolder, Purpose, RegisterKey, RegisterParty, Role},
    vocabulary::{Id, PartyId, PersonId, Time},
    wire::{List, Message},
};
use granary_log::{
    ids::derive_id,
    signature::SigningKey,
    statement::{SUITE_ED25519, Statement},
};
use granary_node::Founded;
use granary_proto::statement::v1::{
    self as pb, reply::Outcome, statement_service_client::StatementServiceClient,
};
use granary_runtime::time::unix_ms;
use tonic::{Status, transport::Channel};

use crate::{
    Actor,
    actor::seeded_key,
    node::{Running, operator_key, registrar_key},
};

/// How long a statement of a test stays valid.
const LIFE_MS: u64 = 600_000;

/// A node's callers: says commands in the name of parties, signed with their keys.
pub struct World {
    /// The operators' party.
    pub operator: Actor,
    /// The registrar.
    pub registrar: Actor,
    origin: String,
    client: StatementServiceClient<Channel>,
    /// Where a simulated clock stands; none of a chain that goes by the time of day.
    simulated: Option<Time>,
    series: u16,
    said: u64,
}

/// A signed statement: its bytes, and what ids are derived from.
#[derive(Debug, Clone)]
pub struct Signed {
    /// As it goes through the door.
    pub bytes: Vec<u8>,
    /// Its principal.
    pub principal: PartyId,
    /// Its command id.
    pub command_id: [u8; 16],
}

impl Signed {
    /// The id of the first object that command number `item` makes.
    pub fn id<I: Id>(&self, item: u16) -> I {
        I::from_bytes(derive_id(&self.principal.to_bytes(), &self.command_id, item, 0))
    }
}

/// An accepted statement.
#[derive(Debug, Clone)]
pub struct Told {
    /// The statement.
    pub signed: Signed,
    /// The entry.
    pub index: u64,
    /// What happened, without what fell due.
    pub events: Vec<Event>,
}

impl Told {
    /// The id of the object that it made.
    pub fn id<I: Id>(&self) -> I {
        self.signed.id(0)
    }
}

impl World {
    /// The world around a node. `series` tells the statements of several worlds around one chain apart.
    pub fn new(running: &Running, founded: &Founded, series: u16) -> Self {
        Self {
            operator: Actor::new(founded.operator, vec![operator_key()]),
            registrar: Actor::new(founded.registrar, vec![registrar_key()]),
            origin: founded.origin.clone(),
            client: StatementServiceClient::new(running.channel.clone()),
            simulated: None,
            series,
            said: 0,
        }
    }

    /// The moment: the machine's, or where the simulated clock stands.
    pub fn now(&self) -> Time {
        self.simulated.unwrap_or_else(|| Time::from_ms(unix_ms()))
    }

    /// Sets the chain's simulated clock.
    ///
    /// # Panics
    ///
    /// The chain refuses.
    pub async fn advance_clock(&mut self, to: Time) {
        self.simulated = Some(to);
        let operator = self.operator.clone();
        self.tell(&operator, &AdvanceClock { to_ms: to }).await;
    }

    /// A statement that nobody has signed yet.
    pub fn unsigned(&mut self, principal: PartyId, type_name: &str, body: Vec<u8>) -> Statement {
        self.said += 1;
        let now_ms = self.now().ms();
        let mut command_id = [0; 16];
        command_id[..6].copy_from_slice(&now_ms.to_be_bytes()[2..]);
        command_id[6..8].copy_from_slice(&self.series.to_be_bytes());
        command_id[8..].copy_from_slice(&self.said.to_be_bytes());
        Statement {
            origin: self.origin.clone(),
            principal: principal.to_bytes(),
            command_id,
            signed_at_ms: now_ms,
            expires_at_ms: now_ms + LIFE_MS,
            type_name: type_name.to_owned(),
            body,
            signatures: Vec::new(),
        }
    }

    /// A command in a party's name, signed with these keys, its own first.
    ///
    /// # Panics
    ///
    /// It doesn't fit a statement.
    pub fn signed<M: Message>(&mut self, who: &Actor, keys: &[&SigningKey], command: &M) -> Signed {
        let mut statement = self.unsigned(who.party, M::NAME, command.encode());
        for key in keys {
            statement.sign_with(key).expect("a key that has not signed yet");
        }
        Signed {
            bytes: statement.encode().expect("a statement of the right size"),
            principal: who.party,
            command_id: statement.command_id,
        }
    }

    /// Sends a statement's bytes.
    ///
    /// # Errors
    ///
    /// The status with which the door turns it away.
    pub async fn submit(&self, bytes: Vec<u8>) -> Result<pb::Reply, Status> {
        let request = pb::SubmitRequest { statement: bytes.into(), ..pb::SubmitRequest::default() };
        Ok(self.client.clone().submit(request).await?.into_inner())
    }

    /// Says a command, signed by the party's person 1; it is accepted.
    ///
    /// # Panics
    ///
    /// It isn't.
    pub async fn tell<M: Message>(&mut self, who: &Actor, command: &M) -> Told {
        self.tell_by(who, &[who.person(1)], command).await
    }

    /// Says a command, signed with these keys; it is accepted.
    ///
    /// # Panics
    ///
    /// It isn't.
    pub async fn tell_by<M: Message>(
        &mut self,
        who: &Actor,
        keys: &[&SigningKey],
        command: &M,
    ) -> Told {
        let signed = self.signed(who, keys, command);
        let reply = self.submit(signed.bytes.clone()).await.expect("passes the door");
        let index = reply.index;
        match reply.outcome {
            Some(Outcome::Accepted(accepted)) => {
                let events = accepted.items.iter().flat_map(|item| &item.events);
                Told { signed, index, events: events.map(decoded).collect() }
            }
            other => panic!("{} was not accepted: {other:?}", M::NAME),
        }
    }

    /// Says commands of one type in one statement, all or none; they are accepted.
    ///
    /// # Panics
    ///
    /// They aren't.
    pub async fn tell_all<M: Message>(&mut self, who: &Actor, commands: &[M]) -> Told {
        let item = |command: &M| Item {
            principal: None,
            type_name: M::NAME.parse().expect("a name is a label"),
            body: command.encode(),
        };
        let items = List::new(commands.iter().map(item).collect()).expect("1 to 256 commands");
        self.tell(who, &Batch { mode: BatchMode::Linked, items }).await
    }

    /// Registers parties; nobody acts for them yet.
    ///
    /// # Panics
    ///
    /// The registrar's statement isn't accepted.
    pub async fn register(&mut self, cast: &[(String, Role)]) -> Vec<PartyId> {
        let registrar = self.registrar.clone();
        let command = |(name, role): &(String, Role)| RegisterParty {
            name: name.parse().expect("a name is a label"),
            roles: List::new(vec![*role]).expect("one of one to eight"),
            owner_group: None,
            custodial: false,
        };
        let commands: Vec<RegisterParty> = cast.iter().map(command).collect();
        let told = self.tell_all(&registrar, &commands).await;
        (0..).zip(cast).map(|(item, _)| told.signed.id(item)).collect()
    }

    /// Registers a party with so many persons and a key for each.
    ///
    /// # Panics
    ///
    /// The registrar's statements aren't accepted.
    pub async fn actor(&mut self, name: &str, role: Role, persons: usize) -> Actor {
        let registrar = self.registrar.clone();
        let party = self.register(&[(name.to_owned(), role)]).await[0];
        let keys: Vec<SigningKey> = (1..=persons).map(|n| seeded_key(name, n)).collect();
        for key in &keys {
            let person: PersonId = self.tell(&registrar, &AddPerson { party }).await.id();
            let register = RegisterKey {
                party,
                holder: KeyHolder { person: Some(person) },
                purpose: Purpose::Statement,
                suite: SUITE_ED25519.into(),
                key: key.verifying_key().to_bytes(),
            };
            self.tell_by(&registrar, &[registrar.person(1), key], &register).await;
        }
        Actor::new(party, keys)
    }
}

fn decoded(event: &pb::Event) -> Event {
    Event::decode(&event.type_name, &event.body)
        .expect("a type of this book")
        .expect("as the book encodes it")
}
