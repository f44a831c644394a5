//! What a case has created, and so has to remove.

use std::sync::Arc;

use serde_json::Value;

use crate::plan::PlannedCall;
use crate::scenario::JobEnd;
use assay_formats::record::{Change, Obligation, ObligationKind, Origin};
use assay_suite::{Effect, Encoding, Operation, OperationName, Suite, SuiteName, Undo, plain};

use super::created::{created, named_at_once, named_by_job, origin, with_location};
use super::job::{Job, JobReport};
use super::ownership::{Arguments, Bearing, bearing, decisive, holds, identities, owners, stem};

/// What a case has to remove before it is over. The recorder of a run receives every change, in order: what is new before
/// what it takes the place of, so that nothing is lost in between.
#[derive(Debug)]
pub(super) struct Obligations {
    open: Vec<HeldObligation>,
    /// The format in which the case asks.
    format: Encoding,
    next_number: u64,
    /// How many requests were sent that create something.
    creating: u64,
    /// Whether a request that removes something was accepted.
    has_removed: bool,
    unreported: Vec<Change>,
}

/// Something that a case has to see to before it is over, of which suite, and who is to ask for it: the main account when
/// nothing is said.
#[derive(Clone, Debug)]
pub(super) struct HeldObligation {
    /// No other of the case has it.
    pub number: u64,
    pub suite: Arc<Suite>,
    pub account: Option<String>,
    pub kind: ObligationKind,
    pub standing: Standing,
}

/// What is known of something that is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The answer that created it said that it exists.
    Named,
    /// It was seen, with the name that the run gave it if it gave one.
    Seen,
    /// A job that was to create it failed: it may exist all the same.
    Doubtful,
    /// The case had it removed: that was accepted.
    Removed,
}

/// Whether it is known what a request created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// All of it, or that it was nothing.
    Whole,
    /// It may have created something that no answer named.
    None,
    /// It changed what is to be set back: that is an obligation already.
    Kept,
    /// Its answer was read, but does not name what it created, for this reason.
    Unclear(String),
}

/// A request that was carried out.
pub(super) struct Accepted<'a> {
    pub suite: &'a Arc<Suite>,
    pub call: &'a PlannedCall,
    /// What it was sent with.
    pub sent: &'a [(String, Value)],
    /// What nothing else has in its name.
    pub unique: &'a Value,
    /// How what it created is distinguished from what others created, if that was noted when it was sent.
    pub origin: Option<&'a Origin>,
    pub answer: Option<&'a Value>,
    /// The identity that the address in its answer ends with.
    pub located: Option<&'a Value>,
}

impl Obligations {
    /// Of a case that asks in a format.
    pub fn new(format: Encoding) -> Self {
        Self { open: Vec::new(), format, next_number: 0, creating: 0, has_removed: false, unreported: Vec::new() }
    }

    /// What an earlier run left. Its record has it already.
    pub fn take_over(&mut self, obligation: HeldObligation) {
        self.next_number = self.next_number.max(obligation.number + 1);
        self.creating = self.next_number;
        self.open.push(obligation);
    }

    /// What has changed since this was last asked.
    pub fn changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.unreported)
    }

    /// An obligation as a record has it.
    pub fn recorded(&self, obligation: &HeldObligation) -> Obligation {
        recorded(obligation, self.format)
    }

    /// How many requests were sent that create something; of an earlier run at most so many.
    pub fn creating(&self) -> u64 {
        self.creating
    }

    /// Whether the case removed something by itself.
    pub fn has_removed(&self) -> bool {
        self.has_removed
    }

    /// An answer to a reading shows what there is.
    pub fn seen(&mut self, suite: &Suite, answer: &Value) {
        for obligation in self.open.iter_mut().filter(|one| one.standing == Standing::Named) {
            let ObligationKind::Thing { arguments, origin: Some(origin), .. } = &obligation.kind else { continue };
            let undo = suite.operations.get(&origin.operation).and_then(|operation| operation.undo.as_ref());
            let identities = undo.map(|undo| identities(suite, undo, origin, arguments)).unwrap_or_default();
            let Some(identity) = identities.first().filter(|_| identities.len() == 1) else { continue };
            let Some(item) = identity.within(origin.name.as_ref(), answer) else { continue };
            let shows = bearing(origin.name.as_ref(), item);
            if shows == Bearing::Own || (shows == Bearing::Silent && origin.name.is_none()) {
                obligation.standing = Standing::Seen;
            }
        }
    }

    /// Whether something that is still to be removed has one of these values in its removal.
    pub fn names(&self, value: &Value) -> bool {
        self.open.iter().filter(|obligation| !obligation.sets_back()).any(|obligation| match &obligation.kind {
            ObligationKind::Thing { arguments, .. } => arguments.iter().any(|(_, known)| plain(known) == plain(value)),
            ObligationKind::Job { named, .. } => named.iter().any(|(_, known)| plain(known) == plain(value)),
            ObligationKind::Request { .. } | ObligationKind::Lookup { .. } => false,
        })
    }

    /// What was created before something else, was named by the request that created that, and is named in a value.
    pub fn owners_of(&self, value: &Value, origin: &Origin, before: u64) -> Vec<HeldObligation> {
        let is_named = |(_, known): &(String, Value)| {
            origin.owners.iter().any(|owner| known.as_str() == Some(owner) && holds(value, owner))
        };
        let names = |one: &&HeldObligation| match &one.kind {
            ObligationKind::Thing { arguments, .. } => arguments.iter().any(is_named),
            _ => false,
        };
        self.open.iter().filter(|one| one.number < before).filter(names).cloned().collect()
    }

    /// How what a request creates is distinguished, by what it is sent with and what in it is unique.
    fn origin(&self, suite: &Suite, operation: &Operation, undo: &Undo, sent: (&[(String, Value)], &Value)) -> Origin {
        let things = self.open.iter().filter_map(|one| match &one.kind {
            ObligationKind::Thing { arguments, .. } => Some(arguments),
            ObligationKind::Job { .. } | ObligationKind::Request { .. } | ObligationKind::Lookup { .. } => None,
        });
        let (sent, unique) = sent;
        Origin { owners: owners(things.flatten(), sent), ..origin(suite, operation, undo, sent, unique) }
    }

    /// A request is about to be sent. If it creates something, there is an obligation until its answer is read.
    pub fn asked(
        &mut self,
        suite: &Arc<Suite>,
        call: &PlannedCall,
        arguments: &[(String, Value)],
        unique: &Value,
    ) -> Option<u64> {
        let operation = suite.operations.get(call.operation.as_str())?;
        let undo = operation.undo.as_ref().filter(|undo| undo.sets_back().is_none())?;
        let origin = self.origin(suite, operation, undo, (arguments, unique));
        self.creating += 1;
        let name = origin.name.as_ref().map(|name| name.unique.clone());
        let operation = operation.name.value.clone();
        let kind = ObligationKind::Request { operation, name, unclear: None, origin: Some(origin) };
        Some(self.open(suite, call.account.clone(), kind))
    }

    /// What a request created is not clear from its answer.
    pub fn unclear(&mut self, number: u64, why: &str) {
        let Some(obligation) = self.open.iter_mut().find(|obligation| obligation.number == number) else { return };
        if let ObligationKind::Request { unclear, .. } = &mut obligation.kind {
            *unclear = Some(why.to_owned());
        }
        let change = opened(obligation, self.format);
        self.unreported.push(change);
    }

    /// A request was carried out: it may have created something, or removed what was to be removed.
    pub fn accepted(&mut self, accepted: &Accepted<'_>) -> Knowledge {
        let Accepted { suite, call, sent, unique, answer, .. } = *accepted;
        let operation = suite.operations.get(call.operation.as_str());
        self.note_removals(suite, &call.operation, sent);
        let job = suite.jobs.as_ref().filter(|_| operation.is_some_and(|operation| operation.asynchronous));
        if job.and_then(|jobs| jobs.id_in(answer?)).is_none() {
            self.note_changes(suite, &call.operation, sent);
        }
        let Some(operation) = operation else { return Knowledge::Whole };
        let goes = operation.effect == Effect::Creates && self.goes_with_own(operation, sent, unique);
        if let Some(what) = operation.stays().filter(|_| !goes) {
            self.unreported.push(Change::NotRemovable { what });
        }
        self.unreported.extend(lasting(operation, sent).map(|what| Change::NotRemovable { what }));
        match (operation.effect, answer) {
            (Effect::Changes, _) => self.forget_names(sent),
            (Effect::Reads, Some(answer)) => self.seen(suite, answer),
            (Effect::Reads | Effect::Creates | Effect::Removes, _) => {}
        }
        let Some(undo) = &operation.undo else { return self.await_job(accepted, operation) };
        if undo.sets_back().is_some() {
            return Knowledge::Kept;
        }
        let origin = accepted.origin.cloned().unwrap_or_else(|| self.origin(suite, operation, undo, (sent, unique)));
        let origin = with_location(origin, undo, accepted.located);
        if let (true, Some(jobs)) = (operation.asynchronous, &suite.jobs) {
            let Some(id) = answer.and_then(|answer| jobs.id_in(answer)).cloned() else { return Knowledge::None };
            let named = answer.and_then(|answer| named_at_once(undo, answer, &origin)).unwrap_or_default();
            let of = operation.name.value.clone();
            self.open(suite, call.account.clone(), ObligationKind::Job { id, of, origin: Some(origin), named });
            return Knowledge::Whole;
        }
        match created(operation, undo, answer, &origin) {
            Ok(kinds) if kinds.is_empty() => Knowledge::None,
            Ok(kinds) => {
                for kind in kinds {
                    self.open(suite, call.account.clone(), kind);
                }
                Knowledge::Whole
            }
            Err(why) => Knowledge::Unclear(why),
        }
    }

    /// Whether what a request creates goes with things of the run: they are all still to be removed, or have its name.
    fn goes_with_own(&self, operation: &Operation, sent: &[(String, Value)], unique: &Value) -> bool {
        let unique = plain(unique);
        let is_own = |id: &Value| self.names(id) || (!unique.is_empty() && plain(id).contains(&unique));
        let is_it = |name: &str| operation.belongs_to.iter().any(|parameter| parameter.value == name);
        match sent.iter().find(|(name, _)| is_it(name)) {
            Some((_, Value::Array(ids))) => ids.iter().all(is_own),
            Some((_, id)) => plain(id).split(',').all(|id| is_own(&Value::from(id))),
            None => false,
        }
    }

    /// The job of something that creates nothing may still be at work on what is to be removed.
    fn await_job(&mut self, accepted: &Accepted<'_>, operation: &Operation) -> Knowledge {
        let Accepted { suite, call, answer, .. } = *accepted;
        let (true, Some(jobs)) = (operation.asynchronous, &suite.jobs) else { return Knowledge::None };
        let Some(id) = answer.and_then(|answer| jobs.id_in(answer)).cloned() else { return Knowledge::None };
        let of = operation.name.value.clone();
        self.open(suite, call.account.clone(), ObligationKind::Job { id, of, origin: None, named: Vec::new() });
        Knowledge::Whole
    }

    /// What the case had removed is still looked for: an answer shows nothing.
    fn note_removals(&mut self, suite: &Suite, call: &str, sent: &[(String, Value)]) {
        let operation = suite.operations.get(call);
        if operation.is_some_and(|operation| operation.effect != Effect::Removes) {
            return;
        }
        self.has_removed |= operation.is_some();
        let is_removed = is_undone_by(suite, call, sent);
        self.open
            .iter_mut()
            .filter(|obligation| is_removed(obligation))
            .for_each(|one| one.standing = Standing::Removed);
    }

    /// What was only changed is as it was, once it is done: a job may still fail.
    fn note_changes(&mut self, suite: &Suite, call: &str, sent: &[(String, Value)]) {
        let operation = suite.operations.get(call);
        if operation.is_some_and(|operation| operation.effect != Effect::Removes) {
            self.meet_those(is_undone_by(suite, call, sent));
        }
    }

    /// What was changed may have another name now, unless the change gives it one of the run again. An action that is sent nothing
    /// but what it acts on renames nothing.
    fn forget_names(&mut self, sent: &[(String, Value)]) {
        let format = self.format;
        if sent.iter().all(|(_, value)| self.names(value)) {
            return;
        }
        for obligation in &mut self.open {
            let ObligationKind::Thing { arguments, origin: Some(origin), .. } = &mut obligation.kind else { continue };
            let is_changed = arguments.iter().any(|(_, id)| sent.iter().any(|(_, value)| plain(value) == plain(id)));
            let is_named_again =
                origin.name.as_ref().is_some_and(|name| sent.iter().any(|(_, value)| holds(value, &name.unique)));
            if is_changed && !is_named_again && origin.name.take().is_some() {
                let change = opened(obligation, format);
                self.unreported.push(change);
            }
        }
    }

    /// A job that was asked for with this has ended; what it created is in its result. If that does not name it, what its first
    /// answer named is.
    pub fn job_ended(&mut self, suite: &Arc<Suite>, job: &Job<'_>, end: Option<JobEnd>, report: JobReport<'_>) {
        let is_of =
            |obligation: &&HeldObligation| matches!(&obligation.kind, ObligationKind::Job { id, .. } if id == job.id);
        let known = self.open.iter().find(is_of).cloned();
        self.job_brought(suite, job, known, end, report);
        self.meet_those(|obligation| is_of(&obligation));
    }

    /// The same of a job that is no obligation any more.
    pub fn job_brought(
        &mut self,
        suite: &Arc<Suite>,
        job: &Job<'_>,
        known: Option<HeldObligation>,
        end: Option<JobEnd>,
        JobReport { said, result, instance }: JobReport<'_>,
    ) {
        let (mut of, mut origin, mut named) = (job.of.cloned(), None, Vec::new());
        if let Some(ObligationKind::Job { of: known, origin: from, named: at_once, .. }) = known.map(|known| known.kind)
        {
            (of, origin, named) = (Some(known), from, at_once);
        }
        if let Some(of) = of.as_ref().filter(|_| end == Some(JobEnd::Succeeded)) {
            self.note_changes(suite, &of.0, said);
        }
        let operation = of.and_then(|of| suite.operations.get(&of));
        let Some((operation, undo)) = operation.and_then(|operation| Some((operation, operation.undo.as_ref()?)))
        else {
            return;
        };
        let account = job.account.map(str::to_owned);
        let origin = origin.unwrap_or_else(|| Origin::of(operation.name.value.clone()));
        let named = Some(named).filter(|named| !named.is_empty());
        let named = named.or_else(|| named_by_job(suite, operation, instance?, &origin));
        let brought = match end {
            Some(JobEnd::Failed) => Ok(Vec::new()),
            _ => created(operation, undo, result, &origin),
        };
        match (brought, named) {
            (Ok(kinds), _) if !kinds.is_empty() => {
                for kind in kinds {
                    self.open(suite, account.clone(), kind);
                }
            }
            (_, Some(arguments)) => {
                let call = undo.call.value.clone();
                self.open(suite, account, ObligationKind::Thing { call, arguments, origin: Some(origin) });
                self.doubt_last(end);
            }
            (Err(why), None) => self.open_unclear(suite, account, origin, &why),
            // What it left can be found by its name alone.
            (Ok(_), None) if end == Some(JobEnd::Failed) => {
                if origin.name.is_some() {
                    self.open_unclear(suite, account, origin, "its job failed, but something has its name");
                    self.doubt_last(end);
                }
            }
            (Ok(_), None) => {
                self.open_unclear(suite, account, origin, "its job has ended, but does not name what it created");
            }
        }
    }

    /// What a job that failed was to create may not exist.
    fn doubt_last(&mut self, end: Option<JobEnd>) {
        if let Some(last) = self.open.last_mut().filter(|_| end == Some(JobEnd::Failed)) {
            last.standing = Standing::Doubtful;
        }
    }

    fn open_unclear(&mut self, suite: &Arc<Suite>, account: Option<String>, origin: Origin, why: &str) {
        let (operation, name) = (origin.operation.clone(), origin.name.as_ref().map(|name| name.unique.clone()));
        let kind = ObligationKind::Request { operation, name, unclear: Some(why.to_owned()), origin: Some(origin) };
        self.open(suite, account, kind);
    }

    /// What is still to be removed, named by the answer that created it and not looked at yet, and has one of these values.
    pub fn unseen(&self, sent: &[(String, Value)]) -> Option<HeldObligation> {
        let is_named = |obligation: &&HeldObligation| match &obligation.kind {
            ObligationKind::Thing { arguments, .. } => {
                let names = |(_, id): &(String, Value)| sent.iter().any(|(_, value)| plain(value) == plain(id));
                obligation.standing == Standing::Named && arguments.iter().any(names)
            }
            ObligationKind::Job { .. } | ObligationKind::Lookup { .. } | ObligationKind::Request { .. } => false,
        };
        self.open.iter().filter(|one| !one.sets_back()).find(is_named).cloned()
    }

    /// It was looked at, and is the run's own.
    pub fn is_own(&mut self, number: u64) {
        let seen = self.open.iter_mut().filter(|obligation| obligation.number == number);
        seen.for_each(|obligation| obligation.standing = Standing::Seen);
    }

    /// The latest that is not met. It stays open until it is reported as met.
    pub fn next(&mut self) -> Option<HeldObligation> {
        self.open.pop()
    }

    /// One was seen to.
    pub fn met(&mut self, number: u64) {
        self.open.retain(|obligation| obligation.number != number);
        self.unreported.push(Change::Met { number });
    }

    pub(super) fn open(&mut self, suite: &Arc<Suite>, account: Option<String>, kind: ObligationKind) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        let obligation = HeldObligation { number, suite: Arc::clone(suite), account, kind, standing: Standing::Named };
        self.unreported.push(opened(&obligation, self.format));
        self.open.push(obligation);
        number
    }

    /// A thing was removed: what else was to remove the same thing is met with that.
    pub fn met_alike(&mut self, suite: &SuiteName, removal: &OperationName, of: &Arguments, account: Option<&str>) {
        self.meet_those(|one| {
            // Another account may have another thing of the same name.
            if one.account.as_deref() != account {
                return false;
            }
            let ObligationKind::Thing { call, arguments, .. } = &one.kind else { return false };
            one.suite.name.value == *suite && call == removal && arguments == of
        });
    }

    fn meet_those(&mut self, is_met: impl Fn(&HeldObligation) -> bool) {
        let Self { open, unreported, .. } = self;
        open.retain(|obligation| {
            let met = is_met(obligation);
            unreported.extend(met.then_some(Change::Met { number: obligation.number }));
            !met
        });
    }
}

/// Whether a request undoes what an obligation is about.
fn is_undone_by<'a>(
    suite: &'a Suite,
    call: &'a str,
    sent: &'a [(String, Value)],
) -> impl Fn(&HeldObligation) -> bool + 'a {
    let operation = suite.operations.get(call);
    let given = |(name, wanted): &(String, Value)| {
        sent.iter().any(|(known, value)| stem(known) == stem(name) && plain(value) == plain(wanted))
    };
    // What two suites act on has one id, whatever the parameter that names it.
    let names = |(_, wanted): &(String, Value)| sent.iter().any(|(_, value)| plain(value) == plain(wanted));
    let removes = operation.is_some_and(|operation| operation.effect == Effect::Removes);
    move |obligation| match &obligation.kind {
        ObligationKind::Thing { arguments, .. } if obligation.suite.name.value != suite.name.value => {
            removes && arguments.iter().all(names)
        }
        ObligationKind::Thing { call: undo, arguments, .. } => {
            let is_it = undo.0 == call && decisive(operation, arguments).into_iter().all(given);
            is_it || removes && is_within(arguments, &decisive(operation, sent))
        }
        ObligationKind::Job { .. } | ObligationKind::Lookup { .. } | ObligationKind::Request { .. } => false,
    }
}

/// What else a request created, and is not removed with the rest.
fn lasting(operation: &Operation, sent: &[(String, Value)]) -> impl Iterator<Item = String> {
    let of = |(name, value): &(String, Value)| {
        let what = operation.parameters.get(name)?.lasting.as_ref()?;
        Some(format!("{what} that {} created for {name}={} is not removed", operation.name.value, plain(value)))
    };
    sent.iter().filter_map(of)
}

/// The change that opens an obligation.
fn opened(obligation: &HeldObligation, format: Encoding) -> Change {
    Change::ObligationOpened { number: obligation.number, obligation: recorded(obligation, format) }
}

/// An obligation as a record has it.
fn recorded(obligation: &HeldObligation, format: Encoding) -> Obligation {
    let HeldObligation { suite, account, kind, .. } = obligation;
    Obligation { suite: suite.name.value.clone(), account: account.clone(), format, kind: kind.clone() }
}

/// Whether a removal of something names what is in what was removed: it is gone with it, or is to be looked for.
fn is_within(arguments: &Arguments, removed: &[&(String, Value)]) -> bool {
    let [(_, removed)] = removed else { return false };
    arguments.len() > 1 && arguments.iter().any(|(_, value)| plain(value) == plain(removed))
}
