//! Parties, the lot, the receipt.

use anyhow::Context as _;
use granary_book::{
    goods::{
        AcceptToStore, AnnounceDeposit, AssayValue, Commingling, Insurance, OwnershipClass,
        RecordArrival, RecordAssay, RecordWeight, RegisterScale, RegisterStore, Seal, TakeSample,
    },
    parties::{GrantLicence, Role},
    receipts::{AcceptReceipt, AllotNumbers, DraftReceipt, ReceiptKind, SignReceipt},
    registries::{AssayLimit, Grade, SetCalendar, SetCommodity, SetPriceFeed},
    vocabulary::{Currency, Date, Digest, LotId, Millis, Ppm, Quantity, ReceiptId, Unit},
    wire::List,
};
use granary_log::hash::sha256;

use super::{stage::Stage, tell::Teller};

/// What the story's lot weighs net: 20 tonnes.
pub(super) const LOT_G: u64 = 20_000_000;
/// The truck.
const TARE_G: u64 = 12_000_000;

pub(super) fn grams(amount: u64) -> Quantity {
    Quantity::new(amount, Unit::Gram)
}

pub(super) fn digest(of: &str) -> Digest {
    Digest(sha256(of.as_bytes()).0)
}

/// Registers everybody, and what the registries need.
pub(super) async fn cast(stage: &mut Stage, teller: &Teller) -> anyhow::Result<()> {
    let registrar = stage.registrar();
    let cast: [(&str, &str, &[Role], usize); 9] = [
        ("cooperative", "Three Rivers Garlic Cooperative", &[Role::Cooperative], 1),
        ("warehouse", "Cold Spring Warehouse", &[Role::Warehouse, Role::Gate, Role::Weigher], 2),
        ("institute", "Basin Inspection Institute", &[Role::Inspector, Role::Laboratory], 1),
        ("carrier", "Long Road Logistics", &[Role::Carrier], 1),
        ("buyer", "Harbour Foods", &[Role::Buyer], 1),
        ("bank", "First Valley Bank", &[Role::Bank], 2),
        ("rival", "Second Ridge Bank", &[Role::Bank], 2),
        ("insurer", "Steady Mutual", &[Role::Insurer], 1),
        ("market", "Basin Wholesale Market", &[Role::PriceSource], 1),
    ];
    for (key, name, roles, persons) in cast {
        let actor = stage.register(key, name, roles, persons).await?;
        let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        teller.aside(&format!("{name} ({}) is {}", roles.join(", "), actor.id))?;
    }
    let market = stage.actor("market")?;
    let warehouse = stage.actor("warehouse")?;
    let commodity = stage.say(&registrar, &garlic()?).await?;
    teller
        .act(&commodity, "The registrar publishes the grade table of garlic: moisture decides.")?;
    let feed = SetPriceFeed {
        code: "GARLIC-BASIN".parse()?,
        source: market.id,
        commodity: "GARLIC".parse()?,
        grade: None,
        place: "BASIN".parse()?,
        currency: Currency::CNY,
        max_age_ms: Millis::days(7),
        max_deviation_ppm: Ppm::new(400_000),
    };
    let feed = stage.say(&registrar, &feed).await?;
    teller.act(&feed, "A price feed: Basin Wholesale Market; older than 7 days is unusable.")?;
    let calendar = SetCalendar {
        code: "CN".parse()?,
        utc_offset_minutes: 480,
        weekend: 0b110_0000,
        holidays: List::new(Vec::new()).context("none")?,
        cutoff_ms: Millis::hours(24),
    };
    stage.say(&registrar, &calendar).await?;
    let licence = GrantLicence {
        party: warehouse.id,
        number: "CSW-2025-17".parse()?,
        commodities: List::new(vec!["GARLIC".parse()?]).context("one")?,
        valid_until: date("2026-12-31")?,
    };
    let licence = stage.say(&registrar, &licence).await?;
    teller.act(&licence, "Cold Spring Warehouse is licensed for garlic until the end of 2026.")?;
    let numbers = AllotNumbers { keeper: warehouse.id, first: 1_000, last: 1_999 };
    stage.say(&registrar, &numbers).await?;
    equip(stage).await
}

/// The warehouse's scale and store.
async fn equip(stage: &mut Stage) -> anyhow::Result<()> {
    let warehouse = stage.actor("warehouse")?;
    let scale = RegisterScale {
        scale: "BRIDGE-1".parse()?,
        calibrated_until: date("2025-12-31")?,
        certificate: digest("calibration certificate of bridge 1"),
    };
    stage.say(&warehouse, &scale).await?;
    let store = RegisterStore { store: "HALL-A".parse()?, capacity: grams(2_000_000_000) };
    stage.say(&warehouse, &store).await?;
    Ok(())
}

fn garlic() -> anyhow::Result<SetCommodity> {
    let grade = |code: &str, moisture_max: u32| -> anyhow::Result<Grade> {
        let limit = AssayLimit { parameter: "moisture_ppm".parse()?, min: 0, max: moisture_max };
        Ok(Grade { code: code.parse()?, limits: List::new(vec![limit]).context("one limit")? })
    };
    Ok(SetCommodity {
        code: "GARLIC".parse()?,
        name: "Garlic, dried bulb".parse()?,
        unit: Unit::Gram,
        grades: List::new(vec![grade("A", 650_000)?, grade("B", 720_000)?])
            .context("two grades")?,
        shrink_allowance_ppm: Ppm::new(20_000),
    })
}

pub(super) fn date(text: &str) -> anyhow::Result<Date> {
    Ok(text.parse()?)
}

/// A truckload of garlic becomes a stored lot.
pub(super) async fn store(stage: &mut Stage, teller: &Teller, n: u32) -> anyhow::Result<LotId> {
    let said = deposit(stage, n).await?;
    for (said, text) in &said.acts {
        teller.act(said, text)?;
    }
    Ok(said.lot)
}

/// The same, without a word.
pub(super) async fn store_quietly(stage: &mut Stage, n: u32) -> anyhow::Result<()> {
    deposit(stage, n).await.map(drop)
}

struct Deposited {
    lot: LotId,
    acts: Vec<(super::stage::Said, &'static str)>,
}

async fn deposit(stage: &mut Stage, n: u32) -> anyhow::Result<Deposited> {
    let cooperative = stage.actor("cooperative")?;
    let warehouse = stage.actor("warehouse")?;
    let institute = stage.actor("institute")?;
    let insurer = stage.actor("insurer")?;
    let mut acts = Vec::new();
    let announce = AnnounceDeposit {
        warehouse: warehouse.id,
        commodity: "GARLIC".parse()?,
        quantity: grams(LOT_G),
        owner: None,
        ownership: OwnershipClass::Own,
        not_graded: false,
        crop_year: Some(2024),
        origin: Some("CN-51".parse()?),
    };
    let said = stage.say(&cooperative, &announce).await?;
    let lot: LotId = said.made(0);
    acts.push((said, "The cooperative announces 20 tonnes of garlic."));
    stage.pass(Millis::hours(2)).await?;
    let arrival = RecordArrival {
        lot,
        carriage: digest("truck and driver, sealed elsewhere"),
        seal: Seal::Intact,
        shipment: None,
        occurred_at_ms: stage.now,
    };
    acts.push((
        stage.say(&warehouse, &arrival).await?,
        "The gate records the arrival; the seal is intact.",
    ));
    let weight = RecordWeight {
        lot,
        scale_owner: warehouse.id,
        scale: "BRIDGE-1".parse()?,
        ticket: format!("W-{n:04}").parse()?,
        gross: grams(LOT_G + TARE_G),
        tare: grams(TARE_G),
        occurred_at_ms: stage.now,
    };
    acts.push((
        stage.say(&warehouse, &weight).await?,
        "Weighed: 32 t gross, 12 t truck, 20 t garlic. The ticket's number counts once.",
    ));
    let sample =
        TakeSample { lot, sample: format!("S-{n:04}").parse()?, occurred_at_ms: stage.now };
    acts.push((
        stage.say(&institute, &sample).await?,
        "An inspector who is neither keeper nor owner takes a sealed sample.",
    ));
    stage.pass(Millis::hours(20)).await?;
    let moisture = AssayValue { parameter: "moisture_ppm".parse()?, value: 631_000 };
    let assay = RecordAssay {
        lot,
        method: "GB-5009.3".parse()?,
        values: List::new(vec![moisture]).context("one value")?,
        grade: Some("A".parse()?),
        occurred_at_ms: stage.now,
    };
    acts.push((
        stage.say(&institute, &assay).await?,
        "63.1% moisture: grade A by the published table, not by anybody's word.",
    ));
    let insurance =
        Insurance { insurer: insurer.id, policy: "SM-881".parse()?, until: date("2026-06-30")? };
    let accept = AcceptToStore {
        lot,
        store: "HALL-A".parse()?,
        insurance: Some(insurance),
        commingling: Commingling::Segregated,
        ownership: OwnershipClass::Own,
    };
    acts.push((
        stage.say(&warehouse, &accept).await?,
        "Stored and insured. So far a slip, not yet a title.",
    ));
    Ok(Deposited { lot, acts })
}

/// The stored lot becomes a warehouse receipt: two persons of the keeper, then the depositor.
pub(super) async fn issue(
    stage: &mut Stage,
    teller: &Teller,
    lot: LotId,
) -> anyhow::Result<ReceiptId> {
    let cooperative = stage.actor("cooperative")?;
    let warehouse = stage.actor("warehouse")?;
    let draft = DraftReceipt {
        lot,
        kind: ReceiptKind::Negotiable,
        quantity: grams(LOT_G),
        valid_until: date("2026-03-31")?,
        declared_value: None,
        particulars: None,
    };
    let said = stage.say(&warehouse, &draft).await?;
    let receipt: ReceiptId = said.made(0);
    teller.act(&said, "A clerk of the warehouse drafts a receipt over all 20 tonnes.")?;
    let too_much = stage.try_to_say(&warehouse, &draft).await?;
    anyhow::ensure!(too_much.refusal().is_some(), "goods were receipted twice");
    teller.refused(&too_much, "The clerk drafts another one over the same goods.")?;
    let signed = stage.say_as_second(&warehouse, &SignReceipt { receipt, number: None }).await?;
    teller.act(
        &signed,
        "Another person of the warehouse signs: nobody issues alone. The book gives the number.",
    )?;
    let accepted = stage.say(&cooperative, &AcceptReceipt { receipt }).await?;
    teller.act(
        &accepted,
        "The cooperative accepts: the receipt is live, and the cooperative holds it.",
    )?;
    teller.aside(&format!("receipt {receipt}"))?;
    Ok(receipt)
}
