//! The state is the log's and not the store's.

use granary_book::{chain::ClockKind, parties::Role};
use granary_integration_tests::{Running, Trade, World, config, found};
use granary_runtime::{store::StoreKind, time::unix_ms};

#[tokio::test(flavor = "multi_thread")]
async fn one_log_gives_one_state_on_every_store_decided_or_replayed() {
    for (first, second) in [(StoreKind::Redb, StoreKind::Sled), (StoreKind::Sled, StoreKind::Redb)]
    {
        let dir = tempfile::tempdir().expect("a directory");
        let mut config = config(dir.path(), first);
        let founded = found(&config, ClockKind::Wall, unix_ms());
        let running = Running::start(&config).await;
        let mut world = World::new(&running, &founded, 0);
        let mut trade = Trade::open(&mut world, "GARLIC").await;
        trade.receipt(&mut world, 20_000_000).await;
        trade.receipt(&mut world, 30_000_001).await;
        for n in 0..100 {
            world.register(&[(format!("Buyer {n}"), Role::Buyer)]).await;
        }
        drop(world);
        let decided = running.stop().await;

        let reopened = Running::start(&config).await.stop().await;
        assert_eq!(decided, reopened, "{first:?}, from its own files");

        // Another store rebuilds its state from the log.
        config.store = second;
        let replayed = Running::start(&config).await.stop().await;
        assert_eq!(decided, replayed, "decided on {first:?}, replayed on {second:?}");
        let reopened = Running::start(&config).await.stop().await;
        assert_eq!(decided, reopened, "{second:?}, from its own files");
    }
}
