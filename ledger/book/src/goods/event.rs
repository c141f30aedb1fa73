//! What happens to goods.

use super::{AssayValue, Commingling, Fault, Insurance, OwnershipClass, Seal, Treatment};
use crate::{
    vocabulary::{Code, Date, Digest, LotId, PartyId, Quantity, ShipmentId, Time},
    wire::{self, List},
};

wire::message! {
    /// A scale is calibrated.
    pub struct ScaleRegistered("granary.goods.v1.ScaleRegistered") {
        /// Whose.
        1 => owner: PartyId,
        /// Which.
        2 => scale: Code,
        /// Last day of the calibration.
        3 => calibrated_until: Date,
        /// SHA-256 of its certificate.
        4 => certificate: Digest,
    }
}

wire::message! {
    /// A store has this capacity.
    pub struct StoreRegistered("granary.goods.v1.StoreRegistered") {
        /// Whose.
        1 => warehouse: PartyId,
        /// Which.
        2 => store: Code,
        /// What fits into it.
        3 => capacity: Quantity,
    }
}

wire::message! {
    /// A lot is to come.
    pub struct DepositAnnounced("granary.goods.v1.DepositAnnounced") {
        /// Its id.
        1 => lot: LotId,
        /// Who brings it.
        2 => depositor: PartyId,
        /// Whose it is.
        3 => owner: PartyId,
        /// Who is to keep it.
        4 => warehouse: PartyId,
        /// What it is.
        5 => commodity: Code,
        /// About how much.
        6 => quantity: Quantity,
        /// In what standing it is its owner's.
        7 => ownership: OwnershipClass,
        /// Its depositor wants it stored without grading.
        8 => not_graded: bool,
        /// The year of its harvest.
        9 => crop_year: Option<u32>,
        /// Where it grew.
        10 => origin: Option<Code>,
    }
}

wire::message! {
    /// A lot passed the gate.
    pub struct GoodsArrived("granary.goods.v1.GoodsArrived") {
        /// Which lot.
        1 => lot: LotId,
        /// Its warehouse.
        2 => warehouse: PartyId,
        /// Who recorded it.
        3 => gate: PartyId,
        /// Commitment to vehicle, driver and papers.
        4 => carriage: Digest,
        /// How the seal was found.
        5 => seal: Seal,
        /// The shipment that brought it.
        6 => shipment: Option<ShipmentId>,
        /// When.
        7 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// A lot was weighed.
    pub struct LotWeighed("granary.goods.v1.LotWeighed") {
        /// Which lot.
        1 => lot: LotId,
        /// By whom.
        2 => weigher: PartyId,
        /// On whose scale.
        3 => scale_owner: PartyId,
        /// On which scale.
        4 => scale: Code,
        /// The ticket's number.
        5 => ticket: Code,
        /// With vehicle and packing.
        6 => gross: Quantity,
        /// Vehicle and packing alone.
        7 => tare: Quantity,
        /// Gross less tare.
        8 => net: Quantity,
        /// When.
        9 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// A sample of a lot was taken.
    pub struct SampleTaken("granary.goods.v1.SampleTaken") {
        /// Which lot.
        1 => lot: LotId,
        /// By whom.
        2 => inspector: PartyId,
        /// Seal number of the sample retained.
        3 => sample: Code,
        /// When.
        4 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// A lot has a grade.
    pub struct LotGraded("granary.goods.v1.LotGraded") {
        /// Which lot.
        1 => lot: LotId,
        /// By whom.
        2 => laboratory: PartyId,
        /// Who took the sample.
        3 => inspector: PartyId,
        /// By which method.
        4 => method: Code,
        /// What was found.
        5 => values: List<AssayValue, 0, 16>,
        /// The grade, by the commodity's published table; `NOT-GRADED` at the depositor's request.
        6 => grade: Code,
        /// When.
        7 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// A warehouse refused a lot.
    pub struct DepositRefused("granary.goods.v1.DepositRefused") {
        /// Which lot.
        1 => lot: LotId,
        /// Its warehouse.
        2 => warehouse: PartyId,
        /// Why.
        3 => fault: Fault,
        /// What would mend it.
        4 => offer: Option<Treatment>,
    }
}

wire::message! {
    /// A lot is in store: its net weight is received.
    pub struct LotStored("granary.goods.v1.LotStored") {
        /// Which lot.
        1 => lot: LotId,
        /// Its warehouse.
        2 => warehouse: PartyId,
        /// Whose it is.
        3 => owner: PartyId,
        /// In what standing.
        4 => ownership: OwnershipClass,
        /// In which store.
        5 => store: Code,
        /// How much was received.
        6 => quantity: Quantity,
        /// Its grade.
        7 => grade: Code,
        /// Whether it may be mixed.
        8 => commingling: Commingling,
        /// How it is insured.
        9 => insurance: Insurance,
    }
}

wire::message! {
    /// The depositor's slip: evidence of the deposit, not title (Chinese Civil Code art. 908 tells the
    /// two apart).
    pub struct DepositSlipIssued("granary.goods.v1.DepositSlipIssued") {
        /// Of which lot.
        1 => lot: LotId,
        /// To whom.
        2 => depositor: PartyId,
        /// By whom.
        3 => warehouse: PartyId,
        /// What was deposited.
        4 => commodity: Code,
        /// Of which grade.
        5 => grade: Code,
        /// How much.
        6 => quantity: Quantity,
    }
}

wire::message! {
    /// A lot is insured anew.
    pub struct InsuranceRenewed("granary.goods.v1.InsuranceRenewed") {
        /// Which lot.
        1 => lot: LotId,
        /// Its warehouse.
        2 => warehouse: PartyId,
        /// How it is insured from now on.
        3 => insurance: Insurance,
    }
}

wire::events! {
    /// What happens to goods.
    pub enum Event {
        ScaleRegistered, StoreRegistered, DepositAnnounced, GoodsArrived, LotWeighed, SampleTaken,
        LotGraded, DepositRefused, LotStored, DepositSlipIssued, InsuranceRenewed,
    }
}
