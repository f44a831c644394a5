//! What is observed of a profile, gathered second by second. Its size depends on the operations, not on the run's length.

use std::collections::BTreeMap;
use std::time::Duration;

use assay_formats::record::ClockOffset;
use assay_formats::record::load::{ObservedOperation, Outcome, Phase};
use assay_formats::record::load_reader::Totals;
use assay_suite::OperationName;
use assay_suite::http::{Failure, FailureKind};

use crate::deployment::ResponseHead;

/// How a request ended.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    /// What came of it.
    pub outcome: Outcome,
    /// What was answered.
    pub reply: Reply,
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

impl Observation {
    /// A request that took so long from the moment it was due, which was that of its sending. Nothing is known of its answer
    /// but what it came to.
    pub fn of(outcome: Outcome, reply: Reply, took: Duration) -> Self {
        let (check, mistake) = (Check::Glance, None);
        Self { outcome, reply, response: took, service: took, lateness: Duration::ZERO, check, mistake }
    }
}

/// What a request was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// An answer with this status.
    Status(u16),
    /// None, for this reason.
    Failure(FailureKind),
    /// It was not sent.
    Unsent,
}

impl Reply {
    /// What came of a request that was sent.
    pub fn of(received: &Result<ResponseHead, Failure>) -> Self {
        received.as_ref().map_or_else(|failure| Self::Failure(failure.kind), |head| Self::Status(head.status))
    }
}

/// How closely an answer was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Its status and its envelope.
    Glance,
    /// Its schema, too.
    Schema,
}

/// Counts a request that has ended.
pub(super) fn count(totals: &mut Totals, observation: Observation) {
    *totals.outcomes.entry(observation.outcome).or_default() += 1;
    match observation.reply {
        Reply::Status(status) => *totals.statuses.entry(status).or_default() += 1,
        Reply::Failure(kind) => *totals.failures.entry(kind).or_default() += 1,
        Reply::Unsent => {}
    }
    if observation.outcome == Outcome::Success {
        totals.response.record(observation.response);
        totals.service.record(observation.service);
    }
    if !matches!(observation.outcome, Outcome::NotSent | Outcome::GeneratorLimit) {
        totals.lateness.record(observation.lateness);
    }
    totals.checked += u64::from(observation.check == Check::Schema);
    if let Some(mistake) = observation.mistake {
        totals.note(&mistake);
    }
}

/// As it is in a record.
fn observed(totals: &Totals) -> ObservedOperation {
    ObservedOperation {
        due: totals.due,
        outcomes: totals.outcomes.clone(),
        statuses: totals.statuses.clone(),
        failures: totals.failures.clone(),
        response: totals.response.encode(),
        service: totals.service.encode(),
        lateness: totals.lateness.encode(),
        checked: totals.checked,
        mistakes: totals.mistakes.clone(),
    }
}

/// What one worker gathers of one profile: by phase, and by the operation's place in the plan.
#[derive(Clone, Debug)]
pub(super) struct ObservationBuffer {
    warm_up: Vec<Totals>,
    judged: Vec<Totals>,
    clock: Option<ClockOffset>,
}

impl ObservationBuffer {
    /// An empty book for so many operations.
    pub fn new(operations: usize) -> Self {
        let empty = || vec![Totals::default(); operations];
        Self { warm_up: empty(), judged: empty(), clock: None }
    }

    /// What is gathered of an operation in a phase.
    pub fn of(&mut self, operation: usize, phase: Phase) -> &mut Totals {
        match phase {
            Phase::WarmUp => &mut self.warm_up[operation],
            Phase::Judged => &mut self.judged[operation],
        }
    }

    /// What is gathered of each operation in the judged phase.
    pub fn judged(&self) -> &[Totals] {
        &self.judged
    }

    /// How many requests were due, and how many were answered well, in both phases together.
    pub fn last_second(&self) -> (u64, u64) {
        let all = || self.warm_up.iter().chain(&self.judged);
        (all().map(|totals| totals.due).sum(), all().map(|totals| totals.of(Outcome::Success)).sum())
    }

    /// Notes what an answer shows of the clocks.
    pub fn note_clock(&mut self, shown: Option<ClockOffset>) {
        self.clock = match (self.clock, shown) {
            (Some(known), Some(shown)) => Some(known.and(shown)),
            (known, shown) => known.or(shown),
        };
    }

    /// How far the deployment's clock is ahead, as far as answers show it.
    pub fn clock(&self) -> Option<ClockOffset> {
        self.clock
    }

    /// Forgets everything, and keeps its memory.
    pub fn clear(&mut self) {
        self.clock = None;
        self.warm_up.iter_mut().chain(&mut self.judged).for_each(Totals::clear);
    }

    /// What a record holds of a phase.
    pub fn observed(&self, phase: Phase, names: &[OperationName]) -> BTreeMap<OperationName, ObservedOperation> {
        let gathered = match phase {
            Phase::WarmUp => &self.warm_up,
            Phase::Judged => &self.judged,
        };
        let used = names.iter().zip(gathered).filter(|(_, totals)| totals.due > 0 || totals.ended() > 0);
        used.map(|(name, totals)| (name.clone(), observed(totals))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_formats::record::load_reader::MOST_MISTAKES;

    fn ended(outcome: Outcome) -> Observation {
        let reply = match outcome {
            Outcome::Success | Outcome::WrongAnswer => Reply::Status(200),
            Outcome::TimedOut => Reply::Failure(FailureKind::Deadline),
            _ => Reply::Unsent,
        };
        Observation::of(outcome, reply, Duration::from_millis(2))
    }

    #[test]
    fn only_good_answers_have_times_and_only_what_was_sent_can_be_late() {
        let mut book = ObservationBuffer::new(1);
        for outcome in [Outcome::Success, Outcome::WrongAnswer, Outcome::TimedOut, Outcome::NotSent] {
            count(book.of(0, Phase::Judged), ended(outcome));
        }
        let names = [OperationName("listZones".to_owned())];
        assert!(book.observed(Phase::WarmUp, &names).is_empty());
        let observed = &book.observed(Phase::Judged, &names)[&names[0]];
        assert_eq!(observed.outcomes.values().sum::<u64>(), 4);
        assert_eq!(observed.response.decode().unwrap().len(), 1);
        assert_eq!(observed.service.decode().unwrap().len(), 1);
        assert_eq!(observed.lateness.decode().unwrap().len(), 3);
        assert_eq!(observed.statuses, BTreeMap::from([(200, 2)]));
        assert_eq!(observed.failures, BTreeMap::from([(FailureKind::Deadline, 1)]));
    }

    #[test]
    fn the_same_mistake_is_reported_once_and_not_too_many_are() {
        let mut book = ObservationBuffer::new(1);
        for number in 0..100 {
            for _ in 0..2 {
                let mistake = Some(format!("mistake {number}"));
                count(book.of(0, Phase::Judged), Observation { mistake, ..ended(Outcome::WrongAnswer) });
            }
        }
        assert_eq!(book.judged()[0].mistakes.len(), MOST_MISTAKES);
        book.clear();
        assert!(book.judged()[0].mistakes.is_empty() && book.judged()[0].ended() == 0);
    }
}
