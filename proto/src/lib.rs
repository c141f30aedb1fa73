//! The wire: one module per protobuf package, and the descriptors with their options.
//!
//! Messages always; tonic clients and servers behind the feature `services`.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code; the documentation is in the .proto files"
)]

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, ExtensionDescriptor, FieldDescriptor, Value};

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// The encoded `FileDescriptorSet` of all packages, custom options included.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// All messages, enums and services, for whoever works with them by name.
pub static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).expect("made by this crate's build"));

fn extension(name: &str) -> ExtensionDescriptor {
    POOL.get_extension_by_name(name).expect("declared in this crate's protos")
}

/// The class of view of a field: 1 public, 2 community, 3 related, 4 principal, 5 sealed; `None` when the
/// field carries none, which the build's tests refuse.
pub fn view_class(field: &FieldDescriptor) -> Option<i32> {
    static VIEW: LazyLock<ExtensionDescriptor> =
        LazyLock::new(|| extension("granary.access.v1.view"));
    match field.options().get_extension(&VIEW).as_ref() {
        Value::EnumNumber(number) if *number > 0 => Some(*number),
        _ => None,
    }
}

/// The prefix of an identifier's text form, when the field is one.
pub fn id_prefix(field: &FieldDescriptor) -> Option<String> {
    static ID: LazyLock<ExtensionDescriptor> = LazyLock::new(|| extension("granary.common.v1.id"));
    match field.options().get_extension(&ID).as_ref() {
        Value::String(prefix) if !prefix.is_empty() => Some(prefix.clone()),
        _ => None,
    }
}

/// Whether the field's number is a calendar date: days since 1970-01-01.
pub fn is_date(field: &FieldDescriptor) -> bool {
    static DATE: LazyLock<ExtensionDescriptor> =
        LazyLock::new(|| extension("granary.common.v1.date"));
    matches!(field.options().get_extension(&DATE).as_ref(), Value::Bool(true))
}
