//! Cases as trials of libtest-mimic, so that IDEs, CI parsers and cargo-nextest understand a run.

use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Completion, Failed, Trial};
use tokio::runtime::Handle;

use crate::interpreter::{CaseOutcome, refused_as_absent};
use crate::plan::{ConformancePlan, Readiness};
use crate::verdict::Verdict;
use assay_suite::source::harmless;

use super::RecordedSession;

/// The outcomes of the trials that have run.
#[derive(Clone, Default)]
pub struct Collected(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    outcomes: Vec<CaseOutcome>,
    watcher: Option<Watcher>,
}

/// Receives each outcome as it comes.
pub type Watcher = Box<dyn Fn(&CaseOutcome) + Send>;

impl Collected {
    /// Takes the outcomes out.
    pub fn take(&self) -> Vec<CaseOutcome> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).outcomes)
    }

    /// Calls back with each outcome as it comes.
    pub fn watch(&self, watcher: Watcher) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).watcher = Some(watcher);
    }

    fn add(&self, outcome: CaseOutcome) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watcher) = &state.watcher {
            watcher(&outcome);
        }
        state.outcomes.push(outcome);
    }
}

/// Makes the session when the first trial runs: listing trials needs no deployment.
pub type OpenSession = Arc<dyn Fn() -> Result<RecordedSession, String> + Send + Sync>;

/// One trial for each case. A case that the target is not ready for is an ignored trial.
pub fn trials(plan: &ConformancePlan, session: &OpenSession, runtime: &Handle, collected: &Collected) -> Vec<Trial> {
    let trials = plan.cases.iter().map(|case| {
        let ignored = matches!(case.readiness, Readiness::Skipped(_));
        let (name, case) = (case.name.clone(), Arc::clone(case));
        let (session, runtime, collected) = (Arc::clone(session), runtime.clone(), collected.clone());
        let trial = Trial::ignorable_test(name, move || {
            let session = session()?;
            let outcome = runtime.block_on(session.run(&case));
            let rendered = describe(&outcome);
            collected.add(outcome);
            rendered
        });
        trial.with_ignored_flag(ignored)
    });
    trials.collect()
}

/// A trial passes if its case has no failure. One that only met an operation that the deployment may not have is ignored: the
/// reports have one finding for that operation.
fn describe(outcome: &CaseOutcome) -> Result<Completion, Failed> {
    match outcome.verdict {
        Verdict::Conforms | Verdict::Skipped | Verdict::DeviatesAsKnown => Ok(Completion::Completed),
        verdict => {
            if let Some(operation) = refused_as_absent(outcome) {
                let reason = format!("the deployment seems not to have {operation}");
                return Ok(Completion::ignored_with(harmless::lines(&reason)));
            }
            let mut lines = vec![verdict.to_string()];
            lines.extend(outcome.reason.clone());
            for finding in &outcome.findings {
                lines.push(format!("  {}", finding.place));
                lines.push(format!("    expected: {}", finding.expected));
                lines.push(format!("    observed: {}", finding.observed));
            }
            Err(Failed::from(harmless::lines(&lines.join("\n"))))
        }
    }
}
