//! What was observed of a promise that is about a share of requests: how many there were, and how many were beyond.

use crate::statistics::{Block, at_least, at_most, inflation_at_limit, rank_interval, share_interval};
use assay_formats::record::load::{Level, LevelPromise, Outcome, Totals};
use assay_formats::record::load_reader::{LIMITS, PromiseBlock};
use assay_suite::Quantile;

use super::judged::{CONFIDENCE, Measure};

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
    /// How many times more requests are needed than of independent ones: 1, or more.
    pub inflation: f64,
}

impl Sample {
    /// What was observed of a promise; nothing for a throughput, which is no share.
    pub fn of(level: Level, totals: &Totals) -> Option<Self> {
        let (size, failed) = (totals.ended(), totals.failed());
        match level {
            Level::Latency { quantile, limit } => {
                let above = totals.response.above(limit);
                let (surely, at_most) = (above.surely + failed, above.at_most + failed);
                Some(Self { size, surely, at_most, allowed: quantile.rest(), inflation: 1.0 })
            }
            Level::SuccessRate(share) => {
                Some(Self { size, surely: failed, at_most: failed, allowed: may_fail(share), inflation: 1.0 })
            }
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

    /// The same of requests that resemble their neighbours, as their blocks show it.
    pub fn in_blocks(self, blocks: &[PromiseBlock]) -> Self {
        let at = |limit: usize| -> Vec<Block> {
            blocks.iter().map(|block| Block { size: block.ended, beyond: block.beyond[limit] }).collect()
        };
        let limits: Vec<_> = (0..LIMITS).map(at).collect();
        Self { inflation: inflation_at_limit(limits.iter().map(Vec::as_slice)), ..self }
    }

    /// As many independent requests as these are worth, of which as large a share was beyond.
    pub fn independent(&self) -> Self {
        if self.inflation <= 1.0 {
            return *self;
        }
        let part = |count: u64| part(count, self.inflation);
        // Rounding is in favour of neither verdict.
        let (size, surely, at_most) = (part(self.size), part(self.surely), part(self.at_most) + self.rounded_up());
        Self { size: size.max(at_most), surely, at_most, allowed: self.allowed, inflation: 1.0 }
    }

    /// How many are added to those beyond where they are counted as independent ones.
    pub fn rounded_up(&self) -> u64 {
        u64::from(self.inflation > 1.0 && self.at_most > 0)
    }

    /// How likely so few are beyond if the promise is just not kept.
    pub fn p_met(&self) -> f64 {
        let Self { size, at_most: beyond, allowed, .. } = self.independent();
        at_most(beyond, size, allowed)
    }

    /// How likely so many are beyond if the promise is just kept.
    pub fn p_violated(&self) -> f64 {
        let Self { size, surely, allowed, .. } = self.independent();
        at_least(surely, size, allowed)
    }
}

/// The share of requests that may fail, without what binary numbers add to it.
fn may_fail(success: f64) -> f64 {
    ((1.0 - success) * 1e12).round() / 1e12
}

/// What was observed of a promise, and between which ends the true value lies.
pub(in crate::verdict) fn observed(
    promise: &LevelPromise,
    totals: &Totals,
    inflation: f64,
) -> (Measure, Option<(Measure, Measure)>) {
    match promise.level {
        Level::Latency { quantile, .. } => {
            let (value, low, high) = inflated_quantile(totals, quantile, inflation);
            (value, (totals.ended() > 0).then_some((low, high)))
        }
        Level::SuccessRate(_) => {
            let (value, low, high) = inflated_success(totals, inflation);
            (value, (totals.ended() > 0).then_some((low, high)))
        }
        // It depends on the rate that was asked for, not on chance.
        Level::Throughput(_) => (Measure::Nothing, None),
    }
}

/// A quantile of all requests, failures as endless, and its interval: value, lower end, upper end.
pub(in crate::verdict) fn quantile_of(totals: &Totals, quantile: Quantile) -> (Measure, Measure, Measure) {
    inflated_quantile(totals, quantile, 1.0)
}

fn inflated_quantile(totals: &Totals, quantile: Quantile, inflation: f64) -> (Measure, Measure, Measure) {
    let size = totals.ended();
    if size == 0 {
        return (Measure::Nothing, Measure::Nothing, Measure::Nothing);
    }
    let at = |rank| totals.response.at_rank(rank).map_or(Measure::Endless, Measure::Time);
    let independent = part(size, inflation).max(1);
    let ranks = rank_interval(independent, quantile, CONFIDENCE);
    // The interval is that of fewer requests, which lie among these as far apart.
    let among =
        |rank: u64| u64::try_from(u128::from(rank) * u128::from(size) / u128::from(independent)).unwrap_or(size);
    // Too few samples for an end: it may be as short as none takes, or as long as none ends.
    let low = ranks.low.map(among).map_or(Measure::Time(std::time::Duration::ZERO), at);
    (at(quantile.rank(size)), low, ranks.high.map(among).map_or(Measure::Endless, at))
}

/// The share of requests that succeed, and its interval: value, lower end, upper end.
pub(in crate::verdict) fn success_of(totals: &Totals) -> (Measure, Measure, Measure) {
    inflated_success(totals, 1.0)
}

fn inflated_success(totals: &Totals, inflation: f64) -> (Measure, Measure, Measure) {
    let (size, succeeded) = (totals.ended(), totals.of(Outcome::Success));
    if size == 0 {
        return (Measure::Nothing, Measure::Nothing, Measure::Nothing);
    }
    let (low, high) = share_interval(part(succeeded, inflation), part(size, inflation), CONFIDENCE);
    (Measure::Share(real(succeeded) / real(size)), Measure::Share(low), Measure::Share(high))
}

/// As many as are left of a count when each means several.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is less than a count")]
fn part(count: u64, inflation: f64) -> u64 {
    (real(count) / inflation) as u64
}

#[allow(clippy::cast_precision_loss, reason = "no run has 2^52 requests")]
pub(in crate::verdict) fn real(count: u64) -> f64 {
    count as f64
}
