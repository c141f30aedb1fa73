//! The drill: a backup while the node works, brought back, verified, and serving again.

use std::{env, fs, time::Instant};

use granary_runtime::{
    config::Config,
    maintain::{BACKUP_FILE, MaintainError, Mend, backup, restore},
    queries::Entries,
};

use crate::chains::{Chain, fill, segment_size, verified, vkey};

/// How many entries the drill is over; 20,000 when not set.
const DRILL: &str = "GRANARY_DRILL";
/// Statements made at a time.
const PART: usize = 10_000;

#[test]
fn a_backup_of_a_working_node_comes_back_verified_and_serving() {
    let wanted = env::var(DRILL).map_or(20_000, |text| text.parse().expect("a number of entries"));
    let mut chain = Chain::new();
    let to = chain.beside("backup");
    let (config, place, target) = (chain.config.clone(), chain.place(), to.clone());
    let began = Instant::now();
    chain.run(move |running, world| {
        Box::pin(async move {
            let mut left = wanted;
            while left > PART {
                fill(running, world, PART).await;
                left -= PART;
            }
            // The last part arrives while the backup is taken, twice.
            let backing_up = tokio::task::spawn_blocking(move || {
                let take = || {
                    let size = segment_size();
                    backup(&config.dir, &place, &target, true, size, &|_, _| {}).expect("taken")
                };
                (take(), take())
            });
            fill(running, world, left).await;
            let (first, second) = backing_up.await.expect("no panic");
            assert!(first.size <= second.size, "{first:?} {second:?}");
            assert_eq!(second.copied, second.size - first.size, "only what is new");
        })
    });
    eprintln!("{wanted} entries written and backed up in {:?}", began.elapsed());

    let last = backup(&chain.config.dir, &chain.place(), &to, true, segment_size(), &|_, _| {});
    let last = last.expect("taken");
    assert!(last.size > wanted as u64 && last.beyond == 0, "{last:?}");
    let began = Instant::now();
    let report = verified(&to.join("chains/test"));
    assert!(report.is_good() && report.summary.entries == last.size, "{report:?}");
    assert!(!to.join("chains/test/signer").exists(), "it is never copied");
    eprintln!("verified in {:?}", began.elapsed());

    let began = Instant::now();
    let back = chain.beside("back");
    let restored = restore(&to, &back, segment_size(), &|_, _| {}).expect("brought back");
    assert_eq!((restored.size, restored.signed), (last.size, last.size));
    let before = chain.digest();
    chain.config = Config { dir: back, ..chain.config.clone() };
    let digest = chain.run(move |running, world| {
        Box::pin(async move {
            assert!(running.chain.entries.bytes(last.size - 1).is_some(), "it serves");
            let _ = world;
        })
    });
    assert_eq!(digest, before, "the same state");
    chain.run(|running, world| Box::pin(fill(running, world, 10)));
    eprintln!("restored and serving in {:?}", began.elapsed());
    // More may have been signed since: it signs nothing before the operators grant it the right.
    let report = verified(&chain.place());
    assert!(report.is_good() && report.beyond == 10, "{report:?}");
    assert_eq!(chain.examine().findings[0].mend, Mend::Grant);
}

#[test]
fn a_backup_goes_only_where_it_belongs() {
    let chain = Chain::of(30);
    let take = |chain: &Chain, to: &std::path::Path| {
        backup(&chain.config.dir, &chain.place(), to, false, segment_size(), &|_, _| {})
    };
    let to = chain.beside("backup");
    take(&chain, &to).expect("taken");
    assert!(!to.join("keys").exists(), "no secrets unless asked for");

    // Into another chain's backup, into a node, over something else.
    let other = Chain::new_with_other_origin();
    assert!(matches!(take(&other, &to), Err(MaintainError::OtherBackup { .. })));
    let refused = take(&chain, &chain.config.dir);
    assert!(matches!(refused, Err(MaintainError::NotEmpty { .. })), "{refused:?}");
    let full = chain.beside("full");
    fs::create_dir(&full).expect("made");
    fs::write(full.join("letters.txt"), "").expect("written");
    assert!(matches!(take(&chain, &full), Err(MaintainError::NotEmpty { .. })));
    let back =
        |to: &std::path::Path| restore(&chain.beside("backup"), to, segment_size(), &|_, _| {});
    assert!(matches!(back(&full), Err(MaintainError::NotEmpty { .. })));
    let refused = back(&other.config.dir).expect_err("another chain's");
    assert!(refused.to_string().contains(vkey(&other.place()).name()), "{refused}");
    assert!(fs::read_dir(&full).expect("listed").count() == 1, "nothing was changed");

    // A backup that is not whole, or was changed.
    let manifest = to.join(BACKUP_FILE);
    let text = fs::read_to_string(&manifest).expect("there");
    fs::write(&manifest, text.replace("\"size\": 3", "\"size\": 2")).expect("written");
    let refused = back(&chain.beside("back")).expect_err("it says something else");
    assert!(matches!(refused, MaintainError::NoBackup { .. }), "{refused}");
    fs::remove_file(&manifest).expect("removed");
    assert!(matches!(back(&chain.beside("back")), Err(MaintainError::NoBackup { .. })));
    assert!(!chain.beside("back").exists());
}
