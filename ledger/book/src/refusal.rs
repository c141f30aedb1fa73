//! Refusals: a stable number, the name the trade knows, and typed facts. Never prose: words come from the
//! message catalogue, in the reader's language.

mod code;

pub use code::{Class, Code};

use crate::{
    vocabulary::{Code as Text, Id, Label, Money, Quantity, Time, Unit},
    wire::{self, Message, Violations},
};

wire::enumeration! {
    /// Kinds of objects that facts and queries refer to.
    pub enum ObjectKind("granary.refusal.v1.ObjectKind") {
        /// Party.
        1 => Party,
        /// Person.
        2 => Person,
        /// Lot.
        3 => Lot,
        /// Receipt.
        4 => Receipt,
        /// Transfer.
        5 => Transfer,
        /// Release order.
        6 => ReleaseOrder,
        /// Pledge.
        7 => Pledge,
        /// Facility.
        8 => Facility,
        /// Loan.
        9 => Loan,
        /// Margin call.
        10 => Call,
        /// Price observation.
        11 => Price,
        /// Order.
        12 => Order,
        /// Shipment.
        13 => Shipment,
        /// Operators' proposal.
        14 => Proposal,
    }
}

wire::enumeration! {
    /// What the numbers in facts count.
    pub enum Measure("granary.refusal.v1.Measure") {
        /// Grams.
        1 => Gram,
        /// Millilitres.
        2 => Millilitre,
        /// Pieces.
        3 => Piece,
        /// Minor units of money.
        4 => MinorUnit,
        /// Parts per million.
        5 => Ppm,
        /// Milliseconds.
        6 => Millisecond,
        /// Things.
        7 => Count,
        /// Days.
        8 => Day,
    }
}

wire::message! {
    /// An object referred to.
    pub struct Reference("granary.refusal.v1.Reference") {
        /// Its kind.
        1 => kind: ObjectKind,
        /// Its id.
        2 => id: [u8; 16],
    }
}

wire::message! {
    /// The facts behind a refusal. Which of them a code carries is said beside the code.
    pub struct Facts("granary.refusal.v1.Facts") {
        /// The field concerned, as a path.
        1 => field: Option<Label>,
        /// What is wrong with it ([`wire::Problem::code`]).
        2 => problem: Option<u64>,
        /// The object concerned.
        3 => subject: Option<Reference>,
        /// The object in the way.
        4 => other: Option<Reference>,
        /// The state it is in.
        5 => state: Option<Text>,
        /// What would have been allowed, at most or at least.
        6 => limit: Option<u64>,
        /// What was asked or found.
        7 => actual: Option<u64>,
        /// What limit and actual count.
        8 => measure: Option<Measure>,
        /// A moment: a deadline, an expiry.
        9 => at_ms: Option<Time>,
        /// The index of another entry.
        10 => index: Option<u64>,
        /// What is missing: a role, a code of a registry.
        11 => required: Option<Text>,
    }
}

/// A rule said no. The caller did this; the facts say what would have to be different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which rule.
    pub code: Code,
    /// The facts it saw.
    pub facts: Box<Facts>,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Refusal::new(code)
    }
}

impl Refusal {
    /// A refusal without facts; add them with the methods below.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            facts: Box::new(Facts {
                field: None,
                problem: None,
                subject: None,
                other: None,
                state: None,
                limit: None,
                actual: None,
                measure: None,
                at_ms: None,
                index: None,
                required: None,
            }),
        }
    }

    /// A body that did not decode: the first violation stands for all.
    pub fn body(violations: &Violations) -> Self {
        let mut refusal = Self::new(Code::BodyMalformed);
        if let Some(first) = violations.as_slice().first() {
            refusal.facts.problem = Some(first.problem.code());
            refusal.facts.field = first.path.parse().ok();
        }
        refusal
    }

    /// The object that is not there.
    pub fn not_found(kind: ObjectKind, id: impl Id) -> Self {
        Self::new(Code::NotFound).subject(kind, id)
    }

    /// The object in a state that doesn't allow the act.
    pub fn state(kind: ObjectKind, id: impl Id, state: &'static str) -> Self {
        Self::new(Code::InvalidState).subject(kind, id).in_state(state)
    }

    /// Names the field concerned.
    #[must_use]
    pub fn field(mut self, path: &'static str) -> Self {
        self.facts.field = path.parse().ok();
        self
    }

    /// Names the object concerned.
    #[must_use]
    pub fn subject(mut self, kind: ObjectKind, id: impl Id) -> Self {
        self.facts.subject = Some(Reference { kind, id: id.to_bytes() });
        self
    }

    /// Names the object in the way.
    #[must_use]
    pub fn other(mut self, kind: ObjectKind, id: impl Id) -> Self {
        self.facts.other = Some(Reference { kind, id: id.to_bytes() });
        self
    }

    /// Names the state the object is in.
    #[must_use]
    pub fn in_state(mut self, state: &'static str) -> Self {
        self.facts.state = state.parse().ok();
        self
    }

    /// What would have been allowed and what was asked, in plain numbers.
    #[must_use]
    pub fn limit(mut self, limit: u64, actual: u64, measure: Measure) -> Self {
        self.facts.limit = Some(limit);
        self.facts.actual = Some(actual);
        self.facts.measure = Some(measure);
        self
    }

    /// What would have been allowed and what was asked, as quantities of one unit.
    #[must_use]
    pub fn quantities(self, limit: Quantity, actual: Quantity) -> Self {
        let measure = match limit.unit() {
            Unit::Gram => Measure::Gram,
            Unit::Millilitre => Measure::Millilitre,
            Unit::Piece => Measure::Piece,
        };
        self.limit(limit.amount(), actual.amount(), measure)
    }

    /// What would have been allowed and what was asked, as amounts of one currency.
    #[must_use]
    pub fn amounts(self, limit: Money, actual: Money) -> Self {
        self.limit(limit.minor(), actual.minor(), Measure::MinorUnit)
    }

    /// The moment concerned.
    #[must_use]
    pub fn at(mut self, moment: Time) -> Self {
        self.facts.at_ms = Some(moment);
        self
    }

    /// The index of the entry concerned.
    #[must_use]
    pub fn index(mut self, index: u64) -> Self {
        self.facts.index = Some(index);
        self
    }

    /// What is missing.
    #[must_use]
    pub fn required(mut self, what: &str) -> Self {
        self.facts.required = what.parse().ok();
        self
    }

    /// The facts' one encoding: at most 1 KiB, since each part is bounded.
    pub fn encode_facts(&self) -> Vec<u8> {
        self.facts.encode()
    }
}
