//! What is left of a store whose files were damaged.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::numbered::{assert_stands_at, numbered, small};
use granary_runtime::store::{
    Opened, StoreKind, StoreOptions, open_or_set_aside, open_store, set_aside,
};

const KINDS: [StoreKind; 2] = [StoreKind::Sled, StoreKind::Redb];

/// A closed store at batch 40.
struct Sound {
    kind: StoreKind,
    dir: tempfile::TempDir,
}

fn closed_store(kind: StoreKind) -> Sound {
    let dir = tempfile::tempdir().unwrap();
    let store = open_store(kind, &dir.path().join("state"), &small()).unwrap();
    for n in 1..=40 {
        store.apply(&numbered(n)).unwrap();
    }
    store.flush().unwrap();
    drop(store);
    wait_until_closed(&dir.path().join("state").join(main_file(kind)));
    Sound { kind, dir }
}

/// The file that holds it all, from the state's directory.
fn main_file(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::Sled => "db/db",
        StoreKind::Redb => "db/state.redb",
    }
}

/// Both stores lock their main file, and sled lets go of it some time after it was dropped.
fn wait_until_closed(file: &Path) {
    let file = fs::File::open(file).unwrap();
    for _ in 0..1_000 {
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("still open after five seconds");
}

/// Damages a copy of `sound` with `spoil`, opens it, and demands the truth: the whole state at 40,
/// an error, or an empty store with the old one set aside.
fn damage_and_open(sound: &Sound, what: &str, spoil: impl Fn(&Path)) -> Verdict {
    let (kind, parent) = (sound.kind, tempfile::tempdir().unwrap());
    let dir = parent.path().join("state");
    copy_dir(&sound.dir.path().join("state"), &dir);
    let what = &format!("{kind:?} {what}");
    spoil(&dir.join(main_file(kind)));
    // redb trusts its pages unless told to verify them; sled always checks those it reads.
    let options = StoreOptions { verify_at_open: true, ..small() };
    let Opened { store, set_aside } = open_or_set_aside(kind, &dir, &options).expect("opens");
    match set_aside {
        Some(aside) => {
            assert!(aside.moved_to.join("format").exists(), "{what}: the old one is kept");
            assert_eq!(store.position().unwrap(), None, "{what}: the new one is empty");
            assert_eq!(store.range(b"", None, 9).unwrap(), [], "{what}: the new one is empty");
            Verdict::SetAside
        }
        None => {
            let reading = store.range(b"", None, 1_000).and_then(|_| store.position());
            match reading {
                Ok(_) => {
                    assert_stands_at(&*store, 40, what);
                    Verdict::Sound
                }
                // Found only on reading: then it must have been marked for the next start.
                Err(_) => {
                    drop(store);
                    let again = open_or_set_aside(kind, &dir, &options).expect("opens");
                    assert!(again.set_aside.is_some(), "{what}: damage forgotten");
                    Verdict::SetAside
                }
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Sound,
    SetAside,
}

#[test]
fn a_truncated_file_never_yields_an_earlier_state() {
    for sound in KINDS.map(closed_store) {
        let (kind, mut noticed) = (sound.kind, 0);
        for tenths in [0, 1, 3, 5, 7, 9] {
            let verdict = damage_and_open(&sound, &format!("cut to {tenths}/10"), |file| {
                let len = fs::metadata(file).unwrap().len();
                let cut = fs::OpenOptions::new().write(true).open(file).unwrap();
                cut.set_len(len * tenths / 10).unwrap();
            });
            noticed += u32::from(verdict == Verdict::SetAside);
        }
        assert!(noticed >= 3, "{kind:?}: only {noticed} of 6 truncations had any effect");
    }
}

#[test]
fn a_flipped_byte_or_a_zeroed_page_never_yields_a_wrong_state() {
    for sound in KINDS.map(closed_store) {
        let (kind, mut noticed) = (sound.kind, 0);
        for at in 0..16 {
            let verdict = damage_and_open(&sound, &format!("flipped at {at}/16"), |file| {
                let mut bytes = fs::read(file).unwrap();
                let offset = bytes.len() * at / 16 + 77;
                bytes[offset] ^= 0x10;
                fs::write(file, bytes).unwrap();
            });
            noticed += u32::from(verdict == Verdict::SetAside);
            let verdict = damage_and_open(&sound, &format!("zeroed at {at}/16"), |file| {
                let mut bytes = fs::read(file).unwrap();
                let page = bytes.len() * at / 16 / 4_096 * 4_096;
                let end = (page + 4_096).min(bytes.len());
                bytes[page..end].fill(0);
                fs::write(file, bytes).unwrap();
            });
            noticed += u32::from(verdict == Verdict::SetAside);
        }
        assert!(noticed >= 4, "{kind:?}: only {noticed} of 32 damages had any effect");
    }
}

#[test]
fn a_state_behind_its_last_flush_is_set_aside() {
    for kind in KINDS {
        let parent = tempfile::tempdir().unwrap();
        let (dir, copy) = (parent.path().join("state"), parent.path().join("copy"));
        let store = open_store(kind, &dir, &small()).unwrap();
        store.apply(&numbered(1)).unwrap();
        store.flush().unwrap();
        drop(store);
        wait_until_closed(&dir.join(main_file(kind)));
        copy_dir(&dir.join("db"), &copy);

        let store = open_store(kind, &dir, &small()).unwrap();
        store.apply(&numbered(2)).unwrap();
        store.flush().unwrap();
        drop(store);
        wait_until_closed(&dir.join(main_file(kind)));
        // As a disk that lost its last writes would have it.
        fs::remove_dir_all(dir.join("db")).unwrap();
        copy_dir(&copy, &dir.join("db"));

        let opened = open_or_set_aside(kind, &dir, &small()).unwrap();
        let why = opened.set_aside.expect("something was lost").why.to_string();
        assert_eq!(why, "it stands at 1 entries and had been flushed at 2");
    }
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_state_of_another_store_or_version_is_set_aside_and_kept() {
    // (what the format file holds, what the message must say)
    let cases = [
        ("granary-state redb 1\n", "it is `granary-state redb 1`"),
        ("granary-state sled 2\n", "it is `granary-state sled 2`"),
        ("", "it is ``"),
    ];
    let sound = closed_store(StoreKind::Sled);
    for (format, said) in cases {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("state");
        copy_dir(&sound.dir.path().join("state"), &dir);
        fs::write(dir.join("format"), format).unwrap();
        let opened = open_or_set_aside(StoreKind::Sled, &dir, &small()).unwrap();
        let aside = opened.set_aside.expect("set aside");
        assert!(aside.why.to_string().starts_with(said), "{}", aside.why);
        assert_eq!(fs::read_to_string(aside.moved_to.join("format")).unwrap(), format);
        assert_eq!(opened.store.position().unwrap(), None);
    }
}

#[test]
fn a_store_that_another_process_has_open_is_left_alone() {
    for kind in KINDS {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("state");
        let store = open_store(kind, &dir, &small()).unwrap();
        store.apply(&numbered(1)).unwrap();
        let Err(error) = open_or_set_aside(kind, &dir, &small()) else {
            panic!("{kind:?} opened twice");
        };
        assert!(error.to_string().ends_with("can't be opened"), "{kind:?}: {error}");
        assert_stands_at(&*store, 1, "the first one goes on");
    }
}

#[test]
fn of_states_set_aside_only_the_newest_three_are_kept() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("state");
    let mut moved = Vec::new();
    for n in 0..5 {
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("n"), n.to_string()).unwrap();
        moved.push(set_aside(&dir).unwrap());
    }
    let kept: Vec<bool> = moved.iter().map(|path| path.exists()).collect();
    assert_eq!(kept, [false, false, true, true, true]);
    assert_eq!(fs::read_to_string(moved[4].join("n")).unwrap(), "4");
}
