//! Log time: what an entry's time is (format.md section 1, "Log time").

use super::{Chain, ClockKind};
use crate::vocabulary::{Millis, Time};

/// How far a broker's time may run ahead of the nodes' claim.
const CLAIM_LEAD: Millis = Millis::minutes(2);

/// Where an entry's time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// A local node's time of day.
    Local(Time),
    /// The append time of a Kafka record; none when the record's timestamp is not of that type.
    Kafka(Option<Time>),
    /// A replay: the time recorded in the entry.
    Recorded(Time),
}

/// The log time of an entry: never less than the one before.
pub fn log_time(chain: &Chain, previous: Time, clock: Clock) -> Time {
    let claimed = match (chain.clock, clock) {
        (ClockKind::Simulated, Clock::Local(_) | Clock::Kafka(_)) => chain.claim,
        (ClockKind::Wall, Clock::Local(now)) => now,
        (ClockKind::Wall, Clock::Kafka(Some(appended))) => {
            appended.min(chain.claim.after(CLAIM_LEAD))
        }
        (ClockKind::Wall, Clock::Kafka(None)) => previous,
        (ClockKind::Wall | ClockKind::Simulated, Clock::Recorded(time)) => time,
    };
    claimed.max(previous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Visibility;

    fn chain(clock: ClockKind) -> Chain {
        Chain {
            origin: "example.org/test-00000000".parse().expect("a label"),
            clock,
            entries: Visibility::Members,
            operators_needed: 1,
            nodes_needed: 1,
            log_key: [0; 32],
            level: 1,
            claim: Time::from_ms(1_000),
        }
    }

    #[test]
    fn log_time_never_goes_back_and_a_broker_alone_is_not_believed() {
        let at = Time::from_ms;
        let lead = CLAIM_LEAD.0;
        for (kind, previous, clock, expected) in [
            (ClockKind::Wall, 500, Clock::Local(at(700)), 700),
            (ClockKind::Wall, 500, Clock::Local(at(400)), 500),
            (ClockKind::Wall, 500, Clock::Kafka(Some(at(900))), 900),
            (ClockKind::Wall, 500, Clock::Kafka(Some(at(1_000 + lead))), 1_000 + lead),
            (ClockKind::Wall, 500, Clock::Kafka(Some(at(1_001 + lead))), 1_000 + lead),
            (ClockKind::Wall, 500, Clock::Kafka(None), 500),
            (ClockKind::Wall, 500, Clock::Recorded(at(600)), 600),
            (ClockKind::Simulated, 500, Clock::Local(at(9_999)), 1_000),
            (ClockKind::Simulated, 1_500, Clock::Local(at(9_999)), 1_500),
        ] {
            let time = log_time(&chain(kind), at(previous), clock);
            assert_eq!(time, at(expected), "{kind:?} {previous} {clock:?}");
        }
    }
}
