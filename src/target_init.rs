//! `assay target init`: looks up on a deployment what a suite's scenarios need, and writes a target file with it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::{Sink, stderr};
use crate::reference::quoted;
use crate::target::name::REFERENCE;
use assay_engine::deployment::{Client, RequestSpec, Target, decode};
use assay_engine::plan::{Choice, Library};
use assay_engine::scenario::{Bindings, Path, Template};
use assay_reference::Settings;
use assay_suite::{Lookup, Suite, SuiteName, Variable};

use super::arguments::{Common, TargetCommand, TargetInitArguments};
use super::documents;
use super::runtime::runtime;
use super::target::{open, served};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &TargetCommand,
) -> Result<ExitCode, CliError> {
    let TargetCommand::Init(command) = command;
    let library = documents::library(surroundings, common)?;
    let name = SuiteName(command.suite.clone());
    let Some(suite) = library.suites.get(&name) else {
        let message = format!("error: there is no suite `{name}`: `assay list suites` shows them");
        return Err(CliError::new(ExitCode::Usage, message));
    };
    let Some(file) = &command.target else {
        return write(command, &format!("{}{}", skeleton(suite), section(suite, &Bindings::new(), &|_| Some(0))));
    };
    let runtime = runtime()?;
    let opened = runtime.block_on(open(surroundings, &library, file, Settings::default()))?;
    served(&opened.target, &library, std::slice::from_ref(&command.suite))?;
    let mut search = Search::new(&library, suite, &opened.target)?;
    runtime.block_on(search.run())?;
    let waiting = waiting(surroundings, &library, suite, &opened.target, &search.known)?;
    let found: Bindings = search.known.iter().filter(|(name, _)| !search.given.contains(*name)).map(copied).collect();
    stderr!("{}", outcome(suite, &search, &waiting));
    let section = section(suite, &found, &|name| {
        (!search.given.contains(name)).then(|| waiting.iter().find(|(known, _)| known == name).map_or(0, |(_, n)| *n))
    });
    if command.output.is_none() || file == REFERENCE {
        return write(command, &section);
    }
    let text = documents::read_target(FilePath::new(file))?.text.clone();
    write(command, &with_section(&text, &section)?)
}

fn copied((name, value): (&Variable, &Value)) -> (Variable, Value) {
    (name.clone(), value.clone())
}

/// Writes to the file that was asked for, which must not be there yet; to the terminal without one.
fn write(command: &TargetInitArguments, text: &str) -> Result<ExitCode, CliError> {
    let Some(output) = &command.output else {
        Sink::Out.write(text.as_bytes());
        return Ok(ExitCode::Conforms);
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // A target file may hold keys.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(output).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| CliError::could_not(&format!("{} can't be written", output.display()), error))?;
    Ok(ExitCode::Conforms)
}

/// What is looked up, and what is known so far.
struct Search<'a> {
    library: &'a Library,
    suite: &'a Suite,
    target: &'a Target,
    client: Client,
    /// What the target file gives.
    given: BTreeSet<Variable>,
    known: Bindings,
    tried: BTreeSet<Variable>,
}

impl<'a> Search<'a> {
    fn new(library: &'a Library, suite: &'a Suite, target: &'a Arc<Target>) -> Result<Self, CliError> {
        let client = Client::new(target.limits, target.certificates, Instant::now());
        let client = client.map_err(|error| CliError::could_not("no request can be sent", error))?;
        let own = target.services.get(&suite.name.value).map(|service| &service.variables);
        let known: Bindings = target.variables.iter().chain(own.into_iter().flatten()).map(copied).collect();
        let given = known.keys().cloned().collect();
        Ok(Self { library, suite, target, client, given, known, tried: BTreeSet::new() })
    }

    /// Looks up one variable after another; what was found may be what another is found by.
    async fn run(&mut self) -> Result<(), CliError> {
        loop {
            let before = self.known.len();
            for variable in &self.suite.variables {
                let name = Variable(variable.name.value.clone());
                let Some(find) = variable.find.as_ref().filter(|_| !self.known.contains_key(&name)) else { continue };
                let Some((arguments, path)) = self.request(find).filter(|_| !self.tried.contains(&name)) else {
                    continue;
                };
                self.tried.insert(name.clone());
                if let Some(value) = self.look(find, arguments, &path).await? {
                    self.known.insert(name, value);
                }
            }
            if self.known.len() == before {
                return Ok(());
            }
        }
    }

    /// The arguments and the path, once all of their variables are known.
    fn request(&self, find: &Lookup) -> Option<(Vec<(String, Value)>, Path)> {
        let resolved = |text: &str| Template::parse(&Value::from(text)).resolve(&self.known).ok();
        let arguments = find.with.iter().map(|(name, value)| Some((name.clone(), resolved(&value.value)?)));
        let path = Path::parse(&find.take.value).ok()?.bind(&self.known);
        path.variables().is_empty().then_some(())?;
        Some((arguments.collect::<Option<_>>()?, path))
    }

    async fn look(
        &self,
        find: &Lookup,
        arguments: Vec<(String, Value)>,
        path: &Path,
    ) -> Result<Option<Value>, CliError> {
        let Some(format) = self.suite.formats.first().map(|format| format.encoding) else { return Ok(None) };
        let operation = find.call.value.0.as_str();
        let ask = RequestSpec {
            arguments,
            account: find.account.as_deref(),
            ..RequestSpec::plain(self.suite, operation, Some(format))
        };
        // An account that the target file does not have finds nothing.
        let Ok(prepared) = self.target.prepare(&ask, Timestamp::now()) else { return Ok(None) };
        let exchange = self.client.send(prepared).await;
        let response = exchange.outcome.map_err(|failure| {
            CliError::could_not(
                &format!("{} does not answer", self.target.name),
                format!("{}: {}", failure.kind, failure.message),
            )
        })?;
        if !(200..300).contains(&response.status) {
            return Ok(None);
        }
        let schema = self.suite.answer_schema(operation);
        let shape = self.library.schemas.shape(&schema);
        let Ok(answer) = decode(&response.body, format, &self.suite.envelope, &shape) else { return Ok(None) };
        let simple = |value: &&&Value| value.is_string() || value.is_number() || value.is_boolean();
        Ok(path.select(&answer.value).iter().find(simple).map(|value| (*value).clone()))
    }
}

/// How many cases would wait for each variable if the target file had what is known.
fn waiting(
    surroundings: &CliContext<'_>,
    library: &Library,
    suite: &Suite,
    target: &Target,
    known: &Bindings,
) -> Result<Vec<(Variable, usize)>, CliError> {
    let mut target = target.clone();
    target.variables.extend(known.iter().map(copied));
    let choice = Choice { suites: vec![suite.name.value.clone()], ..Choice::default() };
    let plan = documents::plan(surroundings, library, &target, &choice)?;
    Ok(plan.waiting(&suite.name.value).into_iter().map(|(name, count)| (name.clone(), count)).collect())
}

fn outcome(suite: &Suite, search: &Search<'_>, waiting: &[(Variable, usize)]) -> String {
    let known = suite.variables.iter().filter(|v| search.known.contains_key(&Variable(v.name.value.clone()))).count();
    let mut text = format!("{known} of {} variables are known", suite.variables.len());
    if !waiting.is_empty() {
        let cases: usize = waiting.iter().map(|(_, count)| count).sum();
        let _ = write!(text, "; {cases} cases wait for the others, which are commented out");
    }
    text
}

/// The variables with what each must be. One that was not found is commented out, with the cases that wait for it.
fn section(suite: &Suite, found: &Bindings, missing: &dyn Fn(&Variable) -> Option<usize>) -> String {
    if suite.variables.is_empty() {
        return String::new();
    }
    let mut text = String::from("variables:\n");
    for variable in &suite.variables {
        let name = Variable(variable.name.value.clone());
        if let Some(value) = found.get(&name) {
            let _ = writeln!(text, "  # {}\n  {}: {}", variable.text, name.0, quoted(value.clone()));
        } else if let Some(count) = missing(&name) {
            let waiting = if count == 0 { String::new() } else { format!(" ({count} cases wait for it)") };
            let _ = writeln!(text, "  # Not given: {}{waiting}\n  # {}:", variable.text, name.0);
        }
    }
    text
}

/// A target file with the variables among those that it has already.
fn with_section(text: &str, section: &str) -> Result<String, CliError> {
    let is_head = |line: &str| {
        line.strip_prefix("variables:").is_some_and(|rest| rest.trim().is_empty() || rest.trim().starts_with('#'))
    };
    if section.is_empty() {
        return Ok(text.to_owned());
    }
    if let Some(head) = text.lines().position(is_head) {
        let after =
            text.lines().skip(head + 1).find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        let indent = after.map_or(2, |line| line.len() - line.trim_start().len()).max(1);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let (before, after) = lines.split_at(head + 1);
        let added = section.lines().skip(1).map(|line| format!("{}{}", " ".repeat(indent), line.trim_start()));
        let added: Vec<_> = added.collect();
        return Ok([before, &added, after].concat().join("\n") + "\n");
    }
    if text.lines().any(|line| line.starts_with("variables:")) {
        let message = "error: `variables` of the target file is a flow mapping: write it as a block, one line for each";
        return Err(CliError::new(ExitCode::BadDocuments, message));
    }
    Ok(format!("{}\n{section}", text.trim_end()))
}

/// A target file to be filled in.
fn skeleton(suite: &Suite) -> String {
    let name = &suite.name.value.0;
    let prefix = name.to_uppercase().replace('-', "_");
    let mut text = format!("target: my-{name}\nsuites:\n  {name}:\n    url: https://cloud.example/\n");
    for key in suite.signing.credentials() {
        let _ = writeln!(text, "    {key}: ${{{prefix}_{}}}", key.to_uppercase());
    }
    text.push_str("allow: [reads]\n");
    text
}

#[cfg(test)]
mod tests {
    use super::with_section;

    const SECTION: &str = "variables:\n  # a zone\n  zone: \"z\"\n";

    #[test]
    fn what_was_found_is_put_among_the_variables_of_the_file() {
        let without = with_section("target: a\nallow: [reads]\n", SECTION).unwrap();
        assert_eq!(
            without,
            "target: a\nallow: [reads]\n\nvariables:\n  # a zone\n  zone: \"z\"\n".replace("\n\n", "\n")
        );
        let among = with_section("target: a\nvariables: # mine\n    vm: v\nallow: [reads]\n", SECTION).unwrap();
        assert_eq!(among, "target: a\nvariables: # mine\n    # a zone\n    zone: \"z\"\n    vm: v\nallow: [reads]\n");
        with_section("target: a\nvariables: {vm: v}\n", SECTION).unwrap_err();
    }
}
