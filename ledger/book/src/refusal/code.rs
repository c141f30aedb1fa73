//! The one registry of codes. A number is never used twice and never used again; each area has its range.
//! Which facts a code carries is said beside it.

/// What a refusal means to any caller, over any transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The statement can never be accepted as it is.
    Malformed,
    /// It names something that isn't there.
    NotFound,
    /// It makes something that is there already.
    AlreadyExists,
    /// Not in the present state; later or after something else, perhaps.
    NotNow,
    /// Its signers may not do this.
    Forbidden,
}

macro_rules! codes {
    ($( $(#[$doc:meta])* $number:literal $name:ident $text:literal $class:ident; )*) => {
        /// Why a statement is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $( $(#[$doc])* $name, )*
        }

        impl Code {
            /// Every code, for the tests of the message catalogue and for `granary help commands`.
            pub const ALL: &'static [Code] = &[ $( Code::$name ),* ];

            /// Its stable number.
            pub const fn number(self) -> u16 {
                match self { $( Code::$name => $number ),* }
            }

            /// The name the trade knows.
            pub const fn name(self) -> &'static str {
                match self { $( Code::$name => $text ),* }
            }

            /// What it means to a caller.
            pub const fn class(self) -> Class {
                match self { $( Code::$name => Class::$class ),* }
            }

            /// The code with a number.
            pub const fn from_number(number: u16) -> Option<Code> {
                match number { $( $number => Some(Code::$name), )* _ => None }
            }
        }
    };
}

impl Code {
    /// The areas whose commands meet it; none named: those of all areas.
    pub const fn areas(self) -> &'static [&'static str] {
        match self.number() {
            200..=299 => &["chain", "parties", "registries"],
            300..=399 => &["goods"],
            400..=499 => &["receipts"],
            500..=599 => &["pledges"],
            600..=649 => &["prices"],
            650..=749 => &["credit"],
            750..=849 => &["orders"],
            850..=949 => &["shipments"],
            _ => &[],
        }
    }

    /// Whether it is about a statement and its signatures, before any rule of the trade is asked.
    pub const fn is_of_statement(self) -> bool {
        self.number() < 100
    }
}

codes! {
    // 1 to 99: the statement itself (format.md section 1, book.md section 1).
    /// The body's type is not known at this level.
    1 TypeUnknown "TYPE_UNKNOWN" Malformed;
    /// The body does not decode strictly. Facts: field, problem.
    2 BodyMalformed "BODY_MALFORMED" Malformed;
    /// A signature's suite is not built. Facts: actual = suite.
    3 SuiteUnknown "SUITE_UNKNOWN" Malformed;
    /// A signature does not verify.
    4 SignatureInvalid "SIGNATURE_INVALID" Malformed;
    /// A key is not registered.
    5 KeyUnknown "KEY_UNKNOWN" Forbidden;
    /// A key is revoked, or not valid yet at this index.
    6 KeyRevoked "KEY_REVOKED" Forbidden;
    /// The signers are not those that the authority table asks for.
    7 SignersMismatch "SIGNERS_MISMATCH" Forbidden;
    /// Maker and checker are not two persons.
    8 MakerCheckerRequired "MAKER_CHECKER_REQUIRED" Forbidden;
    /// The command id was used for another statement. Facts: index of that.
    9 IdReused "ID_REUSED" AlreadyExists;
    /// The statement's expiry has passed. Facts: at = expiry.
    10 Expired "EXPIRED" NotNow;
    /// `signed_at` or `occurred_at` lies ahead of log time beyond what is tolerated. Not final.
    11 NotYet "NOT_YET" NotNow;
    /// `signed_at` lies too far behind log time, or the expiry too far ahead. Facts: at, limit.
    12 TimeClaimRefused "TIME_CLAIM_REFUSED" Malformed;
    /// Statement and result do not fit into an entry.
    13 ResultTooLarge "RESULT_TOO_LARGE" Malformed;
    /// A derived id exists already.
    14 IdTaken "ID_TAKEN" AlreadyExists;
    /// A batch holds what it may not: too many items, a nested batch, an operator's act.
    15 BatchForbidden "BATCH_FORBIDDEN" Malformed;
    /// A tick's claim is not ahead of log time.
    16 TickStale "TICK_STALE" NotNow;
    // 100 to 199: common to all areas (domain.md section 6.0).
    /// The role, delegation or standing is missing. Facts: required = role.
    100 NotAuthorised "NOT_AUTHORISED" Forbidden;
    /// The object changed since the caller looked. Facts: limit = expected, actual.
    101 StaleVersion "STALE_VERSION" NotNow;
    /// No such object. Facts: subject.
    102 NotFound "NOT_FOUND" NotFound;
    /// The object is in another state. Facts: subject, state.
    103 InvalidState "INVALID_STATE" NotNow;
    /// A value is out of its range. Facts: field, limit, actual.
    104 ValidationFailed "VALIDATION_FAILED" Malformed;
    /// The party is not active. Facts: subject.
    105 PartyInactive "PARTY_INACTIVE" Forbidden;
    /// No licence in force for this commodity. Facts: subject = warehouse.
    106 WarehouseNotLicensed "WAREHOUSE_NOT_LICENSED" Forbidden;
    /// A hold covers this act. Facts: subject.
    107 HoldInForce "HOLD_IN_FORCE" NotNow;
    /// The deadline has passed. Facts: at.
    108 DeadlinePassed "DEADLINE_PASSED" NotNow;
    /// Above a limit. Facts: limit, actual.
    109 LimitExceeded "LIMIT_EXCEEDED" Forbidden;
    /// The chain's profile forbids this. Facts: required.
    110 ProfileForbids "PROFILE_FORBIDS" Forbidden;
    /// A quantity of nothing. Facts: field.
    111 QuantityZero "QUANTITY_ZERO" Malformed;
    /// An amount of nothing. Facts: field.
    112 AmountZero "AMOUNT_ZERO" Malformed;
    /// Amounts of two currencies. Facts: field.
    113 CurrencyMismatch "CURRENCY_MISMATCH" Malformed;
    /// Quantities in two units. Facts: field.
    114 UnitMismatch "UNIT_MISMATCH" Malformed;
    /// A sum or product does not fit. Facts: field.
    115 Overflow "OVERFLOW" Malformed;
    /// `occurred_at` lies after log time, or too far behind it. Facts: at, limit.
    116 OccurredAtRefused "OCCURRED_AT_REFUSED" Malformed;
    // 200 to 299: chain, parties and registries.
    /// A key is weak or not canonical.
    200 KeyWeak "KEY_WEAK" Malformed;
    /// A key is registered already.
    201 KeyTaken "KEY_TAKEN" AlreadyExists;
    /// A proposal was approved already, by this person or with another digest, or is executed.
    202 ProposalRefused "PROPOSAL_REFUSED" NotNow;
    /// The feature level is not one this build knows, or not above the present one. Facts: limit, actual.
    203 LevelUnknown "LEVEL_UNKNOWN" Malformed;
    /// The chain's clock is not simulated, or would go back. Facts: at.
    204 ClockRefused "CLOCK_REFUSED" Malformed;
    /// A registry's record exists already. Facts: subject or required.
    205 AlreadyRegistered "ALREADY_REGISTERED" AlreadyExists;
    /// A registry has no such record. Facts: required = its code.
    206 NotRegistered "NOT_REGISTERED" NotFound;
    // 300 to 399: goods.
    /// The warehouse has no licence for the commodity. Facts: subject = warehouse, required = commodity.
    300 CommodityNotAccepted "COMMODITY_NOT_ACCEPTED" Forbidden;
    /// The scale's calibration had ended when it was used. Facts: at = begin of its last day.
    301 ScaleCalibrationExpired "SCALE_CALIBRATION_EXPIRED" NotNow;
    /// The weigh ticket was used already. Facts: required = its number.
    302 DuplicateWeighTicket "DUPLICATE_WEIGH_TICKET" AlreadyExists;
    /// Inspector or laboratory belongs to keeper, depositor or owner. Facts: subject = lot, other = to whom.
    303 InspectorNotIndependent "INSPECTOR_NOT_INDEPENDENT" Forbidden;
    /// The grade stated is not what the published table gives. Facts: required = the table's grade, if any.
    304 GradeTableMismatch "GRADE_TABLE_MISMATCH" Malformed;
    /// The goods are not insured, or not for long enough. Facts: subject = lot.
    305 InsuranceMissing "INSURANCE_MISSING" NotNow;
    /// The store has not so much room. Facts: limit, actual.
    306 CapacityExceeded "CAPACITY_EXCEEDED" NotNow;
    /// A warehouse can't be the depositor of what it keeps. Facts: subject = warehouse.
    307 DepositorIsKeeper "DEPOSITOR_IS_KEEPER" Forbidden;
    // 400 to 499: receipts.
    /// The lot has less without a receipt on it. Facts: subject = lot, limit, actual.
    400 QtyExceedsUnreceipted "QTY_EXCEEDS_UNRECEIPTED" NotNow;
    /// The assay is older than the profile allows. Facts: subject = lot, at = when it was made.
    401 InspectionStale "INSPECTION_STALE" NotNow;
    /// The goods are not the depositor's own to sell and pledge. Facts: subject = lot.
    402 OwnershipRestricted "OWNERSHIP_RESTRICTED" Forbidden;
    /// No number is left to the keeper, or the one stated isn't the next. Facts: required = the next.
    403 NumberOutOfRange "NUMBER_OUT_OF_RANGE" NotNow;
    /// The number was given or allotted before. Facts: required = the next, or limit = the least allowed.
    404 NumberReused "NUMBER_REUSED" AlreadyExists;
    /// The offer ran out. Facts: subject = receipt.
    405 TimeoutExpired "TIMEOUT_EXPIRED" NotNow;
    /// Fees are due to the keeper. Facts: subject = receipt, actual.
    406 FeesOutstanding "FEES_OUTSTANDING" NotNow;
    /// The transferee can't hold receipts. Facts: subject = party.
    407 TransfereeIneligible "TRANSFEREE_INELIGIBLE" Forbidden;
    /// A pledge or transfer is in the way. Facts: subject = receipt, other = pledge or transfer.
    408 Encumbered "ENCUMBERED" NotNow;
    /// The keeper has to sign too. Facts: subject = receipt.
    409 KeeperSignatureRequired "KEEPER_SIGNATURE_REQUIRED" NotNow;
    /// The bank hasn't confirmed the payment. Facts: subject = receipt.
    410 PaymentNotLocked "PAYMENT_NOT_LOCKED" NotNow;
    /// The parts don't add up to the whole. Facts: limit = the whole, actual.
    411 SplitSumMismatch "SPLIT_SUM_MISMATCH" Malformed;
    /// Too little for a receipt. Facts: limit, actual.
    412 BelowMinimum "BELOW_MINIMUM" Malformed;
    /// Too many parts, or more receipts than a pledge may cover. Facts: limit, actual.
    413 TooManyChildren "TOO_MANY_CHILDREN" Malformed;
    /// Another pledge or a transfer is there already. Facts: subject = receipt, other = pledge or transfer.
    414 AlreadyEncumbered "ALREADY_ENCUMBERED" NotNow;
    /// The pledgee has to sign too. Facts: subject = receipt, other = pledge.
    415 PledgeeConsentRequired "PLEDGEE_CONSENT_REQUIRED" Forbidden;
    /// There is no such order, or it isn't open. Facts: subject = release order. Of a shipment: no such goods
    /// left by the gate for its consignor under the ticket. Facts: subject = shipment, required = ticket.
    416 NoReleaseOrder "NO_RELEASE_ORDER" NotFound;
    /// Not the collector whom the holder named. Facts: subject = release order.
    417 CollectorMismatch "COLLECTOR_MISMATCH" Forbidden;
    /// More than order, tolerance and lot allow. Facts: subject = release order, limit, actual.
    418 OverRelease "OVER_RELEASE" NotNow;
    /// More is still to leave than may be missing. Facts: subject = release order, limit, actual.
    419 DeliveryIncomplete "DELIVERY_INCOMPLETE" NotNow;
    /// Goods have left on the order. Facts: subject = release order, actual.
    420 GoodsAlreadyReleased "GOODS_ALREADY_RELEASED" NotNow;
    /// Not an authority that places or lifts such holds. Facts: subject = receipt.
    421 AuthorityUnknown "AUTHORITY_UNKNOWN" Forbidden;
    /// The receipt is on the other medium, or on another form. Facts: subject = receipt.
    422 MediumConflict "MEDIUM_CONFLICT" NotNow;
    /// The keeper cancels only what came back to it. Facts: subject = receipt.
    423 OperatorNotHolder "OPERATOR_NOT_HOLDER" Forbidden;
    /// The holder has to sign too. Facts: subject = receipt.
    424 HolderSignatureRequired "HOLDER_SIGNATURE_REQUIRED" NotNow;
    // 500 to 599: pledges.
    /// The receipt is another's. Facts: subject.
    500 NotHolder "NOT_HOLDER" Forbidden;
    /// The receipt is not valid until the claim matures. Facts: subject, actual = days missing.
    501 ValidityTooShort "VALIDITY_TOO_SHORT" NotNow;
    /// No duplicate check, or one that is too old. Facts: subject, limit, actual, at.
    502 CheckStale "CHECK_STALE" NotNow;
    /// The goods are financed by another lender. Facts: subject.
    503 DuplicateFinanced "DUPLICATE_FINANCED" Forbidden;
    /// Keeper and pledgor are related, and the pledgee gave no reason to accept that. Facts: subject, field.
    504 RelatedPartyWarehouse "RELATED_PARTY_WAREHOUSE" Forbidden;
    /// The keeper did not state its lien. Facts: subject, field.
    505 LienNotDisclosed "LIEN_NOT_DISCLOSED" Malformed;
    /// The report shows an earlier filing. Facts: subject, required = its number.
    506 PriorRegistrationFound "PRIOR_REGISTRATION_FOUND" Forbidden;
    /// The party is not the pledgee. Facts: subject.
    507 NotPledgee "NOT_PLEDGEE" Forbidden;
    /// Claims are open. Facts: subject, actual = how many.
    508 ExposureOutstanding "EXPOSURE_OUTSTANDING" NotNow;
    // 600 to 649: prices.
    /// The party is not the feed's source. Facts: required = the feed's code.
    600 NotFeedSource "NOT_FEED_SOURCE" Forbidden;
    /// The price was observed before the feed's last accepted one. Facts: other = that one, at.
    601 PriceOutOfOrder "PRICE_OUT_OF_ORDER" NotNow;
    // 650 to 749: credit.
    /// The party is not the facility's lender. Facts: subject.
    650 NotLender "NOT_LENDER" Forbidden;
    /// The party is not the facility's borrower. Facts: subject.
    651 NotBorrower "NOT_BORROWER" Forbidden;
    /// A line of a product is not above the one before it. Facts: field, limit, actual.
    652 LtvLadderNotRising "LTV_LADDER_NOT_RISING" Malformed;
    /// A condition is not satisfied. Facts: subject, other = the pledge, required.
    653 CpMissing "CP_MISSING" NotNow;
    /// The lender has suspended the facility. Facts: subject.
    654 FacilitySuspended "FACILITY_SUSPENDED" NotNow;
    /// A margin call is open. Facts: subject.
    655 MarginCallOpen "MARGIN_CALL_OPEN" NotNow;
    /// More than may be drawn. Facts: subject, limit, actual.
    656 AvailabilityExceeded "AVAILABILITY_EXCEEDED" NotNow;
    /// No price, or one that is too old. Facts: required = the feed.
    657 PriceUnavailable "PRICE_UNAVAILABLE" NotNow;
    /// The payee is not one that may be paid. Facts: subject, required.
    658 PayeeNotAllowed "PAYEE_NOT_ALLOWED" Forbidden;
    /// Interest is accrued to this business date. Facts: subject.
    659 AlreadyAccrued "ALREADY_ACCRUED" AlreadyExists;
    /// A pledge is not released. Facts: subject, other = the pledge.
    660 PledgeOutstanding "PLEDGE_OUTSTANDING" NotNow;
    // 750 to 849: orders.
    /// Buyer and seller have one beneficial owner and don't say so. Facts: other = buyer.
    750 RelatedPartyUndisclosed "RELATED_PARTY_UNDISCLOSED" Forbidden;
    /// The bank that finances the order has not signed. Facts: subject = order.
    751 LenderConsentRequired "LENDER_CONSENT_REQUIRED" Forbidden;
    /// A bank has the order. Facts: subject = order.
    752 OrderAlreadyFinanced "ORDER_ALREADY_FINANCED" NotNow;
    /// More than the line and its tolerance allow. Facts: subject = order, limit, actual.
    753 OverFulfilment "OVER_FULFILMENT" NotNow;
    /// The inspection window is over. Facts: subject = shipment, at.
    754 WindowClosed "WINDOW_CLOSED" NotNow;
    /// More than waits for inspection. Facts: subject = shipment, limit, actual.
    755 QtyNotDelivered "QTY_NOT_DELIVERED" NotNow;
    /// More than is accepted and not invoiced. Facts: subject = order, limit, actual.
    756 QtyNotAccepted "QTY_NOT_ACCEPTED" NotNow;
    /// Less than is on shipments. Facts: subject = order, limit, actual.
    757 QtyBelowAllocated "QTY_BELOW_ALLOCATED" NotNow;
    /// The seller used the invoice's number before. Facts: subject = order.
    758 DuplicateInvoice "DUPLICATE_INVOICE" AlreadyExists;
    /// Goods of the order move. Facts: subject = order, actual.
    759 ShipmentInTransit "SHIPMENT_IN_TRANSIT" NotNow;
    /// The record was imported before. Facts: other = the order it became.
    760 ImportedAlready "IMPORTED_ALREADY" AlreadyExists;
    /// Another amount than the invoice's, or than was instructed. Facts: subject = order or loan, limit, actual.
    761 AmountMismatch "AMOUNT_MISMATCH" Malformed;
    /// Another digest than that of the terms. Facts: subject = order.
    762 TermsMismatch "TERMS_MISMATCH" Malformed;
    /// The payment's reference was used before. Facts: subject = order, or required = the reference.
    763 DuplicatePayment "DUPLICATE_PAYMENT" AlreadyExists;
    // 850 to 949: shipments.
    /// More than is open of an order's line. Facts: subject = order, limit, actual.
    850 QtyExceedsOrder "QTY_EXCEEDS_ORDER" NotNow;
    /// The vehicle is taken in that window. Facts: other = shipment, at = end of its window.
    851 VehicleConflict "VEHICLE_CONFLICT" NotNow;
    /// Other seals than those on record. Facts: subject = shipment.
    853 SealMismatch "SEAL_MISMATCH" NotNow;
    /// The consignee has not signed. Facts: subject = shipment.
    854 ConsigneeSignatureRequired "CONSIGNEE_SIGNATURE_REQUIRED" Forbidden;
    /// More than is outstanding; at closing, other than was loaded. Facts: subject = shipment, limit, actual.
    855 MassBalanceError "MASS_BALANCE_ERROR" NotNow;
    /// The goods are in another's custody. Facts: subject = shipment.
    856 NotCustodian "NOT_CUSTODIAN" Forbidden;
    /// A handover is offered already. Facts: subject = shipment, at = its end.
    857 HandoverOpen "HANDOVER_OPEN" NotNow;
    /// Another digest than the offer's. Facts: subject = shipment.
    858 ContentMismatch "CONTENT_MISMATCH" Malformed;
    /// The fact lies before what is on record. Facts: subject = shipment, at.
    859 TimeNotMonotonic "TIME_NOT_MONOTONIC" Malformed;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_number_and_no_name_is_used_twice() {
        let numbers: BTreeSet<u16> = Code::ALL.iter().map(|code| code.number()).collect();
        let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!((numbers.len(), names.len()), (Code::ALL.len(), Code::ALL.len()));
        for code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(*code));
        }
    }
}
