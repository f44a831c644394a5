//! Removes what a case created: last first, after failure and interruption too.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::plan::PlannedCall;
use crate::scenario::{JobEnd, Template};
use crate::verdict::{JobState, JudgedAnswer, judge_answer, shown};
use assay_formats::record::{Obligation, ObligationKind, Origin, Part, removal};
use assay_suite::source::Place;
use assay_suite::{Effect, OperationName, plain};

use super::await_job::{Job, JobReport, outcome_of};
use super::claims::{Gone, Thing};
use super::looks::{Known, Look};
use super::obligations::{Arguments, HeldObligation};
use super::polling::PollInterval;
use super::walk::Interpreter;

/// What could not be removed.
#[derive(Default)]
pub(super) struct LeftOver {
    left: Vec<Left>,
    /// The number of the obligation that is being seen to.
    of: u64,
    /// What is looked for in its stead.
    sought: Option<ObligationKind>,
}

/// Something that could not be removed.
pub(super) struct Left {
    /// The number of the obligation, if it is met by the removal of this alone.
    number: Option<u64>,
    /// The number of the obligation in any case.
    of: u64,
    /// The arguments of its removal.
    arguments: Arguments,
    /// The message.
    what: String,
    /// Whether it can be removed later, as the deployment says.
    busy: bool,
    /// What it was found by, where that is not what the obligation names.
    sought: Option<ObligationKind>,
}

impl LeftOver {
    /// Keeps something to be tried again when the run is over.
    pub fn postpone(&mut self, what: String) {
        let (of, arguments) = (self.of, Arguments::new());
        self.left.push(Left { number: None, of, arguments, what, busy: true, sought: None });
    }

    /// Keeps what a removal came to nothing for.
    pub fn keep(&mut self, number: Option<u64>, arguments: Arguments, kind: &ObligationKind, why: NotRemoved) {
        let busy = matches!(why, NotRemoved::Busy(_));
        let what = format!("{kind}, but {}", String::from(why));
        let (of, sought) = (self.of, self.sought.clone());
        self.left.push(Left { number, of, arguments, what, busy, sought });
    }

    /// What is kept from here on was found by this.
    pub fn seek(&mut self, sought: Option<ObligationKind>) {
        self.sought = sought;
    }

    /// What belonged to a thing that was removed after it is gone as well: the interface of a machine, with the machine, and
    /// that a volume is attached, with the volume. What only changes a thing leaves the thing itself.
    fn gone_with(&mut self, removed: &Arguments, effect: Option<Effect>) -> Vec<u64> {
        let is_whole = effect == Some(Effect::Removes) && removed.len() == 1;
        let is_gone = |left: &Left| {
            let names = |(_, value): &(String, Value)| left.arguments.iter().any(|(_, known)| known == value);
            (is_whole || left.arguments.len() > 1) && removed.iter().any(names)
        };
        let (gone, left) = std::mem::take(&mut self.left).into_iter().partition::<Vec<_>, _>(is_gone);
        self.left = left;
        gone.into_iter().filter_map(|gone| gone.number).collect()
    }
}

/// A removal.
pub(super) struct Removal<'a> {
    /// The number of the obligation, if it is met by this alone.
    pub number: Option<u64>,
    pub operation: &'a OperationName,
    pub arguments: Arguments,
    pub account: Option<&'a str>,
    pub origin: Option<Origin>,
    pub claimed: Claimed,
}

/// How something that is to be removed was seen.
pub(super) enum Claimed {
    /// In this way: by that it is seen to be gone.
    Seen(Box<Look>, Box<Known>),
    /// Not at all.
    Unseen,
}

impl<'a> Removal<'a> {
    pub fn of(thing: &Thing<'a>, claimed: Claimed) -> Self {
        Self {
            number: Some(thing.number),
            operation: thing.call,
            arguments: thing.arguments.clone(),
            account: thing.account,
            origin: Some(thing.origin.clone()),
            claimed,
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// What a case has to remove.
    Undo,
    /// What is there before anything is created.
    Survey,
}

/// How a removal that was not refused was answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// It is done.
    Accepted,
    /// There is nothing to remove.
    NotFound,
}

/// Why a removal came to nothing.
pub(super) enum NotRemoved {
    /// The deployment refuses it, as it says.
    Refused(String),
    /// It says that the thing is busy: it can be removed later.
    Busy(String),
    /// Anything else.
    Failed(String),
}

impl From<NotRemoved> for String {
    fn from(why: NotRemoved) -> Self {
        let (NotRemoved::Refused(why) | NotRemoved::Busy(why) | NotRemoved::Failed(why)) = why;
        why
    }
}

/// Something that can be removed once it is done with what it is at.
#[derive(Clone, Debug)]
pub struct Postponed {
    /// Its number among the case's obligations.
    pub number: u64,
    /// What it is.
    pub obligation: Obligation,
    /// The message if it stays.
    pub what: String,
}

/// Whether an obligation is met.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is.
    Met,
    /// Something is left, and reported.
    Left,
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
        let Removal { number, operation, arguments, origin, .. } = removal;
        match removed {
            Ok(()) => {
                let effect = self.suite.operations.get(operation).map(|operation| operation.effect);
                left.gone_with(&arguments, effect).into_iter().for_each(|number| self.obligations.met(number));
                self.obligations.met_alike(&self.suite.name.value, operation, &arguments);
                Outcome::Met
            }
            Err(why) => {
                let kind = ObligationKind::Thing { call: operation.clone(), arguments: arguments.clone(), origin };
                left.keep(number, arguments, &kind, why);
                Outcome::Left
            }
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

    /// Makes one request that must be accepted; the error says what came instead. Nothing comes of it where nothing is any more.
    pub(super) async fn ask_to_undo(
        &mut self,
        operation: &OperationName,
        arguments: Arguments,
        account: Option<&str>,
    ) -> Result<Option<JudgedAnswer>, NotRemoved> {
        self.ask_for(Asking::Undo, operation, arguments, account).await
    }

    /// The same, for what it is.
    pub(super) async fn ask_for(
        &mut self,
        asking: Asking,
        operation: &OperationName,
        arguments: Arguments,
        account: Option<&str>,
    ) -> Result<Option<JudgedAnswer>, NotRemoved> {
        /// What a web server says of what is not there, or not any more.
        const NOT_FOUND: [u16; 2] = [404, 410];
        /// What it says when it can be asked again later (RFC 6585, 4; RFC 9110, 15.6.4).
        const LATER: [u16; 2] = [429, 503];
        let case = self.case;
        let templates =
            arguments.iter().map(|(name, value)| (name.clone(), Template::Literal(value.clone()))).collect();
        let call = PlannedCall::plain(operation, templates, case.format, Place::start_of(&case.scenario.file));
        let call = PlannedCall { account: account.map(str::to_owned), ..call };
        let exchange = match asking {
            Asking::Undo => self.exchange(Part::Undo, &call, arguments).await,
            Asking::Survey => self.survey(&call, arguments).await,
        };
        let exchange = exchange.map_err(|none| NotRemoved::Failed(none.to_string()))?;
        let judged = judge_answer(self.asked(&call), &[], &exchange, &self.bindings);
        if judged.accepted {
            return Ok(Some(judged));
        }
        let observed = judged.departures.first().map(|(_, departure)| departure.observed.clone());
        let why = observed.unwrap_or_else(|| "it was refused".to_owned());
        match exchange.outcome {
            Ok(response) if NOT_FOUND.contains(&response.status) => Ok(None),
            Ok(response) if LATER.contains(&response.status) || self.suite.says_busy(&response.body) => {
                Err(NotRemoved::Busy(why))
            }
            Ok(_) => Err(NotRemoved::Refused(why)),
            Err(_) => Err(NotRemoved::Failed(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_could_not_be_undone_is_gone_with_the_thing_and_not_with_a_change_of_it() {
        let volume = vec![("id".to_owned(), json!("v"))];
        let left_of = |number, arguments| {
            let (what, sought) = (String::new(), None);
            let left = vec![Left { number: Some(number), of: number, arguments, what, busy: false, sought }];
            LeftOver { left, of: number, sought: None }
        };
        let left = || left_of(7, volume.clone());
        assert_eq!(left().gone_with(&volume, Some(Effect::Removes)), [7]);
        assert_eq!(left().gone_with(&volume, Some(Effect::Changes)), [0; 0]);
        let interface = vec![("machine".to_owned(), json!("v")), ("id".to_owned(), json!("n"))];
        assert_eq!(left().gone_with(&interface, Some(Effect::Removes)), [0; 0]);
        let mut left = left_of(8, interface);
        assert_eq!(left.gone_with(&volume, None), [8]);
        assert!(left.left.is_empty());
    }
}
