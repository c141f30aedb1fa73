//! Writes what happened to goods.

use super::{
    Account, Accounts, Assay, DepositAnnounced, Event, LOTS, Lot, LotGraded, LotStored, LotWeighed,
    Posting, SCALES, STORES, Scale, Stage, Storage, Store, StoreRegistered, post,
};
use crate::{
    at::Stamp,
    names,
    parties::PARTIES,
    registries::{self, COMMODITIES},
    state::{BrokenHistory, View},
    vocabulary::{LotId, PartyId, PartyNo},
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there, or can't follow the lot's stage.
pub fn evolve(view: &mut View<'_>, event: &Event, _: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::ScaleRegistered(event) => {
            let key = (number(view, event.owner)?, registries::key(&event.scale));
            SCALES.put(view, &key, &Scale { calibrated_until: event.calibrated_until });
            Ok(())
        }
        Event::StoreRegistered(event) => register_store(view, event),
        Event::DepositAnnounced(event) => announce(view, event),
        Event::GoodsArrived(event) => advance(view, event.lot, |stage| match stage {
            Stage::Announced => Some(Stage::Arrived),
            _ => None,
        }),
        Event::LotWeighed(event) => weigh(view, event),
        Event::SampleTaken(event) => {
            let inspector = number(view, event.inspector)?;
            advance(view, event.lot, |stage| match stage {
                Stage::Weighed { net } => Some(Stage::Sampled { net: *net, inspector }),
                _ => None,
            })
        }
        Event::LotGraded(event) => grade(view, event),
        Event::DepositRefused(event) => advance(view, event.lot, |_| Some(Stage::Refused)),
        Event::LotStored(event) => store(view, event),
        // The depositor's evidence; nothing in the state follows from it.
        Event::DepositSlipIssued(_) => Ok(()),
        Event::InsuranceRenewed(event) => advance(view, event.lot, |stage| match stage {
            Stage::Stored(storage) => Some(Stage::Stored(Storage {
                insured_until: event.insurance.until,
                ..storage.clone()
            })),
            _ => None,
        }),
    }
}

fn number(view: &View<'_>, party: PartyId) -> Result<PartyNo, BrokenHistory> {
    PARTIES.no(view, &party).ok_or(BrokenHistory("an event names no party"))
}

/// Takes a lot to the stage that follows from the one it is in.
fn advance(
    view: &mut View<'_>,
    lot: LotId,
    next: impl FnOnce(&Stage) -> Option<Stage>,
) -> Result<(), BrokenHistory> {
    let advanced = LOTS.update(view, &lot, |lot| {
        lot.stage =
            next(&lot.stage).ok_or(BrokenHistory("an event can't follow its lot's stage"))?;
        Ok(())
    });
    advanced.map(drop)
}

fn register_store(view: &mut View<'_>, event: &StoreRegistered) -> Result<(), BrokenHistory> {
    let key = (number(view, event.warehouse)?, registries::key(&event.store));
    let held = STORES.get(view, &key).map_or(0, |store| store.held);
    STORES.put(view, &key, &Store { capacity: event.capacity, held });
    Ok(())
}

fn announce(view: &mut View<'_>, event: &DepositAnnounced) -> Result<(), BrokenHistory> {
    let commodity = COMMODITIES
        .no(view, &registries::key(&event.commodity))
        .ok_or(BrokenHistory("an event names no commodity"))?;
    let lot = Lot {
        id: event.lot,
        depositor: number(view, event.depositor)?,
        owner: number(view, event.owner)?,
        warehouse: number(view, event.warehouse)?,
        commodity,
        ownership: event.ownership,
        not_graded: event.not_graded,
        accounts: Accounts::empty(event.quantity.unit()),
        stage: Stage::Announced,
    };
    LOTS.insert(view, &event.lot, &lot).map(drop)
}

fn weigh(view: &mut View<'_>, event: &LotWeighed) -> Result<(), BrokenHistory> {
    let scale_owner = number(view, event.scale_owner)?;
    names::take(view, names::Space::WeighTicket, scale_owner, &event.ticket);
    advance(view, event.lot, |stage| match stage {
        Stage::Arrived => Some(Stage::Weighed { net: event.net }),
        _ => None,
    })
}

fn grade(view: &mut View<'_>, event: &LotGraded) -> Result<(), BrokenHistory> {
    advance(view, event.lot, |stage| match stage {
        Stage::Sampled { net, inspector } => {
            let assay = Assay {
                grade: event.grade.clone(),
                assayed_at: event.occurred_at_ms,
                inspector: *inspector,
            };
            Some(Stage::Graded { net: *net, assay })
        }
        _ => None,
    })
}

fn store(view: &mut View<'_>, event: &LotStored) -> Result<(), BrokenHistory> {
    let no = LOTS.update(view, &event.lot, |lot| {
        let Stage::Graded { assay, .. } = &lot.stage else {
            return Err(BrokenHistory("a lot is stored that isn't graded"));
        };
        lot.stage = Stage::Stored(Storage {
            store: event.store.clone(),
            assay: assay.clone(),
            insured_until: event.insurance.until,
            commingling: event.commingling,
        });
        lot.ownership = event.ownership;
        Ok(())
    })?;
    let received =
        Posting { from: Account::Received, to: Account::Unreceipted, quantity: event.quantity };
    post(view, no, &[received])
}
