//! All prefixes of tables, in one place. A number is never used twice and never used again.

use crate::state::Prefix;

macro_rules! prefixes {
    ($( $(#[$doc:meta])* $name:ident = $byte:literal, $text:literal; )*) => {
        $( $(#[$doc])* pub const $name: Prefix = Prefix { byte: $byte, name: $text }; )*

        /// Every prefix, for the test that none is used twice and for people who look into a store.
        pub const ALL: &[Prefix] = &[ $( $name ),* ];
    };
}

prefixes! {
    // The chain itself: 0x01 to 0x0f.
    /// How many objects of each kind there are.
    COUNTS = 0x01, "counts";
    /// The chain's own facts: origin, clock, level, operators, last tick.
    CHAIN = 0x02, "chain";
    /// Command ids seen, per principal.
    COMMANDS = 0x03, "commands";
    /// Command ids by their expiry, for pruning.
    COMMANDS_BY_EXPIRY = 0x04, "commands_by_expiry";
    /// Deadlines by (moment, sequence).
    DEADLINES = 0x05, "deadlines";
    /// The next sequence number of a deadline.
    DEADLINE_SEQUENCE = 0x08, "deadline_sequence";
    /// Bytes of refused statements per principal and day.
    REFUSED_BYTES = 0x06, "refused_bytes";
    /// Proposals of the operators.
    PROPOSALS = 0x07, "proposals";
    /// Who may sign checkpoints, by the newest grant.
    SIGNER = 0x0a, "signer";
    /// Numbers and references that are unique in their name space for ever.
    NAMES = 0x09, "names";
    // Parties: 0x10 to 0x1f.
    /// Party by id.
    PARTY_IDS = 0x10, "party_ids";
    /// Parties.
    PARTIES = 0x11, "parties";
    /// Person by id.
    PERSON_IDS = 0x12, "person_ids";
    /// Persons.
    PERSONS = 0x13, "persons";
    /// Keys by (suite, key id).
    KEYS = 0x14, "keys";
    /// Licences by (party, kind).
    LICENCES = 0x15, "licences";
    // Registries: 0x20 to 0x2f.
    /// Commodity by code.
    COMMODITY_CODES = 0x20, "commodity_codes";
    /// Commodities.
    COMMODITIES = 0x21, "commodities";
    /// Feed by code.
    FEED_CODES = 0x22, "feed_codes";
    /// Price feeds.
    FEEDS = 0x23, "feeds";
    /// Calendars by code.
    CALENDARS = 0x24, "calendars";
    /// The chain's profile.
    PROFILE = 0x25, "profile";
    // Goods: 0x30 to 0x3f.
    /// Lot by id.
    LOT_IDS = 0x30, "lot_ids";
    /// Lots.
    LOTS = 0x31, "lots";
    /// Scales by (owner, code).
    SCALES = 0x32, "scales";
    /// Stores by (warehouse, code).
    STORES = 0x33, "stores";
    // Receipts: 0x40 to 0x4f.
    /// Receipt by id.
    RECEIPT_IDS = 0x40, "receipt_ids";
    /// Receipts.
    RECEIPTS = 0x41, "receipts";
    /// Drafts by the receipt's id.
    DRAFTS = 0x42, "drafts";
    /// Transfer by id.
    TRANSFER_IDS = 0x43, "transfer_ids";
    /// Transfers.
    TRANSFERS = 0x44, "transfers";
    /// Release order by id.
    RELEASE_ORDER_IDS = 0x45, "release_order_ids";
    /// Release orders.
    RELEASE_ORDERS = 0x46, "release_orders";
    /// Gate-outs by (keeper, weigh ticket).
    GATE_OUTS = 0x47, "gate_outs";
    /// Receipts by (pledge, receipt).
    PLEDGED = 0x48, "pledged";
    /// Blocks of receipt numbers by (keeper, first serial).
    NUMBER_BLOCKS = 0x49, "number_blocks";
    /// The greatest serial of a receipt number allotted.
    NUMBERS_ALLOTTED = 0x4a, "numbers_allotted";
    // Pledges: 0x50 to 0x5f.
    /// Pledge by id.
    PLEDGE_IDS = 0x50, "pledge_ids";
    /// Pledges.
    PLEDGES = 0x51, "pledges";
    /// The last duplicate check of each pledge.
    PLEDGE_DUPLICATE_CHECKS = 0x52, "pledge_duplicate_checks";
    /// The outside registration of each pledge.
    PLEDGE_REGISTRATIONS = 0x53, "pledge_registrations";
    // Prices: 0x60 to 0x6f.
    /// Price observation by id.
    PRICE_IDS = 0x60, "price_ids";
    /// Price observations.
    PRICES = 0x61, "prices";
    /// The last accepted observation of each feed.
    LATEST_PRICES = 0x62, "latest_prices";
    // Credit: 0x70 to 0x7f.
    /// Products by (lender, code, version).
    PRODUCTS = 0x70, "products";
    /// The present version of each product.
    PRODUCT_VERSIONS = 0x71, "product_versions";
    /// Facility by id.
    FACILITY_IDS = 0x72, "facility_ids";
    /// Facilities.
    FACILITIES = 0x73, "facilities";
    /// Pledges of each facility.
    FACILITY_PLEDGES = 0x74, "facility_pledges";
    /// The facility that each pledge secures.
    PLEDGE_FACILITY = 0x75, "pledge_facility";
    /// Loan by id.
    LOAN_IDS = 0x76, "loan_ids";
    /// Loans.
    LOANS = 0x77, "loans";
    /// Loans of each facility that are neither settled nor given up.
    LIVE_LOANS = 0x78, "live_loans";
    /// Margin call by id.
    CALL_IDS = 0x79, "call_ids";
    /// Margin calls.
    CALLS = 0x7a, "calls";
    /// Payments by (lender, bank reference).
    PAYMENTS = 0x7b, "payments";
    // Orders: 0x80 to 0x8f.
    /// Order by id.
    ORDER_IDS = 0x80, "order_ids";
    /// Orders.
    ORDERS = 0x81, "orders";
    /// Lines by (order, number).
    ORDER_LINES = 0x82, "order_lines";
    /// Delivered goods by (order, shipment, line).
    DELIVERIES = 0x83, "deliveries";
    /// Invoices by (order, number).
    INVOICES = 0x84, "invoices";
    /// Imported orders by (buyer, key of the record).
    IMPORTED_ORDERS = 0x85, "imported_orders";
    // Shipments: 0x90 to 0x9f.
    /// Shipment by id.
    SHIPMENT_IDS = 0x90, "shipment_ids";
    /// Shipments.
    SHIPMENTS = 0x91, "shipments";
    /// Lines by (shipment, number).
    CARGO = 0x92, "cargo";
    /// What vehicles are taken for, by (vehicle, end of the window).
    VEHICLES = 0x93, "vehicles";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_prefix_and_no_name_is_used_twice() {
        let bytes: BTreeSet<u8> = ALL.iter().map(|prefix| prefix.byte).collect();
        let names: BTreeSet<&str> = ALL.iter().map(|prefix| prefix.name).collect();
        assert_eq!((bytes.len(), names.len()), (ALL.len(), ALL.len()));
    }
}
