//! What would decide a promise that is not decided yet.

use std::time::Duration;

use crate::statistics::{at_least, at_most, fewest};

use super::judged::{LevelVerdict, Needs};
use super::sample::{Sample, real};

/// Up to which p-values a promise is decided, together with the other promises of the run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds {
    /// For calling it met.
    pub met: f64,
    /// For calling it violated.
    pub violated: f64,
}

/// Where a sample leads to if all further requests are like it, and how many that are in all; nothing if the share that was
/// observed is that of the limit, which no number is likely to decide.
pub(super) fn needed(sample: &Sample, thresholds: Thresholds) -> Option<(LevelVerdict, u64)> {
    let (verdict, independent) = needed_of_independent(&sample.independent(), thresholds)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is positive, and no run makes 2^63")]
    let samples = (real(independent) * sample.inflation).ceil() as u64;
    Some((verdict, samples))
}

fn needed_of_independent(sample: &Sample, thresholds: Thresholds) -> Option<(LevelVerdict, u64)> {
    let allowed = sample.allowed;
    let share = |beyond: u64| if sample.size == 0 { 0.0 } else { real(beyond) / real(sample.size) };
    let (surely, at_most_share) = (share(sample.surely), share(sample.at_most));
    if at_most_share < allowed {
        let met = |n| n >= sample.size && at_most(part(n, at_most_share, f64::ceil), n, allowed) <= thresholds.met;
        fewest(met).map(|samples| (LevelVerdict::Met, samples))
    } else if surely > allowed {
        let violated = |n| n >= sample.size && at_least(part(n, surely, f64::floor), n, allowed) <= thresholds.violated;
        fewest(violated).map(|samples| (LevelVerdict::Violated, samples))
    } else {
        None
    }
}

/// A share of a number of requests, as a number of requests.
fn part(of: u64, share: f64, rounded: impl Fn(f64) -> f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and `of`")]
    // A part that is whole but for the rounding of binary numbers is whole.
    let part = rounded((share * real(of) * 1e6).round() / 1e6) as u64;
    part.min(of)
}

/// So many samples, and how long they take at a rate.
pub(super) fn at_rate(samples: u64, per_second: Option<f64>) -> Needs {
    let time = per_second.filter(|rate| *rate > 0.0).and_then(|rate| {
        // A thousandth of a second more or less is rounding; people see whole seconds.
        Duration::try_from_secs_f64((real(samples) / rate - 0.001).ceil().max(1.0)).ok()
    });
    Needs { samples, time }
}
