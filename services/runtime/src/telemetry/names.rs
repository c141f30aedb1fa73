//! Every metric a node reports. Dashboards and alerts depend on these names and labels: add to
//! them freely, change one only with a word in CHANGELOG.md.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};

/// Counter, label `outcome` (accepted, refused, duplicate, skipped): statements applied.
pub const STATEMENTS: &str = "granary_statements_total";

/// Counter, label `reason`: statements turned away at the door, which never became entries.
pub const TURNED_AWAY: &str = "granary_statements_turned_away_total";

/// Gauge: entries applied, which is the next index.
pub const APPLIED_SIZE: &str = "granary_applied_size";

/// Gauge: entries up to which the derived state is on disk.
pub const STATE_SIZE: &str = "granary_state_size";

/// Gauge: entries whose tiles are on disk.
pub const TILES_SIZE: &str = "granary_tiles_size";

/// Gauge: entries that the last signed checkpoint covers.
pub const CHECKPOINT_SIZE: &str = "granary_checkpoint_size";

/// Gauge: when the last checkpoint was signed, in seconds since the Unix epoch.
pub const CHECKPOINT_TIME: &str = "granary_checkpoint_unix_seconds";

/// Histogram: statements per group that shared one sync.
pub const GROUP_STATEMENTS: &str = "granary_group_statements";

/// Histogram: seconds of one fdatasync of the log.
pub const SYNC_SECONDS: &str = "granary_sync_seconds";

/// Histogram: seconds from a statement's arrival to its answer.
pub const STATEMENT_SECONDS: &str = "granary_statement_seconds";

/// Gauge: statements waiting to be applied.
pub const QUEUE_STATEMENTS: &str = "granary_queue_statements";

/// Gauge: bytes of statements waiting to be applied.
pub const QUEUE_BYTES: &str = "granary_queue_bytes";

/// Gauge, label `kind`: bytes of the derived state on disk.
pub const STORE_BYTES: &str = "granary_store_bytes";

/// Counter: reads of state answered from the cache.
pub const CACHE_HITS: &str = "granary_cache_hits_total";

/// Counter: reads of state that went to the store.
pub const CACHE_MISSES: &str = "granary_cache_misses_total";

/// Counter: states found unusable, set aside and rebuilt.
pub const STATES_SET_ASIDE: &str = "granary_states_set_aside_total";

/// Gauge, label `witness`: entries that the last checkpoint it cosigned covers.
pub const WITNESS_SIZE: &str = "granary_witness_size";

/// Counter, labels `witness` and `reason`: times that it did not cosign.
pub const WITNESS_FAILURES: &str = "granary_witness_failures_total";

/// Counter: checkpoints published without the cosignatures that the policy asks for.
pub const PUBLISHED_WITHOUT: &str = "granary_published_without_cosignatures_total";

/// Those that only a node with witnesses has.
pub const OF_WITNESSES: [&str; 3] = [WITNESS_SIZE, WITNESS_FAILURES, PUBLISHED_WITHOUT];

/// All others, in the order above.
pub const ALL: [&str; 16] = [
    STATEMENTS,
    TURNED_AWAY,
    APPLIED_SIZE,
    STATE_SIZE,
    TILES_SIZE,
    CHECKPOINT_SIZE,
    CHECKPOINT_TIME,
    GROUP_STATEMENTS,
    SYNC_SECONDS,
    STATEMENT_SECONDS,
    QUEUE_STATEMENTS,
    QUEUE_BYTES,
    STORE_BYTES,
    CACHE_HITS,
    CACHE_MISSES,
    STATES_SET_ASIDE,
];

/// Gives each its help text and unit, and those that may stay silent for long a first value: what is absent
/// can't be told from what is broken.
pub(super) fn describe() {
    for name in [CACHE_HITS, CACHE_MISSES, STATES_SET_ASIDE] {
        counter!(name).increment(0);
    }
    for name in [QUEUE_STATEMENTS, QUEUE_BYTES] {
        gauge!(name).set(0.0);
    }
    describe_counter!(STATEMENTS, "Statements applied, by outcome");
    describe_counter!(TURNED_AWAY, "Statements turned away before they became entries, by reason");
    describe_gauge!(APPLIED_SIZE, "Entries applied");
    describe_gauge!(STATE_SIZE, "Entries up to which the derived state is on disk");
    describe_gauge!(TILES_SIZE, "Entries whose tiles are on disk");
    describe_gauge!(WITNESS_SIZE, "Entries that the last checkpoint a witness cosigned covers");
    describe_counter!(WITNESS_FAILURES, "Times that a witness did not cosign, by reason");
    describe_counter!(
        PUBLISHED_WITHOUT,
        "Checkpoints published without the cosignatures asked for"
    );
    describe_gauge!(CHECKPOINT_SIZE, "Entries that the last signed checkpoint covers");
    describe_gauge!(CHECKPOINT_TIME, Unit::Seconds, "When the last checkpoint was signed");
    describe_histogram!(GROUP_STATEMENTS, "Statements per group that shared one sync");
    describe_histogram!(SYNC_SECONDS, Unit::Seconds, "One fdatasync of the log");
    describe_histogram!(
        STATEMENT_SECONDS,
        Unit::Seconds,
        "From a statement's arrival to its answer"
    );
    describe_gauge!(QUEUE_STATEMENTS, "Statements waiting to be applied");
    describe_gauge!(QUEUE_BYTES, Unit::Bytes, "Bytes of statements waiting to be applied");
    describe_gauge!(STORE_BYTES, Unit::Bytes, "Derived state on disk, by kind of store");
    describe_counter!(CACHE_HITS, "Reads of state answered from the cache");
    describe_counter!(CACHE_MISSES, "Reads of state that went to the store");
    describe_counter!(STATES_SET_ASIDE, "States found unusable, set aside and rebuilt");
}
