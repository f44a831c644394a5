//! What a service level came to.

use std::time::Duration;

use serde::Serialize;

/// A verdict is wrong at most this often, over all promises of a run together.
pub const SIGNIFICANCE: f64 = 0.05;

/// A run that aborts early is wrong at most this often: it asks every second.
pub const ABORT_SIGNIFICANCE: f64 = 1e-6;

/// How sure the interval of an observed value is.
pub const CONFIDENCE: f64 = 0.95;

/// What a report says of all its verdicts.
pub const CAVEAT: &str = "Neighbouring requests resemble each other: how much, is estimated from how those beyond a limit lie \
                          in time, and so many fewer are counted with. What happens more seldom than once in a run no run shows.";

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
    /// How many independent requests they are worth: neighbours resemble each other.
    pub independent: u64,
    /// Of those, the ones beyond the limit, failures among them: at least, and at most (the limit may fall inside a bucket
    /// of the histogram). For a success rate or throughput, those that failed.
    pub beyond: (u64, u64),
    /// What was observed.
    pub observed: Measure,
    /// Between which ends the true value lies, with 95 % confidence; nothing where that is not known.
    pub interval: Option<(Measure, Measure)>,
    /// Why it is inconclusive or invalid, and what would change that, as one sentence or two; empty otherwise.
    pub reason: String,
    /// What would decide an inconclusive one, if all further requests were like those observed; like perfect ones if none
    /// was. Nothing if no number would.
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
