//! One good request to each suite before the first case: a wrong address or key is reported once, not five hundred times.

use crate::deployment::RequestSpec;
use crate::interpreter::Session;
use crate::plan::ConformancePlan;
use crate::verdict::{nature_of_target, status};
use assay_suite::{Effect, Operation, Parameter, Presence, Suite};

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
        }
    }
    Ok(())
}

/// What all answers have in common that show nothing of an API, by several of its operations that only read; none if one shows it.
async fn nothing_of_it(session: &Session, suite: &Suite) -> Option<String> {
    const ASKED: usize = 4;
    let reads = suite.operations.values().filter(|operation| is_bare(operation)).take(ASKED);
    let mut signs = Vec::new();
    for operation in reads {
        let ask = RequestSpec::plain(suite, &operation.name.value.0, None);
        let exchange = session.ask(&ask).await.ok()?;
        let response = exchange.outcome.as_ref().ok()?;
        let content_type = response.header("content-type").unwrap_or_default();
        let documents_html = operation
            .contract
            .iter()
            .flat_map(|contract| &contract.responses)
            .any(|response| response.content.iter().any(|content| content.includes("text/html")));
        signs.push(match response.status {
            401 | 403 => format!("every request is refused with status {}: are the credentials good?", response.status),
            404 | 405 | 501 => format!("every request is answered with status {}: is the path good?", response.status),
            500.. => format!("every request is answered with status {}", response.status),
            200..300 if content_type.starts_with("text/html") && !documents_html => {
                "every request is answered with a page of HTML".to_owned()
            }
            _ => return None,
        });
    }
    let first = signs.first().filter(|first| signs.len() > 1 && signs.iter().all(|sign| sign == *first))?;
    Some(first.clone())
}

/// Whether an operation only reads and needs no parameter.
fn is_bare(operation: &Operation) -> bool {
    let needs_none = |parameter: &Parameter| parameter.presence == Presence::Optional || parameter.credential.is_some();
    operation.effect == Effect::Reads && operation.parameters.values().all(needs_none)
}

/// A list that needs no parameter.
fn harmless(suite: &Suite) -> Option<&str> {
    let mut lists = suite.operations.values().filter(|operation| operation.list.is_some() && is_bare(operation));
    lists.next().map(|operation| operation.name.value.0.as_str())
}
