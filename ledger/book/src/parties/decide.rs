//! The rules about parties.

use super::{
    Command, Deadline, Event, Holder, KEYS, KeyRegistered, KeyRevoked, LICENCES, LicenceGranted,
    LicenceLapsed, LicenceRevoked, PARTIES, PERSONS, PartyRegistered, PartyReinstated, PartyStatus,
    PartySuspended, PersonAdded, PersonEnded, RegisterKey, RegisterParty, RevokeKey, Role,
    RolesGranted, command, find, has_role, id_of, refusal,
};
use crate::{
    areas,
    at::{At, Stamp},
    refusal::{Code, ObjectKind, Refusal},
    state::View,
    vocabulary::{PartyId, PersonId},
};

/// Decides a command about parties.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let event = match command {
        Command::RegisterParty(command) => register_party(view, command, at)?,
        Command::GrantRoles(command) => grant_roles(view, command)?,
        Command::AddPerson(command) => add_person(view, command, at)?,
        Command::EndPerson(command) => end_person(view, command.person)?,
        Command::RegisterKey(command) => register_key(view, command, at)?,
        Command::RevokeKey(command) => revoke_key(view, command, at)?,
        Command::GrantLicence(command) => grant_licence(view, command, at)?,
        Command::RevokeLicence(command) => revoke_licence(view, command.party)?,
        Command::SuspendParty(command) => suspend(view, command.party)?,
        Command::ReinstateParty(command) => reinstate(view, command.party)?,
    };
    Ok(vec![event.into()])
}

/// Roles that the registrar can't give: they are the chain's own.
const RESERVED: &[Role] = &[Role::Operator, Role::Registrar];

fn register_party(view: &View<'_>, command: &RegisterParty, at: &At<'_>) -> Result<Event, Refusal> {
    let party: PartyId = at.id(0);
    if PARTIES.has(view, &party) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Party, party));
    }
    if command.roles.iter().any(|role| RESERVED.contains(role)) {
        return Err(refusal::role_reserved());
    }
    Ok(Event::PartyRegistered(PartyRegistered {
        party,
        name: command.name.clone(),
        roles: command.roles.clone(),
        owner_group: command.owner_group.clone(),
        custodial: command.custodial,
    }))
}

fn grant_roles(view: &View<'_>, command: &command::GrantRoles) -> Result<Event, Refusal> {
    find(view, command.party)?;
    if command.roles.iter().any(|role| RESERVED.contains(role)) {
        return Err(refusal::role_reserved());
    }
    Ok(Event::RolesGranted(RolesGranted { party: command.party, roles: command.roles.clone() }))
}

fn add_person(
    view: &View<'_>,
    command: &command::AddPerson,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    find(view, command.party)?;
    let person: PersonId = at.id(0);
    if PERSONS.has(view, &person) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Person, person));
    }
    Ok(Event::PersonAdded(PersonAdded { person, party: command.party }))
}

fn end_person(view: &View<'_>, person: PersonId) -> Result<Event, Refusal> {
    let row = PERSONS
        .find(view, &person)
        .ok_or_else(|| Refusal::not_found(ObjectKind::Person, person))?;
    if !row.value.active {
        return Err(Refusal::state(ObjectKind::Person, person, "ENDED"));
    }
    let party = id_of(view, row.value.party)
        .ok_or_else(|| Refusal::not_found(ObjectKind::Person, person))?;
    Ok(Event::PersonEnded(PersonEnded { person, party }))
}

fn register_key(view: &View<'_>, command: &RegisterKey, at: &At<'_>) -> Result<Event, Refusal> {
    let row = find(view, command.party)?;
    if let Some(person) = command.holder.person {
        let known = PERSONS.find(view, &person).filter(|p| p.value.active);
        if known.is_none_or(|known| known.value.party != row.no) {
            return Err(Refusal::not_found(ObjectKind::Person, person));
        }
    }
    let suite = supported_suite(command.suite)?;
    if KEYS.has(view, &(suite, command.key)) {
        return Err(refusal::key_taken());
    }
    if !granary_log::signature::is_acceptable_key(suite, &command.key) {
        return Err(refusal::key_weak());
    }
    Ok(Event::KeyRegistered(KeyRegistered {
        party: command.party,
        holder: command.holder.clone(),
        purpose: command.purpose,
        suite: command.suite,
        key: command.key,
        from_index: at.stamp.index + 1,
    }))
}

fn supported_suite(suite: u32) -> Result<u8, Refusal> {
    match u8::try_from(suite) {
        Ok(suite) if suite == granary_log::statement::SUITE_ED25519 => Ok(suite),
        _ => Err(Refusal::new(Code::SuiteUnknown).field("suite")),
    }
}

fn revoke_key(view: &View<'_>, command: &RevokeKey, at: &At<'_>) -> Result<Event, Refusal> {
    let suite = supported_suite(command.suite)?;
    let unknown = || Refusal::new(Code::NotFound).field("key");
    let record = KEYS.get(view, &(suite, command.key)).ok_or_else(unknown)?;
    let own = record.party == at.party;
    if !own && !has_role(view, at.party, &[Role::Registrar]) {
        return Err(Refusal::new(Code::NotAuthorised).required(Role::Registrar.name()));
    }
    if record.to_index.is_some() {
        return Err(Refusal::new(Code::InvalidState).field("key").in_state("REVOKED"));
    }
    let party = id_of(view, record.party).ok_or_else(unknown)?;
    Ok(Event::KeyRevoked(KeyRevoked {
        party,
        suite: command.suite,
        key: command.key,
        to_index: at.stamp.index + 1,
    }))
}

fn grant_licence(
    view: &View<'_>,
    command: &command::GrantLicence,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let row = super::active(view, command.party, &[Role::Warehouse])?;
    if command.valid_until < at.time().date_at(0) {
        return Err(Refusal::new(Code::ValidationFailed).field("valid_until"));
    }
    for code in command.commodities.iter() {
        crate::registries::commodity(view, code)?;
    }
    Ok(Event::LicenceGranted(LicenceGranted {
        party: row.value.id,
        number: command.number.clone(),
        commodities: command.commodities.clone(),
        valid_until: command.valid_until,
    }))
}

fn revoke_licence(view: &View<'_>, party: PartyId) -> Result<Event, Refusal> {
    let row = find(view, party)?;
    let licence = LICENCES.get(view, &row.no).filter(|licence| licence.in_force);
    let licence = licence.ok_or_else(|| refusal::no_licence(party))?;
    Ok(Event::LicenceRevoked(LicenceRevoked { party, number: licence.number }))
}

fn suspend(view: &View<'_>, party: PartyId) -> Result<Event, Refusal> {
    match find(view, party)?.value.status {
        PartyStatus::Active => Ok(Event::PartySuspended(PartySuspended { party })),
        PartyStatus::Suspended => Err(Refusal::state(ObjectKind::Party, party, "SUSPENDED")),
    }
}

fn reinstate(view: &View<'_>, party: PartyId) -> Result<Event, Refusal> {
    match find(view, party)?.value.status {
        PartyStatus::Suspended => Ok(Event::PartyReinstated(PartyReinstated { party })),
        PartyStatus::Active => Err(Refusal::state(ObjectKind::Party, party, "ACTIVE")),
    }
}

/// What a deadline of parties comes to.
pub fn fire(view: &View<'_>, deadline: &Deadline, _: &Stamp) -> Vec<areas::Event> {
    let Deadline::LicenceEnds { party, number } = deadline;
    let ended = LICENCES.get(view, party).filter(|l| l.in_force && l.number == *number);
    match (ended, id_of(view, *party)) {
        (Some(_), Some(party)) => {
            vec![Event::LicenceLapsed(LicenceLapsed { party, number: number.clone() }).into()]
        }
        _ => vec![],
    }
}

impl Holder {
    /// The holder as registered; `None` when the person is not known.
    pub(super) fn registered(view: &View<'_>, holder: &command::KeyHolder) -> Option<Self> {
        match &holder.person {
            Some(person) => PERSONS.no(view, person).map(Holder::Person),
            None => Some(Holder::Service),
        }
    }
}
