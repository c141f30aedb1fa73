//! What a source stated: a value, or a phrase in the place of one.
//!
//! Records kept before there was a chain say "date not captured" or "see the other record" where a value
//! belongs. Such a fact is kept as the phrase it is: never as zero, never as today. In each of these
//! messages exactly one of value and phrase stands.

use crate::{
    at::At,
    refusal::{Code as RefusalCode, Refusal},
    registries,
    state::View,
    vocabulary::{Code, Date, Digest, Millis, Money, Quantity, Time, Unit},
    wire,
};

wire::enumeration! {
    /// What a source says in the place of a value.
    pub enum Phrase("granary.orders.v1.Phrase") {
        /// The date was not captured.
        1 => DateNotCaptured,
        /// It happened before price quotations were kept.
        2 => PrePqProcess,
        /// The goods came from stock: there was no such step.
        3 => FromStock,
        /// The weight was captured separately.
        4 => WeightCapturedSeparately,
        /// The freight is part of the goods' price.
        5 => FreightIncludedInCommodityCost,
        /// It was invoiced separately.
        6 => InvoicedSeparately,
        /// Another record of the source states it for both.
        7 => SeeOtherRecord,
        /// The source says that it does not apply.
        8 => NotApplicable,
        /// The source says that it was not captured.
        9 => NotCaptured,
        /// The source says nothing.
        10 => NotStated,
    }
}

wire::message! {
    /// When something happened: a moment, a day where no more is known, or a phrase.
    pub struct StatedTime("granary.orders.v1.StatedTime") {
        /// The moment.
        1 => at_ms: Option<Time>,
        /// The day, wherever it was that day.
        2 => on: Option<Date>,
        /// In the place of both.
        3 => phrase: Option<Phrase>,
    }
}

wire::message! {
    /// A weight, or a phrase.
    pub struct StatedWeight("granary.orders.v1.StatedWeight") {
        /// The weight, in grams.
        1 => weight: Option<Quantity>,
        /// In its place.
        2 => phrase: Option<Phrase>,
        /// Key of the record that states it, with [`Phrase::SeeOtherRecord`] only.
        3 => record: Option<Code>,
    }
}

wire::message! {
    /// An amount of money, or a phrase.
    pub struct StatedAmount("granary.orders.v1.StatedAmount") {
        /// The amount.
        1 => amount: Option<Money>,
        /// In its place.
        2 => phrase: Option<Phrase>,
        /// Key of the record that states it, with [`Phrase::SeeOtherRecord`] only.
        3 => record: Option<Code>,
    }
}

wire::message! {
    /// The record that an order was imported from. What is imported is marked so for ever.
    pub struct Source("granary.orders.v1.Source") {
        /// Key of the record in its source: imported once by one party.
        1 => key: Code,
        /// SHA-256 of the record's bytes.
        2 => digest: Digest,
        /// When prices were asked for.
        3 => quoted: StatedTime,
        /// When the order was sent to the seller.
        4 => ordered: StatedTime,
    }
}

/// A day begins first at UTC+14 and ends last at UTC-12.
const FIRST_ZONE: Millis = Millis::hours(14);
const LAST_ZONE: Millis = Millis::hours(12);

impl StatedTime {
    /// A moment.
    pub const fn at(moment: Time) -> Self {
        Self { at_ms: Some(moment), on: None, phrase: None }
    }

    /// A day.
    pub const fn on(day: Date) -> Self {
        Self { at_ms: None, on: Some(day), phrase: None }
    }

    /// A phrase.
    pub const fn phrase(phrase: Phrase) -> Self {
        Self { at_ms: None, on: None, phrase: Some(phrase) }
    }

    /// The first and the last moment that it can have been; `None` for a phrase. A day is taken in every
    /// time zone, so that two facts are called out of order only when they certainly are.
    pub fn bounds(&self) -> Option<(Time, Time)> {
        if let Some(moment) = self.at_ms {
            return Some((moment, moment));
        }
        let days = u64::try_from(self.on?.days()).unwrap_or(0);
        let midnight = days * Millis::days(1).0;
        let first = Time::from_ms(midnight.saturating_sub(FIRST_ZONE.0));
        let last = Time::from_ms(midnight + Millis::days(1).0 + LAST_ZONE.0 - 1);
        Some((first, last))
    }

    fn is_well_formed(&self) -> bool {
        let stated = [self.at_ms.is_some(), self.on.is_some(), self.phrase.is_some()];
        stated.iter().filter(|stated| **stated).count() == 1
    }

    /// Whether a body may state this. A phrase stands only in what was imported from records. Nothing
    /// happens in the future; how far back it may lie is the profile's to say (INV-72), except of what was
    /// imported, which is marked as such and creates no priority.
    ///
    /// # Errors
    ///
    /// `VALIDATION_FAILED` with the field, `OCCURRED_AT_REFUSED`.
    pub fn check(
        &self,
        view: &View<'_>,
        at: &At<'_>,
        field: &'static str,
        imported: bool,
    ) -> Result<(), Refusal> {
        if !self.is_well_formed() || self.phrase.is_some() && !imported {
            return Err(Refusal::new(RefusalCode::ValidationFailed).field(field));
        }
        let Some((first, last)) = self.bounds() else { return Ok(()) };
        if first > at.log_time {
            return Err(Refusal::new(RefusalCode::OccurredAtRefused).field(field).at(at.log_time));
        }
        if imported {
            return Ok(());
        }
        let last = last.min(at.log_time);
        registries::check_occurred_at(view, at, last).map_err(|refusal| refusal.field(field))
    }
}

fn check_one(
    stated: bool,
    phrase: Option<Phrase>,
    record: Option<&Code>,
    field: &'static str,
    imported: bool,
) -> Result<(), Refusal> {
    let elsewhere = phrase == Some(Phrase::SeeOtherRecord);
    let well_formed = stated != phrase.is_some() && elsewhere == record.is_some();
    if well_formed && (stated || imported) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::ValidationFailed).field(field))
}

impl StatedWeight {
    /// Whether a body may state this; a phrase only in what was imported.
    ///
    /// # Errors
    ///
    /// `VALIDATION_FAILED` with the field; `UNIT_MISMATCH` for what isn't in grams.
    pub fn check(&self, field: &'static str, imported: bool) -> Result<(), Refusal> {
        check_one(self.weight.is_some(), self.phrase, self.record.as_ref(), field, imported)?;
        match self.weight {
            Some(weight) if weight.unit() != Unit::Gram => {
                Err(Refusal::new(RefusalCode::UnitMismatch).field(field))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl StatedAmount {
    /// Whether a body may state this; a phrase only in what was imported.
    ///
    /// # Errors
    ///
    /// `VALIDATION_FAILED` with the field.
    pub fn check(&self, field: &'static str, imported: bool) -> Result<(), Refusal> {
        check_one(self.amount.is_some(), self.phrase, self.record.as_ref(), field, imported)
    }
}
