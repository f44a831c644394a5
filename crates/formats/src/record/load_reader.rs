//! Adds the intervals of load records up: of one generator, or of several that shared one load.

mod blocks;
mod merging;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::time::Duration;

use indexmap::IndexMap;

use crate::{Histogram, NotAHistogram};
use assay_suite::OperationName;
use assay_suite::source::Diagnostic;

use super::checksum::Damage;
use super::clock::ClockOffset;
use super::lines::BadLine;
use super::load::{LOAD_FORMAT, LoadStarted, Outcome, ProfileEnding, Shard};
use super::reader::AS_IT_WAS_WRITTEN;
use super::{Ending, Ledger, OLDEST};

pub use blocks::{LIMITS, PromiseBlock, PromiseBlocks};
use merging::Merging;

/// Load records of one run, added up. Its size depends on what was planned, not on how long it took.
#[derive(Clone, Debug)]
pub struct LoadRecord {
    /// What was known when the run began; of several generators, what the first knew.
    pub started: LoadStarted,
    /// The generators whose records these are, by number.
    pub shards: Vec<Shard>,
    /// The numbers of the generators that had a part in the load and whose records are not here.
    pub missing: Vec<u32>,
    /// What was observed of each profile, as they are listed in `started`.
    pub profiles: Vec<ObservedProfile>,
    /// What was not removed: the profile, and what is left.
    pub left_over: Vec<(String, String)>,
    /// What no operation removes: the profile, and what it created. It is left over, too.
    pub not_removable: Vec<(String, String)>,
    /// What is still to be removed, of each record.
    pub ledger: Vec<Ledger>,
    /// How far the deployment's clock is ahead of each generator's, where answers show it.
    pub clocks: Vec<(Shard, ClockOffset)>,
    /// How the records end; the worst of several.
    pub ending: Ending,
    /// From the start of the run to its last event, in microseconds.
    pub took_us: u64,
}

/// What was observed of a profile.
#[derive(Clone, Debug, Default)]
pub struct ObservedProfile {
    /// When it began, in microseconds from the start of the run; nothing if it did not.
    pub started_us: Option<u64>,
    /// When it ended; nothing if it did not.
    pub ended_us: Option<u64>,
    /// How it ended; nothing if it did not.
    pub ending: Option<ProfileEnding>,
    /// What was observed of each operation, warm-up left out.
    pub judged: IndexMap<OperationName, Totals>,
    /// How many seconds of judged requests there were: from the first judged due moment to the last, rounded up.
    pub judged_seconds: u64,
    /// How many seconds after the last judged due moment the last outcome of a judged request was known.
    pub lagged_seconds: u64,
    /// How the requests of each promise lie in time, warm-up left out, as the promises are planned.
    pub blocks: Vec<PromiseBlocks>,
    /// How far apart the generators began, by their clocks.
    pub apart: Duration,
    /// What was observed over time, warm-up included, of all operations together, in parts of equal length.
    pub timeline: Vec<Part>,
}

/// What was observed of an operation, or of all together.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Requests that were due.
    pub due: u64,
    /// What came of them.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Of those that succeeded: from due to the last byte.
    pub response: Histogram,
    /// Of those that succeeded: from sending to the last byte.
    pub service: Histogram,
    /// Of those that were sent: how much too late, while a connection was free.
    pub lateness: Histogram,
    /// The answers that were held against their schema.
    pub checked: u64,
    /// What was wrong with the first few that were wrong.
    pub mistakes: Vec<String>,
}

/// Why load records can't be read. Records are counted from 1, in the order in which they were given.
#[derive(Debug, thiserror::Error)]
pub enum LoadRecordError {
    /// There is none.
    #[error("there is no record to read: name at least one")]
    NoRecords,
    /// The file can't be read.
    #[error("record {record} can't be read: {error}")]
    Unreadable {
        /// Which.
        record: usize,
        /// Why.
        error: std::io::Error,
    },
    /// It is none of a load run.
    #[error(
        "record {record} is no record of a load run: it does not begin with `load_started`; name a file that `assay load` \
         wrote"
    )]
    NoBeginning {
        /// Which.
        record: usize,
        /// Its first line.
        line: BadLine,
    },
    /// Another version wrote it.
    #[error(
        "record {record} has format {found}, this assay reads formats {OLDEST} to {LOAD_FORMAT}: use the version that wrote it"
    )]
    OtherFormat {
        /// Which.
        record: usize,
        /// Its format.
        found: u32,
    },
    /// A line says nothing that a load run records.
    #[error(
        "line {} of record {record} is no event of a load run: {error}; if the file was changed or put together by \
         hand, take the one that was written",
        line.number
    )]
    NotAnEvent {
        /// Which.
        record: usize,
        /// The line.
        line: BadLine,
        /// What is wrong with it.
        error: String,
    },
    /// A line is not as it was written.
    #[error("line {} of record {record} is damaged: {damage}", line.number)]
    Damaged {
        /// Which.
        record: usize,
        /// The line.
        line: BadLine,
        /// How that shows.
        damage: Damage,
    },
    /// A line holds what does not fit the beginning.
    #[error(
        "line {} of record {record} can't be used: {error}; if the file was changed or put together by hand, take the \
         one that was written",
        line.number
    )]
    Unusable {
        /// Which.
        record: usize,
        /// The line.
        line: BadLine,
        /// What is wrong with it.
        error: Unusable,
    },
    /// The profiles are not those of the first.
    #[error(
        "record {record} is of another load than record 1: {difference}; give only records of generators that were started \
         with the same arguments but for `--shard`"
    )]
    OtherLoad {
        /// Which.
        record: usize,
        /// What is different.
        difference: String,
    },
    /// Two are of the same generator.
    #[error(
        "records {earlier} and {record} are both of generator {} of {}: give one record of each generator",
        shard.number, shard.of
    )]
    SameShard {
        /// The earlier one.
        earlier: usize,
        /// The later one.
        record: usize,
        /// The generator of both.
        shard: Shard,
    },
}

impl LoadRecordError {
    /// The same at its place, with what to do; `paths` are those of the records.
    pub fn at(&self, paths: &[String]) -> Diagnostic {
        const NAME_A_RECORD: &str = "name a run.jsonl that `assay load` wrote, or the folder that holds it";
        let path = |record: usize| paths.get(record.saturating_sub(1)).map_or("the record", String::as_str);
        let begins = |record: usize| BadLine::none().place(path(record));
        match self {
            Self::NoRecords => Diagnostic::error_anywhere("there is no record to read").help("name at least one"),
            Self::Unreadable { record, error } => {
                Diagnostic::error_anywhere(format!("{} can't be read: {error}", path(*record)))
            }
            Self::NoBeginning { record, line } => {
                let message = "this is no record of a load run: it does not begin with `load_started`";
                Diagnostic::error(&line.place(path(*record)), message).help(NAME_A_RECORD)
            }
            Self::OtherFormat { record, found } => {
                let message =
                    format!("the record has format {found}, this assay reads formats {OLDEST} to {LOAD_FORMAT}");
                Diagnostic::error(&begins(*record), message).help("use the version of assay that wrote it")
            }
            Self::NotAnEvent { record, line, error } => {
                let message = format!("this is no event of a load run: {error}");
                Diagnostic::error(&line.place(path(*record)), message).help(AS_IT_WAS_WRITTEN)
            }
            Self::Damaged { record, line, damage } => {
                let message = format!("this line is damaged: {damage}");
                Diagnostic::error(&line.place(path(*record)), message).help(AS_IT_WAS_WRITTEN)
            }
            Self::Unusable { record, line, error } => {
                let message = format!("this line can't be used: {error}");
                Diagnostic::error(&line.place(path(*record)), message).help(AS_IT_WAS_WRITTEN)
            }
            Self::OtherLoad { record, difference } => {
                let message = format!("this is a record of another load than {}: {difference}", path(1));
                Diagnostic::error(&begins(*record), message)
                    .help("give only records of generators that were started with the same arguments but for `--shard`")
            }
            Self::SameShard { earlier, record, shard } => {
                let Shard { number, of } = shard;
                let message = format!("{} is of generator {number} of {of}, too", path(*earlier));
                Diagnostic::error(&begins(*record), message).help("give one record of each generator")
            }
        }
    }
}

/// What is wrong with a line that is an event.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It names a profile that the beginning does not list.
    #[error("it is about profile {0}, and there is none with this number")]
    UnknownProfile(usize),
    /// It counts more than a load run can have.
    #[error("it is about second {0}, and no load run takes so long")]
    TooLate(u64),
    /// A histogram is none.
    #[error(transparent)]
    Histogram(#[from] NotAHistogram),
}

impl LoadRecord {
    /// Reads the record of one generator, or those of several that shared one load. A last line that was cut off is left
    /// out.
    ///
    /// # Errors
    ///
    /// If a record can't be read, is none, or does not belong to the same load as the first.
    pub fn read<R: BufRead>(inputs: impl IntoIterator<Item = R>) -> Result<Self, LoadRecordError> {
        let mut merging: Option<Merging> = None;
        for (index, input) in inputs.into_iter().enumerate() {
            merging = Some(Merging::read(merging, index + 1, input)?);
        }
        merging.map(Merging::finish).ok_or(LoadRecordError::NoRecords)
    }
}

impl ObservedProfile {
    /// What was observed of an operation, or of all together, warm-up left out.
    pub fn of(&self, operation: Option<&OperationName>) -> Totals {
        let mut totals = Totals::default();
        let chosen = self.judged.iter().filter(|(name, _)| operation.is_none_or(|operation| operation == *name));
        chosen.for_each(|(_, judged)| totals.add(judged));
        totals
    }
}

impl Totals {
    /// How many had an outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// All that have an outcome which says something about the deployment.
    pub fn ended(&self) -> u64 {
        let counted = self.outcomes.iter().filter(|(outcome, _)| **outcome != Outcome::GeneratorLimit);
        counted.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// All that have an outcome other than success: they count as slower than any limit.
    pub fn failed(&self) -> u64 {
        self.ended() - self.of(Outcome::Success)
    }

    /// Adds what another observed.
    pub fn add(&mut self, other: &Self) {
        // Counts of a record that was altered may be of any size.
        self.due = self.due.saturating_add(other.due);
        self.checked = self.checked.saturating_add(other.checked);
        for (outcome, count) in &other.outcomes {
            let sum = self.outcomes.entry(*outcome).or_default();
            *sum = sum.saturating_add(*count);
        }
        self.response.add(&other.response);
        self.service.add(&other.service);
        self.lateness.add(&other.lateness);
        other.mistakes.iter().for_each(|mistake| self.note(mistake));
    }

    /// Whether it is worth finding words for another mistake: while few are known, and few were looked at.
    pub fn wants_mistakes(&self) -> bool {
        let failed = self.ended() - self.of(Outcome::Success);
        self.mistakes.len() < MOST_MISTAKES && failed < MOST_LOOKED_AT
    }

    /// Notes what was wrong with an answer, unless that is known or enough is.
    pub fn note(&mut self, mistake: &str) {
        if self.mistakes.len() < MOST_MISTAKES && !self.mistakes.iter().any(|known| known == mistake) {
            self.mistakes.push(mistake.to_owned());
        }
    }
}

/// A profile's time is shown in at most so many parts.
pub const MOST_PARTS: u64 = 240;

/// So many failures are looked at for a mistake that is not known yet.
const MOST_LOOKED_AT: u64 = 50;

/// So many different mistakes of answers are kept.
pub const MOST_MISTAKES: usize = 5;

/// A part of a profile's time.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The first second of it, from the profile's first due moment.
    pub second: u64,
    /// How many seconds it has.
    pub seconds: u64,
    /// What was observed in it; of all operations together.
    pub totals: Totals,
}
