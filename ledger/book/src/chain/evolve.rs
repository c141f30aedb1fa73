//! Writes what happened to the chain itself.

use super::{
    CHAIN, Chain, ChainFounded, Event, PROPOSALS, Proposal, SIGNER, SignerGrant, SignerGranted,
    facts,
};
use crate::{
    at::Stamp,
    state::{BrokenHistory, View},
    vocabulary::ProposalId,
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there.
pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::ChainFounded(event) => found(view, event),
        // Evidence for whoever compares; no rule asks for it.
        Event::StateRootReported(_) => Ok(()),
        Event::Ticked(event) => update(view, |chain| chain.claim = event.claim_ms),
        Event::ClockAdvanced(event) => update(view, |chain| chain.claim = event.to_ms),
        Event::SignerGranted(event) => {
            let SignerGranted { node, previous_size, root } = *event;
            SIGNER.put(view, &(), &SignerGrant { node, index: stamp.index, previous_size, root });
            Ok(())
        }
        Event::OperatorActProposed(event) => {
            let proposal = Proposal {
                act_type: event.act_type.clone(),
                act_body: event.act_body.clone(),
                approvals: vec![event.person],
                executed: false,
            };
            PROPOSALS.put(view, &event.proposal, &proposal);
            Ok(())
        }
        Event::OperatorActApproved(event) => {
            change(view, event.proposal, |proposal| proposal.approvals.push(event.person))
        }
        Event::OperatorActExecuted(event) => {
            change(view, event.proposal, |proposal| proposal.executed = true)
        }
    }
}

fn found(view: &mut View<'_>, event: &ChainFounded) -> Result<(), BrokenHistory> {
    if CHAIN.has(view, &()) {
        return Err(BrokenHistory("the chain is founded twice"));
    }
    let chain = Chain {
        origin: event.origin.clone(),
        clock: event.clock,
        entries: event.entries,
        operators_needed: event.operators_needed,
        nodes_needed: event.nodes_needed,
        log_key: event.log_key,
        level: event.level,
        claim: event.time_ms,
    };
    CHAIN.put(view, &(), &chain);
    Ok(())
}

fn update(view: &mut View<'_>, change: impl FnOnce(&mut Chain)) -> Result<(), BrokenHistory> {
    let mut chain = facts(view)?;
    change(&mut chain);
    CHAIN.put(view, &(), &chain);
    Ok(())
}

fn change(
    view: &mut View<'_>,
    id: ProposalId,
    change: impl FnOnce(&mut Proposal),
) -> Result<(), BrokenHistory> {
    let mut proposal =
        PROPOSALS.get(view, &id).ok_or(BrokenHistory("an event names no proposal"))?;
    change(&mut proposal);
    PROPOSALS.put(view, &id, &proposal);
    Ok(())
}
