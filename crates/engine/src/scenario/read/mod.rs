//! Reads files of scenarios and fixtures.

mod call_options;
mod expectation;
mod for_each;
mod law;
mod matcher;
mod own_job;
mod parts;
mod path;
mod signing;
mod step;

use std::sync::Arc;

use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind, SourceFile, closest};
use assay_suite::{Company, Encoding, Signing, SuiteName, Variable};

pub(crate) use call_options::{read as read_manner, template};
pub(crate) use for_each::read_operation_choice;
pub(crate) use step::read_steps;

use super::document::{Capabilities, Fixture, Scenario, Scope, StyleName, Written};
use super::step::Step;

/// Reads one file: a scenario or fixture, or a list of them. `suite` is the folder it is in, unless that is `common`.
pub fn read(file: &Arc<SourceFile>, suite: Option<&SuiteName>, written: &mut Written, mistakes: &mut Diagnostics) {
    let node = match Node::parse(file) {
        Ok(node) => node,
        Err(mistake) => return mistakes.add(mistake),
    };
    for node in node.one_or_many() {
        let begins = |name: &str| matches!(&node.kind, NodeKind::Map(entries) if entries.iter().any(|(key, _)| key.value == name));
        if begins("law") {
            written.laws.extend(law::read(node, &written.laws, mistakes));
        } else if begins("fixture") {
            written.fixtures.extend(read_fixture(node, suite, mistakes).map(Arc::new));
        } else {
            written.scenarios.extend(read_scenario(node, file, suite, mistakes).map(Arc::new));
        }
    }
}

fn read_fixture(node: &Node, suite: Option<&SuiteName>, mistakes: &mut Diagnostics) -> Option<Fixture> {
    let mut fields = node.fields("a fixture", mistakes)?;
    let provides = fields.need("fixture", mistakes).map(|node| node.some("`fixture`", mistakes)).unwrap_or_default();
    let provides = provides.iter().filter_map(|node| Variable::read(&node.text("`fixture`", mistakes)?, mistakes));
    let provides: Vec<_> = provides.collect();
    let scope = read_scope(&mut fields, suite, mistakes);
    let mut found = Diagnostics::new();
    let steps = fields.need("steps", mistakes).map(|node| step::read_fixture_steps(node, &provides, &mut found));
    fields.finish(mistakes);
    let steps = steps?;
    // A step that can't be read might save it.
    if !found.has_errors() {
        check_provided(&provides, &steps, mistakes);
    }
    mistakes.extend(found);
    Some(Fixture { provides, scope, steps })
}

/// What a fixture provides, one of its steps saves.
fn check_provided(provides: &[Located<Variable>], steps: &[Step], mistakes: &mut Diagnostics) {
    let saved = || steps.iter().flat_map(|step| &step.save).map(|(variable, _)| variable);
    for name in provides.iter().filter(|name| !saved().any(|saved| *saved == name.value)) {
        let near = closest(&name.value.0, saved().map(|saved| saved.0.as_str()));
        let help = near.map_or_else(
            || format!("write in a step: save: {{{}: $.zone.id}}", name.value.0),
            |near| format!("did you mean `{near}`?"),
        );
        let mistake = Diagnostic::error(&name.place, format!("no step of this fixture saves {}", name.value));
        mistakes.add(mistake.help(help));
    }
}

fn read_scenario(
    node: &Node,
    file: &Arc<SourceFile>,
    suite: Option<&SuiteName>,
    mistakes: &mut Diagnostics,
) -> Option<Scenario> {
    let mut fields = node.fields("a scenario", mistakes)?;
    let title = fields.need_text("scenario", mistakes);
    let tags = fields.texts("tags", mistakes).into_iter().map(|tag| tag.value).collect();
    let scope = read_scope(&mut fields, suite, mistakes);
    let formats = fields.take("formats").map(Node::one_or_many).unwrap_or_default();
    let formats = formats.iter().filter_map(|node| node.choice("a format", &Encoding::NAMES, mistakes)).collect();
    let for_each = fields.take("for_each").and_then(|node| for_each::read(node, mistakes));
    let steps = fields.need("steps", mistakes).map(|node| step::read_steps(node, "`steps`", mistakes));
    let steps = steps.map(law::as_shown);
    fields.finish(mistakes);
    Some(Scenario {
        title: title?,
        file: Arc::clone(file),
        tags,
        scope,
        formats,
        for_each,
        steps: steps?,
        derived: None,
        company: Company::Others,
    })
}

fn read_scope(fields: &mut Fields<'_>, suite: Option<&SuiteName>, mistakes: &mut Diagnostics) -> Scope {
    if let Some(name) = suite {
        let message = "`suites` chooses among suites, and here is the folder of one";
        fields.refuse("suites", message, "remove it, or move the file to scenarios/common", mistakes);
        return Scope::Suite(name.clone());
    }
    let needs = fields.take("suites").and_then(|node| read_capabilities(node, mistakes));
    Scope::Capable(needs.unwrap_or_default())
}

fn read_capabilities(node: &Node, mistakes: &mut Diagnostics) -> Option<Capabilities> {
    let mut fields = node.fields("`suites`", mistakes)?;
    let signing = fields.take("signing").and_then(|node| node.choice("`signing`", &Signing::NAMES, mistakes));
    let style = fields.take("style").and_then(|node| node.choice("`style`", &StyleName::NAMES, mistakes));
    let mut needs = Capabilities { signing, style, paging: None, jobs: None };
    for node in fields.take("with").map(Node::one_or_many).unwrap_or_default() {
        match node.choice("`with`", &[("paging", "paging"), ("jobs", "jobs")], mistakes) {
            Some("paging") => needs.paging = Some(()),
            Some(_) => needs.jobs = Some(()),
            None => {}
        }
    }
    fields.finish(mistakes);
    Some(needs)
}
