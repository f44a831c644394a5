//! What was observed of an operation, or of all together.

use std::collections::BTreeMap;

use crate::histogram::Histogram;
use crate::record::load::Outcome;
use assay_suite::http::FailureKind;

/// What was observed of an operation, or of all together.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Requests that were due.
    pub due: u64,
    /// What came of them.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The statuses of the answers that came.
    pub statuses: BTreeMap<u16, u64>,
    /// Why other requests that were sent have no answer.
    pub failures: BTreeMap<FailureKind, u64>,
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
        add_counts(&mut self.outcomes, &other.outcomes);
        add_counts(&mut self.statuses, &other.statuses);
        add_counts(&mut self.failures, &other.failures);
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

/// So many failures are looked at for a mistake that is not known yet.
const MOST_LOOKED_AT: u64 = 50;

/// So many different mistakes of answers are kept.
pub const MOST_MISTAKES: usize = 5;

fn add_counts<K: Copy + Ord>(sums: &mut BTreeMap<K, u64>, more: &BTreeMap<K, u64>) {
    for (of, count) in more {
        let sum = sums.entry(*of).or_default();
        *sum = sum.saturating_add(*count);
    }
}
