//! From a registered commodity to an issued receipt.

use granary_book::{
    goods::{
        AcceptToStore, AnnounceDeposit, Commingling, Insurance, OwnershipClass, RecordArrival,
        RecordAssay, RecordWeight, RegisterScale, RegisterStore, Seal, TakeSample,
    },
    parties::{GrantLicence, Role},
    receipts::{AcceptReceipt, AllotNumbers, DraftReceipt, ReceiptKind, SignReceipt},
    registries::{Grade, SetCommodity},
    vocabulary::{Code, Date, Digest, LotId, Ppm, Quantity, ReceiptId, Unit},
    wire::List,
};

use crate::{Actor, World};

/// Tare of the lorry that every lot comes in, in grams.
const TARE_G: u64 = 9_000_000;
/// Room in the warehouse's one store, in grams.
const CAPACITY_G: u64 = 1_000_000_000_000;
/// How long licence, calibration, insurance and receipts run from the day the trade opened.
const YEAR_DAYS: u32 = 365;

/// A code of the book.
///
/// # Panics
///
/// It can't be one.
pub fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

/// Those who take part in a deposit.
pub struct Trade {
    /// Brings the goods: two persons.
    pub cooperative: Actor,
    /// Keeps them: two persons.
    pub warehouse: Actor,
    /// Until when everything is licensed, insured and valid.
    pub until: Date,
    inspector: Actor,
    laboratory: Actor,
    insurer: Actor,
    commodity: Code,
    tickets: u32,
}

impl Trade {
    /// Registers everybody, and the commodity, counted in grams and of one grade.
    pub async fn open(world: &mut World, commodity: &str) -> Self {
        let trade = Self {
            cooperative: world.actor("Cooperative", Role::Cooperative, 2).await,
            warehouse: world.actor("Warehouse", Role::Warehouse, 2).await,
            until: world.now().date_at(0).plus_days(YEAR_DAYS),
            inspector: world.actor("Inspector", Role::Inspector, 1).await,
            laboratory: world.actor("Laboratory", Role::Laboratory, 1).await,
            insurer: world.actor("Insurer", Role::Insurer, 1).await,
            commodity: code(commodity),
            tickets: 0,
        };
        trade.license(world).await;
        trade
    }

    async fn license(&self, world: &mut World) {
        let (registrar, warehouse) = (world.registrar.clone(), &self.warehouse);
        let any = Grade { code: code("A"), limits: List::empty() };
        let commodity = SetCommodity {
            code: self.commodity.clone(),
            name: self.commodity.as_str().parse().expect("a code is a label"),
            unit: Unit::Gram,
            grades: List::new(vec![any]).expect("one grade"),
            shrink_allowance_ppm: Ppm::new(20_000),
        };
        world.tell(&registrar, &commodity).await;
        let licence = GrantLicence {
            party: warehouse.party,
            number: code("L-1"),
            commodities: List::empty(),
            valid_until: self.until,
        };
        world.tell(&registrar, &licence).await;
        let numbers = AllotNumbers { keeper: warehouse.party, first: 1, last: 100_000 };
        world.tell(&registrar, &numbers).await;
        let store = RegisterStore { store: code("S-1"), capacity: grams(CAPACITY_G) };
        world.tell(warehouse, &store).await;
        let scale = RegisterScale {
            scale: code("B-1"),
            calibrated_until: self.until,
            certificate: Digest([7; 32]),
        };
        world.tell(warehouse, &scale).await;
    }

    /// So many grams, announced, brought, weighed, graded and in store.
    pub async fn lot(&mut self, world: &mut World, net_g: u64) -> LotId {
        let announce = AnnounceDeposit {
            warehouse: self.warehouse.party,
            commodity: self.commodity.clone(),
            quantity: grams(net_g),
            owner: None,
            ownership: OwnershipClass::Own,
            not_graded: false,
            crop_year: None,
            origin: Some(code("FIELD-9")),
        };
        let lot = world.tell(&self.cooperative, &announce).await.id();
        let arrival = RecordArrival {
            lot,
            carriage: Digest([1; 32]),
            seal: Seal::Intact,
            shipment: None,
            occurred_at_ms: world.now(),
        };
        world.tell(&self.warehouse, &arrival).await;
        self.tickets += 1;
        let weight = RecordWeight {
            lot,
            scale_owner: self.warehouse.party,
            scale: code("B-1"),
            ticket: code(&format!("T-{}", self.tickets)),
            gross: grams(net_g + TARE_G),
            tare: grams(TARE_G),
            occurred_at_ms: world.now(),
        };
        world.tell(&self.warehouse, &weight).await;
        self.grade_and_store(world, lot).await;
        lot
    }

    async fn grade_and_store(&self, world: &mut World, lot: LotId) {
        let sample = TakeSample { lot, sample: code("SEAL-7"), occurred_at_ms: world.now() };
        world.tell(&self.inspector, &sample).await;
        let assay = RecordAssay {
            lot,
            method: code("GB/T-5009"),
            values: List::empty(),
            grade: None,
            occurred_at_ms: world.now(),
        };
        world.tell(&self.laboratory, &assay).await;
        let insurer = self.insurer.party;
        let store = AcceptToStore {
            lot,
            store: code("S-1"),
            insurance: Some(Insurance { insurer, policy: code("P-1"), until: self.until }),
            commingling: Commingling::Segregated,
            ownership: OwnershipClass::Own,
        };
        world.tell(&self.warehouse, &store).await;
    }

    /// A receipt for a whole lot of its own: drafted, signed by another person, accepted.
    pub async fn receipt(&mut self, world: &mut World, net_g: u64) -> ReceiptId {
        let draft = DraftReceipt {
            lot: self.lot(world, net_g).await,
            kind: ReceiptKind::Negotiable,
            quantity: grams(net_g),
            valid_until: self.until,
            declared_value: None,
            particulars: None,
        };
        let keeper = &self.warehouse;
        let receipt = world.tell(keeper, &draft).await.id();
        let sign = SignReceipt { receipt, number: None };
        world.tell_by(keeper, &[keeper.person(2)], &sign).await;
        world.tell(&self.cooperative, &AcceptReceipt { receipt }).await;
        receipt
    }
}

const fn grams(amount: u64) -> Quantity {
    Quantity::new(amount, Unit::Gram)
}
