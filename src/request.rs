//! One request outside of any run.

use std::time::Instant;

use jiff::Timestamp;

use crate::error::CliError;
use crate::exit_code::ExitCode;
use assay_engine::deployment::{Client, Prepared, RequestSpec, RequestSpecError, Target};
use assay_suite::http::Exchange;

/// Makes ready the request that a command asks for.
pub(crate) fn prepare(target: &Target, ask: &RequestSpec<'_>) -> Result<Prepared, CliError> {
    let prepared = target.prepare(ask, Timestamp::now());
    prepared.map_err(|error| {
        let message = match error {
            // A scenario gives it in another way than the command line.
            RequestSpecError::NoPath { operation, parameter } => {
                format!("error: the path of {operation} needs `{parameter}`: write {parameter}=VALUE")
            }
            error => format!("error: {error}"),
        };
        CliError::new(ExitCode::Usage, message)
    })
}

/// Sends one request outside of any run. What comes of it may hold secrets.
pub(crate) async fn send(target: &Target, prepared: Prepared) -> Result<Exchange, CliError> {
    let client = Client::new(target.limits, target.certificates, Instant::now());
    let client = client.map_err(|error| CliError::could_not("no request can be sent", error))?;
    Ok(client.send(prepared).await)
}
