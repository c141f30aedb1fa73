//! How a field of each type is read, checked and written.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::{Kind, Path, Presence, Problem, Raw, Reader, Violations, encode};
use crate::vocabulary::{
    CallId, Code, CommandId, Currency, Date, Digest, FacilityId, Id, LoanId, LotId, Millis,
    OrderId, PartyId, PersonId, PledgeId, Ppm, PriceId, ProposalId, ReceiptId, ReleaseOrderId,
    ShipmentId, Time, TransferId,
};

/// A value that stands in one field: an integer, a text, an identifier, a nested message.
pub trait Scalar: Sized {
    /// Its protobuf type.
    const KIND: Kind;
    /// What an absent field means; `None` when the field is required.
    fn absent() -> Option<Self>;
    /// From the field's raw value. `None` exactly when a violation was pushed.
    fn from_raw(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<Self>;
    /// Whether a plain field of this value is left out.
    fn is_absent(&self) -> bool;
    /// Appends the field.
    fn put(&self, tag: u32, out: &mut Vec<u8>);
}

/// A field of a declared message: a scalar, an optional scalar, or a bounded list.
pub trait Field: Sized {
    /// Its protobuf type.
    const KIND: Kind;
    /// How often it may stand.
    const PRESENCE: Presence;
    /// What accumulates while the message is read.
    type Slot: Default;
    /// Takes one occurrence.
    fn read(slot: &mut Self::Slot, raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations);
    /// What the occurrences come to. `None` exactly when a violation was pushed.
    fn finish(slot: Self::Slot, path: &Path<'_>, bad: &mut Violations) -> Option<Self>;
    /// Appends the field as often as it stands.
    fn write(&self, tag: u32, out: &mut Vec<u8>);
}

/// A singular field seen so far.
#[derive(Default)]
pub enum Seen<T> {
    /// Not seen.
    #[default]
    Absent,
    /// Seen and malformed: its violation is recorded.
    Bad,
    /// Seen.
    Value(T),
}

impl<T: Scalar> Seen<T> {
    fn take(&mut self, raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) {
        if let Seen::Absent = self {
            *self = match T::from_raw(raw, path, bad) {
                Some(value) => Seen::Value(value),
                None => Seen::Bad,
            };
        } else {
            bad.push(path, Problem::Repeated);
            *self = Seen::Bad;
        }
    }
}

impl<T: Scalar> Field for T {
    const KIND: Kind = T::KIND;
    const PRESENCE: Presence = Presence::Plain;
    type Slot = Seen<T>;

    fn read(slot: &mut Seen<T>, raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) {
        slot.take(raw, path, bad);
    }

    fn finish(slot: Seen<T>, path: &Path<'_>, bad: &mut Violations) -> Option<T> {
        match slot {
            Seen::Value(value) => Some(value),
            Seen::Bad => None,
            Seen::Absent => {
                let absent = T::absent();
                if absent.is_none() {
                    bad.push(path, Problem::Required);
                }
                absent
            }
        }
    }

    fn write(&self, tag: u32, out: &mut Vec<u8>) {
        if !self.is_absent() {
            self.put(tag, out);
        }
    }
}

impl<T: Scalar> Field for Option<T> {
    const KIND: Kind = T::KIND;
    const PRESENCE: Presence = Presence::Optional;
    type Slot = Seen<T>;

    fn read(slot: &mut Seen<T>, raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) {
        slot.take(raw, path, bad);
    }

    fn finish(slot: Seen<T>, _: &Path<'_>, _: &mut Violations) -> Option<Option<T>> {
        match slot {
            Seen::Value(value) => Some(Some(value)),
            Seen::Bad => None,
            Seen::Absent => Some(None),
        }
    }

    fn write(&self, tag: u32, out: &mut Vec<u8>) {
        if let Some(value) = self {
            value.put(tag, out);
        }
    }
}

/// A list of at least `MIN` and at most `MAX` members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// The list, when it has an allowed number of members.
    pub fn new(members: Vec<T>) -> Option<Self> {
        (MIN..=MAX).contains(&members.len()).then_some(Self(members))
    }

    /// Its members.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> List<T, 0, MAX> {
    /// A list without members, where that is allowed.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Scalar, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    fn read_member(
        (members, seen): &mut (Vec<T>, usize),
        raw: Raw<'_>,
        path: &Path<'_>,
        bad: &mut Violations,
    ) {
        *seen += 1;
        if *seen > MAX {
            // One violation for the list, not one for each member too many.
            if *seen == MAX + 1 {
                bad.push(path, Problem::WrongCount);
            }
            return;
        }
        if let Some(value) = T::from_raw(raw, &path.member(*seen - 1), bad) {
            members.push(value);
        }
    }
}

impl<T: Scalar, const MIN: usize, const MAX: usize> Field for List<T, MIN, MAX> {
    const KIND: Kind = T::KIND;
    const PRESENCE: Presence = Presence::Repeated { min: MIN, max: MAX };
    type Slot = (Vec<T>, usize);

    fn read(slot: &mut Self::Slot, raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) {
        match raw {
            // Encoders of proto3 pack the numbers of a list into one field; a reader takes both forms.
            Raw::Bytes(packed) if T::KIND.is_varint() => {
                let mut numbers = Reader::new(packed);
                loop {
                    match numbers.next_varint() {
                        Ok(None) => break,
                        Ok(Some(number)) => {
                            Self::read_member(slot, Raw::Varint(number), path, bad);
                        }
                        Err(problem) => {
                            // Counted, so that the list is not taken for whole without it.
                            slot.1 += 1;
                            bad.push(path, problem);
                            break;
                        }
                    }
                }
            }
            raw => Self::read_member(slot, raw, path, bad),
        }
    }

    fn finish((members, seen): Self::Slot, path: &Path<'_>, bad: &mut Violations) -> Option<Self> {
        if seen < MIN {
            bad.push(path, Problem::WrongCount);
        }
        // A member that was malformed has its own violation.
        if members.len() == seen { Self::new(members) } else { None }
    }

    fn write(&self, tag: u32, out: &mut Vec<u8>) {
        for member in &self.0 {
            member.put(tag, out);
        }
    }
}

fn varint(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<u64> {
    if let Raw::Varint(value) = raw {
        Some(value)
    } else {
        bad.push(path, Problem::WrongWireType);
        None
    }
}

/// The bytes of a length-delimited field.
pub(crate) fn bytes<'b>(raw: Raw<'b>, path: &Path<'_>, bad: &mut Violations) -> Option<&'b [u8]> {
    if let Raw::Bytes(value) = raw {
        Some(value)
    } else {
        bad.push(path, Problem::WrongWireType);
        None
    }
}

fn or_bad<T>(
    value: Option<T>,
    path: &Path<'_>,
    problem: Problem,
    bad: &mut Violations,
) -> Option<T> {
    if value.is_none() {
        bad.push(path, problem);
    }
    value
}

/// Integers: absent means zero.
macro_rules! integer {
    ($type:ty, $kind:expr, $from:expr, $into:expr, $zero:expr) => {
        impl Scalar for $type {
            const KIND: Kind = $kind;
            fn absent() -> Option<Self> {
                Some($zero)
            }
            fn from_raw(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<Self> {
                let value = varint(raw, path, bad)?;
                or_bad($from(value), path, Problem::Malformed, bad)
            }
            fn is_absent(&self) -> bool {
                *self == $zero
            }
            fn put(&self, tag: u32, out: &mut Vec<u8>) {
                encode::put_varint(tag, $into(*self), out);
            }
        }
    };
}

fn unzigzag(value: u64) -> Option<i32> {
    let value = u32::try_from(value).ok()?;
    let half = i32::try_from(value >> 1).ok()?;
    Some(if value & 1 == 1 { -half - 1 } else { half })
}

fn zigzag(value: i32) -> u64 {
    let doubled = i64::from(value) * 2;
    u64::try_from(if value < 0 { -doubled - 1 } else { doubled }).expect("never negative")
}

fn to_bool(value: u64) -> Option<bool> {
    match value {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

integer!(u64, Kind::U64, Some, |v| v, 0);
integer!(u32, Kind::U32, |v| u32::try_from(v).ok(), u64::from, 0);
integer!(bool, Kind::Bool, to_bool, u64::from, false);
integer!(i32, Kind::S32, unzigzag, zigzag, 0);
integer!(
    Ppm,
    Kind::U32,
    |v| u32::try_from(v).ok().map(Ppm::new),
    |v: Ppm| u64::from(v.get()),
    Ppm::ZERO
);
integer!(Millis, Kind::U64, |v| Some(Millis(v)), |v: Millis| v.0, Millis(0));

/// Moments and dates: zero is a value that nobody means, so absent means missing.
macro_rules! required_integer {
    ($type:ty, $kind:expr, $from:expr, $into:expr) => {
        impl Scalar for $type {
            const KIND: Kind = $kind;
            fn absent() -> Option<Self> {
                None
            }
            fn from_raw(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<Self> {
                let value = varint(raw, path, bad)?;
                or_bad($from(value), path, Problem::Malformed, bad)
            }
            fn is_absent(&self) -> bool {
                false
            }
            fn put(&self, tag: u32, out: &mut Vec<u8>) {
                encode::put_varint(tag, $into(*self), out);
            }
        }
    };
}

required_integer!(Time, Kind::U64, |v| Some(Time::from_ms(v)), |v: Time| v.ms());
required_integer!(Date, Kind::S32, |v| unzigzag(v).map(Date::from_days), |v: Date| zigzag(
    v.days()
));

/// Fixed-length bytes: required.
macro_rules! fixed_bytes {
    ($len:literal, $($type:ty => $from:expr, $into:expr);* $(;)?) => {$(
        impl Scalar for $type {
            const KIND: Kind = Kind::Bytes;
            fn absent() -> Option<Self> {
                None
            }
            fn from_raw(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<Self> {
                let fixed = <[u8; $len]>::try_from(bytes(raw, path, bad)?).ok().map($from);
                or_bad(fixed, path, Problem::WrongLength, bad)
            }
            fn is_absent(&self) -> bool {
                false
            }
            fn put(&self, tag: u32, out: &mut Vec<u8>) {
                encode::put_bytes(tag, &$into(*self), out);
            }
        }
    )*};
}

macro_rules! ids {
    ($($type:ty),* $(,)?) => {
        fixed_bytes!(16, $($type => <$type>::from_bytes, |id: $type| id.to_bytes());*);
    };
}

ids!(
    PartyId,
    PersonId,
    CommandId,
    LotId,
    ReceiptId,
    TransferId,
    ReleaseOrderId,
    PledgeId,
    FacilityId,
    LoanId,
    CallId,
    PriceId,
    OrderId,
    ShipmentId,
    ProposalId,
);
fixed_bytes!(32, Digest => Digest, |digest: Digest| digest.0; [u8; 32] => |key| key, |key: [u8; 32]| key);
fixed_bytes!(16, [u8; 16] => |id| id, |id: [u8; 16]| id);

/// Texts with a grammar: required.
macro_rules! text {
    ($($type:ty),*) => {$(
        impl Scalar for $type {
            const KIND: Kind = Kind::String;
            fn absent() -> Option<Self> {
                None
            }
            fn from_raw(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<Self> {
                let text = std::str::from_utf8(bytes(raw, path, bad)?).ok();
                let parsed = text.and_then(|text| text.parse().ok());
                or_bad(parsed, path, Problem::Malformed, bad)
            }
            fn is_absent(&self) -> bool {
                false
            }
            fn put(&self, tag: u32, out: &mut Vec<u8>) {
                encode::put_bytes(tag, self.as_str().as_bytes(), out);
            }
        }
    )*};
}

text!(Code, crate::vocabulary::Label, Currency);

/// Opaque bytes (the body inside a batch item or a proposal): absent means empty.
impl Scalar for Vec<u8> {
    const KIND: Kind = Kind::Bytes;
    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
    fn from_raw(raw: Raw<'_>, path: &Path<'_>, bad: &mut Violations) -> Option<Self> {
        bytes(raw, path, bad).map(<[u8]>::to_vec)
    }
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
    fn put(&self, tag: u32, out: &mut Vec<u8>) {
        encode::put_bytes(tag, self, out);
    }
}
