//! Makes the requests of a step, and keeps account of what they created.

use serde_json::Value;

use crate::plan::{PlannedCall, PlannedStep};
use crate::scenario::{Choice, Expectation, Outcome, Until};
use crate::verdict::{JudgedAnswer, Mismatch, RequestContext, Verdict, judge_answer, meets, unseen, without_data};
use assay_formats::record::Part;
use assay_suite::Effect;
use assay_suite::http::{Exchange, FailureKind};

use super::data::names_things;
use super::exchanger::NoExchange;
use super::obligations::{Accepted, Knowledge};
use super::polling::PollInterval;
use super::saved::located;
use super::state::{Interpreter, Memory, Stop, resolve};

impl Interpreter<'_> {
    /// Makes each of a step's requests; one that is not as expected does not keep the others from being made.
    pub(super) async fn call_each(
        &mut self,
        step: &PlannedStep,
        calls: &[PlannedCall],
        until: Option<&Until>,
    ) -> Result<(), Stop> {
        let before = self.findings.len();
        for call in calls {
            let Some(mut arguments) = self.arguments(step, call) else { continue };
            if let Some(why) = self.is_not_own(call, &arguments).await {
                let expected = format!("{} acts on what the run created", call.operation);
                self.find(step, Mismatch::inconclusive(expected, format!("it was not asked for: {why}")), &call.place);
                continue;
            }
            self.take_inventory(call, &arguments).await;
            let (obligation, asked) = self.call_once(step, call, until, &mut arguments).await;
            let knowledge = match &asked {
                Ok(judged) if judged.accepted => {
                    self.given_a_job(judged.value.as_ref(), &arguments);
                    self.obligations.accepted(&Accepted {
                        suite: &self.suite,
                        call,
                        sent: &arguments,
                        unique: &self.unique,
                        origin: None,
                        answer: judged.value.as_ref(),
                        located: located(judged).as_ref(),
                    })
                }
                Err(Stop::Over(NoExchange::GivenUp)) => self.not_heard_of(call),
                _ if self.last_is_lost() || self.last_is_failed() => self.not_heard_of(call),
                _ => Knowledge::Whole,
            };
            match (&knowledge, obligation) {
                (Knowledge::Whole, Some(number)) => self.obligations.met(number),
                (Knowledge::Unclear(why), Some(number)) => self.obligations.unclear(number, why),
                (Knowledge::Kept, None) => self.is_not_set_back(call),
                (Knowledge::Kept, Some(_)) => {}
                (Knowledge::None, Some(_)) => self.memory = Memory::Partial,
                (_, None) => {}
            }
            self.report_changes();
            let judged = asked?;
            if judged.departures.is_empty() {
                self.save(step, &judged);
                self.fails_later(step, call, &judged).await?;
            }
        }
        if self.findings.len() > before { Err(Stop::Found) } else { Ok(()) }
    }

    /// Makes a request, with an obligation for what it may create. Where what it chose is taken, it is made again with another choice.
    async fn call_once(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        until: Option<&Until>,
        arguments: &mut Vec<(String, Value)>,
    ) -> (Option<u64>, Result<JudgedAnswer, Stop>) {
        loop {
            let kept = self.keep_what_is(call, arguments).await;
            let obligation = kept.or_else(|| self.obligations.asked(&self.suite, call, arguments, &self.unique));
            self.report_changes();
            let asked = match until {
                None => self.call(step, call, arguments).await.transpose(),
                Some(until) => Some(self.call_until(step, call, arguments, until).await),
            };
            match (asked, resolve(call, &self.bindings)) {
                (Some(asked), _) => return (obligation, asked),
                (None, Ok(others)) => *arguments = others,
                (None, Err(_)) => return (obligation, Err(Stop::Found)),
            }
            // What was refused created nothing.
            obligation.into_iter().for_each(|number| self.obligations.met(number));
            self.report_changes();
        }
    }

    /// Whether what a request chose is refused for what there is already, and there is another choice: that is made then.
    fn chooses_again(&mut self, step: &PlannedStep, call: &PlannedCall, exchange: &Exchange) -> bool {
        const TAKEN: u16 = 409;
        /// By which some refuse a state that can't be reached from the one that there is.
        const NOT_FROM_HERE: [u16; 2] = [400, 422];
        let Ok(response) = &exchange.outcome else { return false };
        let is_wanted = step.expect.iter().any(|one| matches!(one.value, Expectation::Outcome(Outcome::Accepted)));
        let chosen: Vec<_> = call.arguments.iter().flat_map(|(_, value)| value.chosen()).collect();
        let is_state = chosen.iter().any(|one| matches!(one.choice, Choice::Listed(_)));
        if !is_wanted || !(response.status == TAKEN || is_state && NOT_FROM_HERE.contains(&response.status)) {
            return false;
        }
        let mut again = false;
        for one in chosen {
            let refused = self.bindings.get(&one.refused()).and_then(Value::as_u64).unwrap_or_default() + 1;
            if refused < one.tries() {
                self.bindings.insert(one.refused(), Value::from(refused));
                again = true;
            }
        }
        again
    }

    /// Whether the last request was sent and not answered: it may have been carried out.
    fn last_is_lost(&self) -> bool {
        let failure = self.exchanges.last().and_then(|(_, exchange)| exchange.outcome.as_ref().err());
        match failure.map(|failure| failure.kind) {
            Some(FailureKind::Broken | FailureKind::Deadline | FailureKind::TooLong) => true,
            Some(FailureKind::Connect | FailureKind::OwnLimit | FailureKind::Tls) | None => false,
        }
    }

    /// Whether the last request met a failure of the server's that its document does not have as a refusal: it may have been
    /// carried out.
    fn last_is_failed(&self) -> bool {
        /// Of the server itself, or of one behind it.
        const FAILURES: [u16; 3] = [500, 502, 504];
        let answered = self.exchanges.last().and_then(|(_, exchange)| exchange.outcome.as_ref().ok());
        answered.is_some_and(|response| {
            let is_documented = self.suite.refusals.iter().any(|pattern| pattern.matches(response.status));
            FAILURES.contains(&response.status) && !is_documented
        })
    }

    /// A request may have been carried out, and its job go on.
    fn not_heard_of(&mut self, call: &PlannedCall) -> Knowledge {
        if let Some(operation) = self.suite.operations.get(call.operation.as_str()) {
            if operation.effect != Effect::Reads {
                self.memory = Memory::Partial;
            }
            if operation.asynchronous {
                self.patience = self.case.longest_job;
            }
        }
        Knowledge::None
    }

    /// Keeps the arguments where an answer names a job.
    fn given_a_job(&mut self, answer: Option<&Value>, said: &[(String, Value)]) {
        let id = self.suite.jobs.as_ref().and_then(|jobs| jobs.id_in(answer?));
        self.jobs.extend(id.map(|id| (id.clone(), said.to_vec())));
    }

    /// What was said when this job was given: the first answer that names it, for later ones only ask about it.
    pub(super) fn said_for(&self, job: &Value) -> &[(String, Value)] {
        self.jobs.iter().find(|(known, _)| known == job).map(|(_, said)| said.as_slice()).unwrap_or_default()
    }

    /// Reports to the recorder what is to be removed, and what was.
    pub(super) fn report_changes(&mut self) {
        self.obligations.changes().into_iter().for_each(|change| self.exchanger.changed(change));
    }

    /// Makes one request and judges its answer; nothing where another is to be made in its stead.
    async fn call(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        arguments: &[(String, Value)],
    ) -> Result<Option<JudgedAnswer>, Stop> {
        let exchange = self.exchange(Part::Step(self.at), call, arguments.to_vec()).await?;
        if self.chooses_again(step, call, &exchange) {
            return Ok(None);
        }
        let judged = self.judge(step, call, arguments, &exchange);
        self.note(step, &judged, &call.place);
        self.observe(step, call, &step.expect, &judged);
        Ok(Some(judged))
    }

    /// Judges an answer by all that its step expects. What rests on an empty list is left open.
    fn judge(
        &self,
        step: &PlannedStep,
        call: &PlannedCall,
        arguments: &[(String, Value)],
        exchange: &Exchange,
    ) -> JudgedAnswer {
        let asked = RequestContext { said: arguments, ..self.asked(call) };
        let mut judged = judge_answer(asked, &step.expect, exchange, &self.bindings);
        let found = judged.departures.iter().any(|(_, departure)| departure.verdict == Verdict::Violates);
        if found {
            let names_things = names_things(self.case, self.at, &self.suite, call);
            without_data(asked, &step.expect, &mut judged, names_things);
            self.mark_ambiguous(step, call, &mut judged);
        } else if judged.departures.is_empty() {
            // Of a thing that is asked for by its id nothing need be left.
            let names_things = names_things(self.case, self.at, &self.suite, call);
            judged.departures = unseen(asked, &step.expect, &judged, names_things);
        }
        judged
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
                !matches!(
                    expectation.value,
                    Expectation::Field(..) | Expectation::Recent(_) | Expectation::Header(..) | Expectation::Body(_)
                )
            })
            .cloned()
            .collect();
        let (mut pauses, mut began) = (PollInterval::default(), None);
        loop {
            let exchange = self.exchange(Part::Step(self.at), call, arguments.to_vec()).await?;
            let began = *began.get_or_insert(exchange.timing.sent());
            let asked = RequestContext { said: arguments, ..self.asked(call) };
            let judged = judge_answer(asked, &of_each, &exchange, &self.bindings);
            if !judged.departures.is_empty() {
                self.note(step, &judged, &call.place);
                return Ok(judged);
            }
            if meets(&until.reached, &exchange, judged.value.as_ref(), &self.bindings) {
                let judged = self.judge(step, call, arguments, &exchange);
                self.note(step, &judged, &call.place);
                let expect: Vec<_> = step.expect.iter().chain(&until.reached).cloned().collect();
                self.observe(step, call, &expect, &judged);
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
            let departure = Mismatch { expected, ..departure };
            self.find(step, departure.clone(), place);
            judged.departures.push((None, departure));
        }
        judged
    }
}
