//! What must hold of all pledges and receipts after every event (domain.md section 6.10).

use super::{PLEDGES, members};
use crate::{
    receipts::{Encumbrance, RECEIPTS},
    registries,
    state::View,
};

/// Whatever is wrong, in words; nothing is, on any history that the book made.
pub(crate) fn broken(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for pledge in PLEDGES.scan(view, None, usize::MAX) {
        let stage = pledge.value.stage;
        for no in members(view, pledge.no) {
            let receipt = RECEIPTS.get(view, no).expect("a receipt");
            // INV-21, from the pledge: what it holds says so.
            let agrees = match receipt.encumbrance {
                Encumbrance::Reserved { pledge: by, until, .. } => {
                    by != pledge.value.id || stage.until() == Some(until)
                }
                Encumbrance::Pledged { pledge: by, since, .. } => {
                    by != pledge.value.id || stage.since() == Some(since)
                }
                _ => true,
            };
            let holds = stage.until().is_some() || stage.since().is_some();
            if !agrees || holds && receipt.encumbrance.pledge() != Some(pledge.value.id) {
                found.push(format!("{} and {} disagree", pledge.value.id, receipt.id));
            }
        }
        // INV-24: none in force without the keeper's word, nor without the registration asked for.
        let filed = super::registration(view, pledge.no).is_some();
        if registries::profile(view).external_registration && stage.since().is_some() && !filed {
            found.push(format!("{} is in force unregistered", pledge.value.id));
        }
    }
    // INV-20 and INV-21, from the receipt: one pledge holds it at most, and counts it among its own.
    for receipt in RECEIPTS.scan(view, None, usize::MAX) {
        let Some(by) = receipt.value.encumbrance.pledge() else { continue };
        let no = PLEDGES.no(view, &by).expect("a pledge");
        if !members(view, no).contains(&receipt.no) {
            found.push(format!("{} does not know {}", by, receipt.value.id));
        }
    }
    found
}
