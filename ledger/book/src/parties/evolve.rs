//! Writes what happened to parties.

use super::{
    Deadline, Event, Holder, KEYS, KeyRecord, KeyRegistered, LICENCES, Licence, LicenceGranted,
    PARTIES, PERSONS, Party, PartyStatus, Person, Roles,
};
use crate::{
    at::Stamp,
    deadline,
    state::{BrokenHistory, View},
    vocabulary::{Millis, PartyId, PartyNo, PersonId, Time},
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there.
pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::PartyRegistered(event) => {
            let party = Party {
                id: event.party,
                name: event.name.clone(),
                roles: Roles::of(&event.roles),
                status: PartyStatus::Active,
                owner_group: event.owner_group.clone(),
                custodial: event.custodial,
            };
            PARTIES.insert(view, &event.party, &party).map(drop)
        }
        Event::RolesGranted(event) => update(view, event.party, |party| {
            party.roles = party.roles.with(Roles::of(&event.roles));
        }),
        Event::PersonAdded(event) => {
            let party = number(view, event.party)?;
            let person = Person { id: event.person, party, active: true };
            PERSONS.insert(view, &event.person, &person).map(drop)
        }
        Event::PersonEnded(event) => end_person(view, event.person),
        Event::KeyRegistered(event) => register_key(view, event),
        Event::KeyRevoked(event) => {
            let suite = suite(event.suite)?;
            let mut record = KEYS
                .get(view, &(suite, event.key))
                .ok_or(BrokenHistory("an event names no key"))?;
            record.to_index = Some(event.to_index);
            KEYS.put(view, &(suite, event.key), &record);
            Ok(())
        }
        Event::LicenceGranted(event) => grant_licence(view, event, stamp),
        Event::LicenceRevoked(event) => end_licence(view, event.party),
        Event::LicenceLapsed(event) => end_licence(view, event.party),
        Event::PartySuspended(event) => {
            update(view, event.party, |party| party.status = PartyStatus::Suspended)
        }
        Event::PartyReinstated(event) => {
            update(view, event.party, |party| party.status = PartyStatus::Active)
        }
    }
}

fn number(view: &View<'_>, party: PartyId) -> Result<PartyNo, BrokenHistory> {
    PARTIES.no(view, &party).ok_or(BrokenHistory("an event names no party"))
}

fn suite(suite: u32) -> Result<u8, BrokenHistory> {
    u8::try_from(suite).map_err(|_| BrokenHistory("an event names no suite"))
}

fn update(
    view: &mut View<'_>,
    party: PartyId,
    change: impl FnOnce(&mut Party),
) -> Result<(), BrokenHistory> {
    let changed = PARTIES.update(view, &party, |party| {
        change(party);
        Ok(())
    });
    changed.map(drop)
}

/// The keys of a person who has ended stop counting because the person no longer does (`apply` asks for
/// both): a person may hold more keys than one entry could list.
fn end_person(view: &mut View<'_>, person: PersonId) -> Result<(), BrokenHistory> {
    let ended = PERSONS.update(view, &person, |person| {
        person.active = false;
        Ok(())
    });
    ended.map(drop)
}

fn register_key(view: &mut View<'_>, event: &KeyRegistered) -> Result<(), BrokenHistory> {
    let record = KeyRecord {
        party: number(view, event.party)?,
        holder: Holder::registered(view, &event.holder)
            .ok_or(BrokenHistory("an event names no person"))?,
        purpose: event.purpose,
        from_index: event.from_index,
        to_index: None,
    };
    KEYS.put(view, &(suite(event.suite)?, event.key), &record);
    Ok(())
}

fn grant_licence(
    view: &mut View<'_>,
    event: &LicenceGranted,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let party = number(view, event.party)?;
    let licence = Licence {
        number: event.number.clone(),
        commodities: event.commodities.clone(),
        valid_until: event.valid_until,
        in_force: true,
    };
    LICENCES.put(view, &party, &licence);
    let last_day = u64::try_from(event.valid_until.days()).unwrap_or(0);
    let ends = Time::from_ms(last_day.saturating_mul(Millis::days(1).0)).after(Millis::days(1));
    deadline::set(view, ends, stamp.time, Deadline::LicenceEnds { party, number: licence.number });
    Ok(())
}

fn end_licence(view: &mut View<'_>, party: PartyId) -> Result<(), BrokenHistory> {
    let no = number(view, party)?;
    let mut licence = LICENCES.get(view, &no).ok_or(BrokenHistory("an event names no licence"))?;
    licence.in_force = false;
    LICENCES.put(view, &no, &licence);
    Ok(())
}
