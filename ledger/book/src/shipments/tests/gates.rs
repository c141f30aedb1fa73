//! What is loaded from a warehouse is what left by its gate.

use super::loading::{lot, of};
use crate::{
    orders::tests::trade::{Trade, code, garlic, grams, planned},
    receipts::{GATE_OUTS, RecordGateOut, tests::house::House},
    refusal::Code,
    registries,
    shipments::{LoadedLot, PlanShipment},
    vocabulary::{PartyId, ShipmentId},
};

/// A house whose depositor sells to a buyer; goods left by its gate under ticket G-1.
struct Store {
    trade: Trade,
    keeper: PartyId,
}

impl Store {
    fn new(left: u64) -> Self {
        let mut house = House::new();
        let receipt = house.issued(1_000_000);
        let order = house.surrendered(receipt);
        let gate_out = RecordGateOut {
            order,
            ticket: code("G-1"),
            quantity: grams(left),
            collector: code("C-1"),
            occurred_at_ms: house.world().now,
        };
        let keeper = house.keeper();
        house.by_two(keeper, gate_out).expect("accepted");
        let (buyer, seller) = (house.buyer, house.depositor());
        Self { trade: Trade::within(house.yard.world, buyer, seller), keeper }
    }

    /// A shipment from the store for an order of so much.
    fn planned(&mut self, amount: u64) -> ShipmentId {
        let order = self.trade.agreed(&[garlic(amount)]);
        let plain = self.trade.plain_plan(order, &[(1, amount)]);
        let plan = PlanShipment { from_warehouse: Some(self.keeper), ..plain };
        planned(&self.trade.ship(self.trade.seller, plan).expect("accepted"))
    }

    fn load(&mut self, shipment: ShipmentId, lots: &[LoadedLot]) -> Result<(), Code> {
        let plain = self.trade.loading(shipment, &[(1, 1)]);
        let said = self.trade.ship(self.trade.seller, of(&plain, lots));
        said.map(drop).map_err(|refusal| refusal.code)
    }
}

#[test]
fn what_is_loaded_from_a_warehouse_left_by_its_gate_under_that_ticket() {
    let mut store = Store::new(400_000);
    let shipment = store.planned(400_000);
    for lots in [[lot(1, "G-2", 400_000)], [lot(1, "G-1", 399_999)], [lot(1, "G-1", 400_001)]] {
        assert_eq!(store.load(shipment, &lots), Err(Code::NoReleaseOrder), "{lots:?}");
    }
    store.load(shipment, &[lot(1, "G-1", 400_000)]).expect("accepted");
    let keeper = crate::parties::find(&store.trade.world.view, store.keeper).expect("known").no;
    let gate_out = GATE_OUTS.get(&store.trade.world.view, &(keeper, registries::key(&code("G-1"))));
    assert_eq!(gate_out.expect("left").matched, Some(shipment));
    store.trade.check();
}

#[test]
fn goods_leave_a_warehouse_for_one_shipment() {
    let mut store = Store::new(400_000);
    let (first, second) = (store.planned(400_000), store.planned(400_000));
    store.load(first, &[lot(1, "G-1", 400_000)]).expect("accepted");
    let again = store.load(second, &[lot(1, "G-1", 400_000)]);
    assert_eq!(again, Err(Code::NoReleaseOrder));
}

#[test]
fn goods_that_left_for_another_are_not_loaded_as_ones_own() {
    let mut store = Store::new(400_000);
    store.trade.seller = store.trade.world.party(8, &[crate::parties::Role::Cooperative]);
    let shipment = store.planned(400_000);
    let others = store.load(shipment, &[lot(1, "G-1", 400_000)]);
    assert_eq!(others, Err(Code::NoReleaseOrder));
}
