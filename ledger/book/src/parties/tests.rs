//! Parties: given, when, then.

use super::{
    AddPerson, Command, EndPerson, GrantLicence, KeyHolder, Purpose, RegisterKey, RegisterParty,
    ReinstateParty, RevokeKey, Role, SuspendParty, require_licence,
};
use crate::{
    refusal::Code,
    registries,
    testing::{World, party, refused},
    vocabulary::{Date, Millis, PartyId},
    wire::List,
};

const REGISTRAR: u8 = 1;
const WAREHOUSE: u8 = 2;
/// The base point of Ed25519 compressed: a good key.
const KEY: [u8; 32] = {
    let mut key = [0x66; 32];
    key[0] = 0x58;
    key
};

fn world() -> (World, PartyId, PartyId) {
    let mut world = World::new();
    let registrar = world.party(REGISTRAR, &[Role::Registrar]);
    let warehouse = world.party(WAREHOUSE, &[Role::Warehouse]);
    world.commodity("GARLIC");
    (world, registrar, warehouse)
}

fn registration(roles: &[Role]) -> Command {
    Command::RegisterParty(RegisterParty {
        name: "North Field Cooperative".parse().expect("a label"),
        roles: List::new(roles.to_vec()).expect("some roles"),
        owner_group: None,
        custodial: false,
    })
}

fn key_of(party: PartyId, key: [u8; 32]) -> Command {
    Command::RegisterKey(RegisterKey {
        party,
        holder: KeyHolder { person: None },
        purpose: Purpose::Statement,
        suite: 1,
        key,
    })
}

#[test]
fn only_the_registrar_registers_parties() {
    let (mut world, registrar, warehouse) = world();
    assert!(world.say(registrar, registration(&[Role::Cooperative])).is_ok());
    let by_another = world.say(warehouse, registration(&[Role::Cooperative]));
    assert_eq!(refused(by_another), Code::NotAuthorised);
}

#[test]
fn nobody_becomes_operator_by_registration() {
    let (mut world, registrar, _) = world();
    let refusal = refused(world.say(registrar, registration(&[Role::Buyer, Role::Operator])));
    assert_eq!(refusal, Code::NotAuthorised);
}

#[test]
fn a_key_is_registered_once_and_must_be_sound() {
    let (mut world, registrar, warehouse) = world();
    assert_eq!(refused(world.say(registrar, key_of(warehouse, [0; 32]))), Code::KeyWeak);
    assert!(world.say(registrar, key_of(warehouse, KEY)).is_ok());
    assert_eq!(refused(world.say(registrar, key_of(registrar, KEY))), Code::KeyTaken);
    assert_eq!(refused(world.say(registrar, key_of(party(99), KEY))), Code::NotFound);
}

#[test]
fn a_party_revokes_its_own_key_and_no_other() {
    let (mut world, registrar, warehouse) = world();
    let bank = world.party(3, &[Role::Bank]);
    world.say(registrar, key_of(warehouse, KEY)).expect("accepted");
    let revoke = Command::RevokeKey(RevokeKey { suite: 1, key: KEY });
    assert_eq!(refused(world.say(bank, revoke.clone())), Code::NotAuthorised);
    assert!(world.say(warehouse, revoke.clone()).is_ok());
    assert_eq!(refused(world.say(registrar, revoke)), Code::InvalidState);
}

#[test]
fn a_suspended_party_does_not_act_until_reinstated() {
    let (mut world, registrar, warehouse) = world();
    let suspend = Command::SuspendParty(SuspendParty { party: warehouse });
    let reinstate = Command::ReinstateParty(ReinstateParty { party: warehouse });
    assert_eq!(refused(world.say(registrar, reinstate.clone())), Code::InvalidState);
    world.say(registrar, suspend.clone()).expect("accepted");
    let revoke = Command::RevokeKey(RevokeKey { suite: 1, key: KEY });
    assert_eq!(refused(world.say(warehouse, revoke)), Code::PartyInactive);
    assert_eq!(refused(world.say(registrar, suspend)), Code::InvalidState);
    assert!(world.say(registrar, reinstate).is_ok());
}

#[test]
fn a_person_ends_once() {
    let (mut world, registrar, warehouse) = world();
    let person = crate::testing::person(warehouse, 1);
    let add = Command::AddPerson(AddPerson { party: warehouse });
    assert!(world.say(registrar, add).is_ok());
    let end = Command::EndPerson(EndPerson { person });
    assert!(world.say(registrar, end.clone()).is_ok());
    assert_eq!(refused(world.say(registrar, end)), Code::InvalidState);
}

#[test]
fn a_licence_covers_its_commodities_until_the_end_of_its_last_day() {
    let (mut world, registrar, warehouse) = world();
    let last_day: Date = "2026-01-10".parse().expect("a date");
    let licence = |commodities: &[&str]| {
        let commodities = commodities.iter().map(|c| c.parse().expect("a code")).collect();
        Command::GrantLicence(GrantLicence {
            party: warehouse,
            number: "L-1".parse().expect("a code"),
            commodities: List::new(commodities).expect("few"),
            valid_until: last_day,
        })
    };
    let covered = |world: &World| {
        let row =
            registries::commodity(&world.view, &"GARLIC".parse().expect("a code")).expect("known");
        let no = super::find(&world.view, warehouse).expect("known").no;
        require_licence(&world.view, no, row.no, world.now).is_ok()
    };
    assert_eq!(refused(world.say(registrar, licence(&["RICE"]))), Code::NotRegistered);
    assert!(!covered(&world));
    world.say(registrar, licence(&["GARLIC"])).expect("accepted");
    assert!(covered(&world));
    // From the 5th to the last millisecond of the 10th, and not one longer.
    assert!(world.pass(Millis(6 * 86_400_000 - 1)).is_empty());
    assert!(covered(&world));
    world.pass(Millis(1));
    assert!(!covered(&world));
    let lapsed = world.pass(Millis(1));
    assert_eq!(lapsed.len(), 1, "{lapsed:?}");
}
