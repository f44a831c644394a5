//! Adds the intervals of load records up: of one generator, or of several that shared one load.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::statistics::Histogram;
use crate::suite::OperationName;

use super::Ending;
use super::load::{LoadStarted, Outcome, ProfileEnding, Shard};

/// Load records of one run, added up. Its size depends on what was planned, not on how long it took.
#[derive(Clone, Debug)]
pub struct LoadRecord {
    /// What was known when the run began; of several generators, what the first knew.
    pub started: LoadStarted,
    /// The generators whose records these are.
    pub shards: Vec<Shard>,
    /// What was observed of each profile, as they are listed in `started`.
    pub profiles: Vec<ObservedProfile>,
    /// What could not be removed: the profile, and what is left.
    pub left_over: Vec<(String, String)>,
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

impl Totals {
    /// How many had an outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// All that have an outcome.
    pub fn ended(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// All that have an outcome other than success: they count as slower than any limit.
    pub fn failed(&self) -> u64 {
        self.ended() - self.of(Outcome::Success)
    }

    /// Adds what another observed.
    pub fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.checked += other.checked;
        for (outcome, count) in &other.outcomes {
            *self.outcomes.entry(*outcome).or_default() += count;
        }
        self.response.add(&other.response);
        self.service.add(&other.service);
        self.lateness.add(&other.lateness);
        other.mistakes.iter().for_each(|mistake| self.note(mistake));
    }

    /// Notes what was wrong with an answer, unless that is known or enough is.
    pub fn note(&mut self, mistake: &str) {
        if self.mistakes.len() < MOST_MISTAKES && !self.mistakes.iter().any(|known| known == mistake) {
            self.mistakes.push(mistake.to_owned());
        }
    }
}

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
