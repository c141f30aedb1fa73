//! The events that name an object.

use granary_book::state::Base;
use granary_proto::{audit::v1 as pb, statement::v1::HistoryLine};
use granary_runtime::{layers::Snapshot, projection, status::BadRequest};
use tonic::Status;

/// Most lines of one answer.
const LINES_MAX: usize = 1_000;

/// An object's history as of a snapshot.
///
/// # Errors
///
/// `INVALID_ARGUMENT` when the id is none. An object that no event names has no lines.
pub(crate) fn of(snapshot: &Snapshot<'_>, id: &str) -> Result<pb::History, Status> {
    let mut bad = BadRequest::default();
    let Some((prefix, bytes)) = bad.take("id", parse(id)) else { return Err(bad.into()) };
    lines(snapshot, prefix, &bytes, snapshot.as_of_index())
}

fn lines(
    state: &dyn Base,
    prefix: &str,
    id: &[u8; 16],
    as_of_index: u64,
) -> Result<pb::History, Status> {
    let mut found = projection::history(state, prefix, id, LINES_MAX + 1);
    let more = found.len() > LINES_MAX;
    found.truncate(LINES_MAX);
    let line = |line: projection::HistoryLine| HistoryLine {
        index: line.index,
        event: u32::from(line.number),
        type_name: line.type_name,
    };
    Ok(pb::History { lines: found.into_iter().map(line).collect(), more, as_of_index })
}

/// The prefix and the 16 bytes of any kind of id.
fn parse(id: &str) -> Result<(&str, [u8; 16]), String> {
    let (prefix, _) = id.split_once('_').unwrap_or((id, ""));
    let is_prefix = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_lowercase());
    let prefix = if is_prefix { prefix } else { "wr" };
    granary_runtime::typed::parse_id(id, prefix).map(|bytes| (prefix, bytes))
}
