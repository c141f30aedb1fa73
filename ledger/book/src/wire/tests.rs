//! What a body may look like.

use super::{Message, Problem, put_bytes, put_varint};
use crate::{
    parties::{RegisterParty, Role},
    registries::SetCalendar,
    vocabulary::Date,
};

/// A party's registration with its roles as `roles` writes them.
fn registration(roles: impl FnOnce(&mut Vec<u8>)) -> Result<Vec<Role>, Vec<(String, Problem)>> {
    let mut body = Vec::new();
    put_bytes(1, "First Warehouse".as_bytes(), &mut body);
    roles(&mut body);
    match RegisterParty::decode(&body) {
        Ok(party) => Ok(party.roles.to_vec()),
        Err(bad) => Err(bad.as_slice().iter().map(|v| (v.path.clone(), v.problem)).collect()),
    }
}

#[test]
fn a_list_of_numbers_means_the_same_packed_or_one_by_one() {
    let expected = Ok(vec![Role::Warehouse, Role::Weigher]);
    let one_by_one = registration(|body| {
        put_varint(2, 6, body);
        put_varint(2, 8, body);
    });
    assert_eq!(one_by_one, expected);
    assert_eq!(registration(|body| put_bytes(2, &[6, 8], body)), expected);
    let both = registration(|body| {
        put_varint(2, 6, body);
        put_bytes(2, &[8], body);
    });
    assert_eq!(both, expected);
}

#[test]
fn a_packed_list_is_checked_member_by_member() {
    let path = |text: &str| text.to_owned();
    for (packed, expected) in [
        (
            vec![6, 99, 0],
            vec![
                (path("roles[1]"), Problem::UnknownValue),
                (path("roles[2]"), Problem::UnknownValue),
            ],
        ),
        (vec![6, 0x80], vec![(path("roles"), Problem::Truncated)]),
        (vec![6; 1_000], vec![(path("roles"), Problem::WrongCount)]),
        (vec![], vec![(path("roles"), Problem::WrongCount)]),
    ] {
        let found = registration(|body| put_bytes(2, &packed, body));
        assert_eq!(found, Err(expected), "{packed:?}");
    }
}

#[test]
fn packed_dates_read_as_their_calendar() {
    let mut body = Vec::new();
    put_bytes(1, b"CN", &mut body);
    put_varint(3, 0b110_0000, &mut body);
    // 1970-01-02, 1969-12-31 and 1970-03-12, in zigzag.
    put_bytes(4, &[2, 1, 0x8c, 0x01], &mut body);
    let calendar = SetCalendar::decode(&body).expect("a calendar");
    let dates: Vec<String> = calendar.holidays.iter().map(Date::to_string).collect();
    assert_eq!(dates, ["1970-01-02", "1969-12-31", "1970-03-12"]);
}
