//! What an answer under load comes to: quickly for each, thoroughly for a share.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::header::CONTENT_TYPE;

use crate::deployment::{Loss, Redactor, ResponseHead, Seen, glance, text};
use crate::plan::PlannedCall;
use crate::plan::chance;
use crate::scenario::{Bindings, Expectation};
use crate::verdict::{RequestContext, clipped, judge_answer};
use assay_formats::record::load::Outcome;
use assay_schema::Schemas;
use assay_suite::http::{Exchange, Failure, FailureKind, Method, Request, Response, Sent, Timing};
use assay_suite::source::Located;
use assay_suite::{Operation, StatusPattern, Suite};

use super::recorder::Check;

/// Chance has one seed for each use.
const CHECK: u64 = 0x6368_6563;

/// What a server sends may be long: secrets are looked for in so much of it, and no more is kept.
const LONGEST: usize = 4096;

/// The text of a body.
pub(super) fn text_of<'b>(received: &Result<ResponseHead, Failure>, body: &'b [u8]) -> (Cow<'b, str>, Loss) {
    let Ok(received) = received else { return (Cow::Borrowed(""), Loss::None) };
    let content_type = received.headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    text(body, content_type.as_deref())
}

/// Looks at the answers of one operation.
pub(super) struct Inspector {
    suite: Arc<Suite>,
    schemas: Schemas,
    redactor: Arc<Redactor>,
    call: PlannedCall,
    succeeds: Vec<StatusPattern>,
    envelopes: Vec<String>,
    /// The share of answers, from 0 to 1, that are held against their schema.
    checked: f64,
    form: [Located<Expectation>; 1],
}

/// What an answer came to.
#[derive(Clone, Debug)]
pub(super) struct Inspected {
    pub outcome: Outcome,
    pub check: Check,
    pub mistake: Option<String>,
}

impl Inspected {
    fn glanced(outcome: Outcome, mistake: Option<String>) -> Self {
        Self { outcome, check: Check::Glance, mistake }
    }
}

impl Inspector {
    /// Looks at the answers to a call.
    pub fn new(
        suite: &Arc<Suite>,
        call: &PlannedCall,
        schemas: &Schemas,
        redactor: &Arc<Redactor>,
        checked: f64,
    ) -> Self {
        let operation: Option<&Operation> = suite.operations.get(call.operation.as_str());
        Self {
            succeeds: operation.map(|operation| operation.succeeds.clone()).unwrap_or_default(),
            envelopes: operation.map(|operation| suite.envelopes(operation)).unwrap_or_default(),
            suite: Arc::clone(suite),
            schemas: schemas.clone(),
            redactor: Arc::clone(redactor),
            call: call.clone(),
            checked,
            form: [Located { value: Expectation::Form, place: call.place.clone() }],
        }
    }

    /// What the answer to the request with a number came to. What is wrong with it is put into words only if those are
    /// wanted: under failure every request asks for some.
    pub fn inspect(
        &self,
        number: u64,
        received: &Result<ResponseHead, Failure>,
        (text, loss): (&str, Loss),
        wanted: impl Fn() -> bool,
    ) -> Inspected {
        let failed = |outcome, rendered: &dyn Fn() -> String| {
            Inspected::glanced(outcome, wanted().then(|| self.harmless(&rendered())))
        };
        let received = match received {
            Ok(received) => received,
            Err(failure) => {
                let outcome = match failure.kind {
                    FailureKind::Deadline => Outcome::TimedOut,
                    FailureKind::TooLong => Outcome::WrongAnswer,
                    FailureKind::OwnLimit => Outcome::GeneratorLimit,
                    FailureKind::Connect | FailureKind::Tls | FailureKind::Broken => Outcome::Broken,
                };
                return failed(outcome, &|| format!("{}: {}", failure.kind, failure.message));
            }
        };
        let status = received.status;
        let matches = |patterns: &[StatusPattern]| patterns.iter().any(|pattern| pattern.matches(status));
        if !(200..300).contains(&status) && !matches(&self.succeeds) {
            let outcome = if matches(&self.suite.throttled) { Outcome::Throttled } else { Outcome::Refused };
            let beginning = &text.as_bytes()[..text.len().min(LONGEST)];
            return failed(outcome, &|| format!("status {status}: {}", String::from_utf8_lossy(beginning)));
        }
        if !self.succeeds.is_empty() && !matches(&self.succeeds) {
            return failed(Outcome::WrongAnswer, &|| format!("status {status} is not that of success"));
        }
        if let Err(malformed) = glance(text.as_bytes(), self.call.answered, &self.envelopes) {
            return failed(Outcome::WrongAnswer, &|| malformed.to_string());
        }
        if loss == Loss::Some || chance::share(CHECK, number) < self.checked {
            return self.check(received, text, loss);
        }
        Inspected::glanced(Outcome::Success, None)
    }

    /// Holds an answer against its schema, as a conformance run does.
    fn check(&self, received: &ResponseHead, text: &str, loss: Loss) -> Inspected {
        let content_type = received.headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let response = Response {
            status: received.status,
            headers: content_type.map(|value| ("content-type".to_owned(), value.into_owned())).into_iter().collect(),
            lossy: loss == Loss::Some,
            body: text.to_owned(),
        };
        let request = Request { method: Method::Get, url: String::new(), headers: Vec::new(), body: None };
        let exchange =
            Exchange { request, outcome: Ok(response), timing: Timing { sent_us: 0, took_us: 0 }, sent: Sent::Once };
        let asked = RequestContext {
            suite: &self.suite,
            schemas: &self.schemas,
            operation: &self.call.operation,
            said: &[],
            format: self.call.answered,
            result_schema: None,
        };
        let judged = judge_answer(asked, &self.form, &exchange, &Bindings::new());
        let mistake = (!judged.departures.is_empty()).then(|| {
            // A secret must not be cut before it is looked for.
            let exchange = self.redactor.exchange(&exchange, &self.suite, &self.call.operation, &mut Seen::default());
            let again = judge_answer(asked, &self.form, &exchange, &Bindings::new());
            let said = again
                .departures
                .first()
                .map(|(_, departure)| format!("expected: {}; observed: {}", departure.expected, departure.observed));
            self.harmless(&said.unwrap_or_else(|| "a secret is not as documented".to_owned()))
        });
        let outcome = if mistake.is_none() { Outcome::Success } else { Outcome::WrongAnswer };
        Inspected { outcome, check: Check::Schema, mistake }
    }

    /// A text short enough for a record, and without secrets.
    fn harmless(&self, text: &str) -> String {
        clipped(&self.redactor.text(&text.chars().take(LONGEST).collect::<String>()))
    }
}
