//! `assay undo`: removes what a run left that was killed, or could not remove it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::{stderr, stdout};
use crate::report::reading::{file_of, is_load, read_record};
use crate::target::name::REFERENCE;
use assay_engine::deployment::{Redactor, RequestSpec, Target, allow_line};
use assay_engine::interpreter::{CaseSecrets, Exchanger, Inventories, NoExchange, Session, Waits, undo_open};
use assay_engine::plan::Library;
use assay_formats::record::load::{LoadEvent, LoadStarted};
use assay_formats::record::{
    Change, Event, Ledger, Obligation, ObligationKind, ObligationOwner, OpenObligation, Part, RecordWriter,
    RecordedTarget, RunStarted, removal,
};
use assay_reference::Settings;
use assay_suite::Effect;
use assay_suite::http::Exchange;
use assay_suite::source::{Diagnostics, harmless};

use super::arguments::{Common, UndoArguments};
use super::record::{RunRecord, reopen};
use super::runtime::{Signals, runtime, stop_on_signal};
use super::{documents, load, target};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &UndoArguments,
) -> Result<ExitCode, CliError> {
    let path = file_of(&command.run);
    let left = if is_load(&path)? { of_load(surroundings, common, &path)? } else { of_test(surroundings, &path)? };
    if left.is_embedded() && !(left.ledger.is_empty() && left.not_removable.is_empty()) {
        return left.ended_with_its_cloud(&path);
    }
    if left.ledger.is_empty() {
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
        .map_err(|error| CliError::could_not("no request can be sent", error))?
        .after(Inventories::of_record(left.ledger.inventories()));
    let progress = Mutex::new(UndoProgress { left: left.not_removable.clone(), ..UndoProgress::default() });
    let waiting_reported = Once::new();
    let undoing = Undoing {
        kind: left.kind,
        session,
        record: &record,
        progress,
        not_removable: left.not_removable.clone(),
        waiting_reported,
        after_us: left.took_us,
    };
    runtime.block_on(undoing.carry_out(&left.library, &left.ledger))?;
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
    ledger: Ledger,
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
    fn write_change(self, record: &RecordWriter, owner: &ObligationOwner, change: Change) {
        record.write_change(change, |change| match self {
            Self::Test => Written::Test(Event::of_change(&owner.name, change)),
            Self::Load => Written::Load(LoadEvent::of_change(&owner.name, owner.journey, change)),
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
fn of_test(surroundings: &CliContext<'_>, path: &Path) -> Result<Left, CliError> {
    let record = read_record(surroundings, path)?;
    let mut mistakes = Diagnostics::new();
    // Nothing was created before all documents were recorded.
    let library = Library::read(&record.documents, &mut mistakes);
    if mistakes.has_errors() && !record.ledger.is_empty() {
        return Err(CliError::mistakes(&mistakes, surroundings.paint()));
    }
    let (RunStarted { run, target, repeat, .. }, took_us) = (record.started, record.took_us);
    let (ledger, not_removable) = (record.ledger, record.not_removable);
    Ok(Left { kind: Kind::Test, run, target, repeat, ledger, not_removable, library, took_us })
}

/// A load run's has not: today's are taken.
fn of_load(surroundings: &CliContext<'_>, common: &Common, path: &Path) -> Result<Left, CliError> {
    let record = load::records::read(&[path.to_owned()])?;
    let library = documents::library(surroundings, common)?;
    let (LoadStarted { run, target, repeat, .. }, took_us) = (record.started, record.took_us);
    let ledger = record.ledger.into_iter().next().unwrap_or_default();
    let not_removable = record.not_removable;
    Ok(Left { kind: Kind::Load, run, target, repeat, ledger, not_removable, library, took_us })
}

impl Left {
    /// Says that there is nothing to remove, and what stays.
    fn nothing_to_remove(&self) -> ExitCode {
        if self.not_removable.is_empty() {
            stdout!("Nothing is left of this run.");
            return ExitCode::Conforms;
        }
        for (by, what) in &self.not_removable {
            stdout!("left over: {what}\n  by {by}");
        }
        stdout!("Nothing that can be removed is left of this run.");
        ExitCode::CouldNotRun
    }

    /// Whether the run was against the embedded cloud, which ended with it.
    fn is_embedded(&self) -> bool {
        self.target.name == REFERENCE && !self.repeat.iter().any(|argument| argument == "--target")
    }

    /// Notes that nothing is left of what was on the embedded cloud.
    fn ended_with_its_cloud(&self, path: &Path) -> Result<ExitCode, CliError> {
        let record = reopen(path)?;
        for (owner, open_obligations) in self.ledger.open_obligations() {
            open_obligations.keys().for_each(|number| {
                self.kind.write_change(&record.writer, owner, Change::Met { number: *number });
            });
        }
        self.kind.write_undone(&record.writer, Vec::new());
        record.finish()?;
        stdout!("Nothing is left of this run: the embedded reference cloud ended with it.");
        Ok(ExitCode::Conforms)
    }

    /// Whether a target is the one on which it was left, and allows removing it.
    fn fits(&self, target: &Target) -> Result<(), CliError> {
        if !target.allow.contains(&Effect::Creates) {
            let allow = target.allow.iter().copied().chain([Effect::Creates]).collect();
            let message = format!(
                "error: target {} does not allow creating, and so not removing what a run created: allow it with \
                 `{}`",
                target.name,
                allow_line(&allow, target.load)
            );
            return Err(CliError::new(ExitCode::CouldNotRun, message));
        }
        // A record has the addresses without what is secret in them.
        let redactor = Redactor::of(target);
        let ledger = self
            .ledger
            .open_obligations()
            .flat_map(|(_, open_obligations)| open_obligations.values().map(|open| &open.obligation));
        for Obligation { suite, account, .. } in ledger {
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
                return Err(CliError::new(ExitCode::Usage, message));
            }
        }
        Ok(())
    }
}

/// Who waits for so long wonders why.
const NOTICED: Duration = Duration::from_secs(1);

/// What came of an undoing so far.
#[derive(Default)]
struct UndoProgress {
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
    progress: Mutex<UndoProgress>,
    /// What no operation removes.
    not_removable: Vec<(String, String)>,
    /// Reports once that there is something to wait for.
    waiting_reported: Once,
    /// When the record ended, in microseconds from the start of the run.
    after_us: u64,
}

impl Undoing<'_> {
    async fn carry_out(&self, library: &Library, ledger: &Ledger) -> Result<(), CliError> {
        let (longest_job, began) = (self.session.target().limits.longest_job, Instant::now());
        for (owner, open_obligations) in ledger.open_obligations() {
            if self.session.is_stopped() {
                open_obligations.values().for_each(|open| self.left_over(owner, &open.obligation.kind.to_string()));
                continue;
            }
            let remover = Remover::new(self, owner, open_obligations);
            // All that the run had asked for was asked for before this began.
            let waits = Waits { longest_job, patience: longest_job.saturating_sub(began.elapsed()) };
            undo_open(&library.suites, &library.schemas, open_obligations, waits, Box::new(remover))
                .await
                .map_err(|unknown| CliError::new(ExitCode::CouldNotRun, format!("error: {unknown}")))?;
        }
        Ok(())
    }

    fn changed(&self, owner: &ObligationOwner, change: Change) {
        self.kind.write_change(&self.record.writer, owner, change);
    }

    /// Only a test run's record has exchanges.
    fn exchanged(&self, owner: &ObligationOwner, mut exchange: Exchange) {
        if self.kind == Kind::Test {
            exchange.timing.sent_us = exchange.timing.sent_us.saturating_add(self.after_us);
            let (case, exchange) = (owner.name.clone(), Box::new(exchange));
            self.record.writer.write(&Event::Exchanged { case, part: Part::Undo, exchange });
        }
    }

    fn removed(&self, owner: &ObligationOwner, what: String) {
        self.describe().removed.push((owner.name.clone(), what));
    }

    /// Says once why nothing seems to happen.
    fn report_of_waiting(&self) {
        let longest = self.session.target().limits.longest_job;
        let report_waiting = || stderr!("Waiting for what was asked for to end: for each job at most {longest:?}.");
        self.waiting_reported.call_once(report_waiting);
    }

    fn describe(&self) -> MutexGuard<'_, UndoProgress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left_over(&self, owner: &ObligationOwner, what: &str) {
        let what = self.session.without_secrets(what);
        self.describe().left.push((owner.name.clone(), what));
    }

    fn unproven(&self, owner: &ObligationOwner, what: &str) {
        let what = self.session.without_secrets(what);
        self.describe().unproven.push((owner.name.clone(), what));
    }

    /// Reports what was removed and what is left, here and in the record.
    fn conclude(&self) -> ExitCode {
        let progress = std::mem::take(&mut *self.describe());
        for (by, what) in &progress.removed {
            stdout!("removed: {}\n  by {}", harmless::line(what), harmless::line(by));
        }
        for (by, what) in &progress.unproven {
            stdout!("not proven: {}\n  by {}", harmless::line(what), harmless::line(by));
        }
        for (by, what) in &progress.left {
            stdout!("left over: {}\n  by {}", harmless::line(what), harmless::line(by));
        }
        let removed = match progress.removed.len() {
            1 => "1 thing was removed".to_owned(),
            number => format!("{number} things were removed"),
        };
        match progress.left.len() {
            0 => stdout!("{removed}, nothing is left of this run."),
            left => stdout!("{removed}, {left} left over or not known: see above."),
        }
        let is_removable = |left: &&(String, String)| !self.not_removable.contains(left);
        let left_over = progress.left.iter().filter(is_removable).cloned().collect();
        self.kind.write_undone(&self.record.writer, left_over);
        match progress {
            _ if self.session.is_stopped() => ExitCode::Interrupted,
            UndoProgress { left, .. } if left.is_empty() => ExitCode::Conforms,
            UndoProgress { left, unknown, .. } if left.len() <= unknown => ExitCode::Inconclusive,
            _ => ExitCode::CouldNotRun,
        }
    }
}

/// The way to the deployment for what one case or journey left.
struct Remover<'a> {
    undoing: &'a Undoing<'a>,
    owner: &'a ObligationOwner,
    /// What each of the things that exist is, by its number.
    things: BTreeMap<u64, String>,
    /// The text for requests whose answers are not known.
    requests: BTreeSet<String>,
    secrets: CaseSecrets,
}

impl<'a> Remover<'a> {
    fn new(
        undoing: &'a Undoing<'a>,
        owner: &'a ObligationOwner,
        open_obligations: &BTreeMap<u64, OpenObligation>,
    ) -> Self {
        let secrets = undoing.session.case_secrets();
        let mut remover = Self { undoing, owner, things: BTreeMap::new(), requests: BTreeSet::new(), secrets };
        open_obligations.iter().for_each(|(number, open)| remover.note(*number, &open.obligation.kind));
        remover
    }

    fn note(&mut self, number: u64, kind: &ObligationKind) {
        match kind {
            ObligationKind::Thing { call, arguments, .. } => {
                self.things.insert(number, self.secrets.text(&removal(call, arguments)));
            }
            ObligationKind::Lookup { of, .. } => {
                self.things.insert(number, format!("what {of} created"));
            }
            ObligationKind::Request { .. } => {
                self.requests.insert(kind.to_string());
            }
            ObligationKind::Job { .. } => {}
        }
    }
}

impl Exchanger for Remover<'_> {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            let exchange = self.undoing.session.exchange(part, ask).await?;
            self.undoing.exchanged(self.owner, self.secrets.exchange(&exchange, ask));
            Ok(exchange)
        })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if duration >= NOTICED {
                self.undoing.report_of_waiting();
            }
            self.undoing.session.pause(duration).await;
        })
    }

    fn changed(&mut self, change: Change) {
        match &change {
            Change::ObligationOpened { number, obligation } => self.note(*number, &obligation.kind),
            Change::Met { number } => {
                let thing = self.things.remove(number);
                thing.into_iter().for_each(|what| self.undoing.removed(self.owner, what));
            }
            Change::NotRemovable { .. } | Change::Inventory { .. } => {}
        }
        self.undoing.changed(self.owner, self.secrets.change(change));
    }

    fn left_over(&mut self, what: &str) {
        self.undoing.describe().unknown += usize::from(self.requests.contains(what));
        self.undoing.left_over(self.owner, &self.secrets.text(what));
    }

    fn unproven(&mut self, what: &str) {
        self.undoing.unproven(self.owner, &self.secrets.text(what));
    }

    fn inventories(&self) -> &Inventories {
        self.undoing.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.undoing.session.survey(ask).await })
    }
}
