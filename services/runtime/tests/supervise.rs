//! How a node ends: by request, by a task's fault, or when its time is up. Time is paused, so
//! every case takes no time at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use granary_runtime::supervise::{Cause, Ended, Supervisor};
use tokio::time::sleep;

const DRAIN: Duration = Duration::from_secs(5);

fn ended(cause: Cause, failed: &[&'static str], unfinished: &[&'static str]) -> Ended {
    Ended { cause, failed: failed.to_vec(), unfinished: unfinished.to_vec() }
}

#[tokio::test(start_paused = true)]
async fn a_requested_stop_waits_for_work_in_flight() {
    let finished = Arc::new(AtomicBool::new(false));
    let mut supervisor = Supervisor::new();
    supervisor.spawn("server", |stop| {
        let finished = Arc::clone(&finished);
        async move {
            stop.requested().await;
            sleep(Duration::from_secs(4)).await;
            finished.store(true, Ordering::SeqCst);
            Ok(())
        }
    });
    let end = supervisor.run(sleep(Duration::from_secs(1)), DRAIN).await;
    assert_eq!(end, ended(Cause::Requested, &[], &[]));
    assert!(end.is_clean());
    assert!(finished.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_does_not_listen_is_aborted_and_named_when_the_time_is_up() {
    let mut supervisor = Supervisor::new();
    supervisor.spawn("deaf", |_| async {
        sleep(Duration::from_secs(3_600)).await;
        Ok(())
    });
    supervisor.spawn("obedient", |stop| async move {
        stop.requested().await;
        Ok(())
    });
    let end = supervisor.run(async {}, DRAIN).await;
    assert_eq!(end, ended(Cause::Requested, &[], &["deaf"]));
    assert!(!end.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_ends_by_itself_brings_the_others_down_in_order() {
    type Task = fn() -> Result<(), &'static str>;
    // (what the task does, what the node says)
    let cases: [(Task, Cause); 3] = [
        (|| Ok(()), Cause::Returned("sequencer")),
        (|| Err("the broker is gone"), Cause::Failed("sequencer")),
        (|| panic!("index 7 is not there"), Cause::Panicked("sequencer")),
    ];
    for (task, cause) in cases {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut supervisor = Supervisor::new();
        supervisor.spawn("sequencer", |_| async move { Ok(task()?) });
        supervisor.spawn("server", |stop| {
            let stopped = Arc::clone(&stopped);
            async move {
                stop.requested().await;
                stopped.store(true, Ordering::SeqCst);
                Ok(())
            }
        });
        let end = supervisor.run(std::future::pending(), DRAIN).await;
        assert_eq!(end, ended(cause, &[], &[]));
        assert!(!end.is_clean());
        assert!(stopped.load(Ordering::SeqCst));
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_fails_while_stopping_makes_the_end_unclean() {
    let mut supervisor = Supervisor::new();
    supervisor.spawn("flusher", |stop| async move {
        stop.requested().await;
        Err("the disk is full".into())
    });
    let end = supervisor.run(async {}, DRAIN).await;
    assert_eq!(end, ended(Cause::Requested, &["flusher"], &[]));
    assert!(!end.is_clean());
}

#[tokio::test]
async fn threads_are_told_joined_and_blamed_like_tasks() {
    let mut supervisor = Supervisor::new();
    let looks = |stop: granary_runtime::supervise::Stop| {
        for _ in 0..10_000 {
            if stop.is_requested() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err("nobody told it to stop".into())
    };
    supervisor.spawn_thread("apply", looks).expect("a thread");
    let end = supervisor.run(sleep(Duration::from_millis(20)), DRAIN).await;
    assert_eq!(end, ended(Cause::Requested, &[], &[]));

    let mut supervisor = Supervisor::new();
    supervisor.spawn_thread("apply", |_| panic!("chain broken")).expect("a thread");
    supervisor.spawn_thread("poll", looks).expect("a thread");
    let end = supervisor.run(std::future::pending(), DRAIN).await;
    assert_eq!(end, ended(Cause::Panicked("apply"), &[], &[]));
}

#[tokio::test]
async fn a_thread_that_hangs_is_named_and_left_behind() {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let mut supervisor = Supervisor::new();
    supervisor
        .spawn_thread("stuck", move |_| {
            // Ends when the test does.
            let _ = held.recv();
            Ok(())
        })
        .expect("a thread");
    let end = supervisor.run(async {}, Duration::from_millis(20)).await;
    assert_eq!(end, ended(Cause::Requested, &[], &["stuck"]));
    drop(release);
}

#[tokio::test]
async fn a_supervisor_that_is_dropped_tells_its_threads() {
    let (tell, told) = std::sync::mpsc::channel();
    let mut supervisor = Supervisor::new();
    supervisor
        .spawn_thread("apply", move |stop| {
            for _ in 0..10_000 {
                if stop.is_requested() {
                    tell.send(())?;
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        })
        .expect("a thread");
    drop(supervisor);
    told.recv_timeout(Duration::from_secs(5)).expect("told");
}
