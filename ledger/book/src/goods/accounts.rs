//! The quantity accounts of a lot: double entry, in whole base units (domain.md section 6.1).

use serde::{Deserialize, Serialize};

use crate::{
    state::BrokenHistory,
    vocabulary::{Quantity, Unit},
};

/// An account of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Where goods come from: what was taken in. Postings only ever leave it.
    Received,
    /// In store, with no receipt on it.
    Unreceipted,
    /// In store, under a receipt that is drafted or offered.
    IssueReserved,
    /// In store, under a receipt.
    Receipted,
    /// In store, under a release order.
    DeliveryReserved,
    /// Claimed by a receipt and proven missing or damaged.
    Impaired,
    /// Gone out by the gate.
    Delivered,
    /// Lost within the loss standard of its receipt.
    ShrinkAllowed,
    /// Lost beyond it.
    LossRecognised,
    /// Sold or destroyed in store.
    Disposed,
}

impl Account {
    /// Every account that goods can be in.
    pub const HOLDING: [Account; 9] = [
        Account::Unreceipted,
        Account::IssueReserved,
        Account::Receipted,
        Account::DeliveryReserved,
        Account::Impaired,
        Account::Delivered,
        Account::ShrinkAllowed,
        Account::LossRecognised,
        Account::Disposed,
    ];

    /// Whether a count of the store should find what is on this account.
    pub const fn is_in_store(self) -> bool {
        match self {
            Account::Unreceipted
            | Account::IssueReserved
            | Account::Receipted
            | Account::DeliveryReserved => true,
            Account::Received
            | Account::Impaired
            | Account::Delivered
            | Account::ShrinkAllowed
            | Account::LossRecognised
            | Account::Disposed => false,
        }
    }
}

/// Moves an amount from one account of a lot to another. Nothing else changes a balance, so nothing can be
/// added to one side only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// The account it leaves.
    pub from: Account,
    /// The account it comes to.
    pub to: Account,
    /// How much.
    pub quantity: Quantity,
}

/// The balances of a lot, all in one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    unit: Unit,
    received: u64,
    unreceipted: u64,
    issue_reserved: u64,
    receipted: u64,
    delivery_reserved: u64,
    impaired: u64,
    delivered: u64,
    shrink_allowed: u64,
    loss_recognised: u64,
    disposed: u64,
}

impl Accounts {
    /// Accounts with nothing on them.
    pub const fn empty(unit: Unit) -> Self {
        Self {
            unit,
            received: 0,
            unreceipted: 0,
            issue_reserved: 0,
            receipted: 0,
            delivery_reserved: 0,
            impaired: 0,
            delivered: 0,
            shrink_allowed: 0,
            loss_recognised: 0,
            disposed: 0,
        }
    }

    /// What is on an account.
    pub const fn balance(&self, account: Account) -> Quantity {
        let amount = match account {
            Account::Received => self.received,
            Account::Unreceipted => self.unreceipted,
            Account::IssueReserved => self.issue_reserved,
            Account::Receipted => self.receipted,
            Account::DeliveryReserved => self.delivery_reserved,
            Account::Impaired => self.impaired,
            Account::Delivered => self.delivered,
            Account::ShrinkAllowed => self.shrink_allowed,
            Account::LossRecognised => self.loss_recognised,
            Account::Disposed => self.disposed,
        };
        Quantity::new(amount, self.unit)
    }

    /// What a count of the store should find.
    pub fn in_store(&self) -> Quantity {
        let expected = Account::HOLDING.into_iter().filter(|account| account.is_in_store());
        let amount = expected.fold(0_u64, |sum, account| {
            // Each balance is at most what was received, which a statement can't make overflow.
            sum.saturating_add(self.balance(account).amount())
        });
        Quantity::new(amount, self.unit)
    }

    /// Posts an amount from one account to another.
    ///
    /// # Errors
    ///
    /// The unit is another, there isn't as much on the account, a sum doesn't fit, or goods would go back
    /// to where they came from: decide should have refused what led to it.
    pub fn post(&mut self, posting: &Posting) -> Result<(), BrokenHistory> {
        let amount = posting.quantity.amount();
        if posting.quantity.unit() != self.unit || posting.to == Account::Received {
            return Err(BrokenHistory("a posting does not fit its lot"));
        }
        let from = self.slot(posting.from);
        // `received` counts what left the source: it grows where other accounts fall.
        let left = match posting.from {
            Account::Received => from.checked_add(amount),
            _ => from.checked_sub(amount),
        };
        *from = left.ok_or(BrokenHistory("a posting overdraws an account of its lot"))?;
        let to = self.slot(posting.to);
        *to = to.checked_add(amount).ok_or(BrokenHistory("an account of a lot overflows"))?;
        Ok(())
    }

    fn slot(&mut self, account: Account) -> &mut u64 {
        match account {
            Account::Received => &mut self.received,
            Account::Unreceipted => &mut self.unreceipted,
            Account::IssueReserved => &mut self.issue_reserved,
            Account::Receipted => &mut self.receipted,
            Account::DeliveryReserved => &mut self.delivery_reserved,
            Account::Impaired => &mut self.impaired,
            Account::Delivered => &mut self.delivered,
            Account::ShrinkAllowed => &mut self.shrink_allowed,
            Account::LossRecognised => &mut self.loss_recognised,
            Account::Disposed => &mut self.disposed,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account() -> impl Strategy<Value = Account> {
        let mut all = Account::HOLDING.to_vec();
        all.push(Account::Received);
        prop::sample::select(all)
    }

    proptest! {
        /// INV-01, whatever is posted: what was received is what is on all other accounts together.
        #[test]
        fn what_was_received_is_somewhere(
            postings in prop::collection::vec((account(), account(), 0u64..1_000), 0..60),
        ) {
            let mut accounts = Accounts::empty(Unit::Gram);
            let take_in = Posting {
                from: Account::Received,
                to: Account::Unreceipted,
                quantity: Quantity::new(5_000, Unit::Gram),
            };
            accounts.post(&take_in).expect("the source gives");
            for (from, to, amount) in postings {
                let before = accounts;
                let quantity = Quantity::new(amount, Unit::Gram);
                let posted = accounts.post(&Posting { from, to, quantity });
                let enough = from == Account::Received || before.balance(from).amount() >= amount;
                prop_assert_eq!(posted.is_ok(), enough && to != Account::Received);
                if posted.is_err() {
                    accounts = before;
                }
                let held: u64 =
                    Account::HOLDING.iter().map(|account| accounts.balance(*account).amount()).sum();
                prop_assert_eq!(accounts.balance(Account::Received).amount(), held);
            }
        }
    }

    #[test]
    fn litres_are_not_posted_to_grams() {
        let mut accounts = Accounts::empty(Unit::Gram);
        let quantity = Quantity::new(1, Unit::Millilitre);
        let posting = Posting { from: Account::Received, to: Account::Unreceipted, quantity };
        assert!(accounts.post(&posting).is_err());
    }
}
