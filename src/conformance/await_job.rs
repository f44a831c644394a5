//! Follows a job to its end.

use std::time::Duration;

use serde_json::Value;

use crate::http::Method;
use crate::plan::{Library, PlannedAction, PlannedCall, PlannedStep, Purpose};
use crate::record::Part;
use crate::scenario::{JobEnd, Template};
use crate::source::Place;
use crate::suite::{Jobs, OperationName};
use crate::verdict::{Asked, Departure, JobState, JudgedAnswer, job_state, judge_answer, shown};

use super::interpreter::{Interpreter, Stop};
use super::{Exchanger, NoExchange};

/// The first pause between two questions; each later one is half as long again.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How following a job came out.
pub(super) struct Followed {
    /// The last answer, judged.
    pub judged: JudgedAnswer,
    /// What it says.
    pub state: Result<JobState, OutOfTime>,
}

/// The job had not ended in time.
pub(super) struct OutOfTime(Duration);

/// A job to be followed.
pub(super) struct Job<'a> {
    pub id: &'a Value,
    pub of: Option<&'a OperationName>,
    pub within: Duration,
    pub part: Part,
    pub place: &'a Place,
}

impl<E: Exchanger> Interpreter<'_, E> {
    pub(super) async fn await_job(&mut self, step: &PlannedStep) -> Result<(), Stop> {
        let PlannedAction::Await { job, of, within, ends } = &step.action else { return Ok(()) };
        let case = self.case;
        let Some(jobs) = &case.suite.jobs else {
            self.find(step, Departure::could_not_run("an API with jobs", "the suite documents none"), &step.place);
            return Err(Stop::Found);
        };
        let id = match job.resolve(&self.bindings) {
            Ok(id) => id,
            Err(variable) => {
                let expected = format!("{variable} is the job that an earlier step was given");
                self.find(step, Departure::inconclusive(expected, "no step was given one"), &step.place);
                return Err(Stop::Found);
            }
        };
        let part = Part::Step(self.at);
        let wanted = Job { id: &id, of: of.as_ref(), within: *within, part, place: &step.place };
        let followed = self.follow(jobs, &wanted).await?;
        let value = followed.judged.value.clone();
        let mut departures = followed.judged.departures.clone();
        if departures.is_empty() {
            let result = value.as_ref().and_then(|value| value.get(&jobs.result));
            departures.extend(self.ending(jobs, *ends, &followed, result, of.as_ref()));
            if followed.state.is_ok() {
                self.obligations.job_ended(&case.suite, &id, of.as_ref(), result);
            }
        }
        if departures.is_empty() && step.purpose == Purpose::Scenario {
            departures.extend(self.stays_ended(jobs, &wanted, value.as_ref()).await?.map(|departure| (None, departure)));
        }
        if departures.is_empty() {
            let judged = crate::verdict::judge_fields(&step.expect, value.as_ref(), &self.bindings);
            departures.extend(judged);
        }
        let found = !departures.is_empty();
        self.note(step, &JudgedAnswer { departures, ..followed.judged }, &step.place);
        if found {
            return Err(Stop::Found);
        }
        self.save(step, value.as_ref());
        Ok(())
    }

    /// Asks for a job's state until it has ended, is out of time, or says something that it must not.
    pub(super) async fn follow(&mut self, jobs: &Jobs, job: &Job<'_>) -> Result<Followed, NoExchange> {
        let call = self.poll(jobs, job);
        let mut pause = FIRST_PAUSE;
        let mut began = None;
        loop {
            let (judged, ended) = self.ask(&call, job).await?;
            let began = *began.get_or_insert(ended.0);
            let state = match &judged.value {
                Some(value) if judged.departures.is_empty() => job_state(jobs, value),
                _ => return Ok(Followed { judged, state: Ok(JobState::Undocumented(String::new())) }),
            };
            if state != JobState::Pending {
                return Ok(Followed { judged, state: Ok(state) });
            }
            if ended.1.saturating_sub(began) + pause > job.within {
                return Ok(Followed { judged, state: Err(OutOfTime(job.within)) });
            }
            self.exchanger.pause(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Asks once; beside the judged answer, when the request was sent and when its answer had come.
    async fn ask(&mut self, call: &PlannedCall, job: &Job<'_>) -> Result<(JudgedAnswer, (Duration, Duration)), NoExchange> {
        let arguments = super::interpreter::resolve(call, &self.bindings).unwrap_or_default();
        let exchange = self.exchange(job.part, call, arguments).await?;
        let result_schema = job.of.map(|of| Library::result_schema(&self.case.suite, &of.0));
        let asked = Asked { result_schema: result_schema.as_deref(), ..self.asked(call) };
        let judged = judge_answer(asked, &[], &exchange, &self.bindings);
        Ok((judged, (exchange.timing.sent(), exchange.timing.ended())))
    }

    fn poll(&self, jobs: &Jobs, job: &Job<'_>) -> PlannedCall {
        PlannedCall {
            operation: jobs.poll.0.clone(),
            arguments: vec![(jobs.parameter.clone(), Template::Literal(job.id.clone()))],
            asked: Some(self.case.format),
            answered: self.case.format,
            method: Method::Get,
            account: None,
            sign: Vec::new(),
            place: job.place.clone(),
        }
    }

    /// What is wrong with the end of a job.
    fn ending(
        &self,
        jobs: &Jobs,
        ends: JobEnd,
        followed: &Followed,
        result: Option<&Value>,
        of: Option<&OperationName>,
    ) -> Vec<(Option<usize>, Departure)> {
        let name = of.map_or("the job".to_owned(), |of| format!("the job of {of}"));
        let told = result.map(|result| format!(": {}", shown(result))).unwrap_or_default();
        let departure = match &followed.state {
            Err(OutOfTime(within)) => {
                Departure::violation(format!("{name} ends within {within:?}"), "it is still pending")
            }
            Ok(JobState::Undocumented(status)) => {
                Departure::violation(format!("{name} has a documented {}", jobs.status), status.clone())
            }
            Ok(JobState::Ended(end)) if *end == ends => return self.wrong_result(jobs, ends, of, result),
            Ok(JobState::Ended(JobEnd::Succeeded)) => Departure::violation(format!("{name} fails"), format!("it succeeded{told}")),
            Ok(_) => Departure::violation(format!("{name} succeeds"), format!("it failed{told}")),
        };
        vec![(None, departure)]
    }

    /// Where a job's outcome departs from its schema.
    fn wrong_result(
        &self,
        jobs: &Jobs,
        ends: JobEnd,
        of: Option<&OperationName>,
        result: Option<&Value>,
    ) -> Vec<(Option<usize>, Departure)> {
        let Some(of) = of.filter(|_| ends == JobEnd::Succeeded) else { return Vec::new() };
        let path = Library::result_schema(&self.case.suite, &of.0);
        if !self.schemas.contains(&path) {
            return Vec::new();
        }
        let Some(result) = result else {
            let expected = format!("the job of {of} has a {}", jobs.result);
            return vec![(None, Departure::violation(expected, "nothing is there"))];
        };
        crate::verdict::judge_schema(self.schemas, &path, result).into_iter().map(|departure| (None, departure)).collect()
    }

    /// A job that has ended says the same when it is asked again.
    async fn stays_ended(
        &mut self,
        jobs: &Jobs,
        job: &Job<'_>,
        before: Option<&Value>,
    ) -> Result<Option<Departure>, NoExchange> {
        let call = self.poll(jobs, job);
        let (again, _) = self.ask(&call, job).await?;
        let said = |value: Option<&Value>| {
            let field = |name: &str| value.and_then(|value| value.get(name)).cloned().unwrap_or(Value::Null);
            (field(&jobs.status), field(&jobs.result))
        };
        let (first, second) = (said(before), said(again.value.as_ref()));
        if first == second {
            return Ok(None);
        }
        let expected = format!("a job that has ended keeps its {} and {}", jobs.status, jobs.result);
        let observed = if first.0 == second.0 {
            format!("{} was {} and is {}", jobs.result, shown(&first.1), shown(&second.1))
        } else {
            format!("{} was {} and is {}", jobs.status, shown(&first.0), shown(&second.0))
        };
        Ok(Some(Departure::violation(expected, observed)))
    }
}
