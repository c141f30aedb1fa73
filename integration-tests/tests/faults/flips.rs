//! Bits flipped at random in the evidence: each is found at its place, or lies in bytes that nothing depends
//! on. `GRANARY_FLIPS=n` says how many; 1,000 when not set.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use granary_runtime::maintain::{Area, Examined, Finding};

use crate::chains::{Chain, flip};

/// Entries of the chain.
const ENTRIES: usize = 120;

/// Random numbers: an xorshift, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("below a length")
    }
}

/// A file and how many of its bytes something depends on.
struct Target {
    area: Area,
    path: PathBuf,
    name: String,
    used: usize,
    len: usize,
}

fn targets(chain: &Chain) -> Vec<Target> {
    let place = chain.place();
    let target = |area, name: String| {
        let path = place.join(&name);
        let bytes = fs::read(&path).expect("there");
        let written = bytes.iter().rposition(|byte| *byte != 0).expect("not empty") + 1;
        // Whatever ends the key's line is taken for its end.
        let used = if area == Area::Key { written - 1 } else { written };
        Target { area, path, name, used, len: bytes.len() }
    };
    let mut targets = vec![
        target(Area::Signer, "signer/last-signed".to_owned()),
        target(Area::Key, "vkey".to_owned()),
    ];
    for (dir, area) in [("log", Area::Segments), ("checkpoints", Area::Checkpoints)] {
        for entry in fs::read_dir(place.join(dir)).expect("listed") {
            let name = format!("{dir}/{}", entry.expect("listed").file_name().to_string_lossy());
            let is_empty =
                fs::read(place.join(&name)).expect("there").iter().all(|byte| *byte == 0);
            if !is_empty {
                targets.push(target(area, name));
            }
        }
    }
    targets
}

/// Whether a finding tells of this byte of this file.
fn tells(finding: &Finding, target: &Target, byte: usize) -> bool {
    match target.area {
        Area::Segments => {
            let place = finding.bytes.map(|(offset, len)| offset..offset + len);
            finding.file == target.name && place.is_some_and(|place| place.contains(&(byte as u64)))
        }
        // With another key nothing else is believed: whatever is found first tells.
        Area::Key => true,
        area => finding.area == area && finding.file == target.name,
    }
}

#[test]
fn every_flipped_bit_is_found_at_its_place_or_nothing_depends_on_it() {
    let wanted: u32 =
        env::var("GRANARY_FLIPS").map_or(1_000, |text| text.parse().expect("a number"));
    let chain = Chain::of(ENTRIES);
    for derived in ["state", "queries"] {
        fs::remove_dir_all(chain.place().join(derived)).expect("removed");
    }
    let before: Examined = chain.examine();
    assert!(before.is_good(), "{before:?}");
    let targets = targets(&chain);
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut seen: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for n in 0..wanted {
        // Half of them in the segments, most of those where something is written.
        let of_area: Vec<&Target> = targets
            .iter()
            .filter(|target| (target.area == Area::Segments) == n.is_multiple_of(2))
            .collect();
        let target = of_area[random.below(of_area.len())];
        let reach = if n.is_multiple_of(10) { target.len } else { target.used };
        let bit = random.below(reach * 8);
        let byte = bit / 8;
        flip(&target.path, bit);
        let examined = chain.examine();
        flip(&target.path, bit);
        let told = examined.findings.iter().any(|finding| tells(finding, target, byte));
        let depends = byte < target.used;
        assert!(
            told || !depends,
            "bit {} of byte {byte} of {} was not found: {examined:?}",
            bit % 8,
            target.name
        );
        assert!(told || examined.size == before.size, "nothing was cut off: {examined:?}");
        seen.entry(target.area.name()).or_default()[usize::from(told)] += 1;
    }
    for (area, [unharmed, found]) in &seen {
        eprintln!(
            "{area}: {found} found, {unharmed} in the zeros behind the log's end or the key's line"
        );
    }
    assert!(seen.len() == 4 || wanted < 100, "every kind of file was met: {seen:?}");
    assert!(chain.examine().is_good(), "all is as it was");
}
