//! A counterexample as a scenario that `assay test` runs as it is.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::plan::{PlannedAction, PlannedStep};
use crate::scenario::{Bindings, Expectation, LawName, Matcher, Source, Template, Until};
use assay_suite::{Encoding, Filter, RequirementId, Suite, Variable, plain};

use super::compare::{Difference, DifferenceKind};
use super::freedom::{TextKind, kind_of};
use super::laws::Law;
use super::observation::{Answers, Came};
use super::pair::{Aspect, Disagreement};

/// A step with what the model made of it.
#[derive(Clone)]
pub(super) struct Shown {
    pub step: Arc<PlannedStep>,
    pub came: Came,
    pub status: Option<u16>,
    /// What both answered.
    pub answers: Answers,
    /// When, since the walk began.
    pub at: Duration,
}

/// What is written of a counterexample.
pub(super) struct Written<'a> {
    pub suite: &'a Suite,
    pub format: Encoding,
    pub title: &'a str,
    /// Where it comes from.
    pub remark: &'a str,
    pub steps: &'a [Shown],
    pub disagreement: &'a Disagreement,
    pub requirements: &'a [RequirementId],
    /// The values of the variables at the model.
    pub bindings: &'a Bindings,
}

impl Written<'_> {
    /// The text of a file of scenarios.
    pub fn scenario(&self) -> String {
        let (remark, title, format) = (self.remark, quoted(self.title), self.format);
        let mut text = format!("# {remark}\n- scenario: {title}\n  tags: [explore]\n  formats: [{format}]\n  steps:\n");
        let mut position = 0;
        while let Some(shown) = self.steps.get(position) {
            let wait = self.own_wait(position);
            position += 1 + usize::from(wait.is_some());
            // Writing to a string can't fail.
            let _ = self.write_step(&mut text, shown, wait, position == self.steps.len());
        }
        text
    }

    /// The next step, if it follows the job that this one is given, and nothing else asks for that.
    fn own_wait(&self, position: usize) -> Option<&Shown> {
        let (shown, wait) = (self.steps.get(position)?, self.steps.get(position + 1)?);
        let PlannedAction::Await { job: Template::Variable(job), account, .. } = &wait.step.action else { return None };
        let PlannedAction::Call { calls, until: None } = &shown.step.action else { return None };
        let is_own = shown.step.save.iter().any(|(variable, _)| variable == job) && shown.came == Came::Accepted;
        let uses = self.steps.iter().flat_map(|shown| shown.step.variables()).filter(|variable| variable == job);
        let expected = self.steps.last().map(|last| Value::Object(self.expected(last)).to_string());
        let is_expected = expected.is_some_and(|expected| expected.contains(&job.0));
        let by_the_same = calls.first().is_some_and(|call| call.account == *account);
        (is_own && uses.count() == 1 && !is_expected && by_the_same).then_some(wait)
    }

    /// Writes a step; what it says of its own job is `wait`.
    fn write_step(&self, text: &mut String, shown: &Shown, wait: Option<&Shown>, is_last: bool) -> std::fmt::Result {
        let is_last_answer = is_last && wait.is_none();
        let mut expect = Map::new();
        match &shown.step.action {
            PlannedAction::Call { calls, until } => {
                let Some(call) = calls.first() else { return Ok(()) };
                writeln!(text, "  - call: {}", quoted(&call.operation))?;
                if let Some(account) = &call.account {
                    writeln!(text, "    account: {}", quoted(account))?;
                }
                if !call.arguments.is_empty() {
                    let with: Map<_, _> =
                        call.arguments.iter().map(|(name, value)| (name.clone(), written(value))).collect();
                    writeln!(text, "    with: {}", Value::Object(with))?;
                }
                if let Some(until) = until {
                    write_until(text, until)?;
                }
                let is_about_outcome = is_last_answer && self.disagreement.aspect == Aspect::Outcome;
                match shown.came {
                    Came::Refused => drop(expect.insert("outcome".to_owned(), Value::from("refused"))),
                    _ if is_about_outcome => drop(expect.insert("outcome".to_owned(), Value::from("accepted"))),
                    _ => {}
                }
            }
            PlannedAction::Await { job, account, .. } => {
                writeln!(text, "  - await: {}", written(job))?;
                if let Some(account) = account {
                    writeln!(text, "    account: {}", quoted(account))?;
                }
                if shown.came == Came::JobFailed {
                    writeln!(text, "    ends: failed")?;
                }
            }
            PlannedAction::Paginate(call) => writeln!(text, "  - paginate: {}", quoted(&call.operation))?,
        }
        let own_job = wait.and_then(|wait| match &wait.step.action {
            PlannedAction::Await { job: Template::Variable(job), .. } => Some(job),
            _ => None,
        });
        for line in self.of_answer(shown, expect, own_job, is_last_answer) {
            writeln!(text, "    {line}")?;
        }
        let Some(wait) = wait else { return Ok(()) };
        let ends = (wait.came == Came::JobFailed).then(|| "ends: failed".to_owned());
        let lines: Vec<_> = ends.into_iter().chain(self.of_answer(wait, Map::new(), None, is_last)).collect();
        if lines.is_empty() {
            return writeln!(text, "    await: true");
        }
        writeln!(text, "    await:")?;
        lines.iter().try_for_each(|line| writeln!(text, "      {line}"))
    }

    /// What is expected and kept of an answer, and which requirements that decides: a line each.
    fn of_answer(
        &self,
        shown: &Shown,
        mut expect: Map<String, Value>,
        own_job: Option<&Variable>,
        is_last: bool,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        if is_last {
            expect.extend(self.expected(shown));
        }
        if !expect.is_empty() {
            lines.push(format!("expect: {}", Value::Object(expect)));
        }
        let saves = |source: &Source| match source {
            // Walks keep single values.
            Source::Path(path) | Source::Every(path) | Source::Telling(path, ..) => path.to_string(),
            Source::Header(name) => format!("header.{name}"),
            Source::Sent(template) => template.to_string(),
            Source::Located => "header.location".to_owned(),
        };
        let is_done = shown.came == Came::Accepted && !is_last;
        let kept = shown.step.save.iter().filter(|(name, _)| Some(name) != own_job);
        let save: Map<_, _> = kept.map(|(name, source)| (name.0.clone(), Value::from(saves(&source.value)))).collect();
        if !save.is_empty() && is_done {
            lines.push(format!("save: {}", Value::Object(save)));
        }
        if is_last && !self.requirements.is_empty() {
            let ids: Vec<_> = self.requirements.iter().map(ToString::to_string).collect();
            lines.push(format!("verifies: [{}]", ids.join(", ")));
        }
        lines
    }

    /// What the last step must show.
    fn expected(&self, shown: &Shown) -> Map<String, Value> {
        let mut expect = Map::new();
        match (&self.disagreement.aspect, &self.disagreement.difference) {
            (Aspect::Status, _) => {
                expect.extend(shown.status.map(|status| ("status".to_owned(), Value::from(status))));
            }
            (Aspect::Item(_) | Aspect::At(_), Some(difference)) => {
                let (path, matcher) = self.field(difference);
                expect.insert(path, matcher);
            }
            (Aspect::Law(law), _) => self.by_law(*law, shown, &mut expect),
            (Aspect::Outcome | Aspect::Item(_) | Aspect::At(_), _) => {}
        }
        expect
    }

    /// What a law says of the last step, where one step shows it.
    fn by_law(&self, law: Law, shown: &Shown, expect: &mut Map<String, Value>) {
        let PlannedAction::Call { calls, .. } = &shown.step.action else { return };
        let Some(operation) = self.suite.operations.get(&self.disagreement.operation) else { return };
        let arguments = calls.first().map(|call| call.arguments.as_slice()).unwrap_or_default();
        let named = |name: &str, value: Value| Value::Object(Map::from_iter([(name.to_owned(), value)]));
        let Some(list) = &operation.list else {
            let outcome = if law == Law::OfCases(LawName::RemoveExactlyOne) { "refused" } else { "accepted" };
            expect.insert("outcome".to_owned(), Value::from(outcome));
            return;
        };
        for (name, value) in arguments {
            let Some(Filter::Equals(field)) = operation.parameters.get(name).and_then(|found| found.filter.as_ref())
            else {
                continue;
            };
            let is_key = list.key.as_ref() == Some(field);
            let matcher = match law {
                Law::OfCases(LawName::FilterFilters) => written(value),
                Law::OfCases(LawName::RemoveExactlyOne) if is_key => named("excludes", written(value)),
                Law::OfCases(LawName::CreatedIsReadBack) if is_key => named("includes", written(value)),
                _ => continue,
            };
            expect.insert(format!("$.{}[*].{field}", list.items), matcher);
        }
    }

    fn field(&self, difference: &Difference) -> (String, Value) {
        let list = self.suite.operations.get(&self.disagreement.operation).and_then(|found| found.list.as_ref());
        let key = list.and_then(|list| list.key.as_deref()).unwrap_or("id");
        let item = difference.item.as_ref().and_then(|id| self.variable_of(id));
        let named = |name: &str, value: Value| Value::Object(Map::from_iter([(name.to_owned(), value)]));
        match (difference.kind, &item) {
            (DifferenceKind::ItemMissing, Some(variable)) => {
                (format!("{}.{key}", difference.path), named("includes", Value::from(variable.to_string())))
            }
            (DifferenceKind::ItemUnexpected, Some(variable)) => {
                (format!("{}.{key}", difference.path), named("excludes", Value::from(variable.to_string())))
            }
            (DifferenceKind::ItemMissing, None) => (difference.path.clone(), named("present", Value::Bool(true))),
            (DifferenceKind::ItemUnexpected, None) => (difference.path.clone(), named("absent", Value::Bool(true))),
            (kind, _) => {
                let path = match &item {
                    Some(variable) => {
                        let one = format!("[?@.{key} == '${{{}}}']", variable.0);
                        difference.path.replacen("[*]", &one, 1)
                    }
                    None => difference.path.clone(),
                };
                let matcher = match kind {
                    DifferenceKind::Missing => named("present", Value::Bool(true)),
                    DifferenceKind::Unexpected => named("absent", Value::Bool(true)),
                    _ => self.value(&difference.path, &difference.expected),
                };
                (path, matcher)
            }
        }
    }

    /// A value of the model as a scenario can ask for it.
    fn value(&self, path: &str, value: &Value) -> Value {
        let Value::String(text) = value else { return value.clone() };
        if let Some(variable) = self.variable_of(text) {
            return Value::from(variable.to_string());
        }
        let calls = self.steps.iter().filter_map(|shown| match &shown.step.action {
            PlannedAction::Call { calls, .. } => calls.first(),
            _ => None,
        });
        let sent = calls.flat_map(|call| &call.arguments).map(|(_, template)| template);
        let mut same = sent.filter(|template| template.resolve(self.bindings).is_ok_and(|sent| plain(&sent) == *text));
        if let Some(template) = same.find(|template| !template.variables().is_empty()) {
            return written(template);
        }
        let field = assay_suite::way(path).pop().unwrap_or_default();
        match kind_of(&field, text) {
            TextKind::Plain => value.clone(),
            TextKind::Identifier | TextKind::Free => {
                Value::Object(Map::from_iter([("present".to_owned(), Value::Bool(true))]))
            }
        }
    }

    /// The variable that means something, if an earlier step saves it or the target gives it.
    fn variable_of(&self, id: &str) -> Option<&Variable> {
        let of_case = Variable::of_a_case();
        let known =
            |(name, value): &(&Variable, &Value)| plain(value) == id && !of_case.contains(name) && !name.is_own_job();
        let saved =
            |name: &Variable| self.steps.iter().any(|shown| shown.step.save.iter().any(|(saved, _)| saved == name));
        let mut fitting: Vec<_> = self.bindings.iter().filter(known).map(|(name, _)| name).collect();
        fitting.sort_by_key(|name| !saved(name));
        fitting.into_iter().next()
    }
}

fn write_until(text: &mut String, until: &Until) -> std::fmt::Result {
    let conditions = until.reached.iter().filter_map(|condition| match &condition.value {
        Expectation::Field(path, Matcher::Equals(value)) => Some((path.to_string(), written(value))),
        _ => None,
    });
    let conditions: Map<_, _> = conditions.collect();
    if conditions.is_empty() {
        return Ok(());
    }
    writeln!(text, "    until: {}", Value::Object(conditions))?;
    writeln!(text, "    within: {}s", until.within.as_secs().max(1))
}

/// A template as it is written in a scenario.
pub(super) fn written(template: &Template) -> Value {
    match template {
        Template::Literal(value) => value.clone(),
        Template::List(items) => items.iter().map(written).collect(),
        Template::Map(fields) => fields.iter().map(|(name, value)| (name.clone(), written(value))).collect(),
        Template::Variable(_) | Template::Text(_) => Value::from(template.to_string()),
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
