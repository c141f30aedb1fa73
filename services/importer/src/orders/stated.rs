//! What a row states, or the phrase in its place, as the book keeps it.

use granary_book::{
    orders::{Phrase, StatedAmount, StatedTime, StatedWeight},
    vocabulary::{Code, Currency, Money, Quantity, Unit},
};
use granary_import::{
    Known,
    scms::{Cents, Column, Grams, OrderLineId, StatedElsewhere},
};

use crate::{alike::date, text::code, trade::Unfit};

/// Nothing is said of when.
pub(super) fn not_stated() -> StatedTime {
    StatedTime::phrase(Phrase::NotStated)
}

/// The key of a record on the chain.
pub(super) fn record_key(id: OrderLineId) -> Code {
    code(&format!("SCMS:{id}"))
}

/// A day, or why there is none.
pub(super) fn time(column: Column, known: &Known<jiff::civil::Date>) -> Result<StatedTime, Unfit> {
    match known {
        Known::Value(day) => Ok(StatedTime::on(date(*day))),
        Known::Phrase(words) => phrase(column, words).map(StatedTime::phrase),
        Known::Missing => Ok(not_stated()),
    }
}

/// A weight, or why there is none.
pub(super) fn weight(known: &Known<Grams>) -> Result<StatedWeight, Unfit> {
    let (weight, phrase, record) = stated(Column::Weight, known)?;
    let weight = weight.map(|grams: Grams| Quantity::new(grams.0, Unit::Gram));
    Ok(StatedWeight { weight, phrase, record })
}

/// An amount in US dollars, or why there is none.
pub(super) fn amount(column: Column, known: &Known<Cents>) -> Result<StatedAmount, Unfit> {
    let (amount, phrase, record) = stated(column, known)?;
    let amount = amount.map(|cents: Cents| Money::new(cents.0, Currency::USD));
    Ok(StatedAmount { amount, phrase, record })
}

type Stated<T> = (Option<T>, Option<Phrase>, Option<Code>);

fn stated<T: Copy>(column: Column, known: &Known<T>) -> Result<Stated<T>, Unfit> {
    match known {
        Known::Value(value) => Ok((Some(*value), None, None)),
        Known::Missing => Ok((None, Some(Phrase::NotStated), None)),
        Known::Phrase(words) => match StatedElsewhere::parse(words) {
            Some(elsewhere) => {
                let record = record_key(elsewhere.id);
                Ok((None, Some(Phrase::SeeOtherRecord), Some(record)))
            }
            None => Ok((None, Some(phrase(column, words)?), None)),
        },
    }
}

/// The phrases of the published file. Any other is not turned into the nearest of them.
fn phrase(column: Column, words: &str) -> Result<Phrase, Unfit> {
    match words {
        "Date Not Captured" => Ok(Phrase::DateNotCaptured),
        "Pre-PQ Process" => Ok(Phrase::PrePqProcess),
        "N/A - From RDC" => Ok(Phrase::FromStock),
        "Weight Captured Separately" => Ok(Phrase::WeightCapturedSeparately),
        "Freight Included in Commodity Cost" => Ok(Phrase::FreightIncludedInCommodityCost),
        "Invoiced Separately" => Ok(Phrase::InvoicedSeparately),
        "N/A" => Ok(Phrase::NotApplicable),
        "Not Captured" => Ok(Phrase::NotCaptured),
        _ => Err(Unfit {
            code: "PHRASE_UNKNOWN",
            reason: format!("{} says {words:?}, which the book has no word for", column.name()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<T>(text: &str) -> Known<T> {
        Known::Phrase(text.to_owned())
    }

    #[test]
    fn what_stands_in_the_place_of_a_value_stays_what_it_is() {
        let weight_of = |known| weight(&known).expect("a phrase of the file");
        assert_eq!(
            weight_of(words("Weight Captured Separately")).phrase,
            Some(Phrase::WeightCapturedSeparately)
        );
        let elsewhere = weight_of(words("See ASN-93 (ID#:1281)"));
        assert_eq!(elsewhere.phrase, Some(Phrase::SeeOtherRecord));
        assert_eq!(elsewhere.record, Some(code("SCMS:1281")));
        let zero = weight_of(Known::Value(Grams(0)));
        assert_eq!((zero.weight, zero.phrase), (Some(Quantity::new(0, Unit::Gram)), None));
        assert_eq!(weight_of(Known::Missing).phrase, Some(Phrase::NotStated));
        let refused = weight(&words("somewhere in the store")).expect_err("no such phrase");
        assert_eq!(refused.code, "PHRASE_UNKNOWN");
        let day = time(Column::QuotedOn, &words("Pre-PQ Process")).expect("a phrase of the file");
        assert_eq!(day, StatedTime::phrase(Phrase::PrePqProcess));
    }
}
