//! The areas together: one command, one event, one deadline of any of them, and who decides it.

use serde::{Deserialize, Serialize};

use crate::{
    at::{At, Stamp},
    chain, credit, goods, orders, parties, pledges, prices, receipts,
    refusal::Refusal,
    registries, shipments,
    state::{BrokenHistory, View},
    wire::{MessageSpec, Violations},
};

macro_rules! areas {
    ($( $(#[$doc:meta])* $area:ident $variant:ident ),* $(,)?) => {
        /// A command of some area.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "lives for one decision")]
        pub enum Command {
            $( $(#[$doc])* $variant($area::Command), )*
        }

        /// An event of some area.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "lives for one decision")]
        pub enum Event {
            $( $(#[$doc])* $variant($area::Event), )*
        }

        $(
            impl From<$area::Command> for Command {
                fn from(command: $area::Command) -> Self {
                    Command::$variant(command)
                }
            }
            impl From<$area::Event> for Event {
                fn from(event: $area::Event) -> Self {
                    Event::$variant(event)
                }
            }
        )*

        impl Command {
            /// Full protobuf name.
            pub const fn type_name(&self) -> &'static str {
                match self { $( Command::$variant(command) => command.type_name() ),* }
            }

            /// Decodes a body by its type; `None` when no area knows the type.
            pub fn decode(type_name: &str, body: &[u8]) -> Option<Result<Self, Violations>> {
                $( if let Some(decoded) = $area::Command::decode(type_name, body) {
                    return Some(decoded.map(Self::$variant));
                } )*
                None
            }
        }

        impl Event {
            /// Full protobuf name.
            pub const fn type_name(&self) -> &'static str {
                match self { $( Event::$variant(event) => event.type_name() ),* }
            }

            /// The one encoding of the body.
            pub fn encode(&self) -> Vec<u8> {
                match self { $( Event::$variant(event) => event.encode() ),* }
            }

            /// Decodes a body by its type; `None` when no area knows the type.
            pub fn decode(type_name: &str, body: &[u8]) -> Option<Result<Self, Violations>> {
                $( if let Some(decoded) = $area::Event::decode(type_name, body) {
                    return Some(decoded.map(Self::$variant));
                } )*
                None
            }
        }

        /// Decides a command: reads, never writes. All guards come before any event.
        ///
        /// # Errors
        ///
        /// The first guard that says no, in the order that the area's rules give.
        pub fn decide(view: &View<'_>, command: &Command, at: &At<'_>) -> Result<Vec<Event>, Refusal> {
            match command { $( Command::$variant(command) => $area::decide(view, command, at), )* }
        }

        /// Writes what an event says; decides nothing.
        ///
        /// # Errors
        ///
        /// The event can't follow this state. Never on a history that this book made.
        pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
            match event { $( Event::$variant(event) => $area::evolve(view, event, stamp), )* }
        }

        /// The shapes of all commands.
        pub fn command_specs() -> impl Iterator<Item = &'static MessageSpec> {
            std::iter::empty() $( .chain($area::Command::SPECS) )*
        }

        /// The shapes of all events.
        pub fn event_specs() -> impl Iterator<Item = &'static MessageSpec> {
            std::iter::empty() $( .chain($area::Event::SPECS) )*
        }
    };
}

areas! {
    /// The chain itself.
    chain Chain,
    /// Parties, persons, keys, licences.
    parties Parties,
    /// Commodities, feeds, calendars, profiles, products.
    registries Registries,
    /// Lots of goods, from announcement to store.
    goods Goods,
    /// Warehouse receipts.
    receipts Receipts,
    /// Receipts held for lenders.
    pledges Pledges,
    /// Observed prices.
    prices Prices,
    /// Products, facilities, loans, margin calls.
    credit Credit,
    /// Orders: goods sold and bought.
    orders Orders,
    /// Shipments: goods on their way.
    shipments Shipments,
}

macro_rules! deadlines {
    ($( $(#[$doc:meta])* $area:ident $variant:ident ),* $(,)?) => {
        /// Something that falls due, of some area. Variants are only ever added at the end: the order is
        /// part of the stored form.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Deadline {
            $( $(#[$doc])* $variant($area::Deadline), )*
        }

        $( impl From<$area::Deadline> for Deadline {
            fn from(deadline: $area::Deadline) -> Self {
                Deadline::$variant(deadline)
            }
        } )*

        /// What a deadline comes to when it falls due: nothing when what it waited for has happened.
        pub fn fire(view: &View<'_>, deadline: &Deadline, stamp: &Stamp) -> Vec<Event> {
            match deadline { $( Deadline::$variant(deadline) => $area::fire(view, deadline, stamp), )* }
        }
    };
}

deadlines! {
    /// Licences run out.
    parties Parties,
    /// Inspection windows and offers of finance end.
    orders Orders,
    /// Offers and receipts run out.
    receipts Receipts,
    /// Offered handovers run out.
    shipments Shipments,
    /// Reservations end.
    pledges Pledges,
    /// Offers and margin calls end.
    credit Credit,
}
