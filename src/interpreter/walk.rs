//! Walks through the steps of a case.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::http::{Exchange, FailureKind};
use crate::plan::{Case, PlannedAction, PlannedCall, PlannedStep, Purpose};
use crate::record::Part;
use crate::scenario::{Bindings, Expectation, Source, Until, Variable};
use crate::schema::Schemas;
use crate::source::Place;
use crate::suite::Suite;
use crate::target::Ask;
use crate::verdict::{Asked, Departure, Finding, JudgedAnswer, Verdict, judge_answer, meets};

use super::known::{as_known, not_spelt_out};
use super::obligations::{Knowledge, Obligations};
use super::pauses::Pauses;
use super::{CaseOutcome, Exchanger, NoExchange};

/// So much of each answer is kept for the reports, in bytes: a run may have thousands of failing cases.
const LONGEST_EVIDENCE: usize = 256 << 10;

/// Runs a case to its end, or to the first step that is not as expected; then removes what it created.
pub async fn run_case(case: &Case, schemas: &Schemas, run: &str, exchanger: impl Exchanger) -> CaseOutcome {
    prepare_case(case, schemas, run, exchanger).await.undo().await
}

/// Runs the steps of a case to their end, or to the first that is not as expected. What they created stays until it is
/// undone.
pub async fn prepare_case<'c, E: Exchanger>(
    case: &'c Case,
    schemas: &'c Schemas,
    run: &str,
    exchanger: E,
) -> Prepared<'c, E> {
    let mut interpreter = Interpreter::new(case, schemas, run, exchanger);
    let reason = interpreter.run().await;
    Prepared { interpreter, reason }
}

/// A case whose steps were run, and which has still to remove what they created.
#[must_use = "what the case created stays until it is undone"]
pub struct Prepared<'c, E> {
    interpreter: Interpreter<'c, E>,
    reason: Option<String>,
}

impl<E: Exchanger> Prepared<'_, E> {
    /// What the variables of the case stand for.
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

    /// Removes what the case created, last first. What can't be removed the exchanger is told.
    pub async fn undo(mut self) -> CaseOutcome {
        self.interpreter.undo_all().await;
        self.interpreter.outcome(self.reason)
    }
}

/// The state of a case under way.
pub(super) struct Interpreter<'c, E> {
    pub case: &'c Case,
    /// The suite that is asked: the case's, or the one that a step names.
    pub suite: Arc<Suite>,
    pub schemas: &'c Schemas,
    pub exchanger: E,
    pub bindings: Bindings,
    /// What nothing else has in its name.
    unique: Value,
    pub memory: Memory,
    pub obligations: Obligations,
    /// The jobs that the case was given, and what it had said.
    jobs: Vec<(Value, Vec<(String, Value)>)>,
    exchanges: Vec<(Part, Exchange)>,
    findings: Vec<Finding>,
    notices: Vec<String>,
    steps_run: usize,
    pub at: usize,
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

impl<'c, E: Exchanger> Interpreter<'c, E> {
    pub fn new(case: &'c Case, schemas: &'c Schemas, run: &str, exchanger: E) -> Self {
        let mut bindings = case.bindings.clone();
        bindings.extend(case.given.iter().map(|(name, value)| (name.clone(), value.clone())));
        let unique = Value::from(unique(run, &case.name));
        bindings.insert(Variable::unique(), unique.clone());
        Self {
            case,
            suite: Arc::clone(&case.suite),
            schemas,
            exchanger,
            bindings,
            unique,
            memory: Memory::Whole,
            obligations: Obligations::new(case.format),
            jobs: Vec::new(),
            exchanges: Vec::new(),
            findings: Vec::new(),
            notices: Vec::new(),
            steps_run: 0,
            at: 0,
        }
    }

    /// Runs the steps; the reason says why not all of them were run, if no finding does.
    async fn run(&mut self) -> Option<String> {
        let case = self.case;
        for (index, step) in case.steps.iter().enumerate() {
            self.at = index;
            self.suite = Arc::clone(step.suite.as_ref().unwrap_or(&case.suite));
            let done = match &step.action {
                PlannedAction::Call { calls, until } => self.call_each(step, calls, until.as_ref()).await,
                PlannedAction::Await { .. } => self.await_job(step).await,
                PlannedAction::Paginate(call) => self.paginate(step, call).await,
            };
            match done {
                Ok(()) => self.steps_run += 1,
                Err(Stop::Found) => return None,
                Err(Stop::Over(none)) => return Some(none.to_string()),
            }
        }
        None
    }

    /// Makes each of a step's requests; one that is not as expected does not keep the others from being made.
    async fn call_each(
        &mut self,
        step: &PlannedStep,
        calls: &[PlannedCall],
        until: Option<&Until>,
    ) -> Result<(), Stop> {
        let before = self.findings.len();
        for call in calls {
            let Some(arguments) = self.arguments(step, call) else { continue };
            let owed = self.obligations.asked(&self.suite, call, &arguments, &self.unique);
            self.tell_changes();
            let asked = match until {
                None => self.call(step, call, &arguments).await,
                Some(until) => self.call_until(step, call, &arguments, until).await,
            };
            let knowledge = match &asked {
                Ok(judged) if judged.accepted => {
                    self.given_a_job(judged.value.as_ref(), &arguments);
                    self.obligations.accepted(&self.suite, call, &arguments, judged.value.as_ref())
                }
                Err(Stop::Over(NoExchange::GivenUp)) => Knowledge::None,
                _ => self.known_of_last(),
            };
            match (knowledge, owed) {
                (Knowledge::Whole, Some(number)) => self.obligations.met(number),
                (Knowledge::None, Some(_)) => self.memory = Memory::Partial,
                (_, None) => {}
            }
            self.tell_changes();
            let judged = asked?;
            if judged.departures.is_empty() {
                self.save(step, &judged);
                self.fails_later(step, call, &judged).await?;
            }
        }
        if self.findings.len() > before { Err(Stop::Found) } else { Ok(()) }
    }

    /// Whether it is known what the last request created. One that was sent and not answered may have been carried out.
    fn known_of_last(&self) -> Knowledge {
        let failure = self.exchanges.last().and_then(|(_, exchange)| exchange.outcome.as_ref().err());
        match failure.map(|failure| failure.kind) {
            Some(FailureKind::Broken | FailureKind::Deadline | FailureKind::TooLong) => Knowledge::None,
            Some(FailureKind::Connect | FailureKind::Tls) | None => Knowledge::Whole,
        }
    }

    /// Keeps what was said where an answer tells of a job.
    fn given_a_job(&mut self, answer: Option<&Value>, said: &[(String, Value)]) {
        let id = self.suite.jobs.as_ref().and_then(|jobs| answer?.get(&jobs.id));
        self.jobs.extend(id.map(|id| (id.clone(), said.to_vec())));
    }

    /// What was said when this job was given: the first answer that tells of it, for later ones only ask about it.
    pub fn said_for(&self, job: &Value) -> &[(String, Value)] {
        self.jobs.iter().find(|(known, _)| known == job).map(|(_, said)| said.as_slice()).unwrap_or_default()
    }

    /// Tells whoever records the run what is to be removed, and what was.
    pub fn tell_changes(&mut self) {
        self.obligations.changes().into_iter().for_each(|change| self.exchanger.changed(change));
    }

    /// Makes one request and judges its answer.
    async fn call(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        arguments: &[(String, Value)],
    ) -> Result<JudgedAnswer, Stop> {
        let exchange = self.exchange(Part::Step(self.at), call, arguments.to_vec()).await?;
        let asked = Asked { said: arguments, ..self.asked(call) };
        let judged = judge_answer(asked, &step.expect, &exchange, &self.bindings);
        self.note(step, &judged, &call.place);
        Ok(judged)
    }

    /// Repeats a request until its conditions are met. Each answer must be as expected, but for its fields: those of the
    /// last count.
    async fn call_until(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        arguments: &[(String, Value)],
        until: &Until,
    ) -> Result<JudgedAnswer, Stop> {
        let of_each: Vec<_> = step
            .expect
            .iter()
            .filter(|expectation| {
                !matches!(expectation.value, Expectation::Field(..) | Expectation::Header(..) | Expectation::Body(_))
            })
            .cloned()
            .collect();
        let (mut pauses, mut began) = (Pauses::default(), None);
        loop {
            let exchange = self.exchange(Part::Step(self.at), call, arguments.to_vec()).await?;
            let began = *began.get_or_insert(exchange.timing.sent());
            let asked = Asked { said: arguments, ..self.asked(call) };
            let judged = judge_answer(asked, &of_each, &exchange, &self.bindings);
            if !judged.departures.is_empty() {
                self.note(step, &judged, &call.place);
                return Ok(judged);
            }
            if meets(&until.reached, &exchange, judged.value.as_ref(), &self.bindings) {
                let judged = judge_answer(asked, &step.expect, &exchange, &self.bindings);
                self.note(step, &judged, &call.place);
                return Ok(judged);
            }
            let pause = pauses.next_pause();
            if exchange.timing.ended().saturating_sub(began) + pause > until.within {
                return Ok(self.out_of_time(step, call, until, &exchange, judged));
            }
            self.exchanger.pause(pause).await;
        }
    }

    /// The conditions that were not met in time are what departs.
    fn out_of_time(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        until: &Until,
        exchange: &Exchange,
        mut judged: JudgedAnswer,
    ) -> JudgedAnswer {
        let last = judge_answer(self.asked(call), &until.reached, exchange, &self.bindings);
        for (index, departure) in last.departures {
            let place = index.and_then(|index| until.reached.get(index)).map_or(&call.place, |found| &found.place);
            let expected = format!("within {:?}: {}", until.within, departure.expected);
            let departure = Departure { expected, ..departure };
            self.find(step, departure.clone(), place);
            judged.departures.push((None, departure));
        }
        judged
    }

    /// What was asked, for judging its answer; what was said in asking is the caller's to add.
    pub fn asked<'a>(&'a self, call: &'a PlannedCall) -> Asked<'a> {
        Asked {
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
        let ask = Ask {
            suite: &suite,
            operation: &call.operation,
            arguments,
            withheld: &call.withheld,
            format: call.asked,
            method: call.method,
            account: call.account.as_deref(),
            traits: &call.sign,
        };
        let exchange = self.exchanger.exchange(part, &ask).await?;
        self.exchanges.push((part, exchange.evidence(LONGEST_EVIDENCE)));
        Ok(exchange)
    }

    /// The arguments with the values of their variables; a variable that stands for nothing is a finding.
    pub fn arguments(&mut self, step: &PlannedStep, call: &PlannedCall) -> Option<Vec<(String, Value)>> {
        match resolve(call, &self.bindings) {
            Ok(arguments) => Some(arguments),
            Err(variable) => {
                let departure = Departure::inconclusive(
                    format!("{variable} stands for something that an earlier step saved"),
                    "no step saved it",
                );
                self.find(step, departure, &call.place);
                None
            }
        }
    }

    /// Notes what a judged answer departs in.
    pub fn note(&mut self, step: &PlannedStep, judged: &JudgedAnswer, place: &Place) {
        for (expectation, departure) in &judged.departures {
            let place = expectation.and_then(|index| step.expect.get(index)).map_or(place, |found| &found.place);
            self.find(step, departure.clone(), place);
        }
        for notice in &judged.notices {
            if !self.notices.contains(notice) {
                self.notices.push(notice.clone());
            }
        }
    }

    /// Notes one departure. What fails in a fixture says nothing about the promises of the scenario.
    pub fn find(&mut self, step: &PlannedStep, departure: Departure, place: &Place) {
        let (verdict, expected) = match &step.purpose {
            Purpose::Scenario => (departure.verdict, departure.expected),
            Purpose::Fixture(variables) => {
                let provided: Vec<_> = variables.iter().map(ToString::to_string).collect();
                (Verdict::CouldNotRun, format!("to have {}: {}", provided.join(" and "), departure.expected))
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
        if let Some(notice) = not_spelt_out(self.case, &finding) {
            self.notices.push(notice);
            return;
        }
        self.findings.push(as_known(self.case, step, finding));
    }

    /// Keeps what later steps need. What is not there is found missing when a step needs it.
    pub fn save(&mut self, step: &PlannedStep, judged: &JudgedAnswer) {
        for (variable, source) in &step.save {
            let found = match &source.value {
                Source::Path(path) => {
                    let path = path.bind(&self.bindings);
                    judged.value.as_ref().and_then(|answer| path.select(answer).first().map(|value| (*value).clone()))
                }
                Source::Header(name) => {
                    let header = judged.headers.iter().find(|(known, _)| known == name);
                    header.map(|(_, value)| Value::from(value.as_str()))
                }
            };
            match found {
                Some(value) => {
                    self.bindings.insert(variable.clone(), value);
                }
                None => {
                    self.bindings.remove(variable);
                }
            }
        }
    }

    fn outcome(self, reason: Option<String>) -> CaseOutcome {
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
            steps_run: self.steps_run,
            exchange_count,
        }
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

/// A short name that no other case of any run has, and the same when a record is judged again.
fn unique(run: &str, case: &str) -> String {
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, format!("{run}/{case}").as_bytes());
    id.simple().to_string().chars().take(12).collect()
}
