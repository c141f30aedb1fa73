//! The ledger's bytes.
