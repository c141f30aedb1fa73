use granary_proto::{
    shipments::v1::not_accepted::Why,
    statement::v1::{Accepted, Duplicate, Failure, Refused, Reply, reply::Outcome},
};

use crate::post::{NOT_ACCEPTED_MAX, Summary};

fn reply(index: u64, outcome: Outcome) -> Result<Reply, Failure> {
    Ok(Reply { index, outcome: Some(outcome), ..Reply::default() })
}

fn failure() -> Result<Reply, Failure> {
    Err(Failure { reason: "QUEUE_FULL".to_owned(), ..Failure::default() })
}

#[test]
fn a_summary_counts_and_tells_of_what_was_not_accepted() {
    let mut summary = Summary::default();
    summary.settle(reply(5, Outcome::Accepted(Accepted::default())));
    summary.settle(failure());
    summary.settle(reply(7, Outcome::Refused(Refused::default())));
    summary.settle(reply(9, Outcome::Duplicate(Duplicate { first_index: 3 })));
    let told = summary.0;
    assert_eq!((told.received, told.accepted, told.last_index), (4, 1, Some(7)));
    let kinds: Vec<_> = told
        .not_accepted
        .iter()
        .map(|event| (event.sequence, matches!(event.why, Some(Why::Failure(_)))))
        .collect();
    assert_eq!(kinds, [(1, true), (2, false), (3, false)]);
}

#[test]
fn a_summary_stays_small_however_many_fail() {
    let mut summary = Summary::default();
    for _ in 0..NOT_ACCEPTED_MAX + 5 {
        summary.settle(failure());
    }
    let told = summary.0;
    assert_eq!(told.not_accepted.len(), NOT_ACCEPTED_MAX);
    assert_eq!((told.received, told.accepted, told.last_index), (1_005, 0, None));
}
