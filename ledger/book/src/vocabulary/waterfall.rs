//! Waterfalls: in which order a payment meets what is owed.

use crate::wire;

wire::enumeration! {
    /// What a borrower may owe, in the finest division that a contract may order (domain.md section 3.5).
    pub enum Bucket("granary.credit.v1.Bucket") {
        /// Costs of collecting or enforcing.
        1 => Costs,
        /// Fees.
        2 => Fees,
        /// Interest on overdue principal.
        3 => PenaltyInterest,
        /// Interest that was due and is not paid.
        4 => OverdueInterest,
        /// Interest accrued and not overdue.
        5 => CurrentInterest,
        /// Principal that was due and is not paid.
        6 => OverduePrincipal,
        /// Principal due today.
        7 => CurrentPrincipal,
        /// Principal not due yet.
        8 => Prepayment,
    }
}

wire::message! {
    /// An amount in a bucket.
    pub struct Part("granary.credit.v1.Part") {
        /// Which bucket.
        1 => bucket: Bucket,
        /// Minor units.
        2 => minor_units: u64,
    }
}

/// Amounts by bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Owed([u64; Bucket::ALL.len()]);

impl Owed {
    /// The amount in a bucket, in minor units.
    pub const fn get(&self, bucket: Bucket) -> u64 {
        self.0[bucket as usize]
    }

    /// Sets the amount in a bucket.
    pub const fn set(&mut self, bucket: Bucket, minor_units: u64) {
        self.0[bucket as usize] = minor_units;
    }

    /// All of it; `None` when that does not fit in 64 bits.
    pub fn total(&self) -> Option<u64> {
        self.0.iter().try_fold(0u64, |sum, amount| sum.checked_add(*amount))
    }
}

/// What a payment came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Parts that met something owed, in the order of the waterfall; none of nothing.
    pub parts: Vec<Part>,
    /// What is left over when everything is paid.
    pub excess: u64,
}

/// Whether an order names every bucket once.
pub fn is_complete(order: &[Bucket]) -> bool {
    order.len() == Bucket::ALL.len() && Bucket::ALL.iter().all(|bucket| order.contains(bucket))
}

/// Lets a payment run down the buckets in an order: each takes what is owed in it until nothing is left.
/// The parts and the excess add up to the payment.
pub fn allocate(payment: u64, order: &[Bucket], owed: &Owed) -> Allocation {
    let mut left = payment;
    let mut parts = Vec::new();
    for bucket in order {
        let taken = left.min(owed.get(*bucket));
        if taken > 0 {
            parts.push(Part { bucket: *bucket, minor_units: taken });
            left -= taken;
        }
    }
    Allocation { parts, excess: left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn owed(amounts: &[(Bucket, u64)]) -> Owed {
        amounts.iter().fold(Owed::default(), |mut owed, (bucket, amount)| {
            owed.set(*bucket, *amount);
            owed
        })
    }

    #[test]
    fn interest_before_principal_or_the_other_way_round() {
        use Bucket::{CurrentInterest, Fees, Prepayment};
        let debt = owed(&[(CurrentInterest, 300), (Prepayment, 10_000), (Fees, 50)]);
        for (order, payment, expected, excess) in [
            (
                &[Fees, CurrentInterest, Prepayment],
                320,
                &[(Fees, 50), (CurrentInterest, 270)][..],
                0,
            ),
            (&[Prepayment, Fees, CurrentInterest], 320, &[(Prepayment, 320)][..], 0),
            (
                &[Fees, CurrentInterest, Prepayment],
                10_351,
                &[(Fees, 50), (CurrentInterest, 300), (Prepayment, 10_000)][..],
                1,
            ),
            (&[Fees, CurrentInterest, Prepayment], 0, &[][..], 0),
        ] {
            let allocation = allocate(payment, order, &debt);
            let parts: Vec<_> =
                allocation.parts.iter().map(|part| (part.bucket, part.minor_units)).collect();
            assert_eq!((parts.as_slice(), allocation.excess), (expected, excess), "{payment}");
        }
    }

    #[test]
    fn an_order_names_each_bucket_once() {
        assert!(is_complete(Bucket::ALL));
        assert!(!is_complete(&Bucket::ALL[1..]));
        let mut twice = Bucket::ALL.to_vec();
        twice[0] = Bucket::Fees;
        assert!(!is_complete(&twice));
    }

    proptest! {
        /// INV-34: parts and excess add up to the payment, no bucket gets more than is owed in it, and
        /// none gets anything while one before it is short.
        #[test]
        fn a_payment_is_allocated_to_the_last_minor_unit_and_in_order(
            amounts in prop::array::uniform8(0u64..1_000), payment in 0u64..9_000,
            order in Just(Bucket::ALL.to_vec()).prop_shuffle(),
        ) {
            let mut debt = Owed::default();
            for (bucket, amount) in Bucket::ALL.iter().zip(amounts) {
                debt.set(*bucket, amount);
            }
            let allocation = allocate(payment, &order, &debt);
            let parts: u64 = allocation.parts.iter().map(|part| part.minor_units).sum();
            prop_assert_eq!(parts + allocation.excess, payment);
            prop_assert!(allocation.excess == 0 || Some(parts) == debt.total());
            let got = |bucket: Bucket| {
                allocation.parts.iter().find(|part| part.bucket == bucket).map_or(0, |p| p.minor_units)
            };
            let mut short = false;
            for bucket in order {
                prop_assert!(got(bucket) <= debt.get(bucket));
                prop_assert!(!short || got(bucket) == 0);
                short |= got(bucket) < debt.get(bucket);
            }
        }
    }
}
