//! Parts of keys: fixed-length, big-endian, so that the order of bytes is the order of values.

use crate::vocabulary::{
    CallId, CommandId, FacilityId, LoanId, LotId, OrderId, PartyId, PersonId, PledgeId, PriceId,
    ProposalId, ReceiptId, ReleaseOrderId, ShipmentId, TransferId,
};
use crate::vocabulary::{
    CallNo, CommodityNo, Date, Digest, FacilityNo, FeedNo, Id, LoanNo, LotNo, No, OrderNo, PartyNo,
    PersonNo, PledgeNo, PriceNo, ReceiptNo, ReleaseOrderNo, ShipmentNo, Time, TransferNo,
};

/// A part of a key.
pub trait Key: Sized {
    /// Its length in bytes.
    const LEN: usize;
    /// Appends its bytes.
    fn write(&self, out: &mut Vec<u8>);
    /// Reads it back from exactly [`Key::LEN`] bytes.
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! integer_key {
    ($($type:ty),*) => {$(
        impl Key for $type {
            const LEN: usize = size_of::<$type>();
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(<$type>::from_be_bytes)
            }
        }
    )*};
}
integer_key!(u8, u16, u32, u64);

macro_rules! number_key {
    ($($type:ty),* $(,)?) => {$(
        impl Key for $type {
            const LEN: usize = 8;
            fn write(&self, out: &mut Vec<u8>) {
                self.to_u64().write(out);
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                u64::read(bytes).map(<$type>::from_u64)
            }
        }
    )*};
}
number_key!(
    CallNo,
    CommodityNo,
    FacilityNo,
    FeedNo,
    LoanNo,
    LotNo,
    OrderNo,
    PartyNo,
    PersonNo,
    PledgeNo,
    PriceNo,
    ReceiptNo,
    ReleaseOrderNo,
    ShipmentNo,
    TransferNo,
);

macro_rules! id_key {
    ($($type:ty),* $(,)?) => {$(
        impl Key for $type {
            const LEN: usize = 16;
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_bytes());
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(<$type>::from_bytes)
            }
        }
    )*};
}
id_key!(
    CallId,
    CommandId,
    FacilityId,
    LoanId,
    LotId,
    OrderId,
    PartyId,
    PersonId,
    PledgeId,
    PriceId,
    ProposalId,
    ReceiptId,
    ReleaseOrderId,
    ShipmentId,
    TransferId,
);

impl<const N: usize> Key for [u8; N] {
    const LEN: usize = N;
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }
}

impl Key for Digest {
    const LEN: usize = 32;
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::read(bytes).map(Digest)
    }
}

impl Key for Time {
    const LEN: usize = 8;
    fn write(&self, out: &mut Vec<u8>) {
        self.ms().write(out);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        u64::read(bytes).map(Time::from_ms)
    }
}

impl Key for Date {
    const LEN: usize = 4;
    fn write(&self, out: &mut Vec<u8>) {
        // The sign bit flipped, so that days before 1970 sort before those after.
        (self.days().cast_unsigned() ^ 0x8000_0000).write(out);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        u32::read(bytes).map(|days| Date::from_days((days ^ 0x8000_0000).cast_signed()))
    }
}

impl Key for () {
    const LEN: usize = 0;
    fn write(&self, _: &mut Vec<u8>) {}
    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.is_empty().then_some(())
    }
}

macro_rules! tuple_key {
    ($($name:ident $field:tt),+) => {
        impl<$($name: Key),+> Key for ($($name,)+) {
            const LEN: usize = 0 $(+ $name::LEN)+;
            fn write(&self, out: &mut Vec<u8>) {
                $( self.$field.write(out); )+
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                let mut rest = bytes;
                let value = ($({
                    let (part, after) = rest.split_at_checked($name::LEN)?;
                    rest = after;
                    $name::read(part)?
                },)+);
                rest.is_empty().then_some(value)
            }
        }
    };
}
tuple_key!(A 0, B 1);
tuple_key!(A 0, B 1, C 2);
tuple_key!(A 0, B 1, C 2, D 3);
