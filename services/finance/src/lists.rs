//! What the finance service needs of the query state.

use granary_book::{
    credit::{Call, FACILITIES, Facility, Loan},
    pledges::Pledge,
    prices::Observation,
    registry,
    state::View,
};
use granary_runtime::projection::{Lists, ListsOf, Place, under};

use crate::convert;

/// First key bytes of the tables that this service reads, those of its valuations among them.
pub const TABLES: &[u8] = &[
    registry::PARTY_IDS.byte,
    registry::PARTIES.byte,
    registry::LICENCES.byte,
    registry::COMMODITIES.byte,
    registry::FEED_CODES.byte,
    registry::FEEDS.byte,
    registry::CALENDARS.byte,
    registry::RECEIPT_IDS.byte,
    registry::RECEIPTS.byte,
    registry::PLEDGED.byte,
    registry::PLEDGE_IDS.byte,
    registry::PLEDGES.byte,
    registry::PLEDGE_DUPLICATE_CHECKS.byte,
    registry::PLEDGE_REGISTRATIONS.byte,
    registry::PRICE_IDS.byte,
    registry::PRICES.byte,
    registry::LATEST_PRICES.byte,
    registry::PRODUCTS.byte,
    registry::FACILITY_IDS.byte,
    registry::FACILITIES.byte,
    registry::FACILITY_PLEDGES.byte,
    registry::LOAN_IDS.byte,
    registry::LOANS.byte,
    registry::LIVE_LOANS.byte,
    registry::CALL_IDS.byte,
    registry::CALLS.byte,
];

/// Pledges by who pledges.
pub(crate) const PLEDGES_BY_PLEDGOR: u8 = 1;
/// Pledges by whom to.
pub(crate) const PLEDGES_BY_PLEDGEE: u8 = 2;
/// Pledges by who keeps the goods.
pub(crate) const PLEDGES_BY_KEEPER: u8 = 3;

/// Facilities by who lends.
pub(crate) const FACILITIES_BY_LENDER: u8 = 1;
/// Facilities by who borrows.
pub(crate) const FACILITIES_BY_BORROWER: u8 = 2;

/// Loans by facility.
pub(crate) const LOANS_BY_FACILITY: u8 = 1;
/// Loans by who borrows.
pub(crate) const LOANS_BY_BORROWER: u8 = 2;

/// Margin calls by facility.
pub(crate) const CALLS_BY_FACILITY: u8 = 1;

/// Prices by feed.
pub(crate) const PRICES_BY_FEED: u8 = 1;

fn of_pledge(pledge: &Pledge, _: &View<'_>) -> Vec<Place> {
    vec![
        under(PLEDGES_BY_PLEDGOR, pledge.pledgor),
        under(PLEDGES_BY_PLEDGEE, pledge.pledgee),
        under(PLEDGES_BY_KEEPER, pledge.keeper),
    ]
}

fn of_facility(facility: &Facility, _: &View<'_>) -> Vec<Place> {
    vec![
        under(FACILITIES_BY_LENDER, facility.lender),
        under(FACILITIES_BY_BORROWER, facility.borrower),
    ]
}

fn of_loan(loan: &Loan, view: &View<'_>) -> Vec<Place> {
    let mut places = vec![under(LOANS_BY_FACILITY, loan.facility)];
    // A facility never changes its borrower.
    let facility = FACILITIES.get(view, loan.facility);
    places.extend(facility.map(|facility| under(LOANS_BY_BORROWER, facility.borrower)));
    places
}

fn of_call(call: &Call, _: &View<'_>) -> Vec<Place> {
    vec![under(CALLS_BY_FACILITY, call.facility)]
}

fn of_price(price: &Observation, _: &View<'_>) -> Vec<Place> {
    vec![under(PRICES_BY_FEED, price.feed)]
}

/// The lists that this service makes.
pub fn lists() -> Vec<Box<dyn Lists>> {
    vec![
        Box::new(
            ListsOf::new(registry::PLEDGES, of_pledge)
                .by_stage(|pledge| convert::pledge_stage(pledge.stage) as u8),
        ),
        Box::new(
            ListsOf::new(registry::FACILITIES, of_facility)
                .by_stage(|facility| convert::facility_stage(&facility.stage) as u8),
        ),
        Box::new(
            ListsOf::new(registry::LOANS, of_loan)
                .by_stage(|loan| convert::loan_stage(&loan.stage) as u8),
        ),
        Box::new(
            ListsOf::new(registry::CALLS, of_call)
                .by_stage(|call| convert::call_stage(call.stage) as u8),
        ),
        Box::new(
            ListsOf::new(registry::PRICES, of_price)
                .by_stage(|price| convert::price_stage(price.stage) as u8),
        ),
    ]
}
