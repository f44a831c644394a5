//! A user's stay: one journey after another, each walked through by the interpreter.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use jiff::Timestamp;

use crate::deployment::{Loss, RequestSpec, ResponseHead};
use crate::interpreter::{CaseSecrets, Exchanger, Inventories, NoExchange, prepare_case};
use crate::plan::PlannedStep;
use crate::scenario::{self, Expectation};
use assay_formats::record::load::{Outcome, Phase};
use assay_formats::record::{Change, ClockOffset, Part};
use assay_suite::http::{Exchange, Failure, FailureKind, Response};

use super::super::recorder::{Observation, Reply};
use super::pool::{Counted, UserGuard, UserPool};

/// A user who gets `Retry-After` waits no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(5);

impl UserPool {
    /// One user's stay, until the profile is over.
    pub async fn stay(&self) {
        let _present = UserGuard::new(self);
        let Some(user) = self.welcome() else { return };
        for journey in 0_u64.. {
            let number = journey * self.all_users() + user;
            if self.session.is_stopped() {
                return;
            }
            if let Err(reason) = self.make(number).await {
                self.fails(reason);
                return;
            }
            self.rest(self.thinks(number)).await;
        }
    }

    /// Makes the journey with a number, and removes what it created. The error says why no request could be made.
    async fn make(&self, number: u64) -> Result<(), String> {
        let journey = self.journey(number);
        let run = format!("{}/{number}", self.session.run());
        let unsettled = Mutex::new(None);
        let secrets = self.session.case_secrets();
        let steps = &journey.steps;
        let traveller = JourneyRunner { world: self, number, steps, unsettled: &unsettled, secrets: secrets.clone() };
        let prepared = prepare_case(&journey, self.session.schemas(), &run, Box::new(traveller)).await;
        settle(self, &unsettled, prepared.failure().map(|failure| secrets.text(&failure)));
        let outcome = prepared.undo().await;
        match outcome.exchange_count {
            0 if !self.session.is_stopped() => {
                let found = outcome.findings.first().map(ToString::to_string);
                let reason = outcome.reason.or(found).map(|reason| secrets.text(&reason));
                Err(reason.unwrap_or_else(|| "it has no step that asks for anything".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// A request whose answer was good so far, but is still to be judged by its step.
struct Unsettled {
    operation: usize,
    phase: Phase,
    observation: Observation,
}

/// Counts a request after its step was judged. An answer that does not say what its step expects, though it has the
/// documented form, is a wrong one.
fn settle(world: &UserPool, unsettled: &Mutex<Option<Unsettled>>, departure: Option<String>) {
    let taken = unsettled.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(Unsettled { operation, phase, mut observation }) = taken else { return };
    if departure.is_some() {
        observation.outcome = Outcome::WrongAnswer;
        observation.mistake = departure;
    }
    world.count(operation, phase, observation);
}

/// The way of one journey to the deployment.
struct JourneyRunner<'w> {
    world: &'w UserPool,
    /// The number of the journey.
    number: u64,
    steps: &'w [Arc<PlannedStep>],
    unsettled: &'w Mutex<Option<Unsettled>>,
    secrets: CaseSecrets,
}

impl Exchanger for JourneyRunner<'_> {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            settle(self.world, self.unsettled, None);
            let exchange = match (part, self.world.counted(ask)) {
                (Part::Step(step), Some(counted)) => self.measured(step, counted, ask).await?,
                (part, _) => self.world.session.exchange(part, ask).await?,
            };
            // The secrets that it reveals are taken out of what is written later.
            let _ = self.secrets.exchange(&exchange, ask);
            if let Some(rest) = exchange.outcome.as_ref().ok().and_then(retry_after) {
                self.world.rest(rest.min(LONGEST_REST)).await;
            }
            Ok(exchange)
        })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            settle(self.world, self.unsettled, None);
            self.world.session.pause(duration).await;
        })
    }

    fn looks_again(&self) -> bool {
        false
    }

    fn changed(&mut self, change: Change) {
        self.world.changed(self.number, self.secrets.change(change));
    }

    fn left_over(&mut self, what: &str) {
        self.world.left_over(&self.secrets.text(what));
    }

    fn unproven(&mut self, what: &str) {
        self.world.left_over(&self.secrets.text(what));
    }

    fn inventories(&self) -> &Inventories {
        self.world.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.world.session.survey(ask).await })
    }
}

impl JourneyRunner<'_> {
    /// Sends a request that is counted. Nothing new is sent when the profile is over; what is under way then ends first.
    async fn measured(&self, step: usize, counted: &Counted, ask: &RequestSpec<'_>) -> Result<Exchange, NoExchange> {
        let world = self.world;
        if world.session.is_stopped() {
            return Err(NoExchange::Interrupted);
        }
        let request = world.session.prepare(ask)?;
        let sent = Instant::now();
        let (operation, phase) = (counted.place, world.phase(sent));
        world.sent(operation, phase);
        let answered = tokio::select! {
            exchange = world.session.send(request) => Some(exchange),
            () = world.parted() => None,
        };
        world.request_finished();
        let Some(exchange) = answered else {
            // Left out, it would improve the figures.
            let reply = Reply::Failure(FailureKind::Deadline);
            world.count(operation, phase, Observation::of(Outcome::TimedOut, reply, sent.elapsed()));
            return Err(NoExchange::GivenUp);
        };
        let date = exchange.outcome.as_ref().ok().and_then(|response| response.header("date"));
        let took = Duration::from_micros(exchange.timing.took_us);
        world.note_clock(date.and_then(|date| ClockOffset::of_date(&date, took)));
        let observation = self.observed(step, counted, &exchange);
        match observation.outcome {
            Outcome::Success => {
                let unsettled = Unsettled { operation, phase, observation };
                *self.unsettled.lock().unwrap_or_else(PoisonError::into_inner) = Some(unsettled);
            }
            _ => world.count(operation, phase, observation),
        }
        Ok(exchange)
    }

    /// What came of a request, as the open model would have it; but a refusal that its step expects is a good answer.
    fn observed(&self, step: usize, counted: &Counted, exchange: &Exchange) -> Observation {
        let text = exchange.outcome.as_ref().map_or(("", Loss::None), |response| {
            (response.body.as_str(), if response.lossy { Loss::Some } else { Loss::None })
        });
        let received = received(&exchange.outcome);
        let reply = Reply::of(&received);
        let inspected = counted.inspector.inspect(self.world.number(), &received, text, || true);
        let took = Duration::from_micros(exchange.timing.took_us);
        let status = exchange.outcome.as_ref().map(|response| response.status);
        let expected = status.is_ok_and(|status| self.steps.get(step).is_some_and(|step| expects(step, status)));
        match inspected.outcome {
            // A user asks when it is ready to: a request is due when it is sent, and never late.
            Outcome::Refused if expected => Observation::of(Outcome::Success, reply, took),
            outcome => Observation {
                check: inspected.check,
                mistake: inspected.mistake,
                ..Observation::of(outcome, reply, took)
            },
        }
    }
}

/// Whether a step expects a refusal with a status.
fn expects(step: &PlannedStep, status: u16) -> bool {
    use scenario::Outcome::{Any, Fails, Refused};
    step.expect.iter().any(|expectation| match &expectation.value {
        Expectation::Outcome(outcome) => matches!(outcome, Any | Fails | Refused),
        Expectation::Status(statuses) => statuses.iter().any(|pattern| pattern.matches(status)),
        _ => false,
    })
}

/// An answer as load sees it.
fn received(outcome: &Result<Response, Failure>) -> Result<ResponseHead, Failure> {
    let response = outcome.as_ref().map_err(Clone::clone)?;
    let header = |name: &str| response.header(name).and_then(|value| HeaderValue::from_str(&value).ok());
    let known = [CONTENT_TYPE, RETRY_AFTER].map(|name| header(name.as_str()).map(|value| (name, value)));
    Ok(ResponseHead { status: response.status, headers: known.into_iter().flatten().collect() })
}

/// How long the deployment wants to be left alone: so many seconds, or until a moment.
fn retry_after(response: &Response) -> Option<Duration> {
    const TOO_MANY_REQUESTS: u16 = 429;
    const UNAVAILABLE: u16 = 503;
    if !matches!(response.status, TOO_MANY_REQUESTS | UNAVAILABLE) {
        return None;
    }
    let value = response.header("retry-after")?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(&value).ok()?.timestamp();
    Duration::try_from(until.duration_since(Timestamp::now())).ok()
}
