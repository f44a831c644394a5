//! Walks through the steps of a case.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::plan::{Case, PlannedAction};
use crate::scenario::Bindings;
use crate::verdict::{Finding, Verdict};
use assay_schema::Schemas;

use super::exchanger::{Exchanger, NoExchange};
use super::moved::{compared_since, passing, was_refused_reading};
use super::outcome::CaseOutcome;
use super::state::{Interpreter, Stop};

/// Runs a case to its end, or to the first step that is not as expected; then removes what it created.
pub fn run_case<'c>(
    case: &'c Case,
    schemas: &'c Schemas,
    run: &'c str,
    exchanger: impl Exchanger + 'c,
) -> BoxFuture<'c, CaseOutcome> {
    let exchanger = Box::new(exchanger);
    Box::pin(async move { prepare_case(case, schemas, run, exchanger).await.undo().await })
}

/// Runs the steps of a case to their end, or to the first that is not as expected. What they created stays until it is
/// undone.
pub async fn prepare_case<'c>(
    case: &'c Case,
    schemas: &'c Schemas,
    run: &str,
    exchanger: Box<dyn Exchanger + 'c>,
) -> Prepared<'c> {
    let mut interpreter = Interpreter::new(case, schemas, run, exchanger);
    let reason = interpreter.run().await;
    Prepared { interpreter, reason }
}

/// A case whose steps were run, and which has still to remove what they created.
#[must_use = "what the case created stays until it is undone"]
pub struct Prepared<'c> {
    interpreter: Interpreter<'c>,
    reason: Option<String>,
}

impl Prepared<'_> {
    /// The values of the variables of the case.
    pub fn bindings(&self) -> &Bindings {
        &self.interpreter.bindings
    }

    /// Why not all steps were run to their end; nothing if they were.
    pub fn failure(&self) -> Option<String> {
        let Interpreter { case, steps_run, findings, .. } = &self.interpreter;
        if *steps_run == case.steps.len() {
            return None;
        }
        let found = findings.last().map(ToString::to_string);
        Some(self.reason.clone().or(found).unwrap_or_else(|| "a step was not run to its end".to_owned()))
    }

    /// Removes what the case created, last first. The exchanger receives what can't be removed.
    pub async fn undo(mut self) -> CaseOutcome {
        self.interpreter.undo_all().await;
        self.interpreter.outcome(self.reason)
    }
}

impl Interpreter<'_> {
    /// Runs the steps; the reason says why not all of them were run, if no finding does.
    async fn run(&mut self) -> Option<String> {
        let reason = self.run_steps().await;
        if reason.is_some() || !self.findings.is_empty() {
            return reason;
        }
        self.ask_for_witnesses().await.err().map(|none| none.to_string())
    }

    async fn run_steps(&mut self) -> Option<String> {
        let case = self.case;
        // A difference between two answers, or a refused reading, is looked at a second time, once for each step.
        let mut doubted: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
        // So is one that breaks no promise of a document; it is dropped if it does not stay.
        let mut open: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
        let mut next = 0;
        while let Some(step) = case.steps.get(next) {
            let (index, before, open_before) = (next, self.findings.len(), self.open.len());
            next += 1;
            self.at = index;
            self.suite = Arc::clone(step.suite.as_ref().unwrap_or(&case.suite));
            let done = match &step.action {
                PlannedAction::Call { calls, until } => self.call_each(step, calls, until.as_ref()).await,
                PlannedAction::Await { .. } => self.await_job(step).await,
                PlannedAction::Paginate(call) => self.paginate(step, call).await,
            };
            match done {
                Ok(()) => match doubted.remove(&index) {
                    None => match self.moved_since(index, open_before) {
                        Some(since) if !open.contains_key(&index) => {
                            open.insert(index, self.open.split_off(open_before));
                            (next, self.steps_run) = (since, since);
                        }
                        _ => self.steps_run += 1,
                    },
                    Some(doubted) => {
                        self.findings.extend(doubted.into_iter().map(passing));
                        return None;
                    }
                },
                Err(Stop::Found) => match self.look_again_from(index, before) {
                    Some(since) if !doubted.contains_key(&index) => {
                        doubted.insert(index, self.findings.split_off(before));
                        (next, self.steps_run) = (since, since);
                    }
                    _ => return None,
                },
                Err(Stop::Over(none)) => {
                    // A record of an earlier version does not have the second look.
                    let is_whole = !matches!(none, NoExchange::NotRecorded);
                    if let Some((&again, found)) =
                        open.last_key_value().filter(|(again, _)| !is_whole && index <= **again)
                    {
                        self.open.extend(found.iter().cloned());
                        (next, self.steps_run) = (again + 1, again + 1);
                        continue;
                    }
                    let doubted = doubted.into_values().flatten();
                    self.findings.extend(doubted.map(|finding| if is_whole { passing(finding) } else { finding }));
                    return Some(none.to_string());
                }
            }
        }
        None
    }

    /// The step from which on to look again before what was found in a step counts.
    fn look_again_from(&self, index: usize, before: usize) -> Option<usize> {
        if !self.exchanger.looks_again() {
            return None;
        }
        let found = &self.findings[before..];
        let is_refused = || was_refused_reading(self.case, index, found, &self.exchanges).then_some(index);
        let counts = found.iter().all(|finding| finding.verdict == Verdict::Violates);
        compared_since(self.case, index, found).filter(|_| counts).or_else(is_refused)
    }

    /// The same for a difference that breaks no promise of a document.
    fn moved_since(&self, index: usize, before: usize) -> Option<usize> {
        let open = self.open.get(before..).filter(|_| self.exchanger.looks_again())?;
        let decides_nothing = open.iter().all(|finding| finding.verdict == Verdict::Inconclusive);
        compared_since(self.case, index, open).filter(|_| decides_nothing)
    }
}
