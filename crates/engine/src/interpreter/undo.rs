//! Removes what a case created: last first, after failure and interruption too.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::scenario::JobEnd;
use crate::verdict::{JobState, shown};
use assay_formats::record::{Obligation, ObligationKind, Part, removal};
use assay_suite::source::Place;
use assay_suite::{OperationName, plain};

use super::asking::NotRemoved;
use super::exchanger::Postponed;
use super::job::{Job, JobReport, outcome_of};
use super::obligations::HeldObligation;
use super::ownership::Arguments;
use super::polling::PollInterval;
use super::removal::{Claimed, Gone, Left, LeftOver, Outcome, Removal, Thing};
use super::state::Interpreter;

/// How a removal that was not refused was answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// It is done.
    Accepted,
    /// There is nothing to remove.
    NotFound,
}

impl Interpreter<'_> {
    pub(super) async fn undo_all(&mut self) {
        let mut left = LeftOver::default();
        let mut unmet = BTreeMap::new();
        while let Some(obligation) = self.obligations.next() {
            self.suite = Arc::clone(&obligation.suite);
            let number = obligation.number;
            left.of = number;
            if self.undo_one(&obligation, &mut left).await == Outcome::Met {
                self.obligations.met(number);
            } else {
                unmet.insert(number, self.obligations.recorded(&obligation));
            }
            self.report_changes();
        }
        self.report_left(left, &unmet);
    }

    /// Reports what is left. Where something is busy, what it belongs to may be refused for that: all of it can be tried later.
    fn report_left(&mut self, left: LeftOver, unmet: &BTreeMap<u64, Obligation>) {
        let is_busy = left.left.iter().any(|left| left.busy);
        let mut postponed = Vec::new();
        for Left { of, what, sought, .. } in left.left {
            match unmet.get(&of) {
                Some(obligation) if is_busy => {
                    let kind = sought.unwrap_or_else(|| obligation.kind.clone());
                    postponed.push(Postponed {
                        number: of,
                        obligation: Obligation { kind, ..obligation.clone() },
                        what,
                    });
                }
                _ => self.exchanger.left_over(&what),
            }
        }
        if !postponed.is_empty() {
            self.exchanger.postponed(postponed);
        }
    }

    async fn undo_one(&mut self, obligation: &HeldObligation, left: &mut LeftOver) -> Outcome {
        let account = obligation.account.as_deref();
        match &obligation.kind {
            ObligationKind::Request { .. } => self.look_for(obligation, left).await,
            ObligationKind::Job { id, of, .. } => self.learn(obligation, id, of, account).await,
            ObligationKind::Thing { call, arguments, origin } => {
                let Some(origin) = origin.clone() else {
                    let what = format!("{}: its record does not say by what it is the run's", removal(call, arguments));
                    self.exchanger.left_over(&what);
                    return Outcome::Left;
                };
                match Thing::of(obligation, origin) {
                    Some(thing) => Box::pin(self.undo_thing(thing, left)).await,
                    None => Outcome::Met,
                }
            }
            ObligationKind::Lookup { .. } => self.find_and_remove(obligation, left).await,
        }
    }

    pub(super) async fn remove_or_keep(&mut self, removal: Removal<'_>, left: &mut LeftOver) -> Outcome {
        let removed = self.remove_in_time(&removal).await;
        let Removal { number, operation, arguments, account, origin, claimed } = removal;
        match removed {
            Ok(()) => {
                let effect = self.suite.operations.get(operation).map(|operation| operation.effect);
                for gone in left.gone_with(&arguments, effect) {
                    if self.is_there_all_the_same(&gone).await {
                        left.left.push(gone);
                    } else if let Some(number) = gone.number {
                        self.obligations.met(number);
                    }
                }
                self.obligations.met_alike(&self.suite.name.value, operation, &arguments, account);
                Outcome::Met
            }
            Err(why) => {
                let kind = ObligationKind::Thing { call: operation.clone(), arguments: arguments.clone(), origin };
                left.keep(number, arguments, &kind, why);
                left.seen(claimed, account);
                Outcome::Left
            }
        }
    }

    /// Whether something shows though what it was in is gone.
    async fn is_there_all_the_same(&mut self, left: &Left) -> bool {
        match &left.claimed {
            Claimed::Seen(look, known) => self.is_gone(look, known, left.account.as_deref()).await == Gone::StillThere,
            Claimed::Unseen => false,
        }
    }

    /// Carries out what must come before a removal. Its outcome shows in the removal.
    async fn prepare_removal(&mut self, removal: &Removal<'_>) {
        let suite = Arc::clone(&self.suite);
        let creating = removal.origin.as_ref().and_then(|origin| suite.operations.get(&origin.operation));
        let undo =
            creating.and_then(|operation| operation.undo.as_ref()).filter(|undo| undo.call.value == *removal.operation);
        if let Some(first) = undo.and_then(|undo| undo.first.as_ref()) {
            let _ = self.remove(first, removal.arguments.clone(), removal.account).await;
        }
    }

    /// Removes something, and looks whether it is gone. What is refused is tried again for as long as it may be busy with
    /// what was never heard of again.
    async fn remove_in_time(&mut self, removal: &Removal<'_>) -> Result<(), NotRemoved> {
        let Removal { operation, arguments, account, claimed, .. } = removal;
        self.prepare_removal(removal).await;
        let mut pauses = PollInterval::default();
        loop {
            let removed = self.remove(operation, arguments.clone(), *account).await;
            let gone = match claimed {
                Claimed::Seen(look, known) => self.is_gone(look, known, *account).await,
                Claimed::Unseen => Gone::Unknown,
            };
            let why = match (removed, gone) {
                (_, Gone::Shown) => return Ok(()),
                (Ok(_), Gone::Unknown) => {
                    if matches!(claimed, Claimed::Seen(..)) {
                        let removal = assay_formats::record::removal(operation, arguments);
                        let what = format!("{removal} was accepted, but nothing shows whether it is gone");
                        self.exchanger.unproven(&what);
                    }
                    return Ok(());
                }
                (Ok(answered), Gone::StillThere) => {
                    let why = match answered {
                        Answered::Accepted => "it is still there after that was accepted",
                        Answered::NotFound => "the answer is that there is no such thing, but it is still there",
                    };
                    return Err(NotRemoved::Failed(why.to_owned()));
                }
                (Err(why), _) => why,
            };
            if matches!(why, NotRemoved::Failed(_)) || self.patience.is_zero() {
                return Err(why);
            }
            let pause = pauses.next_pause().min(self.patience);
            self.exchanger.pause(pause).await;
            self.patience -= pause;
        }
    }

    /// Follows a job that was not followed, to learn what it created.
    async fn learn(
        &mut self,
        obligation: &HeldObligation,
        id: &Value,
        of: &OperationName,
        account: Option<&str>,
    ) -> Outcome {
        let (case, suite) = (self.case, Arc::clone(&self.suite));
        let Some(jobs) = &suite.jobs else { return Outcome::Met };
        let place = Place::start_of(&case.scenario.file);
        let job = self.undo_job(id, of, account, &place);
        match self.follow(jobs, &job).await {
            // What says nothing that is documented has not ended.
            Ok(followed) if followed.state.as_ref().is_ok_and(|state| state.end().is_some()) => {
                let end = followed.state.as_ref().ok().and_then(JobState::end);
                let said = self.said_for(id).to_vec();
                let report = JobReport::of(jobs, &said, followed.judged.value.as_ref());
                self.obligations.job_brought(&suite, &job, Some(obligation.clone()), end, report);
                return Outcome::Met;
            }
            Ok(_) => self.exchanger.left_over(&format!("job {} of {of} has not ended", plain(id))),
            Err(why) => self.exchanger.left_over(&format!("job {} of {of}: {why}", plain(id))),
        }
        Outcome::Left
    }

    pub(super) async fn remove(
        &mut self,
        operation: &OperationName,
        arguments: Arguments,
        account: Option<&str>,
    ) -> Result<Answered, NotRemoved> {
        let failed = |why: &str| Err(NotRemoved::Failed(why.to_owned()));
        let (case, suite) = (self.case, Arc::clone(&self.suite));
        let Some(judged) = self.ask_to_undo(operation, arguments, account).await? else {
            return Ok(Answered::NotFound);
        };
        let Some(jobs) = &suite.jobs else { return Ok(Answered::Accepted) };
        let id = judged.value.as_ref().and_then(|value| jobs.id_in(value)).cloned();
        // Whether an undocumented operation has a job shows only in its answer.
        let Some(id) = id else {
            let asynchronous = suite.operations.get(operation).is_some_and(|operation| operation.asynchronous);
            return if asynchronous { failed("its job has no id") } else { Ok(Answered::Accepted) };
        };
        let place = Place::start_of(&case.scenario.file);
        let job = self.undo_job(&id, operation, account, &place);
        let followed = self.follow(jobs, &job).await.map_err(|none| NotRemoved::Failed(none.to_string()))?;
        match followed.state {
            Ok(JobState::Ended(JobEnd::Succeeded)) => Ok(Answered::Accepted),
            Ok(_) => Err(self.failed_job(outcome_of(jobs, followed.judged.value.as_ref()))),
            Err(_) => failed("its job has not ended"),
        }
    }

    /// Why a job that was to remove something failed, as it reports.
    fn failed_job(&self, result: Option<&Value>) -> NotRemoved {
        let rendered = result.map(plain).unwrap_or_default();
        let why = result.map_or("its job failed".to_owned(), |result| format!("its job failed: {}", shown(result)));
        if self.suite.says_busy(&rendered) { NotRemoved::Busy(why) } else { NotRemoved::Failed(why) }
    }

    fn undo_job<'a>(
        &self,
        id: &'a Value,
        of: &'a OperationName,
        account: Option<&'a str>,
        place: &'a Place,
    ) -> Job<'a> {
        Job { id, of: Some(of), within: self.case.longest_job, part: Part::Undo, place, account, expect: Vec::new() }
    }
}
