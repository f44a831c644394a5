//! Waits until the job that a call started has ended.

use std::time::{Duration, Instant};

use serde_json::Value;

use assay_engine::deployment::{RequestSpec, Target};
use assay_suite::http::Exchange;
use assay_suite::source::harmless;
use assay_suite::{JobStates, Jobs, plain};

use crate::{CliError, ExitCode, request};

/// How long to wait before a job is asked about again.
const PAUSE: Duration = Duration::from_millis(500);

/// The last answer about a job, the one that says that it has ended, and how it ended.
pub(super) async fn follow(
    target: &Target,
    (call, jobs): (&RequestSpec<'_>, &Jobs),
    id: &Value,
    longest: Duration,
    read: impl Fn(&Exchange) -> Result<Value, CliError>,
) -> Result<(Exchange, ExitCode), CliError> {
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
        let exchange = request::send(target, request::prepare(target, &ask)?).await?;
        let answer = read(&exchange)?;
        if let Some(code) = ended(&jobs.states, jobs.status_in(&answer)) {
            return Ok((exchange, code));
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

/// What a job came to whose state this is; nothing while it goes on.
fn ended(states: &JobStates, status: Option<&Value>) -> Option<ExitCode> {
    let is_in = |states: &[Value]| states.iter().any(|state| status.map(plain) == Some(plain(state)));
    if is_in(&states.pending) {
        return None;
    }
    Some(if is_in(&states.failed) { ExitCode::Violates } else { ExitCode::Conforms })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_job_that_failed_is_seen_by_the_exit_code() {
        let states = JobStates { pending: vec![json!(0)], succeeded: vec![json!(1)], failed: vec![json!(2)] };
        let of = |status: Value| ended(&states, Some(&status));
        assert_eq!((of(json!(0)), of(json!("0"))), (None, None));
        assert_eq!((of(json!(1)), of(json!(2))), (Some(ExitCode::Conforms), Some(ExitCode::Violates)));
        assert_eq!(of(json!("2")), Some(ExitCode::Violates));
    }
}
