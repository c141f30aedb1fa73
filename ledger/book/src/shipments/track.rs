//! Where goods are, and whether they can have got there.

use crate::{
    vocabulary::{Millis, Time},
    wire,
};

wire::enumeration! {
    /// How goods travel.
    pub enum Mode("granary.shipments.v1.Mode") {
        /// Nobody says.
        1 => NotStated,
        /// Road.
        2 => Truck,
        /// Sea.
        3 => Ocean,
        /// A scheduled flight.
        4 => Air,
        /// A chartered flight.
        5 => AirCharter,
        /// Rail.
        6 => Rail,
        /// Several of these.
        7 => Multimodal,
    }
}

impl Mode {
    /// The greatest speed believed between two scans, in metres per second: above what the fastest of its
    /// kind sustain, so that what is flagged is hardly ever right. Whatever may fly: the speed of sound.
    pub const fn speed_limit(self) -> u32 {
        match self {
            Mode::Truck => 40,
            Mode::Ocean => 25,
            Mode::Rail => 100,
            Mode::Air | Mode::AirCharter | Mode::Multimodal | Mode::NotStated => 340,
        }
    }
}

wire::message! {
    /// A position on the earth (WGS 84).
    pub struct Position("granary.shipments.v1.Position") {
        /// North of the equator, in millionths of a degree.
        1 => latitude_e6: i32,
        /// East of Greenwich, in millionths of a degree.
        2 => longitude_e6: i32,
    }
}

/// Where goods were last, and when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fix {
    /// Where.
    pub position: Position,
    /// When.
    pub at: Time,
}

/// What a millionth of a degree of a great circle is, in micrometres, on a sphere of 6,371,009 m (the
/// earth's mean radius, IUGG).
const MICROMETRES_PER_E6: u128 = 111_195;

/// A phone's position may be this far off without being wrong, in micrometres: one kilometre.
const ACCURACY: u128 = 1_000_000_000;

const DEGREE_E6: i32 = 1_000_000;

impl Position {
    /// Whether there is such a position.
    pub fn is_on_earth(&self) -> bool {
        self.latitude_e6.unsigned_abs() <= 90 * DEGREE_E6.unsigned_abs()
            && self.longitude_e6.unsigned_abs() <= 180 * DEGREE_E6.unsigned_abs()
    }

    /// The square of the distance between two positions, in square micrometres, on a plane that touches the
    /// sphere at their mean latitude: within a percent up to a thousand kilometres, too far rather than too
    /// near beyond.
    fn distance_squared(&self, other: &Position) -> u128 {
        let half_turn = 180 * DEGREE_E6.unsigned_abs();
        let north = self.latitude_e6.abs_diff(other.latitude_e6);
        let east = self.longitude_e6.abs_diff(other.longitude_e6);
        let east = east.min((2 * half_turn).saturating_sub(east));
        let mean = (i64::from(self.latitude_e6) + i64::from(other.latitude_e6)) / 2;
        let north = u128::from(north) * MICROMETRES_PER_E6;
        let east = u128::from(east) * MICROMETRES_PER_E6 * cosine_ppm(mean) / 1_000_000;
        north * north + east * east
    }
}

/// The cosine of a latitude given in millionths of a degree, in parts per million, to within 0.2%:
/// `cos x = (32,400 - 4 x^2) / (32,400 + x^2)` in degrees, after Bhaskara I, Mahabhaskariya (about 600).
fn cosine_ppm(latitude_e6: i64) -> u128 {
    // Thousandths of a degree keep the squares small.
    let x = u128::from(latitude_e6.unsigned_abs() / 1_000).min(90_000);
    let unit = 32_400 * 1_000_000;
    (unit - 4 * x * x) * 1_000_000 / (unit + x * x)
}

/// A movement faster than anything of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leap {
    /// How far, in metres.
    pub(super) metres: u64,
    /// In how long.
    pub(super) span: Millis,
}

/// Whether goods would have had to move faster than `mode` does to be at `later` after `earlier`.
pub(super) fn leap(mode: Mode, earlier: &Fix, later: &Fix) -> Option<Leap> {
    let squared = earlier.position.distance_squared(&later.position);
    let span = later.at.since(earlier.at);
    // A metre per second is 1,000 micrometres per millisecond. At most 340,000 * 2^64: fits.
    let reach = u128::from(mode.speed_limit()) * 1_000 * u128::from(span.0) + ACCURACY;
    // A reach whose square doesn't fit goes round the earth.
    let within = reach.checked_mul(reach).is_none_or(|reach| squared <= reach);
    if within {
        return None;
    }
    let metres = u64::try_from(squared.isqrt() / 1_000_000).unwrap_or(u64::MAX);
    Some(Leap { metres, span })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEIJING: Position = Position { latitude_e6: 39_904_200, longitude_e6: 116_407_400 };
    const SHANGHAI: Position = Position { latitude_e6: 31_230_400, longitude_e6: 121_473_700 };
    const NAIROBI: Position = Position { latitude_e6: -1_286_389, longitude_e6: 36_817_223 };
    const MOMBASA: Position = Position { latitude_e6: -4_054_700, longitude_e6: 39_663_600 };

    fn metres(a: &Position, b: &Position) -> u128 {
        a.distance_squared(b).isqrt() / 1_000_000
    }

    /// Oracle: great-circle distances by the haversine formula, as published for these cities.
    #[test]
    fn distances_are_those_of_the_map_to_a_percent() {
        for (a, b, kilometres) in [(BEIJING, SHANGHAI, 1_067), (NAIROBI, MOMBASA, 440)] {
            let found = metres(&a, &b);
            let off = found.abs_diff(kilometres * 1_000);
            assert!(off * 100 <= kilometres * 1_000, "{found} m for {kilometres} km");
            assert_eq!(found, metres(&b, &a));
        }
    }

    #[test]
    fn the_date_line_is_no_distance() {
        let west = Position { latitude_e6: 0, longitude_e6: 179_999_000 };
        let east = Position { latitude_e6: 0, longitude_e6: -179_999_000 };
        assert_eq!(metres(&west, &east), 222);
    }

    #[test]
    fn the_cosine_is_that_of_the_tables() {
        for (degrees, ppm) in [(0, 1_000_000), (30, 866_025), (45, 707_107), (60, 500_000)] {
            let off = cosine_ppm(degrees * 1_000_000).abs_diff(ppm);
            assert!(off <= 2_000, "{degrees}: off by {off}");
        }
        assert_eq!(cosine_ppm(-90_000_000), 0);
    }

    #[test]
    fn a_truck_needs_its_time_from_nairobi_to_mombasa() {
        let fix =
            |position: &Position, ms| Fix { position: position.clone(), at: Time::from_ms(ms) };
        let micrometres = NAIROBI.distance_squared(&MOMBASA).isqrt();
        // At 40 m/s, 40,000 micrometres a millisecond, after the kilometre that a position may be off.
        let least = u64::try_from((micrometres - ACCURACY).div_ceil(40_000)).expect("some hours");
        let distance = u64::try_from(micrometres / 1_000_000).expect("some hundred kilometres");
        let start = fix(&NAIROBI, 0);
        assert_eq!(leap(Mode::Truck, &start, &fix(&MOMBASA, least)), None);
        let found = leap(Mode::Truck, &start, &fix(&MOMBASA, least - 1));
        assert_eq!(found, Some(Leap { metres: distance, span: Millis(least - 1) }));
        assert_eq!(leap(Mode::Air, &start, &fix(&MOMBASA, least - 1)), None);
        assert_eq!(leap(Mode::Air, &start, &fix(&MOMBASA, u64::MAX)), None);
    }

    #[test]
    fn there_is_no_position_beyond_the_poles() {
        let at = |latitude_e6, longitude_e6| Position { latitude_e6, longitude_e6 };
        assert!(at(90_000_000, -180_000_000).is_on_earth());
        assert!(!at(90_000_001, 0).is_on_earth());
        assert!(!at(0, 180_000_001).is_on_earth());
        assert!(!at(i32::MIN, 0).is_on_earth());
    }
}
