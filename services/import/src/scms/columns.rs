//! The 33 columns.

/// Names of the columns, in order.
pub const COLUMNS: [&str; 33] = [
    "ID",
    "Project Code",
    "PQ #",
    "PO / SO #",
    "ASN/DN #",
    "Country",
    "Managed By",
    "Fulfill Via",
    "Vendor INCO Term",
    "Shipment Mode",
    "PQ First Sent to Client Date",
    "PO Sent to Vendor Date",
    "Scheduled Delivery Date",
    "Delivered to Client Date",
    "Delivery Recorded Date",
    "Product Group",
    "Sub Classification",
    "Vendor",
    "Item Description",
    "Molecule/Test Type",
    "Brand",
    "Dosage",
    "Dosage Form",
    "Unit of Measure (Per Pack)",
    "Line Item Quantity",
    "Line Item Value",
    "Pack Price",
    "Unit Price",
    "Manufacturing Site",
    "First Line Designation",
    "Weight (Kilograms)",
    "Freight Cost (USD)",
    "Line Item Insurance (USD)",
];

/// A column, in the file's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// `ID`
    Id,
    /// `Project Code`
    ProjectCode,
    /// `PQ #`
    Quotation,
    /// `PO / SO #`
    Order,
    /// `ASN/DN #`
    Shipment,
    /// `Country`
    Country,
    /// `Managed By`
    ManagedBy,
    /// `Fulfill Via`
    Fulfilment,
    /// `Vendor INCO Term`
    Incoterm,
    /// `Shipment Mode`
    ShipmentMode,
    /// `PQ First Sent to Client Date`
    QuotedOn,
    /// `PO Sent to Vendor Date`
    OrderedOn,
    /// `Scheduled Delivery Date`
    ScheduledOn,
    /// `Delivered to Client Date`
    DeliveredOn,
    /// `Delivery Recorded Date`
    RecordedOn,
    /// `Product Group`
    ProductGroup,
    /// `Sub Classification`
    SubClassification,
    /// `Vendor`
    Vendor,
    /// `Item Description`
    Item,
    /// `Molecule/Test Type`
    MoleculeOrTest,
    /// `Brand`
    Brand,
    /// `Dosage`
    Dosage,
    /// `Dosage Form`
    DosageForm,
    /// `Unit of Measure (Per Pack)`
    PackSize,
    /// `Line Item Quantity`
    Quantity,
    /// `Line Item Value`
    Value,
    /// `Pack Price`
    PackPrice,
    /// `Unit Price`
    UnitPrice,
    /// `Manufacturing Site`
    ManufacturingSite,
    /// `First Line Designation`
    FirstLine,
    /// `Weight (Kilograms)`
    Weight,
    /// `Freight Cost (USD)`
    Freight,
    /// `Line Item Insurance (USD)`
    Insurance,
}

impl Column {
    /// The column's name in the header.
    pub fn name(self) -> &'static str {
        COLUMNS[self.index()]
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_names_stand_in_one_order() {
        assert_eq!(Column::Insurance.index(), COLUMNS.len() - 1);
        let table = [
            (Column::Id, "ID"),
            (Column::OrderedOn, "PO Sent to Vendor Date"),
            (Column::Vendor, "Vendor"),
            (Column::PackPrice, "Pack Price"),
            (Column::Weight, "Weight (Kilograms)"),
        ];
        for (column, name) in table {
            assert_eq!(column.name(), name);
        }
    }
}
