//! Reads a record back, also one that ends early.

use std::io::BufRead;

use indexmap::IndexMap;

use assay_suite::http::Exchange;
use assay_suite::source::{Diagnostic, Documents, SourceFile};

use super::checksum::Damage;
use super::event::{Event, FORMAT, OLDEST, Part, RecordedJudgement, RunEnding, RunStarted};
use super::lines::{BadLine, End, Lines, complaint};
use super::obligation::{Change, Ledger, ObligationOwner};

/// A record, sorted by case.
#[derive(Clone, Debug)]
pub struct Record {
    /// What was known when the run began.
    pub started: RunStarted,
    /// The documents it was planned from.
    pub documents: Documents,
    /// The cases that began, by name, in the order in which they began.
    pub cases: IndexMap<String, RecordedCase>,
    /// The cases that were skipped, with the reason.
    pub skipped: Vec<(String, String)>,
    /// What was not removed: the case, and what is left.
    pub left_over: Vec<(String, String)>,
    /// What no operation removes: the case, and what it created. It is left over, too.
    pub not_removable: Vec<(String, String)>,
    /// What was removed, though nothing shows that it is gone: the case, and what.
    pub unproven: Vec<(String, String)>,
    /// What is still to be removed.
    pub ledger: Ledger,
    /// Whether somebody removed afterwards what could be removed.
    undone: bool,
    /// How the record ends.
    pub ending: Ending,
    /// From the start of the run to its last event, in microseconds.
    pub took_us: u64,
}

/// What was observed in one case.
#[derive(Clone, Debug, Default)]
pub struct RecordedCase {
    /// The exchanges, in order.
    pub exchanges: Vec<(Part, Exchange)>,
    /// When it began, in microseconds from the start of the run.
    pub started_us: u64,
    /// Its number among the cases that use VLANs.
    pub vlan_user: Option<u64>,
    /// When it ended, if it did.
    pub ended_us: Option<u64>,
    /// What it came to, where the exchanges don't show it.
    pub judged: Option<Box<RecordedJudgement>>,
}

/// How a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As the run did.
    Run(RunEnding),
    /// In the midst of the run: it was killed, or could write no more.
    Broken,
}

/// Why a record can't be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file can't be read.
    #[error("the record can't be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is not a record.
    #[error("line {} is no event of a record: {error}", line.number)]
    NotAnEvent {
        /// The line.
        line: BadLine,
        /// What is wrong with it.
        error: String,
    },
    /// A line is not as it was written.
    #[error("line {} is damaged: {damage}", line.number)]
    Damaged {
        /// The line.
        line: BadLine,
        /// How that shows.
        damage: Damage,
    },
    /// There is no whole line in it.
    #[error("the record holds no whole event: the run ended before it had written one")]
    Empty,
    /// It does not begin like one.
    #[error("this is no record of a run: it does not begin with `run_started`")]
    NoBeginning(BadLine),
    /// Another version wrote it.
    #[error(
        "the record has format {found}, this assay reads formats {OLDEST} to {FORMAT}: use the version that wrote it"
    )]
    OtherFormat {
        /// Its format.
        found: u32,
    },
}

impl RecordError {
    /// The same at its place in the record, with what to do.
    pub fn at(&self, path: &str) -> Diagnostic {
        match self {
            Self::Unreadable(error) => Diagnostic::error_anywhere(format!("{path} can't be read: {error}")),
            Self::NotAnEvent { line, error } => {
                let mistake = Diagnostic::error(&line.place(path), format!("this is no event of a record: {error}"));
                mistake.help(if line.number == 1 { NAME_A_RECORD } else { AS_IT_WAS_WRITTEN })
            }
            Self::Damaged { line, damage } => {
                Diagnostic::error(&line.place(path), format!("this line is damaged: {damage}")).help(AS_IT_WAS_WRITTEN)
            }
            Self::Empty => Diagnostic::error(&BadLine::none().place(path), self.to_string()).help(NAME_A_RECORD),
            Self::NoBeginning(line) => Diagnostic::error(&line.place(path), self.to_string()).help(NAME_A_RECORD),
            Self::OtherFormat { found } => {
                let message = format!("the record has format {found}, this assay reads formats {OLDEST} to {FORMAT}");
                Diagnostic::error(&BadLine::none().place(path), message).help("use the version of assay that wrote it")
            }
        }
    }
}

const NAME_A_RECORD: &str = "name a run.jsonl that `assay test` wrote, or the folder that holds it";
/// What to do about a line in the midst of a record.
pub(super) const AS_IT_WAS_WRITTEN: &str =
    "take the record as it was written; one that was cut off is read up to the line in which it ends";

impl Record {
    /// Reads a record. A last line that was cut off is left out.
    pub fn read(input: impl BufRead) -> Result<Self, RecordError> {
        let mut record: Option<Self> = None;
        let mut lines = Lines::of(input).peekable();
        if lines.peek().is_none() {
            return Err(RecordError::Empty);
        }
        for line in lines {
            let line = line?;
            let format = record.as_ref().map_or(OLDEST, |record| record.started.format);
            match line.check(format) {
                Err(_) if line.end == End::CutOff && record.is_some() => break,
                Err((line, damage)) => return Err(RecordError::Damaged { line, damage }),
                Ok(()) => {}
            }
            let event: Event = match serde_json::from_slice(&line.text) {
                Ok(event) => event,
                Err(_) if line.end == End::CutOff && record.is_some() => break,
                Err(error) if line.end == End::CutOff && record.is_none() && error.is_eof() => {
                    return Err(RecordError::Empty);
                }
                Err(error) => {
                    return Err(RecordError::NotAnEvent { line: line.no_event(&error), error: complaint(&error) });
                }
            };
            match (&mut record, event) {
                (None, Event::RunStarted(started)) => {
                    let format = started.format;
                    record = Some(Self::begin(*started)?);
                    // Only now it is known whether it has to have a checksum.
                    line.check(format).map_err(|(line, damage)| RecordError::Damaged { line, damage })?;
                }
                (None, _) => return Err(RecordError::NoBeginning(line.bad_at(0))),
                (Some(record), event) => record.take(event),
            }
        }
        record.map(Self::finish).ok_or_else(|| RecordError::NoBeginning(BadLine::none()))
    }

    /// A run that was killed could not report what it left.
    fn finish(mut self) -> Self {
        if self.ending == Ending::Broken && !self.undone {
            let unreported = self.ledger.unreported(&self.left_over);
            self.left_over.extend(unreported);
        }
        self.left_over.extend(self.not_removable.iter().cloned());
        self
    }

    /// Whether it breaks off so early that it holds no evidence, and perhaps not all documents.
    pub fn ends_before_the_first_case(&self) -> bool {
        self.ending == Ending::Broken && self.cases.is_empty() && self.skipped.is_empty()
    }

    fn begin(started: RunStarted) -> Result<Self, RecordError> {
        if !(OLDEST..=FORMAT).contains(&started.format) {
            return Err(RecordError::OtherFormat { found: started.format });
        }
        Ok(Self {
            started,
            documents: Documents::default(),
            cases: IndexMap::new(),
            skipped: Vec::new(),
            left_over: Vec::new(),
            not_removable: Vec::new(),
            unproven: Vec::new(),
            ledger: Ledger::default(),
            undone: false,
            ending: Ending::Broken,
            took_us: 0,
        })
    }

    fn take(&mut self, event: Event) {
        match event {
            // A second beginning says nothing new.
            Event::RunStarted(_) => {}
            Event::Document { path, text } => self.documents.insert(SourceFile::new(path, text)),
            Event::CaseSkipped { case, reason } => self.skipped.push((case, reason)),
            Event::CaseStarted { case, at_us, vlan_user } => {
                self.took_us = self.took_us.max(at_us);
                let case = self.cases.entry(case).or_default();
                (case.started_us, case.vlan_user) = (at_us, vlan_user);
            }
            Event::Exchanged { case, part, exchange } => {
                self.ledger.answered(&case, &exchange);
                self.cases.entry(case).or_default().exchanges.push((part, *exchange));
            }
            Event::ObligationOpened { case, number, obligation } => {
                self.change(case, Change::ObligationOpened { number, obligation });
            }
            Event::ObligationMet { case, number } => self.change(case, Change::Met { number }),
            Event::NotRemovable { case, what } => self.not_removable.push((case, what)),
            Event::LeftOver { case, what } => self.left_over.push((case, what)),
            Event::Unproven { case, what } => self.unproven.push((case, what)),
            Event::Inventory { of, there } => self.change(String::new(), Change::Inventory { of, there }),
            Event::CaseEnded { case, at_us, judged } => {
                self.took_us = self.took_us.max(at_us);
                let case = self.cases.entry(case).or_default();
                (case.ended_us, case.judged) = (Some(at_us), judged);
            }
            Event::RunEnded { at_us, ending } => {
                self.took_us = self.took_us.max(at_us);
                self.ending = Ending::Run(ending);
            }
            Event::Undone { left_over } => {
                self.left_over = left_over;
                self.undone = true;
            }
        }
    }

    fn change(&mut self, case: String, change: Change) {
        self.ledger.take(&ObligationOwner { name: case, journey: None }, change);
    }
}
