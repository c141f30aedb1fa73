mod lots;
mod pages;
mod receipts;

use granary_book::{
    goods::{Accounts, LOTS, Lot, OwnershipClass, Stage},
    state::{Row, View},
    vocabulary::{CommodityNo, LotNo, No, PartyNo, Unit},
};
use granary_runtime::testing::{self, Chain};
use tonic::Status;

/// Numbers of the parties in [`chain`].
const WAREHOUSE: u8 = 1;
const FARMER: u8 = 2;
const TRADER: u8 = 3;

/// What the tests' lots refer to.
struct Ground {
    warehouse: PartyNo,
    farmer: PartyNo,
    trader: PartyNo,
    garlic: CommodityNo,
}

fn ground(chain: &mut Chain) -> Ground {
    chain.entry(vec![], |view| Ground {
        warehouse: testing::party(view, WAREHOUSE),
        farmer: testing::party(view, FARMER),
        trader: testing::party(view, TRADER),
        garlic: testing::commodity(view, "GARLIC"),
    })
}

fn chain() -> (Chain, Ground) {
    let mut chain = Chain::new(crate::TABLES, crate::lists());
    let ground = ground(&mut chain);
    (chain, ground)
}

/// A farmer's lot that is to come.
fn announced(ground: &Ground, number: u8) -> Lot {
    Lot {
        id: testing::id(number),
        depositor: ground.farmer,
        owner: ground.farmer,
        warehouse: ground.warehouse,
        commodity: ground.garlic,
        ownership: OwnershipClass::Own,
        not_graded: false,
        accounts: Accounts::empty(Unit::Gram),
        stage: Stage::Announced,
    }
}

fn add_lot(view: &mut View<'_>, lot: &Lot) -> LotNo {
    LOTS.insert(view, &lot.id, lot).expect("a new lot")
}

fn change_lot(view: &mut View<'_>, no: LotNo, change: impl FnOnce(&mut Lot)) {
    let mut value = LOTS.get(view, no).expect("a lot");
    change(&mut value);
    LOTS.put(view, &Row { no, value });
}

/// The text form of a party's id.
fn party(number: u8) -> String {
    testing::id::<granary_book::vocabulary::PartyId>(number).to_string()
}

fn lot_id(number: u8) -> String {
    testing::id::<granary_book::vocabulary::LotId>(number).to_string()
}

/// Code and message of a refusal.
fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> (tonic::Code, String) {
    let status = result.expect_err("is refused");
    (status.code(), status.message().to_owned())
}
