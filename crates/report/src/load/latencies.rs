//! Histograms in the few numbers that a report shows of them.

use std::time::Duration;

use serde::Serialize;

use assay_formats::Histogram;
use assay_suite::Quantile;

/// A histogram in a few numbers: times in seconds, absent where nothing was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LatencySummary {
    /// How many were counted.
    pub count: u64,
    /// The mean.
    pub mean_s: Option<f64>,
    /// The median.
    pub p50_s: Option<f64>,
    /// What 90 of 100 do not exceed.
    pub p90_s: Option<f64>,
    /// What 95 of 100 do not exceed.
    pub p95_s: Option<f64>,
    /// What 99 of 100 do not exceed.
    pub p99_s: Option<f64>,
    /// What 999 of 1,000 do not exceed.
    pub p99_9_s: Option<f64>,
    /// The longest.
    pub longest_s: Option<f64>,
}

impl LatencySummary {
    /// The numbers of a histogram.
    pub(super) fn new(histogram: &Histogram) -> Self {
        let mut histogram = histogram.clone();
        histogram.unpack();
        let any = |time: Duration| (!histogram.is_empty()).then_some(time.as_secs_f64());
        let at = |share| {
            let quantile = Quantile::new(share).and_then(|quantile| histogram.quantile(quantile));
            quantile.map(|time| time.as_secs_f64())
        };
        Self {
            count: histogram.len(),
            mean_s: any(histogram.mean()),
            p50_s: at(0.5),
            p90_s: at(0.9),
            p95_s: at(0.95),
            p99_s: at(0.99),
            p99_9_s: at(0.999),
            longest_s: any(histogram.longest()),
        }
    }
}

/// Times over the share of requests: `[share, seconds]`, denser towards 1. The share is one of all requests; those that
/// have no time are the slowest, so the curve ends where they begin.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Curve(pub Vec<(f64, f64)>);

/// Points of a curve on the way from one share to the one with a tenth of its rest: from 90 % to 99 %.
const POINTS_A_DECADE: u32 = 20;

impl Curve {
    /// The curve of a histogram that holds the times of some of `of` requests.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ranks are shares of what was counted"
    )]
    pub(super) fn new(histogram: &Histogram, of: u64) -> Self {
        if of == 0 {
            return Self::default();
        }
        let all = of as f64;
        // One step further than the last request, so that the slowest is seen.
        let last = ((2.0 * all).log10() * f64::from(POINTS_A_DECADE)).ceil() as u32;
        let mut steps = histogram.steps();
        let (mut time, mut counted) = (Duration::ZERO, 0);
        let mut points = Vec::new();
        for point in 0..=last {
            let share = 1.0 - 10_f64.powf(-f64::from(point) / f64::from(POINTS_A_DECADE));
            let rank = ((share * all - 1e-9).ceil() as u64).clamp(1, of);
            while counted < rank {
                let Some(step) = steps.next() else { return Self(points) };
                (time, counted) = step;
            }
            points.push((share, time.as_secs_f64()));
        }
        Self(points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(millis: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        millis.into_iter().for_each(|millis| histogram.record(Duration::from_millis(millis)));
        histogram
    }

    #[test]
    fn a_curve_has_the_fastest_first_and_the_slowest_last() {
        let curve = Curve::new(&histogram(1..=1000), 1000).0;
        let (first, last) = (curve.first().unwrap(), curve.last().unwrap());
        assert!(first.0 == 0.0 && (first.1 - 0.001).abs() < 1e-5, "{first:?}");
        assert!(last.0 > 0.999 && (last.1 - 1.0).abs() < 1e-3, "{last:?}");
        assert!(curve.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1));
    }

    #[test]
    fn a_curve_ends_where_failures_begin() {
        let curve = Curve::new(&histogram(1..=90), 100).0;
        let end = curve.last().unwrap().0;
        assert!(end > 0.88 && end <= 0.9, "{end}");
        assert!(Curve::new(&histogram([]), 0).0.is_empty());
        assert!(Curve::new(&histogram([]), 7).0.is_empty());
    }

    #[test]
    fn nothing_counted_has_no_numbers() {
        assert_eq!(LatencySummary::new(&histogram([])), LatencySummary::default());
    }
}
