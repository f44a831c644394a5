//! A profile at one rate after another, for the search of its capacity.

use std::time::Duration;

use crate::profile::{Abort, Form, Rate, Segment, Shape};
use crate::statistics::SearchPlan;
use assay_formats::record::load::Level;

use super::promises::lateness;
use super::{PlannedArrivals, PlannedDue, PlannedLoad, PlannedProfile};

/// What is not judged at the start of each look.
const WARM_UP: Duration = Duration::from_secs(2);
/// Looks that end early are over after this much: what is certainly broken by then need not be put on the deployment for longer.
const GRACE: Duration = Duration::from_secs(3);
/// The first rate when neither the search nor the profile names one.
const FIRST: f64 = 10.0;
/// The highest rate when nothing is said.
const HIGHEST: f64 = 1_000_000.0;
/// How wide the interval may be when nothing is said.
const WIDTH: f64 = 0.05;
/// How long a search takes at most when nothing is said.
const WITHIN: Duration = Duration::from_secs(600);

/// Why a profile has no capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCapacity {
    /// Users wait for answers, and a trace has its own moments.
    #[error("its requests have no rate that can be raised: give it `arrivals` with a `shape`")]
    NoRate,
    /// Without a promise no rate is too high.
    #[error("it promises no response time and no success rate: give it a `service_level`, such as {{tp99: 200ms}}")]
    NoPromise,
}

impl PlannedProfile {
    /// How its capacity is searched.
    pub fn search_plan(&self) -> Result<SearchPlan, NoCapacity> {
        let PlannedLoad::Open(PlannedArrivals { due: PlannedDue::Shape(shape), .. }) = &self.load else {
            return Err(NoCapacity::NoRate);
        };
        let shares = self.recorded.promises.iter().filter_map(|promise| match promise.level {
            Level::Latency { quantile, .. } => Some(quantile.rest()),
            Level::SuccessRate(share) => Some(1.0 - share),
            Level::Throughput(_) => None,
        });
        let least = shares.filter(|share| *share > 0.0).reduce(f64::min).ok_or(NoCapacity::NoPromise)?;
        let bounds = self.search;
        let first = shape.0.first().and_then(|segment| match segment.form {
            Form::Constant(rate) => Some(rate.value()),
            _ => None,
        });
        let mut plan = SearchPlan {
            from: bounds.from.map(Rate::value).or(first).unwrap_or(FIRST),
            to: bounds.to.map_or(HIGHEST, Rate::value),
            width: bounds.width.unwrap_or(WIDTH),
            significance: 0.05,
            shortest: Duration::from_secs(3),
            decisive: Duration::from_secs(15),
            fewest: 0.0,
            recovery: Duration::from_secs(2),
            within: bounds.within.unwrap_or(WITHIN),
        };
        // So many without one beyond the limit decide; one in five more for those that are.
        plan.fewest = plan.of_look().ln() / (1.0 - least).ln() * 1.2;
        Ok(plan)
    }

    /// The same requests at a constant rate, judged for so long. A throughput that is promised is not judged: the rate is.
    #[must_use]
    pub fn at_rate(&self, rate: f64, judged: Duration) -> Self {
        let mut profile = self.clone();
        let PlannedLoad::Open(arrivals) = &mut profile.load else { return profile };
        let segment = Segment { form: Form::Constant(Rate::per_second(rate)), lasts: WARM_UP + judged };
        arrivals.due = PlannedDue::Shape(Shape(vec![segment]));
        arrivals.warm_up = WARM_UP;
        let recorded = &mut profile.recorded;
        recorded.promises.retain(|promise| !matches!(promise.level, Level::Throughput(_)));
        recorded.model = arrivals.model();
        (recorded.warm_up, recorded.lasts) = (WARM_UP, arrivals.lasts());
        recorded.judged = arrivals.judged(&self.portions);
        recorded.lateness = lateness(&recorded.promises);
        profile.abort = Abort::Certain(GRACE);
        profile
    }
}
