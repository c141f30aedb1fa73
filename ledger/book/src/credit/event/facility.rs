//! What happened to products, facilities and margin calls.

use crate::{
    credit::{MAX_ACCOUNTS, MAX_FEEDS, SetProduct},
    vocabulary::{
        CallId, Code, Date, FacilityId, Money, PartyId, PledgeId, PriceId, ReceiptId, Time,
    },
    wire::{self, List},
};

wire::message! {
    /// A product counts for facilities offered from now on.
    pub struct ProductSet("granary.credit.v1.ProductSet") {
        /// Whose.
        1 => lender: PartyId,
        /// Which version this is, from 1.
        2 => version: u32,
        /// The whole product.
        3 => product: SetProduct,
    }
}

wire::message! {
    /// A facility is approved and offered.
    pub struct FacilityOffered("granary.credit.v1.FacilityOffered") {
        /// Its id.
        1 => facility: FacilityId,
        /// By whom.
        2 => lender: PartyId,
        /// To whom.
        3 => borrower: PartyId,
        /// Under which product.
        4 => product: Code,
        /// In which version.
        5 => product_version: u32,
        /// Most principal at any time.
        6 => limit: Money,
        /// Last day on which anything may be drawn.
        7 => expires_on: Date,
        /// The offer lapses then.
        8 => offer_until_ms: Time,
        /// Controlled accounts that may be paid besides the borrower.
        9 => accounts: List<Code, 0, MAX_ACCOUNTS>,
    }
}

wire::message! {
    /// The borrower signed.
    pub struct FacilitySigned("granary.credit.v1.FacilitySigned") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::message! {
    /// The borrower did not sign in time.
    pub struct FacilityLapsed("granary.credit.v1.FacilityLapsed") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::message! {
    /// A pledge secures a facility from now on.
    pub struct PledgeAttached("granary.credit.v1.PledgeAttached") {
        /// Which facility.
        1 => facility: FacilityId,
        /// Which pledge.
        2 => pledge: PledgeId,
    }
}

wire::message! {
    /// A facility may be drawn.
    pub struct FacilityAvailable("granary.credit.v1.FacilityAvailable") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::enumeration! {
    /// What suspends a facility. Each stands for itself: draws resume when all have gone.
    pub enum SuspensionCause("granary.credit.v1.SuspensionCause") {
        /// The lender.
        1 => Lender,
        /// An open margin call.
        2 => MarginCall,
        /// Its collateral can't be valued.
        3 => Valuation,
    }
}

wire::message! {
    /// Nothing may be drawn.
    pub struct FacilitySuspended("granary.credit.v1.FacilitySuspended") {
        /// Which facility.
        1 => facility: FacilityId,
        /// Because of what.
        2 => cause: SuspensionCause,
        /// The lender's reason, as a code.
        3 => reason: Option<Code>,
    }
}

wire::message! {
    /// A cause of suspension has gone.
    pub struct FacilityResumed("granary.credit.v1.FacilityResumed") {
        /// Which facility.
        1 => facility: FacilityId,
        /// Which cause.
        2 => cause: SuspensionCause,
    }
}

wire::enumeration! {
    /// What is an event of default.
    pub enum DefaultCause("granary.credit.v1.DefaultCause") {
        /// A margin call was not cured in time.
        1 => CallExpired,
        /// The liquidation line was passed, and the product says that this is enough.
        2 => LiquidationLine,
    }
}

wire::message! {
    /// The borrower is in default.
    pub struct EventOfDefault("granary.credit.v1.EventOfDefault") {
        /// Under which facility.
        1 => facility: FacilityId,
        /// Because of what.
        2 => cause: DefaultCause,
    }
}

wire::message! {
    /// Nothing is drawn under this facility any more; its loans run on.
    pub struct FacilityFrozen("granary.credit.v1.FacilityFrozen") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::message! {
    /// A facility is closed for ever.
    pub struct FacilityClosed("granary.credit.v1.FacilityClosed") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::enumeration! {
    /// How exposure stands to value.
    pub enum Status("granary.credit.v1.Status") {
        /// At most at the warning line.
        1 => Ok,
        /// Above the warning line.
        2 => Warning,
        /// Above the call line.
        3 => Call,
        /// Above the liquidation line.
        4 => Liquidation,
        /// The collateral can't be valued: an alarm, never a pass (INV-36).
        5 => Unavailable,
    }
}

wire::enumeration! {
    /// Why collateral can't be valued.
    pub enum ObstacleKind("granary.credit.v1.ObstacleKind") {
        /// No feed of the product prices the receipt, or none has accepted a price yet.
        1 => PriceMissing,
        /// The feed's last accepted price is too old.
        2 => PriceStale,
        /// The receipt is held, expired, on paper, or its keeper not licensed.
        3 => ReceiptNotOperable,
    }
}

wire::message! {
    /// What stands in the way of a valuation.
    pub struct Obstacle("granary.credit.v1.Obstacle") {
        /// What kind.
        1 => kind: ObstacleKind,
        /// Of which receipt.
        2 => receipt: ReceiptId,
        /// The feed that should have priced it, where there is one.
        3 => feed: Option<Code>,
    }
}

wire::message! {
    /// A facility's exposure against the value of its collateral.
    pub struct ValuationComputed("granary.credit.v1.ValuationComputed") {
        /// Which facility.
        1 => facility: FacilityId,
        /// To which date interest is counted.
        2 => business_date: Date,
        /// Principal, interest, penalty, fees and costs of its loans.
        3 => exposure: Money,
        /// How the two stand.
        4 => status: Status,
        /// Value of the collateral; absent when it can't be had.
        5 => value: Option<Money>,
        /// Exposure over value, rounded up; absent without a value, or with a value of nothing.
        6 => ltv_ppm: Option<u64>,
        /// The prices relied on.
        7 => prices: List<PriceId, 0, MAX_FEEDS>,
        /// Why there is no value.
        8 => obstacle: Option<Obstacle>,
    }
}

wire::message! {
    /// The borrower is called upon to bring the ratio down.
    pub struct MarginCallOpened("granary.credit.v1.MarginCallOpened") {
        /// Its id.
        1 => call: CallId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// The least cash that brings the ratio to the warning line.
        3 => amount: Money,
        /// It must be cured by then.
        4 => deadline_ms: Time,
    }
}

wire::message! {
    /// Less is missing than before.
    pub struct MarginCallPartlyCured("granary.credit.v1.MarginCallPartlyCured") {
        /// Which call.
        1 => call: CallId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// The least cash that is still missing.
        3 => outstanding: Money,
    }
}

wire::message! {
    /// The ratio is at or below the warning line again.
    pub struct MarginCallCured("granary.credit.v1.MarginCallCured") {
        /// Which call.
        1 => call: CallId,
        /// Under which facility.
        2 => facility: FacilityId,
    }
}

wire::message! {
    /// The call was not cured in time, or default overtook it.
    pub struct MarginCallExpired("granary.credit.v1.MarginCallExpired") {
        /// Which call.
        1 => call: CallId,
        /// Under which facility.
        2 => facility: FacilityId,
    }
}

wire::message! {
    /// The lender waived the call.
    pub struct MarginCallWithdrawn("granary.credit.v1.MarginCallWithdrawn") {
        /// Which call.
        1 => call: CallId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// Why, as a code.
        3 => reason: Code,
    }
}
