//! What can be looked up: one line for each kind, and the descriptors say the rest.

use clap::builder::{PossibleValue, PossibleValuesParser};
use granary_proto::POOL;
use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor, MethodDescriptor};

use crate::{json, report::Failure};

/// A kind of object that nodes are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// What people call it on the command line.
    pub(crate) name: &'static str,
    /// And several of them.
    plural: &'static str,
    service: &'static str,
    get: &'static str,
    list: &'static str,
    /// The columns of a list, as paths of fields; the others are in `--json` and `--csv`.
    pub(crate) columns: &'static [&'static str],
}

const PARTIES: &str = "granary.parties.v1.PartyService";
const RECEIPTS: &str = "granary.receipts.v1.ReceiptService";
const FINANCE: &str = "granary.finance.v1.FinanceService";
const ORDERS: &str = "granary.orders.v1.OrderService";
const SHIPMENTS: &str = "granary.shipments.v1.ShipmentService";
const STATEMENTS: &str = "granary.statement.v1.StatementService";
const AUDIT: &str = "granary.audit.v1.AuditService";

const fn kind(
    [name, plural]: [&'static str; 2],
    service: &'static str,
    get: &'static str,
    list: &'static str,
    columns: &'static [&'static str],
) -> Kind {
    Kind { name, plural, service, get, list, columns }
}

/// Its names, service, the method that gets one and the one that lists them (empty: there is none), columns.
// A kind is a line and its columns another; the formatter would make six of them.
#[rustfmt::skip]
pub(crate) const KINDS: &[Kind] = &[
    kind(["party", "parties"], PARTIES, "GetParty", "ListParties",
        &["id", "name", "roles", "active"]),
    kind(["lot", "lots"], RECEIPTS, "GetLot", "ListLots",
        &["id", "commodity", "net", "warehouse", "owner", "stage"]),
    kind(["receipt", "receipts"], RECEIPTS, "GetReceipt", "ListReceipts",
        &["id", "number", "commodity", "grade", "net", "holder", "lifecycle", "encumbered"]),
    kind(["pledged-receipt", "pledged-receipts"], RECEIPTS, "", "ListPledgedReceipts",
        &["id", "number", "commodity", "grade", "net", "holder", "encumbrance.pledge"]),
    kind(["transfer", "transfers"], RECEIPTS, "GetTransfer", "ListTransfers",
        &["id", "receipt", "from", "to", "stage", "until_ms"]),
    kind(["release-order", "release-orders"], RECEIPTS, "GetReleaseOrder", "", &[]),
    kind(["pledge", "pledges"], FINANCE, "GetPledge", "ListPledges",
        &["id", "pledgor", "pledgee", "secured_maximum", "lien", "matures_on", "stage"]),
    kind(["facility", "facilities"], FINANCE, "GetFacility", "ListFacilities",
        &["id", "lender", "borrower", "limit", "expires_on", "stage"]),
    kind(["exposure", "exposures"], FINANCE, "GetExposure", "", &[]),
    kind(["portfolio", "portfolios"], FINANCE, "", "ListPortfolio",
        &["facility.id", "facility.borrower", "facility.limit", "exposure.total", "exposure.value",
          "exposure.ltv_ppm", "exposure.status"]),
    kind(["loan", "loans"], FINANCE, "GetLoan", "ListLoans",
        &["id", "facility", "borrower", "amount", "due_on", "stage"]),
    kind(["call", "calls"], FINANCE, "GetCall", "ListCalls",
        &["id", "facility", "outstanding", "deadline_ms", "stage"]),
    kind(["price", "prices"], FINANCE, "GetPrice", "ListPrices",
        &["id", "feed", "price", "currency", "observed_at_ms", "stage", "current"]),
    kind(["order", "orders"], ORDERS, "GetOrder", "ListOrders",
        &["id", "seller", "buyer", "incoterm", "stage", "invoice_count", "unpaid_count"]),
    kind(["shipment", "shipments"], SHIPMENTS, "GetShipment", "ListShipments",
        &["id", "consignor", "consignee", "carrier", "mode", "stage"]),
    kind(["statement", "statements"], STATEMENTS, "GetStatement", "", &[]),
    kind(["entry", "entries"], AUDIT, "GetEntry", "", &[]),
    kind(["history", "histories"], AUDIT, "GetHistory", "", &[]),
];

/// The names, for help and completions.
pub(crate) fn names() -> PossibleValuesParser {
    let name = |kind: &Kind| PossibleValue::new(kind.name).alias(kind.plural);
    PossibleValuesParser::new(KINDS.iter().map(name))
}

impl Kind {
    /// The kind of a name; the plural means the same.
    pub(crate) fn of(name: &str) -> anyhow::Result<&'static Kind> {
        let found = KINDS.iter().find(|kind| kind.name == name || kind.plural == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            let what = format!("`{name}`: {}", json::no_such("kind", name, names.iter().copied()));
            Failure::new(what, format!("name one of {}", names.join(", "))).into()
        })
    }

    /// The method that gets one, and the fields of its request that say which.
    pub(crate) fn get(&self) -> anyhow::Result<(MethodDescriptor, Vec<FieldDescriptor>)> {
        let method = self.method(self.get, "looked up by itself")?;
        let keys = own_fields(&method.input()).filter(|field| !field.supports_presence()).collect();
        Ok((method, keys))
    }

    /// The method that lists them.
    pub(crate) fn list(&self) -> anyhow::Result<List> {
        let method = self.method(self.list, "listed")?;
        let objects = method.output().fields().find(|field| field.is_list());
        let objects = objects.ok_or_else(|| missing(self, "listed"))?;
        let filters = own_fields(&method.input())
            .filter(|field| !matches!(field.name(), "page_size" | "page_token"))
            .collect();
        Ok(List { method, objects, filters })
    }

    fn method(&self, name: &str, how: &str) -> anyhow::Result<MethodDescriptor> {
        let service = POOL.get_service_by_name(self.service);
        let method = service.and_then(|service| service.methods().find(|m| m.name() == name));
        Ok(method.ok_or_else(|| missing(self, how))?)
    }
}

/// How objects of a kind are listed.
pub(crate) struct List {
    /// The method.
    pub(crate) method: MethodDescriptor,
    /// The field of its answer that holds them.
    pub(crate) objects: FieldDescriptor,
    /// The fields of its request that narrow the list.
    pub(crate) filters: Vec<FieldDescriptor>,
}

fn missing(kind: &Kind, how: &str) -> Failure {
    let others: Vec<&str> = match how {
        "listed" => KINDS.iter().filter(|k| !k.list.is_empty()).map(|k| k.name).collect(),
        _ => KINDS.iter().filter(|k| !k.get.is_empty()).map(|k| k.name).collect(),
    };
    let what = format!("`{}` can't be {how}", kind.name);
    Failure::new(what, format!("these can: {}", others.join(", ")))
}

/// A request's fields but for how fresh the answer must be.
fn own_fields(request: &MessageDescriptor) -> impl Iterator<Item = FieldDescriptor> {
    let fields: Vec<FieldDescriptor> =
        request.fields().filter(|field| !matches!(field.kind(), FieldKind::Message(_))).collect();
    fields.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(object: &MessageDescriptor, path: &str) -> bool {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        match object.get_field_by_name(first).map(|field| field.kind()) {
            Some(FieldKind::Message(nested)) if !rest.is_empty() => has(&nested, rest),
            found => found.is_some() && rest.is_empty(),
        }
    }

    #[test]
    fn every_kind_is_in_the_protos_with_its_columns() {
        for kind in KINDS {
            if !kind.get.is_empty() {
                let (_, keys) = kind.get().expect(kind.name);
                assert!(!keys.is_empty(), "{}: nothing says which one", kind.name);
            }
            if !kind.list.is_empty() {
                let list = kind.list().expect(kind.name);
                let FieldKind::Message(object) = list.objects.kind() else {
                    panic!("{} lists no messages", kind.name)
                };
                let input = list.method.input();
                for field in ["page_size", "page_token", "freshness"] {
                    assert!(input.get_field_by_name(field).is_some(), "{}: {field}", kind.name);
                }
                for column in kind.columns {
                    assert!(has(&object, column), "{}: {column}", kind.name);
                }
            }
        }
    }

    #[test]
    fn a_kind_may_be_named_in_the_plural_and_a_misspelt_one_is_not_guessed() {
        assert_eq!(Kind::of("parties").expect("known").name, "party");
        let error = Kind::of("praty").expect_err("unknown").to_string();
        assert!(error.contains("did you mean `party`?"), "{error}");
        assert!(Kind::of("entry").expect("known").list().is_err());
    }
}
