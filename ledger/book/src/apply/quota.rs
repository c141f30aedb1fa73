//! How much a principal may leave on the chain by being refused (access.md section 6).

use super::Deciding;
use crate::{
    registries, registry,
    state::{Table, View},
    vocabulary::{Date, Id, PartyId},
};

/// Bytes of refused statements by principal and UTC day of book time.
const REFUSED: Table<(PartyId, Date), u64> = Table::new(registry::REFUSED_BYTES);

/// Counts a refused statement whose signatures were good; true when it passes the principal's quota, and
/// then it is not counted.
pub(super) fn is_exceeded(view: &mut View<'_>, moment: &Deciding<'_>) -> bool {
    let key = (PartyId::from_bytes(moment.statement.principal), moment.stamp.time.date_at(0));
    let counted = REFUSED.get(view, &key).unwrap_or(0);
    let total = counted.saturating_add(moment.statement.encoded_len() as u64);
    if total > registries::profile(view).refused_bytes_per_day {
        return true;
    }
    REFUSED.put(view, &key, &total);
    false
}
