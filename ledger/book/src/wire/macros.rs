//! The declarations: one place says a message's fields, and everything else follows.

/// Declares a message: the struct, its strict reader, its one encoding and its shape.
macro_rules! message {
    (
        $(#[$doc:meta])*
        pub struct $name:ident($full:literal) {
            $( $(#[$field_doc:meta])* $tag:literal => $field:ident: $type:ty ),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: $type, )*
        }

        impl $crate::wire::Message for $name {
            const NAME: &'static str = $full;
            const SPEC: $crate::wire::MessageSpec = $crate::wire::MessageSpec {
                name: $full,
                fields: &[ $( $crate::wire::FieldSpec {
                    tag: $tag,
                    name: stringify!($field),
                    kind: <$type as $crate::wire::Field>::KIND,
                    presence: <$type as $crate::wire::Field>::PRESENCE,
                } ),* ],
            };

            #[allow(unused_variables, unused_mut, clippy::let_unit_value, reason = "a message may have no fields")]
            fn read(
                bytes: &[u8],
                path: &$crate::wire::Path<'_>,
                bad: &mut $crate::wire::Violations,
            ) -> Option<Self> {
                $( let mut $field = <<$type as $crate::wire::Field>::Slot as Default>::default(); )*
                let mut unknown = false;
                let mut reader = $crate::wire::Reader::new(bytes);
                loop {
                    match reader.next_field() {
                        Ok(None) => break,
                        $( Ok(Some(($tag, raw))) => <$type as $crate::wire::Field>::read(
                            &mut $field, raw, &path.field(stringify!($field)), bad,
                        ), )*
                        Ok(Some(_)) => {
                            bad.push(path, $crate::wire::Problem::UnknownField);
                            unknown = true;
                        }
                        Err(problem) => {
                            bad.push(path, problem);
                            return None;
                        }
                    }
                }
                $( let $field = <$type as $crate::wire::Field>::finish(
                    $field, &path.field(stringify!($field)), bad,
                ); )*
                if unknown {
                    return None;
                }
                Some(Self { $( $field: $field? ),* })
            }

            #[allow(unused_variables, reason = "a message may have no fields")]
            fn write(&self, out: &mut Vec<u8>) {
                $( $crate::wire::Field::write(&self.$field, $tag, out); )*
            }
        }

        impl $crate::wire::Scalar for $name {
            const KIND: $crate::wire::Kind =
                $crate::wire::Kind::Message(&<$name as $crate::wire::Message>::SPEC);
            fn absent() -> Option<Self> {
                None
            }
            fn from_raw(
                raw: $crate::wire::Raw<'_>,
                path: &$crate::wire::Path<'_>,
                bad: &mut $crate::wire::Violations,
            ) -> Option<Self> {
                if let $crate::wire::Raw::Bytes(bytes) = raw {
                    <$name as $crate::wire::Message>::read(bytes, path, bad)
                } else {
                    bad.push(path, $crate::wire::Problem::WrongWireType);
                    None
                }
            }
            fn is_absent(&self) -> bool {
                false
            }
            fn put(&self, tag: u32, out: &mut Vec<u8>) {
                $crate::wire::put_bytes(tag, &$crate::wire::Message::encode(self), out);
            }
        }
    };
}

/// Declares an enum: zero is "unspecified" in protobuf and never a value here.
macro_rules! enumeration {
    (
        $(#[$doc:meta])*
        pub enum $name:ident($full:literal) {
            $( $(#[$value_doc:meta])* $number:literal => $value:ident ),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[$value_doc])* $value, )*
        }

        impl $name {
            /// Its shape, compared with the descriptors of `proto/` by a test.
            pub const SPEC: $crate::wire::EnumSpec = $crate::wire::EnumSpec {
                name: $full,
                values: &[ $( ($number, stringify!($value)) ),* ],
            };

            /// All values, in order of their numbers.
            pub const ALL: &'static [Self] = &[ $( Self::$value ),* ];

            /// Its number on the wire.
            pub const fn number(self) -> u32 {
                match self { $( Self::$value => $number ),* }
            }

            /// The value with a number; `None` for zero and for numbers not known at this level.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $( $number => Some(Self::$value), )* _ => None }
            }
        }

        impl $crate::wire::Scalar for $name {
            const KIND: $crate::wire::Kind = $crate::wire::Kind::Enum(&$name::SPEC);
            fn absent() -> Option<Self> {
                None
            }
            fn from_raw(
                raw: $crate::wire::Raw<'_>,
                path: &$crate::wire::Path<'_>,
                bad: &mut $crate::wire::Violations,
            ) -> Option<Self> {
                let $crate::wire::Raw::Varint(number) = raw else {
                    bad.push(path, $crate::wire::Problem::WrongWireType);
                    return None;
                };
                let value = u32::try_from(number).ok().and_then(Self::from_number);
                if value.is_none() {
                    bad.push(path, $crate::wire::Problem::UnknownValue);
                }
                value
            }
            fn is_absent(&self) -> bool {
                false
            }
            fn put(&self, tag: u32, out: &mut Vec<u8>) {
                $crate::wire::put_varint(tag, u64::from(self.number()), out);
            }
        }
    };
}

/// Declares an area's commands: an enum over messages declared before, found by their protobuf names.
macro_rules! commands {
    ($(#[$doc:meta])* pub enum $enum:ident { $( $name:ident ),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "lives for one decision")]
        pub enum $enum {
            $( #[doc = concat!("See [`", stringify!($name), "`].")] $name($name), )*
        }

        impl $enum {
            /// The shapes of all messages of this enum.
            pub const SPECS: &'static [$crate::wire::MessageSpec] =
                &[ $( <$name as $crate::wire::Message>::SPEC ),* ];

            /// Full protobuf name.
            pub const fn type_name(&self) -> &'static str {
                match self { $( Self::$name(_) => <$name as $crate::wire::Message>::NAME ),* }
            }

            /// Decodes a body by its type; `None` when the type is none of this area's.
            pub fn decode(
                type_name: &str,
                body: &[u8],
            ) -> Option<Result<Self, $crate::wire::Violations>> {
                $( if type_name == <$name as $crate::wire::Message>::NAME {
                    return Some(<$name as $crate::wire::Message>::decode(body).map(Self::$name));
                } )*
                None
            }
        }

        $( impl From<$name> for $enum {
            fn from(command: $name) -> Self {
                Self::$name(command)
            }
        } )*
    };
}

/// Declares an area's events: an enum over messages declared before.
macro_rules! events {
    ($(#[$doc:meta])* pub enum $enum:ident { $( $name:ident ),* $(,)? }) => {
        $crate::wire::commands! {
            $(#[$doc])*
            pub enum $enum { $( $name ),* }
        }

        impl $enum {
            /// The one encoding of the body.
            pub fn encode(&self) -> Vec<u8> {
                match self { $( Self::$name(event) => $crate::wire::Message::encode(event) ),* }
            }
        }
    };
}

pub(crate) use {commands, enumeration, events, message};
