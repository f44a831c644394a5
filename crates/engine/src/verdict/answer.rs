//! One answer against what its step expects.

use serde_json::Value;

use crate::deployment::{Answer, Fault, Malformed, decode, undecodable};
use crate::scenario::{Bindings, Expectation, Outcome};
use assay_schema::{SchemaViolation, Schemas, Shape};
use assay_suite::http::{Exchange, Failure, Method, Response, field_values};
use assay_suite::source::Located;
use assay_suite::{Encoding, RequirementId, StatusPattern, Suite};

use super::context::RequestContext;
use super::form::{Form, status};
use super::shape::{items_shown, undocumented_shape};
use super::{Mismatch, Verdict, clipped, contract, cut, judge_echoes, judge_field, judge_values, recency, total};

/// An answer, judged.
#[derive(Clone, Debug, Default)]
pub struct JudgedAnswer {
    /// Where it departs from what is expected, with the number of the expectation; none for what goes without saying.
    pub departures: Vec<(Option<usize>, Mismatch)>,
    /// What a reader may want to know, though no requirement covers it.
    pub notices: Vec<String>,
    /// What is in the envelope, if it could be read.
    pub value: Option<Value>,
    /// The headers of the answer, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whether the request was carried out.
    pub accepted: bool,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// Whether the request was accepted with an answer of the documented shape: what is asserted of it was read in it.
    pub documented: bool,
    /// How many items such an answer lists, if it is that of a list.
    pub items: Option<usize>,
}

/// At most so many mismatches of one answer are reported: the rest repeat the first.
const MOST_MISMATCHES: usize = 5;

/// Judges one exchange. What the expectations do not say is expected all the same: that the request is accepted.
pub fn judge_answer(
    asked: RequestContext<'_>,
    expectations: &[Located<Expectation>],
    exchange: &Exchange,
    bindings: &Bindings,
) -> JudgedAnswer {
    let mut judged = JudgedAnswer::default();
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(failure) => {
            let expected = format!("an answer to {}", asked.operation);
            judged.departures.push((None, Mismatch::could_not_run(expected, describe(failure))));
            return judged;
        }
    };
    judged.accepted = (200..300).contains(&response.status);
    judged.status = Some(response.status);
    judged.headers.clone_from(&response.headers);
    if let Some(throttled) = judge_throttled(asked, expectations, response) {
        judged.departures.push((None, throttled));
        return judged;
    }
    if let Some(undecided) = undecided(expectations, response) {
        judged.departures.push(undecided);
        return judged;
    }
    judged.departures.extend(judge_status(asked, expectations, response));
    let method = exchange.request.method;
    if judged.departures.is_empty() {
        judge_form((asked, method), expectations, response, bindings, &mut judged);
    } else if judged.accepted {
        // What was carried out against all expectation has to be undone, too: the answer names it.
        judged.value = form_of_answer(asked, method, response).value;
    }
    if judged.departures.is_empty() {
        judged.departures = judge_fields(expectations, judged.value.as_ref(), bindings);
        cut::settle(expectations, response, judged.value.as_ref(), &mut judged.departures);
        judged.departures.extend(total::judge(expectations, response, judged.value.as_ref()));
        judged.departures.extend(judge_text(expectations, response, bindings));
        judged.departures.extend(recency::judge(expectations, response, judged.value.as_ref(), bindings));
    }
    judged
}

/// Whether an answer, whatever else was expected of it, meets these conditions on its status, headers and fields.
pub fn meets(
    conditions: &[Located<Expectation>],
    exchange: &Exchange,
    value: Option<&Value>,
    bindings: &Bindings,
) -> bool {
    let Ok(response) = &exchange.outcome else { return false };
    wrong_status(conditions, response).is_none()
        && judge_fields(conditions, value, bindings).is_empty()
        && judge_text(conditions, response, bindings).is_empty()
}

/// Judges headers and the body as they are.
fn judge_text(
    expectations: &[Located<Expectation>],
    response: &Response,
    bindings: &Bindings,
) -> Vec<(Option<usize>, Mismatch)> {
    let departures = expectations.iter().enumerate().filter_map(|(index, expectation)| match &expectation.value {
        Expectation::Header(name, matcher) => {
            let found: Vec<_> = field_values(&response.headers, name).into_iter().map(Value::from).collect();
            let departure =
                judge_values(&format!("the header {name}"), matcher, &found.iter().collect::<Vec<_>>(), bindings)?;
            Some((Some(index), departure))
        }
        Expectation::Body(matcher) => {
            let body = Value::from(response.body.as_str());
            Some((Some(index), judge_values("the body", matcher, &[&body], bindings)?))
        }
        _ => None,
    });
    departures.collect()
}

/// Whether a status says how often somebody asks, and nothing of what is asked for: RFC 6585, 4, RFC 9110, 15.6.4, and what the
/// suite names besides. A step that expects the status by its number tests just that.
pub fn is_throttled(suite: &Suite, expectations: &[Located<Expectation>], status: u16) -> bool {
    const EVERYWHERE: [u16; 2] = [429, 503];
    (EVERYWHERE.contains(&status) || suite.throttled.iter().any(|pattern| pattern.matches(status)))
        && !names_status(expectations, status)
}

/// An answer that only asks for fewer requests decides nothing.
fn judge_throttled(
    asked: RequestContext<'_>,
    expectations: &[Located<Expectation>],
    response: &Response,
) -> Option<Mismatch> {
    is_throttled(asked.suite, expectations, response.status).then(|| {
        let expected = format!("{} is answered", name_of(asked));
        let advice =
            "the deployment asks for fewer requests or is not available: lower `limits.rate` in the target file";
        Mismatch::inconclusive(expected, format!("{}; {advice}", status(response)))
    })
}

fn name_of(asked: RequestContext<'_>) -> &str {
    if asked.operation.is_empty() { "a request without an operation" } else { asked.operation }
}

/// A status that says something else than what is tested.
fn undecided(expectations: &[Located<Expectation>], response: &Response) -> Option<(Option<usize>, Mismatch)> {
    expectations.iter().enumerate().find_map(|(index, expectation)| match &expectation.value {
        Expectation::Undecided(statuses) if statuses.iter().any(|pattern| pattern.matches(response.status)) => {
            let expected = "an answer to what is tested".to_owned();
            let observed = format!("{}: it may have another reason", status(response));
            Some((Some(index), Mismatch::inconclusive(expected, observed)))
        }
        _ => None,
    })
}

/// The first status asked for that the answer has not.
fn wrong_status(expectations: &[Located<Expectation>], response: &Response) -> Option<(Option<usize>, Mismatch)> {
    expectations.iter().enumerate().find_map(|(index, expectation)| match &expectation.value {
        Expectation::Status(statuses) if !statuses.iter().any(|status| status.matches(response.status)) => {
            let expected = format!("status {}", any_of(statuses));
            Some((Some(index), Mismatch::violation(expected, status(response))))
        }
        _ => None,
    })
}

/// Whether the status is that of the expected outcome, and one that is asked for.
fn judge_status(
    asked: RequestContext<'_>,
    expectations: &[Located<Expectation>],
    response: &Response,
) -> Option<(Option<usize>, Mismatch)> {
    let (index, outcome) = expected_outcome(expectations);
    let accepted = (200..300).contains(&response.status);
    let refusals = asked.suite.refusals_of(asked.operation);
    let refused = refusals.iter().any(|pattern| pattern.matches(response.status));
    let name = name_of(asked);
    let is = match outcome {
        Outcome::Accepted if !accepted => "is accepted (status 2xx)".to_owned(),
        Outcome::Refused if !refused => format!("is refused (status {})", any_of(refusals)),
        // An asynchronous operation that is accepted may still fail.
        Outcome::Fails if !(refused || accepted && is_asynchronous(asked)) => {
            format!("fails (status {})", any_of(refusals))
        }
        Outcome::Any if !accepted && !refused && !names_status(expectations, response.status) => {
            "is accepted or refused".to_owned()
        }
        _ => {
            return wrong_status(expectations, response);
        }
    };
    let expected = format!("{name} {is}");
    let lacks = outcome == Outcome::Accepted && lacks_what_it_needs(asked.suite, response.status);
    let mismatch = if lacks {
        Mismatch::inconclusive(expected, format!("{}; {LACKING}", status(response)))
    } else if outcome == Outcome::Accepted
        && index.is_none()
        && asked.suite.is_failure(asked.operation, response.status)
    {
        // Nothing of what the step is about was answered.
        Mismatch::violation(expected, status(response)).about(&RequirementId::good_is_answered())
    } else {
        Mismatch::violation(expected, status(response))
    };
    Some((index, mismatch))
}

/// What is said where a good request fails for want of something.
pub const LACKING: &str =
    "the deployment says that it lacks what this needs: give it capacity, or choose other values in the target file";

/// Whether a status, or the code of a failed job, says that the deployment lacks what a good request needs.
pub fn lacks_what_it_needs(suite: &Suite, code: u16) -> bool {
    suite.lacking.iter().any(|pattern| pattern.matches(code))
}

/// Whether a status is asked for by its number: it may be neither one of success nor one of refusal, such as 304.
fn names_status(expectations: &[Located<Expectation>], status: u16) -> bool {
    expectations.iter().any(|expectation| match &expectation.value {
        Expectation::Status(statuses) => statuses.iter().any(|pattern| pattern.is_one() && pattern.matches(status)),
        _ => false,
    })
}

fn any_of(statuses: &[StatusPattern]) -> String {
    statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// Whether an operation may answer with a job. Of one that is not documented only its answer shows that.
fn is_asynchronous(asked: RequestContext<'_>) -> bool {
    let documented = asked.suite.operations.get(asked.operation);
    documented.map_or(asked.suite.jobs.is_some(), |operation| operation.asynchronous)
}

/// Whether the answer has the documented form. A step that does not expect it takes the details as given: what is wrong with
/// them is a notice there. Where even the shape is not the documented one, nothing that the step expects can be read.
fn judge_form(
    (asked, method): (RequestContext<'_>, Method),
    expectations: &[Located<Expectation>],
    response: &Response,
    bindings: &Bindings,
    judged: &mut JudgedAnswer,
) {
    let expected = expectations.iter().position(|expectation| matches!(expectation.value, Expectation::Form));
    let contract = asked.suite.operations.get(asked.operation).and_then(|operation| operation.contract.as_deref());
    let form = if let Some(contract) = contract {
        contract::form(asked, method, contract, response)
    } else if judged.accepted {
        form_of_answer(asked, method, response)
    } else {
        form_of_refusal(asked, response)
    };
    judged.notices.extend(form.notices);
    judged.documented = judged.accepted && form.value.is_some() && form.undocumented.is_none();
    judged.items = form.value.as_ref().filter(|_| judged.documented).and_then(|value| items_shown(asked, value));
    match expected {
        Some(index) => {
            let undocumented = form.undocumented.filter(|_| form.departures.is_empty());
            judged.departures.extend(form.departures.into_iter().chain(undocumented).map(|found| (Some(index), found)));
        }
        None if form.value.is_none() => {
            let unreadable =
                form.departures.into_iter().map(|found| (None, Mismatch { verdict: Verdict::Inconclusive, ..found }));
            judged.departures.extend(unreadable);
        }
        None if form.undocumented.is_some() => {
            // An object without anything in it lacks what the step asks for.
            let is_empty = matches!(&form.value, Some(Value::Object(fields)) if fields.is_empty());
            let of_one = is_empty && !is_list(asked);
            let lacking = if of_one { judge_fields(expectations, form.value.as_ref(), bindings) } else { Vec::new() };
            let undocumented = form.undocumented.filter(|_| lacking.is_empty()).map(|found| (None, found));
            judged.departures.extend(lacking.into_iter().chain(undocumented));
        }
        None => {
            let notice = |found: Mismatch| {
                format!("{} departs in form: {}; {}", asked.operation, found.expected, found.observed)
            };
            judged.notices.extend(form.departures.into_iter().take(1).map(notice));
        }
    }
    judged.value = form.value;
}

fn is_list(asked: RequestContext<'_>) -> bool {
    asked.suite.operations.get(asked.operation).is_some_and(|operation| operation.list.is_some())
}

/// Judges what is at paths of a value, and nothing else.
pub fn judge_fields(
    expectations: &[Located<Expectation>],
    value: Option<&Value>,
    bindings: &Bindings,
) -> Vec<(Option<usize>, Mismatch)> {
    let departures = expectations.iter().enumerate().filter_map(|(index, expectation)| match &expectation.value {
        Expectation::Field(path, matcher) => {
            let departure = judge_field(path, matcher, value.unwrap_or(&Value::Null), bindings)?;
            Some((Some(index), departure))
        }
        Expectation::Given(path, matcher) => {
            let departure = judge_field(path, matcher, value.unwrap_or(&Value::Null), bindings)?;
            Some((Some(index), Mismatch::inconclusive(departure.expected, departure.observed)))
        }
        _ => None,
    });
    departures.collect()
}

/// Where a value departs from a schema.
pub fn judge_schema(schemas: &Schemas, path: &str, value: &Value) -> Vec<Mismatch> {
    let mismatches = schemas.validate(path, value);
    mismatches
        .iter()
        .take(MOST_MISMATCHES)
        .map(|mismatch| mismatched(&schemas.written_at(path), mismatch, value))
        .collect()
}

pub(super) fn expected_outcome(expectations: &[Located<Expectation>]) -> (Option<usize>, Outcome) {
    let said = expectations.iter().enumerate().find_map(|(index, expectation)| match expectation.value {
        Expectation::Outcome(outcome) => Some((Some(index), outcome)),
        _ => None,
    });
    let only_status = expectations.iter().any(|expectation| matches!(expectation.value, Expectation::Status(_)));
    said.unwrap_or((None, if only_status { Outcome::Any } else { Outcome::Accepted }))
}

fn form_of_answer(asked: RequestContext<'_>, method: Method, response: &Response) -> Form {
    let contract = asked.suite.operations.get(asked.operation).and_then(|operation| operation.contract.as_deref());
    if let Some(contract) = contract {
        return contract::form(asked, method, contract, response);
    }
    let path = asked.suite.answer_schema(asked.operation);
    let mut shape = asked.schemas.shape(&path);
    let field = asked.suite.jobs.as_ref().and_then(|jobs| jobs.result.as_ref());
    if let (Some(result), Some(field)) = (asked.result_schema, field) {
        shape = shape.with_property(field, asked.schemas.shape(result));
    }
    let answer = match read(asked, response, &shape) {
        Ok(answer) => answer,
        Err(departure) => return Form { departures: vec![departure], ..Form::default() },
    };
    let (wrong, contradiction) = judge_envelope(asked, &answer);
    let mut departures: Vec<_> = undocumented_success(asked, response).into_iter().chain(wrong).collect();
    departures.extend(judge_schema(asked.schemas, &path, &answer.value));
    let operation = asked.suite.operations.get(asked.operation);
    departures.extend(operation.into_iter().flat_map(|operation| judge_echoes(operation, asked.said, &answer.value)));
    let undocumented = undocumented_shape(asked, &answer, &shape);
    let mut notices: Vec<_> = contradiction.into_iter().collect();
    notices.extend(shape.unknown_fields(&answer.value).into_iter().map(|field| {
        format!("the answer of {} has a field that the document does not name: {field}", asked.operation)
    }));
    Form { value: Some(answer.value), departures, undocumented, notices }
}

/// Where a document says with which status an operation succeeds, it is that one.
fn undocumented_success(asked: RequestContext<'_>, response: &Response) -> Option<Mismatch> {
    let documented = &asked.suite.operations.get(asked.operation)?.succeeds;
    let is_documented = documented.is_empty() || documented.iter().any(|pattern| pattern.matches(response.status));
    (!is_documented).then(|| {
        let expected = format!("{} succeeds with status {}", asked.operation, any_of(documented));
        Mismatch::violation(expected, status(response))
    })
}

fn form_of_refusal(asked: RequestContext<'_>, response: &Response) -> Form {
    let path = asked.suite.refusal_schema();
    match read(asked, response, &asked.schemas.shape(&path)) {
        Ok(answer) => {
            let mut departures = judge_schema(asked.schemas, &path, &answer.value);
            let wanted = asked.suite.refusal_envelope.as_ref();
            if let Some((wanted, found)) =
                wanted.zip(answer.envelope.as_ref()).filter(|(wanted, found)| wanted != found)
            {
                let observed = format!("it comes in {}", clipped(found));
                departures.push(Mismatch::violation(format!("a refusal comes in {wanted}"), observed));
            }
            Form { value: Some(answer.value), departures, ..Form::default() }
        }
        Err(departure) => Form { departures: vec![departure], ..Form::default() },
    }
}

fn read(asked: RequestContext<'_>, response: &Response, shape: &Shape<'_>) -> Result<Answer, Mismatch> {
    let answer = match undecoded(asked.format, response) {
        Some(why) => Err(why),
        None => decode(&response.body, asked.format, &asked.suite.envelope, shape),
    };
    answer.map_err(|why| {
        let (expected, observed) = (
            format!("an answer in {}", asked.format.to_string().to_uppercase()),
            format!("{}; {why}", status(response)),
        );
        match why.fault {
            Fault::Answer => Mismatch::violation(expected, observed),
            Fault::Reader => Mismatch::inconclusive(expected, observed),
        }
    })
}

/// Why the bytes of a body are no text, if they are none.
fn undecoded(format: Encoding, response: &Response) -> Option<Malformed> {
    let encoding = response.header("content-encoding").filter(|name| !name.is_empty());
    match encoding.filter(|name| !name.eq_ignore_ascii_case("identity")) {
        Some(name) => {
            let why = format!("the body is said to be compressed ({}), which was not asked for", clipped(&name));
            Some(Malformed::new(why))
        }
        None if response.lossy => Some(undecodable(format, &response.body, response.header("content-type").as_deref())),
        None => None,
    }
}

/// Whether the envelope is a documented one, and a notice if the document has several.
fn judge_envelope(asked: RequestContext<'_>, answer: &Answer) -> (Option<Mismatch>, Option<String>) {
    let Some(operation) = asked.suite.operations.get(asked.operation) else { return (None, None) };
    let envelopes = asked.suite.envelopes(operation);
    let Some(envelope) = answer.envelope.as_ref().filter(|_| !envelopes.is_empty()) else { return (None, None) };
    match envelopes.iter().position(|name| name == envelope) {
        Some(0) => (None, None),
        Some(_) => {
            let other = &envelopes[0];
            let operation = asked.operation;
            let notice = format!(
                "the answer of {operation} comes in {envelope}; the document contradicts itself and prints {other} too"
            );
            (None, Some(notice))
        }
        None => {
            let expected = format!("the answer comes in {}", envelopes.join(" or "));
            (Some(Mismatch::violation(expected, format!("it comes in {}", clipped(envelope)))), None)
        }
    }
}

fn mismatched(schema: &str, mismatch: &SchemaViolation, value: &Value) -> Mismatch {
    let at = if mismatch.pointer.is_empty() { "the answer".to_owned() } else { mismatch.pointer.clone() };
    let there = value.pointer(&mismatch.pointer).filter(|_| !mismatch.pointer.is_empty()).map(super::shown);
    let there = there.map(|there| format!(": {there}")).unwrap_or_default();
    Mismatch::violation(format!("{at} is as in {schema}"), format!("{}{there}", mismatch.message))
}

pub(super) fn describe(failure: &Failure) -> String {
    format!("{}: {}", failure.kind, clipped(&failure.message))
}
