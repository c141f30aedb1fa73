//! A facility's exposure and the value of its collateral, computed where they are relied on and never kept.

use super::{
    Account, Obstacle, ObstacleKind, Product, Status, accrual,
    ratios::{self, Lines, Room},
    state::{Facility, LoanStage, live_loans, pledges_of},
};
use crate::{
    pledges::{self, PLEDGES},
    prices::{self, AcceptedPrice},
    receipts::{self, Lifecycle, RECEIPTS, Receipt},
    refusal::{Code, Refusal},
    registries::{self, FEEDS},
    state::{Row, View},
    vocabulary::{Currency, Date, FacilityNo, FeedNo, Money, Ppm, PriceId, Time},
};

/// What a facility's loans come to on a date, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exposure {
    /// Principal outstanding.
    pub used: u64,
    /// Principal asked for and not paid out yet.
    pub reserved: u64,
    /// All that is owed, interest to the date included.
    pub total: u64,
}

/// What a facility's collateral is worth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collateral {
    /// Minor units, less haircuts and the keepers' charges.
    pub value: u64,
    /// Most that the pledges secure, all together.
    pub secured: u64,
    /// The prices relied on, each once.
    pub prices: Vec<PriceId>,
}

/// Why collateral can't be valued, and the refusal of whoever wants to rely on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// For the event.
    pub obstacle: Obstacle,
    /// For the caller.
    pub refusal: Refusal,
}

/// The business date of a facility at a moment.
///
/// # Errors
///
/// `NOT_REGISTERED`: the product's calendar is gone, which no command can bring about.
pub(super) fn business_date(
    view: &View<'_>,
    product: &Product,
    now: Time,
) -> Result<Date, Refusal> {
    Ok(registries::calendar(view, &product.calendar)?.business_date(now))
}

/// What the loans of a facility come to. A sum that doesn't fit is as large as can be, so that it is never
/// understated.
fn exposure(view: &View<'_>, facility: FacilityNo, product: &Product, date: Date) -> Exposure {
    let mut sum = Exposure::default();
    for loan in live_loans(view, facility) {
        match &loan.value.stage {
            LoanStage::Requested | LoanStage::Approved | LoanStage::Disbursing => {
                sum.reserved = sum.reserved.saturating_add(loan.value.amount.minor());
            }
            LoanStage::Outstanding(debt) => {
                let unposted = accrual::catch_up(debt, product, loan.value.due_on, date)
                    .map_or(u64::MAX, |c| c.interest_posted.saturating_add(c.penalty_posted));
                sum.used = sum.used.saturating_add(debt.books.amount(Account::Principal));
                sum.total = sum.total.saturating_add(debt.books.debt()).saturating_add(unposted);
            }
            LoanStage::Settled(_) | LoanStage::Rejected | LoanStage::Cancelled => {}
        }
    }
    sum
}

/// What the receipts of a facility's pledges in force are worth at a moment: each receipt's net quantity at the
/// latest price of the first feed of the product that prices it, less the haircut, rounded down once; less
/// what the keeper may retain the goods for, which ranks first (domain.md section 3.1): what it stated when
/// it confirmed the pledge, or what it has stated on the receipts since, whichever is more.
///
/// # Errors
///
/// [`Unavailable`] when a price is missing or stale, or a receipt is held or otherwise not operable: then
/// there is no value, not a value of nothing (INV-36).
fn collateral(
    view: &View<'_>,
    facility: FacilityNo,
    product: &Product,
    now: Time,
) -> Result<Collateral, Unavailable> {
    let feeds = product_feeds(view, product);
    let mut sum = Collateral::default();
    for no in pledges_of(view, facility) {
        let Some(pledge) = PLEDGES.get(view, no) else { continue };
        let Some(lien) = pledge.stage.lien() else { continue };
        let (mut value, mut fees) = (0u64, 0u64);
        for receipt in pledges::members(view, no) {
            let Some(receipt) = RECEIPTS.get(view, receipt) else { continue };
            if is_gone(&receipt) {
                continue;
            }
            let worth = receipt_value(view, &feeds, &receipt, now)?;
            value = value.saturating_add(worth.value);
            fees = fees.saturating_add(fees_in(&receipt, product.currency));
            if !sum.prices.contains(&worth.price) {
                sum.prices.push(worth.price);
            }
        }
        sum.value = sum.value.saturating_add(value.saturating_sub(fees.max(lien.minor())));
        sum.secured = sum.secured.saturating_add(pledge.secured_maximum.minor());
    }
    Ok(sum)
}

/// What the keeper says is due on a receipt. Charges in another currency can't be set against a value.
fn fees_in(receipt: &Receipt, currency: Currency) -> u64 {
    receipt.fees_due.filter(|due| due.currency() == currency).map_or(0, Money::minor)
}

/// Handed back for the goods, with the pledgee's consent: worth nothing any more, which is no obstacle.
const fn is_gone(receipt: &Receipt) -> bool {
    matches!(receipt.lifecycle, Lifecycle::Surrendered { .. } | Lifecycle::Delivered)
}

/// A feed of a product with its haircut and last accepted price.
struct PricedBy {
    no: FeedNo,
    feed: registries::Feed,
    haircut: Ppm,
    latest: Option<AcceptedPrice>,
}

fn product_feeds(view: &View<'_>, product: &Product) -> Vec<PricedBy> {
    let feeds = product.collateral.iter().filter_map(|eligible| {
        let row = FEEDS.find(view, &registries::key(&eligible.feed))?;
        Some(PricedBy {
            no: row.no,
            latest: prices::latest(view, row.no),
            feed: row.value,
            haircut: eligible.haircut_ppm,
        })
    });
    feeds.collect()
}

struct Worth {
    value: u64,
    price: PriceId,
}

fn receipt_value(
    view: &View<'_>,
    feeds: &[PricedBy],
    receipt: &Receipt,
    now: Time,
) -> Result<Worth, Unavailable> {
    let obstacle = |kind, feed| Obstacle { kind, receipt: receipt.id, feed };
    receipts::require_operable_at(view, receipt, now).map_err(|refusal| Unavailable {
        obstacle: obstacle(ObstacleKind::ReceiptNotOperable, None),
        refusal,
    })?;
    let priced_by = feeds.iter().find(|by| {
        let graded = by.feed.grade.as_ref().is_none_or(|grade| *grade == receipt.grade);
        by.feed.commodity == receipt.commodity && graded
    });
    let no_price = |kind, by: Option<&PricedBy>| {
        let feed = by.map(|by| by.feed.code.clone());
        let named = feed.as_ref().map_or("", |code| code.as_str());
        let refusal = Refusal::new(Code::PriceUnavailable).required(named);
        Unavailable { refusal, obstacle: obstacle(kind, feed) }
    };
    let Some(by) = priced_by else {
        return Err(no_price(ObstacleKind::PriceMissing, None));
    };
    match &by.latest {
        None => Err(no_price(ObstacleKind::PriceMissing, Some(by))),
        Some(latest) if !prices::is_fresh(view, by.no, latest, now) => {
            Err(no_price(ObstacleKind::PriceStale, Some(by)))
        }
        Some(latest) => Ok(Worth {
            value: ratios::collateral_value(receipt.net(), &latest.price, by.haircut),
            price: latest.id,
        }),
    }
}

impl Product {
    /// The lines above which something happens.
    pub fn lines(&self) -> Lines {
        Lines {
            warning: self.ltv_warning_ppm,
            call: self.ltv_call_ppm,
            liquidation: self.ltv_liquidation_ppm,
        }
    }
}

/// How a facility stands: what it owes against what secures it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Valuation {
    /// The date to which interest is counted.
    pub date: Date,
    /// What the loans come to.
    pub exposure: Exposure,
    /// What the collateral is worth, when that can be said.
    pub collateral: Result<Collateral, Unavailable>,
}

impl Valuation {
    /// Values a facility at a moment.
    ///
    /// # Errors
    ///
    /// As [`business_date`]. That the collateral can't be valued is an answer, not an error.
    pub fn of(
        view: &View<'_>,
        facility: FacilityNo,
        product: &Product,
        now: Time,
    ) -> Result<Self, Refusal> {
        let date = business_date(view, product, now)?;
        Ok(Self {
            date,
            exposure: exposure(view, facility, product, date),
            collateral: collateral(view, facility, product, now),
        })
    }

    /// How the two stand.
    pub fn status(&self, product: &Product) -> Status {
        match &self.collateral {
            Ok(collateral) => {
                ratios::status(self.exposure.total, collateral.value, &product.lines())
            }
            Err(_) => Status::Unavailable,
        }
    }

    /// What limits a draw now.
    ///
    /// # Errors
    ///
    /// The refusal that goes with collateral that can't be valued.
    pub fn room(
        &self,
        facility: &Row<FacilityNo, Facility>,
        product: &Product,
    ) -> Result<Room, Refusal> {
        let collateral = self.collateral.as_ref().map_err(|no| no.refusal.clone())?;
        Ok(Room {
            limit: facility.value.limit.minor(),
            secured: collateral.secured,
            value: collateral.value,
            initial: product.ltv_initial_ppm,
            used: self.exposure.used,
            reserved: self.exposure.reserved,
            exposure: self.exposure.total,
        })
    }
}
