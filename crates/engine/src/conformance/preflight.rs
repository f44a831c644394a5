//! One good request to each suite before the first case: a wrong address or key is reported once, not five hundred times.

use crate::deployment::RequestSpec;
use crate::interpreter::Session;
use crate::plan::ConformancePlan;
use crate::verdict::{clipped, nature_of_target, status};
use assay_suite::http::Response;
use assay_suite::{Effect, Operation, Parameter, Presence, Style, Suite};

/// What was asked for is not an API that can be tested.
#[derive(Debug, thiserror::Error)]
#[error("nothing that can be tested as {suite} answers at {url}: {observed}")]
pub struct NotAnApi {
    /// The suite.
    suite: String,
    /// Its address.
    url: String,
    /// What was observed.
    observed: String,
}

/// Asks each suite for a list. The error says what answers there instead of the API.
pub async fn preflight(session: &Session, plan: &ConformancePlan) -> Result<(), NotAnApi> {
    for suite in &plan.suites {
        let Some(operation) = harmless(suite) else { continue };
        let format = suite.formats.first().map(|format| format.encoding);
        let ask = RequestSpec::plain(suite, operation, format);
        let not_an_api = |observed: String| {
            let url = session.target().services.get(&suite.name.value);
            let url = url.map(|service| session.without_secrets(&service.url));
            NotAnApi { suite: suite.name.value.0.clone(), url: url.unwrap_or_default(), observed }
        };
        let exchange =
            session.ask(&ask).await.map_err(|none| not_an_api(session.without_secrets(&none.to_string())))?;
        if let Some(response) = exchange.outcome.as_ref().ok().filter(|response| (502..=504).contains(&response.status))
        {
            return Err(not_an_api(format!("it is not ready, {}: run again when it answers", status(response))));
        }
        // What an API of a contract answers instead of what is documented is judged case by case, unless none of it is there.
        if suite.described.is_some() {
            if let Some(observed) = nothing_of_it(session, suite).await {
                return Err(not_an_api(observed));
            }
        } else if let Some(format) = format {
            let exchange = session.case_secrets().exchange(&exchange, &ask);
            nature_of_target(suite, format, &exchange).map_err(not_an_api)?;
            let answered = exchange.outcome.as_ref().ok().filter(|response| !(200..300).contains(&response.status));
            if let Some(first) = answered
                && let Some(observed) = same_for_all(session, suite, operation, first).await
            {
                return Err(not_an_api(observed));
            }
        }
    }
    Ok(())
}

/// What all answers have in common that show nothing of an API, by several of its operations that only read; none if one shows it.
async fn nothing_of_it(session: &Session, suite: &Suite) -> Option<String> {
    const ASKED: usize = 4;
    let reads = suite.operations.values().filter(|operation| is_bare(operation)).take(ASKED);
    let (mut signs, mut answers) = (Vec::new(), Vec::new());
    for operation in reads {
        let response = answer(session, suite, &operation.name.value.0).await?;
        let path = operation.request.as_ref().map(|request| request.path.as_str()).unwrap_or_default();
        signs.push(sign(operation, path, &response));
        answers.push((response.status, response.body));
        let (is_other, is_apart) = (signs.first() != signs.last(), answers.first() != answers.last());
        // Two answers of an API are enough: there is nothing that all have in common.
        if is_other || (is_apart && signs.last().is_some_and(Option::is_none)) {
            return None;
        }
    }
    let first = signs.first()?.clone();
    if let (Some(found), Some(only)) = (&first, suite.operations.values().find(|operation| is_bare(operation))) {
        // That nothing is at a path which no document has says nothing of the others.
        let is_elsewhere = signs.len() > 1 || {
            let other = answer(session, suite, &format!("GET {NO_PATH}")).await?;
            !matches!(other.status, 404 | 405 | 501) && sign(only, NO_PATH, &other) == first
        };
        return is_elsewhere.then(|| found.clone());
    }
    // A server that takes whatever it is sent takes what no document has, too.
    let alike = answers.first().filter(|first| answers.len() > 1 && (200..300).contains(&first.0))?;
    let undocumented = answer(session, suite, &format!("GET {NO_PATH}")).await?;
    let (status, body) = (undocumented.status, undocumented.body);
    ((status, &body) == (alike.0, &alike.1)).then(|| {
        let body = session.without_secrets(&clipped(&body));
        all_alike(&format!("{status} {body}"), NO_PATH)
    })
}

/// What several lists, and an operation that there is not, are all answered with alike, other than with success; none if one is
/// answered in another way.
async fn same_for_all(session: &Session, suite: &Suite, asked: &str, first: &Response) -> Option<String> {
    const ASKED: usize = 4;
    let lists: Vec<_> = bare_lists(suite).collect();
    let others = lists.iter().copied().step_by((lists.len() / ASKED).max(1));
    let unknown = match suite.style {
        Style::Rest => format!("GET {NO_PATH}"),
        Style::Query { .. } => NO_OPERATION.to_owned(),
    };
    for other in others.filter(|other| *other != asked).take(ASKED).chain([unknown.as_str()]) {
        let response = answer(session, suite, other).await?;
        if (response.status, &response.body) != (first.status, &first.body) {
            return None;
        }
    }
    let to = first
        .header("location")
        .map(|location| format!(", which leads to {}", session.without_secrets(&clipped(&location))));
    Some(all_alike(&format!("{}{}", status(first), to.unwrap_or_default()), &unknown))
}

fn all_alike(answer: &str, undocumented: &str) -> String {
    format!("every request has the same answer, {answer}, and so has {undocumented}, which is not documented")
}

/// An operation that no API has.
const NO_OPERATION: &str = "assayNoSuchOperation";

/// A path that no API has.
const NO_PATH: &str = "/assay-no-such-path";

async fn answer(session: &Session, suite: &Suite, operation: &str) -> Option<Response> {
    let exchange = session.ask(&RequestSpec::plain(suite, operation, None)).await.ok()?;
    exchange.outcome.ok()
}

/// What shows in an answer that it is not the API's.
fn sign(operation: &Operation, path: &str, response: &Response) -> Option<String> {
    let status = response.status;
    let content_type = response.header("content-type").unwrap_or_default();
    let is_documented = |content_type: &str| {
        let mut responses = operation.contract.iter().flat_map(|contract| &contract.responses);
        responses.any(|response| response.content.iter().any(|content| content.includes(content_type)))
    };
    match status {
        401 | 403 => Some(format!("every request is refused with status {status}: are the credentials good?")),
        404 | 405 | 501 => Some(format!("every request is answered with status {status}: is the path good?")),
        500.. => Some(format!("every request is answered with status {status}")),
        301 | 302 | 303 | 307 | 308 => {
            let location = response.header("location").unwrap_or_default();
            let location = location.split(['?', '#']).next().unwrap_or_default();
            // Where only the server differs, the path is each time another.
            let to = location.strip_suffix(path).unwrap_or(location);
            Some(format!("every request is redirected to {to}, status {status}: are address and credentials good?"))
        }
        200..=299 if content_type.starts_with("text/html") && !is_documented("text/html") => {
            Some("every request is answered with a page of HTML".to_owned())
        }
        _ => None,
    }
}

/// Whether an operation only reads and needs no parameter.
fn is_bare(operation: &Operation) -> bool {
    let needs_none = |parameter: &Parameter| parameter.presence == Presence::Optional || parameter.credential.is_some();
    operation.effect == Effect::Reads && operation.parameters.values().all(needs_none)
}

/// A list that needs no parameter.
fn harmless(suite: &Suite) -> Option<&str> {
    bare_lists(suite).next()
}

/// The lists that need no parameter.
fn bare_lists(suite: &Suite) -> impl Iterator<Item = &str> {
    let lists = suite.operations.values().filter(|operation| operation.list.is_some() && is_bare(operation));
    lists.map(|operation| operation.name.value.0.as_str())
}
