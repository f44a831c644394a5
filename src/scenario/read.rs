//! Reads files of scenarios and fixtures.

use std::sync::Arc;
use std::time::Duration;

use crate::http::Method;
use crate::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind, SourceFile, closest};
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
    let provides = fields.need("fixture", mistakes).map(|node| node.some("`fixture`", mistakes)).unwrap_or_default();
    let provides = provides.iter().filter_map(|node| Variable::read(&node.text("`fixture`", mistakes)?, mistakes));
    let provides = provides.collect();
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
    let mut needs = Capabilities { signing, paging: None, jobs: None };
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
    let Some(steps) = node.list("`steps`", mistakes) else { return Vec::new() };
    if steps.is_empty() {
        mistakes.add(Diagnostic::error(&node.place, "`steps` can't be empty").help("write at least one"));
    }
    steps.iter().filter_map(|step| read_step(step, mistakes)).collect()
}

fn read_step(node: &Node, mistakes: &mut Diagnostics) -> Option<Step> {
    let mut fields = node.fields("a step", mistakes)?;
    let action = read_action(node, &mut fields, mistakes)?;
    let each = fields.take("each").and_then(|node| node.list("`each`", mistakes)).unwrap_or_default();
    let each = each.iter().filter_map(|node| read_variation(node, mistakes)).collect();
    let expect = fields.take("expect").map(|node| read_expectations(node, mistakes)).unwrap_or_default();
    check_expectations(&action, &expect, mistakes);
    let save = fields.take("save").map(|node| read_save(node, mistakes)).unwrap_or_default();
    let verifies = fields.texts("verifies", mistakes);
    fields.finish(mistakes);
    Some(Step { action, each, expect, save, verifies })
}

fn read_action(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Located<Action>> {
    let call = fields.take("call");
    let paginate = fields.take("paginate");
    let job = fields.take("await");
    let action = match (call, paginate, job) {
        (Some(call), None, None) => read_call(call, fields, mistakes).map(Action::Call),
        (None, Some(call), None) => read_paginate(call, fields, mistakes).map(Action::Paginate),
        (None, None, Some(job)) => read_await(job, fields, mistakes).map(Action::Await),
        _ => no_action(node, fields, mistakes),
    };
    let place = call.or(paginate).or(job).map_or(&node.place, |node| &node.place);
    Some(Located { value: action?, place: place.clone() })
}

/// Reports a step that does nothing, or several things. What else stands in it is not looked at.
fn no_action(node: &Node, fields: &Fields<'_>, mistakes: &mut Diagnostics) -> Option<Action> {
    let mut actions: Vec<_> =
        ["call", "await", "paginate"].into_iter().filter_map(|name| fields.place_of(name)).collect();
    actions.sort_by_key(|place| place.bytes.start);
    mistakes.add(match actions.get(1) {
        Some(second) => Diagnostic::error(second, "a step does one thing")
            .help("begin this line with `- `: then it is another step"),
        None => Diagnostic::error(&node.place, "a step needs one of: call, await, paginate"),
    });
    None
}

fn read_call(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Call> {
    for name in ["within", "ends"] {
        let message = format!("`{name}` is of a job, and this step does not await one");
        fields.refuse(name, &message, "write it in the step that awaits the job", mistakes);
    }
    let operation = node.text("an operation's name", mistakes).map(template);
    let manner = read_manner(fields, mistakes);
    Some(Call { operation: operation?, manner })
}

fn read_paginate(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Call> {
    for name in ["each", "save"] {
        fields.refuse(name, &format!("`paginate` takes no `{name}`"), "write it in a step that calls", mistakes);
    }
    read_call(node, fields, mistakes)
}

fn read_variation(node: &Node, mistakes: &mut Diagnostics) -> Option<Located<Manner>> {
    let mut fields = node.fields("one of `each`", mistakes)?;
    let value = read_manner(&mut fields, mistakes);
    fields.finish(mistakes);
    Some(Located { value, place: node.place.clone() })
}

fn read_manner(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Manner {
    let with = fields.take("with").and_then(|node| node.entries("`with`", mistakes)).unwrap_or_default();
    let with = with
        .iter()
        .filter_map(|(key, value)| Some((Template::parse(&key.value.clone().into()), argument(value, mistakes)?)));
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
fn argument(node: &Node, mistakes: &mut Diagnostics) -> Option<Template> {
    let one = |node: &Node, mistakes: &mut Diagnostics| {
        node.single("an argument", mistakes).map(|node| Template::parse(&node.to_json()))
    };
    match &node.kind {
        NodeKind::List(items) => {
            let items: Vec<_> = items.iter().filter_map(|item| Some(one(item, mistakes)?.within_text())).collect();
            Some(Template::parse(&items.join(",").into()))
        }
        _ => one(node, mistakes),
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
    let omit = fields.take("omit").and_then(|node| node.choice("`omit`", &parts, mistakes));
    let tamper = fields.take("tamper").and_then(|node| node.choice("`tamper`", &parts, mistakes));
    traits.extend(omit.map(SignatureTrait::Omit));
    traits.extend(tamper.map(SignatureTrait::Tamper));
    for node in fields.take("form").map(Node::one_or_many).unwrap_or_default() {
        traits.extend(node.choice("`form`", &forms, mistakes));
    }
    if let Some(node) = fields.take("version") {
        let version = match &node.kind {
            NodeKind::Integer(version) => Some(version.to_string()),
            _ => node.text("`version`", mistakes).map(|text| text.value),
        };
        traits.extend(version.map(SignatureTrait::Version));
    }
    traits.extend(fields.take("expires").and_then(|node| read_expires(node, mistakes)));
    traits.extend(fields.text("offset", mistakes).map(|offset| SignatureTrait::ExpiresOffset(offset.value)));
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
    for name in ["with", "add", "without", "method", "as", "format", "sign", "each"] {
        fields.refuse(name, &format!("`await` takes no `{name}`"), "write it in a step that calls", mistakes);
    }
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
        Some((Variable::read(name, mistakes)?.value, read_path(&path, mistakes)?))
    });
    saves.collect()
}

impl Variable {
    /// Reads a name as it can stand after `$`.
    pub fn read(name: &Located<String>, mistakes: &mut Diagnostics) -> Option<Located<Self>> {
        let used = Template::parse(&format!("${}", name.value).into());
        if matches!(&used, Template::Variable(variable) if variable.0 == name.value) {
            return Some(name.clone().map(Self));
        }
        let mistake = Diagnostic::error(&name.place, format!("a variable can't be called `{}`", name.value));
        mistakes.add(mistake.help("begin with a lower-case letter, and go on with letters, digits and _"));
        None
    }
}

/// With each level of brackets the time to compile a path doubles.
const DEEPEST_PATH: usize = 10;

fn read_path(text: &Located<String>, mistakes: &mut Diagnostics) -> Option<Located<Path>> {
    const HELP: &str = "paths are JSONPath (RFC 9535), such as $.zone[0].id or $.zone[?@.name == 'a'].id";
    match parse_path(&text.value) {
        Ok(path) => Some(Located { value: path, place: text.place.clone() }),
        Err(message) => {
            mistakes.add(Diagnostic::error(&text.place, message).help(HELP));
            None
        }
    }
}

fn parse_path(path: &str) -> Result<Path, String> {
    if !path.starts_with('$') {
        return Err("a path begins with $".to_owned());
    }
    if path.rsplit_once("${").is_some_and(|(_, rest)| !rest.contains('}')) {
        return Err("the `${` of this path has no `}`".to_owned());
    }
    if nesting(path) > DEEPEST_PATH {
        return Err("this path is nested too deep".to_owned());
    }
    Path::parse(path).map_err(|complaint| match readable(&complaint, path) {
        Some(readable) => format!("this is not a path: `{readable}` makes sense, what follows does not"),
        None => "this is not a path".to_owned(),
    })
}

/// The part of a path before the position that a complaint about it names.
fn readable<'a>(complaint: &str, path: &'a str) -> Option<&'a str> {
    let position = complaint.strip_prefix("at position ")?.split(',').next()?.parse().ok()?;
    path.get(..position).filter(|readable| !readable.is_empty() && !path.contains("${"))
}

/// How many brackets are open at once, at most.
fn nesting(path: &str) -> usize {
    let depths = path.chars().scan(0_usize, |depth, character| {
        match character {
            '[' | '(' => *depth += 1,
            ']' | ')' => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    depths.max().unwrap_or_default()
}

const OUTCOMES: [(&str, Outcome); 4] =
    [("accepted", Outcome::Accepted), ("refused", Outcome::Refused), ("fails", Outcome::Fails), ("any", Outcome::Any)];

fn read_expectations(node: &Node, mistakes: &mut Diagnostics) -> Vec<Located<Expectation>> {
    let located = |value, place: &crate::source::Place| Located { value, place: place.clone() };
    if let NodeKind::Text(text) = &node.kind {
        if text == "documented" {
            let documented = [Expectation::Outcome(Outcome::Accepted), Expectation::Form];
            return documented.map(|expectation| located(expectation, &node.place)).into();
        }
        let mut names: Vec<_> = OUTCOMES.iter().map(|(name, outcome)| (*name, Some(*outcome))).collect();
        names.push(("documented", None));
        let outcome = node.choice("`expect`", &names, mistakes).flatten();
        return outcome.map(|outcome| located(Expectation::Outcome(outcome), &node.place)).into_iter().collect();
    }
    let mut expectations = Vec::new();
    for (key, value) in node.entries("`expect`", mistakes).unwrap_or_default() {
        match key.value.as_str() {
            "outcome" => {
                let outcome = value.choice("`outcome`", &OUTCOMES, mistakes);
                expectations.extend(outcome.map(|outcome| located(Expectation::Outcome(outcome), &key.place)));
            }
            "form" => {
                let form = value.choice("`form`", &[("documented", Expectation::Form)], mistakes);
                expectations.extend(form.map(|form| located(form, &key.place)));
            }
            "stays" => {
                let stays = value.choice("`stays`", &[("ended", Expectation::StaysEnded)], mistakes);
                expectations.extend(stays.map(|stays| located(stays, &key.place)));
            }
            "status" => {
                value.some("`status`", mistakes);
                let statuses = StatusPattern::read(value, mistakes);
                expectations.push(located(Expectation::Status(statuses), &key.place));
            }
            "pages" => {
                let checks = value.one_or_many().iter();
                let checks = checks.filter_map(|node| node.choice("`pages`", &PagingCheck::NAMES, mistakes));
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
                mistakes.add(mistake.help("write outcome, form, stays, status, pages, or a path such as $.zone[0].id"));
            }
        }
    }
    expectations
}

/// What a step does not look at must not be expected of it: it would seem to hold.
fn check_expectations(action: &Located<Action>, expect: &[Located<Expectation>], mistakes: &mut Diagnostics) {
    for expectation in expect {
        let (name, wanted) = match (&action.value, &expectation.value) {
            (Action::Call(_), Expectation::Paging(_) | Expectation::StaysEnded) => {
                ("call", "an outcome, form, status, or a path such as $.zone[0].id")
            }
            (Action::Await(_), Expectation::Outcome(_) | Expectation::Status(_) | Expectation::Paging(_)) => {
                ("await", "form, stays, or a path such as $.jobresult; `ends` of the step says how the job ends")
            }
            (Action::Paginate(_), Expectation::Paging(_)) => continue,
            (Action::Paginate(_), _) => ("paginate", "pages"),
            _ => continue,
        };
        let mistake = Diagnostic::error(&expectation.place, format!("`{name}` does not look at this"));
        mistakes.add(mistake.help(format!("of `{name}` can be expected: {wanted}")));
    }
}

fn read_matcher(node: &Node, mistakes: &mut Diagnostics) -> Option<Matcher> {
    let NodeKind::Map(entries) = &node.kind else {
        return Some(Matcher::Equals(Template::parse(&node.to_json())));
    };
    if entries.is_empty() {
        mistakes.add(
            Diagnostic::error(&node.place, "a matcher can't be empty").help("write what must hold: {present: true}"),
        );
    }
    let mut matchers: Vec<_> = entries.iter().filter_map(|(name, node)| read_operator(name, node, mistakes)).collect();
    if matchers.len() == 1 { matchers.pop() } else { Some(Matcher::All(matchers)) }
}

const OPERATORS: [&str; 14] = [
    "equals", "not", "one_of", "matches", "contains", "includes", "excludes", "at_least", "at_most", "times", "type",
    "distinct", "present", "absent",
];

const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

fn read_operator(name: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<Matcher> {
    let value = || Template::parse(&node.to_json());
    let number = |mistakes: &mut Diagnostics| match node.kind {
        #[allow(clippy::cast_precision_loss, reason = "limits are small numbers that people write")]
        NodeKind::Integer(number) => Some(number as f64),
        NodeKind::Number(number) => Some(number),
        _ => node.wrong(&format!("`{}` is a number without quotes", name.value), mistakes),
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
                    let complaint = error.to_string();
                    let why = complaint.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    let mistake = Diagnostic::error(&node.place, format!("this is not a regular expression: {why}"));
                    mistakes.add(mistake.help("write \\ before a character that is to stand for itself"));
                    None
                }
            }
        }
        "contains" => Some(Matcher::Contains(value())),
        "includes" => Some(Matcher::Includes(value())),
        "excludes" => Some(Matcher::Excludes(value())),
        "at_least" => number(mistakes).map(Matcher::AtLeast),
        "at_most" => number(mistakes).map(Matcher::AtMost),
        "distinct" => {
            let distinct = node.boolean("`distinct`", mistakes)?;
            if !distinct {
                mistakes.add(Diagnostic::error(&node.place, "`distinct` can't be false").help("leave it out"));
            }
            distinct.then_some(Matcher::Distinct)
        }
        "times" => node.whole_number("`times`", mistakes).map(Matcher::Times),
        "type" => {
            node.choice("`type`", &TYPES.map(|name| (name, name)), mistakes).map(|name| Matcher::Type(name.to_owned()))
        }
        "present" => node.boolean("`present`", mistakes).map(|is| if is { Matcher::Present } else { Matcher::Absent }),
        "absent" => node.boolean("`absent`", mistakes).map(|is| if is { Matcher::Absent } else { Matcher::Present }),
        other => {
            let help = match closest(other, OPERATORS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of: {}", OPERATORS.join(", ")),
            };
            mistakes.add(Diagnostic::error(&name.place, format!("there is no matcher `{other}`")).help(help));
            None
        }
    }
}
