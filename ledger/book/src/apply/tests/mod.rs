//! Whole statements with real signatures, as a node applies them.

mod chain;

use granary_log::entry::{ITEM_STATEMENT, ItemOutcome, Outcome, QUOTA_EXCEEDED};

use chain::{
    Chain, NODE_KEY, NOW, REGISTRAR_KEY, assert_accepted, genesis_id, key, local, public, refusal,
    registration, statement_of,
};

use super::{Batch, BatchMode, Item, Moment, Received, apply, once::PRUNED_EVERY};
use crate::{
    chain::{
        self as book, AdvanceClock, ApproveOperatorAct, Clock, ClockKind, GrantSigner,
        ProposeOperatorAct, STATE_ROOT_EVERY, StateRoot, StateRootReported, Tick,
    },
    parties::{
        AddPerson, KeyHolder, PartyRegistered, Purpose, RegisterKey, RegisterParty, Role,
        SuspendParty,
    },
    refusal::Code,
    registries::{Profile, SetProfile},
    state::{Changes, View},
    vocabulary::{Digest, Id, Millis, PartyId, Time},
    wire::{List, Message},
};

#[test]
fn a_chain_begins_with_its_operators_registrar_and_node() {
    let chain = local();
    assert_eq!(chain.index, 1);
    let view = crate::state::View::new(&chain.state);
    let registrar = PartyId::from_bytes(chain.registrar());
    let row = crate::parties::active(&view, registrar, &[Role::Registrar]).expect("known");
    assert_eq!(row.value.name.as_str(), "Registrar");
    assert!(
        crate::parties::active(&view, PartyId::from_bytes(chain.node()), &[Role::Node]).is_ok()
    );
}

#[test]
fn the_same_statement_counts_once_and_its_copy_is_answered_with_its_index() {
    let mut chain = local();
    let mut statement = statement_of(chain.registrar(), chain.fresh(), &registration("A"), NOW);
    statement.sign_with(&key(REGISTRAR_KEY)).expect("signs");
    assert_accepted(&chain.submit(&statement));
    let again = chain.submit(&statement);
    assert_eq!(again.result.outcome, Outcome::Duplicate { first_index: 1 });
    assert!(again.changes.is_empty(), "a duplicate changes nothing");
}

#[test]
fn an_id_used_for_something_else_is_refused_with_the_first_index() {
    let mut chain = local();
    let id = chain.fresh();
    for (name, expected) in [("A", None), ("B", Some(Code::IdReused))] {
        let mut statement = statement_of(chain.registrar(), id, &registration(name), NOW);
        statement.sign_with(&key(REGISTRAR_KEY)).expect("signs");
        let applied = chain.submit(&statement);
        match expected {
            None => assert_accepted(&applied),
            Some(code) => assert_eq!(refusal(&applied), code),
        }
    }
}

#[test]
fn two_parties_may_use_one_id() {
    let mut chain = local();
    let id = chain.fresh();
    let mut first = statement_of(chain.operators_party(), id, &Profile::generic(), NOW);
    first.sign_with(&key(1)).expect("signs");
    assert_accepted(&chain.submit(&first));
    let mut second = statement_of(chain.registrar(), id, &registration("A"), NOW);
    second.sign_with(&key(REGISTRAR_KEY)).expect("signs");
    assert_accepted(&chain.submit(&second));
}

/// access.md 3.4 and attacks 22, 23: whoever sees a statement can send a copy under other signatures first.
#[test]
fn a_copy_under_other_signatures_never_burns_the_original() {
    let mut chain = Chain::new(1, ClockKind::Wall, None);
    let mut original = statement_of(chain.registrar(), chain.fresh(), &registration("A"), NOW);
    original.sign_with(&key(REGISTRAR_KEY)).expect("signs");

    let mut garbled = original.clone();
    garbled.signatures[0].bytes[5] ^= 1;
    let mut stripped = original.clone();
    stripped.signatures.clear();
    stripped.sign_with(&key(99)).expect("signs");
    let mut with_a_stranger = original.clone();
    with_a_stranger.sign_with(&key(1)).expect("signs");
    let mut short = original.clone();
    short.signatures[0].bytes.pop();
    let mut other_suite = original.clone();
    other_suite.signatures[0].suite = 4;
    let mut swapped = with_a_stranger.clone();
    swapped.signatures.swap(0, 1);

    for (copy, expected) in [
        (garbled, Code::SignatureInvalid),
        (short, Code::SignatureInvalid),
        (other_suite, Code::SuiteUnknown),
        (stripped, Code::KeyUnknown),
        (with_a_stranger, Code::SignersMismatch),
        (swapped, Code::SignersMismatch),
    ] {
        assert_eq!(refusal(&chain.submit(&copy)), expected);
    }
    assert_accepted(&chain.submit(&original));
}

#[test]
fn a_body_changed_after_signing_is_refused() {
    let mut chain = local();
    let mut statement = statement_of(chain.registrar(), chain.fresh(), &registration("A"), NOW);
    statement.sign_with(&key(REGISTRAR_KEY)).expect("signs");
    statement.body = registration("B").encode();
    assert_eq!(refusal(&chain.submit(&statement)), Code::SignatureInvalid);
}

#[test]
fn unknown_types_and_unknown_fields_are_refused() {
    let mut chain = local();
    let mut body = registration("A").encode();
    body.extend_from_slice(&[0x78, 1]); // field 15, varint 1
    for (type_name, body, expected) in [
        ("granary.parties.v1.Abolish", vec![], Code::TypeUnknown),
        (RegisterParty::NAME, body, Code::BodyMalformed),
        (RegisterParty::NAME, vec![0xff], Code::BodyMalformed),
        (RegisterParty::NAME, vec![], Code::BodyMalformed),
    ] {
        let mut statement = statement_of(chain.registrar(), chain.fresh(), &registration("A"), NOW);
        statement.type_name = type_name.to_owned();
        statement.body = body;
        statement.sign_with(&key(REGISTRAR_KEY)).expect("signs");
        assert_eq!(refusal(&chain.submit(&statement)), expected, "{type_name}");
    }
}

#[test]
fn what_a_statement_says_about_time_must_hold() {
    let window = Profile::generic().signed_at_window_ms.0;
    let day = Millis::days(1).0;
    let now = NOW.ms();
    for (signed_at, expires_at, expected) in [
        (now, now, None),
        (now, now - 1, Some(Code::Expired)),
        (now, now + day, None),
        (now, now + day + 1, Some(Code::TimeClaimRefused)),
        (now + window, now + 1, None),
        (now + window + 1, now + 1, Some(Code::NotYet)),
        (now - window, now + 1, None),
        (now - window - 1, now + 1, Some(Code::TimeClaimRefused)),
    ] {
        let mut chain = local();
        let mut statement = statement_of(chain.registrar(), chain.fresh(), &registration("A"), NOW);
        statement.signed_at_ms = signed_at;
        statement.expires_at_ms = expires_at;
        statement.sign_with(&key(REGISTRAR_KEY)).expect("signs");
        let applied = chain.submit(&statement);
        match expected {
            None => assert_accepted(&applied),
            Some(code) => assert_eq!(refusal(&applied), code, "{signed_at} {expires_at}"),
        }
    }
}

#[test]
fn a_statement_too_early_may_be_sent_again_later() {
    let mut chain = local();
    let later = NOW.after(Millis::hours(2));
    let mut statement = statement_of(chain.registrar(), chain.fresh(), &registration("A"), later);
    statement.expires_at_ms = later.ms();
    statement.sign_with(&key(REGISTRAR_KEY)).expect("signs");
    assert_eq!(refusal(&chain.submit(&statement)), Code::NotYet);
    chain.now = later;
    assert_accepted(&chain.submit(&statement));
}

#[test]
fn a_forgotten_id_belongs_to_an_expired_statement() {
    let mut chain = local();
    let mut statement = statement_of(chain.registrar(), chain.fresh(), &registration("A"), NOW);
    statement.sign_with(&key(REGISTRAR_KEY)).expect("signs");
    assert_accepted(&chain.submit(&statement));
    chain.now = Time::from_ms(statement.expires_at_ms + 1);
    // Until it is forgotten, which happens now and then, it is answered with its index.
    let again = chain.submit(&statement);
    assert_eq!(again.result.outcome, Outcome::Duplicate { first_index: 1 });
    for _ in 0..PRUNED_EVERY {
        assert_accepted(&chain.say(chain.registrar(), REGISTRAR_KEY, &registration("B")));
    }
    assert_eq!(refusal(&chain.submit(&statement)), Code::Expired);
}

#[test]
fn a_new_key_proves_that_it_is_held() {
    let mut chain = local();
    let party: PartyId = PartyId::from_bytes(chain.registrar());
    let register = RegisterKey {
        party,
        holder: KeyHolder { person: None },
        purpose: Purpose::Statement,
        suite: 1,
        key: public(20),
    };
    assert_eq!(
        refusal(&chain.say(chain.registrar(), REGISTRAR_KEY, &register)),
        Code::SignersMismatch
    );
    let mut statement = statement_of(chain.registrar(), chain.fresh(), &register, NOW);
    statement.sign_with(&key(REGISTRAR_KEY)).expect("signs");
    statement.sign_with(&key(20)).expect("signs");
    assert_accepted(&chain.submit(&statement));
    // It counts from the next entry on.
    assert_accepted(&chain.say(chain.registrar(), 20, &registration("A")));
}

fn batch(mode: BatchMode, bodies: &[(&str, Vec<u8>)]) -> Batch {
    let items = bodies.iter().map(|(type_name, body)| Item {
        principal: None,
        type_name: type_name.parse().expect("a label"),
        body: body.clone(),
    });
    Batch { mode, items: List::new(items.collect()).expect("some items") }
}

#[test]
fn a_linked_batch_is_all_or_nothing_and_an_independent_one_is_not() {
    let good = (RegisterParty::NAME, registration("A").encode());
    let absent = PartyId::from_bytes([9; 16]);
    let bad = (SuspendParty::NAME, SuspendParty { party: absent }.encode());

    let mut chain = local();
    let before = chain.state.clone();
    let linked = batch(BatchMode::Linked, &[good.clone(), bad.clone()]);
    let applied = chain.say(chain.registrar(), REGISTRAR_KEY, &linked);
    assert_eq!(refusal(&applied), Code::NotFound);
    assert!(matches!(applied.result.outcome, Outcome::Refused { item: 1, .. }));
    let party_tables = |state: &Changes| state.keys().filter(|k| k[0] == 0x11).count();
    assert_eq!(party_tables(&before), party_tables(&chain.state), "nothing of it is kept");

    let independent = batch(BatchMode::Independent, &[bad.clone(), good.clone()]);
    let applied = chain.say(chain.registrar(), REGISTRAR_KEY, &independent);
    let Outcome::Accepted(items) = &applied.result.outcome else { panic!("{applied:?}") };
    assert!(matches!(items[..], [ItemOutcome::Refused(_), ItemOutcome::Events(_)]), "{items:?}");

    let nothing = batch(BatchMode::Independent, &[bad.clone(), bad]);
    let applied = chain.say(chain.registrar(), REGISTRAR_KEY, &nothing);
    assert!(matches!(applied.result.outcome, Outcome::Refused { item: 0, .. }));
}

#[test]
fn each_command_of_a_batch_makes_its_own_id() {
    let mut chain = local();
    let good = (RegisterParty::NAME, registration("A").encode());
    let both = batch(BatchMode::Linked, &[good.clone(), good]);
    let applied = chain.say(chain.registrar(), REGISTRAR_KEY, &both);
    let ids: Vec<PartyId> = applied
        .result
        .events()
        .map(|event| PartyRegistered::decode(&event.body).expect("decodes").party)
        .collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn a_node_states_the_root_of_a_state_that_has_been_and_of_no_other_size() {
    let mut chain = local();
    let node = chain.node();
    let root = Digest([7; 32]);
    // GIVEN a chain of few entries; THEN no size can be stated, and nobody but a node states one.
    for size in [0, 1, STATE_ROOT_EVERY, 3 * STATE_ROOT_EVERY] {
        let applied = chain.say(node, NODE_KEY, &StateRoot { size, root });
        assert_eq!(refusal(&applied), Code::ValidationFailed, "{size}");
    }
    let stranger =
        chain.say(chain.registrar(), REGISTRAR_KEY, &StateRoot { size: STATE_ROOT_EVERY, root });
    assert_eq!(refusal(&stranger), Code::NotAuthorised);
    // WHEN it has grown beyond 1,024 entries; THEN the size that has been may be stated, by its node's name.
    chain.index = STATE_ROOT_EVERY + 5;
    let stated = chain.say(node, NODE_KEY, &StateRoot { size: STATE_ROOT_EVERY, root });
    let events: Vec<_> = stated.result.events().cloned().collect();
    let reported = StateRootReported::decode(&events[0].body).expect("decodes");
    let expected = (PartyId::from_bytes(node), STATE_ROOT_EVERY, root);
    assert_eq!((reported.node, reported.size, reported.root), expected);
}

#[test]
fn a_batch_holds_no_batch_no_keys_and_no_operators_acts() {
    let mut chain = local();
    let inner = batch(BatchMode::Linked, &[(RegisterParty::NAME, registration("A").encode())]);
    let tick = Tick { claim_ms: NOW };
    for forbidden in [
        (Batch::NAME, inner.encode()),
        (Tick::NAME, tick.encode()),
        (SetProfile::NAME, Profile::generic().encode()),
    ] {
        let outer = batch(BatchMode::Linked, &[forbidden]);
        let applied = chain.say(chain.registrar(), REGISTRAR_KEY, &outer);
        assert_eq!(refusal(&applied), Code::BatchForbidden);
    }
}

#[test]
fn refusals_beyond_the_quota_are_kept_without_their_bodies_and_take_no_id() {
    let profile = SetProfile { refused_bytes_per_day: 1_000, ..Profile::generic() };
    let mut chain = Chain::new(1, ClockKind::Wall, Some(profile));
    let absent = AddPerson { party: PartyId::from_bytes([9; 16]) };
    let mut refused = 0;
    let last = loop {
        let applied = chain.say(chain.registrar(), REGISTRAR_KEY, &absent);
        if applied.result.outcome == Outcome::Skipped(QUOTA_EXCEEDED) {
            break applied;
        }
        assert_eq!(refusal(&applied), Code::NotFound);
        refused += 1;
        assert!(refused < 10, "the quota never fills");
    };
    assert!(refused >= 2);
    assert!(last.events.is_empty());
    // The next day counts anew.
    chain.now = chain.now.after(Millis::days(1));
    assert_eq!(refusal(&chain.say(chain.registrar(), REGISTRAR_KEY, &absent)), Code::NotFound);
}

#[test]
fn a_simulated_clock_moves_by_its_operators_alone() {
    let mut chain = Chain::new(1, ClockKind::Simulated, None);
    let to = NOW.after(Millis::days(30));
    let advanced = chain.say(chain.operators_party(), 1, &AdvanceClock { to_ms: to });
    assert_accepted(&advanced);
    assert_eq!(advanced.time, NOW, "from the next entry on");
    chain.now = to;
    let back = chain.say(chain.operators_party(), 1, &AdvanceClock { to_ms: NOW });
    assert_eq!((refusal(&back), back.time), (Code::ClockRefused, to));
    let wall = local().say(genesis_id(0), 1, &AdvanceClock { to_ms: to });
    assert_eq!(refusal(&wall), Code::ClockRefused);
}

#[test]
fn the_right_to_sign_is_the_first_nodes_until_the_operators_grant_it_to_another() {
    let mut chain = local();
    let signer = |chain: &Chain| book::signer(&View::new(&chain.state)).expect("founded");
    let first = signer(&chain);
    assert_eq!((first.node.to_bytes(), first.index, first.previous_size), (chain.node(), 0, 0));
    let node = first.node;
    let grant = |node, previous_size| GrantSigner { node, previous_size, root: Digest([7; 32]) };
    // Neither somebody who is no node nor a checkpoint of entries that don't exist.
    for (act, code) in [
        (grant(PartyId::from_bytes(chain.registrar()), 1), Code::NotAuthorised),
        (grant(node, 99), Code::ValidationFailed),
    ] {
        assert_eq!(refusal(&chain.say(chain.operators_party(), 1, &act)), code, "{act:?}");
    }
    let by_registrar = chain.say(chain.registrar(), REGISTRAR_KEY, &grant(node, 1));
    assert_eq!(refusal(&by_registrar), Code::NotAuthorised);
    let granted = chain.say(chain.operators_party(), 1, &grant(node, 2));
    assert_accepted(&granted);
    let newest = signer(&chain);
    assert_eq!((newest.previous_size, newest.root), (2, Digest([7; 32])));
    assert_eq!(newest.index, 4, "genesis, three refusals, the grant");
}

#[test]
fn an_act_of_the_operators_waits_for_as_many_persons_as_the_genesis_asks() {
    let mut chain = Chain::new(2, ClockKind::Wall, None);
    let operators = chain.operators_party();
    let (a, b) = (chain.operators[0], chain.operators[1]);
    let act = Profile { minimum_receipt: 500, ..Profile::generic() };
    assert_eq!(refusal(&chain.say(operators, a, &act)), Code::NotAuthorised);

    let propose = ProposeOperatorAct {
        act_type: SetProfile::NAME.parse().expect("a label"),
        act_body: act.encode(),
    };
    let proposed = chain.say(operators, a, &propose);
    assert_accepted(&proposed);
    let id = crate::vocabulary::ProposalId::from_bytes(
        proposed.result.events().next().expect("one").body[2..18].try_into().expect("16"),
    );
    let profile = |chain: &Chain| {
        crate::registries::profile(&crate::state::View::new(&chain.state)).minimum_receipt
    };
    let approve =
        |digest: [u8; 32]| ApproveOperatorAct { proposal: id, body_sha256: Digest(digest) };
    let digest = granary_log::hash::sha256(&act.encode()).0;
    assert_eq!(refusal(&chain.say(operators, b, &approve([0; 32]))), Code::ProposalRefused);
    assert_eq!(refusal(&chain.say(operators, a, &approve(digest))), Code::ProposalRefused);
    assert_eq!(profile(&chain), 1);
    assert_accepted(&chain.say(operators, b, &approve(digest)));
    assert_eq!(profile(&chain), 500);
    assert_eq!(refusal(&chain.say(operators, b, &approve(digest))), Code::ProposalRefused);
}

#[test]
fn a_refusal_of_the_statement_itself_names_no_command() {
    let mut chain = local();
    let mut statement = statement_of(chain.registrar(), chain.fresh(), &registration("A"), NOW);
    statement.sign_with(&key(99)).expect("signs");
    let applied = chain.submit(&statement);
    assert!(matches!(applied.result.outcome, Outcome::Refused { item: ITEM_STATEMENT, .. }));
}

#[test]
fn an_unreadable_record_is_skipped_and_the_chain_goes_on() {
    let chain = local();
    let moment = Moment { index: 1, previous: NOW, clock: Clock::Local(NOW) };
    let applied = apply(&chain.state, &moment, Received::Unreadable).expect("no broken history");
    assert_eq!(applied.result.outcome, Outcome::Skipped(granary_log::entry::UNREADABLE));
    assert!(applied.changes.is_empty());
}
