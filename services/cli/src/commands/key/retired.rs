//! Keys that end.

use serde_json::json;

use super::Revoke;
use crate::{
    Context, client,
    commands::send::Sender,
    document::{Defaults, Document},
    keys::KeyArgs,
    report::{Answer, Failure},
    signing::{ChainNow, SignerArgs, Signers},
};

/// Says that a key ends. Without another key named, the key itself signs: it counts up to the entry that
/// revokes it.
pub(super) fn revoke(args: &Revoke, context: &Context) -> anyhow::Result<Answer> {
    let key = public_key(&args.revoked, &args.signer.keys)?;
    let is_file = key != args.revoked;
    let itself = (args.signer.key.is_empty() && is_file).then(|| args.revoked.clone());
    let signer = SignerArgs {
        key: itself.into_iter().chain(args.signer.key.clone()).collect(),
        ..args.signer.clone()
    };
    let signers = Signers::open(&signer)?;
    let document = json!({
        "type": "granary.parties.v1.RevokeKey",
        "body": {"suite": granary_log::statement::SUITE_ED25519, "key": key},
    });
    let defaults = Defaults { type_name: None, principal: signers.principal() };
    let document = Document::read(&document, &defaults).map_err(|violations| {
        Failure::new("that is no key", "name a key file or write 64 hex digits").because(violations)
    })?;
    client::block_on(async {
        let channel = args.node.connect().await?;
        let chain = ChainNow::ask(&channel).await?;
        Sender { channel, chain, signers, form: context.form }.say(&document).await
    })
}

/// The public half in hex, of a file or as it was written.
fn public_key(given: &str, keys: &KeyArgs) -> anyhow::Result<String> {
    if given.len() == 64 && given.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(given.to_owned());
    }
    Ok(hex::encode(keys.open(given)?.meta().public_key))
}
