//! How much load a profile is: how many requests become due, how many of these are judged.

use std::time::Duration;

use indexmap::IndexMap;

use crate::profile::{Form, Segment, Shape, Spacing, Trace};
use assay_formats::record::load::Model;
use assay_suite::OperationName;

use super::pace::{Due, Pace, Share, portion};
use super::planned::{PlannedArrivals, PlannedDue, PlannedPortion};

/// A shape that takes this long after its warm-up: every segment becomes longer or shorter, and the rates stay.
pub(super) fn stretched(shape: &Shape, warm_up: Duration, lasts: Duration) -> Shape {
    let factor = (warm_up + lasts).as_secs_f64() / shape.lasts().as_secs_f64();
    let stretched = |duration: Duration| duration.mul_f64(factor);
    let segments = shape.0.iter().map(|segment| {
        let form = match segment.form {
            Form::Sine { mean, amplitude, period } => Form::Sine { mean, amplitude, period: stretched(period) },
            other => other,
        };
        Segment { form, lasts: stretched(segment.lasts) }
    });
    Shape(segments.collect())
}

impl PlannedArrivals {
    /// From the first due moment to the last.
    pub fn lasts(&self) -> Duration {
        match &self.due {
            PlannedDue::Shape(shape) => shape.lasts(),
            PlannedDue::Trace(trace) => trace.lasts(),
        }
    }

    /// The highest rate, in requests a second; nothing where the deployment decides it.
    pub fn peak(&self) -> Option<f64> {
        match &self.due {
            PlannedDue::Shape(shape) => shape.peak().map(crate::profile::Rate::value),
            PlannedDue::Trace(trace) => Some(busiest_second(trace)),
        }
    }

    /// How the record names it.
    pub(super) fn model(&self) -> Model {
        let due = match &self.due {
            PlannedDue::Shape(shape) if shape.is_unlimited() => None,
            PlannedDue::Shape(shape) if self.is_counted(shape) => Some(Pace::of(self, Share::WHOLE).count() as u64),
            PlannedDue::Shape(shape) => Some(whole(shape.arrivals_by(shape.lasts()))),
            PlannedDue::Trace(trace) => Some(trace.arrivals.len() as u64),
        };
        Model::Open { due, peak: self.peak() }
    }

    /// Whether arrivals are counted one by one: chance makes more or fewer than the rate, and its seed says how many. Of
    /// many millions the rate says it closely enough.
    fn is_counted(&self, shape: &Shape) -> bool {
        const MOST_COUNTED: f64 = 2e7;
        self.spacing == Spacing::Poisson && shape.arrivals_by(shape.lasts()) <= MOST_COUNTED
    }

    /// How many requests of each operation are judged; nothing where the deployment decides it.
    pub(super) fn judged(&self, portions: &[PlannedPortion]) -> IndexMap<OperationName, u64> {
        let mut judged = IndexMap::new();
        let mut add = |portion: Option<&PlannedPortion>, requests: u64| {
            if let Some(portion) = portion {
                *judged.entry(portion.operation.clone()).or_insert(0) += requests;
            }
        };
        match &self.due {
            PlannedDue::Shape(shape) if shape.is_unlimited() => {}
            PlannedDue::Shape(shape) if self.is_counted(shape) => {
                let weights = portions.iter().map(|portion| u64::from(portion.weight.get()));
                for arrival in Pace::of(self, Share::WHOLE) {
                    if matches!(arrival.due, Due::At(due) if due >= self.warm_up) {
                        add(portions.get(portion(weights.clone(), self.seed, arrival.number)), 1);
                    }
                }
            }
            PlannedDue::Shape(shape) => {
                let all = whole(shape.arrivals_by(shape.lasts())) - whole(shape.arrivals_by(self.warm_up));
                let weights: u64 = portions.iter().map(|portion| u64::from(portion.weight.get())).sum();
                for portion in portions {
                    let share = u128::from(all) * u128::from(portion.weight.get()) / u128::from(weights.max(1));
                    add(Some(portion), u64::try_from(share).unwrap_or(u64::MAX));
                }
            }
            PlannedDue::Trace(trace) => {
                let after = trace.arrivals.iter().filter(|arrival| trace.moment(arrival) >= self.warm_up);
                after.for_each(|arrival| add(portions.get(arrival.portion), 1));
            }
        }
        judged
    }
}

/// The most requests of a trace within a second.
fn busiest_second(trace: &Trace) -> f64 {
    let (mut first, mut most) = (0, 0);
    for (number, arrival) in trace.arrivals.iter().enumerate() {
        let now = trace.moment(arrival);
        let early = |first: &usize| trace.arrivals.get(*first).map(|arrival| trace.moment(arrival) + SECOND <= now);
        while early(&first) == Some(true) {
            first += 1;
        }
        most = most.max(number + 1 - first);
    }
    f64::from(u32::try_from(most).unwrap_or(u32::MAX))
}

const SECOND: Duration = Duration::from_secs(1);

/// Requests are whole: the one that begins counts.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sum of rates is not negative, and no run makes 2^63 requests"
)]
fn whole(arrivals: f64) -> u64 {
    // A sum that is whole but for its last binary digits is that whole number.
    (arrivals - 1e-6).ceil().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Rate;

    #[test]
    fn what_chance_makes_of_a_seed_is_what_is_planned() {
        let rate = Form::Constant(Rate::per_second(40.0));
        let shape = Shape(vec![Segment { form: rate, lasts: Duration::from_secs(3) }]);
        let mut totals = std::collections::BTreeSet::new();
        for seed in 0..20 {
            let due = PlannedDue::Shape(shape.clone());
            let arrivals = PlannedArrivals { warm_up: SECOND, spacing: Spacing::Poisson, seed, due };
            let made: Vec<_> = Pace::of(&arrivals, Share::WHOLE).collect();
            let Model::Open { due, .. } = arrivals.model() else { panic!("it is open") };
            assert_eq!(due, Some(made.len() as u64));
            totals.insert(made.len());
        }
        assert!(totals.len() > 5, "chance makes more or fewer: {totals:?}");
    }
}
