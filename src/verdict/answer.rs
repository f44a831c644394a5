//! One answer against what its step expects.

use serde_json::Value;

use crate::http::{Exchange, Failure, Response};
use crate::scenario::{Bindings, Expectation, Outcome};
use crate::schema::{Mismatch, Schemas, Shape};
use crate::source::Located;
use crate::suite::{Encoding, Suite};
use crate::target::{Answer, decode};

use super::{Departure, clipped, judge_field};

/// What was asked, as far as it matters to the answer.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The API.
    pub suite: &'a Suite,
    /// Its schemas.
    pub schemas: &'a Schemas,
    /// The operation's name.
    pub operation: &'a str,
    /// The format that the answer must have.
    pub format: Encoding,
    /// The path of the schema of a job's outcome, when a job is asked about and its operation known.
    pub result_schema: Option<&'a str>,
}

/// An answer, judged.
#[derive(Clone, Debug, Default)]
pub struct JudgedAnswer {
    /// Where it departs from what is expected, with the number of the expectation; none for what goes without saying.
    pub departures: Vec<(Option<usize>, Departure)>,
    /// What a reader may want to know, though no promise speaks of it.
    pub notices: Vec<String>,
    /// What stands in the envelope, if it could be read.
    pub value: Option<Value>,
    /// Whether the request was carried out.
    pub accepted: bool,
}

/// At most so many mismatches of one answer are told: the first say what the rest repeat.
const MOST_MISMATCHES: usize = 5;

/// Judges one exchange. What the expectations leave unsaid is expected all the same: that the request is accepted.
pub fn judge_answer(
    asked: Asked<'_>,
    expectations: &[Located<Expectation>],
    exchange: &Exchange,
    bindings: &Bindings,
) -> JudgedAnswer {
    let (index, outcome) = expected_outcome(expectations);
    let mut judged = JudgedAnswer::default();
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(failure) => {
            let expected = format!("an answer to {}", asked.operation);
            judged.departures.push((index, Departure::could_not_run(expected, told(failure))));
            return judged;
        }
    };
    judged.accepted = (200..300).contains(&response.status);
    let departures = match outcome {
        Outcome::Accepted => accepted(asked, response, &mut judged),
        Outcome::Refused => refused(asked, response, &mut judged),
        Outcome::Any if judged.accepted => accepted(asked, response, &mut judged),
        Outcome::Any => refused(asked, response, &mut judged),
    };
    judged.departures.extend(departures.into_iter().map(|departure| (index, departure)));
    let as_expected = judged.departures.is_empty();
    for (index, expectation) in expectations.iter().enumerate() {
        if let Expectation::Status(statuses) = &expectation.value
            && !statuses.iter().any(|status| status.matches(response.status))
        {
            let wanted: Vec<_> = statuses.iter().map(ToString::to_string).collect();
            let departure = Departure::violation(format!("status {}", wanted.join(" or ")), status(response));
            judged.departures.push((Some(index), departure));
        }
    }
    // Of an answer that is not even of the expected kind, fields are not asked for.
    if as_expected {
        judged.departures.extend(judge_fields(expectations, judged.value.as_ref(), bindings));
    }
    judged
}

/// Judges what stands at paths of a value, and nothing else.
pub fn judge_fields(
    expectations: &[Located<Expectation>],
    value: Option<&Value>,
    bindings: &Bindings,
) -> Vec<(Option<usize>, Departure)> {
    let departures = expectations.iter().enumerate().filter_map(|(index, expectation)| match &expectation.value {
        Expectation::Field(path, matcher) => {
            let departure = judge_field(path, matcher, value.unwrap_or(&Value::Null), bindings)?;
            Some((Some(index), departure))
        }
        _ => None,
    });
    departures.collect()
}

/// Where a value departs from a schema.
pub fn judge_schema(schemas: &Schemas, path: &str, value: &Value) -> Vec<Departure> {
    let mismatches = schemas.validate(path, value);
    mismatches.iter().take(MOST_MISMATCHES).map(|mismatch| mismatched(path, mismatch, value)).collect()
}

fn expected_outcome(expectations: &[Located<Expectation>]) -> (Option<usize>, Outcome) {
    let said = expectations.iter().enumerate().find_map(|(index, expectation)| match expectation.value {
        Expectation::Outcome(outcome) => Some((Some(index), outcome)),
        _ => None,
    });
    let only_status = expectations.iter().any(|expectation| matches!(expectation.value, Expectation::Status(_)));
    said.unwrap_or((None, if only_status { Outcome::Any } else { Outcome::Accepted }))
}

fn accepted(asked: Asked<'_>, response: &Response, judged: &mut JudgedAnswer) -> Vec<Departure> {
    if !judged.accepted {
        let expected = format!("{} is accepted (status 2xx)", asked.operation);
        return vec![Departure::violation(expected, status(response))];
    }
    let path = answer_schema(asked);
    let mut shape = asked.schemas.shape(&path);
    if let (Some(result), Some(jobs)) = (asked.result_schema, &asked.suite.jobs) {
        shape = shape.with_property(&jobs.result, asked.schemas.shape(result));
    }
    let answer = match read(asked, response, &shape) {
        Ok(answer) => answer,
        Err(departure) => return vec![departure],
    };
    let mut departures: Vec<_> = wrong_envelope(asked, &answer, judged).into_iter().collect();
    departures.extend(judge_schema(asked.schemas, &path, &answer.value));
    judged.notices.extend(shape.unknown_fields(&answer.value).into_iter().map(|field| {
        format!("the answer of {} has a field that the document does not name: {field}", asked.operation)
    }));
    judged.value = Some(answer.value);
    departures
}

fn answer_schema(asked: Asked<'_>) -> String {
    format!("{}/{}.json", asked.suite.name.value, asked.operation)
}

fn refused(asked: Asked<'_>, response: &Response, judged: &mut JudgedAnswer) -> Vec<Departure> {
    let expected = || {
        let families: Vec<_> = asked.suite.refusals.iter().map(ToString::to_string).collect();
        format!("{} is refused (status {})", named(asked.operation), families.join(" or "))
    };
    if !asked.suite.refusals.iter().any(|pattern| pattern.matches(response.status)) {
        return vec![Departure::violation(expected(), status(response))];
    }
    let path = format!("{}/common/error.json", asked.suite.name.value);
    let answer = match read(asked, response, &asked.schemas.shape(&path)) {
        Ok(answer) => answer,
        Err(departure) => return vec![Departure { expected: format!("{}, with a reason", expected()), ..departure }],
    };
    let departures = judge_schema(asked.schemas, &path, &answer.value);
    judged.value = Some(answer.value);
    departures
}

fn named(operation: &str) -> &str {
    if operation.is_empty() { "a request without an operation" } else { operation }
}

fn read(asked: Asked<'_>, response: &Response, shape: &Shape<'_>) -> Result<Answer, Departure> {
    decode(&response.body, asked.format, shape).map_err(|malformed| {
        let observed = format!("{} {malformed}", status(response));
        Departure::violation(format!("an answer in {}", asked.format.to_string().to_uppercase()), observed)
    })
}

fn wrong_envelope(asked: Asked<'_>, answer: &Answer, judged: &mut JudgedAnswer) -> Option<Departure> {
    let operation = asked.suite.operations.get(asked.operation)?;
    let envelopes = asked.suite.envelopes(operation);
    match envelopes.iter().position(|name| *name == answer.envelope) {
        Some(0) => None,
        Some(_) => {
            judged.notices.push(format!(
                "the answer of {} comes in {}; the document contradicts itself and prints {} too",
                asked.operation, answer.envelope, envelopes[0]
            ));
            None
        }
        None => {
            let expected = format!("the answer comes in {}", envelopes.join(" or "));
            Some(Departure::violation(expected, format!("it comes in {}", clipped(&answer.envelope))))
        }
    }
}

fn mismatched(path: &str, mismatch: &Mismatch, value: &Value) -> Departure {
    let at = if mismatch.pointer.is_empty() { "the answer".to_owned() } else { mismatch.pointer.clone() };
    let there = value.pointer(&mismatch.pointer).filter(|_| !mismatch.pointer.is_empty()).map(super::shown);
    let there = there.map(|there| format!(": {there}")).unwrap_or_default();
    Departure::violation(format!("{at} is as in schemas/{path}"), format!("{}{there}", mismatch.message))
}

/// The status, and what an error's body says.
fn status(response: &Response) -> String {
    let reason = error_text(&response.body).map(|text| format!(": {}", clipped(&text))).unwrap_or_default();
    format!("status {}{reason};", response.status).trim_end_matches(';').to_owned()
}

/// The text of an error as the known APIs write it, in JSON or XML.
fn error_text(body: &str) -> Option<String> {
    if let Ok(Value::Object(envelope)) = serde_json::from_str::<Value>(body) {
        let fields = envelope.values().chain(std::iter::once(&Value::Null)).find_map(|value| {
            ["errortext", "error_msg", "message"].iter().find_map(|name| value.get(name))
        })?;
        return fields.as_str().map(str::to_owned);
    }
    let (_, rest) = body.split_once("<errortext>")?;
    rest.split_once("</errortext>").map(|(text, _)| text.to_owned())
}

fn told(failure: &Failure) -> String {
    format!("{}: {}", failure.kind, clipped(&failure.message))
}

/// Whether something that answers the documented API stands at a target, judged by the answer to one good request.
/// The error says what stands there instead.
pub fn nature_of_target(suite: &Suite, format: Encoding, exchange: &Exchange) -> Result<(), String> {
    let response = exchange.outcome.as_ref().map_err(told)?;
    if response.status == 401 || response.status == 403 {
        return Err(format!("the keys are not accepted: {}", status(response)));
    }
    let empty = Schemas::read(&crate::source::Documents::default(), &mut crate::source::Diagnostics::new());
    let other = suite.formats.iter().map(|format| format.encoding).chain([format]);
    let malformed = other.map(|format| decode(&response.body, format, &empty.shape("")).err());
    match malformed.collect::<Option<Vec<_>>>() {
        Some(errors) => {
            let first = errors.last().map(ToString::to_string).unwrap_or_default();
            Err(format!("{}; {first}", status(response)))
        }
        None => Ok(()),
    }
}
