//! What may be asked about goods (domain.md section 6.1).

use crate::{
    vocabulary::{Code, Date, Digest, LotId, PartyId, Quantity, ShipmentId, Time},
    wire::{self, List},
};

wire::enumeration! {
    /// In what standing goods are their owner's.
    pub enum OwnershipClass("granary.goods.v1.OwnershipClass") {
        /// The owner's own, free to be sold and pledged.
        1 => Own,
        /// Held by the owner for somebody else.
        2 => Agency,
        /// Of the state reserve.
        3 => StateReserve,
        /// Under customs control, duty unpaid.
        4 => Bonded,
    }
}

wire::enumeration! {
    /// Whether goods may be mixed with others in store.
    pub enum Commingling("granary.goods.v1.Commingling") {
        /// Kept apart.
        1 => Segregated,
        /// Mixed with goods of the same grade.
        2 => ByGrade,
        /// Kept apart, and known as what they are from field to gate.
        3 => IdentityPreserved,
    }
}

wire::enumeration! {
    /// How a seal was found at the gate.
    pub enum Seal("granary.goods.v1.Seal") {
        /// Whole, with the number that the papers say.
        1 => Intact,
        /// Broken, or with another number. Recorded, not blocking.
        2 => Broken,
        /// There was none.
        3 => Unsealed,
    }
}

wire::enumeration! {
    /// What is wrong with a deposit that is refused.
    pub enum Fault("granary.goods.v1.Fault") {
        /// Too wet.
        1 => Moisture,
        /// Infested.
        2 => Infestation,
        /// Too much foreign matter.
        3 => ForeignMatter,
        /// Damaged.
        4 => Damage,
        /// Contaminated.
        5 => Contamination,
        /// Of no grade that this warehouse stores.
        6 => Grade,
        /// Its papers don't fit.
        7 => Papers,
        /// There is no room.
        8 => NoRoom,
    }
}

wire::enumeration! {
    /// What a warehouse offers to do to goods so that it could take them.
    pub enum Treatment("granary.goods.v1.Treatment") {
        /// Drying.
        1 => Drying,
        /// Cleaning.
        2 => Cleaning,
    }
}

wire::message! {
    /// One value of an assay.
    pub struct AssayValue("granary.goods.v1.AssayValue") {
        /// Which parameter, as in the commodity's grade table.
        1 => parameter: Code,
        /// Its value, in the parameter's smallest unit.
        2 => value: u32,
    }
}

wire::message! {
    /// Insurance of goods in store.
    pub struct Insurance("granary.goods.v1.Insurance") {
        /// Who insures: a party with the role insurer.
        1 => insurer: PartyId,
        /// The policy's number.
        2 => policy: Code,
        /// Last day, in UTC.
        3 => until: Date,
    }
}

wire::message! {
    /// Registers a scale, or a new calibration of one. Said by the scale's owner: warehouse or weigher.
    pub struct RegisterScale("granary.goods.v1.RegisterScale") {
        /// The owner's code for it.
        1 => scale: Code,
        /// Last day of the calibration, in UTC.
        2 => calibrated_until: Date,
        /// SHA-256 of the calibration's certificate.
        3 => certificate: Digest,
    }
}

wire::message! {
    /// Registers a store of the warehouse that says so, or a new capacity of one. The unit never changes.
    pub struct RegisterStore("granary.goods.v1.RegisterStore") {
        /// The warehouse's code for it.
        1 => store: Code,
        /// What fits into it.
        2 => capacity: Quantity,
    }
}

wire::message! {
    /// A depositor announces goods. The lot's id is the statement's derived id 0.
    pub struct AnnounceDeposit("granary.goods.v1.AnnounceDeposit") {
        /// Which warehouse is to keep them.
        1 => warehouse: PartyId,
        /// What they are.
        2 => commodity: Code,
        /// About how much.
        3 => quantity: Quantity,
        /// Whose they are; absent: the depositor's.
        4 => owner: Option<PartyId>,
        /// In what standing.
        5 => ownership: OwnershipClass,
        /// The depositor wants them stored without grading.
        6 => not_graded: bool,
        /// The year they were harvested in.
        7 => crop_year: Option<u32>,
        /// Where they grew: a code of the depositor's.
        8 => origin: Option<Code>,
    }
}

wire::message! {
    /// Goods passed the gate. Said by the warehouse, or by a gate with the same owner.
    pub struct RecordArrival("granary.goods.v1.RecordArrival") {
        /// Which lot.
        1 => lot: LotId,
        /// Commitment to vehicle, driver and papers, which are personal data and live sealed.
        2 => carriage: Digest,
        /// How the seal was found.
        3 => seal: Seal,
        /// The shipment that brought them, if it is on this chain.
        4 => shipment: Option<ShipmentId>,
        /// When.
        5 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// Goods were weighed (or counted, where the commodity is).
    pub struct RecordWeight("granary.goods.v1.RecordWeight") {
        /// Which lot.
        1 => lot: LotId,
        /// Whose scale: the weigher's own or the warehouse's.
        2 => scale_owner: PartyId,
        /// Which scale.
        3 => scale: Code,
        /// The ticket's number, unique among the tickets of the scale's owner.
        4 => ticket: Code,
        /// With vehicle and packing.
        5 => gross: Quantity,
        /// Vehicle and packing alone.
        6 => tare: Quantity,
        /// When.
        7 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// An inspector took a sample.
    pub struct TakeSample("granary.goods.v1.TakeSample") {
        /// Of which lot.
        1 => lot: LotId,
        /// Seal number of the sample retained.
        2 => sample: Code,
        /// When.
        3 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// A laboratory analysed the sample.
    pub struct RecordAssay("granary.goods.v1.RecordAssay") {
        /// Of which lot.
        1 => lot: LotId,
        /// By which method or standard.
        2 => method: Code,
        /// What was found.
        3 => values: List<AssayValue, 0, 16>,
        /// The grade that the laboratory takes it to be; absent: whatever the table says.
        4 => grade: Option<Code>,
        /// When.
        5 => occurred_at_ms: Time,
    }
}

wire::message! {
    /// The warehouse refuses a deposit.
    pub struct RefuseDeposit("granary.goods.v1.RefuseDeposit") {
        /// Which lot.
        1 => lot: LotId,
        /// Why.
        2 => fault: Fault,
        /// What would mend it.
        3 => offer: Option<Treatment>,
    }
}

wire::message! {
    /// The warehouse takes a graded lot into store: its net weight is received.
    pub struct AcceptToStore("granary.goods.v1.AcceptToStore") {
        /// Which lot.
        1 => lot: LotId,
        /// Into which store.
        2 => store: Code,
        /// How it is insured there.
        3 => insurance: Option<Insurance>,
        /// Whether it may be mixed with others.
        4 => commingling: Commingling,
        /// In what standing the warehouse found the goods to be their owner's.
        5 => ownership: OwnershipClass,
    }
}

wire::message! {
    /// The warehouse states a lot's insurance anew, in the place of that before.
    pub struct RenewInsurance("granary.goods.v1.RenewInsurance") {
        /// Which lot.
        1 => lot: LotId,
        /// How it is insured from now on.
        2 => insurance: Insurance,
    }
}

wire::commands! {
    /// What may be asked about goods.
    pub enum Command {
        RegisterScale, RegisterStore, AnnounceDeposit, RecordArrival, RecordWeight, TakeSample,
        RecordAssay, RefuseDeposit, AcceptToStore, RenewInsurance,
    }
}
