//! `granary key`: the keys of a party on this machine.

mod made;
mod retired;

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use granary_book::vocabulary::{PartyId, PersonId};
use granary_runtime::keystore::{KeyMeta, Listed, Purpose, list};
use serde_json::{Value, json};

use crate::{
    Context,
    client::NodeArgs,
    keys::KeyArgs,
    output::{self, Form, LOUD},
    report::Answer,
    signing::SignerArgs,
};

/// Make, show and retire keys
///
/// A key file holds the secret encrypted with a passphrase (age format) and is never printed. What can be
/// read without the passphrase: whose key it is, what for, and its public half, which is also its id on the
/// chain. A key counts from the entry that registers it to the one that revokes it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary key new zhang --party pt_.. --label 'Zhang Wei, cooperative'
  granary key list
  granary key show zhang --json
  granary key rotate zhang --to zhang-2027
  granary key revoke zhang")]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Make a key and write it to a file, encrypted
    New(New),
    /// Show what is known of a key without its passphrase, and what registers it
    Show {
        /// A file, or the name of one in the directory
        key: String,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// List the keys of a directory
    List {
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// Make a new key in the place of an old one, and write the two statements that it takes
    ///
    /// The first registers the new key: the registrar says it, and the new key signs too. The second revokes
    /// the old one. Both are written as documents for `granary send`; nothing is sent.
    Rotate(Rotate),
    /// Revoke a key: send the statement that ends it
    Revoke(Revoke),
}

#[derive(clap::Args)]
pub(super) struct New {
    /// The name of the file to make in the directory, or its path
    name: String,
    /// Whose key it will be; it can be left out before the party has an id
    #[arg(long)]
    party: Option<PartyId>,
    /// What it is for; one key, one purpose
    #[arg(long, value_enum, default_value_t = For::Statement)]
    purpose: For,
    /// For people: 1 to 80 characters [default: the name]
    #[arg(long)]
    label: Option<String>,
    /// Do not encrypt it: for demonstrations, and for service keys of a node that must start by itself
    #[arg(long)]
    unencrypted: bool,
    #[command(flatten)]
    keys: KeyArgs,
}

#[derive(clap::Args)]
pub(super) struct Rotate {
    /// The old key
    key: String,
    /// The name of the new key's file, or its path
    #[arg(long, value_name = "NAME")]
    to: String,
    /// The registrar's party; without it the node is asked
    #[arg(long)]
    registrar: Option<PartyId>,
    /// The person who holds the key; without it the key is the party's service
    #[arg(long)]
    person: Option<PersonId>,
    /// Write the documents into this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    keys: KeyArgs,
    #[command(flatten)]
    node: NodeArgs,
}

#[derive(clap::Args)]
pub(super) struct Revoke {
    /// The key to revoke: a file, the name of one in the directory, or 64 hex digits
    revoked: String,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    node: NodeArgs,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum For {
    /// Signs statements
    Statement,
    /// Signs access tokens
    Access,
    /// Identifies a transport
    Transport,
    /// Replaces lost keys
    Recovery,
    /// Signs checkpoints
    Log,
    /// Cosigns checkpoints
    Witness,
}

impl From<For> for Purpose {
    fn from(purpose: For) -> Self {
        match purpose {
            For::Statement => Purpose::Statement,
            For::Access => Purpose::Access,
            For::Transport => Purpose::Transport,
            For::Recovery => Purpose::Recovery,
            For::Log => Purpose::Log,
            For::Witness => Purpose::Witness,
        }
    }
}

/// A purpose as proto and JSON have it.
fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Statement => "STATEMENT",
        Purpose::Access => "ACCESS",
        Purpose::Transport => "TRANSPORT",
        Purpose::Recovery => "RECOVERY",
        Purpose::Log => "LOG",
        Purpose::Witness => "WITNESS",
    }
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    match args.act {
        Act::New(new) => made::new(new, context),
        Act::Show { key, keys } => show(&key, &keys, context),
        Act::List { keys } => show_all(&keys, context),
        Act::Rotate(rotate) => made::rotate(&rotate),
        Act::Revoke(revoke) => retired::revoke(&revoke, context),
    }
}

fn party_text(meta: &KeyMeta) -> Option<String> {
    meta.used_for.party.map(|party| format!("pt_{}", hex::encode(party)))
}

/// What is known of a key without its passphrase.
fn described(meta: &KeyMeta) -> Value {
    json!({
        "public_key": hex::encode(meta.public_key),
        "party": party_text(meta),
        "purpose": purpose_name(meta.used_for.purpose),
        "label": meta.used_for.label,
        "encrypted": meta.encrypted,
    })
}

/// The document that registers a key, for the registrar to send.
fn registration(meta: &KeyMeta, registrar: Option<PartyId>, person: Option<PersonId>) -> Value {
    let holder = person.map_or_else(|| json!({}), |person| json!({"person": person.to_string()}));
    let mut document = json!({
        "type": "granary.parties.v1.RegisterKey",
        "body": {
            "party": party_text(meta),
            "holder": holder,
            "purpose": purpose_name(meta.used_for.purpose),
            "suite": granary_log::statement::SUITE_ED25519,
            "key": hex::encode(meta.public_key),
        },
    });
    if let Some(registrar) = registrar {
        document["as"] = json!(registrar.to_string());
    }
    document
}

/// Prints a key that was made or asked for.
fn tell(meta: &KeyMeta, context: &Context) -> anyhow::Result<()> {
    let mut described = described(meta);
    if context.form == Form::Json {
        described["registration"] = registration(meta, None, None);
        output::json(&described)?;
        return Ok(());
    }
    for (name, value) in described.as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => format!("{LOUD}NO: whoever reads the file can sign{LOUD:#}"),
            _ => "none yet".to_owned(),
        };
        output::line(&format!("{name:<11} {text}"))?;
    }
    output::note("to register it, the registrar sends, with --key of this key beside its own:")?;
    output::note(&registration(meta, None, None).to_string())?;
    Ok(())
}

fn show(key: &str, keys: &KeyArgs, context: &Context) -> anyhow::Result<Answer> {
    tell(keys.open(key)?.meta(), context)?;
    Ok(Answer::Yes)
}

fn show_all(keys: &KeyArgs, context: &Context) -> anyhow::Result<Answer> {
    let dir = keys.dir()?;
    let listed = if dir.exists() { list(&dir)? } else { Vec::new() };
    if context.form == Form::Json {
        let shown = |listed: &Listed| {
            let file = listed.path.display().to_string();
            match &listed.key {
                Ok(key) => json!({"file": file, "key": described(key.meta())}),
                Err(error) => json!({"file": file, "unusable": error.to_string()}),
            }
        };
        output::json(&listed.iter().map(shown).collect())?;
        return Ok(Answer::Yes);
    }
    let rows: Vec<Vec<String>> = listed.iter().map(row).collect();
    let headings = ["name", "label", "purpose", "party", "public key"];
    output::rows(context.form, &headings, &rows)?;
    for Listed { path, key } in &listed {
        if let Err(error) = key {
            output::note(&format!("{} can't be used: {error}", path.display()))?;
        }
    }
    if listed.is_empty() {
        output::note(&format!("no keys in {}; make one: granary key new NAME", dir.display()))?;
    }
    Ok(Answer::Yes)
}

fn row(listed: &Listed) -> Vec<String> {
    let name = listed.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match &listed.key {
        Ok(key) => {
            let meta = key.meta();
            let purpose = purpose_name(meta.used_for.purpose).to_lowercase();
            let party = party_text(meta).unwrap_or_default();
            vec![name, meta.used_for.label.clone(), purpose, party, hex::encode(meta.public_key)]
        }
        Err(_) => vec![name, "unusable".to_owned(), String::new(), String::new(), String::new()],
    }
}
