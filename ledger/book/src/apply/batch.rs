//! The commands of a statement: one, or a batch of them.

use super::{Decided, Deciding, evolve_all};
use crate::{
    areas::{self, Command, Event},
    at::{At, Signer},
    authority, chain,
    parties::{self, Role},
    refusal::{Code, Refusal},
    state::{BrokenHistory, View},
    vocabulary::{Id, Label, PartyId},
    wire::{self, List, Message},
};
use granary_log::{entry::ITEM_STATEMENT, statement::Statement};

wire::enumeration! {
    /// What becomes of the other commands when one is refused.
    pub enum BatchMode("granary.statement.v1.BatchMode") {
        /// All or nothing: one outcome.
        1 => Linked,
        /// Each by itself: an outcome for each.
        2 => Independent,
    }
}

wire::message! {
    /// One command of a batch.
    pub struct Item("granary.statement.v1.Item") {
        /// In whose name; absent: the statement's principal. Each principal named signs.
        1 => principal: Option<PartyId>,
        /// Full protobuf name of the command.
        2 => type_name: Label,
        /// Its body.
        3 => body: Vec<u8>,
    }
}

wire::message! {
    /// Several commands under one signature of each principal.
    pub struct Batch("granary.statement.v1.Batch") {
        /// What becomes of the others when one is refused.
        1 => mode: BatchMode,
        /// The commands, in order.
        2 => items: List<Item, 1, 256>,
    }
}

/// A command of a statement, decoded.
pub(super) struct ItemCommand {
    pub(super) principal: [u8; 16],
    pub(super) command: Command,
    mode: Option<BatchMode>,
}

/// Step 2: the commands of a statement.
///
/// # Errors
///
/// `TYPE_UNKNOWN`, `BODY_MALFORMED`, `BATCH_FORBIDDEN`.
pub(super) fn items_of(statement: &Statement) -> Result<Vec<ItemCommand>, Refusal> {
    if statement.type_name != Batch::NAME {
        let command = decode(&statement.type_name, &statement.body)?;
        return Ok(vec![ItemCommand { principal: statement.principal, command, mode: None }]);
    }
    let batch = Batch::decode(&statement.body).map_err(|bad| Refusal::body(&bad))?;
    let item = |item: &Item| {
        let type_name = item.type_name.as_str();
        if is_forbidden(type_name) {
            return Err(Refusal::new(Code::BatchForbidden).field("items.type_name"));
        }
        let principal = item.principal.map_or(statement.principal, Id::to_bytes);
        let command = decode(type_name, &item.body)?;
        Ok(ItemCommand { principal, command, mode: Some(batch.mode) })
    };
    batch.items.iter().map(item).collect()
}

fn decode(type_name: &str, body: &[u8]) -> Result<Command, Refusal> {
    match Command::decode(type_name, body) {
        Some(Ok(command)) => Ok(command),
        Some(Err(violations)) => Err(Refusal::body(&violations)),
        None => Err(Code::TypeUnknown.into()),
    }
}

/// No nesting, no acts on keys, none of the chain's operators or nodes (book.md section 1).
fn is_forbidden(type_name: &str) -> bool {
    let of_the_chain = |role: &Role| matches!(role, Role::Operator | Role::Node);
    type_name == Batch::NAME
        || type_name == parties::RegisterKey::NAME
        || type_name == parties::RevokeKey::NAME
        || type_name == chain::Genesis::NAME
        || authority::rule(type_name).is_some_and(|rule| rule.roles.iter().any(of_the_chain))
}

/// Where item number `number` is decided.
///
/// # Errors
///
/// `SIGNERS_MISMATCH` when its principal isn't known, and so can't have signed.
pub(super) fn place<'a>(
    view: &View<'_>,
    moment: &Deciding<'a>,
    item: &ItemCommand,
    number: usize,
    signers: &'a [Signer],
) -> Result<At<'a>, Refusal> {
    let party_id = PartyId::from_bytes(item.principal);
    let party = parties::PARTIES.no(view, &party_id).ok_or(Code::SignersMismatch)?;
    Ok(At {
        stamp: moment.stamp,
        log_time: moment.log_time,
        level: moment.chain.level,
        origin: &moment.statement.origin,
        party,
        party_id,
        statement_principal: moment.statement.principal,
        command_id: moment.statement.command_id,
        item: u16::try_from(number).unwrap_or(u16::MAX),
        signers,
    })
}

/// Steps 6 to 8 for all commands of a statement.
pub(super) fn decide(
    view: &mut View<'_>,
    moment: &Deciding<'_>,
    items: &[ItemCommand],
    signers: &[Signer],
) -> Result<Decided, BrokenHistory> {
    view.begin();
    let mut outcomes = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        let outcome = decide_item(view, moment, item, number, signers)?;
        match outcome {
            Err(refusal) if item.mode != Some(BatchMode::Independent) => {
                view.drop_layer();
                let item = u16::try_from(number).unwrap_or(ITEM_STATEMENT);
                return Ok(Decided::Refused { item, refusal });
            }
            outcome => outcomes.push(outcome),
        }
    }
    if let Some((number, refusal)) = all_refused(&outcomes) {
        view.drop_layer();
        return Ok(Decided::Refused { item: number, refusal });
    }
    let decided = Decided::accepted(outcomes);
    match &decided {
        // Statement and own result have to fit into an entry, whatever else fell due.
        Decided::Accepted { outcome, .. } if !outcome.fits(moment.statement.encoded_len()) => {
            view.drop_layer();
            Ok(Decided::refused(Code::ResultTooLarge))
        }
        _ => {
            view.keep();
            Ok(decided)
        }
    }
}

/// One command: what it changes is kept when it is accepted and dropped when not.
fn decide_item(
    view: &mut View<'_>,
    moment: &Deciding<'_>,
    item: &ItemCommand,
    number: usize,
    signers: &[Signer],
) -> Result<Result<Vec<Event>, Refusal>, BrokenHistory> {
    let decided = place(view, moment, item, number, signers).and_then(|at| {
        let rule = authority::rule(item.command.type_name())
            .ok_or_else(|| Refusal::new(Code::NotAuthorised))?;
        authority::check_role(view, rule, &at)?;
        areas::decide(view, &item.command, &at)
    });
    if let Ok(events) = &decided {
        evolve_all(view, events, &moment.stamp)?;
    }
    Ok(decided)
}

/// The lowest command's refusal, when nothing was accepted.
fn all_refused(outcomes: &[Result<Vec<Event>, Refusal>]) -> Option<(u16, Refusal)> {
    if outcomes.iter().any(Result::is_ok) {
        return None;
    }
    outcomes.first()?.as_ref().err().map(|refusal| (0, refusal.clone()))
}
