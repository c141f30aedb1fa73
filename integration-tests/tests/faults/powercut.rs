//! Power cuts for real: ext4 on a loop device, shut down without its journal's last transactions while a node
//! writes to it. `GRANARY_CUTS=n` says how often; 2 when not set.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    chains::{Chain, copy_dir},
    worker::{PLAINLY, Told, check, count, hear, lost, start, works},
};

/// `EXT4_IOC_SHUTDOWN` with `NOLOGFLUSH`: what is not on the disk never will be.
const SHUT_DOWN: &str = "
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))
";

/// Syncs that say yes and do nothing.
const LYING_SYNCS: &str = "
int fdatasync(int fd) { (void)fd; return 0; }
int fsync(int fd) { (void)fd; return 0; }
";

/// A file system of its own, mounted while it lives.
pub(crate) struct Mounted {
    pub(crate) dir: PathBuf,
}

impl Mounted {
    /// Mounts with these arguments; none, and a word about it, where that is not possible.
    pub(crate) fn new(dir: &Path, arguments: &[&str]) -> Option<Self> {
        fs::create_dir_all(dir).expect("made");
        let path = dir.display().to_string();
        let mut command = vec!["mount"];
        command.extend(arguments);
        command.push(&path);
        works(&command).then(|| Self { dir: dir.to_owned() })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // A lazy unmount also takes a file system away that was shut down.
        let _ = Command::new("umount").arg("-l").arg(&self.dir).status();
    }
}

/// A disk whose power can be cut.
struct Disk {
    image: PathBuf,
    mounted: Option<Mounted>,
    at: PathBuf,
}

impl Disk {
    fn new(beside: &Path) -> Option<Self> {
        fs::create_dir_all(beside).expect("made");
        let image = beside.join("image");
        let file = fs::File::create(&image).expect("made");
        file.set_len(96 << 20).expect("sparse");
        let path = image.display().to_string();
        if !works(&["mkfs.ext4", "-q", "-F", &path]) {
            return None;
        }
        let mut disk = Self { image, mounted: None, at: beside.join("mounted") };
        disk.mount().then_some(disk)
    }

    fn mount(&mut self) -> bool {
        let image = self.image.display().to_string();
        self.mounted = Mounted::new(&self.at, &["-o", "loop", &image]);
        self.mounted.is_some()
    }

    fn cut_power(&self) {
        let cut = Command::new("python3").args(["-c", SHUT_DOWN]).arg(&self.at).status();
        assert!(cut.expect("python3 runs").success(), "the file system was shut down");
    }

    /// The machine comes up again.
    fn comes_up(&mut self) {
        self.mounted = None;
        assert!(self.mount(), "it can be mounted again");
    }
}

fn cuts() -> usize {
    env::var("GRANARY_CUTS").map_or(2, |text| text.parse().expect("a number of cuts"))
}

/// A chain on a disk of its own, where that is possible.
fn chain_on_disk() -> Option<(Chain, Disk)> {
    let mut chain = Chain::new();
    let disk = Disk::new(&chain.beside("disk"))?;
    let to = disk.at.join("node");
    copy_dir(&chain.config.dir, &to);
    assert!(Command::new("sync").status().expect("it runs").success());
    chain.config.dir = to;
    Some((chain, disk))
}

#[test]
fn what_was_acknowledged_survives_power_cuts_of_a_real_file_system() {
    let Some((mut chain, mut disk)) = chain_on_disk() else { return };
    let mut told = Told::default();
    for round in 0..cuts() {
        let child = start(&chain, round, 100_000, &PLAINLY);
        let life = Duration::from_millis(20 + 37 * (round as u64 % 11));
        let ended = hear(child, &mut told, life, |_| disk.cut_power());
        assert!(!ended.finished && !ended.status.success(), "{ended:?}");
        disk.comes_up();
        check(&mut chain, &told, &format!("power cut {round}"));
        eprintln!("power cut {round}: {} acknowledged, {} in all", ended.told, count(&told));
    }
}

/// The negative control: with syncs that do nothing, acknowledged entries are lost, and this is seen.
#[test]
fn a_disk_that_lies_about_syncs_loses_what_was_acknowledged() {
    let Some((chain, mut disk)) = chain_on_disk() else { return };
    let source = chain.beside("lying.c");
    let library = chain.beside("lying.so").display().to_string();
    fs::write(&source, LYING_SYNCS).expect("written");
    let text = source.display().to_string();
    if !works(&["cc", "-shared", "-fPIC", "-o", &library, &text]) {
        return;
    }
    let mut told = Told::default();
    let preload = format!("LD_PRELOAD={library}");
    let child = start(&chain, 0, 100_000, &["env", &preload]);
    hear(child, &mut told, Duration::from_millis(200), |_| disk.cut_power());
    disk.comes_up();
    assert!(count(&told) > 0 && lost(&chain, &told) > 0, "{} told, none lost", count(&told));
}
