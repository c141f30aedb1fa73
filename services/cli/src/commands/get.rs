//! `granary get`: one object.

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage};
use serde_json::{Map, Value};
use tonic::Code;

use crate::{
    Context,
    client::{self, NodeArgs},
    flat, json,
    kinds::{Kind, names},
    output::{self, Form},
    report::{Answer, Failure},
    show,
};

/// Look one object up
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary get party pt_0190163e8d9470e5b1d2c3a4f5061728
  granary get statement pt_.. cm_.. --json
  granary get history wr_..

Ends with 1 when there is no such object, or none that you may see.")]
pub(crate) struct Args {
    /// What kind of object
    #[arg(value_parser = names())]
    kind: String,
    /// Which one; a statement by its principal and its command id
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    freshness: FreshnessArgs,
    #[command(flatten)]
    node: NodeArgs,
}

/// How fresh an answer must be: unless told otherwise, everything that was accepted before now is in it, so
/// that people read what they wrote.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct FreshnessArgs {
    /// Wait for this entry alone, and not for everything that was accepted before now
    #[arg(long, value_name = "INDEX", help_heading = "Node")]
    min_index: Option<u64>,
}

impl FreshnessArgs {
    /// Puts itself into a request, where that can carry it.
    pub(crate) fn put(&self, request: &mut DynamicMessage) -> anyhow::Result<()> {
        let freshness = serde_json::json!({
            "min_index": self.min_index, "linearizable": self.min_index.is_none(),
        });
        let descriptor = json::message_type("granary.statement.v1.Freshness");
        let field = request.descriptor().get_field_by_name("freshness");
        match (descriptor, field) {
            (Some(descriptor), Some(field)) => {
                let freshness = json::read(&descriptor, &freshness)?;
                request.set_field(&field, prost_reflect::Value::Message(freshness));
                Ok(())
            }
            _ if self.min_index.is_some() => {
                let what = "this kind is always answered as of now";
                Err(Failure::new(what, "leave out --min-index").into())
            }
            _ => Ok(()),
        }
    }
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let kind = Kind::of(&args.kind)?;
    let (method, keys) = kind.get()?;
    let mut request = request(kind, &keys, &args.ids, &method.input())?;
    args.freshness.put(&mut request)?;
    let answered = client::block_on(async {
        let channel = args.node.connect().await?;
        match client::call(&channel, &method, request).await {
            Ok(object) => Ok(Some(object)),
            Err(status) if status.code() == Code::NotFound => {
                output::note(status.message())?;
                Ok(None)
            }
            Err(status) => Err(client::told(&status, format!("can't look the {} up", kind.name))),
        }
    })?;
    let Some(object) = answered else { return Ok(Answer::No) };
    print(context.form, &object)?;
    Ok(if is_found(&object) { Answer::Yes } else { Answer::No })
}

/// The request that names an object by the values of its keys, in their order.
fn request(
    kind: &Kind,
    keys: &[FieldDescriptor],
    values: &[String],
    input: &prost_reflect::MessageDescriptor,
) -> anyhow::Result<DynamicMessage> {
    let names: Vec<&str> = keys.iter().map(FieldDescriptor::name).collect();
    if keys.len() != values.len() {
        let what = format!("a {} is named by {}", kind.name, names.join(" and "));
        let to_do = format!("write: granary get {} {}", kind.name, names.join(" ").to_uppercase());
        return Err(Failure::new(what, to_do).into());
    }
    let object: Map<String, Value> = names
        .iter()
        .zip(values)
        .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
        .collect();
    json::read(input, &Value::Object(object)).map_err(|violations| {
        let what = format!("that names no {}", kind.name);
        Failure::new(what, "mend what is named").because(violations).into()
    })
}

fn print(form: Form, object: &DynamicMessage) -> anyhow::Result<()> {
    if form == Form::Json {
        output::json(&json::write(object))?;
        return Ok(());
    }
    if form == Form::Csv {
        let (headings, rows) = flat::rows(&object.descriptor(), std::slice::from_ref(object));
        return Ok(output::csv(&headings, &rows)?);
    }
    let fields = show::fields(object);
    let rows: Vec<Vec<String>> = fields.into_iter().map(|(path, text)| vec![path, text]).collect();
    Ok(output::table(&["field", "value"], &rows)?)
}

/// Whether an answer found what was asked for; what became of a statement may be unknown.
fn is_found(object: &DynamicMessage) -> bool {
    json::write(object).get("knowledge").is_none_or(|knowledge| knowledge == "FOUND")
}
