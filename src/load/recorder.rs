//! What is observed of a profile, gathered second by second. Its size depends on the operations, not on the run's length.

use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

use crate::record::load::{ObservedOperation, Outcome, Phase};
use crate::record::load_reader::MOST_MISTAKES;
use crate::statistics::Histogram;
use crate::suite::OperationName;

/// How a request ended.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    /// What came of it.
    pub outcome: Outcome,
    /// From the moment it was due to the last byte of the answer.
    pub response: Duration,
    /// From the sending to the last byte of the answer.
    pub service: Duration,
    /// How much later than due it was sent, while a connection was free.
    pub lateness: Duration,
    /// Whether the answer was held against its schema.
    pub check: Check,
    /// What was wrong with the answer.
    pub mistake: Option<String>,
}

/// How closely an answer was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Its status and its envelope.
    Glance,
    /// Its schema, too.
    Schema,
}

/// What is gathered of one operation in one phase.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    due: u64,
    outcomes: [u64; OUTCOMES.len()],
    response: Histogram,
    service: Histogram,
    lateness: Histogram,
    checked: u64,
    mistakes: Vec<String>,
}

/// All outcomes, in the order in which they are counted.
const OUTCOMES: [Outcome; 7] = [
    Outcome::Success,
    Outcome::WrongAnswer,
    Outcome::Throttled,
    Outcome::Refused,
    Outcome::TimedOut,
    Outcome::Broken,
    Outcome::NotSent,
];

impl Gathered {
    /// A request was due.
    pub fn due(&mut self) {
        self.due += 1;
    }

    /// A request has ended.
    pub fn ended(&mut self, observation: Observation) {
        self.outcomes[observation.outcome as usize] += 1;
        if observation.outcome == Outcome::Success {
            self.response.record(observation.response);
            self.service.record(observation.service);
        }
        if observation.outcome != Outcome::NotSent {
            self.lateness.record(observation.lateness);
        }
        self.checked += u64::from(observation.check == Check::Schema);
        if let Some(mistake) = observation.mistake
            && self.mistakes.len() < MOST_MISTAKES
            && !self.mistakes.contains(&mistake)
        {
            self.mistakes.push(mistake);
        }
    }

    /// Adds what another has gathered.
    pub fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.outcomes.iter_mut().zip(other.outcomes).for_each(|(count, more)| *count += more);
        self.response.add(&other.response);
        self.service.add(&other.service);
        self.lateness.add(&other.lateness);
        self.checked += other.checked;
        for mistake in &other.mistakes {
            if self.mistakes.len() < MOST_MISTAKES && !self.mistakes.contains(mistake) {
                self.mistakes.push(mistake.clone());
            }
        }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.due == 0 && self.outcomes.iter().all(|count| *count == 0)
    }

    /// Forgets everything, and keeps its memory.
    pub fn clear(&mut self) {
        let Self { response, service, lateness, .. } = self;
        [response, service, lateness].into_iter().for_each(Histogram::clear);
        *self = Self {
            response: mem::take(&mut self.response),
            service: mem::take(&mut self.service),
            lateness: mem::take(&mut self.lateness),
            ..Self::default()
        };
    }

    /// As it stands in a record.
    pub fn observed(&self) -> ObservedOperation {
        let counted = OUTCOMES.iter().zip(self.outcomes).filter(|(_, count)| *count > 0);
        ObservedOperation {
            due: self.due,
            outcomes: counted.map(|(outcome, count)| (*outcome, count)).collect(),
            response: self.response.encode(),
            service: self.service.encode(),
            lateness: self.lateness.encode(),
            checked: self.checked,
            mistakes: self.mistakes.clone(),
        }
    }
}

/// What one worker gathers of one profile: by phase, and by the operation's place in the plan.
#[derive(Clone, Debug)]
pub(super) struct Book {
    warm_up: Vec<Gathered>,
    judged: Vec<Gathered>,
}

impl Book {
    /// An empty book for so many operations.
    pub fn new(operations: usize) -> Self {
        let empty = || vec![Gathered::default(); operations];
        Self { warm_up: empty(), judged: empty() }
    }

    /// What is gathered of an operation in a phase.
    pub fn of(&mut self, operation: usize, phase: Phase) -> &mut Gathered {
        match phase {
            Phase::WarmUp => &mut self.warm_up[operation],
            Phase::Judged => &mut self.judged[operation],
        }
    }

    /// Adds what another worker has gathered.
    pub fn add(&mut self, other: &Self) {
        let pairs = self.warm_up.iter_mut().zip(&other.warm_up).chain(self.judged.iter_mut().zip(&other.judged));
        pairs.filter(|(_, more)| !more.is_empty()).for_each(|(gathered, more)| gathered.add(more));
    }

    /// Forgets everything, and keeps its memory.
    pub fn clear(&mut self) {
        self.warm_up.iter_mut().chain(&mut self.judged).for_each(Gathered::clear);
    }

    /// What there is to tell of a phase, as it stands in a record.
    pub fn observed(&self, phase: Phase, names: &[OperationName]) -> BTreeMap<OperationName, ObservedOperation> {
        let gathered = match phase {
            Phase::WarmUp => &self.warm_up,
            Phase::Judged => &self.judged,
        };
        let told = names.iter().zip(gathered).filter(|(_, gathered)| !gathered.is_empty());
        told.map(|(name, gathered)| (name.clone(), gathered.observed())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(outcome: Outcome) -> Observation {
        let millis = Duration::from_millis(2);
        Observation {
            outcome,
            response: millis,
            service: millis,
            lateness: Duration::ZERO,
            check: Check::Glance,
            mistake: None,
        }
    }

    #[test]
    fn outcomes_are_counted_by_their_own_names() {
        let mut gathered = Gathered::default();
        for (count, outcome) in OUTCOMES.iter().enumerate() {
            (0..=count).for_each(|_| gathered.ended(ended(*outcome)));
        }
        let observed = gathered.observed();
        for (count, outcome) in OUTCOMES.iter().enumerate() {
            assert_eq!(observed.outcomes[outcome], count as u64 + 1, "{outcome:?}");
        }
        // Only good answers have times; only what was sent can be late.
        assert_eq!(observed.response.decode().unwrap().len(), 1);
        assert_eq!(observed.lateness.decode().unwrap().len(), 21);
    }

    #[test]
    fn the_same_mistake_is_told_once_and_not_too_many_are() {
        let mut gathered = Gathered::default();
        for number in 0..100 {
            for _ in 0..2 {
                let mistake = Some(format!("mistake {number}"));
                gathered.ended(Observation { mistake, ..ended(Outcome::WrongAnswer) });
            }
        }
        assert_eq!(gathered.observed().mistakes.len(), MOST_MISTAKES);
        gathered.clear();
        assert!(gathered.is_empty() && gathered.observed().mistakes.is_empty());
    }
}
