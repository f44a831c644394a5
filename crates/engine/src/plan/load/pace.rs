//! When requests are due, as a pure function of their number. Nothing here looks at a clock.

use std::time::Duration;

use crate::profile::{Shape, Spacing, Trace};
use assay_formats::record::load::Shard;

use super::chance;
use super::planned::{PlannedArrivals, PlannedDue};

/// A request that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its number among all requests of the profile, from 0.
    pub number: u64,
    /// When, from the start of the profile.
    pub due: Due,
}

/// When a request is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At this moment.
    At(Duration),
    /// As soon as it can be sent, until this moment: the deployment decides how many there are.
    AtOnceUntil(Duration),
}

/// The part of all requests that one worker of one generator makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    first: u64,
    every: u64,
}

impl Share {
    /// All of them.
    pub const WHOLE: Self = Self { first: 0, every: 1 };

    /// What the worker with this place, from 0, makes of a generator's shard.
    pub fn new(shard: Shard, worker: usize, workers: usize) -> Self {
        let (of, worker, workers) = (u64::from(shard.of.max(1)), worker as u64, workers.max(1) as u64);
        let first = u64::from(shard.number.saturating_sub(1)) + of * worker;
        Self { first, every: of * workers }
    }

    /// The first number from `number` on that is its own.
    fn next_from(self, number: u64) -> u64 {
        self.first + number.saturating_sub(self.first).div_ceil(self.every) * self.every
    }
}

/// The arrivals of a worker, in order.
#[derive(Debug)]
pub struct Pace<'a> {
    when: When<'a>,
    share: Share,
    next: u64,
}

#[derive(Debug)]
enum When<'a> {
    Shape { shape: &'a Shape, spacing: Spacing, seed: u64, passed: f64 },
    Unlimited { ends: Duration },
    Trace(&'a Trace),
}

/// Chance has one seed for each use, so that what is drawn for one says nothing of another.
const PORTION: u64 = 0x706f_7274;

/// Which portion of a mix, by its place, the request with a number is of.
pub fn portion(weights: impl Iterator<Item = u64> + Clone, seed: u64, number: u64) -> usize {
    let mut drawn = chance::below(weights.clone().sum(), seed ^ PORTION, number);
    for (place, weight) in weights.enumerate() {
        match drawn.checked_sub(weight) {
            Some(rest) => drawn = rest,
            None => return place,
        }
    }
    0
}

impl<'a> Pace<'a> {
    /// The arrivals that a rate over time wants.
    pub fn of_shape(shape: &'a Shape, spacing: Spacing, seed: u64, share: Share) -> Self {
        let when = if shape.is_unlimited() {
            When::Unlimited { ends: shape.lasts() }
        } else {
            When::Shape { shape, spacing, seed, passed: 0.0 }
        };
        Self { when, share, next: 0 }
    }

    /// The arrivals of a plan.
    pub fn of(arrivals: &'a PlannedArrivals, share: Share) -> Self {
        match &arrivals.due {
            PlannedDue::Shape(shape) => Self::of_shape(shape, arrivals.spacing, arrivals.seed, share),
            PlannedDue::Trace(trace) => Self::of_trace(trace, share),
        }
    }

    /// The arrivals of a recorded trace.
    pub fn of_trace(trace: &'a Trace, share: Share) -> Self {
        Self { when: When::Trace(trace), share, next: 0 }
    }

    /// The number of this worker's next request; what chance gave the others is passed by.
    fn next_number(&mut self) -> u64 {
        let number = self.share.next_from(self.next);
        if let When::Shape { spacing: Spacing::Poisson, seed, passed, .. } = &mut self.when {
            // Distances are exponential, with a mean of one arrival.
            let distance = |number| -(1.0 - chance::share(*seed, number)).ln();
            *passed += (self.next..=number).map(distance).sum::<f64>();
        }
        self.next = number + 1;
        number
    }
}

impl Iterator for Pace<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let number = self.next_number();
        let due = match &self.when {
            When::Unlimited { ends } => Due::AtOnceUntil(*ends),
            When::Trace(trace) => {
                let arrival = trace.arrivals.get(usize::try_from(number).ok()?)?;
                Due::At(arrival.at.div_f64(trace.scale))
            }
            When::Shape { shape, spacing: Spacing::Even, .. } => Due::At(shape.moment_of(even(number))?),
            When::Shape { shape, spacing: Spacing::Poisson, passed, .. } => Due::At(shape.moment_of(*passed)?),
        };
        Some(Arrival { number, due })
    }
}

#[allow(clippy::cast_precision_loss, reason = "no run makes 2^53 requests")]
fn even(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Form, Rate, Segment};

    fn constant(rate: f64, seconds: u64) -> Shape {
        Shape(vec![Segment { form: Form::Constant(Rate::per_second(rate)), lasts: Duration::from_secs(seconds) }])
    }

    fn whole() -> Share {
        Share::new(Shard::WHOLE, 0, 1)
    }

    fn micros(arrival: Arrival) -> u128 {
        match arrival.due {
            Due::At(due) => due.as_micros(),
            Due::AtOnceUntil(_) => panic!("it has a moment"),
        }
    }

    #[test]
    fn even_arrivals_are_due_at_equal_distances() {
        let shape = constant(4000.0, 1);
        let due: Vec<_> = Pace::of_shape(&shape, Spacing::Even, 0, whole()).map(micros).collect();
        assert_eq!(due.len(), 4000);
        assert_eq!(due[..4], [0, 250, 500, 750]);
        assert_eq!(due.last(), Some(&999_750));
    }

    #[test]
    fn shards_and_workers_make_each_request_once() {
        let shape = constant(1000.0, 2);
        for spacing in [Spacing::Even, Spacing::Poisson] {
            let all: Vec<_> = Pace::of_shape(&shape, spacing, 9, whole()).collect();
            let mut parts = Vec::new();
            for number in 1..=3 {
                for worker in 0..2 {
                    let share = Share::new(Shard { number, of: 3 }, worker, 2);
                    parts.extend(Pace::of_shape(&shape, spacing, 9, share));
                }
            }
            parts.sort_by_key(|arrival| arrival.number);
            assert_eq!(parts, all, "{spacing:?}");
        }
    }

    #[test]
    fn poisson_arrivals_have_exponential_distances_and_the_same_with_the_same_seed() {
        let shape = constant(1000.0, 100);
        let due: Vec<_> = Pace::of_shape(&shape, Spacing::Poisson, 1, whole()).map(micros).collect();
        let expected = 100_000_f64;
        let count = f64::from(u32::try_from(due.len()).unwrap());
        assert!((count - expected).abs() < 4.0 * expected.sqrt(), "{count}");
        // Of exponential distances a share of 1/e exceeds the mean.
        let longer = due.windows(2).filter(|pair| pair[1] - pair[0] > 1000).count();
        let share = f64::from(u32::try_from(longer).unwrap()) / count;
        assert!((share - (-1.0_f64).exp()).abs() < 0.01, "{share}");
        let again: Vec<_> = Pace::of_shape(&shape, Spacing::Poisson, 1, whole()).map(micros).collect();
        assert_eq!(due, again);
        let other: Vec<_> = Pace::of_shape(&shape, Spacing::Poisson, 2, whole()).map(micros).collect();
        assert_ne!(due, other);
    }
}
