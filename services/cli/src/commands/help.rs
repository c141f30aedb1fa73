//! `granary help`: of the commands of this binary, and of what may be said on the chain.

mod vocabulary;

use std::io::Write;

use serde_json::Value;

use self::vocabulary::Said;
use crate::{
    Context, command_line, json,
    output::{self, Form},
    report::{Answer, Failure, printable},
};

/// Explain a command, or what may be said on the chain
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary help send
  granary help commands
  granary help commands SignReceipt
  granary help commands --json | jq '.[] | select(.said_by | index(\"bank\")) | .command'")]
pub(crate) struct Args {
    /// A command of this binary; or `commands`, and perhaps the name of what may be said
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    match args.topic.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["commands"] => all(context.form),
        ["commands", name] => one(name, context.form),
        path => of_binary(path),
    }
}

/// The help of a command of this binary.
fn of_binary(path: &[&str]) -> anyhow::Result<Answer> {
    let mut command = command_line();
    command.build();
    for name in path {
        let names: Vec<String> =
            command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
        command = command.find_subcommand(name).cloned().ok_or_else(|| {
            let what = json::no_such("command", name, names.iter().map(String::as_str));
            Failure::new(format!("`{name}`: {what}"), "granary --help lists them")
        })?;
    }
    let help = command.render_long_help();
    write!(anstream::stdout().lock(), "{}", help.ansi())?;
    Ok(Answer::Yes)
}

fn all(form: Form) -> anyhow::Result<Answer> {
    let said: Vec<Said> = vocabulary::all().collect();
    match form {
        Form::Json => output::json(&said.iter().map(Said::json).collect::<Value>())?,
        Form::Table | Form::Csv => {
            let row = |said: &Said| {
                let names = |roles: Vec<&str>| roles.join(", ");
                vec![
                    said.name().to_owned(),
                    said.said_by(),
                    said.keys().to_owned(),
                    names(said.cosigners()),
                ]
            };
            let rows: Vec<Vec<String>> = said.iter().map(row).collect();
            output::rows(form, &["command", "said by", "signed with", "others may sign"], &rows)?;
            output::note("granary help commands NAME tells what one needs and what refuses it")?;
        }
    }
    Ok(Answer::Yes)
}

fn one(name: &str, form: Form) -> anyhow::Result<Answer> {
    let said = Said::named(name).ok_or_else(|| {
        let names: Vec<&str> = vocabulary::all().map(|said| said.name()).collect();
        let short = names.iter().filter_map(|name| name.rsplit('.').next());
        let what = json::no_such("command", name, short.chain(names.iter().copied()));
        Failure::new(format!("`{name}`: {what}"), "granary help commands lists them")
    })?;
    if form == Form::Json {
        output::json(&said.json())?;
        return Ok(Answer::Yes);
    }
    output::line(&format!("{}\n  {}\n", said.name(), printable(&said.about())))?;
    output::line(&format!("said by      {}", said.said_by()))?;
    output::line(&format!("signed with  {}", said.keys()))?;
    if !said.cosigners().is_empty() {
        output::line(&format!("may sign too {}", said.cosigners().join(", ")))?;
    }
    output::line("")?;
    let rows: Vec<Vec<String>> =
        said.fields().into_iter().map(|f| vec![f.path, f.takes, f.presence, f.about]).collect();
    output::rows(form, &["field", "takes", "", "what"], &rows)?;
    output::line("\nrefused for reasons of its area:")?;
    for code in said.refusals() {
        output::line(&format!("  {:<30} {}", code.name(), vocabulary::sentence(code)))?;
    }
    output::note("reasons that any command may be refused for: granary help commands NAME --json")?;
    Ok(Answer::Yes)
}
