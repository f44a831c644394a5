//! Whether a service level is met, with confidence: the binomial rule.

use std::time::Duration;

use serde::Serialize;

/// What a promise of a service level comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelVerdict {
    /// It is kept, with 95 % confidence.
    Met,
    /// The observations decide nothing.
    Inconclusive,
    /// The load was not what the profile says, so the observations say nothing.
    Invalid,
    /// It is broken, with 95 % confidence.
    Violated,
}

/// A judged promise.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedLevel {
    /// What it comes to.
    pub verdict: LevelVerdict,
    /// Requests that were judged.
    pub samples: u64,
    /// Of those, the ones beyond the limit, failures among them: at least, and at most (the limit may fall inside a bucket
    /// of the histogram). For a success rate or throughput, those that failed.
    pub beyond: (u64, u64),
    /// What was observed.
    pub observed: Measure,
    /// Between which ends the true value lies, with 95 % confidence; nothing where that is not known.
    pub interval: Option<(Measure, Measure)>,
    /// Why it is inconclusive or invalid, and what would change that, as one sentence or two; empty otherwise.
    pub reason: String,
    /// What would decide an inconclusive one, if all further requests were as good as promised.
    pub needs: Option<Needs>,
}

/// What would decide a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// So many requests in all.
    pub samples: u64,
    /// So long, warm-up left out, at the profile's rate.
    pub time: Option<Duration>,
}

/// A measured value of a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// A response time.
    Time(Duration),
    /// Longer than anything that was answered: so many failed.
    Endless,
    /// A share of requests, from 0 to 1.
    Share(f64),
    /// Requests a second.
    Rate(f64),
    /// Nothing was observed.
    Nothing,
}
