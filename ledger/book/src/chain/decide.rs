//! The rules about the chain itself.

use granary_log::hash::sha256;

use super::{
    AdvanceClock, ApproveOperatorAct, ClockAdvanced, ClockKind, Command, Event, GrantSigner,
    OperatorActApproved, OperatorActExecuted, OperatorActProposed, PROPOSALS, ProposeOperatorAct,
    SignerGranted, StateRoot, StateRootReported, Tick, Ticked, facts,
};
use crate::{
    areas,
    at::At,
    authority,
    chain::Chain,
    parties::{self, Role},
    refusal::{Code, Measure, ObjectKind, Refusal},
    state::View,
    vocabulary::{Digest, Millis, PersonId, ProposalId},
};

/// Decides a command about the chain.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let Ok(chain) = facts(view) else { return Err(Code::InvalidState.into()) };
    match command {
        // Entry 0 is judged by `found`; there is no second one.
        Command::Genesis(_) => Err(Refusal::new(Code::InvalidState).in_state("FOUNDED")),
        Command::Tick(command) => tick(&chain, command, at),
        Command::StateRoot(command) => state_root(command, at),
        Command::AdvanceClock(command) => advance_clock(&chain, command),
        Command::GrantSigner(command) => grant_signer(view, command, at),
        Command::ProposeOperatorAct(command) => propose(view, &chain, command, at),
        Command::ApproveOperatorAct(command) => approve(view, &chain, command, at),
    }
}

fn tick(chain: &Chain, command: &Tick, at: &At<'_>) -> Result<Vec<areas::Event>, Refusal> {
    // A claim that can't move the clock any more says nothing (format.md section 1).
    if command.claim_ms.after(Millis::minutes(2)) <= at.log_time {
        return Err(Refusal::new(Code::TickStale).at(at.log_time));
    }
    if chain.clock == ClockKind::Simulated {
        return Err(Refusal::new(Code::ClockRefused).at(chain.claim));
    }
    Ok(vec![Event::Ticked(Ticked { claim_ms: command.claim_ms }).into()])
}

/// Nodes state the root of the state after multiples of this many entries (architecture.md section 4).
pub const STATE_ROOT_EVERY: u64 = 1_024;

fn state_root(command: &StateRoot, at: &At<'_>) -> Result<Vec<areas::Event>, Refusal> {
    let StateRoot { size, root } = *command;
    if size == 0 || size > at.stamp.index || !size.is_multiple_of(STATE_ROOT_EVERY) {
        let greatest = at.stamp.index / STATE_ROOT_EVERY * STATE_ROOT_EVERY;
        let refusal = Refusal::new(Code::ValidationFailed).field("size");
        return Err(refusal.limit(greatest, size, Measure::Count));
    }
    Ok(vec![Event::StateRootReported(StateRootReported { node: at.party_id, size, root }).into()])
}

fn advance_clock(chain: &Chain, command: &AdvanceClock) -> Result<Vec<areas::Event>, Refusal> {
    if chain.clock != ClockKind::Simulated || command.to_ms < chain.claim {
        return Err(Refusal::new(Code::ClockRefused).at(chain.claim));
    }
    Ok(vec![Event::ClockAdvanced(ClockAdvanced { to_ms: command.to_ms }).into()])
}

/// Whether the root is the log's own at that size only a node can tell: the book knows no roots. One that is
/// not keeps the node from signing.
fn grant_signer(
    view: &View<'_>,
    command: &GrantSigner,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    parties::active(view, command.node, &[Role::Node])?;
    if command.previous_size > at.stamp.index {
        return Err(Refusal::new(Code::ValidationFailed).field("previous_size").limit(
            at.stamp.index,
            command.previous_size,
            Measure::Count,
        ));
    }
    let GrantSigner { node, previous_size, root } = *command;
    Ok(vec![Event::SignerGranted(SignerGranted { node, previous_size, root }).into()])
}

/// Whether a command is an act of the operators: it may be proposed, and with more than one operator needed
/// it may only be proposed.
pub fn is_operator_act(type_name: &str) -> bool {
    authority::rule(type_name).is_some_and(|rule| rule.roles == [Role::Operator])
        && !type_name.ends_with("OperatorAct")
}

fn approver(at: &At<'_>) -> Result<PersonId, Refusal> {
    at.person().ok_or_else(|| Code::SignersMismatch.into())
}

fn propose(
    view: &View<'_>,
    chain: &Chain,
    command: &ProposeOperatorAct,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let proposal: ProposalId = at.id(0);
    if PROPOSALS.has(view, &proposal) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Proposal, proposal));
    }
    let act = act(command.act_type.as_str(), &command.act_body)?;
    let person = approver(at)?;
    let proposed = OperatorActProposed {
        proposal,
        act_type: command.act_type.clone(),
        act_body: command.act_body.clone(),
        person,
    };
    let mut events = vec![Event::OperatorActProposed(proposed).into()];
    if chain.operators_needed <= 1 {
        events.extend(execute(view, proposal, &act, at)?);
    }
    Ok(events)
}

fn act(act_type: &str, body: &[u8]) -> Result<areas::Command, Refusal> {
    if !is_operator_act(act_type) {
        return Err(Refusal::new(Code::ProposalRefused).field("act_type"));
    }
    match areas::Command::decode(act_type, body) {
        Some(Ok(command)) => Ok(command),
        Some(Err(violations)) => Err(Refusal::body(&violations)),
        None => Err(Code::TypeUnknown.into()),
    }
}

fn execute(
    view: &View<'_>,
    proposal: ProposalId,
    act: &areas::Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let mut events = vec![Event::OperatorActExecuted(OperatorActExecuted { proposal }).into()];
    events.extend(areas::decide(view, act, at)?);
    Ok(events)
}

fn approve(
    view: &View<'_>,
    chain: &Chain,
    command: &ApproveOperatorAct,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let id = command.proposal;
    let proposal =
        PROPOSALS.get(view, &id).ok_or_else(|| Refusal::not_found(ObjectKind::Proposal, id))?;
    let refused = || Refusal::new(Code::ProposalRefused).subject(ObjectKind::Proposal, id);
    if proposal.executed {
        return Err(refused().in_state("EXECUTED"));
    }
    if Digest(sha256(&proposal.act_body).0) != command.body_sha256 {
        return Err(refused().field("body_sha256"));
    }
    let person = approver(at)?;
    if proposal.approvals.contains(&person) {
        return Err(refused().subject(ObjectKind::Person, person));
    }
    let approved = OperatorActApproved { proposal: id, person, body_sha256: command.body_sha256 };
    let mut events = vec![Event::OperatorActApproved(approved).into()];
    let approvals = u32::try_from(proposal.approvals.len()).unwrap_or(u32::MAX).saturating_add(1);
    if approvals >= chain.operators_needed {
        events.extend(execute(
            view,
            id,
            &act(proposal.act_type.as_str(), &proposal.act_body)?,
            at,
        )?);
    }
    Ok(events)
}

/// Refuses an act that needs more operators than one statement can show: it must be proposed.
///
/// # Errors
///
/// `NOT_AUTHORISED` with how many persons are needed.
pub(crate) fn require_proposal(chain: &Chain, type_name: &str) -> Result<(), Refusal> {
    if chain.operators_needed > 1 && is_operator_act(type_name) {
        let needed = u64::from(chain.operators_needed);
        return Err(Refusal::new(Code::NotAuthorised).required(ProposeOperatorAct::SHORT).limit(
            needed,
            1,
            Measure::Count,
        ));
    }
    Ok(())
}

impl ProposeOperatorAct {
    /// What the refusal asks for.
    const SHORT: &str = "ProposeOperatorAct";
}
