//! New keys, by themselves or in the place of old ones.

use std::{fs, path::Path};

use anyhow::Context as _;
use granary_book::vocabulary::{Id, PartyId};
use granary_proto::parties::v1::{
    ListPartiesRequest, Role, party_service_client::PartyServiceClient,
};
use granary_runtime::keystore::{KeyFile, KeyUse, Protection, Seed, WorkFactor};
use serde_json::json;

use super::{New, Rotate, party_text, registration, tell};
use crate::{
    Context,
    client::{self, NodeArgs},
    keys::KeyArgs,
    output,
    report::{Answer, Failure},
};

pub(super) fn new(args: New, context: &Context) -> anyhow::Result<Answer> {
    let path = args.keys.path_of(&args.name)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let used_for = KeyUse {
        party: args.party.map(PartyId::to_bytes),
        purpose: args.purpose.into(),
        label: args.label.unwrap_or(name),
    };
    let key = make(&path, used_for, args.unencrypted, &args.keys)?;
    output::note(&format!("wrote {}", path.display()))?;
    tell(key.meta(), context)?;
    Ok(Answer::Yes)
}

/// Makes a key file, after making its directory.
fn make(
    path: &Path,
    used_for: KeyUse,
    unencrypted: bool,
    keys: &KeyArgs,
) -> anyhow::Result<KeyFile> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        fs::create_dir_all(dir).map_err(|error| {
            let what = format!("can't make the directory {}", dir.display());
            Failure::new(what, "name one that may be written with --keys").because(error)
        })?;
    }
    let seed = Seed::random()?;
    let passphrase = if unencrypted { None } else { Some(keys.new_passphrase(&used_for.label)?) };
    let protection = match &passphrase {
        Some(passphrase) => Protection::Passphrase(passphrase, WorkFactor::STANDARD),
        None => Protection::Unencrypted,
    };
    KeyFile::create(path, used_for, &seed, protection).map_err(|error| {
        Failure::new("the key was not made", "see the reason, and try again").because(error).into()
    })
}

pub(super) fn rotate(args: &Rotate) -> anyhow::Result<Answer> {
    let old = args.keys.open(&args.key)?;
    let meta = old.meta();
    let Some(party) = party_text(meta) else {
        let what = format!("{} doesn't say whose key it is", old.path().display());
        return Err(Failure::new(what, "make a key with --party: granary key new").into());
    };
    let registrar = match args.registrar {
        Some(registrar) => registrar,
        None => client::block_on(ask_for_the_registrar(&args.node))?,
    };
    let path = args.keys.path_of(&args.to)?;
    let new = make(&path, meta.used_for.clone(), !meta.encrypted, &args.keys)?;
    let documents = [
        registration(new.meta(), Some(registrar), args.person),
        json!({
            "type": "granary.parties.v1.RevokeKey",
            "as": party,
            "body": {
                "suite": granary_log::statement::SUITE_ED25519,
                "key": hex::encode(meta.public_key),
            },
        }),
    ];
    let text: String = documents.iter().map(|document| format!("{document}\n")).collect();
    match &args.out {
        Some(out) => fs::write(out, text).map_err(|error| {
            let what = format!("the key is made, but {} can't be written", out.display());
            let to_do = "register it with what this prints: granary key show";
            Failure::new(what, to_do).because(error)
        })?,
        None => output::line(text.trim_end())?,
    }
    output::note(&format!(
        "wrote {new}\n\
         first document: the registrar sends it with --key of its own and --key {new}\n\
         second document: send it with --key {new}, once the first is accepted",
        new = path.display()
    ))?;
    Ok(Answer::Yes)
}

async fn ask_for_the_registrar(node: &NodeArgs) -> anyhow::Result<PartyId> {
    let mut client = PartyServiceClient::new(node.connect().await?);
    let request =
        ListPartiesRequest { role: Some(Role::Registrar.into()), ..ListPartiesRequest::default() };
    let answered = client.list_parties(request).await;
    let answered =
        answered.map_err(|status| client::told(&status, "can't ask for the registrar"))?;
    let registrars = answered.into_inner().parties;
    match registrars.as_slice() {
        [only] => only.id.parse().context("the node named a registrar that is no party"),
        _ => {
            let what = format!("the chain has {} registrars", registrars.len());
            Err(Failure::new(what, "name one with --registrar").into())
        }
    }
}
