//! Products, facilities, loans, margin calls and payments.

use serde::{Deserialize, Serialize};

use super::{Books, MAX_ACCOUNTS, SetProduct};
use crate::{
    refusal::{ObjectKind, Refusal},
    registries::{self, CodeKey},
    registry,
    state::{Objects, Row, Table, View},
    vocabulary::{
        Accrued, CallId, CallNo, Code, Date, FacilityId, FacilityNo, LoanId, LoanNo, Money, Part,
        PartyNo, PledgeNo, Time,
    },
    wire::List,
};

/// Most loans of a facility that are neither settled nor given up: what a valuation reads is bounded.
pub const MAX_LIVE_LOANS: usize = 32;
/// Most pledges of a facility.
pub const MAX_PLEDGES: usize = 4;

/// A lending product; see [`SetProduct`] for its fields.
pub type Product = SetProduct;

/// A facility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facility {
    /// Its id.
    pub id: FacilityId,
    /// Who lends.
    pub lender: PartyNo,
    /// Who borrows.
    pub borrower: PartyNo,
    /// Under which of the lender's products.
    pub product: Code,
    /// In which version.
    pub product_version: u32,
    /// Most principal at any time.
    pub limit: Money,
    /// Last day on which anything may be drawn.
    pub expires_on: Date,
    /// Controlled accounts that may be paid besides the borrower.
    pub accounts: List<Code, 0, MAX_ACCOUNTS>,
    /// How far it has come.
    pub stage: Stage,
}

/// How far a facility has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Approved by the lender, not signed by the borrower.
    Offered {
        /// It lapses then.
        until: Time,
    },
    /// Signed; the security is missing.
    Signed,
    /// Secured. Drawn upon unless something suspends it.
    Available {
        /// The lender does.
        by_lender: bool,
        /// Its collateral could not be valued last time.
        by_valuation: bool,
        /// This margin call does.
        call: Option<CallNo>,
    },
    /// In default: nothing is drawn any more.
    Frozen,
    /// Closed. Final.
    Closed,
    /// Not signed in time. Final.
    Lapsed,
}

impl Stage {
    /// Its name in the facts of a refusal.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Offered { .. } => "OFFERED",
            Stage::Signed => "SIGNED",
            Stage::Available { .. } => "AVAILABLE",
            Stage::Frozen => "FROZEN",
            Stage::Closed => "CLOSED",
            Stage::Lapsed => "LAPSED",
        }
    }
}

/// A loan: one drawdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loan {
    /// Its id.
    pub id: LoanId,
    /// Under which facility.
    pub facility: FacilityNo,
    /// How much was asked for.
    pub amount: Money,
    /// The controlled account to be paid; none: the borrower.
    pub account: Option<Code>,
    /// When it is due.
    pub due_on: Date,
    /// How far it has come.
    pub stage: LoanStage,
}

/// How far a loan has come. Whether it is overdue follows from the date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoanStage {
    /// Asked for.
    Requested,
    /// The lender agrees.
    Approved,
    /// The bank is to pay.
    Disbursing,
    /// Paid out and owed.
    Outstanding(Debt),
    /// Owed no more. A payment taken back by the bank reopens it.
    Settled(Debt),
    /// The lender did not agree. Final.
    Rejected,
    /// Given up by the borrower. Final.
    Cancelled,
}

impl LoanStage {
    /// Its name in the facts of a refusal.
    pub const fn name(self) -> &'static str {
        match self {
            LoanStage::Requested => "REQUESTED",
            LoanStage::Approved => "APPROVED",
            LoanStage::Disbursing => "DISBURSING",
            LoanStage::Outstanding(_) => "OUTSTANDING",
            LoanStage::Settled(_) => "SETTLED",
            LoanStage::Rejected => "REJECTED",
            LoanStage::Cancelled => "CANCELLED",
        }
    }

    /// What is known of the debt, once the loan was paid out.
    pub const fn debt(&self) -> Option<&Debt> {
        match self {
            LoanStage::Outstanding(debt) | LoanStage::Settled(debt) => Some(debt),
            LoanStage::Requested
            | LoanStage::Approved
            | LoanStage::Disbursing
            | LoanStage::Rejected
            | LoanStage::Cancelled => None,
        }
    }
}

/// What is owed of a loan, and what its interest has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    /// First day of interest.
    pub disbursed_on: Date,
    /// First day whose interest has not been accrued.
    pub accrued_to: Date,
    /// Running total of interest.
    pub interest: Accrued,
    /// Running total of interest on overdue principal.
    pub penalty: Accrued,
    /// The balances.
    pub books: Books,
}

/// A margin call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Under which facility.
    pub facility: FacilityNo,
    /// It must be cured by then.
    pub deadline: Time,
    /// How it stands.
    pub stage: CallStage,
}

/// How a margin call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallStage {
    /// Open; so much cash is missing, by the last figure given to the borrower.
    Open {
        /// Minor units.
        outstanding: u64,
    },
    /// Cured. Final.
    Cured,
    /// Not cured in time. Final.
    Expired,
    /// Waived. Final.
    Withdrawn,
}

impl CallStage {
    /// Its name in the facts of a refusal.
    pub const fn name(self) -> &'static str {
        match self {
            CallStage::Open { .. } => "OPEN",
            CallStage::Cured => "CURED",
            CallStage::Expired => "EXPIRED",
            CallStage::Withdrawn => "WITHDRAWN",
        }
    }
}

/// A payment, kept so that it can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Towards which loan.
    pub loan: LoanNo,
    /// On which business date.
    pub on: Date,
    /// What it met.
    pub parts: List<Part, 0, 8>,
    /// What was more than owed.
    pub excess: u64,
    /// Whether the bank took it back.
    pub reversed: bool,
}

/// What falls due with credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deadline {
    /// An offer that is not signed lapses.
    OfferEnds {
        /// Which facility.
        facility: FacilityNo,
    },
    /// A margin call that is not cured is an event of default.
    CallEnds {
        /// Which call.
        call: CallNo,
    },
}

/// Products by lender, code and version.
pub(super) const PRODUCTS: Table<(PartyNo, CodeKey, u32), Product> = Table::new(registry::PRODUCTS);
/// The present version of a lender's product.
pub(super) const PRODUCT_VERSIONS: Table<(PartyNo, CodeKey), u32> =
    Table::new(registry::PRODUCT_VERSIONS);
/// Facilities.
pub const FACILITIES: Objects<FacilityId, FacilityNo, Facility> =
    Objects::new(registry::FACILITY_IDS, registry::FACILITIES);
/// Pledges of a facility.
pub(super) const FACILITY_PLEDGES: Table<(FacilityNo, PledgeNo), ()> =
    Table::new(registry::FACILITY_PLEDGES);
/// The facility that a pledge secures.
pub(super) const PLEDGE_FACILITY: Table<PledgeNo, FacilityNo> =
    Table::new(registry::PLEDGE_FACILITY);
/// Loans.
pub const LOANS: Objects<LoanId, LoanNo, Loan> = Objects::new(registry::LOAN_IDS, registry::LOANS);
/// Loans of a facility that are neither settled nor given up.
pub(super) const LIVE_LOANS: Table<(FacilityNo, LoanNo), ()> = Table::new(registry::LIVE_LOANS);
/// Margin calls.
pub const CALLS: Objects<CallId, CallNo, Call> = Objects::new(registry::CALL_IDS, registry::CALLS);
/// Payments by lender and bank reference.
pub(super) const PAYMENTS: Table<(PartyNo, CodeKey), Payment> = Table::new(registry::PAYMENTS);

/// The product of a lender in its present version, with that version.
pub fn product(view: &View<'_>, lender: PartyNo, code: &Code) -> Option<(u32, Product)> {
    let key = registries::key(code);
    let version = PRODUCT_VERSIONS.get(view, &(lender, key))?;
    Some((version, PRODUCTS.get(view, &(lender, key, version))?))
}

/// The product under which a facility was offered.
pub fn product_of(view: &View<'_>, facility: &Facility) -> Result<Product, Refusal> {
    let key = (facility.lender, registries::key(&facility.product), facility.product_version);
    PRODUCTS.get(view, &key).ok_or_else(|| super::refusal::product_unknown(&facility.product))
}

/// The facility with an id.
///
/// # Errors
///
/// `NOT_FOUND`.
pub fn find(view: &View<'_>, id: FacilityId) -> Result<Row<FacilityNo, Facility>, Refusal> {
    FACILITIES.find(view, &id).ok_or_else(|| Refusal::not_found(ObjectKind::Facility, id))
}

/// A loan with its facility.
pub type LoanAndFacility = (Row<LoanNo, Loan>, Row<FacilityNo, Facility>);

/// The loan with an id, and its facility.
///
/// # Errors
///
/// `NOT_FOUND`.
pub fn find_loan(view: &View<'_>, id: LoanId) -> Result<LoanAndFacility, Refusal> {
    let not_found = || Refusal::not_found(ObjectKind::Loan, id);
    let loan = LOANS.find(view, &id).ok_or_else(not_found)?;
    let no = loan.value.facility;
    let value = FACILITIES.get(view, no).ok_or_else(not_found)?;
    Ok((loan, Row { no, value }))
}

/// The pledges of a facility.
pub fn pledges_of(view: &View<'_>, facility: FacilityNo) -> Vec<PledgeNo> {
    let rows = FACILITY_PLEDGES.scan(view, &facility, None, usize::MAX);
    rows.into_iter().map(|((_, pledge), ())| pledge).collect()
}

/// The loans of a facility that are neither settled nor given up.
pub fn live_loans(view: &View<'_>, facility: FacilityNo) -> Vec<Row<LoanNo, Loan>> {
    let rows = LIVE_LOANS.scan(view, &facility, None, usize::MAX);
    let live = rows.into_iter().map(|((_, no), ())| no);
    live.filter_map(|no| LOANS.get(view, no).map(|value| Row { no, value })).collect()
}
