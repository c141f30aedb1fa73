//! Pledges, their receipts, checks and registrations.

use serde::{Deserialize, Serialize};

use super::refusal;
use crate::{
    receipts::{self, Publicity},
    refusal::{ObjectKind, Refusal},
    registries, registry,
    state::{Objects, Row, Table, View},
    vocabulary::{Code, Date, Digest, Money, PartyNo, PledgeId, PledgeNo, ReceiptNo, Time},
    wire,
};

/// Most receipts of a pledge when it is proposed: as many as can be set free by one firing of a deadline,
/// which may yield 4,096 bytes (book.md section 1).
pub const MAX_RECEIPTS: usize = 48;

wire::enumeration! {
    /// What a duplicate-finance registry answers (domain.md section 2.3).
    pub enum CheckOutcome("granary.pledges.v1.CheckOutcome") {
        /// Nothing like it is known.
        1 => Clear,
        /// Something like it is known; a person decided that it is something else.
        2 => NearMatch,
        /// It is financed by another.
        3 => Financed,
    }
}

/// How far a pledge has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Receipts are reserved; the pledgee has not accepted.
    Reserved {
        /// It lapses then.
        until: Time,
    },
    /// Accepted; the keeper has not confirmed.
    AwaitingKeeper {
        /// It lapses then.
        until: Time,
    },
    /// Confirmed; the outside registration is missing.
    AwaitingRegistration {
        /// It lapses then.
        until: Time,
        /// The keeper's charges.
        lien: Money,
    },
    /// In force.
    Active {
        /// Its place in the order of priority (INV-23).
        since: Publicity,
        /// The keeper's charges, which rank first.
        lien: Money,
    },
    /// Release is asked for; still in force.
    Releasing {
        /// Its place in the order of priority.
        since: Publicity,
        /// The keeper's charges.
        lien: Money,
    },
    /// Over, its receipts free. Final.
    Released,
    /// Turned down. Final.
    Rejected,
    /// Taken back. Final.
    Withdrawn,
    /// Not active in time. Final.
    Lapsed,
}

impl Stage {
    /// Its name in the facts of a refusal.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Reserved { .. } => "RESERVED",
            Stage::AwaitingKeeper { .. } => "AWAITING_KEEPER",
            Stage::AwaitingRegistration { .. } => "AWAITING_REGISTRATION",
            Stage::Active { .. } => "ACTIVE",
            Stage::Releasing { .. } => "RELEASING",
            Stage::Released => "RELEASED",
            Stage::Rejected => "REJECTED",
            Stage::Withdrawn => "WITHDRAWN",
            Stage::Lapsed => "LAPSED",
        }
    }

    /// When it lapses, while it is not active yet.
    pub const fn until(self) -> Option<Time> {
        match self {
            Stage::Reserved { until }
            | Stage::AwaitingKeeper { until }
            | Stage::AwaitingRegistration { until, .. } => Some(until),
            Stage::Active { .. }
            | Stage::Releasing { .. }
            | Stage::Released
            | Stage::Rejected
            | Stage::Withdrawn
            | Stage::Lapsed => None,
        }
    }

    /// The keeper's charges, while it is in force.
    pub const fn lien(self) -> Option<Money> {
        match self {
            Stage::Active { lien, .. } | Stage::Releasing { lien, .. } => Some(lien),
            Stage::Reserved { .. }
            | Stage::AwaitingKeeper { .. }
            | Stage::AwaitingRegistration { .. }
            | Stage::Released
            | Stage::Rejected
            | Stage::Withdrawn
            | Stage::Lapsed => None,
        }
    }

    /// Its place in the order of priority, while it is in force.
    pub const fn since(self) -> Option<Publicity> {
        match self {
            Stage::Active { since, .. } | Stage::Releasing { since, .. } => Some(since),
            Stage::Reserved { .. }
            | Stage::AwaitingKeeper { .. }
            | Stage::AwaitingRegistration { .. }
            | Stage::Released
            | Stage::Rejected
            | Stage::Withdrawn
            | Stage::Lapsed => None,
        }
    }
}

/// A pledge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pledge {
    /// Its id.
    pub id: PledgeId,
    /// Who pledges.
    pub pledgor: PartyNo,
    /// To whom.
    pub pledgee: PartyNo,
    /// Who keeps the goods.
    pub keeper: PartyNo,
    /// The most it secures (INV-27).
    pub secured_maximum: Money,
    /// When the claim matures.
    pub matures_on: Date,
    /// How far it has come.
    pub stage: Stage,
    /// Claims under it that are not settled: loans requested, running or defaulted.
    pub open_claims: u32,
}

/// The last answer of a duplicate-finance registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateCheck {
    /// What it was.
    pub outcome: CheckOutcome,
    /// When it was given.
    pub checked_at: Time,
    /// Digest of the answer.
    pub evidence: Digest,
}

/// A registration in an outside registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Which registry.
    pub registry: Code,
    /// The registry's number.
    pub number: Code,
    /// Last day of the registration.
    pub expires_on: Date,
}

/// What falls due with pledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deadline {
    /// A pledge that is not active lapses.
    ReservationEnds {
        /// Which.
        pledge: PledgeNo,
    },
}

/// Pledges.
pub const PLEDGES: Objects<PledgeId, PledgeNo, Pledge> =
    Objects::new(registry::PLEDGE_IDS, registry::PLEDGES);
/// The last duplicate check of a pledge.
pub(super) const CHECKS: Table<PledgeNo, DuplicateCheck> =
    Table::new(registry::PLEDGE_DUPLICATE_CHECKS);
/// The outside registration of a pledge.
pub(super) const REGISTRATIONS: Table<PledgeNo, Registration> =
    Table::new(registry::PLEDGE_REGISTRATIONS);

/// The pledge with an id.
///
/// # Errors
///
/// `NOT_FOUND`.
pub fn find(view: &View<'_>, id: PledgeId) -> Result<Row<PledgeNo, Pledge>, Refusal> {
    PLEDGES.find(view, &id).ok_or_else(|| Refusal::not_found(ObjectKind::Pledge, id))
}

/// The receipts that a pledge holds, in order of their numbers: those proposed, or what has become of them
/// by splits; none before and after it holds any.
pub fn members(view: &View<'_>, pledge: PledgeNo) -> Vec<ReceiptNo> {
    PLEDGES.get(view, pledge).map_or_else(Vec::new, |pledge| receipts::of_pledge(view, pledge.id))
}

/// The pledge with an id, if it is in force and no release is asked for.
///
/// # Errors
///
/// `NOT_FOUND`, `INVALID_STATE`.
pub fn require_active(view: &View<'_>, id: PledgeId) -> Result<Row<PledgeNo, Pledge>, Refusal> {
    let row = find(view, id)?;
    match row.value.stage {
        Stage::Active { .. } => Ok(row),
        stage => Err(Refusal::state(ObjectKind::Pledge, id, stage.name())),
    }
}

/// The last answer of a duplicate-finance registry about a pledge, where there is one.
pub fn duplicate_check(view: &View<'_>, pledge: PledgeNo) -> Option<DuplicateCheck> {
    CHECKS.get(view, &pledge)
}

/// The outside registration of a pledge, where there is one.
pub fn registration(view: &View<'_>, pledge: PledgeNo) -> Option<Registration> {
    REGISTRATIONS.get(view, &pledge)
}

/// Whether a pledge's last duplicate check is fresh and found no other financing (P3).
///
/// # Errors
///
/// `CHECK_STALE` when there is none or it is older than the profile allows, `DUPLICATE_FINANCED`.
pub fn require_clear_check(
    view: &View<'_>,
    pledge: &Row<PledgeNo, Pledge>,
    now: Time,
) -> Result<(), Refusal> {
    let id = pledge.value.id;
    let max_age = registries::profile(view).duplicate_check_max_age_ms;
    match CHECKS.get(view, &pledge.no) {
        None => Err(refusal::check_missing(id)),
        Some(check) if now.since(check.checked_at) > max_age => {
            Err(refusal::check_stale(id, max_age, check.checked_at, now))
        }
        Some(check) if check.outcome == CheckOutcome::Financed => {
            Err(refusal::duplicate_financed(id))
        }
        Some(_) => Ok(()),
    }
}
