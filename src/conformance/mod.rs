//! Runs a plan: calls, follows jobs, fetches pages, and removes what it created.
//!
//! One interpreter walks through the steps of a case, [`run_case`]. It asks an [`Exchanger`] for every exchange: in a run
//! that is the deployment ([`Session`]), and when a record is judged again it is the record ([`replay`]).

mod await_job;
mod exchanger;
mod interpreter;
mod known;
mod live;
mod obligations;
mod paginate;
mod pauses;
mod preflight;
mod replay;
mod trials;
mod undo;

use std::time::Duration;

use crate::http::Exchange;
use crate::record::Part;
use crate::verdict::{Finding, Verdict};

pub use exchanger::{Exchanger, NoExchange};
pub use interpreter::run_case;
pub use known::mark_stale;
pub use live::{Session, SessionError};
pub use preflight::{NotAnApi, preflight};
pub use replay::replay;
pub use trials::{Collected, OpenSession, Watcher, trials};

/// What a case came to.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The case's name.
    pub case: String,
    /// The weightiest of its findings; without any, it conforms.
    pub verdict: Verdict,
    /// Why it was not run, or not to its end.
    pub reason: Option<String>,
    /// What was not as expected.
    pub findings: Vec<Finding>,
    /// What a reader may want to know, though no promise speaks of it.
    pub notices: Vec<String>,
    /// How many of its steps were run to their end.
    pub steps_run: usize,
    /// Its exchanges, in order; kept only if there are findings.
    pub exchanges: Vec<(Part, Exchange)>,
    /// How many exchanges there were.
    pub exchange_count: usize,
    /// How long it took.
    pub took: Duration,
}

impl CaseOutcome {
    /// A case that was not tried.
    pub fn skipped(case: &str, reason: String) -> Self {
        Self {
            case: case.to_owned(),
            verdict: Verdict::Skipped,
            reason: Some(reason),
            findings: Vec::new(),
            notices: Vec::new(),
            steps_run: 0,
            exchanges: Vec::new(),
            exchange_count: 0,
            took: Duration::ZERO,
        }
    }
}
