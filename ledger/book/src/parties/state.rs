//! What is known of parties, persons, keys and licences, and the questions other areas ask of it.

use serde::{Deserialize, Serialize};

use crate::{
    refusal::{Code as RefusalCode, ObjectKind, Refusal},
    registry,
    state::{Objects, Row, Table, View},
    vocabulary::{Code, CommodityNo, Date, Label, PartyId, PartyNo, PersonId, PersonNo, Time},
    wire::{self, List},
};

wire::enumeration! {
    /// What a party may be: one closed list (book.md section 8).
    pub enum Role("granary.parties.v1.Role") {
        /// Runs the chain with the other operators.
        1 => Operator,
        /// Registers parties, persons and keys.
        2 => Registrar,
        /// A node: signs ticks and positions.
        3 => Node,
        /// A cooperative of farmers.
        4 => Cooperative,
        /// A farmer.
        5 => Farmer,
        /// A warehouse operator: the keeper of goods.
        6 => Warehouse,
        /// The gate of a warehouse.
        7 => Gate,
        /// Weighs.
        8 => Weigher,
        /// Takes samples, counts stock.
        9 => Inspector,
        /// Analyses samples.
        10 => Laboratory,
        /// Carries goods.
        11 => Carrier,
        /// Drives for a carrier.
        12 => Driver,
        /// Buys goods.
        13 => Buyer,
        /// Lends.
        14 => Bank,
        /// Guarantees loans.
        15 => Guarantor,
        /// Insures.
        16 => Insurer,
        /// Supervises pledged goods for lenders.
        17 => Supervisor,
        /// Audits.
        18 => Auditor,
        /// Public authority over the trade.
        19 => Regulator,
        /// A court.
        20 => Court,
        /// Publishes prices.
        21 => PriceSource,
    }
}

impl Role {
    /// The role's name in the facts of a refusal and in the authority table as printed.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Operator => "operator",
            Role::Registrar => "registrar",
            Role::Node => "node",
            Role::Cooperative => "cooperative",
            Role::Farmer => "farmer",
            Role::Warehouse => "warehouse",
            Role::Gate => "gate",
            Role::Weigher => "weigher",
            Role::Inspector => "inspector",
            Role::Laboratory => "laboratory",
            Role::Carrier => "carrier",
            Role::Driver => "driver",
            Role::Buyer => "buyer",
            Role::Bank => "bank",
            Role::Guarantor => "guarantor",
            Role::Insurer => "insurer",
            Role::Supervisor => "supervisor",
            Role::Auditor => "auditor",
            Role::Regulator => "regulator",
            Role::Court => "court",
            Role::PriceSource => "price-source",
        }
    }
}

wire::enumeration! {
    /// What a key may be used for; one key, one purpose (access.md section 0).
    pub enum Purpose("granary.parties.v1.Purpose") {
        /// Signs statements.
        1 => Statement,
        /// Signs access tokens.
        2 => Access,
        /// Identifies a transport.
        3 => Transport,
        /// Signs checkpoints.
        4 => Log,
        /// Replaces lost keys.
        5 => Recovery,
        /// Cosigns checkpoints.
        6 => Witness,
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Roles(u32);

impl Roles {
    /// The set of the roles listed.
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |set, role| set | 1 << role.number()))
    }

    /// Whether a role is in the set.
    pub const fn has(self, role: Role) -> bool {
        self.0 & 1 << role.number() != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Roles) -> Self {
        Self(self.0 | other.0)
    }

    /// The roles, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.has(*role))
    }
}

/// Whether a party takes part at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartyStatus {
    /// It does.
    Active,
    /// It may not act; what it holds stays its own.
    Suspended,
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its id.
    pub id: PartyId,
    /// The legal entity's public name.
    pub name: Label,
    /// What it may be.
    pub roles: Roles,
    /// Whether it takes part.
    pub status: PartyStatus,
    /// Parties with one beneficial owner carry the same code (INV-60, INV-63).
    pub owner_group: Option<Code>,
    /// Made by an importer that keeps its service key.
    pub custodial: bool,
}

/// A person who acts for a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// For whom the person acts.
    pub party: PartyNo,
    /// Until the person's end is recorded.
    pub active: bool,
}

/// Who holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// A person: may be maker or checker.
    Person(PersonNo),
    /// A service: may make, never check.
    Service,
}

/// A registered key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Whose key.
    pub party: PartyNo,
    /// Held by whom.
    pub holder: Holder,
    /// For what.
    pub purpose: Purpose,
    /// First index at which it counts.
    pub from_index: u64,
    /// First index at which it no longer counts.
    pub to_index: Option<u64>,
}

impl KeyRecord {
    /// Whether the key counts at an index.
    pub fn counts_at(&self, index: u64) -> bool {
        self.from_index <= index && self.to_index.is_none_or(|to| index < to)
    }
}

/// A licence to keep goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// The authority's number for it.
    pub number: Code,
    /// Commodities it allows; empty: all.
    pub commodities: List<Code, 0, 64>,
    /// Last day, in UTC.
    pub valid_until: Date,
    /// In force until it lapses or is revoked.
    pub in_force: bool,
}

/// What falls due with parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deadline {
    /// A licence runs out.
    LicenceEnds {
        /// The licensed warehouse.
        party: PartyNo,
        /// Which licence: a renewal has another number.
        number: Code,
    },
}

/// Parties.
pub const PARTIES: Objects<PartyId, PartyNo, Party> =
    Objects::new(registry::PARTY_IDS, registry::PARTIES);
/// Persons.
pub const PERSONS: Objects<PersonId, PersonNo, Person> =
    Objects::new(registry::PERSON_IDS, registry::PERSONS);
/// Keys by suite and key id.
pub const KEYS: Table<(u8, [u8; 32]), KeyRecord> = Table::new(registry::KEYS);
/// The licence of a warehouse.
pub const LICENCES: Table<PartyNo, Licence> = Table::new(registry::LICENCES);

/// The party with an id.
///
/// # Errors
///
/// `NOT_FOUND`.
pub fn find(view: &View<'_>, id: PartyId) -> Result<Row<PartyNo, Party>, Refusal> {
    PARTIES.find(view, &id).ok_or_else(|| Refusal::not_found(ObjectKind::Party, id))
}

/// The party with an id, if it takes part and holds one of `roles` (empty: any).
///
/// # Errors
///
/// `NOT_FOUND`, `PARTY_INACTIVE`, `NOT_AUTHORISED` with the first role wanted.
pub fn active(
    view: &View<'_>,
    id: PartyId,
    roles: &[Role],
) -> Result<Row<PartyNo, Party>, Refusal> {
    let row = find(view, id)?;
    if row.value.status != PartyStatus::Active {
        return Err(Refusal::new(RefusalCode::PartyInactive).subject(ObjectKind::Party, id));
    }
    if roles.is_empty() || roles.iter().any(|role| row.value.roles.has(*role)) {
        return Ok(row);
    }
    let wanted = roles.first().map_or("", |role| role.name());
    Err(Refusal::new(RefusalCode::NotAuthorised).subject(ObjectKind::Party, id).required(wanted))
}

/// Whether a party is active.
///
/// # Errors
///
/// `PARTY_INACTIVE`.
pub fn require_active(view: &View<'_>, no: PartyNo) -> Result<(), Refusal> {
    match PARTIES.get(view, no) {
        Some(party) if party.status == PartyStatus::Active => Ok(()),
        Some(party) => {
            Err(Refusal::new(RefusalCode::PartyInactive).subject(ObjectKind::Party, party.id))
        }
        None => Err(RefusalCode::PartyInactive.into()),
    }
}

/// Whether a party holds one of `roles`.
pub fn has_role(view: &View<'_>, no: PartyNo, roles: &[Role]) -> bool {
    !roles.is_empty()
        && PARTIES.get(view, no).is_some_and(|party| roles.iter().any(|r| party.roles.has(*r)))
}

/// The id of a party, for events.
pub fn id_of(view: &View<'_>, no: PartyNo) -> Option<PartyId> {
    PARTIES.get(view, no).map(|party| party.id)
}

/// Whether two parties are one or have one beneficial owner.
pub fn related(view: &View<'_>, a: PartyNo, b: PartyNo) -> bool {
    let group = |no| PARTIES.get(view, no).and_then(|party| party.owner_group);
    a == b || group(a).is_some_and(|a| group(b) == Some(a))
}

/// Whether a warehouse has a licence in force for a commodity.
///
/// # Errors
///
/// `WAREHOUSE_NOT_LICENSED`.
pub fn require_licence(
    view: &View<'_>,
    warehouse: PartyNo,
    commodity: CommodityNo,
    now: Time,
) -> Result<(), Refusal> {
    let code = crate::registries::COMMODITIES.get(view, commodity).map(|commodity| commodity.code);
    let allowed = LICENCES.get(view, &warehouse).is_some_and(|licence| {
        let covers = |code| licence.commodities.is_empty() || licence.commodities.contains(&code);
        licence.in_force && now.date_at(0) <= licence.valid_until && code.is_some_and(covers)
    });
    if allowed {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::WarehouseNotLicensed);
    Err(match id_of(view, warehouse) {
        Some(id) => refusal.subject(ObjectKind::Party, id),
        None => refusal,
    })
}
