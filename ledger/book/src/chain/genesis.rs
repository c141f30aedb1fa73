//! Entry 0: who founds a chain, and what it begins with.

use granary_log::{
    signature::Verdict,
    statement::{SUITE_ED25519, Statement},
};

use super::{ChainFounded, Event, Genesis};
use crate::{
    LEVEL, areas,
    parties::{self, KeyHolder, KeyRegistered, PartyRegistered, PersonAdded, Purpose, Role},
    refusal::{Code, Measure, Refusal},
    registries::{self, ProfileSet},
    vocabulary::{Id, Label, PartyId, PersonId, Time},
    wire::{List, Message},
};

/// Decides a genesis statement: the form, then the signers, then what it says.
///
/// # Errors
///
/// The first guard that says no. A chain whose first statement is refused has not begun.
pub fn found(statement: &Statement, verdicts: &[Verdict]) -> Result<Vec<areas::Event>, Refusal> {
    if statement.type_name != Genesis::NAME {
        return Err(Code::TypeUnknown.into());
    }
    let genesis = Genesis::decode(&statement.body).map_err(|bad| Refusal::body(&bad))?;
    if verdicts.iter().any(|verdict| *verdict != Verdict::Valid) {
        return Err(Code::SignatureInvalid.into());
    }
    check_signers(statement, &genesis)?;
    if genesis.origin.as_str() != statement.origin {
        return Err(Refusal::new(Code::ValidationFailed).field("origin"));
    }
    let operators = genesis.operator_keys.len() as u64;
    let needed = u64::from(genesis.operators_needed);
    if needed == 0 || needed > operators {
        return Err(Refusal::new(Code::ValidationFailed).field("operators_needed").limit(
            operators,
            needed,
            Measure::Count,
        ));
    }
    if genesis.level != LEVEL {
        return Err(Refusal::new(Code::LevelUnknown).limit(
            u64::from(LEVEL),
            u64::from(genesis.level),
            Measure::Count,
        ));
    }
    check_keys(&genesis)?;
    Ok(events(statement, &genesis))
}

/// All operator keys sign, ascending, and nobody else; the principal is nobody.
fn check_signers(statement: &Statement, genesis: &Genesis) -> Result<(), Refusal> {
    let signed: Vec<[u8; 32]> = statement.signatures.iter().map(|s| s.key_id).collect();
    let ascending = genesis.operator_keys.is_sorted_by(|a, b| a < b);
    if statement.principal != [0; 16] || signed != *genesis.operator_keys || !ascending {
        return Err(Code::SignersMismatch.into());
    }
    Ok(())
}

fn check_keys(genesis: &Genesis) -> Result<(), Refusal> {
    let mut keys = genesis.operator_keys.to_vec();
    keys.extend([genesis.registrar_key, genesis.node_key, genesis.log_key]);
    if !keys.iter().all(|key| granary_log::signature::is_acceptable_key(SUITE_ED25519, key)) {
        return Err(Code::KeyWeak.into());
    }
    keys.sort_unstable();
    // One key, one purpose (access.md section 0).
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Code::KeyTaken.into());
    }
    Ok(())
}

/// Makes the events of a genesis: its ids are derived with n counting up in the order listed.
struct Founding<'s> {
    statement: &'s Statement,
    next: u8,
    events: Vec<areas::Event>,
}

impl Founding<'_> {
    fn id<I: Id>(&mut self) -> I {
        let n = self.next;
        self.next += 1;
        let (principal, command_id) = (&self.statement.principal, &self.statement.command_id);
        I::from_bytes(granary_log::ids::derive_id(principal, command_id, 0, n))
    }

    fn party(&mut self, name: &Label, role: Role) -> PartyId {
        let party = self.id();
        let event = PartyRegistered {
            party,
            name: name.clone(),
            roles: List::new(vec![role]).expect("one role of one to eight"),
            owner_group: None,
            custodial: false,
        };
        self.events.push(parties::Event::PartyRegistered(event).into());
        party
    }

    fn person(&mut self, party: PartyId) -> PersonId {
        let person = self.id();
        self.events.push(parties::Event::PersonAdded(PersonAdded { person, party }).into());
        person
    }

    fn key(&mut self, party: PartyId, person: Option<PersonId>, purpose: Purpose, key: [u8; 32]) {
        let event = KeyRegistered {
            party,
            holder: KeyHolder { person },
            purpose,
            suite: u32::from(SUITE_ED25519),
            key,
            from_index: 1,
        };
        self.events.push(parties::Event::KeyRegistered(event).into());
    }
}

fn events(statement: &Statement, genesis: &Genesis) -> Vec<areas::Event> {
    let time = Time::from_ms(statement.signed_at_ms);
    let founded = ChainFounded {
        origin: genesis.origin.clone(),
        clock: genesis.clock,
        entries: genesis.entries,
        operators_needed: genesis.operators_needed,
        nodes_needed: genesis.nodes_needed,
        log_key: genesis.log_key,
        level: genesis.level,
        time_ms: time,
    };
    let mut founding =
        Founding { statement, next: 0, events: vec![Event::ChainFounded(founded).into()] };
    let operators = founding.party(&genesis.operators_name, Role::Operator);
    for key in genesis.operator_keys.iter() {
        let person = founding.person(operators);
        founding.key(operators, Some(person), Purpose::Statement, *key);
    }
    let registrar = founding.party(&genesis.registrar_name, Role::Registrar);
    let person = founding.person(registrar);
    founding.key(registrar, Some(person), Purpose::Statement, genesis.registrar_key);
    let node = founding.party(&genesis.node_name, Role::Node);
    founding.key(node, None, Purpose::Statement, genesis.node_key);
    founding.key(node, None, Purpose::Log, genesis.log_key);
    if let Some(profile) = &genesis.profile {
        let event = registries::Event::ProfileSet(ProfileSet { profile: profile.clone() });
        founding.events.push(event.into());
    }
    founding.events
}
