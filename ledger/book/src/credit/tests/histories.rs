//! Random histories: whatever is said by whomever, the invariants hold and refusals change nothing.

use std::collections::BTreeSet;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::*;
use crate::{
    credit::{
        CancelDrawdown, FacilityClosed, FacilityLapsed, FailDisbursement, RefundOverpayment,
        RejectDrawdown, ResumeFacility, ReversePayment, SuspendFacility, WithdrawCall, invariants,
        live_loans, product_of, ratios,
    },
    pledges::{
        CheckOutcome,
        tests::{confirm_release, hold, request_release, set_profile},
    },
    vocabulary::Id,
    wire::Message,
};

#[derive(Debug, Clone)]
enum Step {
    Price { fen: u64 },
    Pass { hours: u32 },
    Check { financed: bool },
    Hold { on: bool },
    Draw { minor: u64, due: u32, unpaid: bool },
    Request { minor: u64, due: u32 },
    Approve { loan: usize },
    GiveUp { loan: usize, by_borrower: bool },
    Instruct { loan: usize },
    Confirm { loan: usize },
    Fail { loan: usize },
    Accrue { loan: usize },
    Charge { loan: usize, minor: u64 },
    Pay { loan: usize, minor: u64 },
    Reverse { payment: usize },
    Refund { loan: usize, minor: u64 },
    Value { fen: u64 },
    Waive,
    Suspend { on: bool },
    Attach,
    Release { confirm: bool },
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let loan = || 0usize..6;
    let minor =
        || prop_oneof![1 => 1u64..1_000, 1 => 100_000u64..2_000_000, 3 => 4_000_000u64..6_000_000];
    // What ends the story (a release, a close) and what stops draws is rare, so that most of it happens.
    prop_oneof![
        6 => (60u64..110).prop_map(|fen| Step::Price { fen }),
        6 => (1u32..60).prop_map(|hours| Step::Pass { hours }),
        3 => prop::bool::weighted(0.05).prop_map(|financed| Step::Check { financed }),
        1 => prop::bool::weighted(0.3).prop_map(|on| Step::Hold { on }),
        8 => (minor(), 1u32..60, prop::bool::weighted(0.2))
            .prop_map(|(minor, due, unpaid)| Step::Draw { minor, due, unpaid }),
        3 => (minor(), 1u32..60).prop_map(|(minor, due)| Step::Request { minor, due }),
        3 => loan().prop_map(|loan| Step::Approve { loan }),
        1 => (loan(), any::<bool>())
            .prop_map(|(loan, by_borrower)| Step::GiveUp { loan, by_borrower }),
        3 => loan().prop_map(|loan| Step::Instruct { loan }),
        3 => loan().prop_map(|loan| Step::Confirm { loan }),
        3 => loan().prop_map(|loan| Step::Fail { loan }),
        4 => loan().prop_map(|loan| Step::Accrue { loan }),
        2 => (loan(), 1u64..500).prop_map(|(loan, minor)| Step::Charge { loan, minor }),
        8 => (loan(), minor()).prop_map(|(loan, minor)| Step::Pay { loan, minor }),
        4 => (0usize..4).prop_map(|payment| Step::Reverse { payment }),
        3 => (loan(), 1u64..50_000).prop_map(|(loan, minor)| Step::Refund { loan, minor }),
        8 => (50u64..100).prop_map(|fen| Step::Value { fen }),
        1 => Just(Step::Waive),
        1 => prop::bool::weighted(0.3).prop_map(|on| Step::Suspend { on }),
        1 => Just(Step::Attach),
        1 => prop::bool::weighted(0.7).prop_map(|confirm| Step::Release { confirm }),
        1 => Just(Step::Close),
    ]
}

/// A facility with its pledge, a second pledge to attach, and what was made since.
struct Story {
    world: World,
    facility: FacilityId,
    pledges: [PledgeId; 2],
    loans: Vec<LoanId>,
    references: u32,
}

impl Story {
    fn begin(default_at_liquidation: bool) -> Self {
        let mut world = world();
        set_profile(&mut world, |profile| profile.margin_call_ms = Millis::hours(6));
        let product = SetProduct { default_at_liquidation, ..product() };
        two(&mut world, BANK, Command::from(product)).expect("accepted");
        let (facility, first) = secured(&mut world);
        let more = receipt(&mut world, 2, HUNDRED_TONNES / 2);
        let second = pledges::tests::active(&mut world, &[more]);
        let pledges = [first, second];
        Self { world, facility, pledges, loans: Vec::new(), references: 0 }
    }

    fn loan(&self, place: usize) -> LoanId {
        // One place in all is nobody's loan.
        let place = place % (self.loans.len() + 1);
        self.loans.get(place).copied().unwrap_or_else(|| LoanId::from_bytes([0xEE; 16]))
    }

    /// The reference of a payment received, in their order.
    fn payment(&self, place: usize) -> crate::vocabulary::Code {
        let mut references = self.world.history.iter().filter_map(|event| match event {
            areas::Event::Credit(Event::PaymentReceived(event)) => Some(&event.bank_reference),
            _ => None,
        });
        references.nth(place).cloned().unwrap_or_else(|| code("NONE"))
    }

    fn reference(&mut self) -> String {
        self.references += 1;
        format!("REF-{}", self.references)
    }

    /// Says what a step is.
    fn take(&mut self, step: &Step) -> Result<Vec<areas::Event>, Refusal> {
        let facility = self.facility;
        let by_bank = match *step {
            Step::Price { fen } => {
                let price = Price { minor_units: fen, per: Quantity::new(1_000, Unit::Gram) };
                let feed = code(FEED);
                let observed_at_ms = self.world.now;
                let observe = prices::Command::from(ObservePrice { feed, price, observed_at_ms });
                return self.world.say(party(SOURCE), observe);
            }
            Step::Pass { hours } => return Ok(self.world.pass(Millis::hours(hours))),
            Step::Check { financed } => return self.check(financed),
            Step::Draw { minor, due, unpaid } => return Ok(self.draw(minor, due, unpaid)),
            Step::Hold { on } => return hold(&mut self.world, id(1), on),
            Step::Request { minor, due } => {
                let due_on = date("2026-01-05").plus_days(due);
                let request = RequestDrawdown { due_on, ..drawdown(facility, minor) };
                return self.world.say(party(COOP), Command::from(request));
            }
            Step::Approve { loan } => {
                let approve = approve(self.loan(loan));
                return two(&mut self.world, BANK, approve);
            }
            Step::GiveUp { loan, by_borrower } => {
                let loan = self.loan(loan);
                if by_borrower {
                    let cancel = Command::CancelDrawdown(CancelDrawdown { loan });
                    return self.world.say(party(COOP), cancel);
                }
                Command::RejectDrawdown(RejectDrawdown { loan, reason: code("POLICY") })
            }
            Step::Charge { loan, minor } => {
                let charge = charge(self.loan(loan), Bucket::Fees, minor);
                return two(&mut self.world, BANK, charge);
            }
            // At a new price, if the feed takes it.
            Step::Value { fen } => {
                let mut events = self.take(&Step::Price { fen }).unwrap_or_default();
                events.extend(self.world.say(party(BUYER), value(facility))?);
                return Ok(events);
            }
            Step::Waive => return self.waive(),
            Step::Release { confirm } => return self.release(confirm),
            Step::Instruct { loan } => instruct(self.loan(loan)),
            Step::Confirm { loan } => self.confirm(loan),
            Step::Fail { loan } => {
                let loan = self.loan(loan);
                Command::FailDisbursement(FailDisbursement { loan, reason: code("CLOSED") })
            }
            Step::Accrue { loan } => accrue(self.loan(loan)),
            Step::Pay { loan, minor } => pay(self.loan(loan), minor, &self.reference()),
            Step::Reverse { payment } => {
                let bank_reference = self.payment(payment);
                Command::ReversePayment(ReversePayment { bank_reference, reason: code("BACK") })
            }
            Step::Refund { loan, minor } => Command::RefundOverpayment(RefundOverpayment {
                loan: self.loan(loan),
                amount: yuan(minor),
                bank_reference: code(&self.reference()),
            }),
            Step::Suspend { on: true } => {
                Command::SuspendFacility(SuspendFacility { facility, reason: code("AUDIT") })
            }
            Step::Suspend { on: false } => Command::ResumeFacility(ResumeFacility { facility }),
            Step::Attach => satisfy(facility, self.pledges[1]),
            Step::Close => Command::CloseFacility(CloseFacility { facility }),
        };
        self.world.say(party(BANK), by_bank)
    }

    fn check(&mut self, financed: bool) -> Result<Vec<areas::Event>, Refusal> {
        let outcome = if financed { CheckOutcome::Financed } else { CheckOutcome::Clear };
        let now = self.world.now;
        let mut events = Vec::new();
        for pledge in self.pledges {
            let check = pledges::tests::check(pledge, outcome, now);
            events.extend(self.world.say(party(BANK), check).unwrap_or_default());
        }
        Ok(events)
    }

    /// Everything that a loan takes, one after the other, as far as it goes; to the bank's word or before it.
    fn draw(&mut self, minor: u64, due: u32, unpaid: bool) -> Vec<areas::Event> {
        let price = self.take(&Step::Price { fen: 100 });
        let check = self.take(&Step::Check { financed: false });
        let request = self.take(&Step::Request { minor, due });
        let mut events = [price, check].into_iter().flatten().flatten().collect::<Vec<_>>();
        let Ok(requested) = request else { return events };
        self.check_draw(&requested);
        let loan = self.loans.len();
        self.loans.push(loan_of(Ok(requested)));
        let steps = [Step::Approve { loan }, Step::Instruct { loan }, Step::Confirm { loan }];
        for step in steps.iter().take(if unpaid { 2 } else { 3 }) {
            let said = self.take(step).unwrap_or_default();
            self.check_draw(&said);
            events.extend(said);
        }
        events
    }

    fn confirm(&mut self, loan: usize) -> Command {
        let loan = self.loan(loan);
        let amount = LOANS.find(&self.world.view, &loan).map_or(1, |row| row.value.amount.minor());
        confirm(loan, amount, &self.reference())
    }

    fn waive(&mut self) -> Result<Vec<areas::Event>, Refusal> {
        let last = CALLS.scan(&self.world.view, None, usize::MAX).pop();
        let call = last.map_or(id(0xEE), |call| call.value.id);
        let waive = Command::WithdrawCall(WithdrawCall { call, reason: code("HARVEST") });
        two(&mut self.world, BANK, waive)
    }

    fn release(&mut self, confirm: bool) -> Result<Vec<areas::Event>, Refusal> {
        let pledge = self.pledges[0];
        if confirm {
            confirm_release(&mut self.world, pledge)
        } else {
            self.world.say(party(COOP), request_release(pledge))
        }
    }

    /// INV-27, INV-32, INV-35, INV-36: what was relied on when money was promised or sent.
    fn check_draw(&self, events: &[areas::Event]) {
        let draws = events.iter().any(|event| {
            matches!(
                event,
                areas::Event::Credit(
                    Event::DrawdownRequested(_)
                        | Event::DrawdownApproved(_)
                        | Event::DisbursementInstructed(_)
                )
            )
        });
        if !draws {
            return;
        }
        let Some(areas::Event::Credit(Event::ValuationComputed(valuation))) = events.first() else {
            panic!("drawn without a valuation: {events:?}")
        };
        let view = &self.world.view;
        let row = crate::credit::find(view, self.facility).expect("known");
        let product = product_of(view, &row.value).expect("known");
        let reserved: u64 = live_loans(view, row.no)
            .iter()
            .filter(|loan| loan.value.stage.debt().is_none())
            .map(|loan| loan.value.amount.minor())
            .sum();
        let value = valuation.value.expect("a value was relied on").minor();
        let after = valuation.exposure.minor() + reserved;
        assert!(after <= ratios::lendable(value, product.ltv_initial_ppm), "above the line");
        assert!(matches!(
            stage(&self.world, self.facility),
            Stage::Available { by_lender: false, call: None, .. }
        ));
        for no in crate::credit::pledges_of(view, row.no) {
            let pledge = pledges::PLEDGES.get(view, no).expect("known");
            assert!(matches!(pledge.stage, pledges::Stage::Active { .. }));
            assert!(after <= pledge.secured_maximum.minor() * 2);
        }
    }
}

fn steps() -> impl Strategy<Value = (bool, Vec<Step>)> {
    (any::<bool>(), prop::collection::vec(step(), 1..70))
}

/// Plays a history; after each step the invariants hold, and what was refused changed nothing.
fn play(strict: bool, steps: Vec<Step>) -> Story {
    let mut story = Story::begin(strict);
    for step in steps {
        let before = story.world.view.range(&[], None, usize::MAX);
        match story.take(&step) {
            Ok(events) => {
                if !matches!(step, Step::Draw { .. }) {
                    story.check_draw(&events);
                }
                story.loans.extend(events.iter().filter_map(|event| match event {
                    areas::Event::Credit(Event::DrawdownRequested(event)) => Some(event.loan),
                    _ => None,
                }));
            }
            // A price may be taken and the valuation at it refused.
            Err(_) if matches!(step, Step::Value { .. }) => {}
            Err(_) => assert_eq!(before, story.world.view.range(&[], None, usize::MAX), "{step:?}"),
        }
        let found = invariants::broken(&story.world.view, &story.world.history);
        assert_eq!(found, Vec::<String>::new(), "{step:?}");
        let found = pledges::invariants::broken(&story.world.view);
        assert_eq!(found, Vec::<String>::new(), "{step:?}");
    }
    story
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_history_lends_against_the_rules_or_loses_a_fen((strict, steps) in steps()) {
        play(strict, steps);
    }
}

/// The histories above are worth something: they reach what may happen to credit.
#[test]
fn random_histories_reach_every_process_of_credit() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..80 {
        let (strict, steps) = steps().new_tree(&mut runner).expect("steps").current();
        seen.extend(play(strict, steps).world.history.iter().map(areas::Event::type_name));
    }
    // Stories that begin signed and seldom end: these have tests of their own.
    let others = [FacilityLapsed::NAME, FacilityClosed::NAME];
    let missing: Vec<&str> = Event::SPECS
        .iter()
        .map(|spec| spec.name)
        .filter(|name| !seen.contains(name) && !others.contains(name))
        .collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}
