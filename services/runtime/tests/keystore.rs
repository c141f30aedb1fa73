//! Keys at rest: what can be read, by whom, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use granary_runtime::keystore::{
    KeyError, KeyFile, KeyUse, Listed, Passphrase, PassphraseError, Protection, Purpose, Seed,
    UnlockedKey, WorkFactor, list,
};
use proptest::prelude::*;
use tempfile::TempDir;

/// RFC 8032 section 7.1, test 1.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// Seed 42 (hex) 32 times, encrypted by another implementation (filippo.io/age, scrypt work
/// factor 2); its public key is by Go's crypto/ed25519.
const FOREIGN: &str = "\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBDOWJlQTl6MVhDTGsreWEw
VHBaTGJBIDIKQTFZL0VHU3BtT3REQlNGRXdoUE0wUE82OGxWbXhORGxJeTdzdGFT
U1hSYwotLS0gY0RYMU5JMHNyeFZkbFFlTDBIdTdhejFWQ2xoVHJNbGpxY3BIemxP
ZzNYYwrMu2NsHmNAY7NbBHxnT60Jogvy9skJLVaIQQbinHe9nMVr35m4LddXWkCu
LpPB3ui833Rn8CYDdu5X9NUUy1IH
-----END AGE ENCRYPTED FILE-----
";
const FOREIGN_PUBLIC: &str = "2152f8d19b791d24453242e15f2eab6cb7cffa7b6a5ed30097960e069881db12";

fn seed() -> Seed {
    let mut bytes = [0; 32];
    hex::decode_to_slice(SEED, &mut bytes).unwrap();
    Seed::from_bytes(bytes)
}

fn passphrase() -> Passphrase {
    Passphrase::new("rice in the granary".to_owned())
}

fn used_for(label: &str) -> KeyUse {
    KeyUse { party: Some([0x1f; 16]), purpose: Purpose::Statement, label: label.to_owned() }
}

fn create(path: &Path, passphrase: Option<&Passphrase>) -> Result<KeyFile, KeyError> {
    let protection = match passphrase {
        Some(passphrase) => Protection::Passphrase(passphrase, WorkFactor::TESTS_ONLY),
        None => Protection::Unencrypted,
    };
    KeyFile::create(path, used_for("Wang Fang, warehouse 3"), &seed(), protection)
}

fn in_temp() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wang-fang.key");
    (dir, path)
}

fn error<T>(result: Result<T, KeyError>) -> KeyError {
    result.err().expect("it is refused")
}

/// Rewrites the file by hand, as somebody with an editor would.
fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} in\n{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn an_encrypted_key_tells_whose_it_is_and_signs_only_with_its_passphrase() {
    let (_dir, path) = in_temp();
    create(&path, Some(&passphrase())).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(&path).unwrap().contains(SEED));

    let file = KeyFile::open(&path).unwrap();
    assert_eq!(file.meta().used_for, used_for("Wang Fang, warehouse 3"));
    assert_eq!(hex::encode(file.meta().public_key), PUBLIC);
    assert!(file.meta().encrypted);

    assert!(matches!(error(file.unlock(None)), KeyError::PassphraseNeeded(_)));
    let wrong = Passphrase::new("rice in the Granary".to_owned());
    assert!(matches!(error(file.unlock(Some(&wrong))), KeyError::PassphraseWrong(_)));
    let key = file.unlock(Some(&passphrase())).unwrap();
    assert_eq!(hex::encode(key.signing_key().to_bytes()), SEED);
    assert_eq!(key.meta(), file.meta());
}

#[test]
fn an_unencrypted_key_says_so_in_its_first_line() {
    let (_dir, path) = in_temp();
    create(&path, None).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# NOT ENCRYPTED: "), "{text}");
    let file = KeyFile::open(&path).unwrap();
    assert!(!file.meta().encrypted);
    assert_eq!(hex::encode(file.unlock(None).unwrap().signing_key().to_bytes()), SEED);
}

#[test]
fn a_key_is_never_overwritten() {
    let (_dir, path) = in_temp();
    create(&path, None).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(error(create(&path, Some(&passphrase()))), KeyError::Exists(_)));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    let (_dir, path) = in_temp();
    create(&path, Some(&passphrase())).unwrap();
    for mode in [0o644, 0o640, 0o604, 0o660, 0o700] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let said = error(KeyFile::open(&path)).to_string();
        let path = path.display();
        assert_eq!(
            said,
            format!("{path} can be read by others (mode {mode:o}); run: chmod 600 {path}")
        );
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        KeyFile::open(&path).unwrap();
    }
}

#[test]
fn a_key_encrypted_by_another_age_implementation_opens() {
    let (_dir, path) = in_temp();
    create(&path, Some(&passphrase())).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let begin = text.find("-----BEGIN").unwrap();
    let end = text.rfind("-----END AGE ENCRYPTED FILE-----\n").unwrap();
    let end = end + "-----END AGE ENCRYPTED FILE-----\n".len();
    let text = [&text[..begin], FOREIGN, &text[end..]].concat().replace(PUBLIC, FOREIGN_PUBLIC);
    fs::write(&path, text).unwrap();
    let key = KeyFile::open(&path).unwrap().unlock(Some(&passphrase())).unwrap();
    assert_eq!(key.signing_key().to_bytes(), [0x42; 32]);
}

#[test]
fn a_file_that_is_damaged_or_of_another_kind_is_refused_with_the_reason() {
    // (text in the file, what stands there instead, what the refusal says)
    let cases = [
        ("granary-key 1", "granary-key 2", "of format `granary-key 2`, and this version knows"),
        ("granary-key 1", "ssh-key 1", "it doesn't say `format = \"granary-key 1\"`"),
        ("format = ", "format ", "it isn't TOML"),
        ("purpose = \"statement\"", "purpose = \"anything\"", "unknown variant `anything`"),
        ("label = ", "labels = ", "unknown field `labels`"),
        (PUBLIC, &PUBLIC[2..], "`public_key` is not 64 hex digits"),
        ("1f1f1f", "1f1f1g", "`party` is not 32 hex digits"),
        ("Wang Fang, warehouse 3", "", "label is 1 to 80 characters"),
        // The secret is left as it was; only who looks closely notices.
        (PUBLIC, FOREIGN_PUBLIC, "its public key belongs to another secret"),
    ];
    for (from, to, said) in cases {
        let (_dir, path) = in_temp();
        create(&path, None).unwrap();
        edit(&path, from, to);
        let refusal = error(KeyFile::open(&path).and_then(|file| file.unlock(None))).to_string();
        assert!(refusal.contains(said), "{from} -> {to}: {refusal}");
    }
}

#[test]
fn no_edited_secret_yields_another_key() {
    let (_dir, path) = in_temp();
    create(&path, Some(&passphrase())).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let begin = text.find("-----BEGIN").unwrap();
    let end = text.rfind("-----END").unwrap();
    let mut refused = 0;
    for at in (begin..end).step_by(11) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        fs::write(&path, &bytes).unwrap();
        match KeyFile::open(&path).unwrap().unlock(Some(&passphrase())) {
            Ok(key) => assert_eq!(hex::encode(key.signing_key().to_bytes()), SEED),
            Err(KeyError::PassphraseWrong(_) | KeyError::Unsound { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 20, "only {refused} edits were noticed");
}

#[test]
fn a_file_that_asks_for_too_much_work_is_refused_before_it_is_done() {
    let (_dir, path) = in_temp();
    create(&path, Some(&passphrase())).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let begin = text.find("-----BEGIN").unwrap();
    let end = text.rfind("-----END AGE ENCRYPTED FILE-----\n").unwrap();
    // The header of a file with work factor 2^40, which nobody could compute.
    let header = "-----BEGIN AGE ENCRYPTED FILE-----\n\
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBDOWJlQTl6MVhDTGsreWEw\n\
        VHBaTGJBIDQwCkExWS9FR1NwbU90REJTRkV3aFBNMFBPNjhsVm14TkRsSXk3c3Rh\n\
        U1NYUmMKLS0tIGNEWDFOSTBzcnhWZGxRZUwwSHU3YXoxVkNsaFRyTWxqcWNwSHps\n\
        T2czWGMKzLtjbB5jQGOzWwR8Z0+tCaIL8vbJCS1WiEEG4px3vZzFa9+ZuC3XV1pA\n\
        ri6Twd7ovN90Z/AmA3buV/TVFMtSBw==\n";
    fs::write(&path, [&text[..begin], header, &text[end..]].concat()).unwrap();
    let refusal = error(KeyFile::open(&path).unwrap().unlock(Some(&passphrase())));
    assert!(matches!(refusal, KeyError::Unsound { .. }), "{refusal}");
    assert!(refusal.to_string().contains("work"), "{refusal}");
}

#[test]
fn a_listing_shows_every_key_and_what_is_wrong_with_it() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b.key", "a.key", "c.key"] {
        create(&dir.path().join(name), None).unwrap();
    }
    fs::write(dir.path().join("vkey"), "not a key file").unwrap();
    fs::set_permissions(dir.path().join("b.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let shown: Vec<_> = list(dir.path())
        .unwrap()
        .into_iter()
        .map(|Listed { path, key }| {
            (path.file_name().unwrap().to_owned(), key.err().map(|e| e.to_string()))
        })
        .collect();
    let names: Vec<_> = shown.iter().map(|(name, _)| name.to_str().unwrap()).collect();
    assert_eq!(names, ["a.key", "b.key", "c.key"]);
    assert!(shown[1].1.as_ref().unwrap().contains("mode 644"), "{shown:?}");
    assert!(shown[0].1.is_none() && shown[2].1.is_none(), "{shown:?}");
}

#[test]
fn two_keys_made_at_random_differ() {
    let key = || Seed::random().unwrap().signing_key().to_bytes();
    assert_ne!(key(), key());
}

#[test]
fn a_passphrase_file_gives_its_first_line_to_its_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("passphrase");
    let write = |text: &[u8], mode| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let (_keys, key) = in_temp();
    let file = create(&key, Some(&passphrase())).unwrap();
    for text in ["rice in the granary", "rice in the granary\n", "rice in the granary\r\nmore\n"] {
        write(text.as_bytes(), 0o400);
        let read = Passphrase::from_file(&path).unwrap();
        file.unlock(Some(&read)).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        fs::remove_file(&path).unwrap();
    }
    write(b"rice in the granary", 0o640);
    let refused = Passphrase::from_file(&path).err().unwrap();
    assert!(matches!(refused, PassphraseError::ModeTooWide { mode: 0o640, .. }), "{refused}");
    for text in [&b""[..], b"\nsecond", &[b'x'; 1025], b"\xff\xfe"] {
        write(text, 0o600);
        let refused = Passphrase::from_file(&path).err().unwrap();
        assert!(matches!(refused, PassphraseError::NotALine(_)), "{refused}");
    }
}

#[test]
#[ignore = "the child of `a_passphrase_can_come_through_a_descriptor`"]
fn child_that_reads_its_passphrase_from_descriptor_0() {
    let path = PathBuf::from(std::env::var_os("GRANARY_TEST_KEY").unwrap());
    let passphrase = Passphrase::from_descriptor(0).unwrap();
    KeyFile::open(&path).unwrap().unlock(Some(&passphrase)).unwrap();
}

#[test]
fn a_passphrase_can_come_through_a_descriptor() {
    let (_dir, path) = in_temp();
    create(&path, Some(&passphrase())).unwrap();
    for (text, good) in [("rice in the granary\n", true), ("rice in the barn\n", false)] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "child_that_reads_its_passphrase_from_descriptor_0"])
            .env("GRANARY_TEST_KEY", &path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        assert_eq!(child.wait().unwrap().success(), good, "{text:?}");
    }
}

#[test]
fn a_short_passphrase_may_open_an_old_key_but_not_protect_a_new_one() {
    let new = |text: &str| Passphrase::new(text.to_owned()).check_new();
    assert!(matches!(new("1234567"), Err(PassphraseError::TooShort)));
    // Characters count, not bytes: these are 7 and 8.
    assert!(matches!(new("稻谷仓单质押贷"), Err(PassphraseError::TooShort)));
    assert!(new("稻谷仓单质押贷款").is_ok());
}

/// Has one implementation for every type and a second one for those with `Debug` or `Display`, so
/// that naming it without saying which doesn't compile for a type that can be printed.
trait Printable<Which> {
    fn is_known_not_to_be() {}
}
impl<T> Printable<()> for T {}
struct ByDebug;
impl<T: std::fmt::Debug> Printable<ByDebug> for T {}
struct ByDisplay;
impl<T: std::fmt::Display> Printable<ByDisplay> for T {}

#[test]
fn nothing_that_holds_a_secret_can_be_printed() {
    // The compiler is the judge; what is left to run is that it got this far.
    <Seed as Printable<_>>::is_known_not_to_be();
    <KeyFile as Printable<_>>::is_known_not_to_be();
    <UnlockedKey as Printable<_>>::is_known_not_to_be();
    <Passphrase as Printable<_>>::is_known_not_to_be();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_label_and_use_reads_back_or_is_refused_at_once(
        label in "\\PC{0,90}|[\\x00-\\x1f]{1,3}|.{1,5}\"'''.{0,5}",
        party: Option<[u8; 16]>,
        bytes: [u8; 32],
        purpose in prop::sample::select(vec![
            Purpose::Statement, Purpose::Access, Purpose::Transport,
            Purpose::Recovery, Purpose::Log, Purpose::Witness,
        ]),
    ) {
        let (_dir, path) = in_temp();
        let used_for = KeyUse { party, purpose, label };
        let seed = Seed::from_bytes(bytes);
        match KeyFile::create(&path, used_for.clone(), &seed, Protection::Unencrypted) {
            Ok(_) => {
                let file = KeyFile::open(&path).expect("reads back");
                prop_assert_eq!(&file.meta().used_for, &used_for);
                let key = file.unlock(None).expect("unlocks");
                prop_assert_eq!(key.signing_key().to_bytes(), bytes);
            }
            Err(KeyError::Label) => {
                let label = &used_for.label;
                let long = label.is_empty() || label.chars().count() > 80;
                prop_assert!(long || label.chars().any(char::is_control), "{label:?}");
                prop_assert!(!path.exists());
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
