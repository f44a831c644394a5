//! The state of a case under way, and what each step does with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::deployment::RequestSpec;
use crate::plan::{Case, PlannedCall, PlannedStep, Purpose};
use crate::scenario::{Bindings, Expectation, Path, Source};
use crate::verdict::{Finding, JudgedAnswer, Mismatch, RequestContext, Verdict, shown};
use assay_formats::record::Part;
use assay_schema::Schemas;
use assay_suite::Variable;
use assay_suite::http::Exchange;
use assay_suite::source::Place;
use assay_suite::{RequirementId, Suite};

use super::evidence::Evidence;
use super::exchanger::{Exchanger, NoExchange};
use super::form::{Charged, promises_of_form};
use super::known_deviations::{as_known, not_spelt_out};
use super::names;
use super::obligations::Obligations;
use super::outcome::CaseOutcome;
use super::saved::{described, value_in};
use super::sighting::{Asking, Sightings};
use super::throttle;

/// So much of each answer is kept for the reports, in bytes: a run may have thousands of failing cases.
pub const LONGEST_EVIDENCE: usize = 256 << 10;

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
    pub open: Vec<Finding>,
    pub evidence: Evidence,
    /// What was to be saved and was not there: where it was looked for, and whether a fixture was to provide it.
    missing: BTreeMap<Variable, Missing>,
    pub notices: Vec<String>,
    pub sightings: Sightings,
    pub steps_run: usize,
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
        let subject = self.case.scenario.derived.as_ref().map(|derived| &derived.subject);
        // What a case was made to show is broken whatever else is.
        let about = about.filter(|about| is_tested && !(about.is_law() && subject.is_some()));
        // A known deviation may name the law as well as what the step is about.
        let law = about.clone().filter(RequirementId::is_law);
        let requirements = finding.requirements.iter().cloned().chain(law).collect();
        let finding = Finding { requirements, ..finding };
        let mut finding = as_known(self.case, &step.operations(), finding, last, &form);
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
            let found = value_in(&source.value, judged, &self.bindings);
            if let Some(value) = found {
                self.bindings.insert(variable.clone(), value);
                continue;
            }
            self.bindings.remove(variable);
            let of = step.operations().first().map(ToString::to_string).unwrap_or_default();
            let answer = judged.value.as_ref().map_or_else(|| "nothing".to_owned(), shown);
            let has_items = |path: &Path| judged.value.as_ref().is_some_and(|answer| !path.select(answer).is_empty());
            let missing = Missing {
                what: format!("{} of the answer of {of}", described(&source.value, &self.bindings)),
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
