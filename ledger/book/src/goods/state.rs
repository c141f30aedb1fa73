//! Lots and what their rules look at.

use serde::{Deserialize, Serialize};

use super::{Account, Accounts, Commingling, OwnershipClass, Posting};
use crate::{
    parties,
    refusal::{Code as RefusalCode, ObjectKind, Refusal},
    registries, registry,
    state::{BrokenHistory, Objects, Row, Table, View},
    vocabulary::{Code, CommodityNo, Date, LotId, LotNo, PartyId, PartyNo, Quantity, Time},
};

/// The grade of goods that their depositor wanted stored without grading.
pub const NOT_GRADED: &str = "NOT-GRADED";

/// What a laboratory found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assay {
    /// The grade it comes to by the commodity's published table, or [`NOT_GRADED`].
    pub grade: Code,
    /// When.
    pub assayed_at: Time,
    /// Who took the sample.
    pub inspector: PartyNo,
}

/// How a lot lies in store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// The store of its warehouse that it lies in.
    pub store: Code,
    /// Its assay.
    pub assay: Assay,
    /// Last day of its insurance, in UTC.
    pub insured_until: Date,
    /// Whether it may be mixed with other goods.
    pub commingling: Commingling,
}

/// How far a lot has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Its depositor said that it will come.
    Announced,
    /// It passed the gate.
    Arrived,
    /// It was weighed.
    Weighed {
        /// Its net weight.
        net: Quantity,
    },
    /// A sample was taken.
    Sampled {
        /// Its net weight.
        net: Quantity,
        /// Who took the sample.
        inspector: PartyNo,
    },
    /// Its sample was analysed.
    Graded {
        /// Its net weight.
        net: Quantity,
        /// The result.
        assay: Assay,
    },
    /// It is, or was, in store: its accounts say how much of it is left.
    Stored(Storage),
    /// Its warehouse refused it. Terminal.
    Refused,
}

impl Stage {
    /// The name of the stage in the facts of a refusal.
    pub const fn name(&self) -> &'static str {
        match self {
            Stage::Announced => "ANNOUNCED",
            Stage::Arrived => "ARRIVED",
            Stage::Weighed { .. } => "WEIGHED",
            Stage::Sampled { .. } => "SAMPLED",
            Stage::Graded { .. } => "GRADED",
            Stage::Stored(_) => "STORED",
            Stage::Refused => "REFUSED",
        }
    }
}

/// A lot of physical goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// Who brought it.
    pub depositor: PartyNo,
    /// Whose goods it is made of.
    pub owner: PartyNo,
    /// Who keeps it.
    pub warehouse: PartyNo,
    /// What it is.
    pub commodity: CommodityNo,
    /// In what standing the goods are their owner's.
    pub ownership: OwnershipClass,
    /// Its depositor wants it stored without grading.
    pub not_graded: bool,
    /// How much of it is where.
    pub accounts: Accounts,
    /// How far it has come.
    pub stage: Stage,
}

impl Lot {
    /// Whether everything received has left: nothing may happen to such a lot any more.
    pub fn is_exhausted(&self) -> bool {
        let left = |account| !self.accounts.balance(account).is_zero();
        !self.accounts.balance(Account::Received).is_zero()
            && self.accounts.in_store().is_zero()
            && !left(Account::Impaired)
    }

    /// How it lies in store.
    ///
    /// # Errors
    ///
    /// `INVALID_STATE` when it isn't stored.
    pub fn storage(&self) -> Result<&Storage, Refusal> {
        match &self.stage {
            Stage::Stored(storage) => Ok(storage),
            stage => Err(self.in_another_stage(stage)),
        }
    }

    /// The refusal of an act that this stage doesn't allow.
    pub(super) fn in_another_stage(&self, stage: &Stage) -> Refusal {
        Refusal::state(ObjectKind::Lot, self.id, stage.name())
    }
}

/// A registered scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// Last day of its calibration, in UTC.
    pub calibrated_until: Date,
}

/// A place in a warehouse with room for so much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// What fits into it.
    pub capacity: Quantity,
    /// What lies in it, in the capacity's unit.
    pub held: u64,
}

/// Lots.
pub const LOTS: Objects<LotId, LotNo, Lot> = Objects::new(registry::LOT_IDS, registry::LOTS);
/// Scales by their owner and code.
pub const SCALES: Table<(PartyNo, registries::CodeKey), Scale> = Table::new(registry::SCALES);
/// Stores by their warehouse and code.
pub const STORES: Table<(PartyNo, registries::CodeKey), Store> = Table::new(registry::STORES);

/// The lot with an id.
///
/// # Errors
///
/// `NOT_FOUND`.
pub fn find(view: &View<'_>, id: LotId) -> Result<Row<LotNo, Lot>, Refusal> {
    LOTS.find(view, &id).ok_or_else(|| Refusal::not_found(ObjectKind::Lot, id))
}

/// Posts within a lot, and keeps what its store holds in step with what is in store of the lot.
///
/// # Errors
///
/// A posting doesn't fit the lot: decide should have refused what led to it.
pub(crate) fn post(
    view: &mut View<'_>,
    no: LotNo,
    postings: &[Posting],
) -> Result<(), BrokenHistory> {
    let mut lot = LOTS.get(view, no).ok_or(BrokenHistory("a posting names no lot"))?;
    let before = lot.accounts.in_store().amount();
    for posting in postings {
        lot.accounts.post(posting)?;
    }
    let after = lot.accounts.in_store().amount();
    if let Stage::Stored(storage) = &lot.stage
        && before != after
    {
        let key = (lot.warehouse, registries::key(&storage.store));
        let mut store = STORES.get(view, &key).ok_or(BrokenHistory("a lot lies in no store"))?;
        let held = store.held.checked_sub(before).and_then(|rest| rest.checked_add(after));
        store.held = held.ok_or(BrokenHistory("a store holds less than its lots"))?;
        STORES.put(view, &key, &store);
    }
    LOTS.put(view, &Row { no, value: lot });
    Ok(())
}

/// The id of a party that a value of the state names.
///
/// # Errors
///
/// `NOT_FOUND`: on no state that this book made (the view then knows that it is broken).
pub(crate) fn party_id(view: &View<'_>, no: PartyNo) -> Result<PartyId, Refusal> {
    parties::id_of(view, no).ok_or_else(|| RefusalCode::NotFound.into())
}
