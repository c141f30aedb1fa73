//! Step 3: who signed, and whether those are the ones the authority table asks for.

use granary_log::{signature::Verdict, statement::Signature};

use super::{Deciding, batch::ItemCommand};
use crate::{
    at::{At, Signer},
    authority::{self, Rule},
    chain,
    parties::{self, Command as PartyCommand, Holder, KEYS, PERSONS, Purpose},
    refusal::{Code, Measure, Refusal},
    state::View,
};

/// Checks signatures, keys and signers, in this order.
///
/// # Errors
///
/// `SUITE_UNKNOWN`, `SIGNATURE_INVALID`, `KEY_UNKNOWN`, `KEY_REVOKED`, `SIGNERS_MISMATCH`,
/// `MAKER_CHECKER_REQUIRED`. None of them takes the command id: anybody could send a copy under other
/// signatures.
pub(super) fn check(
    view: &View<'_>,
    moment: &Deciding<'_>,
    items: &[ItemCommand],
    verdicts: &[Verdict],
) -> Result<Vec<Signer>, Refusal> {
    let signatures = &moment.statement.signatures;
    check_verdicts(signatures, verdicts)?;
    let proven = proven_key(items);
    let mut signers = Vec::with_capacity(signatures.len());
    for signature in signatures {
        // A key being registered signs too, which shows possession; it speaks for nobody yet.
        if Some(signature.key_id) != proven {
            signers.push(signer(view, moment.stamp.index, signature)?);
        }
    }
    if proven.is_some() && signers.len() == signatures.len() {
        return Err(Refusal::new(Code::SignersMismatch).field("key"));
    }
    check_order(moment, &signers)?;
    check_rules(view, moment, items, &signers)?;
    Ok(signers)
}

fn check_verdicts(signatures: &[Signature], verdicts: &[Verdict]) -> Result<(), Refusal> {
    if verdicts.len() != signatures.len() {
        return Err(Code::SignatureInvalid.into());
    }
    let unknown = signatures.iter().zip(verdicts).find(|(_, v)| **v == Verdict::SuiteUnknown);
    if let Some((signature, _)) = unknown {
        let suite = u64::from(signature.suite);
        let built = u64::from(granary_log::statement::SUITE_ED25519);
        return Err(Refusal::new(Code::SuiteUnknown).limit(built, suite, Measure::Count));
    }
    if verdicts.iter().all(|verdict| *verdict == Verdict::Valid) {
        Ok(())
    } else {
        Err(Code::SignatureInvalid.into())
    }
}

/// The key that a `RegisterKey` registers: it must sign as well.
fn proven_key(items: &[ItemCommand]) -> Option<[u8; 32]> {
    match items {
        [
            ItemCommand {
                command: crate::areas::Command::Parties(PartyCommand::RegisterKey(register)),
                ..
            },
        ] => Some(register.key),
        _ => None,
    }
}

fn signer(view: &View<'_>, index: u64, signature: &Signature) -> Result<Signer, Refusal> {
    let key = (signature.suite, signature.key_id);
    let record = KEYS
        .get(view, &key)
        .filter(|record| record.purpose == Purpose::Statement)
        .ok_or_else(|| Refusal::new(Code::KeyUnknown))?;
    if !record.counts_at(index) {
        let refusal = Refusal::new(Code::KeyRevoked);
        return Err(refusal.index(record.to_index.unwrap_or(record.from_index)));
    }
    let person = match record.holder {
        Holder::Service => None,
        Holder::Person(no) => {
            let person = PERSONS.get(view, no).filter(|person| person.active);
            Some(person.ok_or_else(|| Refusal::new(Code::KeyRevoked))?.id)
        }
    };
    let party_id = parties::id_of(view, record.party).ok_or(Code::KeyUnknown)?;
    Ok(Signer { party: record.party, party_id, person, key_id: signature.key_id })
}

/// A key of the principal first, then by key id: one order, so that a copy can't be told from the original
/// by its order alone.
fn check_order(moment: &Deciding<'_>, signers: &[Signer]) -> Result<(), Refusal> {
    let mut keys = moment.statement.signatures.iter().map(|signature| signature.key_id);
    let first = keys.next();
    let principal_first = signers.first().is_some_and(|signer| {
        Some(signer.key_id) == first
            && crate::vocabulary::Id::to_bytes(signer.party_id) == moment.statement.principal
    });
    let rest: Vec<[u8; 32]> = keys.collect();
    let ascending = rest.is_sorted_by(|a, b| a < b) && !rest.contains(&first.unwrap_or([0; 32]));
    if principal_first && ascending { Ok(()) } else { Err(Code::SignersMismatch.into()) }
}

fn check_rules(
    view: &View<'_>,
    moment: &Deciding<'_>,
    items: &[ItemCommand],
    signers: &[Signer],
) -> Result<(), Refusal> {
    let mut rules: Vec<(&'static Rule, At<'_>)> = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        let at = super::batch::place(view, moment, item, number, signers)?;
        let rule = authority::rule(item.command.type_name())
            .ok_or_else(|| Refusal::new(Code::NotAuthorised))?;
        chain::require_proposal(moment.chain, rule.command)?;
        authority::check_signers(rule, &at)?;
        rules.push((rule, at));
    }
    // Signers are the union over the items: each must be asked for, or permitted, by one of them.
    let stranger = signers
        .iter()
        .any(|signer| !rules.iter().any(|(rule, at)| authority::permits(view, rule, at, signer)));
    if stranger { Err(Code::SignersMismatch.into()) } else { Ok(()) }
}
