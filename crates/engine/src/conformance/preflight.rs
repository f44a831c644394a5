//! One good request to each suite before the first case: a wrong address or key is reported once, not five hundred times.

use crate::deployment::RequestSpec;
use crate::interpreter::Session;
use crate::plan::ConformancePlan;
use crate::verdict::{nature_of_target, status};
use assay_suite::{Effect, Presence, Suite};

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
        // What an API of a contract answers instead of what is documented is judged case by case.
        if let Some(format) = format.filter(|_| suite.described.is_none()) {
            let exchange = session.case_secrets().exchange(&exchange, &ask);
            nature_of_target(suite, format, &exchange).map_err(not_an_api)?;
        }
    }
    Ok(())
}

/// A list that needs no parameter.
fn harmless(suite: &Suite) -> Option<&str> {
    let mut lists = suite.operations.values().filter(|operation| {
        operation.effect == Effect::Reads
            && operation.list.is_some()
            && operation
                .parameters
                .values()
                .all(|parameter| parameter.presence == Presence::Optional || parameter.credential.is_some())
    });
    lists.next().map(|operation| operation.name.value.0.as_str())
}
