//! Two lenders can't win one receipt, however many try at once.

use std::sync::Arc;

use granary_book::{
    chain::ClockKind,
    parties::Role,
    pledges::{PLEDGES, ProposePledge},
    receipts::{Encumbrance, RECEIPTS},
    refusal::Code,
    state::View,
    vocabulary::{Currency, Money, PledgeId},
    wire::List,
};
use granary_integration_tests::{Running, Signed, Trade, World, config, found};
use granary_log::{
    entry::{Entry, Outcome},
    hash::leaf_hash,
};
use granary_proto::statement::v1::{Reply, reply::Outcome as Told};
use granary_runtime::{queries::Entries, store::StoreKind, time::unix_ms};
use tokio::sync::Barrier;

const CALLERS: usize = 100;

/// What a caller was told, by the entry it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Won,
    Refused(u32),
}

fn verdict_told(reply: &Reply) -> Verdict {
    match &reply.outcome {
        Some(Told::Accepted(_)) => Verdict::Won,
        Some(Told::Refused(refused)) => {
            Verdict::Refused(refused.refusal.as_ref().expect("says why").code)
        }
        other => panic!("neither accepted nor refused: {other:?}"),
    }
}

fn verdict_kept(entry: &Entry) -> Verdict {
    match &entry.result.outcome {
        Outcome::Accepted(_) => Verdict::Won,
        Outcome::Refused { refusal, .. } => Verdict::Refused(refusal.code.into()),
        other => panic!("neither accepted nor refused: {other:?}"),
    }
}

/// Proposals of one receipt, each to another bank.
async fn proposals(world: &mut World) -> Vec<Signed> {
    let mut trade = Trade::open(world, "GARLIC").await;
    let receipt = trade.receipt(world, 20_000_000).await;
    let cast: Vec<_> = (1..=CALLERS).map(|n| (format!("Bank {n}"), Role::Bank)).collect();
    let banks = world.register(&cast).await;
    let matures_on = world.now().date_at(0).plus_days(90);
    let holder = &trade.cooperative;
    let proposal = |pledgee| ProposePledge {
        pledgee,
        receipts: List::new(vec![receipt]).expect("one"),
        secured_maximum: Money::new(5_000_000, Currency::CNY),
        matures_on,
        terms: None,
    };
    let commands = banks.into_iter().map(proposal);
    commands.map(|command| world.signed(holder, &[holder.person(1)], &command)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_banks_are_offered_one_receipt_at_once_and_one_gets_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path(), StoreKind::Redb);
    let founded = found(&config, ClockKind::Wall, unix_ms());
    let running = Running::start(&config).await;
    let mut world = World::new(&running, &founded, 0);
    let proposals = proposals(&mut world).await;
    let before = running.chain.states.book.head().size;

    let (world, start) = (Arc::new(world), Arc::new(Barrier::new(CALLERS)));
    let calls = proposals.iter().cloned().map(|signed| {
        let (world, start) = (Arc::clone(&world), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            world.submit(signed.bytes).await.expect("passes the door")
        })
    });
    let calls: Vec<_> = calls.collect();
    let mut replies = Vec::new();
    for call in calls {
        replies.push(call.await.expect("no panic"));
    }

    let mut indexes: Vec<u64> = replies.iter().map(|reply| reply.index).collect();
    indexes.sort_unstable();
    let expected: Vec<u64> = (before..before + CALLERS as u64).collect();
    assert_eq!(indexes, expected, "each attempt is an entry of its own");
    for (reply, signed) in replies.iter().zip(&proposals) {
        let bytes = running.chain.entries.bytes(reply.index).expect("an entry");
        assert_eq!(
            reply.leaf_hash[..],
            leaf_hash(&bytes).0,
            "the reply names the entry by its hash"
        );
        let entry = Entry::decode(&bytes).expect("an entry");
        assert_eq!(verdict_kept(&entry), verdict_told(reply));
        assert!(
            matches!(&entry.statement, granary_log::entry::Recorded::Full(kept) if *kept == signed.bytes),
            "the entry is about the caller's own statement"
        );
    }
    let told: Vec<Verdict> = replies.iter().map(verdict_told).collect();
    let refused = Verdict::Refused(Code::AlreadyEncumbered.number().into());
    assert_eq!(told.iter().filter(|verdict| **verdict == Verdict::Won).count(), 1);
    assert_eq!(told.iter().filter(|verdict| **verdict == refused).count(), CALLERS - 1);

    let winner = told.iter().position(|verdict| *verdict == Verdict::Won).expect("one");
    assert_eq!(replies[winner].index, before, "the first to be ordered");
    assert_book_agrees(&running, &proposals, winner);
    drop(world);
    running.stop().await;
}

/// The book holds the winner's pledge alone, and the receipt is reserved for it.
fn assert_book_agrees(running: &Running, proposals: &[Signed], winner: usize) {
    let snapshot = running.chain.states.book.snapshot();
    let view = View::new(&snapshot);
    for (n, signed) in proposals.iter().enumerate() {
        assert_eq!(PLEDGES.has(&view, &signed.id::<PledgeId>(0)), n == winner, "proposal {n}");
    }
    let pledge: PledgeId = proposals[winner].id(0);
    let row = PLEDGES.find(&view, &pledge).expect("the winner's");
    let [receipt] = granary_book::pledges::members(&view, row.no)[..] else {
        panic!("one receipt")
    };
    let receipt = RECEIPTS.get(&view, receipt).expect("known");
    assert!(
        matches!(receipt.encumbrance, Encumbrance::Reserved { pledge: by, .. } if by == pledge),
        "{:?}",
        receipt.encumbrance
    );
}
