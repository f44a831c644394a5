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
    let (verdict, independent) = needed_of_independent(sample, thresholds)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is positive, and no run makes 2^63")]
    let samples = (real(independent) * sample.inflation).ceil() as u64;
    Some((verdict, samples))
}

/// The same in independent requests. The shares are those of all requests: of few independent ones a share says little.
fn needed_of_independent(sample: &Sample, thresholds: Thresholds) -> Option<(LevelVerdict, u64)> {
    let (allowed, independent) = (sample.allowed, sample.independent());
    let share = |beyond: u64| if sample.size == 0 { 0.0 } else { real(beyond) / real(sample.size) };
    let (surely, at_most_share) = (share(sample.surely), share(sample.at_most));
    if at_most_share < allowed {
        let beyond = |n| part(n, at_most_share, f64::ceil) + sample.rounded_up();
        let met = |n| n >= independent.size && at_most(beyond(n), n, allowed) <= thresholds.met;
        fewest(met).map(|samples| (LevelVerdict::Met, samples))
    } else if surely > allowed {
        let beyond = |n| part(n, surely, f64::floor);
        let violated = |n| n >= independent.size && at_least(beyond(n), n, allowed) <= thresholds.violated;
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

#[cfg(test)]
mod tests {
    use super::{LevelVerdict, Sample, Thresholds, needed};

    #[test]
    fn what_few_independent_requests_hide_the_share_of_all_shows() {
        // One outage: of 15 independent requests none is beyond, of all nearly 7 %.
        let outage = Sample { size: 9_068, surely: 597, at_most: 597, allowed: 0.01, inflation: 600.0 };
        assert_eq!(outage.independent().surely, 0);
        let thresholds = Thresholds { met: 0.05, violated: 0.05 };
        let (verdict, samples) = needed(&outage, thresholds).unwrap();
        assert_eq!(verdict, LevelVerdict::Violated);
        let size = samples;
        let beyond = size * 597 / 9_068 + 1;
        let longer = Sample { size, surely: beyond, at_most: beyond, ..outage };
        assert!(longer.p_violated() <= thresholds.violated && samples > 9_068, "{samples}");
    }
}
