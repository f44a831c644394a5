//! Whether a deployment had settled when it was judged: where its warm-up really ended, and whether it goes on as it began.

use std::time::Duration;

use crate::statistics::{Trend, trend, warm_up_of};
use assay_formats::record::load::{ObservedProfile, Part, RecordedProfile};
use assay_suite::Quantile;

use super::sample::real;

/// How response times went on under a constant load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settling {
    /// How long after the planned warm-up they were still other than later; nothing if they were not.
    pub unsettled: Option<Duration>,
    /// Whether they rise or fall after that.
    pub trend: Trend,
}

/// So much may a part's rate differ from that of the others where a load is called constant.
const CONSTANT: f64 = 0.1;

/// How the medians of the parts of a profile's time went on after its warm-up. Nothing where the load itself changes, or where
/// there are too few parts.
pub fn settling(planned: &RecordedProfile, observed: &ObservedProfile) -> Option<Settling> {
    let warm_up = planned.warm_up.as_secs() + u64::from(planned.warm_up.subsec_nanos() > 0);
    let judged: Vec<&Part> = observed.timeline.iter().filter(|part| part.second >= warm_up).collect();
    // The last part may be cut off.
    let (_, parts) = judged.split_last()?;
    let (first, seconds) = (parts.first()?.second, parts.first()?.seconds);
    if !is_constant(parts) {
        return None;
    }
    let medians = parts.iter().filter_map(|part| part.totals.response.quantile(Quantile::P50));
    let medians: Vec<f64> = medians.map(|time| time.as_secs_f64()).collect();
    if medians.len() < parts.len() {
        return None;
    }
    let begun = warm_up_of(&medians);
    let after = u64::try_from(begun).unwrap_or_default() * seconds + first - warm_up;
    let trend = trend(&medians[begun..]);
    // What rises all the time has no warm-up that ends.
    let is_warm_up = begun > 0 && trend == Trend::None;
    Some(Settling { unsettled: is_warm_up.then(|| Duration::from_secs(after)), trend })
}

fn is_constant(parts: &[&Part]) -> bool {
    let mut rates: Vec<f64> = parts.iter().map(|part| real(part.totals.due) / real(part.seconds.max(1))).collect();
    rates.sort_by(f64::total_cmp);
    let median = rates.get(rates.len() / 2).copied().unwrap_or_default();
    let (Some(least), Some(most)) = (rates.first(), rates.last()) else { return false };
    // By chance a rate of few requests is never the same.
    let by_chance = 3.0 * median.sqrt() / real(parts[0].seconds.max(1)).sqrt();
    let allowed = (CONSTANT * median).max(by_chance);
    median > 0.0 && median - least <= allowed && most - median <= allowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_formats::record::load_reader::samples::{answered, observed, profile};

    /// A second of 100 requests that take so many microseconds each.
    fn seconds(micros: impl Iterator<Item = u64>) -> ObservedProfile {
        let mut seen = observed(answered(&[]));
        let parts = micros.enumerate().map(|(second, micros)| Part {
            second: second as u64,
            seconds: 1,
            totals: answered(&[(micros, 50), (micros + 100, 50)]),
        });
        seen.timeline = parts.collect();
        seen
    }

    fn found(micros: impl Iterator<Item = u64>) -> Option<Settling> {
        settling(&profile(Vec::new()), &seconds(micros))
    }

    #[test]
    fn a_steady_deployment_has_settled() {
        // The warm-up of 10 seconds is not looked at.
        let micros = (0..40).map(|second| if second < 10 { 90_000 } else { 2_000 + second * 7 % 5 * 10 });
        assert_eq!(found(micros), Some(Settling { unsettled: None, trend: Trend::None }));
    }

    #[test]
    fn a_warm_up_that_was_too_short_is_found() {
        let micros = (0..40).map(|second| if second < 15 { 9_000 } else { 2_000 + second * 7 % 5 * 10 });
        let settling = found(micros).unwrap();
        let seconds = settling.unsettled.unwrap().as_secs();
        assert!((5..=7).contains(&seconds) && settling.trend == Trend::None, "{settling:?}");
    }

    #[test]
    fn response_times_that_rise_are_found() {
        let settling = found((0..40).map(|second| 2_000 + second * 100)).unwrap();
        assert_eq!(settling.trend, Trend::Rising);
    }

    #[test]
    fn a_load_that_changes_says_nothing_of_the_deployment() {
        let mut seen = seconds((0..40).map(|second| 2_000 + second * 100));
        seen.timeline.iter_mut().for_each(|part| part.totals.due = 50 + part.second * 10);
        assert_eq!(settling(&profile(Vec::new()), &seen), None);
    }
}
