//! All that a report shows, in the form in which every kind of report takes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::coverage::SuiteCoverage;
use assay_engine::verdict::Verdict;
use assay_formats::record::load::LoadStarted;
use assay_formats::record::{RecordedTarget, RunStarted};
use assay_suite::http::{Certificates, Exchange};
use assay_suite::{RequirementId, SuiteName};

use super::gate::{Gate, GateOutcome, Undecided};

/// A run, judged.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The run.
    pub run: RunInfo,
    /// The weightiest verdict of all cases.
    pub verdict: Verdict,
    /// How many cases came to which verdict.
    pub counts: Counts,
    /// Suite by suite.
    pub suites: Vec<SuiteSummary>,
    /// The cases, the weightiest first, of these the causes that most cases show, then as they were planned.
    pub cases: Vec<CaseSummary>,
    /// What could not be removed: the case, and what is left.
    pub left_over: Vec<(String, String)>,
    /// What was removed, though nothing shows that it is gone: the case, and what.
    pub unproven: Vec<(String, String)>,
    /// Conditions on the whole run.
    pub gates: Vec<Gate>,
    /// Whether what could not be decided counts against the run.
    #[serde(skip)]
    pub undecided: Undecided,
}

/// The run that is reported, whether it tested or put load on.
#[derive(Clone, Debug, Serialize)]
pub struct RunInfo {
    /// Its name.
    pub id: String,
    /// The version of the program.
    pub assay: String,
    /// When it began, in UTC.
    pub started: String,
    /// How long it took, in seconds.
    pub took_s: f64,
    /// The target.
    pub target: String,
    /// The server that the target says it runs.
    pub server: Option<String>,
    /// Where the suites' APIs are.
    pub services: Vec<ServiceInfo>,
    /// Whether they had to prove that they are those that were asked.
    pub certificates: Certificates,
    /// How it ended.
    pub ending: Ending,
    /// The arguments by which the same is done to the same deployment again, without the subcommand.
    pub repeat: Vec<String>,
}

/// What the record of a run says of where it was made.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub run: &'a str,
    pub assay: &'a str,
    pub started: Timestamp,
    pub target: &'a RecordedTarget,
    pub repeat: &'a [String],
}

impl<'a> From<&'a RunStarted> for Origin<'a> {
    fn from(started: &'a RunStarted) -> Self {
        let RunStarted { run, assay, started, target, repeat, .. } = started;
        Self { run, assay, started: *started, target, repeat }
    }
}

impl<'a> From<&'a LoadStarted> for Origin<'a> {
    fn from(started: &'a LoadStarted) -> Self {
        let LoadStarted { run, assay, started, target, repeat, .. } = started;
        Self { run, assay, started: *started, target, repeat }
    }
}

impl RunInfo {
    /// A run on the APIs of these suites.
    #[allow(clippy::cast_precision_loss, reason = "a run is shorter than 2^52 microseconds")]
    pub(super) fn new(origin: Origin<'_>, asked: impl Fn(&SuiteName) -> bool, ending: Ending, took_us: u64) -> Self {
        let services = origin.target.services.iter().filter(|(suite, _)| asked(suite));
        let services =
            services.map(|(suite, service)| ServiceInfo { suite: suite.0.clone(), url: service.url.clone() });
        Self {
            id: origin.run.to_owned(),
            assay: origin.assay.to_owned(),
            started: origin.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            took_s: took_us as f64 / 1e6,
            target: origin.target.name.clone(),
            server: origin.target.server.clone(),
            services: services.collect(),
            certificates: origin.target.certificates,
            ending,
            repeat: origin.repeat.to_vec(),
        }
    }
}

/// Where a suite's API is.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceInfo {
    /// The suite.
    pub suite: String,
    /// Its address.
    pub url: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// All chosen cases were run.
    Completed,
    /// Somebody stopped it: the report is partial.
    Interrupted,
    /// Its record breaks off: the report is partial.
    Broken,
    /// It was shared, and records of other shards are missing: the report is partial.
    Incomplete,
}

/// How many cases, or service levels, came to which verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counts<V: Ord = Verdict>(pub BTreeMap<V, usize>);

impl<V: Ord> Default for Counts<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V: Ord + Copy> Counts<V> {
    /// How many came to one verdict.
    pub fn of(&self, verdict: V) -> usize {
        self.0.get(&verdict).copied().unwrap_or_default()
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    pub(super) fn add(&mut self, verdict: V) {
        *self.0.entry(verdict).or_default() += 1;
    }
}

impl<V: Ord + Copy> FromIterator<V> for Counts<V> {
    fn from_iter<I: IntoIterator<Item = V>>(verdicts: I) -> Self {
        let mut counts = Self::default();
        verdicts.into_iter().for_each(|verdict| counts.add(verdict));
        counts
    }
}

/// One suite in a run.
#[derive(Clone, Debug, Serialize)]
pub struct SuiteSummary {
    /// Its name.
    pub name: String,
    /// Its full name.
    pub title: String,
    /// The document behind it.
    pub document: String,
    /// Its cases' verdicts.
    pub counts: Counts,
    /// What the run showed of its operations and requirements.
    pub coverage: SuiteCoverage,
    /// What each requirement came to in this run, by its name; one that no case of the run was about is absent.
    pub requirements: BTreeMap<RequirementId, Verdict>,
    /// What the cases that call each operation came to, as far as they were run.
    pub operations: BTreeMap<String, Counts>,
}

/// One case in a run.
#[derive(Clone, Debug, Serialize)]
pub struct CaseSummary {
    /// Its name.
    pub name: String,
    /// Its suite.
    pub suite: String,
    /// Its scenario's title.
    pub scenario: String,
    /// The operation it was repeated for.
    pub operation: Option<String>,
    /// The format of its answers.
    pub format: String,
    /// Where its scenario is written.
    pub place: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Why it was not run, or not to its end.
    pub reason: Option<String>,
    /// The requirements it verifies.
    pub verifies: Vec<RequirementId>,
    /// How long it took, in seconds.
    pub took_s: f64,
    /// How many of its steps met their expectations.
    pub steps_run: usize,
    /// How many exchanges there were.
    pub exchange_count: usize,
    /// What was not as expected.
    pub findings: Vec<FindingSummary>,
    /// What a reader may want to know.
    pub notices: Vec<String>,
    /// The exchanges, if there are findings.
    pub exchanges: Vec<ExchangeSummary>,
}

/// One thing that was not as expected.
#[derive(Clone, Debug, Serialize)]
pub struct FindingSummary {
    /// What it comes to.
    pub verdict: Verdict,
    /// What was expected.
    pub expected: String,
    /// What was observed.
    pub observed: String,
    /// Where the expectation is written: `file:line:column`.
    pub place: String,
    /// The promises it decides.
    pub promises: Vec<Promise>,
    /// The exchange that shows it, as a number in the case's list.
    pub exchange: Option<usize>,
}

/// A promise of the document.
#[derive(Clone, Debug, Serialize)]
pub struct Promise {
    /// Its name.
    pub id: RequirementId,
    /// What is promised.
    pub text: String,
    /// Where the document promises it.
    pub source: String,
    /// Where the suite has it: `file:line:column`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// One request and its answer, without secrets.
#[derive(Clone, Debug, Serialize)]
pub struct ExchangeSummary {
    /// What it was for: the number of a step, from 1, or the cleaning up.
    pub part: String,
    /// The exchange.
    #[serde(flatten)]
    pub exchange: Exchange,
    /// A command line that sends it again, with secrets as variables of the environment.
    pub curl: String,
}

impl Summary {
    /// The same, with what was removed though nothing shows that it is gone.
    #[must_use]
    pub fn with_unproven(self, unproven: Vec<(String, String)>) -> Self {
        Self { unproven, ..self }
    }

    /// The gates that are not met.
    pub fn unmet(&self) -> impl Iterator<Item = &Gate> {
        self.gates.iter().filter(|gate| gate.outcome != GateOutcome::Met)
    }
}
