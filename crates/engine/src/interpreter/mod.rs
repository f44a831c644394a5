//! Walks through cases: calls, follows jobs, fetches pages, and removes what was created.
//!
//! One interpreter walks through the steps of a case, [`run_case`]. It asks an [`Exchanger`] for every exchange: that is a
//! deployment, by a [`Session`], or the record of a run that is judged again. [`prepare_case`] stops before the removal, and
//! [`undo_open`] makes up for one that an earlier run did not come to.

mod absent;
mod await_job;
mod calls;
mod claims;
mod created;
mod data;
mod evidence;
mod exchanger;
mod form;
mod inventories;
mod known_deviations;
mod lists;
mod looks;
mod moved;
mod names;
mod obligations;
mod open;
mod orphan_search;
mod ownership;
mod paginate;
mod polling;
mod restore;
mod secrets;
mod session;
mod sighting;
mod throttle;
mod undo;
mod walk;

use std::time::Duration;

use crate::verdict::{Finding, Verdict};
use assay_formats::record::Part;
use assay_suite::http::Exchange;

pub use absent::{refused_as_absent, settle_absent};
pub use evidence::{Evidence, Question, withdraw_unfounded};
pub use exchanger::{Exchanger, Later, NoExchange};
pub use inventories::Inventories;
pub use known_deviations::mark_stale;
pub use lists::is_going;
pub use open::OpenCase;
pub use restore::{Unknown, Waits, origin_of, take_inventories, undo_open};
pub use secrets::CaseSecrets;
pub use session::{Session, SessionError};
pub use sighting::{Sighting, Sightings};
pub use undo::Postponed;
pub use walk::{LONGEST_EVIDENCE, Prepared, prepare_case, run_case};

/// Why a case was skipped whose run was stopped before it began.
pub const NOT_BEGUN: &str = "the run was interrupted before it";

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
    /// What a reader may want to know, though no requirement covers it.
    pub notices: Vec<String>,
    /// What it showed of the deployment, and what its verdict rests on.
    pub evidence: Evidence,
    /// What it saw of the operations of its suite.
    pub sightings: Sightings,
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
            evidence: Evidence::default(),
            sightings: Sightings::new(),
            steps_run: 0,
            exchanges: Vec::new(),
            exchange_count: 0,
            took: Duration::ZERO,
        }
    }
}
