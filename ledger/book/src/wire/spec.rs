//! The shape of a declared message, as data: what the test against the descriptors compares, and what
//! `granary help commands` prints.

/// The protobuf type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `bool`.
    Bool,
    /// `uint32`.
    U32,
    /// `uint64`.
    U64,
    /// `sint32`.
    S32,
    /// `string`.
    String,
    /// `bytes`.
    Bytes,
    /// An enum.
    Enum(&'static EnumSpec),
    /// A message.
    Message(&'static MessageSpec),
}

impl Kind {
    /// Whether values of this kind are varints, which a list may hold packed.
    pub const fn is_varint(self) -> bool {
        match self {
            Kind::Bool | Kind::U32 | Kind::U64 | Kind::S32 | Kind::Enum(_) => true,
            Kind::String | Kind::Bytes | Kind::Message(_) => false,
        }
    }
}

/// How often a field may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Without it the body is refused, or it has the type's zero.
    Plain,
    /// May be left out; presence is kept.
    Optional,
    /// A list of bounded length.
    Repeated {
        /// Fewest members.
        min: usize,
        /// Most members.
        max: usize,
    },
}

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpec {
    /// Its tag.
    pub tag: u32,
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// How often it may stand.
    pub presence: Presence,
}

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageSpec {
    /// Full protobuf name.
    pub name: &'static str,
    /// Fields by ascending tag.
    pub fields: &'static [FieldSpec],
}

/// One enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnumSpec {
    /// Full protobuf name.
    pub name: &'static str,
    /// (number, variant in camel case).
    pub values: &'static [(u32, &'static str)],
}
