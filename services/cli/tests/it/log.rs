//! The audit service of a node, asked by gRPC.

use granary_log::{
    checkpoint::Checkpoint,
    hash::{Hash, leaf_hash},
    note::{Note, VerifierKey},
    tree::{verify_consistency, verify_inclusion},
};
use granary_proto::{
    audit::v1::{
        Entry, GetCheckpointRequest, GetHistoryRequest, ProveConsistencyRequest,
        ProveInclusionRequest, StreamEntriesRequest, WatchRequest,
        audit_service_client::AuditServiceClient,
    },
    statement::v1::{SubmitRequest, statement_service_client::StatementServiceClient},
};
use tonic::{Code, Streaming, transport::Channel};

use crate::node::World;

type Client = AuditServiceClient<Channel>;

/// Asks in a runtime of its own, while the binary may be run between questions.
fn ask<T>(world: &World, question: impl AsyncFnOnce(Client) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let address = world.address().to_owned();
        question(Client::connect(address).await.unwrap()).await
    })
}

async fn all(mut stream: Streaming<Entry>) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some(entry) = stream.message().await.unwrap() {
        entries.push(entry);
    }
    entries
}

fn hashes(path: &[prost::bytes::Bytes]) -> Vec<Hash> {
    path.iter().map(|hash| Hash(hash.as_ref().try_into().unwrap())).collect()
}

#[test]
fn entries_are_streamed_each_bound_to_the_one_before() {
    let world = World::new();
    for n in 0..3 {
        world.party(&format!("Party {n}"), &["BUYER"]);
    }
    let range = |from_index, to_index| StreamEntriesRequest { from_index, to_index };
    let entries = ask(&world, async |mut client| {
        all(client.stream_entries(range(0, None)).await.unwrap().into_inner()).await
    });
    assert_eq!(entries.iter().map(|entry| entry.index).collect::<Vec<_>>(), [0, 1, 2, 3]);
    for (before, entry) in entries.iter().zip(&entries[1..]) {
        assert_eq!(before.leaf_hash, entry.prev_leaf_hash);
        assert_eq!(leaf_hash(&entry.bytes).0.as_slice(), entry.leaf_hash.as_ref());
    }
    // Genesis is said by nobody.
    let genesis = entries[0].statement.as_ref().unwrap();
    assert_eq!(
        (genesis.type_name.as_str(), genesis.principal.len()),
        ("granary.chain.v1.Genesis", 0)
    );
    let middle = ask(&world, async |mut client| {
        all(client.stream_entries(range(1, Some(2))).await.unwrap().into_inner()).await
    });
    assert_eq!(middle, entries[1..3]);
    let beyond = ask(&world, async |mut client| client.stream_entries(range(2, Some(4))).await);
    assert_eq!(beyond.err().map(|status| status.code()), Some(Code::NotFound));
}

#[test]
fn a_watcher_sees_what_it_asked_for_and_does_not_hold_a_node_that_stops() {
    let world = World::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut watched = runtime.block_on(async {
        let mut client = Client::connect(world.address().to_owned()).await.unwrap();
        let event_types = vec!["granary.chain.v1.ClockAdvanced".to_owned()];
        client.watch(WatchRequest { from_index: None, event_types }).await.unwrap().into_inner()
    });
    world.party("Mill", &["BUYER"]);
    world.run(&["chain", "advance-clock", "+1h", "--key", "operator"]).ok();
    let seen = runtime.block_on(watched.message()).unwrap().unwrap();
    assert_eq!(seen.index, 2);
    // The node ends well, and says so to whoever still listens.
    drop(world);
    let ended = runtime.block_on(watched.message()).unwrap_err();
    assert_eq!(ended.code(), Code::Unavailable);
}

#[test]
fn every_size_is_proved_to_be_the_beginning_of_every_larger_one() {
    let world = World::new();
    for n in 0..6 {
        world.party(&format!("Party {n}"), &["BUYER"]);
    }
    ask(&world, async |mut client| {
        let key: VerifierKey = world.founded.vkey.parse().unwrap();
        let mut roots = vec![Hash([0; 32])];
        for size in 1..=7u64 {
            let request = ProveInclusionRequest { index: size - 1, size: Some(size) };
            let proved = client.prove_inclusion(request).await.unwrap().into_inner();
            let leaf = Hash(proved.leaf_hash.as_ref().try_into().unwrap());
            let path = hashes(&proved.proof.unwrap().path);
            // The last leaf's path folds up to the root: the root is what the path implies.
            let root =
                path.iter().fold(leaf, |right, left| granary_log::hash::node_hash(left, &right));
            verify_inclusion(size - 1, size, leaf, &path, root).unwrap();
            roots.push(root);
        }
        for from in 1..=7u64 {
            for to in from..=7u64 {
                let request = ProveConsistencyRequest { from_size: from, to_size: to };
                let path =
                    hashes(&client.prove_consistency(request).await.unwrap().into_inner().path);
                let at = |size: u64| roots[usize::try_from(size).unwrap()];
                verify_consistency(from, to, at(from), at(to), &path).unwrap();
            }
        }
        let proved = client.prove_inclusion(ProveInclusionRequest { index: 6, size: None }).await;
        assert_eq!(proved.unwrap().into_inner().proof.unwrap().size, 7);
        let checkpoint = client.get_checkpoint(GetCheckpointRequest {}).await.unwrap().into_inner();
        let note = Note::parse(checkpoint.note.as_bytes()).unwrap();
        let opened = Checkpoint::open(&note, &key).unwrap();
        assert_eq!((opened.size(), opened.root()), (7, roots[7]));
    });
}

#[test]
fn an_objects_history_names_the_entries_that_name_it() {
    let world = World::new();
    let mill = world.party("Mill", &["BUYER"]);
    world.party("Bank", &["BANK"]);
    let send =
        ["send", "--as", &world.founded.registrar.to_string(), "--type", "SuspendParty", "-"];
    let body = format!("{{\"party\": \"{mill}\"}}");
    crate::node::with_input(world.command(&send), &body).ok();
    let history = |id: &str| {
        ask(&world, async |mut client| {
            client.get_history(GetHistoryRequest { id: id.to_owned(), freshness: None }).await
        })
    };
    let found = history(&mill).unwrap().into_inner();
    let lines: Vec<(u64, &str)> =
        found.lines.iter().map(|line| (line.index, line.type_name.as_str())).collect();
    assert_eq!(
        lines,
        [(1, "granary.parties.v1.PartyRegistered"), (3, "granary.parties.v1.PartySuspended")]
    );
    assert!(!found.more);
    assert!(history("wr_00000000000000000000000000000001").unwrap().into_inner().lines.is_empty());
    assert_eq!(history("mill").unwrap_err().code(), Code::InvalidArgument);
}

#[test]
fn a_stream_tries_statements_without_writing_and_proves_those_it_writes() {
    let world = World::new();
    let document = world.registration("Mill", &["BUYER"]).to_string();
    let file = world.file("register.json", &document);
    world.run(&["send", &file]).ok();
    // A statement that was sent, sent again: its bytes stand in its entry.
    let (tried, proved) = ask(&world, async |mut client| {
        let range = StreamEntriesRequest { from_index: 1, to_index: Some(1) };
        let entries = all(client.stream_entries(range).await.unwrap().into_inner()).await;
        let entry = granary_log::entry::Entry::decode(&entries[0].bytes).unwrap();
        let granary_log::entry::Recorded::Full(statement) = entry.statement else {
            panic!("kept whole")
        };
        let request = |validate_only, proof| SubmitRequest {
            statement: statement.clone().into(),
            proof,
            validate_only,
        };
        let requests = tokio_stream::iter([request(true, false), request(false, true)]);
        let mut client = StatementServiceClient::connect(world.address().to_owned()).await.unwrap();
        let mut answers = client.submit_stream(requests).await.unwrap().into_inner();
        let mut replies = Vec::new();
        while let Some(answer) = answers.message().await.unwrap() {
            match answer.result.unwrap() {
                granary_proto::statement::v1::submit_stream_response::Result::Reply(reply) => {
                    replies.push(reply);
                }
                other => panic!("{other:?}"),
            }
        }
        let proved = replies.pop().unwrap();
        (replies.pop().unwrap(), proved)
    });
    assert_eq!((tried.index, tried.proof), (2, None));
    assert_eq!(proved.index, 1);
    assert!(proved.proof.is_some_and(|proof| proof.size == 2));
    assert_eq!(world.size(), 2);
}
