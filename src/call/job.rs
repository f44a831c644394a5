//! Waits until the job that a call started has ended.

use std::time::{Duration, Instant};

use serde_json::Value;

use assay_engine::deployment::{RequestSpec, Target};
use assay_suite::http::Exchange;
use assay_suite::source::harmless;
use assay_suite::{Jobs, plain};

use crate::{CliError, ExitCode, target};

/// How long to wait before a job is asked about again.
const PAUSE: Duration = Duration::from_millis(500);

/// The last answer about a job: the one that says that it has ended.
pub(super) async fn follow(
    target: &Target,
    (call, jobs): (&RequestSpec<'_>, &Jobs),
    id: &Value,
    longest: Duration,
    read: impl Fn(&Exchange) -> Result<Value, CliError>,
) -> Result<Exchange, CliError> {
    let began = Instant::now();
    let ask = RequestSpec {
        operation: &jobs.poll.0,
        arguments: vec![(jobs.parameter.clone(), id.clone())],
        withheld: &[],
        method: None,
        traits: &[],
        ..call.clone()
    };
    loop {
        let exchange = target::send(target, target::prepare(target, &ask)?).await?;
        let answer = read(&exchange)?;
        let status = jobs.status_in(&answer);
        if !status.is_some_and(|status| jobs.states.pending.iter().any(|pending| plain(pending) == plain(status))) {
            return Ok(exchange);
        }
        if began.elapsed() >= longest {
            let message = format!(
                "error: the job {} had not ended after {longest:?}\nhelp: wait longer with --wait 30m, or ask again: assay call {} {} {}={0}",
                harmless::line(&plain(id)),
                call.suite.name.value,
                jobs.poll,
                jobs.parameter,
            );
            return Err(CliError::new(ExitCode::Inconclusive, message));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
