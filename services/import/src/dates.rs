//! The three ways of writing a day that the files use. None of them has a time or a zone.

use jiff::civil::Date;

/// The century of a two-digit year: the order file's programme began in 2005.
const CENTURY: i16 = 2_000;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `2013-06-10`: year, month, day.
pub fn year_month_day(text: &str) -> Option<Date> {
    let [year, month, day] = parts(text, '-')?;
    (year.len() == 4).then_some(())?;
    date(number(year)?, two_digits(month)?, two_digits(day)?)
}

/// `02-Jun-06`: day, English month, year of this century.
pub fn day_month_name_year(text: &str) -> Option<Date> {
    let [day, month, year] = parts(text, '-')?;
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))?;
    date(CENTURY + two_digits(year)?, i16::try_from(month).ok()? + 1, number(day)?)
}

/// `4/30/14`: month, day, year of this century.
pub fn month_day_year(text: &str) -> Option<Date> {
    let [month, day, year] = parts(text, '/')?;
    date(CENTURY + two_digits(year)?, number(month)?, number(day)?)
}

/// `2009-11-14` for month 9, day 11, year 14: 2014-09-11.
///
/// Some program between the ordering system and the published file read month/day/year as
/// year/month/day wherever all three could be, and wrote the result in this form. [`scms`] holds
/// the evidence and says where it applies.
///
/// [`scms`]: crate::scms
pub fn scrambled_month_day_year(text: &str) -> Option<Date> {
    let written = year_month_day(text)?;
    let month = written.year() - CENTURY;
    date(CENTURY + i16::from(written.day()), month, i16::from(written.month()))
}

fn parts(text: &str, separator: char) -> Option<[&str; 3]> {
    let mut parts = text.split(separator);
    let found = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(found)
}

fn two_digits(text: &str) -> Option<i16> {
    (text.len() == 2).then(|| number(text))?
}

fn number(text: &str) -> Option<i16> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_form_reads_its_own_and_no_other() {
        type Form = fn(&str) -> Option<Date>;
        let table: &[(Form, &str, Option<Date>)] = &[
            (year_month_day, "2013-06-10", Some(date(2013, 6, 10))),
            (year_month_day, "2013-02-29", None),
            (year_month_day, "2012-02-29", Some(date(2012, 2, 29))),
            (year_month_day, "13-06-10", None),
            (year_month_day, "2013-6-10", None),
            (year_month_day, "2013-06-10T00:00", None),
            (year_month_day, "2013/06/10", None),
            (year_month_day, "", None),
            (day_month_name_year, "02-Jun-06", Some(date(2006, 6, 2))),
            (day_month_name_year, "2-JUN-06", Some(date(2006, 6, 2))),
            (day_month_name_year, "31-Feb-15", None),
            (day_month_name_year, "02-Juni-06", None),
            (day_month_name_year, "02-Jun-2006", None),
            (month_day_year, "4/30/14", Some(date(2014, 4, 30))),
            (month_day_year, "30/4/14", None),
            (month_day_year, "4/30/2014", None),
            (month_day_year, "+4/30/14", None),
            (scrambled_month_day_year, "2009-11-14", Some(date(2014, 9, 11))),
            (scrambled_month_day_year, "2012-12-12", Some(date(2012, 12, 12))),
            (scrambled_month_day_year, "2014-11-09", None),
            (scrambled_month_day_year, "2000-11-09", None),
        ];
        for (form, text, want) in table {
            assert_eq!(&form(text), want, "{text:?}");
        }
    }
}
