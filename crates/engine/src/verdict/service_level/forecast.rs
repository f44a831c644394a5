//! Whether a run can reach verdicts at all, before it starts.

use crate::statistics::{at_most, fewest};
use assay_formats::record::load::{Level, LevelPromise, Model, RecordedProfile, Totals};

use super::family::Family;
use super::judged::{Needs, SIGNIFICANCE};
use super::judging::{is_saturated, planned_rate, planned_requests};
use super::needs::at_rate;
use super::sample::{Sample, real};
use super::throughput;

/// What can be said of a promise before a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// The requests that will be judged; nothing where the deployment or users decide it.
    pub planned: Option<u64>,
    /// Whether it can be called met.
    pub reachable: Reachable,
    /// What calls it met together with the other promises of the run, if no request is beyond the limit; nothing if nothing does.
    pub needs: Option<Needs>,
    /// What would call it met in a run of its own.
    pub alone: Option<Needs>,
}

/// Whether a promise can be called met, if all goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachable {
    /// It can.
    Reachable,
    /// There are too few requests, or too little time: `needs` says what is enough.
    TooFew,
    /// The profile asks for less than the promised rate.
    RateTooLow,
    /// It depends on how many requests the deployment or the users make.
    Unknown,
    /// The load is unlimited, and the promise is about response times: they are not judged.
    NotJudged,
    /// Every request must succeed, which no number of requests shows.
    Never,
}

/// What can be said of every promise before a run, by profile and by promise.
pub fn forecast(profiles: &[RecordedProfile]) -> Vec<Vec<Forecast>> {
    let all = || profiles.iter().flat_map(|profile| profile.promises.iter().map(move |promise| (profile, promise)));
    let met = Family::of(all().map(|(profile, promise)| p_value(profile, promise)));
    let mut forecasts = all().enumerate().map(|(place, (profile, promise))| match allowed(profile, promise) {
        Some(allowed) => share(profile, promise, allowed, met.threshold(place)),
        None => untested(profile, promise),
    });
    profiles.iter().map(|profile| forecasts.by_ref().take(profile.promises.len()).collect()).collect()
}

/// The share of requests that may be beyond a promise; nothing if it is not about a share, or not judged by it.
fn allowed(profile: &RecordedProfile, promise: &LevelPromise) -> Option<f64> {
    Sample::of(promise.level, &Totals::default())
        .map(|sample| sample.allowed)
        .filter(|_| !is_saturated(profile, promise))
}

/// How likely it is that no request is beyond the limit if the promise is just not kept; nothing for what takes no part in
/// Holm's rule. Where the number of requests is not known, none is counted on.
fn p_value(profile: &RecordedProfile, promise: &LevelPromise) -> Option<f64> {
    let requests = planned_requests(profile, promise).unwrap_or_default();
    allowed(profile, promise).filter(|allowed| *allowed > 0.0).map(|allowed| at_most(0, requests, allowed))
}

fn share(profile: &RecordedProfile, promise: &LevelPromise, allowed: f64, threshold: f64) -> Forecast {
    let planned = planned_requests(profile, promise);
    let rate = planned_rate(profile, promise);
    let enough = |threshold: f64| fewest(|n| at_most(0, n, allowed) <= threshold).map(|samples| at_rate(samples, rate));
    let (needs, alone) = (enough(threshold), enough(SIGNIFICANCE));
    let reachable = match (needs, planned) {
        (None, _) => Reachable::Never,
        (Some(_), None) => Reachable::Unknown,
        (Some(needs), Some(planned)) if needs.samples > planned => Reachable::TooFew,
        (Some(_), Some(_)) => Reachable::Reachable,
    };
    Forecast { planned, reachable, needs, alone }
}

fn untested(profile: &RecordedProfile, promise: &LevelPromise) -> Forecast {
    let planned = planned_requests(profile, promise);
    let Level::Throughput(promised) = promise.level else {
        return Forecast { planned, reachable: Reachable::NotJudged, needs: None, alone: None };
    };
    let needs = Needs { samples: throughput::fewest(promised), time: Some(throughput::shortest(promised)) };
    let judged = profile.lasts.saturating_sub(profile.warm_up);
    let is_open = matches!(profile.model, Model::Open { peak: Some(_), .. });
    let reachable = match planned.filter(|_| is_open) {
        None => Reachable::Unknown,
        Some(requests) if !throughput::is_offered(real(requests) / judged.as_secs_f64(), promised) => {
            Reachable::RateTooLow
        }
        Some(_) if judged < throughput::shortest(promised) => Reachable::TooFew,
        Some(_) => Reachable::Reachable,
    };
    Forecast { planned, reachable, needs: Some(needs), alone: Some(needs) }
}
