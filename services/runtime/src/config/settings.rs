//! The settings as an operator reads them: in the template and in the dump.

use std::fmt::Write;

use super::Config;

/// A setting and what to say about it.
pub(super) struct Setting {
    pub(super) key: &'static str,
    /// One or two lines for the template.
    pub(super) meaning: &'static str,
    /// Shown in the template when there is no default to show.
    example: &'static str,
}

const fn setting(key: &'static str, meaning: &'static str) -> Setting {
    Setting { key, meaning, example: "" }
}

/// In the order of the template.
pub(super) const SETTINGS: [Setting; 24] = [
    setting("dir", "Directory of the node: keys, log, state. One process at a time."),
    setting("chain", "The chain this node keeps: 1 to 40 lower-case letters, digits and hyphens."),
    setting("listen", "Where gRPC listens. Only this machine for now: TLS is not built yet."),
    setting(
        "http_listen",
        "Where /checkpoint and /tile/... are served over HTTP, to anybody: whole entries only to this\n\
         machine, unless the chain's genesis says that they are public. \"off\" for nowhere.",
    ),
    setting(
        "metrics_listen",
        "Where /metrics, /livez and /readyz are served over HTTP. \"off\" for nowhere.",
    ),
    setting(
        "services",
        "Services offered. Statements can always be submitted. As a variable: orders,shipments",
    ),
    setting(
        "store",
        "Store of the derived state: \"sled\" or \"redb\". Changing it rebuilds the state from the log.",
    ),
    setting(
        "sled_cache_mb",
        "Memory for sled's pages, in MiB, 16 to 1048576. Larger than the state, or sled's memory\n\
         grows without bound. redb doesn't use it.",
    ),
    setting("read_cache_mb", "Memory for values lately used, in MiB, 0 to 1048576. 0: none."),
    setting(
        "segment_mb",
        "Size of a file of the log, in MiB, 1 to 1024. Written with zeros in advance.",
    ),
    setting(
        "checkpoint_interval_ms",
        "How often a checkpoint is signed while entries arrive, in milliseconds, 50 to 60000.",
    ),
    setting(
        "checkpoint_idle_ms",
        "How often witnesses cosign the latest checkpoint again while no entries arrive, so that its time\n\
         shows that nothing newer is kept back; in milliseconds, up to 3600000.",
    ),
    setting(
        "witnesses",
        "Who cosigns checkpoints, each as \"VKEY URL\" or \"VKEY URL required\"; at most 15. The witness's\n\
         DIR/vkey holds its key.",
    ),
    setting(
        "witnesses_needed",
        "How many of them, the required ones among them, make a checkpoint cosigned; it is published then.\n\
         0: it is published at once, and again with each cosignature.",
    ),
    setting(
        "witness_timeout_ms",
        "How long it waits for them, in milliseconds, 100 to 60000. Then it is published with what there is,\n\
         and an alarm is raised.",
    ),
    setting(
        "drain_timeout_ms",
        "How long a stop waits for work in flight, in milliseconds, up to 600000.",
    ),
    setting(
        "state_roots",
        "Whether the node puts the root of its state on the chain after every 1024 entries.",
    ),
    setting(
        "queue_statements",
        "Statements that may wait; beyond, callers are told to come back. 1 to 1000000.",
    ),
    setting("queue_bytes", "The same in bytes, 65536 to 4294967296."),
    setting("max_decoding_message_kb", "Largest gRPC message taken, in KiB, 44 to 4096."),
    Setting {
        key: "passphrase_file",
        meaning: "File with the passphrase of the node's own keys, mode 0600. Without it the keys must be\n\
                  unencrypted ones, made as such.",
        example: "\"/run/secrets/granary\"",
    },
    setting(
        "accept_clock",
        "Start although the clock is far from the last entry. For one start, after checking it.",
    ),
    setting("log_level", "What is logged, such as \"info\" or \"warn,granary_runtime=debug\"."),
    setting("log_format", "\"text\" for people, \"json\" for programs."),
];

/// The values of `config` in TOML, by key; a setting that isn't set is left out.
pub(super) fn values(config: &Config) -> toml::Table {
    toml::Table::try_from(config).expect("every field is a scalar or an array of strings")
}

pub(super) fn template(config: &Config) -> String {
    let (values, defaults) = (values(config), values(&Config::default()));
    let mut text = String::from(
        "# Configuration of a Granary node. Flags win over GRANARY_* variables, variables over\n\
         # this file, this file over the defaults, which are shown commented out.\n",
    );
    for Setting { key, meaning, example } in &SETTINGS {
        text.push('\n');
        for line in meaning.lines() {
            let _ = writeln!(text, "# {}", line.trim_start());
        }
        let _ = match values.get(*key) {
            Some(value) if defaults.get(*key) == Some(value) => writeln!(text, "#{key} = {value}"),
            Some(value) => writeln!(text, "{key} = {value}"),
            None => writeln!(text, "#{key} = {example}"),
        };
    }
    text
}
