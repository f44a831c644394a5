//! `assay undo`: removes what a run left that was killed, or could not remove it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::output::{say, tell};
use assay_engine::deployment::{Ask, Redactor, Target, allow_line};
use assay_engine::interpreter::{CaseSecrets, Exchanger, Inventories, NoExchange, Session, Waits, undo_debts};
use assay_engine::plan::Library;
use assay_formats::record::load::{LoadEvent, LoadStarted};
use assay_formats::record::{
    Change, Debt, Debtor, Event, Ledger, Matter, Owed, Part, RecordWriter, RecordedTarget, RunStarted, removal,
};
use assay_reference::Settings;
use assay_suite::Effect;
use assay_suite::http::Exchange;
use assay_suite::source::{Diagnostics, harmless};

use super::arguments::{Common, UndoArguments};
use super::record::{RunRecord, reopen};
use super::report::{file_of, is_load, read_record};
use super::runtime::{Signals, runtime, stop_on_signal};
use super::{ExitCode, Refusal, Surroundings, documents, load, target};

pub(super) fn run(
    surroundings: &Surroundings<'_>,
    common: &Common,
    command: &UndoArguments,
) -> Result<ExitCode, Refusal> {
    let path = file_of(&command.run);
    let left = if is_load(&path)? { of_load(surroundings, common, &path)? } else { of_test(surroundings, &path)? };
    if left.is_embedded() && !(left.owed.is_empty() && left.not_removable.is_empty()) {
        return left.ended_with_its_cloud(&path);
    }
    if left.owed.is_empty() {
        return Ok(left.nothing_to_remove());
    }
    let runtime = runtime()?;
    let settings = Settings::default();
    let opened = runtime.block_on(target::open(surroundings, &left.library, &command.target, settings))?;
    left.fits(&opened.target)?;
    let record = reopen(&path)?;
    let (stop, stopped) = watch::channel(false);
    let signals = runtime.block_on(async { Signals::listen() });
    runtime.spawn(stop_on_signal(signals, stop, "Stopping: what is being removed is removed first."));
    let session = Session::new(Arc::clone(&opened.target), left.library.schemas.clone(), left.run.clone(), stopped)
        .map_err(|error| Refusal::could_not("no request can be sent", error))?
        .after(Inventories::of_record(left.owed.inventories()));
    let told = Mutex::new(Told { left: left.not_removable.clone(), ..Told::default() });
    let told_of_waiting = Once::new();
    let undoing = Undoing {
        kind: left.kind,
        session,
        record: &record,
        told,
        not_removable: left.not_removable.clone(),
        told_of_waiting,
        after_us: left.took_us,
    };
    runtime.block_on(undoing.carry_out(&left.library, &left.owed))?;
    let code = undoing.conclude();
    record.finish()?;
    Ok(code)
}

/// What is left of a run.
struct Left {
    kind: Kind,
    run: String,
    target: RecordedTarget,
    /// The arguments by which the run asked the same deployment again.
    repeat: Vec<String>,
    owed: Ledger,
    /// What no operation removes.
    not_removable: Vec<(String, String)>,
    /// The documents by which it is removed.
    library: Library,
    took_us: u64,
}

/// The kinds of run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Test,
    Load,
}

impl Kind {
    fn write_change(self, record: &RecordWriter, debtor: &Debtor, change: Change) {
        record.write_change(change, |change| match self {
            Self::Test => Written::Test(Event::of_change(&debtor.name, change)),
            Self::Load => Written::Load(LoadEvent::of_change(&debtor.name, debtor.journey, change)),
        });
    }

    fn write_undone(self, record: &RecordWriter, left_over: Vec<(String, String)>) {
        match self {
            Self::Test => record.write(&Event::Undone { left_over }),
            Self::Load => record.write(&LoadEvent::Undone { left_over }),
        }
    }
}

/// An event of either kind of run.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Written {
    Test(Event),
    Load(LoadEvent),
}

/// A test run's record has the documents by which what is left is removed.
fn of_test(surroundings: &Surroundings<'_>, path: &Path) -> Result<Left, Refusal> {
    let record = read_record(surroundings, path)?;
    let mut mistakes = Diagnostics::new();
    // Nothing was created before all documents were recorded.
    let library = Library::read(&record.documents, &mut mistakes);
    if mistakes.has_errors() && !record.owed.is_empty() {
        return Err(Refusal::mistakes(&mistakes, surroundings.paint()));
    }
    let (RunStarted { run, target, repeat, .. }, took_us) = (record.started, record.took_us);
    let (owed, not_removable) = (record.owed, record.not_removable);
    Ok(Left { kind: Kind::Test, run, target, repeat, owed, not_removable, library, took_us })
}

/// A load run's has not: today's are taken.
fn of_load(surroundings: &Surroundings<'_>, common: &Common, path: &Path) -> Result<Left, Refusal> {
    let record = load::read(&[path.to_owned()])?;
    let library = documents::library(surroundings, common)?;
    let (LoadStarted { run, target, repeat, .. }, took_us) = (record.started, record.took_us);
    let owed = record.owed.into_iter().next().unwrap_or_default();
    let not_removable = record.not_removable;
    Ok(Left { kind: Kind::Load, run, target, repeat, owed, not_removable, library, took_us })
}

impl Left {
    /// Says that there is nothing to remove, and what stays.
    fn nothing_to_remove(&self) -> ExitCode {
        if self.not_removable.is_empty() {
            say!("Nothing is left of this run.");
            return ExitCode::Conforms;
        }
        for (by, what) in &self.not_removable {
            say!("left over: {what}\n  by {by}");
        }
        say!("Nothing that can be removed is left of this run.");
        ExitCode::CouldNotRun
    }

    /// Whether the run was against the embedded cloud, which ended with it.
    fn is_embedded(&self) -> bool {
        self.target.name == target::REFERENCE && !self.repeat.iter().any(|argument| argument == "--target")
    }

    /// Notes that nothing is left of what was on the embedded cloud.
    fn ended_with_its_cloud(&self, path: &Path) -> Result<ExitCode, Refusal> {
        let record = reopen(path)?;
        for (debtor, debts) in self.owed.debts() {
            debts.keys().for_each(|number| {
                self.kind.write_change(&record.writer, debtor, Change::Met { number: *number });
            });
        }
        self.kind.write_undone(&record.writer, Vec::new());
        record.finish()?;
        say!("Nothing is left of this run: the embedded reference cloud ended with it.");
        Ok(ExitCode::Conforms)
    }

    /// Whether a target is the one on which it was left, and gives leave to remove it.
    fn fits(&self, target: &Target) -> Result<(), Refusal> {
        if !target.allow.contains(&Effect::Creates) {
            let allow = target.allow.iter().copied().chain([Effect::Creates]).collect();
            let message = format!(
                "error: target {} gives no leave to create, and so none to remove what a run created: its file can with \
                 `{}`",
                target.name,
                allow_line(&allow, target.load)
            );
            return Err(Refusal::new(ExitCode::CouldNotRun, message));
        }
        // A record has the addresses without what is secret in them.
        let redactor = Redactor::of(target);
        let owed = self.owed.debts().flat_map(|(_, debts)| debts.values().map(|debt| &debt.owed));
        for Owed { suite, account, .. } in owed {
            let account = account.as_deref();
            let there = self.target.services.get(suite).map_or("nowhere", |service| service.url_of(account));
            let here = target.services.get(suite).map(|service| redactor.text(service.url_of(account)));
            let here = here.as_deref().unwrap_or("nowhere");
            if there != here {
                let by = account.map(|account| format!(" as `{account}`")).unwrap_or_default();
                let message = format!(
                    "error: the run created things of {suite} at {there}{by}, and target {} has {suite} at {here}{by}: \
                     what is called the same there is something else. Name the target of the run",
                    target.name
                );
                return Err(Refusal::new(ExitCode::Usage, message));
            }
        }
        Ok(())
    }
}

/// Who waits for so long wonders why.
const NOTICED: Duration = Duration::from_secs(1);

/// What came of an undoing so far.
#[derive(Default)]
struct Told {
    removed: Vec<(String, String)>,
    /// What was removed, though nothing shows that it is gone.
    unproven: Vec<(String, String)>,
    left: Vec<(String, String)>,
    /// Of how many of those that are left it is not known whether they exist.
    unknown: usize,
}

/// An undoing, which goes on with the record of the run.
struct Undoing<'r> {
    kind: Kind,
    session: Session,
    record: &'r RunRecord,
    told: Mutex<Told>,
    /// What no operation removes.
    not_removable: Vec<(String, String)>,
    /// Done once somebody was told that there is something to wait for.
    told_of_waiting: Once,
    /// When the record ended, in microseconds from the start of the run.
    after_us: u64,
}

impl Undoing<'_> {
    async fn carry_out(&self, library: &Library, owed: &Ledger) -> Result<(), Refusal> {
        let (longest_job, began) = (self.session.target().limits.longest_job, Instant::now());
        for (debtor, debts) in owed.debts() {
            if self.session.is_stopped() {
                debts.values().for_each(|debt| self.left_over(debtor, &debt.owed.matter.to_string()));
                continue;
            }
            let remover = Remover::new(self, debtor, debts);
            // All that the run had asked for was asked for before this began.
            let waits = Waits { longest_job, patience: longest_job.saturating_sub(began.elapsed()) };
            undo_debts(&library.suites, &library.schemas, debts, waits, Box::new(remover))
                .await
                .map_err(|unknown| Refusal::new(ExitCode::CouldNotRun, format!("error: {unknown}")))?;
        }
        Ok(())
    }

    fn changed(&self, debtor: &Debtor, change: Change) {
        self.kind.write_change(&self.record.writer, debtor, change);
    }

    /// Only a test run's record has exchanges.
    fn exchanged(&self, debtor: &Debtor, mut exchange: Exchange) {
        if self.kind == Kind::Test {
            exchange.timing.sent_us = exchange.timing.sent_us.saturating_add(self.after_us);
            let (case, exchange) = (debtor.name.clone(), Box::new(exchange));
            self.record.writer.write(&Event::Exchanged { case, part: Part::Undo, exchange });
        }
    }

    fn removed(&self, debtor: &Debtor, what: String) {
        self.told().removed.push((debtor.name.clone(), what));
    }

    /// Says once why nothing seems to happen.
    fn tell_of_waiting(&self) {
        let longest = self.session.target().limits.longest_job;
        let tell = || tell!("Waiting for what was asked for to end: for each job at most {longest:?}.");
        self.told_of_waiting.call_once(tell);
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left_over(&self, debtor: &Debtor, what: &str) {
        let what = self.session.without_secrets(what);
        self.told().left.push((debtor.name.clone(), what));
    }

    fn unproven(&self, debtor: &Debtor, what: &str) {
        let what = self.session.without_secrets(what);
        self.told().unproven.push((debtor.name.clone(), what));
    }

    /// Tells what was removed and what is left, here and in the record.
    fn conclude(&self) -> ExitCode {
        let told = std::mem::take(&mut *self.told());
        for (by, what) in &told.removed {
            say!("removed: {}\n  by {}", harmless::line(what), harmless::line(by));
        }
        for (by, what) in &told.unproven {
            say!("not proven: {}\n  by {}", harmless::line(what), harmless::line(by));
        }
        for (by, what) in &told.left {
            say!("left over: {}\n  by {}", harmless::line(what), harmless::line(by));
        }
        let removed = match told.removed.len() {
            1 => "1 thing was removed".to_owned(),
            number => format!("{number} things were removed"),
        };
        match told.left.len() {
            0 => say!("{removed}, nothing is left of this run."),
            left => say!("{removed}, {left} left over or not known: see above."),
        }
        let is_removable = |left: &&(String, String)| !self.not_removable.contains(left);
        let left_over = told.left.iter().filter(is_removable).cloned().collect();
        self.kind.write_undone(&self.record.writer, left_over);
        match told {
            _ if self.session.is_stopped() => ExitCode::Interrupted,
            Told { left, .. } if left.is_empty() => ExitCode::Conforms,
            Told { left, unknown, .. } if left.len() <= unknown => ExitCode::Inconclusive,
            _ => ExitCode::CouldNotRun,
        }
    }
}

/// The way to the deployment for what one case or journey left.
struct Remover<'a> {
    undoing: &'a Undoing<'a>,
    debtor: &'a Debtor,
    /// What each of the things that exist is, by its number.
    things: BTreeMap<u64, String>,
    /// What is told of requests whose answers are not known.
    requests: BTreeSet<String>,
    secrets: CaseSecrets,
}

impl<'a> Remover<'a> {
    fn new(undoing: &'a Undoing<'a>, debtor: &'a Debtor, debts: &BTreeMap<u64, Debt>) -> Self {
        let secrets = undoing.session.case_secrets();
        let mut remover = Self { undoing, debtor, things: BTreeMap::new(), requests: BTreeSet::new(), secrets };
        debts.iter().for_each(|(number, debt)| remover.note(*number, &debt.owed.matter));
        remover
    }

    fn note(&mut self, number: u64, matter: &Matter) {
        match matter {
            Matter::Thing { call, arguments, .. } => {
                self.things.insert(number, self.secrets.text(&removal(call, arguments)));
            }
            Matter::Lookup { of, .. } => {
                self.things.insert(number, format!("what {of} created"));
            }
            Matter::Request { .. } => {
                self.requests.insert(matter.to_string());
            }
            Matter::Job { .. } => {}
        }
    }
}

impl Exchanger for Remover<'_> {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a Ask<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            let exchange = self.undoing.session.exchange(part, ask).await?;
            self.undoing.exchanged(self.debtor, self.secrets.exchange(&exchange, ask));
            Ok(exchange)
        })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if duration >= NOTICED {
                self.undoing.tell_of_waiting();
            }
            self.undoing.session.pause(duration).await;
        })
    }

    fn changed(&mut self, change: Change) {
        match &change {
            Change::Owes { number, owed } => self.note(*number, &owed.matter),
            Change::Met { number } => {
                let thing = self.things.remove(number);
                thing.into_iter().for_each(|what| self.undoing.removed(self.debtor, what));
            }
            Change::NotRemovable { .. } | Change::Inventory { .. } => {}
        }
        self.undoing.changed(self.debtor, self.secrets.change(change));
    }

    fn left_over(&mut self, what: &str) {
        self.undoing.told().unknown += usize::from(self.requests.contains(what));
        self.undoing.left_over(self.debtor, &self.secrets.text(what));
    }

    fn unproven(&mut self, what: &str) {
        self.undoing.unproven(self.debtor, &self.secrets.text(what));
    }

    fn inventories(&self) -> &Inventories {
        self.undoing.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a Ask<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.undoing.session.survey(ask).await })
    }
}
