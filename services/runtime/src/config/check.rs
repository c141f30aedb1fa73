//! What a setting may be, beyond its type.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use tracing_subscriber::EnvFilter;

use super::Config;

/// A chain's name also names folders and topics (format.md section 1).
const CHAIN_NAME_MAX: usize = 40;

/// Every reader of notes takes 16 signatures, and one is the log's.
const WITNESSES_MAX: usize = 15;

/// A statement may be 40,960 bytes, and travels with a little around it.
const DECODING_KB_MIN: u64 = 44;

/// Whatever is wrong with `config`: the key and a sentence about it, in order of the settings.
pub(super) fn problems(config: &Config) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    chain(config, &mut found);
    addresses(config, &mut found);
    services(config, &mut found);
    witnesses(config, &mut found);
    ranges(config, &mut found);
    if let Err(error) = EnvFilter::builder().parse(&config.log_level) {
        found.push(("log_level", format!("`{}` is not a filter: {error}", config.log_level)));
    }
    found
}

fn chain(config: &Config, found: &mut Vec<(&'static str, String)>) {
    let name = &config.chain;
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || name.len() > CHAIN_NAME_MAX || !name.bytes().all(allowed) {
        let rule = "1 to 40 lower-case letters, digits and hyphens";
        found.push(("chain", format!("`{name}` is not a chain's name, which is {rule}")));
    }
}

fn addresses(config: &Config, found: &mut Vec<(&'static str, String)>) {
    let mut beyond_loopback = |key, address: SocketAddr, why: &str| {
        if !address.ip().is_loopback() {
            let advice = "listen on 127.0.0.1 and put a proxy that speaks TLS in front";
            found.push((
                key,
                format!("{address} can be reached from other machines, {why}: {advice}"),
            ));
        }
    };
    beyond_loopback(
        "listen",
        config.listen,
        "and TLS is not built yet, so that anybody on the way could read and change what is said",
    );
    if let Some(address) = config.metrics_listen.address() {
        let why = "and neither TLS nor a login for metrics is built yet";
        beyond_loopback("metrics_listen", address, why);
    }
    let listeners = [
        ("listen", "gRPC listens", Some(config.listen)),
        ("http_listen", "tiles are served", config.http_listen.address()),
        ("metrics_listen", "metrics are served", config.metrics_listen.address()),
    ];
    for (at, (key, _, address)) in listeners.iter().enumerate() {
        let Some(address) = address.filter(|address| address.port() != 0) else { continue };
        let taken = listeners[..at].iter().find(|(_, _, other)| *other == Some(address));
        if let Some((_, what, _)) = taken {
            found.push((key, format!("{address} is also where {what}")));
        }
    }
}

fn services(config: &Config, found: &mut Vec<(&'static str, String)>) {
    if config.services.is_empty() {
        found.push(("services", "names none; leave it out to offer all".to_owned()));
    }
    for (at, service) in config.services.iter().enumerate() {
        if config.services[..at].contains(service) {
            found.push(("services", format!("{service:?} stands there twice").to_lowercase()));
        }
    }
}

fn witnesses(config: &Config, found: &mut Vec<(&'static str, String)>) {
    let all = &config.witnesses;
    if all.len() > WITNESSES_MAX {
        let count = all.len();
        found.push(("witnesses", format!("{count} are more than {WITNESSES_MAX}")));
    }
    for (at, witness) in all.iter().enumerate() {
        if all[..at].iter().any(|other| other.key == witness.key) {
            found.push(("witnesses", format!("{} stands there twice", witness.key.name())));
        }
    }
    let needed = config.witnesses_needed;
    if needed > all.len() as u64 {
        let count = all.len();
        found.push(("witnesses_needed", format!("{needed} of {count} witnesses can't be had")));
    }
}

fn ranges(config: &Config, found: &mut Vec<(&'static str, String)>) {
    let limits: [(&str, u64, RangeInclusive<u64>); 10] = [
        ("sled_cache_mb", config.sled_cache_mb, 16..=1 << 20),
        ("read_cache_mb", config.read_cache_mb, 0..=1 << 20),
        ("segment_mb", config.segment_mb, 1..=1_024),
        ("checkpoint_interval_ms", config.checkpoint_interval_ms, 50..=60_000),
        ("checkpoint_idle_ms", config.checkpoint_idle_ms, 50..=3_600_000),
        ("witness_timeout_ms", config.witness_timeout_ms, 100..=60_000),
        ("drain_timeout_ms", config.drain_timeout_ms, 0..=600_000),
        ("queue_statements", config.queue_statements, 1..=1_000_000),
        ("queue_bytes", config.queue_bytes, 1 << 16..=1 << 32),
        ("max_decoding_message_kb", config.max_decoding_message_kb, DECODING_KB_MIN..=4_096),
    ];
    for (key, value, limit) in limits {
        if !limit.contains(&value) {
            let (from, to) = limit.into_inner();
            found.push((key, format!("{value} is not between {from} and {to}")));
        }
    }
    if config.checkpoint_idle_ms < config.checkpoint_interval_ms {
        let (idle, busy) = (config.checkpoint_idle_ms, config.checkpoint_interval_ms);
        let text = format!("{idle} is less than checkpoint_interval_ms, {busy}");
        found.push(("checkpoint_idle_ms", text));
    }
}
