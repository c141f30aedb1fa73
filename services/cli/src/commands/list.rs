//! `granary list`: objects of a kind, page by page.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as FieldKind};
use serde_json::{Map, Value, json};
use tonic::transport::Channel;

use super::get::FreshnessArgs;
use crate::{
    Context,
    client::{self, NodeArgs},
    flat, json as bodies,
    kinds::{Kind, List, names},
    output::{self, Form},
    report::{Answer, Failure},
    show,
};

/// Most objects of one page that a node gives.
const PAGE_MAX: usize = 1_000;

/// List objects of a kind
///
/// Filters are written NAME=VALUE. Without a limit the first 50 objects are printed.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary list party
  granary list party role=BANK --json
  granary list party --all --csv > parties.csv
  granary list party --filters")]
pub(crate) struct Args {
    /// What kind of object
    #[arg(value_parser = names())]
    kind: String,
    /// Only objects of which these are true
    #[arg(value_name = "NAME=VALUE")]
    filter: Vec<String>,
    /// Print at most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Print all there are
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Show which filters there are, and ask nothing
    #[arg(long)]
    filters: bool,
    #[command(flatten)]
    freshness: FreshnessArgs,
    #[command(flatten)]
    node: NodeArgs,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let kind = Kind::of(&args.kind)?;
    let list = kind.list()?;
    if args.filters {
        return show_filters(&list, context.form);
    }
    let filters = filters(kind, &list, &args.filter)?;
    let limit = if args.all { usize::MAX } else { args.limit };
    let (objects, more) = client::block_on(async {
        let channel = args.node.connect().await?;
        let mut pages = Pages { channel, list: &list, filters, freshness: &args.freshness };
        pages.up_to(limit).await
    })?;
    print(kind, &list, &objects, context.form)?;
    if more {
        output::note(&format!("there are more than these {}; --all shows them", objects.len()))?;
    }
    Ok(Answer::Yes)
}

fn show_filters(list: &List, form: Form) -> anyhow::Result<Answer> {
    let rows: Vec<(String, String)> =
        list.filters.iter().map(|filter| (filter.name().to_owned(), takes(filter))).collect();
    if form == Form::Json {
        let filters: Map<String, Value> =
            rows.into_iter().map(|(name, takes)| (name, Value::from(takes))).collect();
        output::json(&Value::Object(filters))?;
    } else {
        let rows: Vec<Vec<String>> =
            rows.into_iter().map(|(name, takes)| vec![name, takes]).collect();
        output::rows(form, &["filter", "takes"], &rows)?;
    }
    Ok(Answer::Yes)
}

/// What a filter's value looks like.
fn takes(filter: &FieldDescriptor) -> String {
    match filter.kind() {
        FieldKind::Bool => "true or false".to_owned(),
        FieldKind::Enum(descriptor) => {
            let names: Vec<String> =
                bodies::enum_values(&descriptor).map(|(name, _)| name).collect();
            names.join(", ")
        }
        FieldKind::String => "a text or an id".to_owned(),
        _ => "a number".to_owned(),
    }
}

/// The filters as fields of the request.
fn filters(kind: &Kind, list: &List, given: &[String]) -> anyhow::Result<Map<String, Value>> {
    let known = || list.filters.iter().map(FieldDescriptor::name);
    let to_do = || format!("see which there are: granary list {} --filters", kind.name);
    let mut filters = Map::new();
    for text in given {
        let Some((name, value)) = text.split_once('=') else {
            let what = format!("`{text}` is no filter, which is written NAME=VALUE");
            return Err(Failure::new(what, to_do()).into());
        };
        let Some(field) = list.filters.iter().find(|field| field.name() == name) else {
            let what = format!("`{name}`: {}", bodies::no_such("filter", name, known()));
            return Err(Failure::new(what, to_do()).into());
        };
        let value = match (field.kind(), value) {
            (FieldKind::Bool, "true") => Value::Bool(true),
            (FieldKind::Bool, "false") => Value::Bool(false),
            (_, text) => Value::from(text),
        };
        filters.insert(name.to_owned(), value);
    }
    Ok(filters)
}

/// Asks for one page after another.
struct Pages<'a> {
    channel: Channel,
    list: &'a List,
    filters: Map<String, Value>,
    freshness: &'a FreshnessArgs,
}

impl Pages<'_> {
    /// Up to `limit` objects, and whether there are more.
    async fn up_to(&mut self, limit: usize) -> anyhow::Result<(Vec<DynamicMessage>, bool)> {
        let mut objects: Vec<DynamicMessage> = Vec::new();
        let mut token = String::new();
        loop {
            let size = (limit - objects.len()).min(PAGE_MAX);
            let (page, next) = self.page(size, &token).await?;
            objects.extend(page);
            if next.is_empty() || objects.len() >= limit {
                return Ok((objects, !next.is_empty()));
            }
            if next == token {
                let what = "the node gives the same page again and again";
                return Err(Failure::new(what, "ask another node").into());
            }
            token = next;
        }
    }

    async fn page(
        &self,
        size: usize,
        token: &str,
    ) -> anyhow::Result<(Vec<DynamicMessage>, String)> {
        let mut object = self.filters.clone();
        object.insert("page_size".to_owned(), json!(size));
        object.insert("page_token".to_owned(), json!(token));
        let method = &self.list.method;
        let mut request =
            bodies::read(&method.input(), &Value::Object(object)).map_err(|violations| {
                Failure::new("a filter's value is wrong", "mend what is named").because(violations)
            })?;
        self.freshness.put(&mut request)?;
        let answered = client::call(&self.channel, method, request).await;
        let answered = answered.map_err(|status| client::told(&status, "can't list them"))?;
        let page = answered.get_field(&self.list.objects);
        let page = page.as_list().unwrap_or_default();
        let page = page.iter().filter_map(|value| value.as_message().cloned()).collect();
        let next = answered.get_field_by_name("next_page_token");
        let next = next.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
        Ok((page, next))
    }
}

/// A column's name for people: its values carry their units.
fn heading(path: &str) -> String {
    let stem = path.strip_suffix("_ms").or_else(|| path.strip_suffix("_ppm")).unwrap_or(path);
    stem.replace(['_', '.'], " ")
}

fn print(kind: &Kind, list: &List, objects: &[DynamicMessage], form: Form) -> anyhow::Result<()> {
    if form == Form::Json {
        output::json(&objects.iter().map(bodies::write).collect())?;
        return Ok(());
    }
    let FieldKind::Message(descriptor) = list.objects.kind() else { return Ok(()) };
    if form == Form::Csv {
        let (headings, rows) = flat::rows(&descriptor, objects);
        return Ok(output::csv(&headings, &rows)?);
    }
    let headings: Vec<String> = kind.columns.iter().map(|path| heading(path)).collect();
    let row = |object: &DynamicMessage| {
        kind.columns.iter().map(|path| show::at(object, path)).collect::<Vec<String>>()
    };
    let rows: Vec<Vec<String>> = objects.iter().map(row).collect();
    Ok(output::table(&headings, &rows)?)
}
