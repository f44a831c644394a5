//! What steps ask and expect must be possible by the document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::plan::case::{PlannedAction, PlannedCall, PlannedStep};
use crate::plan::{Case, Library};
use crate::scenario::{
    Action, Bindings, CallOptions, Expectation, JobEnd, Matcher, Outcome, Path, Source, Step, Template,
};
use assay_suite::source::{Diagnostic, Diagnostics, Located, Place};
use assay_suite::{Jobs, OperationName, StatusPattern, Suite};

use super::arguments::{Request, Wanted};
use super::reach::Answer;

/// What a step takes for granted of the answers that it looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Accepted,
    Refused,
    Either,
}

/// Looks at the steps of many cases; at one that several share, once.
pub(in crate::plan) struct StepCheck<'a> {
    library: &'a Library,
    /// The steps as they are written, by their places.
    written: BTreeMap<(&'a str, usize), &'a Step>,
    seen: BTreeSet<*const PlannedStep>,
}

impl<'a> StepCheck<'a> {
    pub fn new(library: &'a Library) -> Self {
        let scenarios = library.written.scenarios.iter().flat_map(|scenario| &scenario.steps);
        let fixtures = library.written.fixtures.iter().flat_map(|fixture| &fixture.steps);
        let profiles = library.profiles.iter().flat_map(|profile| profile.steps());
        let steps = scenarios.chain(fixtures).chain(profiles);
        let written = steps.map(|step| ((step.action.place.file.path.as_str(), step.action.place.bytes.start), step));
        Self { library, written: written.collect(), seen: BTreeSet::new() }
    }

    /// Reports what can't work in the steps of a case.
    pub fn case(&mut self, case: &Case, mistakes: &mut Diagnostics) {
        if case.scenario.derived.is_some() {
            return;
        }
        for step in &case.steps {
            let suite = step.suite.as_ref().unwrap_or(&case.suite);
            if self.seen.insert(Arc::as_ptr(step)) && !self.is_sound(suite, &step.place) {
                self.step(suite, step, &case.bindings, mistakes);
            }
        }
    }

    /// Whether the documents that a step rests on are known to be without mistakes.
    fn is_sound(&self, suite: &Suite, place: &Place) -> bool {
        let documents = &self.library.documents;
        documents.is_sound(&place.file.path) && documents.is_sound(&suite.name.place.file.path)
    }

    fn step(&self, suite: &Suite, step: &PlannedStep, bindings: &Bindings, mistakes: &mut Diagnostics) {
        let expected = expected(&step.expect);
        let written = self.written.get(&(step.place.file.path.as_str(), step.place.bytes.start)).copied();
        let answers = match &step.action {
            PlannedAction::Call { calls, .. } => {
                for (index, call) in calls.iter().enumerate() {
                    check_request(suite, call, option_layers(written, index), expected, mistakes);
                }
                self.answers(suite, calls, expected)
            }
            PlannedAction::Paginate(call) => {
                check_request(suite, call, option_layers(written, 0), expected, mistakes);
                Vec::new()
            }
            PlannedAction::Await { of, ends, .. } => {
                let jobs = suite.jobs.as_ref();
                jobs.map(|jobs| self.answer_about_job(suite, jobs, of.as_ref(), *ends)).into_iter().collect()
            }
        };
        let mut look = |path: &Path, place: &Place| {
            let path = path.bind(bindings);
            let mistake = dead_end(&answers, &path, place);
            mistakes.extend(mistake.map(|mistake| match self.is_of_own_job(suite, step, &path) {
                true => mistake.help("write what must hold of the job below `await`"),
                false => mistake,
            }));
        };
        for expectation in &step.expect {
            look_at(expectation, &mut look);
        }
        // Whether there is a job of its own is checked where the step is planned.
        for (_, source) in step.save.iter().filter(|(variable, _)| !variable.is_own_job()) {
            if let Source::Path(path) = &source.value {
                look(path, &source.place);
            }
        }
        if let [answer] = answers.as_slice() {
            mistakes.extend(step.expect.iter().filter_map(|expectation| never_there(answer, expectation, bindings)));
        }
        if let PlannedAction::Call { calls, until: Some(until) } = &step.action {
            // Until then it may be refused.
            let answers = self.answers(suite, calls, Expected::Either);
            let mut look =
                |path: &Path, place: &Place| mistakes.extend(dead_end(&answers, &path.bind(bindings), place));
            until.reached.iter().for_each(|condition| look_at(condition, &mut look));
        }
    }

    /// Whether a path leads somewhere in what is said of the job that a call awaits.
    fn is_of_own_job(&self, suite: &Suite, step: &PlannedStep, path: &Path) -> bool {
        let awaits_its_own = step.save.iter().any(|(variable, _)| variable.is_own_job());
        suite.jobs.as_ref().filter(|_| awaits_its_own).is_some_and(|jobs| {
            let answer = self.answer_about_job(suite, jobs, step.operations().first(), JobEnd::Succeeded);
            answer.dead_end(path).is_none()
        })
    }

    /// What is known of the answers to requests; nothing if one of them is not documented.
    fn answers(&self, suite: &Suite, calls: &[PlannedCall], expected: Expected) -> Vec<Answer<'a>> {
        let Some(call) = calls.first() else { return Vec::new() };
        if calls.iter().any(|call| !suite.operations.contains_key(call.operation.as_str())) {
            return Vec::new();
        }
        let accepted = || {
            let what = format!("the answer of {}", call.operation);
            self.answer(what, &suite.answer_schema(&call.operation))
        };
        let refused = || self.answer("a refusal".to_owned(), &suite.refusal_schema());
        match expected {
            Expected::Accepted => vec![accepted()],
            Expected::Refused => vec![refused()],
            Expected::Either => vec![accepted(), refused()],
        }
    }

    fn answer(&self, what: String, schema: &str) -> Answer<'a> {
        Answer { what, shape: self.library.schemas.shape(schema), schema: self.library.schemas.written_at(schema) }
    }

    /// What is known of the answer that says how a job ended.
    fn answer_about_job(&self, suite: &Suite, jobs: &Jobs, of: Option<&OperationName>, ends: JobEnd) -> Answer<'a> {
        let poll = &jobs.poll.0;
        let mut answer = self.answer(format!("the answer of {poll}"), &suite.answer_schema(poll));
        if let Some(result) = &jobs.result {
            let schema = of.filter(|_| ends == JobEnd::Succeeded).map(|of| suite.result_schema(&of.0));
            // Of any other outcome nothing is known.
            let shape = self.library.schemas.shape(schema.as_deref().unwrap_or_default());
            answer.shape = answer.shape.with_property(result, shape);
            answer.schema = schema.map_or(answer.schema, |schema| self.library.schemas.written_at(&schema));
        }
        answer
    }
}

/// Looks at the arguments of a request.
fn check_request(
    suite: &Suite,
    call: &PlannedCall,
    option_layers: Vec<&CallOptions>,
    expected: Expected,
    mistakes: &mut Diagnostics,
) {
    let Some(operation) = suite.operations.get(call.operation.as_str()) else { return };
    let wanted = if expected == Expected::Accepted { Wanted::Accepted } else { Wanted::Perhaps };
    Request { suite, operation, call, option_layers, wanted }.check(mistakes);
}

/// The ways of asking that a request is made from: that of its step, and that of its variation.
fn option_layers(written: Option<&Step>, index: usize) -> Vec<&CallOptions> {
    let Some(step) = written else { return Vec::new() };
    let own = match &step.action.value {
        Action::Call(call) | Action::Paginate(call) => Some(&call.options),
        Action::Await(_) => None,
    };
    own.into_iter().chain(step.each.get(index).map(|each| &each.value)).collect()
}

/// Gives the path that an expectation looks at, if something is to be there.
fn look_at(expectation: &Located<Expectation>, look: &mut impl FnMut(&Path, &Place)) {
    if let Expectation::Field(path, matcher) = &expectation.value
        && !is_met_by_nothing(matcher)
    {
        look(path, &expectation.place);
    }
}

/// Whether a matcher may hold where nothing is.
fn is_met_by_nothing(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Absent | Matcher::Times(0) | Matcher::Excludes(_) | Matcher::Distinct | Matcher::Sorted(_) => true,
        Matcher::All(matchers) => matchers.iter().all(is_met_by_nothing),
        _ => false,
    }
}

fn dead_end(answers: &[Answer<'_>], path: &Path, place: &Place) -> Option<Diagnostic> {
    let ends: Option<Vec<_>> = answers.iter().map(|answer| answer.dead_end(path)).collect();
    let end = ends?.into_iter().next()?;
    Some(Diagnostic::error(place, end.message).help(end.help))
}

/// A value that is expected and that the schema of the answer does not allow.
fn never_there(answer: &Answer<'_>, expectation: &Located<Expectation>, bindings: &Bindings) -> Option<Diagnostic> {
    let Expectation::Field(path, Matcher::Equals(Template::Literal(value))) = &expectation.value else { return None };
    let end = answer.refuses(&path.bind(bindings), value)?;
    Some(Diagnostic::error(&expectation.place, end.message).help(end.help))
}

/// Which answers meet what is expected of the status.
fn expected(expectations: &[Located<Expectation>]) -> Expected {
    let each = expectations.iter().filter_map(|expectation| match &expectation.value {
        Expectation::Outcome(Outcome::Accepted) => Some(Expected::Accepted),
        Expectation::Outcome(Outcome::Refused) => Some(Expected::Refused),
        Expectation::Outcome(Outcome::Fails | Outcome::Any) => Some(Expected::Either),
        Expectation::Status(statuses) => Some(of_statuses(statuses)),
        _ => None,
    });
    let mut each = each.peekable();
    if each.peek().is_none() {
        return Expected::Accepted;
    }
    each.find(|expected| *expected != Expected::Either).unwrap_or(Expected::Either)
}

fn of_statuses(statuses: &[StatusPattern]) -> Expected {
    let successes = statuses.iter().filter(|status| status.to_string().starts_with('2')).count();
    match successes {
        0 => Expected::Refused,
        all if all == statuses.len() => Expected::Accepted,
        _ => Expected::Either,
    }
}
