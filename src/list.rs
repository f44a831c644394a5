//! `assay list`: what there is.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;
use assay_engine::plan::Library;
use assay_engine::profile::{Load, Profile, Promised};
use assay_reference::Fault;
use assay_suite::{Standing, Suite};

use super::arguments::{Common, ListArguments, Listed, OutputFormat};
use super::documents;

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &ListArguments,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    let suites = library.suites.values().map(AsRef::as_ref);
    let document = common.openapi.as_deref().and_then(|document| super::openapi::suite_of(document, &library));
    let named = document.map(|suite| suite.0).filter(|_| command.what != Listed::Suites);
    let wanted = command.suite.clone().or(named);
    let suites: Vec<_> =
        suites.filter(|suite| wanted.as_ref().is_none_or(|name| *name == suite.name.value.0)).collect();
    let rows = match command.what {
        Listed::Suites => suites.iter().map(|suite| of_suite(suite)).collect(),
        Listed::Operations => suites.iter().flat_map(|suite| of_operations(suite)).collect(),
        Listed::Requirements => suites.iter().flat_map(|suite| of_requirements(suite)).collect(),
        Listed::Laws => of_laws(&library),
        Listed::Scenarios => of_scenarios(&library, &suites),
        Listed::Profiles => of_profiles(&library, &suites),
        Listed::Faults => of_faults(wanted.as_deref()),
        Listed::Links => suites.iter().flat_map(|suite| of_links(suite)).collect(),
    };
    match command.format {
        OutputFormat::Json => stdout!("{:#}", Value::Array(rows)),
        OutputFormat::Text => rows.iter().for_each(|row| stdout!("{}", line(row))),
    }
    Ok(ExitCode::Conforms)
}

/// A row's values with two spaces between; what is empty is left out.
fn line(row: &Value) -> String {
    let values = row.as_object().into_iter().flatten().map(|(_, value)| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        Value::Null => String::new(),
        other => other.to_string(),
    });
    values.filter(|value| !value.is_empty()).collect::<Vec<_>>().join("  ")
}

fn of_suite(suite: &Suite) -> Value {
    json!({
        "suite": suite.name.value.0,
        "title": suite.title,
        "operations": format!("{} operations", suite.operations.len()),
        "requirements": format!("{} requirements", suite.requirements.len()),
    })
}

fn of_operations(suite: &Suite) -> Vec<Value> {
    let operations = suite.operations.values().map(|operation| {
        json!({
            "suite": suite.name.value.0,
            "operation": operation.name.value.0,
            "effect": operation.effect.to_string(),
            "job": operation.asynchronous.then_some("job"),
            "source": operation.source,
        })
    });
    operations.collect()
}

fn of_requirements(suite: &Suite) -> Vec<Value> {
    let requirements = suite.requirements.values().map(|requirement| {
        let promises: Vec<_> = requirement.promises.iter().map(|promise| promise.value.as_str()).collect();
        let untestable = match &requirement.standing {
            Standing::Testable => None,
            Standing::Untestable(reason) => Some(format!("(untestable: {reason})")),
        };
        json!({
            "requirement": requirement.id.value.0,
            "text": requirement.text,
            "source": requirement.source,
            "promises": promises,
            "untestable": untestable,
        })
    });
    requirements.collect()
}

fn of_laws(library: &Library) -> Vec<Value> {
    let laws = library.written.laws.iter().map(|law| {
        json!({
            "law": law.name.name(),
            "title": law.title,
            "text": law.text,
            "place": law.place.to_string(),
        })
    });
    laws.collect()
}

fn of_scenarios(library: &Library, suites: &[&Suite]) -> Vec<Value> {
    let scenarios = library.written.scenarios.iter().filter_map(|scenario| {
        let meant: Vec<_> = suites.iter().filter(|suite| scenario.scope.includes(suite)).collect();
        let meant: Vec<_> = meant.iter().map(|suite| suite.name.value.0.as_str()).collect();
        (!meant.is_empty()).then(|| {
            json!({
                "suites": meant,
                "scenario": scenario.title.value,
                "tags": scenario.tags,
                "place": scenario.title.place.to_string(),
            })
        })
    });
    scenarios.collect()
}

fn of_profiles(library: &Library, suites: &[&Suite]) -> Vec<Value> {
    let meant = |profile: &&Arc<Profile>| suites.iter().any(|suite| suite.name.value == profile.suite);
    let profiles = library.profiles.iter().filter(meant).map(|profile| {
        json!({
            "suite": profile.suite.0,
            "profile": profile.title.value,
            "tags": profile.tags,
            "model": match profile.load {
                Load::Open(_) => "arrivals",
                Load::Closed(_) => "users",
            },
            "service_level": match profile.service_level.value {
                Promised::Documented => "documented",
                Promised::Own(_) => "own",
                Promised::Nothing => "nothing",
            },
            "place": profile.title.place.to_string(),
        })
    });
    profiles.collect()
}

fn of_links(suite: &Suite) -> Vec<Value> {
    let links = assay_engine::scenario::links(suite).into_iter().map(|link| {
        let given: Vec<_> = link.given.iter().map(|(operation, path)| format!("{path} of {operation}")).collect();
        let given = if given.is_empty() { vec!["the target file".to_owned()] } else { given };
        json!({
            "operation": link.operation.0,
            "takes": link.taken,
            "variable": format!("${}", link.variable.0),
            "from": given,
        })
    });
    links.collect()
}

fn of_faults(suite: Option<&str>) -> Vec<Value> {
    let of_suite = Fault::all().iter().filter(|fault| suite.is_none_or(|suite| suite == fault.suite()));
    let faults = of_suite.map(|fault| json!({"fault": fault.name(), "description": fault.description()}));
    faults.collect()
}
