//! Reads files of scenarios and fixtures.

use std::sync::Arc;
use std::time::Duration;

use crate::http::Method;
use crate::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind, SourceFile};
use crate::suite::{Effect, Encoding, Signing, StatusPattern, SuiteName};

use super::for_each::{ForEach, OperationChoice, ParameterChoice};
use super::{
    Action, AskedFormat, Await, Call, Capabilities, Expectation, Fixture, JobEnd, Manner, Matcher, Outcome,
    PagingCheck, Path, Scenario, Scope, SignatureTrait, SignedPart, Step, Template, Variable,
};

/// What scenario files hold.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The scenarios.
    pub scenarios: Vec<Arc<Scenario>>,
    /// The fixtures.
    pub fixtures: Vec<Arc<Fixture>>,
}

/// Reads one file: a scenario or fixture, or a list of them. `suite` is the folder it stands in, unless that is `common`.
pub fn read(file: &Arc<SourceFile>, suite: Option<&SuiteName>, written: &mut Written, mistakes: &mut Diagnostics) {
    let node = match Node::parse(file) {
        Ok(node) => node,
        Err(mistake) => return mistakes.add(mistake),
    };
    for node in node.one_or_many() {
        let is_fixture =
            matches!(&node.kind, NodeKind::Map(entries) if entries.iter().any(|(key, _)| key.value == "fixture"));
        if is_fixture {
            written.fixtures.extend(read_fixture(node, suite, mistakes).map(Arc::new));
        } else {
            written.scenarios.extend(read_scenario(node, file, suite, mistakes).map(Arc::new));
        }
    }
}

fn read_fixture(node: &Node, suite: Option<&SuiteName>, mistakes: &mut Diagnostics) -> Option<Fixture> {
    let mut fields = node.fields("a fixture", mistakes)?;
    let provides = fields.texts("fixture", mistakes).into_iter().map(|name| name.map(Variable)).collect();
    let scope = read_scope(&mut fields, suite, mistakes);
    let steps = fields.need("steps", mistakes).map(|node| read_steps(node, mistakes));
    fields.finish(mistakes);
    Some(Fixture { provides, scope, steps: steps? })
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
    let for_each = fields.take("for_each").and_then(|node| read_for_each(node, mistakes));
    let steps = fields.need("steps", mistakes).map(|node| read_steps(node, mistakes));
    fields.finish(mistakes);
    Some(Scenario { title: title?, file: Arc::clone(file), tags, scope, formats, for_each, steps: steps? })
}

fn read_scope(fields: &mut Fields<'_>, suite: Option<&SuiteName>, mistakes: &mut Diagnostics) -> Scope {
    if let Some(name) = suite {
        return Scope::Suite(name.clone());
    }
    let needs = fields.take("suites").and_then(|node| read_capabilities(node, mistakes));
    Scope::Capable(needs.unwrap_or_default())
}

fn read_capabilities(node: &Node, mistakes: &mut Diagnostics) -> Option<Capabilities> {
    let mut fields = node.fields("`suites`", mistakes)?;
    let signing = fields.take("signing").and_then(|node| node.choice("`signing`", &Signing::NAMES, mistakes));
    let has = fields.texts("with", mistakes);
    fields.finish(mistakes);
    let names = |wanted: &str| has.iter().any(|name| name.value == wanted).then_some(());
    let needs = Capabilities { signing, paging: names("paging"), jobs: names("jobs") };
    for name in has.iter().filter(|name| !["paging", "jobs"].contains(&name.value.as_str())) {
        let mistake = Diagnostic::error(&name.place, format!("no suite is known by `{}`", name.value));
        mistakes.add(mistake.help("write: paging, jobs"));
    }
    Some(needs)
}

fn read_for_each(node: &Node, mistakes: &mut Diagnostics) -> Option<ForEach> {
    let mut fields = node.fields("`for_each`", mistakes)?;
    let operations = fields.need("operation", mistakes).and_then(|node| read_operation_choice(node, mistakes));
    let parameters =
        fields.take("parameter").and_then(|node| node.choice("`parameter`", &ParameterChoice::NAMES, mistakes));
    fields.finish(mistakes);
    Some(ForEach { operations: operations?, parameters })
}

fn read_operation_choice(node: &Node, mistakes: &mut Diagnostics) -> Option<OperationChoice> {
    match &node.kind {
        NodeKind::Text(text) if text == "all" => return Some(OperationChoice::default()),
        NodeKind::Text(_) | NodeKind::List(_) => {
            return Some(OperationChoice { named: node.texts("an operation", mistakes), ..OperationChoice::default() });
        }
        _ => {}
    }
    let mut fields = node.fields("a choice of operations", mistakes)?;
    let named = fields.texts("named", mistakes);
    let except = fields.texts("except", mistakes);
    let effect = fields.take("effect").and_then(|node| node.choice("`effect`", &Effect::NAMES, mistakes));
    let job = fields.take("job").and_then(|node| node.boolean("`job`", mistakes));
    let list = fields.take("list").and_then(|node| node.boolean("`list`", mistakes));
    let detailed = fields.take("detailed").and_then(|node| node.boolean("`detailed`", mistakes));
    let required = fields.take("required").and_then(|node| node.boolean("`required`", mistakes));
    fields.finish(mistakes);
    Some(OperationChoice { named, except, effect, job, list, detailed, required })
}

fn read_steps(node: &Node, mistakes: &mut Diagnostics) -> Vec<Step> {
    let steps = node.list("`steps`", mistakes).unwrap_or_default();
    steps.iter().filter_map(|step| read_step(step, mistakes)).collect()
}

fn read_step(node: &Node, mistakes: &mut Diagnostics) -> Option<Step> {
    let mut fields = node.fields("a step", mistakes)?;
    let action = read_action(node, &mut fields, mistakes);
    let each = fields.take("each").and_then(|node| node.list("`each`", mistakes)).unwrap_or_default();
    let each = each.iter().filter_map(|node| read_variation(node, mistakes)).collect();
    let expect = fields.take("expect").map(|node| read_expectations(node, mistakes)).unwrap_or_default();
    let save = fields.take("save").map(|node| read_save(node, mistakes)).unwrap_or_default();
    let verifies = fields.texts("verifies", mistakes);
    fields.finish(mistakes);
    Some(Step { action: action?, each, expect, save, verifies })
}

fn read_action(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Located<Action>> {
    let call = fields.take("call");
    let paginate = fields.take("paginate");
    let job = fields.take("await");
    let action = match (call, paginate, job) {
        (Some(call), None, None) => read_call(call, fields, mistakes).map(Action::Call),
        (None, Some(call), None) => read_call(call, fields, mistakes).map(Action::Paginate),
        (None, None, Some(job)) => read_await(job, fields, mistakes).map(Action::Await),
        _ => {
            let mistake = Diagnostic::error(&node.place, "a step does exactly one thing");
            mistakes.add(mistake.help("begin it with one of: call, await, paginate"));
            None
        }
    };
    let place = call.or(paginate).or(job).map_or(&node.place, |node| &node.place);
    Some(Located { value: action?, place: place.clone() })
}

fn read_call(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Call> {
    let operation = node.text("an operation's name", mistakes).map(template);
    let manner = read_manner(fields, mistakes);
    Some(Call { operation: operation?, manner })
}

fn read_variation(node: &Node, mistakes: &mut Diagnostics) -> Option<Located<Manner>> {
    let mut fields = node.fields("one of `each`", mistakes)?;
    let value = read_manner(&mut fields, mistakes);
    fields.finish(mistakes);
    Some(Located { value, place: node.place.clone() })
}

fn read_manner(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Manner {
    let with = fields.take("with").and_then(|node| node.entries("`with`", mistakes)).unwrap_or_default();
    let with = with.iter().map(|(key, value)| (Template::parse(&key.value.clone().into()), argument(value)));
    let with = with.collect();
    let methods = [("GET", Method::Get), ("POST", Method::Post)];
    Manner {
        with,
        add: fields.texts("add", mistakes).into_iter().map(template).collect(),
        without: fields.texts("without", mistakes).into_iter().map(template).collect(),
        method: fields.take("method").and_then(|node| node.choice("`method`", &methods, mistakes)),
        account: fields.text("as", mistakes).map(|name| name.value),
        format: fields.take("format").and_then(|node| read_format(node, mistakes)),
        sign: fields.take("sign").map(|node| read_signing(node, mistakes)).unwrap_or_default(),
    }
}

/// An argument travels as text: a list as its items with commas between.
fn argument(node: &Node) -> Template {
    match &node.kind {
        NodeKind::List(items) => {
            let items: Vec<_> = items.iter().map(|item| argument(item).to_string()).collect();
            Template::parse(&items.join(",").into())
        }
        _ => Template::parse(&node.to_json()),
    }
}

fn template(text: Located<String>) -> Located<Template> {
    text.map(|text| Template::parse(&text.into()))
}

fn read_format(node: &Node, mistakes: &mut Diagnostics) -> Option<AskedFormat> {
    let names = [
        ("json", AskedFormat::Encoding(Encoding::Json)),
        ("xml", AskedFormat::Encoding(Encoding::Xml)),
        ("unsaid", AskedFormat::Unsaid),
    ];
    node.choice("`format`", &names, mistakes)
}

fn read_signing(node: &Node, mistakes: &mut Diagnostics) -> Vec<SignatureTrait> {
    let Some(mut fields) = node.fields("`sign`", mistakes) else { return Vec::new() };
    let parts =
        [("signature", SignedPart::Signature), ("apikey", SignedPart::ApiKey), ("argument", SignedPart::Argument)];
    let forms = [
        ("wrong secret", SignatureTrait::WrongSecret),
        ("unknown key", SignatureTrait::UnknownKey),
        ("reversed", SignatureTrait::Reversed),
        ("upper case names", SignatureTrait::UpperCaseNames),
        ("case kept", SignatureTrait::KeepCase),
        ("plus for space", SignatureTrait::PlusForSpace),
        ("unsorted", SignatureTrait::Unsorted),
    ];
    let mut traits = Vec::new();
    let mut part = |name, mistakes: &mut Diagnostics| {
        fields.take(name).and_then(|node: &Node| node.choice("a part", &parts, mistakes))
    };
    traits.extend(part("omit", mistakes).map(SignatureTrait::Omit));
    traits.extend(part("tamper", mistakes).map(SignatureTrait::Tamper));
    for node in fields.take("form").map(Node::one_or_many).unwrap_or_default() {
        let names: Vec<_> = forms.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
        let chosen = node.choice("a form", &names, mistakes);
        traits.extend(chosen.map(|index| forms[index].1.clone()));
    }
    if let Some(node) = fields.take("version") {
        let version = match &node.kind {
            NodeKind::Integer(version) => Some(version.to_string()),
            _ => node.text("`version`", mistakes).map(|text| text.value),
        };
        traits.extend(version.map(SignatureTrait::Version));
    }
    traits.extend(fields.take("expires").and_then(|node| read_expires(node, mistakes)));
    fields.finish(mistakes);
    traits
}

fn read_expires(node: &Node, mistakes: &mut Diagnostics) -> Option<SignatureTrait> {
    let text = node.text("`expires`", mistakes)?.value;
    match text.parse() {
        Ok(from_now) => Some(SignatureTrait::Expires(from_now)),
        Err(_) => Some(SignatureTrait::ExpiresText(text)),
    }
}

fn read_await(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Await> {
    const LONGEST_UNSAID: Duration = Duration::from_secs(10 * 60);
    let job = node.text("a job's id", mistakes).map(template);
    let within = fields.take("within").and_then(|node| node.duration("`within`", mistakes)).unwrap_or(LONGEST_UNSAID);
    let ends = [("succeeded", JobEnd::Succeeded), ("failed", JobEnd::Failed)];
    let ends = fields.take("ends").and_then(|node| node.choice("`ends`", &ends, mistakes));
    Some(Await { job: job?, within, ends: ends.unwrap_or(JobEnd::Succeeded) })
}

fn read_save(node: &Node, mistakes: &mut Diagnostics) -> Vec<(Variable, Located<Path>)> {
    let entries = node.entries("`save`", mistakes).unwrap_or_default();
    let saves = entries.iter().filter_map(|(name, node)| {
        let path = node.text("a path", mistakes)?;
        Some((Variable(name.value.clone()), read_path(&path, mistakes)?))
    });
    saves.collect()
}

fn read_path(text: &Located<String>, mistakes: &mut Diagnostics) -> Option<Located<Path>> {
    match Path::parse(&text.value) {
        Ok(path) => Some(Located { value: path, place: text.place.clone() }),
        Err(error) => {
            let mistake = Diagnostic::error(&text.place, format!("this is not a path: {error}"));
            mistakes.add(mistake.help("paths are JSONPath (RFC 9535), such as $.zone[0].id"));
            None
        }
    }
}

const OUTCOMES: [(&str, Outcome); 3] =
    [("accepted", Outcome::Accepted), ("refused", Outcome::Refused), ("any", Outcome::Any)];

fn read_expectations(node: &Node, mistakes: &mut Diagnostics) -> Vec<Located<Expectation>> {
    let located = |value, place: &crate::source::Place| Located { value, place: place.clone() };
    if let NodeKind::Text(_) = node.kind {
        let outcome = node.choice("`expect`", &OUTCOMES, mistakes);
        return outcome.map(|outcome| located(Expectation::Outcome(outcome), &node.place)).into_iter().collect();
    }
    let mut expectations = Vec::new();
    for (key, value) in node.entries("`expect`", mistakes).unwrap_or_default() {
        match key.value.as_str() {
            "outcome" => {
                let outcome = value.choice("`outcome`", &OUTCOMES, mistakes);
                expectations.extend(outcome.map(|outcome| located(Expectation::Outcome(outcome), &key.place)));
            }
            "status" => {
                let statuses = StatusPattern::read(value, mistakes);
                expectations.push(located(Expectation::Status(statuses), &key.place));
            }
            "pages" => {
                let checks = value.one_or_many().iter();
                let checks = checks.filter_map(|node| node.choice("a check", &PagingCheck::NAMES, mistakes));
                expectations.extend(checks.map(|check| located(Expectation::Paging(check), &key.place)));
            }
            path if path.starts_with('$') => {
                let path = read_path(key, mistakes);
                let matcher = read_matcher(value, mistakes);
                let field = path.zip(matcher).map(|(path, matcher)| Expectation::Field(path.value, matcher));
                expectations.extend(field.map(|field| located(field, &key.place)));
            }
            other => {
                let mistake = Diagnostic::error(&key.place, format!("nothing can be expected of `{other}`"));
                mistakes.add(mistake.help("write outcome, status, pages, or a path such as $.zone[0].id"));
            }
        }
    }
    expectations
}

fn read_matcher(node: &Node, mistakes: &mut Diagnostics) -> Option<Matcher> {
    let NodeKind::Map(entries) = &node.kind else {
        return Some(Matcher::Equals(Template::parse(&node.to_json())));
    };
    let mut matchers: Vec<_> = entries.iter().filter_map(|(name, node)| read_operator(name, node, mistakes)).collect();
    if matchers.len() == 1 { matchers.pop() } else { Some(Matcher::All(matchers)) }
}

fn read_operator(name: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<Matcher> {
    let value = || Template::parse(&node.to_json());
    let number = |mistakes: &mut Diagnostics| match node.kind {
        #[allow(clippy::cast_precision_loss, reason = "limits are small numbers that people write")]
        NodeKind::Integer(number) => Some(number as f64),
        NodeKind::Number(number) => Some(number),
        _ => node.wrong("a limit is a number", mistakes),
    };
    match name.value.as_str() {
        "equals" => Some(Matcher::Equals(value())),
        "not" => Some(Matcher::Not(value())),
        "one_of" => Some(Matcher::OneOf(node.one_or_many().iter().map(|n| Template::parse(&n.to_json())).collect())),
        "matches" => {
            let pattern = node.text("a pattern", mistakes)?;
            match regex::Regex::new(&pattern.value) {
                Ok(regex) => Some(Matcher::Matches(regex)),
                Err(error) => {
                    mistakes.add(Diagnostic::error(&node.place, format!("this is not a regular expression: {error}")));
                    None
                }
            }
        }
        "contains" => Some(Matcher::Contains(value())),
        "includes" => Some(Matcher::Includes(value())),
        "excludes" => Some(Matcher::Excludes(value())),
        "at_least" => number(mistakes).map(Matcher::AtLeast),
        "at_most" => number(mistakes).map(Matcher::AtMost),
        "times" => node.whole_number("`times`", mistakes).map(Matcher::Times),
        "type" => Some(Matcher::Type(node.text("`type`", mistakes)?.value)),
        "present" => node.boolean("`present`", mistakes).map(|is| if is { Matcher::Present } else { Matcher::Absent }),
        "absent" => node.boolean("`absent`", mistakes).map(|is| if is { Matcher::Absent } else { Matcher::Present }),
        other => {
            let known = "equals, not, one_of, matches, contains, includes, excludes, at_least, at_most, times, type, \
                         present, absent";
            let mistake = Diagnostic::error(&name.place, format!("there is no matcher `{other}`"));
            mistakes.add(mistake.help(format!("write one of: {known}")));
            None
        }
    }
}
