//! What was observed of a promise that is about a share of requests: how many there were, and how many were beyond.

use crate::statistics::{at_least, at_most, rank_interval, share_interval};
use assay_formats::record::load::{Level, LevelPromise, Outcome, Totals};
use assay_suite::Quantile;

use super::{CONFIDENCE, Measure};

/// Requests, and how many of them were beyond what is promised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::verdict) struct Sample {
    /// Requests.
    pub size: u64,
    /// Those beyond, at least.
    pub surely: u64,
    /// Those beyond, at most: the limit may fall inside a bucket of the histogram.
    pub at_most: u64,
    /// The share that may be beyond.
    pub allowed: f64,
}

impl Sample {
    /// What was observed of a promise; nothing for a throughput, which is no share.
    pub fn of(level: Level, totals: &Totals) -> Option<Self> {
        let (size, failed) = (totals.ended(), totals.failed());
        match level {
            Level::Latency { quantile, limit } => {
                let above = totals.response.above(limit);
                let (surely, at_most) = (above.surely + failed, above.at_most + failed);
                Some(Self { size, surely, at_most, allowed: quantile.rest() })
            }
            Level::SuccessRate(share) => Some(Self { size, surely: failed, at_most: failed, allowed: may_fail(share) }),
            Level::Throughput(_) => None,
        }
    }

    /// The same by service times alone: what could not be sent is left out, and so is what waited to be sent.
    pub fn of_service(level: Level, totals: &Totals) -> Option<Self> {
        let not_sent = totals.of(Outcome::NotSent);
        let sample = Self::of(level, totals)?;
        let size = sample.size - not_sent;
        let failed = totals.failed() - not_sent;
        let above = match level {
            Level::Latency { limit, .. } => totals.service.above(limit).surely,
            Level::SuccessRate(_) | Level::Throughput(_) => 0,
        };
        Some(Self { size, surely: above + failed, at_most: above + failed, ..sample })
    }

    /// How likely so few are beyond if the promise is just not kept.
    pub fn p_met(&self) -> f64 {
        at_most(self.at_most, self.size, self.allowed)
    }

    /// How likely so many are beyond if the promise is just kept.
    pub fn p_violated(&self) -> f64 {
        at_least(self.surely, self.size, self.allowed)
    }
}

/// The share of requests that may fail, without what binary numbers add to it.
fn may_fail(success: f64) -> f64 {
    ((1.0 - success) * 1e12).round() / 1e12
}

/// What was observed of a promise, and between which ends the true value lies.
pub(in crate::verdict) fn observed(promise: &LevelPromise, totals: &Totals) -> (Measure, Option<(Measure, Measure)>) {
    match promise.level {
        Level::Latency { quantile, .. } => {
            let (value, low, high) = quantile_of(totals, quantile);
            (value, (totals.ended() > 0).then_some((low, high)))
        }
        Level::SuccessRate(_) => {
            let (value, low, high) = success_of(totals);
            (value, (totals.ended() > 0).then_some((low, high)))
        }
        // It depends on the rate that was asked for, not on chance.
        Level::Throughput(_) => (Measure::Nothing, None),
    }
}

/// A quantile of all requests, failures as endless, and its interval: value, lower end, upper end.
pub(in crate::verdict) fn quantile_of(totals: &Totals, quantile: Quantile) -> (Measure, Measure, Measure) {
    let size = totals.ended();
    if size == 0 {
        return (Measure::Nothing, Measure::Nothing, Measure::Nothing);
    }
    let at = |rank| totals.response.at_rank(rank).map_or(Measure::Endless, Measure::Time);
    let ranks = rank_interval(size, quantile, CONFIDENCE);
    // Too few samples for an end: it may be as short as none takes, or as long as none ends.
    let low = ranks.low.map_or(Measure::Time(std::time::Duration::ZERO), at);
    (at(quantile.rank(size)), low, ranks.high.map_or(Measure::Endless, at))
}

/// The share of requests that succeed, and its interval: value, lower end, upper end.
pub(in crate::verdict) fn success_of(totals: &Totals) -> (Measure, Measure, Measure) {
    let (size, succeeded) = (totals.ended(), totals.of(Outcome::Success));
    if size == 0 {
        return (Measure::Nothing, Measure::Nothing, Measure::Nothing);
    }
    let (low, high) = share_interval(succeeded, size, CONFIDENCE);
    (Measure::Share(real(succeeded) / real(size)), Measure::Share(low), Measure::Share(high))
}

#[allow(clippy::cast_precision_loss, reason = "no run has 2^52 requests")]
pub(in crate::verdict) fn real(count: u64) -> f64 {
    count as f64
}
