//! Rows of prices: each becomes an observation of its feed by the market.
//!
//! A feed and a commodity of its own for each name and spec; their code is made from a digest of both, and
//! the label is the name. The price is the row's average, exactly; the day has no hour, so it counts from
//! its first moment in Beijing.
//!
//! What becomes of a row: **accepted** or **quarantined** as the book decides, which holds back a price more
//! than twice the feed's last accepted one, and all that follow it as long as nobody confirms one;
//! **refused** by the book, for one where a file isn't in the order of its days; or **set aside** by the
//! reader, as rejected or (the row contradicts itself) as quarantined. What the reader quarantines is not
//! sent: the book would take it at its word.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::File,
};

use granary_book::{
    apply::{BatchMode, Item},
    parties::Role,
    prices::{ObservePrice, Price},
    registries::SetPriceFeed,
    vocabulary::{Code, Currency, Millis, Ppm, Quantity, Time, Unit},
};
use granary_import::{Format, Source, xinfadi};
use granary_log::hash::Hash;

use crate::{
    alike::{commodity, date},
    custody::{Custodial, Registrar},
    error::ImportError,
    ids::{row_id, short_digest},
    plan::{Planned, batch, item},
    records::{Place, Record, Records},
    send::Step,
    text::code,
    trade::{Needs, Steps, Trade, Unfit},
};

/// Who publishes the prices.
const MARKET: &str = "新发地 Xinfadi wholesale market";

/// Where.
const PLACE: &str = "XINFADI";

/// Lines of the file whose rows go into one statement. Some 330 bytes of an entry for each row, of 65,535.
/// Part of what ids are made from: with another number every row of a file would be new.
const BLOCK_LINES: u64 = 100;

/// A price older than this is stale: the market is open every day but for the spring festival.
const MAX_AGE: Millis = Millis::days(7);

/// More than twice the last accepted price is quarantined: 2.7% of the file of 2013 to 2015. At half of that
/// limit it would be some 17%, since what follows a price held back is measured against the same old one.
const MAX_DEVIATION: Ppm = Ppm::new(1_000_000);

/// Beijing is ahead of UTC by this.
const BEIJING: Millis = Millis::hours(8);

/// What rows of prices need, and then have.
#[derive(Debug, Default)]
pub(crate) struct Prices {
    /// Names by code.
    feeds: BTreeMap<String, String>,
    market: Option<Custodial>,
}

impl Trade for Prices {
    type Reader = xinfadi::Rows<File>;
    const FORMAT: Format = Format::Xinfadi;

    fn reader(source: Source<File>) -> Self::Reader {
        xinfadi::Rows::new(source)
    }

    fn note(&mut self, row: &xinfadi::Observation) -> Result<(), Unfit> {
        let name = row.commodity.name.clone();
        self.feeds.insert(feed(&row.commodity).to_string(), name);
        Ok(())
    }

    fn needs(&self) -> Needs {
        let feeds = self.feeds.len() as u64;
        Needs { parties: 1, commodities: feeds, feeds }
    }

    fn set_up(&mut self, registrar: &Registrar<'_>) -> Result<Vec<Planned>, ImportError> {
        let (market, registered) = registrar.custodial("market", MARKET, Role::PriceSource)?;
        let mut says = Vec::from(registered);
        for (feed, name) in &self.feeds {
            says.push(registrar.says(&commodity(feed, name, Unit::Gram)));
            says.push(registrar.says(&SetPriceFeed {
                code: code(feed),
                source: market.party,
                commodity: code(feed),
                grade: None,
                place: code(PLACE),
                currency: Currency::CNY,
                max_age_ms: MAX_AGE,
                max_deviation_ppm: MAX_DEVIATION,
            }));
        }
        self.market = Some(market);
        Ok(says)
    }

    fn steps(self, records: Records<Self::Reader>, file: Hash) -> Steps {
        let market = self.market.expect("set up before anything is said");
        let block = Block::default();
        Box::new(Saying { market, records, file, block, ready: VecDeque::new() })
    }
}

/// The code of a feed and of its commodity.
fn feed(commodity: &xinfadi::Commodity) -> Code {
    let digest = short_digest(&[commodity.name.as_bytes(), commodity.spec.as_bytes()]);
    code(&format!("XFD-{digest}"))
}

/// Rows of one statement, until it is full.
#[derive(Debug, Default)]
struct Block {
    number: u64,
    items: Vec<Item>,
    rows: Vec<Place>,
}

struct Saying {
    market: Custodial,
    records: Records<xinfadi::Rows<File>>,
    file: Hash,
    block: Block,
    ready: VecDeque<Step>,
}

impl Iterator for Saying {
    type Item = Result<Step, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(step) = self.ready.pop_front() {
                return Some(Ok(step));
            }
            match self.records.next() {
                Some(Ok(record)) => self.take(record),
                Some(Err(error)) => return Some(Err(error)),
                None => return self.end_block().map(Ok),
            }
        }
    }
}

impl Saying {
    fn take(&mut self, record: Record<xinfadi::Observation>) {
        let (row, place) = match record {
            Record::SetAside(row) => return self.ready.push_back(Step::SetAside(row)),
            Record::Kept { row, place, .. } => (row, place),
        };
        let number = place.line / BLOCK_LINES;
        if number != self.block.number {
            let ended = self.end_block();
            self.ready.extend(ended);
            self.block.number = number;
        }
        self.block.items.push(item(&self.market, &observation(&row)));
        self.block.rows.push(place);
    }

    fn end_block(&mut self) -> Option<Step> {
        let Block { number, items, rows } = std::mem::take(&mut self.block);
        if items.is_empty() {
            return None;
        }
        let command_id = row_id(&self.file, number * BLOCK_LINES, "", "observe 100 lines");
        Some(Step::Say(batch(command_id, BatchMode::Independent, items, &[&self.market], rows)))
    }
}

fn observation(row: &xinfadi::Observation) -> ObservePrice {
    let xinfadi::Price { fen, per_g } = row.average;
    let day = Time::start_of(date(row.day));
    ObservePrice {
        feed: feed(&row.commodity),
        price: Price { minor_units: fen, per: Quantity::new(per_g, Unit::Gram) },
        observed_at_ms: Time::from_ms(day.ms().saturating_sub(BEIJING.0)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_price_is_exact_and_a_day_begins_in_beijing() {
        let price = |fen| xinfadi::Price { fen, per_g: 5_000 };
        let commodity = xinfadi::Commodity { name: "大蒜".to_owned(), spec: "普通".to_owned() };
        let row = xinfadi::Observation {
            line: 2,
            offset: 0,
            day: date(2014, 3, 31),
            commodity,
            lowest: price(750),
            average: price(1_275),
            highest: price(1_800),
        };
        let said = observation(&row);
        assert_eq!(said.price, Price { minor_units: 1_275, per: Quantity::new(5_000, Unit::Gram) });
        // 2014-03-30T16:00:00Z.
        assert_eq!(said.observed_at_ms.ms(), 1_396_195_200_000);
        let other = xinfadi::Commodity { spec: "特菜".to_owned(), ..row.commodity.clone() };
        assert_ne!(feed(&other), said.feed);
    }
}
