//! What rows of both kinds come to alike.

use granary_book::{
    registries::{Grade, SetCommodity},
    vocabulary::{Date, Ppm, Unit},
    wire::List,
};

use crate::text::{code, label};

/// A commodity without grades to tell apart.
///
/// * `commodity`: its code, made of a code's characters.
pub(crate) fn commodity(commodity: &str, name: &str, unit: Unit) -> SetCommodity {
    let grade = Grade { code: code("AS-STATED"), limits: List::empty() };
    SetCommodity {
        code: code(commodity),
        name: label(name),
        unit,
        grades: List::new(vec![grade]).expect("one of one to sixteen"),
        shrink_allowance_ppm: Ppm::ZERO,
    }
}

/// A day of a file on the book's calendar.
pub(crate) fn date(day: jiff::civil::Date) -> Date {
    let part = |part: i8| u32::try_from(part).expect("a month or a day is above zero");
    Date::from_ymd(day.year().into(), part(day.month()), part(day.day()))
        .expect("a day of the years 0 to 9999, which is all that four digits give")
}
