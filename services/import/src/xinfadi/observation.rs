//! One day's quote of one commodity, typed.

use jiff::civil::Date;

/// An exact price: `fen` for `per_g` grams.
///
/// Two prices compare by cross multiplication, since 150 fen for 500 g and 1,500 for 5,000 g are
/// one price. Prices read by this crate are in lowest terms of ten, so equal prices are equal
/// values too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Price {
    /// Fen, above zero.
    pub fen: u64,
    /// Grams: 500 times a power of ten.
    pub per_g: u64,
}

impl Price {
    /// Whether this price is below `other`.
    pub fn is_below(self, other: Self) -> bool {
        let cross = |fen: u64, per_g: u64| u128::from(fen) * u128::from(per_g);
        cross(self.fen, other.per_g) < cross(other.fen, self.per_g)
    }
}

/// What is priced: a name and a spec, both in normal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commodity {
    /// 品名
    pub name: String,
    /// 规格: 普通 ordinary, 水菜 water vegetables, 特菜 special vegetables, or another.
    pub spec: String,
}

/// One row: prices of one commodity on one day. Lowest, average and highest are in order unless
/// the row is quarantined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Line of the file the row begins on; the header is on line 1.
    pub line: u64,
    /// Byte of the file the row begins at.
    pub offset: u64,
    /// 发布日期: the day of the prices.
    pub day: Date,
    /// What is priced.
    pub commodity: Commodity,
    /// 最低价
    pub lowest: Price,
    /// 平均价
    pub average: Price,
    /// 最高价
    pub highest: Price,
}

impl Observation {
    /// The key of the row in its file, from which command ids are derived:
    /// `2013-06-10|大蒜|普通`.
    pub fn source_key(&self) -> String {
        source_key(self.day, &self.commodity)
    }
}

/// Bars and backslashes inside a part get a backslash before them, so that no two keys are one.
pub(super) fn source_key(day: Date, commodity: &Commodity) -> String {
    let part = |text: &str| text.replace('\\', "\\\\").replace('|', "\\|");
    format!("{day}|{}|{}", part(&commodity.name), part(&commodity.spec))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn no_two_commodities_share_a_source_key() {
        let key = |name: &str, spec: &str| {
            let commodity = Commodity { name: name.into(), spec: spec.into() };
            source_key(date(2013, 6, 10), &commodity)
        };
        assert_eq!(key("大蒜", "普通"), "2013-06-10|大蒜|普通");
        assert_ne!(key("a|b", "c"), key("a", "b|c"));
        assert_ne!(key("a\\", "|c"), key("a\\|", "c"));
    }

    #[test]
    fn prices_compare_whatever_weight_they_are_for() {
        let price = |fen, per_g| Price { fen, per_g };
        assert!(price(1_275, 5_000).is_below(price(128, 500)));
        assert!(!price(1_275, 5_000).is_below(price(127, 500)));
        assert!(!price(1_270, 5_000).is_below(price(127, 500)), "one price");
        assert!(price(u64::MAX - 1, u64::MAX).is_below(price(u64::MAX, u64::MAX)));
    }
}
