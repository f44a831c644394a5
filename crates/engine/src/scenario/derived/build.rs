//! Steps and scenarios, put together.

use std::sync::Arc;

use serde_json::Value;

use crate::scenario::document::{Derived, Scenario, Scope};
use crate::scenario::step::{Action, CallOptions, Source, Step, StepRole};
use crate::scenario::{Call as WrittenCall, Expectation, Matcher, Outcome, Path, Template};
use assay_suite::http::Method;
use assay_suite::source::{Located, Place};
use assay_suite::{
    Company, Contract, Input, LOCATION, Operation, RequirementId, ResponseStatus, SENT, StatusPattern, Suite, Variable,
};

/// Arguments by name.
pub(super) type Arguments = Vec<(String, Template)>;

/// A request of an operation.
pub(super) struct Call<'a> {
    pub operation: &'a Operation,
    pub arguments: Arguments,
    /// What is kept of its answer.
    pub save: Vec<(Variable, Source)>,
}

impl Call<'_> {
    /// As a step of which this is expected, and which decides these requirements.
    pub fn step(self, expect: Vec<Located<Expectation>>, verifies: Vec<RequirementId>) -> Step {
        self.with_options(CallOptions::default(), expect, verifies)
    }

    /// The same, asked for in a certain way.
    pub fn with_options(
        self,
        options: CallOptions,
        expect: Vec<Located<Expectation>>,
        verifies: Vec<RequirementId>,
    ) -> Step {
        let place = &self.operation.name.place;
        let named = |name: &str| located(Template::text(name), place);
        let with = self.arguments.into_iter().map(|(name, value)| (named(&name), located(value, place))).collect();
        let call = WrittenCall {
            operation: named(&self.operation.name.value.0),
            options: CallOptions { with, ..options },
            until: None,
        };
        let save = self.save.into_iter().map(|(variable, source)| (variable, located(source, place)));
        Step {
            action: located(Action::Call(call), place),
            suite: None,
            each: Vec::new(),
            expect,
            save: save.collect(),
            verifies: verifies.into_iter().map(|id| located(id.0, place)).collect(),
            role: StepRole::Tests,
        }
    }
}

/// What is at a path of an answer.
pub(super) fn at_path(path: &str) -> Option<Source> {
    Path::parse(path).ok().map(Source::Path)
}

/// Where the identity of what a request creates is: in its answer, or in what it is sent with.
pub(super) fn identity(key: &str, arguments: &Arguments) -> Option<Source> {
    if key.starts_with(LOCATION) {
        return Some(Source::Located);
    }
    let Some(place) = key.strip_prefix(SENT) else { return at_path(key) };
    let mut parts = place.split('.');
    let argument = parts.next()?;
    let (_, value) = arguments.iter().find(|(name, _)| name == argument)?;
    let sent = parts.try_fold(value, |value, part| match value {
        Template::Map(fields) => fields.iter().find(|(name, _)| name == part).map(|(_, value)| value),
        _ => None,
    });
    sent.cloned().map(Source::Sent)
}

/// A header of an answer.
pub(super) fn in_header(name: &str) -> Source {
    Source::Header(name.to_owned())
}

/// A request without some of the arguments that it would be given otherwise.
pub(super) fn without(names: &[String], place: &Place) -> CallOptions {
    CallOptions {
        without: names.iter().map(|name| located(Template::text(name), place)).collect(),
        ..CallOptions::default()
    }
}

/// A request of another account.
pub(super) fn of_account(name: &str) -> CallOptions {
    CallOptions { account: Some(name.to_owned()), ..CallOptions::default() }
}

/// A request by another method.
pub(super) fn by(method: Method) -> CallOptions {
    CallOptions { method: Some(method), ..CallOptions::default() }
}

pub(super) fn located<T>(value: T, place: &Place) -> Located<T> {
    Located { value, place: place.clone() }
}

/// What a scenario is called and about.
pub(super) struct About<'a> {
    pub title: &'a str,
    pub operation: &'a Operation,
    pub label: String,
    pub subject: RequirementId,
    pub place: &'a Place,
    pub tag: &'a str,
}

pub(super) fn scenario(suite: &Suite, about: About<'_>, steps: Vec<Step>) -> Arc<Scenario> {
    Arc::new(Scenario {
        title: located(about.title.to_owned(), about.place),
        file: Arc::clone(&about.place.file),
        tags: vec![about.tag.to_owned()],
        scope: Scope::Suite(suite.name.value.clone()),
        formats: Vec::new(),
        for_each: None,
        steps,
        derived: Some(Derived {
            operation: about.operation.name.value.clone(),
            label: about.label,
            subject: about.subject,
        }),
        company: Company::Others,
    })
}

/// That a request is accepted.
pub(super) fn accepted(place: &Place) -> Vec<Located<Expectation>> {
    vec![located(Expectation::Outcome(Outcome::Accepted), place)]
}

/// That a request is accepted with a documented answer. Where another reason to refuse it is documented, that decides nothing.
pub(super) fn documented(contract: &Contract, place: &Place) -> Vec<Located<Expectation>> {
    let is_documented =
        |status: &u16| contract.response(*status).is_some_and(|found| found.status != ResponseStatus::Default);
    let soft: Vec<_> = [401, 403, 409, 423, 428, 501, 503].into_iter().filter(is_documented).collect();
    let mut expect = accepted(place);
    expect.push(located(Expectation::Undecided(patterns(&soft)), place));
    expect.push(located(Expectation::Form, place));
    expect
}

/// That what comes before a test is accepted: what is refused decides nothing.
pub(super) fn prepared(place: &Place) -> Vec<Located<Expectation>> {
    let statuses = ["3xx", "4xx", "5xx"].into_iter().filter_map(StatusPattern::new).collect();
    let mut expect = accepted(place);
    expect.push(located(Expectation::Undecided(statuses), place));
    expect
}

/// That a request is accepted or refused, by a documented answer; what else it may be refused for decides nothing.
pub(super) fn either_as_documented(place: &Place) -> Vec<Located<Expectation>> {
    vec![
        located(Expectation::Outcome(Outcome::Any), place),
        undecided(&[401, 403, 409, 412, 423, 428], place),
        located(Expectation::Form, place),
    ]
}

/// That an answer has one of these statuses.
pub(super) fn answered_with(statuses: &[u16], place: &Place) -> Vec<Located<Expectation>> {
    vec![located(Expectation::Status(patterns(statuses)), place)]
}

/// That a status of these decides nothing.
pub(super) fn undecided(statuses: &[u16], place: &Place) -> Located<Expectation> {
    located(Expectation::Undecided(patterns(statuses)), place)
}

/// The statuses of refusal, as RFC 9110, 4918, 6585 and others register them.
const REFUSALS: [u16; 27] = [
    400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425,
    426, 428, 431, 451,
];
/// Refusals that have another reason than the data of a request.
const OF_OTHER_REASONS: [u16; 20] =
    [401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 421, 423, 424, 426, 428, 429];

/// That a request is refused by one of these statuses. A refusal that has another reason decides nothing.
pub(super) fn refused(statuses: &[u16], place: &Place) -> Vec<Located<Expectation>> {
    let others: Vec<_> = REFUSALS.into_iter().filter(|status| !statuses.contains(status)).collect();
    let others = patterns(&others).into_iter();
    let others = others.chain(["3xx", "501"].into_iter().filter_map(StatusPattern::new)).collect();
    vec![
        located(Expectation::Outcome(Outcome::Refused), place),
        located(Expectation::Undecided(others), place),
        located(Expectation::Form, place),
    ]
}

/// The statuses by which the data of a request are refused: those that every API has, and what the document has besides.
pub(super) fn of_data(contract: &Contract, more: &[u16]) -> Vec<u16> {
    let documented = contract.responses.iter().filter_map(|response| match response.status {
        ResponseStatus::Exactly(status @ 400..=499) if !OF_OTHER_REASONS.contains(&status) => Some(status),
        _ => None,
    });
    let mut statuses: Vec<_> = [400, 422].into_iter().chain(documented).chain(more.iter().copied()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

/// The requirements of the answers with these statuses, where one alone is documented.
pub(super) fn of_answers(contract: &Contract, statuses: &[u16]) -> Vec<RequirementId> {
    let documented: Vec<_> = contract
        .responses
        .iter()
        .filter(|response| matches!(response.status, ResponseStatus::Exactly(status) if statuses.contains(&status)))
        .collect();
    match documented.as_slice() {
        [only] => only.requirements().cloned().collect(),
        _ => Vec::new(),
    }
}

fn patterns(statuses: &[u16]) -> Vec<StatusPattern> {
    statuses.iter().filter_map(|status| StatusPattern::new(&status.to_string())).collect()
}

/// That something is at a path of an answer.
pub(super) fn field(path: &str, matcher: Matcher, place: &Place) -> Option<Located<Expectation>> {
    Some(located(Expectation::Field(Path::parse(path).ok()?, matcher), place))
}

/// The path of a field within what is at another.
pub(super) fn member(path: &str, name: &str) -> String {
    format!("{path}[{}]", Value::from(name).to_string().replace('\'', "\\'"))
}

/// The fields of a body.
pub(super) fn fields_of<'v>(arguments: &'v Arguments, body: &str) -> Option<&'v Vec<(String, Template)>> {
    arguments.iter().find(|(name, _)| name == body).and_then(|(_, value)| match value {
        Template::Map(fields) => Some(fields),
        _ => None,
    })
}

/// What the case has created.
pub(super) fn created() -> Variable {
    Variable("created".to_owned())
}

/// The input of an operation that an argument is.
pub(super) fn input_of<'o>(operation: &'o Operation, argument: &str) -> Option<&'o Input> {
    operation.contract.as_deref()?.inputs.iter().find(|input| input.argument == argument)
}
