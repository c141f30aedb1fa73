//! Receipt numbers: the numbers that people read, write down and read out.
//!
//! The registry has one space of numbers; blocks of it are allotted to keepers, always above all allotted
//! before, and a keeper's receipts take them one after another. So a number is unique for ever (INV-09)
//! without a table of all numbers, and a gap shows.

use serde::{Deserialize, Serialize};

use super::refusal;
use crate::{
    refusal::Refusal,
    registry,
    state::{BrokenHistory, Table, View},
    vocabulary::{Code, PartyNo},
};

/// The greatest serial: twelve digits.
pub const SERIAL_MAX: u64 = 999_999_999_999;

/// What is left of a block allotted to a keeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberBlock {
    /// The next serial to be taken.
    pub next: u64,
    /// The block's last serial.
    pub last: u64,
}

/// Blocks with serials left, by keeper and first serial.
pub const NUMBER_BLOCKS: Table<(PartyNo, u64), NumberBlock> = Table::new(registry::NUMBER_BLOCKS);
/// The greatest serial allotted to anybody.
const ALLOTTED: Table<(), u64> = Table::new(registry::NUMBERS_ALLOTTED);

/// The greatest serial allotted so far; nothing is allotted twice.
pub(super) fn allotted(view: &View<'_>) -> u64 {
    ALLOTTED.get(view, &()).unwrap_or(0)
}

/// Gives a keeper a block.
pub(super) fn allot(view: &mut View<'_>, keeper: PartyNo, first: u64, last: u64) {
    NUMBER_BLOCKS.put(view, &(keeper, first), &NumberBlock { next: first, last });
    ALLOTTED.put(view, &(), &last);
}

/// The next `count` numbers of a keeper, in sequence.
///
/// # Errors
///
/// `NUMBER_OUT_OF_RANGE` when its blocks have fewer left.
pub(super) fn next(view: &View<'_>, keeper: PartyNo, count: usize) -> Result<Vec<Code>, Refusal> {
    // A block that is listed has a serial left, so `count` blocks are enough.
    let blocks = NUMBER_BLOCKS.scan(view, &keeper, None, count);
    let serials = blocks.iter().flat_map(|(_, block)| block.next..=block.last);
    let numbers: Vec<Code> = serials.take(count).map(number).collect();
    if numbers.len() == count { Ok(numbers) } else { Err(refusal::number_out_of_range()) }
}

/// Takes the next number of a keeper, which the event says was `expected`.
pub(super) fn take(
    view: &mut View<'_>,
    keeper: PartyNo,
    expected: &Code,
) -> Result<(), BrokenHistory> {
    let (key, block) = NUMBER_BLOCKS
        .scan(view, &keeper, None, 1)
        .pop()
        .ok_or(BrokenHistory("a receipt takes a number that was not allotted"))?;
    if number(block.next) != *expected {
        return Err(BrokenHistory("a receipt takes a number out of sequence"));
    }
    if block.next == block.last {
        NUMBER_BLOCKS.delete(view, &key);
    } else {
        NUMBER_BLOCKS.put(view, &key, &NumberBlock { next: block.next + 1, ..block });
    }
    Ok(())
}

/// The number of a serial: twelve digits and a check digit.
pub fn number(serial: u64) -> Code {
    let digits = format!("{serial:012}");
    let check = check_digit(digits.bytes().map(|digit| u32::from(digit - b'0')));
    format!("{digits}{check}").parse().expect("digits are a code")
}

/// The serial of a number, when its check digit is right.
pub fn serial(number: &Code) -> Option<u64> {
    let (digits, check) = number.as_str().split_at_checked(12)?;
    let all_digits = number.as_str().bytes().all(|byte| byte.is_ascii_digit());
    let right = check_digit(digits.bytes().map(|digit| u32::from(digit.wrapping_sub(b'0'))));
    if all_digits && check == right.to_string() { digits.parse().ok() } else { None }
}

/// The check digit of ISO/IEC 7064, MOD 11,10: finds every wrong digit and nearly every swap of neighbours.
fn check_digit(digits: impl Iterator<Item = u32>) -> u32 {
    let product = digits.fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers in the wild that carry this check digit: the standard's own example, German tax and VAT
    /// identification numbers as published by the tax office.
    #[test]
    fn the_check_digit_is_that_of_the_standard() {
        for (digits, check) in
            [("0794", 5), ("8609574271", 9), ("4703689281", 6), ("6592997048", 9), ("13669597", 6)]
        {
            let found = check_digit(digits.bytes().map(|digit| u32::from(digit - b'0')));
            assert_eq!(found, check, "{digits}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_read_back_and_a_wrong_digit_is_noticed(
            serial_no in 0..=SERIAL_MAX, place in 0usize..13, wrong in 1u8..10,
        ) {
            let good = number(serial_no);
            prop_assert_eq!(serial(&good), Some(serial_no));
            let mut bytes = good.as_str().as_bytes().to_vec();
            bytes[place] = b'0' + (bytes[place] - b'0' + wrong) % 10;
            let bad: Code = String::from_utf8(bytes).expect("digits").parse().expect("a code");
            prop_assert_eq!(serial(&bad), None);
        }
    }
}
