//! Whether so many requests a second may be sent and are answered well.

use std::time::Duration;

use assay_formats::record::load::{Level, Model, ObservedProfile, Outcome, ProfileEnding, RecordedProfile, Totals};
use assay_suite::Quantile;
use assay_suite::human::{latency, rate, requests};

use super::judged::{LevelVerdict, Needs};
use super::needs::at_rate;
use super::sample::real;

/// The share of the promised rate that must have been asked for.
const OFFERED: f64 = 0.99;

/// The share of requests that must succeed where nothing else is promised.
const SUCCEED: f64 = 0.99;

/// A rate shows over this time at least.
const SHORTEST: Duration = Duration::from_secs(10);

/// And over so many requests: a promise of 60 a minute over its minute.
const FEWEST: f64 = 60.0;

/// A judged throughput, before it is put together with what all levels say.
pub(super) struct JudgedThroughput {
    pub verdict: LevelVerdict,
    /// Requests a second that were answered well.
    pub rate: Option<f64>,
    pub reason: String,
    pub needs: Option<Needs>,
}

/// How long a rate must be asked for before it is judged.
pub(super) fn shortest(promised: f64) -> Duration {
    let requests = Duration::try_from_secs_f64(FEWEST / promised).unwrap_or(SHORTEST);
    requests.max(SHORTEST)
}

/// Whether a rate is at least what is promised, but for what rounding and chance take away.
pub(super) fn is_offered(offered: f64, promised: f64) -> bool {
    offered >= OFFERED * promised
}

/// How long a profile was judged: as planned, if it ran to its end; else the seconds in which requests were due.
pub(super) fn judged_time(planned: &RecordedProfile, observed: &ObservedProfile) -> Duration {
    let is_planned = matches!(planned.model, Model::Open { peak: Some(_), .. });
    if is_planned && observed.ending == Some(ProfileEnding::Completed) {
        planned.lasts.saturating_sub(planned.warm_up)
    } else {
        Duration::from_secs(observed.judged_seconds)
    }
}

/// Judges a promised rate. There is no p-value in it: the number of requests is planned and not drawn by chance, and all of
/// them are counted. What chance there is lies in their failures, which the promised success rate is about.
pub(super) fn judge(
    planned: &RecordedProfile,
    observed: &ObservedProfile,
    promise: usize,
    totals: &Totals,
) -> Option<JudgedThroughput> {
    let promise = planned.promises.get(promise)?;
    let Level::Throughput(promised) = promise.level else { return None };
    let judged = judged_time(planned, observed);
    let seconds = judged.as_secs_f64();
    if totals.due == 0 || seconds <= 0.0 {
        return Some(open(None, "No request was judged.".to_owned(), Some(at_rate(fewest(promised), Some(promised)))));
    }
    let (offered, answered) = (real(totals.due) / seconds, real(totals.of(Outcome::Success)) / seconds);
    // What was not asked for is not missing; what was asked for beyond the promise need not be answered.
    let wanted = offered.min(promised) * succeed(planned, promise.operation.as_ref());
    if !is_offered(offered, promised) {
        return Some(open(Some(answered), too_little(planned, offered, promised), None));
    }
    if answered < wanted {
        let reason = String::new();
        return Some(JudgedThroughput { verdict: LevelVerdict::Violated, rate: Some(answered), reason, needs: None });
    }
    let shortest = shortest(promised);
    if judged < shortest {
        let reason =
            format!("The rate was kept for {}; it takes {} to be sure of it.", latency(judged), latency(shortest));
        return Some(open(Some(answered), reason, Some(Needs { samples: fewest(promised), time: Some(shortest) })));
    }
    Some(kept(observed, totals, answered, wanted, seconds))
}

/// The rate was answered in the end. If answers came long after the last request was due, the deployment lagged behind.
fn kept(observed: &ObservedProfile, totals: &Totals, answered: f64, wanted: f64, seconds: f64) -> JudgedThroughput {
    let median = totals.service.quantile(Quantile::P50).unwrap_or_default().as_secs_f64();
    // One second for counting in whole seconds, and what an answer takes anyway.
    let lagged = (real(observed.lagged_seconds) - 1.0 - median).max(0.0);
    if answered * seconds / (seconds + lagged) >= wanted {
        return JudgedThroughput {
            verdict: LevelVerdict::Met,
            rate: Some(answered),
            reason: String::new(),
            needs: None,
        };
    }
    let reason = format!(
        "All but a few requests were answered, but the last answers came {} s after the last request was due: the \
         deployment may lag behind this rate. Let the profile last longer: a deployment that keeps up will not fall behind \
         further.",
        requests(observed.lagged_seconds)
    );
    open(Some(answered), reason, None)
}

fn open(rate: Option<f64>, reason: String, needs: Option<Needs>) -> JudgedThroughput {
    JudgedThroughput { verdict: LevelVerdict::Inconclusive, rate, reason, needs }
}

fn too_little(planned: &RecordedProfile, offered: f64, promised: f64) -> String {
    let (offered, promised) = (rate(offered), rate(promised));
    match &planned.model {
        Model::Open { peak: Some(_), .. } => {
            format!("The profile offers only {offered} on average, {promised} is promised. Raise its rate.")
        }
        Model::Open { peak: None, .. } => format!(
            "With {} in flight only {offered} were asked for, {promised} is promised. Raise `in_flight`; if the rate stays, the \
             deployment takes no more.",
            requests(u64::from(planned.in_flight))
        ),
        Model::Closed { users } => format!(
            "{} users asked for only {offered}, {promised} is promised. Have more users, or let them think less.",
            requests(u64::from(*users))
        ),
    }
}

/// The promised success rate of the same operation.
fn succeed(planned: &RecordedProfile, operation: Option<&assay_suite::OperationName>) -> f64 {
    let own = planned.promises.iter().filter(|promise| promise.operation.as_ref() == operation);
    own.into_iter()
        .find_map(|promise| match promise.level {
            Level::SuccessRate(share) => Some(share),
            Level::Latency { .. } | Level::Throughput(_) => None,
        })
        .unwrap_or(SUCCEED)
}

/// The requests of the shortest time.
pub(super) fn fewest(promised: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is small, and not negative")]
    let requests = (shortest(promised).as_secs_f64() * promised).ceil() as u64;
    requests
}
