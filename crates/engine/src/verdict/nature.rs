//! What is at the address of a target.

use crate::deployment::decode;
use assay_schema::Schemas;
use assay_suite::http::Exchange;
use assay_suite::{Encoding, Suite};

/// Whether something answers the documented API at a target, judged by the answer to one good request.
/// The error says what is there instead.
pub fn nature_of_target(suite: &Suite, format: Encoding, exchange: &Exchange) -> Result<(), String> {
    let response = exchange.outcome.as_ref().map_err(super::answer::describe)?;
    if response.status == 401 || response.status == 403 {
        return Err(format!(
            "the keys are not accepted, or the signature or its expiry is not read as documented: {}",
            super::status(response)
        ));
    }
    let empty = Schemas::read(&assay_suite::source::Documents::default(), &mut assay_suite::source::Diagnostics::new());
    let other = suite.formats.iter().map(|format| format.encoding).chain([format]);
    let malformed = other.map(|format| decode(&response.body, format, &suite.envelope, &empty.shape("")).err());
    match malformed.collect::<Option<Vec<_>>>() {
        Some(errors) => {
            let first = errors.last().map(ToString::to_string).unwrap_or_default();
            Err(format!("{}; {first}", super::status(response)))
        }
        None => Ok(()),
    }
}
