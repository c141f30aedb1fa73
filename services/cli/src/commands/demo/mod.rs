//! `granary demo`: the whole trade on a real node, told so that a cooperative's accountant can follow it.

mod finance;
mod goods;
mod sale;
mod stage;
mod tell;

use std::{path::PathBuf, sync::Arc};

use granary_book::{
    chain::{ClockKind, Visibility},
    vocabulary::Time,
};
use granary_node::{Founding, init, start};
use granary_runtime::{
    config::{Config, Listener},
    keystore::Protection,
    supervise::Signals,
    verify::{Checks, verify_directory},
};
use tonic::transport::Channel;

use self::{
    stage::{Seeded, Stage, empty},
    tell::Teller,
};
use crate::{
    Context,
    report::{Answer, Failure},
};

/// Monday, 3 March 2025, 08:00 in China.
const BEGIN: Time = Time::from_ms(1_740_960_000_000);

/// Play the whole trade on a real node, and verify the chain it leaves
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary demo\n  granary demo --dir play --seed 7 --serve\n\nThe chain's clock is \
    simulated. The same seed makes the same statements. The keys of a demonstration are no secrets."
)]
pub(crate) struct Args {
    /// Directory to play in; emptied when it holds an earlier demonstration
    #[arg(long, default_value = "granary-demo")]
    dir: PathBuf,
    /// What all keys and ids are made of
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many lots are stored besides the one that the story follows
    #[arg(long, default_value_t = 3)]
    scale: u32,
    /// Where the node listens
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: std::net::SocketAddr,
    /// Stay up after the story, for trying things out
    #[arg(long)]
    serve: bool,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(play(args, context))
}

async fn play(args: Args, context: &Context) -> anyhow::Result<Answer> {
    empty(&args.dir)?;
    // Kept in the directory, so that a node started there later listens where the other commands look.
    let kept = Config {
        dir: args.dir.clone(),
        chain: "demo".to_owned(),
        segment_mb: 4,
        sled_cache_mb: 64,
        accept_clock: true,
        ..Config::default()
    };
    let mut seeded = Seeded::new(args.seed);
    let mut drawn = Vec::new();
    let founded = init(Founding {
        config: kept.clone(),
        domain: "demo.localhost".to_owned(),
        clock: ClockKind::Simulated,
        entries: Visibility::Public,
        now_ms: BEGIN.ms(),
        randomness: &mut || {
            let next = seeded.next();
            drawn.push(next);
            Ok(next)
        },
        protection: Protection::Unencrypted,
    })?;
    let any_port = Listener::At(([127, 0, 0, 1], 0).into());
    let config = Config {
        listen: args.listen,
        http_listen: any_port,
        metrics_listen: Listener::Off,
        ..kept
    };
    let node = start(&config).await.map_err(|error| {
        Failure::new(
            "the demonstration's node can't start",
            "see below; --listen chooses another port",
        )
        .because(error)
    })?;
    let (address, http_address) = (node.address, node.http_address);
    let chain = Arc::clone(&node.chain);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(node.run(async move { drop(stopped.await) }));

    let channel = Channel::from_shared(format!("http://{address}"))?.connect().await?;
    // The founding draws its nonce first, then the keys of operator and registrar.
    let keys = [drawn[1], drawn[2]];
    let mut stage = Stage::new(channel, &founded, Seeded::new(args.seed), BEGIN, keys);
    let teller = Teller::new(context);
    teller.opening(&founded, address)?;
    let outcome = story(&mut stage, &teller, args.scale).await;
    if outcome.is_ok() && args.serve {
        teller.serving(address, http_address, &args.dir)?;
        Signals::install()?.stop_requested().await;
    }
    drop((stage, chain, stop));
    let ended = running.await?;
    outcome?;
    anyhow::ensure!(ended.is_clean(), "the node ended otherwise than asked: {ended:?}");

    let place = granary_runtime::chain::chain_dir(&args.dir, "demo");
    let vkey = founded.vkey.parse()?;
    let checks = Checks { signatures: true, replay: true };
    let report = verify_directory(&place, Some(&vkey), checks, &|_, _| {})?;
    teller.verified(&report)?;
    teller.closing(&args.dir)?;
    Ok(if report.is_good() { Answer::Yes } else { Answer::No })
}

async fn story(stage: &mut Stage, teller: &Teller, scale: u32) -> anyhow::Result<()> {
    teller.chapter("Who takes part")?;
    goods::cast(stage, teller).await?;
    teller.chapter("An order, and garlic comes to the warehouse")?;
    let order = sale::order(stage, teller).await?;
    let lot = goods::store(stage, teller, 0).await?;
    for n in 1..=scale {
        goods::store_quietly(stage, n).await?;
    }
    teller.chapter("A warehouse receipt")?;
    let receipt = goods::issue(stage, teller, lot).await?;
    teller.chapter("The receipt is pledged, and cannot be pledged twice")?;
    let pledge = finance::pledge(stage, teller, receipt).await?;
    teller.chapter("The bank lends")?;
    let loan = finance::lend(stage, teller, pledge).await?;
    teller.chapter("The price falls: a margin call, and its cure")?;
    finance::margin_call(stage, teller, &loan).await?;
    teller.chapter("The garlic is sold and shipped")?;
    let shipment = sale::ship(stage, teller, receipt, order).await?;
    teller.chapter("The sale repays the loan")?;
    sale::settle(stage, teller, order, shipment, &loan).await?;
    finance::release(stage, teller, pledge, &loan).await
}
