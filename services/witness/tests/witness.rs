//! A witness as logs meet it: over HTTP, in a race, and after a kill.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use granary_log::{
    checkpoint::Checkpoint,
    cosignature,
    hash::{leaf_hash, sha256},
    note::{Note, SignerKey},
    signature::SigningKey,
    tree::Tree,
    two_histories::TwoHistories,
    witness::{AddCheckpoint, cosignature_by},
};
use granary_runtime::supervise::Supervisor;
use granary_witness::{AddError, OpenError, Witness, WitnessServer};

const ORIGIN: &str = "ledger.example.org/test-01234567";
const NAME: &str = "bank.example/witness";

fn log_key() -> SignerKey {
    SignerKey::new(ORIGIN, SigningKey::from_bytes(&[3; 32])).expect("a good name")
}

/// A log of entries that are told apart by `fork`.
fn tree(size: u8, fork: u8) -> Tree {
    let mut tree = Tree::new();
    (0..size).for_each(|leaf| tree.push(leaf_hash(&[leaf, fork])));
    tree
}

fn request(tree: &Tree, old_size: u64, size: u64) -> AddCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN, size, tree.root_at(size).expect("there"));
    let note = checkpoint.expect("a good origin").sign(&log_key()).expect("its own");
    let proof = tree.consistency_proof(old_size, size).expect("there");
    AddCheckpoint { old_size, proof, checkpoint: note }
}

fn open(dir: &Path) -> Witness {
    Witness::open(dir, Some(NAME), &[log_key().verifier().clone()]).expect("opens")
}

fn add(witness: &Witness, request: &AddCheckpoint) -> Result<String, u16> {
    match witness.add_checkpoint(request.to_string().as_bytes(), 7) {
        Ok(line) => Ok(line),
        Err(AddError::Refused(refusal)) => Err(refusal.status()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_witness_remembers_what_it_cosigned_and_under_which_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let log = tree(20, 0);
    assert!(matches!(Witness::open(dir.path(), None, &[]), Err(OpenError::NoName)));
    let witness = open(dir.path());
    let line = add(&witness, &request(&log, 0, 5)).expect("cosigned");
    let text = request(&log, 0, 5).checkpoint.text().to_owned();
    let signature = cosignature_by(line.as_bytes(), witness.verifier()).expect("its own");
    assert_eq!(cosignature::verify(&signature, &text, witness.verifier()), Ok(7));
    let vkey = witness.verifier().clone();
    let second = Witness::open(dir.path(), None, &[]).map(drop);
    assert!(matches!(second, Err(OpenError::Lock(_))), "one process for a directory");
    drop(witness);

    let renamed = Witness::open(dir.path(), Some("another.example"), &[]).map(drop);
    assert!(matches!(renamed, Err(OpenError::OtherName(_))));
    let again = Witness::open(dir.path(), None, &[]).expect("it knows its name and its logs");
    assert_eq!((again.verifier(), again.logs().len()), (&vkey, 1));
    assert_eq!(add(&again, &request(&log, 0, 7)), Err(409), "it remembers 5");
    add(&again, &request(&log, 5, 7)).expect("it continues");
    let kept = again.latest(sha256(ORIGIN.as_bytes()).0).expect("reads").expect("there");
    assert_eq!(kept.text(), request(&log, 5, 7).checkpoint.text());
    assert_eq!(kept.signatures().len(), 2, "the log's and its own");
}

#[test]
fn of_two_requests_at_once_exactly_one_wins() {
    let dir = tempfile::tempdir().expect("a directory");
    let witness = Arc::new(open(dir.path()));
    let log = tree(200, 0);
    add(&witness, &request(&log, 0, 1)).expect("cosigned");
    for round in 0..20_u64 {
        let old_size = 1 + 3 * round;
        let start = Arc::new(Barrier::new(2));
        let racers = [old_size + 1, old_size + 3].map(|size| {
            let (witness, start) = (Arc::clone(&witness), Arc::clone(&start));
            let request = request(&log, old_size, size);
            thread::spawn(move || {
                start.wait();
                add(&witness, &request).map(|_| size)
            })
        });
        let results = racers.map(|racer| racer.join().expect("no panic"));
        let won: Vec<u64> = results.iter().filter_map(|result| result.ok()).collect();
        let lost = results.iter().filter(|result| **result == Err(409)).count();
        assert_eq!((won.len(), lost), (1, 1), "{results:?}");
        let kept = witness.latest(sha256(ORIGIN.as_bytes()).0).expect("reads").expect("there");
        let kept: Checkpoint = kept.text().parse().expect("a checkpoint");
        assert_eq!(kept.size(), won[0], "what was cosigned is what is remembered");
        if won[0] < old_size + 3 {
            add(&witness, &request(&log, won[0], old_size + 3)).expect("it continues");
        }
    }
}

#[test]
fn two_histories_are_never_cosigned_and_leave_evidence() {
    let dir = tempfile::tempdir().expect("a directory");
    let witness = open(dir.path());
    let (log, fork) = (tree(20, 0), tree(20, 1));
    add(&witness, &request(&log, 0, 9)).expect("cosigned");
    assert_eq!(add(&witness, &request(&fork, 9, 12)), Err(422));
    assert_eq!(add(&witness, &request(&fork, 9, 9)), Err(409));
    add(&witness, &request(&log, 9, 12)).expect("the first history goes on");
    let evidence = std::fs::read_dir(dir.path().join("evidence")).expect("there");
    let paths: Vec<_> = evidence.map(|entry| entry.expect("listed").path()).collect();
    let [path] = paths.as_slice() else { panic!("{paths:?}") };
    let bytes = std::fs::read(path).expect("reads");
    let shown = TwoHistories::parse(&bytes).expect("well formed");
    shown.verify(log_key().verifier()).expect("it shows that the log signed both");
}

#[test]
fn a_damaged_memory_is_not_taken_for_none() {
    let dir = tempfile::tempdir().expect("a directory");
    let witness = open(dir.path());
    let log = tree(20, 0);
    add(&witness, &request(&log, 0, 9)).expect("cosigned");
    for entry in std::fs::read_dir(dir.path().join("checkpoints")).expect("there") {
        std::fs::write(entry.expect("listed").path(), "damaged").expect("written");
    }
    for request in [request(&log, 0, 12), request(&log, 9, 12)] {
        let refused = witness.add_checkpoint(request.to_string().as_bytes(), 7);
        assert!(matches!(refused, Err(AddError::Read(_))), "{refused:?}");
    }
}

/// Status, content type and body, by hand: no client of ours takes part.
fn ask(address: SocketAddr, head: &str, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
    let length = body.len();
    let request = format!(
        "{head} HTTP/1.1\r\nhost: witness\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: "));
    (status, kind.unwrap_or_default().to_owned(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_status_of_the_protocol_comes_over_http() {
    let dir = tempfile::tempdir().expect("a directory");
    let witness = Arc::new(open(dir.path()));
    let any_port = "127.0.0.1:0".parse().expect("an address");
    let server = WitnessServer::bind(any_port, witness).await.expect("a port");
    let address = server.local_addr().expect("bound");
    let mut supervisor = Supervisor::new();
    supervisor.spawn("witness", |stop| async move { Ok(server.serve(stop).await?) });
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running =
        tokio::spawn(supervisor.run(async move { drop(stopped.await) }, Duration::from_secs(5)));

    let asked = tokio::task::spawn_blocking(move || {
        let (log, fork) = (tree(20, 0), tree(20, 1));
        let post = |body: &str| ask(address, "POST /add-checkpoint", body);
        let ours = |old, size| request(&log, old, size).to_string();
        let answered = post(&ours(0, 5));
        assert_eq!(answered.0, 200, "{answered:?}");
        assert!(answered.2.starts_with("\u{2014} bank.example/witness "), "{answered:?}");
        let conflict = post(&ours(0, 7));
        assert_eq!(conflict, (409, "text/x.tlog.size".to_owned(), "5\n".to_owned()));
        let forked = post(&request(&fork, 5, 5).to_string());
        assert_eq!(forked, (409, "text/x.tlog.size".to_owned(), "5\n".to_owned()));
        assert_eq!(post(&request(&fork, 5, 7).to_string()).0, 422);
        assert_eq!(post(&ours(5, 7).replace("old 5", "old 8")).0, 400);
        assert_eq!(post("nonsense").0, 400);
        assert_eq!(post(&ours(5, 7).replace(ORIGIN, "stranger.example")).0, 404);
        let mut unsigned = request(&log, 5, 7);
        unsigned.checkpoint = Note::new(unsigned.checkpoint.text().to_owned()).expect("a note");
        unsigned.checkpoint.sign_with(
            &SignerKey::new(ORIGIN, SigningKey::from_bytes(&[4; 32])).expect("a good name"),
        );
        assert_eq!(post(&unsigned.to_string()).0, 403);
        assert_eq!(post(&ours(5, 7)).0, 200);

        let digest = sha256(ORIGIN.as_bytes()).to_string();
        let kept = ask(address, &format!("GET /{digest}/checkpoint"), "");
        assert_eq!(kept.0, 200);
        let note = Note::parse(kept.2.as_bytes()).expect("a note");
        assert_eq!(note.text(), request(&log, 5, 7).checkpoint.text());
        for path in ["/00/checkpoint".to_owned(), format!("/{}/checkpoint", digest.to_uppercase())]
        {
            assert_eq!(ask(address, &format!("GET {path}"), "").0, 404, "{path}");
        }
        assert_eq!(ask(address, "GET /add-checkpoint", "").0, 405);
    });
    asked.await.expect("no panic");
    stop.send(()).expect("it runs");
    assert!(running.await.expect("no panic").is_clean());
}
