//! Why load records can't be read.

use crate::histogram::NotAHistogram;
use crate::record::checksum::Damage;
use crate::record::event::OLDEST;
use crate::record::lines::BadLine;
use crate::record::load::{LOAD_FORMAT, Shard};
use crate::record::reader::AS_IT_WAS_WRITTEN;
use assay_suite::source::Diagnostic;

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
