//! A small world for the tests of the areas: given, when, then.

use crate::{
    areas::{self, Command, Event},
    at::{At, Signer, Stamp},
    authority, deadline,
    parties::{PARTIES, PERSONS, Party, PartyStatus, Person, Role, Roles},
    refusal::{Code, Refusal},
    registries::{self, Grade, SetCommodity},
    state::{EmptyBase, View},
    vocabulary::{Id, Millis, PartyId, PersonId, Ppm, Time, Unit},
    wire::List,
};

/// A chain in memory whose commands are decided without envelopes: who signs is said, not signed.
pub(crate) struct World {
    pub(crate) view: View<'static>,
    pub(crate) index: u64,
    pub(crate) now: Time,
    /// Every event so far, in order.
    pub(crate) history: Vec<Event>,
}

/// 2026-01-05T00:00:00Z, a Monday.
pub(crate) const START: Time = Time::from_ms(1_767_571_200_000);

/// Two persons of a party, as made by [`World::party`].
pub(crate) fn person(party: PartyId, n: u8) -> PersonId {
    let mut bytes = party.to_bytes();
    bytes[15] = n;
    PersonId::from_bytes(bytes)
}

/// A party's id in the world: a number that the test chooses.
pub(crate) fn party(n: u8) -> PartyId {
    let mut bytes = [0; 16];
    bytes[0] = n;
    PartyId::from_bytes(bytes)
}

impl World {
    pub(crate) fn new() -> Self {
        Self { view: View::new(&EmptyBase), index: 1, now: START, history: Vec::new() }
    }

    /// A party with roles and two persons (1 and 2).
    pub(crate) fn party(&mut self, n: u8, roles: &[Role]) -> PartyId {
        let id = party(n);
        let value = Party {
            id,
            name: format!("Party {n}").parse().expect("a label"),
            roles: Roles::of(roles),
            status: PartyStatus::Active,
            owner_group: None,
            custodial: false,
        };
        let no = PARTIES.insert(&mut self.view, &id, &value).expect("a new party");
        for n in [1, 2] {
            let id = person(id, n);
            let value = Person { id, party: no, active: true };
            PERSONS.insert(&mut self.view, &id, &value).expect("a new person");
        }
        id
    }

    /// A commodity counted in grams, with one grade that asks nothing.
    pub(crate) fn commodity(&mut self, code: &str) {
        let command = SetCommodity {
            code: code.parse().expect("a code"),
            name: code.parse().expect("a label"),
            unit: Unit::Gram,
            grades: List::new(vec![Grade {
                code: "A".parse().expect("a code"),
                limits: List::new(vec![]).expect("none needed"),
            }])
            .expect("one grade"),
            shrink_allowance_ppm: Ppm::new(20_000),
        };
        let registrar = self.party(250, &[Role::Registrar]);
        self.say(registrar, registries::Command::from(command)).expect("accepted");
    }

    /// Time passes; what falls due fires.
    pub(crate) fn pass(&mut self, span: Millis) -> Vec<Event> {
        self.now = self.now.after(span);
        let mut fired = Vec::new();
        while let Some((key, due)) = deadline::first_due(&self.view, self.now) {
            deadline::remove(&mut self.view, key);
            // As in `apply`: what falls due is decided as of the moment it was due.
            let stamp = Stamp { index: self.index, time: key.0 };
            let events = areas::fire(&self.view, &due, &stamp);
            self.apply(&events, &stamp);
            fired.extend(events);
        }
        fired
    }

    /// `principal` says a command, signed by its person 1.
    pub(crate) fn say(
        &mut self,
        principal: PartyId,
        command: impl Into<Command>,
    ) -> Result<Vec<Event>, Refusal> {
        self.say_with(principal, &[(principal, Some(1))], command)
    }

    /// `principal` says a command, signed by the persons (or, with `None`, services) of parties listed. What
    /// the authority table asks of signers and roles is checked, as in `apply`.
    pub(crate) fn say_with(
        &mut self,
        principal: PartyId,
        signers: &[(PartyId, Option<u8>)],
        command: impl Into<Command>,
    ) -> Result<Vec<Event>, Refusal> {
        let command = command.into();
        let signers: Vec<Signer> = signers
            .iter()
            .map(|(id, n)| Signer {
                party: PARTIES.no(&self.view, id).expect("a party of this world"),
                party_id: *id,
                person: n.map(|n| person(*id, n)),
                key_id: [0; 32],
            })
            .collect();
        self.index += 1;
        let mut command_id = [0; 16];
        command_id[..6].copy_from_slice(&self.now.ms().to_be_bytes()[2..]);
        command_id[8..].copy_from_slice(&self.index.to_be_bytes());
        let at = At {
            stamp: Stamp { index: self.index, time: self.now },
            log_time: self.now,
            level: 1,
            origin: "test.example/chain-00000000",
            party: PARTIES.no(&self.view, &principal).expect("a party of this world"),
            party_id: principal,
            statement_principal: principal.to_bytes(),
            command_id,
            item: 0,
            signers: &signers,
        };
        let rule = authority::rule(command.type_name())
            .ok_or_else(|| Refusal::new(Code::NotAuthorised))?;
        authority::check_signers(rule, &at)?;
        if !signers.iter().all(|signer| authority::permits(&self.view, rule, &at, signer)) {
            return Err(Code::SignersMismatch.into());
        }
        authority::check_role(&self.view, rule, &at)?;
        let events = areas::decide(&self.view, &command, &at)?;
        self.apply(&events, &at.stamp);
        Ok(events)
    }

    fn apply(&mut self, events: &[Event], stamp: &Stamp) {
        for event in events {
            areas::evolve(&mut self.view, event, stamp).expect("this book made the event");
            let decoded = Event::decode(event.type_name(), &event.encode());
            assert_eq!(decoded, Some(Ok(event.clone())), "an event reads back as it was");
        }
        self.history.extend_from_slice(events);
        assert_eq!(self.view.broken(), None);
    }
}

/// The code of a refusal; panics when the command was accepted.
#[track_caller]
pub(crate) fn refused(result: Result<Vec<Event>, Refusal>) -> Code {
    match result {
        Ok(events) => panic!("accepted: {events:?}"),
        Err(refusal) => refusal.code,
    }
}
