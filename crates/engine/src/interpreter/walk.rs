//! Walks through the steps of a case.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::deployment::RequestSpec;
use crate::plan::{Case, PlannedAction, PlannedCall, PlannedStep, Purpose};
use crate::scenario::{Bindings, Expectation, Path, Source};
use crate::verdict::{Finding, JudgedAnswer, Mismatch, RequestContext, Verdict, shown};
use assay_formats::record::Part;
use assay_schema::Schemas;
use assay_suite::Suite;
use assay_suite::Variable;
use assay_suite::http::{Exchange, field_values};
use assay_suite::source::Place;

use super::data::telling;
use super::evidence::Evidence;
use super::form::{Charged, promises_of_form};
use super::known_deviations::{as_known, not_spelt_out};
use super::moved::{compared_since, passing, was_refused_reading};
use super::names;
use super::obligations::Obligations;
use super::sighting::{Asking, Sightings};
use super::{CaseOutcome, Exchanger, NoExchange, throttle};

/// So much of each answer is kept for the reports, in bytes: a run may have thousands of failing cases.
pub const LONGEST_EVIDENCE: usize = 256 << 10;

/// Runs a case to its end, or to the first step that is not as expected; then removes what it created.
pub fn run_case<'c>(
    case: &'c Case,
    schemas: &'c Schemas,
    run: &'c str,
    exchanger: impl Exchanger + 'c,
) -> BoxFuture<'c, CaseOutcome> {
    let exchanger = Box::new(exchanger);
    Box::pin(async move { prepare_case(case, schemas, run, exchanger).await.undo().await })
}

/// Runs the steps of a case to their end, or to the first that is not as expected. What they created stays until it is
/// undone.
pub async fn prepare_case<'c>(
    case: &'c Case,
    schemas: &'c Schemas,
    run: &str,
    exchanger: Box<dyn Exchanger + 'c>,
) -> Prepared<'c> {
    let mut interpreter = Interpreter::new(case, schemas, run, exchanger);
    let reason = interpreter.run().await;
    Prepared { interpreter, reason }
}

/// A case whose steps were run, and which has still to remove what they created.
#[must_use = "what the case created stays until it is undone"]
pub struct Prepared<'c> {
    interpreter: Interpreter<'c>,
    reason: Option<String>,
}

impl Prepared<'_> {
    /// The values of the variables of the case.
    pub fn bindings(&self) -> &Bindings {
        &self.interpreter.bindings
    }

    /// Why not all steps were run to their end; nothing if they were.
    pub fn failure(&self) -> Option<String> {
        let Interpreter { case, steps_run, findings, .. } = &self.interpreter;
        if *steps_run == case.steps.len() {
            return None;
        }
        let found = findings.last().map(ToString::to_string);
        Some(self.reason.clone().or(found).unwrap_or_else(|| "a step was not run to its end".to_owned()))
    }

    /// Removes what the case created, last first. The exchanger receives what can't be removed.
    pub async fn undo(mut self) -> CaseOutcome {
        self.interpreter.undo_all().await;
        self.interpreter.outcome(self.reason)
    }
}

/// The state of a case under way.
pub(super) struct Interpreter<'c> {
    pub case: &'c Case,
    /// The suite that is asked: the case's, or the one that a step names.
    pub suite: Arc<Suite>,
    pub schemas: &'c Schemas,
    pub exchanger: Box<dyn Exchanger + 'c>,
    pub bindings: Bindings,
    /// What nothing else has in its name.
    pub unique: Value,
    pub memory: Memory,
    /// So long may what was asked for, and not heard of again, still go on.
    pub patience: Duration,
    pub obligations: Obligations,
    /// The jobs that the case was given, and what it had said.
    pub jobs: Vec<(Value, Vec<(String, Value)>)>,
    pub exchanges: Vec<(Part, Exchange)>,
    pub findings: Vec<Finding>,
    /// Findings that are left open and keep no later step from being run.
    open: Vec<Finding>,
    pub evidence: Evidence,
    /// What was to be saved and was not there: where it was looked for, and whether a fixture was to provide it.
    missing: BTreeMap<Variable, Missing>,
    notices: Vec<String>,
    sightings: Sightings,
    steps_run: usize,
    pub at: usize,
}

/// Something that an answer did not have.
struct Missing {
    /// Which path of which answer.
    what: String,
    /// What that answer said.
    observed: String,
    /// Whether a fixture was to provide it.
    of_fixture: bool,
    /// Whether only what asks for it is left open: items are there, but nothing tells them apart by it.
    is_one_of_many: bool,
}

/// How much is known of what was created and removed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    /// All answers.
    Whole,
    /// Not all: one was lost, or a record breaks off. What seems to be there may have been removed.
    Partial,
}

/// Why a step can't go on. The finding that says so is noted already, unless the run is over.
pub(super) enum Stop {
    /// Something was not as expected.
    Found,
    /// There is nothing to observe any more.
    Over(NoExchange),
}

impl From<NoExchange> for Stop {
    fn from(none: NoExchange) -> Self {
        Self::Over(none)
    }
}

impl<'c> Interpreter<'c> {
    pub fn new(case: &'c Case, schemas: &'c Schemas, run: &str, exchanger: Box<dyn Exchanger + 'c>) -> Self {
        let mut bindings = case.bindings.clone();
        bindings.extend(case.given.iter().map(|(name, value)| (name.clone(), value.clone())));
        let names = names::of_case(run, &case.name, case.vlan_user);
        let unique = names[0].1.clone();
        bindings.extend(names);
        Self {
            case,
            suite: Arc::clone(&case.suite),
            schemas,
            exchanger,
            bindings,
            unique,
            memory: Memory::Whole,
            patience: Duration::ZERO,
            obligations: Obligations::new(case.format),
            jobs: Vec::new(),
            exchanges: Vec::new(),
            findings: Vec::new(),
            open: Vec::new(),
            evidence: Evidence::default(),
            missing: BTreeMap::new(),
            notices: Vec::new(),
            sightings: Sightings::new(),
            steps_run: 0,
            at: 0,
        }
    }

    /// Runs the steps; the reason says why not all of them were run, if no finding does.
    async fn run(&mut self) -> Option<String> {
        let reason = self.run_steps().await;
        if reason.is_some() || !self.findings.is_empty() {
            return reason;
        }
        self.ask_for_witnesses().await.err().map(|none| none.to_string())
    }

    async fn run_steps(&mut self) -> Option<String> {
        let case = self.case;
        // A difference between two answers, or a refused reading, is looked at a second time, once for each step.
        let mut doubted: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
        let mut next = 0;
        while let Some(step) = case.steps.get(next) {
            let (index, before) = (next, self.findings.len());
            next += 1;
            self.at = index;
            self.suite = Arc::clone(step.suite.as_ref().unwrap_or(&case.suite));
            let done = match &step.action {
                PlannedAction::Call { calls, until } => self.call_each(step, calls, until.as_ref()).await,
                PlannedAction::Await { .. } => self.await_job(step).await,
                PlannedAction::Paginate(call) => self.paginate(step, call).await,
            };
            match done {
                Ok(()) => match doubted.remove(&index) {
                    None => self.steps_run += 1,
                    Some(doubted) => {
                        self.findings.extend(doubted.into_iter().map(passing));
                        return None;
                    }
                },
                Err(Stop::Found) => match self.look_again_from(index, before) {
                    Some(since) if !doubted.contains_key(&index) => {
                        doubted.insert(index, self.findings.split_off(before));
                        (next, self.steps_run) = (since, since);
                    }
                    _ => return None,
                },
                Err(Stop::Over(none)) => {
                    let doubted = doubted.into_values().flatten();
                    // A record of an earlier version does not have the second look.
                    let is_whole = !matches!(none, NoExchange::NotRecorded);
                    self.findings.extend(doubted.map(|finding| if is_whole { passing(finding) } else { finding }));
                    return Some(none.to_string());
                }
            }
        }
        None
    }

    /// The step from which on to look again before what was found in a step counts.
    fn look_again_from(&self, index: usize, before: usize) -> Option<usize> {
        if !self.exchanger.looks_again() {
            return None;
        }
        let found = &self.findings[before..];
        let is_refused = || was_refused_reading(self.case, index, found, &self.exchanges).then_some(index);
        compared_since(self.case, index, found).or_else(is_refused)
    }

    /// What was asked, for judging its answer; what was said in asking is the caller's to add.
    pub fn asked<'a>(&'a self, call: &'a PlannedCall) -> RequestContext<'a> {
        RequestContext {
            suite: &self.suite,
            schemas: self.schemas,
            operation: &call.operation,
            said: &[],
            format: call.answered,
            result_schema: None,
        }
    }

    /// Sends a request, or takes it from the record, and keeps it as evidence.
    pub async fn exchange(
        &mut self,
        part: Part,
        call: &PlannedCall,
        arguments: Vec<(String, Value)>,
    ) -> Result<Exchange, NoExchange> {
        let suite = Arc::clone(&self.suite);
        let ask = ask(&suite, call, arguments);
        let tests_throttling = match part {
            Part::Step(step) => self.case.steps.get(step).map(|step| step.expect.as_slice()).unwrap_or_default(),
            Part::Witness(_) | Part::Undo => &[],
        };
        let mut waits = throttle::Waits::default();
        loop {
            let exchange = self.exchanger.exchange(part, &ask).await?;
            self.note_sighting(part, call, &exchange);
            self.exchanges.push((part, exchange.evidence(LONGEST_EVIDENCE)));
            match waits.before_next(&ask, tests_throttling, &exchange) {
                Some(wait) => self.exchanger.pause(wait).await,
                None => return Ok(exchange),
            }
        }
    }

    /// Notes what the answer to a step shows of the operation. What other suites have is a matter of their own cases.
    fn note_sighting(&mut self, part: Part, call: &PlannedCall, exchange: &Exchange) {
        let (case, schemas) = (self.case, self.schemas);
        let Part::Step(index) = part else { return };
        let Some(step) = case.steps.get(index).filter(|step| step.suite.is_none()) else { return };
        let asking = Asking { suite: &case.suite, schemas, step };
        asking.note(&mut self.sightings, call, self.exchanges.len(), exchange);
    }

    /// Sends a request of an inventory: it is no evidence of the case.
    pub async fn survey(
        &mut self,
        call: &PlannedCall,
        arguments: Vec<(String, Value)>,
    ) -> Result<Exchange, NoExchange> {
        let suite = Arc::clone(&self.suite);
        self.exchanger.survey(&ask(&suite, call, arguments)).await
    }

    /// The arguments with the values of their variables; an undefined variable is a finding.
    pub fn arguments(&mut self, step: &PlannedStep, call: &PlannedCall) -> Option<Vec<(String, Value)>> {
        match resolve(call, &self.bindings) {
            Ok(arguments) => Some(arguments),
            Err(variable) => {
                let departure = self.unsaved(&variable);
                if self.missing.get(&variable).is_some_and(|missing| missing.is_one_of_many) {
                    self.leave_open(step, departure, &call.place);
                } else {
                    self.find(step, departure, &call.place);
                }
                None
            }
        }
    }

    /// Why a variable that an earlier step was to save is undefined.
    pub fn unsaved(&self, variable: &Variable) -> Mismatch {
        let Some(Missing { what, observed, of_fixture, .. }) = self.missing.get(variable) else {
            let expected = format!("{variable} has a value that an earlier step saved");
            return Mismatch::inconclusive(expected, "no step saved it");
        };
        let expected = format!("{variable} is {what}");
        if *of_fixture {
            Mismatch::could_not_run(expected, observed.clone())
        } else {
            Mismatch::inconclusive(expected, observed.clone())
        }
    }

    /// Notes what a judged answer departs in.
    pub fn note(&mut self, step: &PlannedStep, judged: &JudgedAnswer, place: &Place) {
        for (expectation, departure) in &judged.departures {
            let wanted = expectation.and_then(|index| step.expect.get(index));
            let is_form = wanted.is_some_and(|wanted| matches!(wanted.value, Expectation::Form));
            let charged = if is_form { Charged::ToForm } else { Charged::ToStep };
            self.found(step, departure.clone(), wanted.map_or(place, |found| &found.place), charged);
        }
        for notice in &judged.notices {
            if !self.notices.contains(notice) {
                self.notices.push(notice.clone());
            }
        }
    }

    /// Notes one departure. What fails in a fixture says nothing about the promises of the scenario.
    pub fn find(&mut self, step: &PlannedStep, departure: Mismatch, place: &Place) {
        self.found(step, departure, place, Charged::ToStep);
    }

    /// Notes what one step can't decide. The others go on.
    fn leave_open(&mut self, step: &PlannedStep, departure: Mismatch, place: &Place) {
        let Mismatch { verdict, expected, observed, .. } = departure;
        let finding = Finding {
            verdict,
            expected,
            observed,
            place: place.clone(),
            requirements: step.verifies.clone(),
            exchange: self.exchanges.len().checked_sub(1),
            deviation: None,
        };
        self.open.push(as_known(self.case, &step.operations(), finding, None, &[]));
    }

    fn found(&mut self, step: &PlannedStep, departure: Mismatch, place: &Place, charged: Charged) {
        let about = departure.about;
        let (verdict, expected) = match &step.purpose {
            Purpose::Scenario => (departure.verdict, departure.expected),
            Purpose::Fixture(variables) => {
                let provided: Vec<_> = variables.iter().map(ToString::to_string).collect();
                let purpose = if provided.is_empty() { "to prepare the case" } else { "to have " };
                (Verdict::CouldNotRun, format!("{purpose}{}: {}", provided.join(" and "), departure.expected))
            }
        };
        let requirements = if step.purpose == Purpose::Scenario { step.verifies.clone() } else { Vec::new() };
        let finding = Finding {
            verdict,
            expected,
            observed: departure.observed,
            place: place.clone(),
            requirements,
            exchange: self.exchanges.len().checked_sub(1),
            deviation: None,
        };
        let last = self.exchanges.last().and_then(|(_, exchange)| exchange.outcome.as_ref().ok());
        let is_tested = step.purpose == Purpose::Scenario;
        let form = if is_tested { promises_of_form(&self.suite, step, last) } else { Vec::new() };
        if let Some(open) = not_spelt_out(self.case, &finding) {
            self.open.push(as_known(self.case, &step.operations(), open, last, &form));
            return;
        }
        let mut finding = as_known(self.case, &step.operations(), finding, last, &form);
        let subject = self.case.scenario.derived.as_ref().map(|derived| &derived.subject);
        match about.as_ref().or(subject).filter(|_| is_tested) {
            Some(about) => finding.requirements = vec![about.clone()],
            None if charged == Charged::ToForm && !form.is_empty() => finding.requirements = form,
            None => {}
        }
        self.findings.push(finding);
    }

    /// Keeps what later steps need. What is not there is found missing when a step needs it.
    pub fn save(&mut self, step: &PlannedStep, judged: &JudgedAnswer) {
        for (variable, source) in &step.save {
            let path = match &source.value {
                Source::Path(path) | Source::Every(path) => path.bind(&self.bindings).to_string(),
                Source::Header(name) => format!("the header {name}"),
                Source::Telling(path, field, _) => format!("{field} of an item at {path}"),
            };
            let found = match &source.value {
                Source::Path(path) => {
                    let path = path.bind(&self.bindings);
                    judged.value.as_ref().and_then(|answer| path.select(answer).first().map(|value| (*value).clone()))
                }
                Source::Header(name) => field_values(&judged.headers, name).into_iter().next().map(Value::from),
                Source::Every(path) => {
                    judged.value.as_ref().map(|answer| path.select(answer).into_iter().cloned().collect())
                }
                Source::Telling(path, field, taken) => {
                    judged.value.as_ref().and_then(|answer| telling(&path.select(answer), field, *taken))
                }
            };
            if let Some(value) = found {
                self.bindings.insert(variable.clone(), value);
                continue;
            }
            self.bindings.remove(variable);
            let of = step.operations().first().map(ToString::to_string).unwrap_or_default();
            let answer = judged.value.as_ref().map_or_else(|| "nothing".to_owned(), shown);
            let has_items = |path: &Path| judged.value.as_ref().is_some_and(|answer| !path.select(answer).is_empty());
            let missing = Missing {
                what: format!("{path} of the answer of {of}"),
                observed: format!("nothing is there; the answer is {answer}"),
                of_fixture: step.purpose != Purpose::Scenario,
                is_one_of_many: matches!(&source.value, Source::Telling(path, ..) if has_items(path)),
            };
            self.missing.insert(variable.clone(), missing);
        }
    }

    pub fn outcome(mut self, reason: Option<String>) -> CaseOutcome {
        self.findings.append(&mut self.open);
        let worst = self.findings.iter().map(|finding| finding.verdict).max();
        let verdict = match (&reason, worst) {
            (Some(_), worst) => worst.unwrap_or(Verdict::Conforms).max(Verdict::Inconclusive),
            (None, worst) => worst.unwrap_or(Verdict::Conforms),
        };
        let exchange_count = self.exchanges.len();
        CaseOutcome {
            case: self.case.name.clone(),
            verdict,
            reason,
            took: took(&self.exchanges),
            exchanges: if verdict == Verdict::Conforms { Vec::new() } else { self.exchanges },
            findings: self.findings,
            notices: self.notices,
            evidence: self.evidence,
            sightings: self.sightings,
            steps_run: self.steps_run,
            exchange_count,
        }
    }
}

/// What is asked for by a call.
fn ask<'a>(suite: &'a Suite, call: &'a PlannedCall, arguments: Vec<(String, Value)>) -> RequestSpec<'a> {
    RequestSpec {
        suite,
        operation: &call.operation,
        arguments,
        withheld: &call.withheld,
        format: call.asked,
        method: call.method,
        account: call.account.as_deref(),
        traits: &call.sign,
    }
}

/// From the first sending to the last answer.
fn took(exchanges: &[(Part, Exchange)]) -> Duration {
    match (exchanges.first(), exchanges.last()) {
        (Some((_, first)), Some((_, last))) => last.timing.ended().saturating_sub(first.timing.sent()),
        _ => Duration::ZERO,
    }
}

/// Arguments as they travel.
pub(super) fn resolve(call: &PlannedCall, bindings: &Bindings) -> Result<Vec<(String, Value)>, Variable> {
    let arguments = call.arguments.iter();
    arguments.map(|(name, value)| value.resolve(bindings).map(|value| (name.clone(), value))).collect()
}
