//! A node in this process, met as its callers meet it.

use std::time::Duration;

use granary_book::{
    chain::{ClockKind, Visibility},
    vocabulary::{Id, PartyId},
    wire::Message,
};
use granary_log::{signature::SigningKey, statement::Statement};
use granary_node::{Founded, Founding, Node, init, start};
use granary_proto::{
    parties::v1 as parties,
    parties::v1::party_service_client::PartyServiceClient,
    statement::v1 as pb,
    statement::v1::{reply::Outcome, statement_service_client::StatementServiceClient},
};
use granary_runtime::{
    chain::state_digest,
    config::{Config, Listener},
    keystore::Protection,
    queries::Freshness,
    store::StoreKind,
};
use tokio::sync::oneshot;
use tonic::transport::Channel;

fn config(dir: &std::path::Path, store: StoreKind) -> Config {
    Config {
        dir: dir.to_owned(),
        chain: "test".to_owned(),
        listen: "127.0.0.1:0".parse().expect("an address"),
        http_listen: Listener::Off,
        metrics_listen: Listener::Off,
        store,
        sled_cache_mb: 16,
        segment_mb: 1,
        ..Config::default()
    }
}

fn found(config: &Config) -> Founded {
    let mut next = 0;
    let mut randomness = || {
        next += 1;
        Ok([next; 32])
    };
    init(Founding {
        config: config.clone(),
        domain: "ledger.example.org".to_owned(),
        clock: ClockKind::Wall,
        entries: Visibility::Members,
        now_ms: granary_runtime::time::unix_ms(),
        randomness: &mut randomness,
        protection: Protection::Unencrypted,
    })
    .expect("founded")
}

/// A running node with the handle that stops it.
struct Running {
    channel: Channel,
    chain: std::sync::Arc<granary_runtime::chain::Chain>,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<granary_runtime::supervise::Ended>,
}

async fn run(config: &Config) -> Running {
    let node: Node = start(config).await.expect("starts");
    let chain = node.chain.clone();
    let channel = Channel::from_shared(format!("http://{}", node.address)).expect("a uri");
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(node.run(async move {
        let _ = stopped.await;
    }));
    Running { channel: channel.connect().await.expect("connects"), chain, stop, ended }
}

impl Running {
    async fn stop(self) -> [u8; 32] {
        let book = self.chain.states.book.clone();
        drop((self.channel, self.chain));
        self.stop.send(()).expect("it runs");
        let ended = tokio::time::timeout(Duration::from_secs(20), self.ended).await;
        let ended = ended.expect("in time").expect("no panic");
        assert!(ended.is_clean(), "{ended:?}");
        state_digest(&book)
    }
}

fn registration(party: PartyId, name: &str) -> parties::RegisterPartyRequest {
    parties::RegisterPartyRequest {
        call: Some(pb::Call { party: party.to_string(), ..pb::Call::default() }),
        command: Some(parties::RegisterParty {
            name: name.to_owned(),
            roles: vec![parties::Role::Cooperative.into()],
            ..parties::RegisterParty::default()
        }),
    }
}

#[track_caller]
fn accepted(reply: &pb::Reply) -> &pb::Accepted {
    match &reply.outcome {
        Some(Outcome::Accepted(accepted)) => accepted,
        other => panic!("not accepted: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_read_proved_and_there_after_a_restart() {
    for store in [StoreKind::Redb, StoreKind::Sled] {
        let dir = tempfile::tempdir().expect("a directory");
        let config = config(dir.path(), store);
        let founded = found(&config);
        let running = run(&config).await;
        let mut client = PartyServiceClient::new(running.channel.clone());

        let mut request = registration(founded.registrar, "North Field");
        request.call.as_mut().expect("set").proof = true;
        let reply = client.register_party(request).await.expect("answers").into_inner();
        let event = &accepted(&reply).items[0].events[0];
        assert_eq!(event.type_name, "granary.parties.v1.PartyRegistered");
        let proof = reply.proof.as_ref().expect("asked for");
        assert!(proof.size > reply.index && proof.checkpoint.contains(&founded.origin));

        let page = client
            .list_parties(parties::ListPartiesRequest {
                role: Some(parties::Role::Cooperative.into()),
                freshness: Some(pb::Freshness { min_index: Some(reply.index), linearizable: true }),
                ..parties::ListPartiesRequest::default()
            })
            .await
            .expect("answers")
            .into_inner();
        assert_eq!(page.parties.len(), 1);
        assert_eq!(page.parties[0].name, "North Field");
        let before = running.stop().await;

        let again = run(&config).await;
        let mut client = PartyServiceClient::new(again.channel.clone());
        let id = page.parties[0].id.clone();
        let party = client
            .get_party(parties::GetPartyRequest { id, freshness: None })
            .await
            .expect("still there")
            .into_inner();
        assert_eq!(party.name, "North Field");
        assert_eq!(again.stop().await, before, "the same state after a restart");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_lists_every_violation_and_appends_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path(), StoreKind::Redb);
    let founded = found(&config);
    let running = run(&config).await;
    let mut client = PartyServiceClient::new(running.channel.clone());
    let mut request = registration(founded.registrar, "");
    request.command.as_mut().expect("set").roles = vec![99];
    let status = client.register_party(request).await.expect_err("malformed");
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    let message = status.message();
    assert!(message.contains("command.name") && message.contains("command.roles"), "{message}");

    let status = client
        .register_party(registration(PartyId::from_bytes([9; 16]), "X"))
        .await
        .expect_err("no key");
    assert_eq!(status.code(), tonic::Code::PermissionDenied);
    assert_eq!(running.chain.states.book.head().size, 1, "only the genesis");
    running.stop().await;
}

fn signed(founded: &Founded, id: u8, key: &SigningKey, name: &str) -> Vec<u8> {
    let now = granary_runtime::time::unix_ms();
    let body = granary_book::parties::RegisterParty {
        name: name.parse().expect("a label"),
        roles: granary_book::wire::List::new(vec![granary_book::parties::Role::Buyer])
            .expect("one"),
        owner_group: None,
        custodial: false,
    };
    let mut statement = Statement {
        origin: founded.origin.clone(),
        principal: founded.registrar.to_bytes(),
        command_id: [id; 16],
        signed_at_ms: now,
        expires_at_ms: now + 60_000,
        type_name: granary_book::parties::RegisterParty::NAME.to_owned(),
        body: body.encode(),
        signatures: vec![],
    };
    statement.sign_with(key).expect("signs");
    statement.encode().expect("encodes")
}

/// The third number of the founding's randomness is the registrar's seed.
fn registrar_key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_statement_sent_ten_times_at_once_is_one_entry() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path(), StoreKind::Redb);
    let founded = found(&config);
    let running = run(&config).await;
    let statement = signed(&founded, 1, &registrar_key(), "Once");
    // A copy with a garbled signature goes ahead: it is turned away, and the original is still good.
    let mut garbled = statement.clone();
    *garbled.last_mut().expect("not empty") ^= 1;
    let mut client = StatementServiceClient::new(running.channel.clone());
    let submit = |statement: Vec<u8>| pb::SubmitRequest {
        statement: statement.into(),
        ..pb::SubmitRequest::default()
    };
    let refused = client.submit(submit(garbled)).await.expect_err("does not verify");
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);

    let calls = (0..10).map(|_| {
        let mut client = client.clone();
        let request = submit(statement.clone());
        tokio::spawn(async move { client.submit(request).await.expect("answers").into_inner() })
    });
    let mut indexes = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        let reply = call.await.expect("no panic");
        let index = match reply.outcome.expect("decided") {
            Outcome::Accepted(_) => reply.index,
            Outcome::Duplicate(duplicate) => duplicate.first_index,
            other => panic!("{other:?}"),
        };
        indexes.push(index);
    }
    assert_eq!(indexes, vec![1; 10]);

    let known = client
        .get_statement(pb::GetStatementRequest {
            principal: founded.registrar.to_string(),
            command_id: format!("cm_{}", "01".repeat(16)),
            expires_at_ms: None,
        })
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(known.knowledge, pb::get_statement_response::Knowledge::Found as i32);
    assert_eq!(known.reply.expect("found").index, 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_answers_in_order_and_goes_on_after_a_failure() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path(), StoreKind::Redb);
    let founded = found(&config);
    let running = run(&config).await;
    let mut client = StatementServiceClient::new(running.channel.clone());
    let statements: Vec<Vec<u8>> = (0..50)
        .map(|n| if n == 7 { vec![1, 2, 3] } else { signed(&founded, n, &registrar_key(), "N") })
        .collect();
    let requests = statements.into_iter().map(|statement| pb::SubmitRequest {
        statement: statement.into(),
        ..pb::SubmitRequest::default()
    });
    let requests: Vec<_> = requests.collect();
    let mut answers = client
        .submit_stream(tonic::codegen::tokio_stream::iter(requests))
        .await
        .expect("opens")
        .into_inner();
    let mut last_index = 0;
    for expected in 0..50 {
        let answer = answers.message().await.expect("goes on").expect("an answer for each");
        assert_eq!(answer.sequence, expected);
        match answer.result.expect("something") {
            pb::submit_stream_response::Result::Reply(reply) => {
                accepted(&reply);
                assert!(reply.index > last_index, "in order");
                last_index = reply.index;
            }
            pb::submit_stream_response::Result::Failure(failure) => {
                assert_eq!((expected, failure.reason.as_str()), (7, "UNREADABLE"));
            }
        }
    }
    assert!(answers.message().await.expect("ends").is_none());
    running.stop().await;
}

/// Statements are taken from the queue by the bytes of statements, and made durable by those of entries.
#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_segment_holds_may_wait_in_the_queue() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path(), StoreKind::Redb);
    let founded = found(&config);
    let running = run(&config).await;
    // Four megabytes while the first of them is written, into segments of one.
    for id in 1..=140 {
        let now = granary_runtime::time::unix_ms();
        let mut statement = Statement {
            origin: founded.origin.clone(),
            principal: founded.registrar.to_bytes(),
            command_id: [id; 16],
            signed_at_ms: now,
            expires_at_ms: now + 60_000,
            type_name: granary_book::parties::RegisterParty::NAME.to_owned(),
            body: vec![0xff; 30_000],
            signatures: vec![],
        };
        statement.sign_with(&registrar_key()).expect("signs");
        let bytes = statement.encode().expect("encodes");
        let digest = granary_log::statement::digest_of(&bytes);
        let record = granary_runtime::sequence::Record { bytes, digest, checked: None };
        running.chain.sequencer.append(record).expect("there is room");
    }
    let all = Freshness { min_index: None, linearizable: true };
    running.chain.door.fresh(all).await.expect("the node lives");
    assert_eq!(running.chain.states.book.head().size, 141, "the genesis, and a refusal of each");
    running.stop().await;
}

#[tokio::test]
async fn a_second_node_on_the_directory_is_told_who_holds_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path(), StoreKind::Redb);
    found(&config);
    let node = start(&config).await.expect("starts");
    let second = start(&config).await.map(drop).expect_err("the directory is in use");
    assert!(second.to_string().contains(&std::process::id().to_string()), "{second}");
    let ended = node.run(async {}).await;
    assert!(ended.is_clean(), "{ended:?}");
}

#[tokio::test]
async fn a_port_in_use_and_one_beyond_loopback_are_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut config = config(dir.path(), StoreKind::Redb);
    found(&config);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    config.listen = taken.local_addr().expect("an address");
    let error = start(&config).await.map(drop).expect_err("in use").to_string();
    assert!(error.contains("--listen"), "{error}");
    config.listen = "0.0.0.0:0".parse().expect("an address");
    let error = start(&config).await.map(drop).expect_err("beyond loopback").to_string();
    assert!(error.contains("TLS"), "{error}");
}
