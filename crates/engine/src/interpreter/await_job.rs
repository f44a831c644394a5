//! Follows a job to its end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::plan::{PlannedAction, PlannedCall, PlannedStep};
use crate::scenario::{Expectation, JobEnd, Template};
use crate::verdict::{
    JobState, JudgedAnswer, LACKING, Mismatch, RequestContext, Verdict, job_state, judge_answer, judge_echoes,
    judge_fields, judge_schema, lacks_what_it_needs, shown,
};
use assay_formats::record::Part;
use assay_suite::source::Located;
use assay_suite::{Jobs, OperationName, Presence, Suite};

use super::exchanger::NoExchange;
use super::job::{Job, JobReport, outcome_of};
use super::polling::PollInterval;
use super::state::{Interpreter, Stop};

/// How following a job came out.
pub(super) struct Followed {
    /// The last answer, judged.
    pub judged: JudgedAnswer,
    /// What it says.
    pub state: Result<JobState, OutOfTime>,
}

/// The job had not ended in time.
pub(super) struct OutOfTime(Duration);

impl Interpreter<'_> {
    pub(super) async fn await_job(&mut self, step: &PlannedStep) -> Result<(), Stop> {
        let PlannedAction::Await { job, of, within, account, ends } = &step.action else { return Ok(()) };
        let suite = Arc::clone(&self.suite);
        let Some(jobs) = &suite.jobs else {
            self.find(step, Mismatch::could_not_run("an API with jobs", "the suite documents none"), &step.place);
            return Err(Stop::Found);
        };
        let id = match job.resolve(&self.bindings) {
            Ok(id) => id,
            Err(variable) => {
                let departure = self.unsaved(&variable);
                self.find(step, departure, &step.place);
                return Err(Stop::Found);
            }
        };
        let part = Part::Step(self.at);
        let form = step.expect.iter().filter(|expectation| matches!(expectation.value, Expectation::Form));
        let expect = form.cloned().collect();
        let account = account.as_deref();
        let wanted = Job { id: &id, of: of.as_ref(), within: *within, part, place: &step.place, account, expect };
        let followed = self.follow(jobs, &wanted).await?;
        let judged = self.judge_end(step, jobs, &wanted, *ends, followed).await?;
        self.note(step, &judged, &step.place);
        if !judged.departures.is_empty() {
            return Err(Stop::Found);
        }
        self.save(step, &judged);
        Ok(())
    }

    /// Where a step expects a request to fail and it was accepted, its job must fail.
    pub(super) async fn fails_later(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        judged: &JudgedAnswer,
    ) -> Result<(), Stop> {
        let fails = |expectation: &&Located<Expectation>| {
            matches!(expectation.value, Expectation::Outcome(crate::scenario::Outcome::Fails))
        };
        let (case, suite) = (self.case, Arc::clone(&self.suite));
        let (Some(expectation), Some(jobs)) = (step.expect.iter().find(fails), &suite.jobs) else { return Ok(()) };
        let id = judged.value.as_ref().and_then(|value| jobs.id_in(value)).filter(|_| judged.accepted);
        let Some(id) = id else {
            // What is not documented may have been carried out at once.
            if !suite.operations.contains_key(call.operation.as_str()) && judged.accepted {
                let observed = "it was carried out: its answer names no job";
                self.find(step, Mismatch::violation(format!("{} fails", call.operation), observed), &expectation.place);
            }
            return Ok(());
        };
        let of = OperationName(call.operation.clone());
        let (part, place) = (Part::Step(self.at), &expectation.place);
        let account = call.account.as_deref();
        let job = Job { id, of: Some(&of), within: case.longest_job, part, place, account, expect: Vec::new() };
        let followed = self.follow(jobs, &job).await?;
        let judged = self.judge_end(step, jobs, &job, JobEnd::Failed, followed).await?;
        self.note(step, &judged, place);
        Ok(())
    }

    /// Judges how a job ended by all that its step expects.
    async fn judge_end(
        &mut self,
        step: &PlannedStep,
        jobs: &Jobs,
        job: &Job<'_>,
        ends: JobEnd,
        followed: Followed,
    ) -> Result<JudgedAnswer, NoExchange> {
        let Followed { mut judged, state } = followed;
        if !judged.departures.is_empty() {
            return Ok(judged);
        }
        let result = outcome_of(jobs, judged.value.as_ref()).cloned();
        if let Some(end) = state.as_ref().ok().and_then(JobState::end) {
            let said = self.said_for(job.id).to_vec();
            let report = JobReport::of(jobs, &said, judged.value.as_ref());
            self.obligations.job_ended(&self.suite, job, Some(end), report);
            self.report_changes();
        }
        let mut departures: Vec<_> =
            wrong_end(&self.suite, jobs, ends, &state, result.as_ref(), job).into_iter().collect();
        if departures.is_empty() && job.expects_form() && ends == JobEnd::Succeeded {
            departures.extend(self.wrong_result(jobs, job, result.as_ref()));
        }
        let stays = step.expect.iter().any(|expectation| matches!(expectation.value, Expectation::TerminalState));
        if departures.is_empty() && stays {
            departures.extend(self.wrong_later(jobs, job, judged.value.as_ref()).await?);
        }
        judged.departures = departures.into_iter().map(|departure| (None, departure)).collect();
        if judged.departures.is_empty() {
            judged.departures = judge_fields(&step.expect, judged.value.as_ref(), &self.bindings);
        }
        Ok(judged)
    }

    /// Asks for a job's state until it has ended, is out of time, or says something that it must not.
    pub(super) async fn follow(&mut self, jobs: &Jobs, job: &Job<'_>) -> Result<Followed, NoExchange> {
        let call = self.poll(jobs, job);
        let mut pauses = PollInterval::default();
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
            let pause = pauses.next_pause();
            if ended.1.saturating_sub(began) + pause > job.within {
                return Ok(Followed { judged, state: Err(OutOfTime(job.within)) });
            }
            self.exchanger.pause(pause).await;
        }
    }

    /// Asks once; returns the judged answer, when the request was sent and when its answer had come.
    async fn ask(
        &mut self,
        call: &PlannedCall,
        job: &Job<'_>,
    ) -> Result<(JudgedAnswer, (Duration, Duration)), NoExchange> {
        let arguments = super::state::resolve(call, &self.bindings).unwrap_or_default();
        let exchange = self.exchange(job.part, call, arguments).await?;
        let result_schema = job.of.map(|of| self.suite.result_schema(&of.0));
        let asked = RequestContext { result_schema: result_schema.as_deref(), ..self.asked(call) };
        let judged = judge_answer(asked, &job.expect, &exchange, &self.bindings);
        Ok((judged, (exchange.timing.sent(), exchange.timing.ended())))
    }

    fn poll(&self, jobs: &Jobs, job: &Job<'_>) -> PlannedCall {
        let mut arguments = vec![(jobs.parameter.clone(), Template::Literal(job.id.clone()))];
        // What else the poll must have, such as the tenant in its path; credentials are the target's to give.
        let poll = self.case.suite.operations.get(jobs.poll.0.as_str());
        let others = poll.into_iter().flat_map(|poll| poll.parameters.values()).filter(|parameter| {
            let name = &parameter.name.value;
            parameter.presence == Presence::Required && parameter.credential.is_none() && *name != jobs.parameter
        });
        arguments.extend(others.filter_map(|parameter| {
            let value = parameter.value.as_ref()?;
            Some((parameter.name.value.clone(), Template::parse(&value.to_sent())))
        }));
        let call = PlannedCall::plain(&jobs.poll, arguments, self.case.format, job.place.clone());
        PlannedCall { account: job.account.map(str::to_owned), ..call }
    }

    /// Where a job's outcome departs from its schema.
    fn wrong_result(&self, jobs: &Jobs, job: &Job<'_>, result: Option<&Value>) -> Vec<Mismatch> {
        let Some(of) = job.of else { return Vec::new() };
        let path = self.suite.result_schema(&of.0);
        match (result, &jobs.result) {
            (_, None) => Vec::new(),
            _ if !self.schemas.contains(&path) => Vec::new(),
            (Some(result), _) => {
                let mut departures = judge_schema(self.schemas, &path, result);
                let operation = self.suite.operations.get(of);
                let said = self.said_for(job.id);
                departures.extend(operation.into_iter().flat_map(|operation| judge_echoes(operation, said, result)));
                departures
            }
            (None, Some(field)) => {
                vec![Mismatch::violation(format!("the job of {of} has a {field}"), "nothing is there")]
            }
        }
    }

    /// A job that has ended says the same when it is asked again.
    async fn wrong_later(
        &mut self,
        jobs: &Jobs,
        job: &Job<'_>,
        before: Option<&Value>,
    ) -> Result<Option<Mismatch>, NoExchange> {
        let call = self.poll(jobs, job);
        let (again, _) = self.ask(&call, job).await?;
        let said = |value: Option<&Value>| {
            let status = value.and_then(|value| jobs.status_in(value)).cloned();
            (status.unwrap_or(Value::Null), outcome_of(jobs, value).cloned().unwrap_or(Value::Null))
        };
        let (first, second) = (said(before), said(again.value.as_ref()));
        if first == second {
            return Ok(None);
        }
        let result = jobs.result.as_deref().unwrap_or("result");
        let expected = format!("a job that has ended keeps its {} and {result}", jobs.status);
        let observed = if first.0 == second.0 {
            format!("{result} was {} and is {}", shown(&first.1), shown(&second.1))
        } else {
            format!("{} was {} and is {}", jobs.status, shown(&first.0), shown(&second.0))
        };
        Ok(Some(Mismatch::violation(expected, observed)))
    }
}

/// What is wrong with the end of a job.
fn wrong_end(
    suite: &Suite,
    jobs: &Jobs,
    ends: JobEnd,
    state: &Result<JobState, OutOfTime>,
    result: Option<&Value>,
    job: &Job<'_>,
) -> Option<Mismatch> {
    let name = job.of.map_or("the job".to_owned(), |of| format!("the job of {of}"));
    let rendered = result.map(|result| format!(": {}", shown(result))).unwrap_or_default();
    match state {
        Err(OutOfTime(within)) => {
            let observed = "it is still pending (`limits.longest_job` of the target file says how long jobs may take)";
            Some(Mismatch::violation(format!("{name} ends within {within:?}"), observed))
        }
        Ok(JobState::Undocumented(status)) => {
            let expected = format!("{name} has a documented {}", jobs.status);
            let departure = Mismatch::violation(expected, status.clone());
            // Whoever does not test the form can only say that this end shows nothing.
            Some(if job.expects_form() { departure } else { Mismatch { verdict: Verdict::Inconclusive, ..departure } })
        }
        Ok(JobState::Ended(end)) if *end == ends => None,
        Ok(JobState::Ended(JobEnd::Succeeded)) => {
            Some(Mismatch::violation(format!("{name} fails"), format!("it succeeded{rendered}")))
        }
        Ok(_) => {
            let (expected, observed) = (format!("{name} succeeds"), format!("it failed{rendered}"));
            let lacks =
                result.and_then(|result| jobs.code_in(result)).is_some_and(|code| lacks_what_it_needs(suite, code));
            Some(if lacks {
                Mismatch::inconclusive(expected, format!("{observed}; {LACKING}"))
            } else {
                Mismatch::violation(expected, observed)
            })
        }
    }
}
