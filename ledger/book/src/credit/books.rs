//! A loan's own books: double entry in one currency. An amount moves from one account to another, so that
//! the accounts always add up to nothing (INV-30); there is no way to add to one side only.

use serde::{Deserialize, Serialize};

use crate::{state::BrokenHistory, vocabulary::Bucket};

/// An account of a loan. Debits count up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// What passed through the bank: in less out.
    Cash,
    /// Principal owed.
    Principal,
    /// Interest posted and owed.
    Interest,
    /// Interest on overdue principal posted and owed.
    Penalty,
    /// Fees owed.
    Fees,
    /// Costs owed.
    Costs,
    /// What the lender earned: interest, penalty, fees, costs. A credit.
    Income,
    /// What the borrower overpaid. A credit.
    CreditBalance,
}

impl Account {
    /// Every account.
    pub const ALL: &'static [Account] = &[
        Account::Cash,
        Account::Principal,
        Account::Interest,
        Account::Penalty,
        Account::Fees,
        Account::Costs,
        Account::Income,
        Account::CreditBalance,
    ];

    /// The account that a bucket of the waterfall draws on.
    pub const fn of(bucket: Bucket) -> Self {
        match bucket {
            Bucket::Costs => Account::Costs,
            Bucket::Fees => Account::Fees,
            Bucket::PenaltyInterest => Account::Penalty,
            Bucket::OverdueInterest | Bucket::CurrentInterest => Account::Interest,
            Bucket::OverduePrincipal | Bucket::CurrentPrincipal | Bucket::Prepayment => {
                Account::Principal
            }
        }
    }

    /// Whether a balance is on the account's own side.
    const fn may_hold(self, balance: i128) -> bool {
        match self {
            Account::Cash => true,
            Account::Principal
            | Account::Interest
            | Account::Penalty
            | Account::Fees
            | Account::Costs => balance >= 0,
            Account::Income | Account::CreditBalance => balance <= 0,
        }
    }
}

/// The balances of a loan, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Books([i128; Account::ALL.len()]);

impl Books {
    /// Moves an amount from one account to another.
    ///
    /// # Errors
    ///
    /// An account would be on its wrong side: not on a history that this book made.
    pub fn post(
        &mut self,
        debit: Account,
        credit: Account,
        minor_units: u64,
    ) -> Result<(), BrokenHistory> {
        let amount = i128::from(minor_units);
        let too_large = BrokenHistory("a loan's books do not hold so much");
        let debited = self.0[debit as usize].checked_add(amount).ok_or(too_large)?;
        self.0[debit as usize] = debited;
        let credited = self.0[credit as usize].checked_sub(amount).ok_or(too_large)?;
        self.0[credit as usize] = credited;
        let sound = debit.may_hold(self.0[debit as usize]) && credit.may_hold(credited);
        if sound { Ok(()) } else { Err(BrokenHistory("an account is on its wrong side")) }
    }

    /// The amount in an account, on the account's own side; of cash, whichever side it is on.
    pub fn amount(&self, account: Account) -> u64 {
        u64::try_from(self.0[account as usize].unsigned_abs()).unwrap_or(u64::MAX)
    }

    /// All that the borrower owes.
    pub fn debt(&self) -> u64 {
        const OWED: [Account; 5] = [
            Account::Principal,
            Account::Interest,
            Account::Penalty,
            Account::Fees,
            Account::Costs,
        ];
        OWED.iter().fold(0u64, |sum, account| sum.saturating_add(self.amount(*account)))
    }

    /// The sum of all accounts: nothing, always.
    pub fn imbalance(&self) -> i128 {
        self.0.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_account_never_goes_to_its_wrong_side() {
        let mut books = Books::default();
        books.post(Account::Principal, Account::Cash, 100).expect("paid out");
        assert!(books.post(Account::Cash, Account::Principal, 101).is_err());
        let mut books = Books::default();
        assert!(books.post(Account::CreditBalance, Account::Cash, 1).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_posted_the_accounts_add_up_to_nothing(
            postings in prop::collection::vec((0usize..8, 0usize..8, 0u64..1_000), 0..40),
        ) {
            let mut books = Books::default();
            for (debit, credit, amount) in postings {
                let mut next = books;
                if next.post(Account::ALL[debit], Account::ALL[credit], amount).is_ok() {
                    books = next;
                }
                prop_assert_eq!(books.imbalance(), 0);
            }
        }
    }
}
