//! From a load record to a verdict on each of its promises.

use assay_formats::record::Ending;
use assay_formats::record::load::{
    Level, LevelPromise, LoadRecord, Model, ObservedProfile, ProfileEnding, RecordedProfile, Totals,
};
use assay_formats::record::load_reader::PromiseBlocks;
use assay_suite::human::{latency, percent, requests};

use super::condition::{at_own_limit, partial, unusable};
use super::family::Family;
use super::judged::{ABORT_SIGNIFICANCE, JudgedLevel, LevelVerdict, Measure, SIGNIFICANCE};
use super::needs::{Thresholds, at_rate, needed};
use super::sample::{Sample, observed, real};
use super::throughput;

/// An inflation below this is not worth a sentence.
const NOTICEABLE: f64 = 1.1;

/// A promise with what was observed of it, on its way to a verdict.
struct Draft<'a> {
    planned: &'a RecordedProfile,
    observed: &'a ObservedProfile,
    promise: &'a LevelPromise,
    totals: Totals,
    judged: JudgedLevel,
    /// What is held against the binomial distribution; nothing if the verdict is passed already.
    sample: Option<Sample>,
}

/// Judges every promise of a run, by profile and by promise, as `record.started.profiles` lists them. All promises of the
/// run together are wrongly called violated at most as often as [`SIGNIFICANCE`] says, and wrongly called met likewise.
pub fn judge_levels(record: &LoadRecord) -> Vec<Vec<JudgedLevel>> {
    let mut drafts: Vec<Vec<Draft<'_>>> = record
        .started
        .profiles
        .iter()
        .zip(&record.profiles)
        .map(|(planned, observed)| {
            let unusable = unusable(record, planned, observed);
            let promises = 0..planned.promises.len();
            promises.map(|index| draft(record, planned, observed, index, unusable.as_deref())).collect()
        })
        .collect();
    decide(&mut drafts);
    let judged = drafts.into_iter().zip(&record.profiles).map(|(profile, observed)| {
        let partial = partial(record, observed);
        profile.into_iter().map(|draft| finished(draft, partial.as_deref())).collect()
    });
    judged.collect()
}

/// Whether a promise is so certainly broken that the run can end: by the rule of [`judge_levels`], at
/// [`ABORT_SIGNIFICANCE`]. A throughput is judged at the end only.
pub fn certainly_violated(promise: &LevelPromise, totals: &Totals, blocks: Option<&PromiseBlocks>) -> bool {
    let blocks = blocks.map(PromiseBlocks::blocks).unwrap_or_default();
    let sample = Sample::of(promise.level, totals).map(|sample| sample.in_blocks(blocks));
    sample.is_some_and(|sample| sample.p_violated() <= ABORT_SIGNIFICANCE)
}

fn draft<'a>(
    record: &LoadRecord,
    planned: &'a RecordedProfile,
    profile: &'a ObservedProfile,
    index: usize,
    unusable: Option<&str>,
) -> Draft<'a> {
    let promise = &planned.promises[index];
    let totals = profile.of(promise.operation.as_ref());
    let sample = Sample::of(promise.level, &totals).map(|sample| {
        let blocks = profile.blocks.get(index).map(PromiseBlocks::blocks);
        sample.in_blocks(blocks.unwrap_or_default())
    });
    let failed = totals.failed();
    let (value, interval) = observed(promise, &totals, sample.map_or(1.0, |sample| sample.inflation));
    let mut judged = JudgedLevel {
        verdict: LevelVerdict::Inconclusive,
        samples: totals.ended(),
        independent: sample.map_or(totals.ended(), |sample| sample.independent().size),
        beyond: sample.map_or((failed, failed), |sample| (sample.surely, sample.at_most)),
        observed: value,
        interval,
        reason: String::new(),
        needs: None,
    };
    let throughput = throughput::judge(planned, profile, index, &totals);
    if let Some(rate) = throughput.as_ref().and_then(|judged| judged.rate) {
        judged.observed = Measure::Rate(rate);
    }
    let mut draft = Draft { planned, observed: profile, promise, totals, judged, sample: None };
    if let Some(reason) = unusable {
        draft.judged.verdict = LevelVerdict::Invalid;
        reason.clone_into(&mut draft.judged.reason);
    } else if let Some(reason) = nothing(record, profile, &draft.totals) {
        draft.judged.reason = reason;
        draft.judged.needs =
            sample.and_then(|sample| alone(&sample)).map(|samples| at_rate(samples, planned_rate(planned, promise)));
    } else if let Some(throughput) = throughput {
        draft.judged.verdict = throughput.verdict;
        draft.judged.reason = throughput.reason;
        draft.judged.needs = throughput.needs;
    } else if is_saturated(planned, promise) {
        SATURATED.clone_into(&mut draft.judged.reason);
    } else {
        draft.sample = sample;
    }
    draft
}

/// What is said of response times under an unlimited load.
pub(super) const SATURATED: &str = "The profile asks for as much as the deployment takes. Response times of a saturated deployment \
                         say nothing about its service level: judge them in a profile with a rate.";

/// Whether a promise is about response times of a deployment that has more to do than it can.
pub(super) fn is_saturated(planned: &RecordedProfile, promise: &LevelPromise) -> bool {
    matches!((&planned.model, promise.level), (Model::Open { peak: None, .. }, Level::Latency { .. }))
}

/// Why there is nothing to judge, if so.
fn nothing(record: &LoadRecord, profile: &ObservedProfile, totals: &Totals) -> Option<String> {
    if totals.ended() > 0 {
        return None;
    }
    Some(match &profile.ending {
        Some(ProfileEnding::CouldNotRun(why)) => format!("It could not be set up: {why}"),
        Some(ProfileEnding::GeneratorLimit(why)) => at_own_limit(why),
        Some(ProfileEnding::Interrupted) => "It was interrupted before a request was judged. Run it again.".to_owned(),
        Some(ProfileEnding::Aborted(why)) => {
            format!("The profile ended early, before a request was judged: {why}")
        }
        Some(ProfileEnding::Completed) => {
            "No request was judged. Let the profile last longer than its warm-up, and give the operation a portion of its \
             mix."
                .to_owned()
        }
        None if matches!(record.ending, Ending::Broken) => {
            "The record breaks off before a request was judged. Run it again.".to_owned()
        }
        None => "The run ended before the profile began. Run it again.".to_owned(),
    })
}

/// The fewest requests that call a promise met if there were no others in the run.
fn alone(sample: &Sample) -> Option<u64> {
    needed(sample, Thresholds { met: SIGNIFICANCE, violated: SIGNIFICANCE }).map(|(_, samples)| samples)
}

/// Holm's rule over all promises of the run that are judged by their share: those that may be met and those that may be
/// violated are a family each.
fn decide(drafts: &mut [Vec<Draft<'_>>]) {
    let mut open: Vec<(&mut Draft<'_>, Sample)> =
        drafts.iter_mut().flatten().filter_map(|draft| draft.sample.map(|sample| (draft, sample))).collect();
    // Where nothing may be beyond, nothing is tested: no number of requests shows it.
    let p_met = |sample: &Sample| (sample.allowed > 0.0).then(|| sample.p_met());
    let met = Family::of(open.iter().map(|(_, sample)| p_met(sample)));
    let violated = Family::of(open.iter().map(|(_, sample)| Some(sample.p_violated())));
    for (place, (draft, sample)) in open.iter_mut().enumerate() {
        // What ended a run early was certain by a stricter rule than this, and is so still.
        if violated.shows(place) {
            draft.judged.verdict = LevelVerdict::Violated;
        } else if met.shows(place) {
            draft.judged.verdict = LevelVerdict::Met;
        } else {
            let thresholds = Thresholds { met: met.threshold(place), violated: violated.threshold(place) };
            undecided(draft, sample, thresholds);
        }
    }
}

/// Says why a promise is not decided, and what would decide it.
fn undecided(draft: &mut Draft<'_>, sample: &Sample, thresholds: Thresholds) {
    let seen = seen(draft.promise, sample);
    if sample.allowed <= 0.0 {
        draft.judged.reason = format!("{seen} No number of requests shows that none ever fails.");
        return;
    }
    let Some((verdict, samples)) = needed(sample, thresholds) else {
        let so = if sample.surely == sample.at_most {
            "That is as many as the promise allows"
        } else {
            "Times this close to the limit are not distinguished"
        };
        draft.judged.reason = format!("{seen} {so}, so no number of requests is likely to decide it.");
        return;
    };
    let per_second = asked_rate(draft);
    let needs = at_rate(samples, per_second);
    let more = samples.saturating_sub(sample.size);
    let takes = at_rate(more, per_second).time.map(|more| format!(", {} more", latency(more))).unwrap_or_default();
    let outcome = if verdict == LevelVerdict::Met { "met" } else { "violated" };
    draft.judged.reason = format!(
        "{seen} {}That is too few requests to decide. If the others are like these, it is called {outcome} after {} in \
         all{takes}.",
        resemblance(sample),
        requests(samples)
    );
    draft.judged.needs = Some(needs);
}

/// Says how few independent requests those are worth that resemble their neighbours; nothing if they do not.
fn resemblance(sample: &Sample) -> String {
    if sample.inflation < NOTICEABLE {
        return String::new();
    }
    format!(
        "Neighbouring requests resemble each other, so they count as {} independent ones. ",
        requests(sample.independent().size)
    )
}

/// What was seen of a promise, as a sentence.
fn seen(promise: &LevelPromise, sample: &Sample) -> String {
    let beyond = if sample.surely == sample.at_most {
        requests(sample.surely)
    } else {
        format!("{} to {}", requests(sample.surely), requests(sample.at_most))
    };
    let (size, allowed) = (requests(sample.size), percent(sample.allowed));
    match promise.level {
        Level::Latency { limit, .. } => {
            format!("{beyond} of {size} requests took longer than {} or failed; {allowed} may.", latency(limit))
        }
        Level::SuccessRate(_) | Level::Throughput(_) => {
            format!("{beyond} of {size} requests failed; {allowed} may.")
        }
    }
}

/// How often a promise's operation was asked for in a second.
fn asked_rate(draft: &Draft<'_>) -> Option<f64> {
    let seconds = throughput::judged_time(draft.planned, draft.observed).as_secs_f64();
    (seconds > 0.0).then(|| real(draft.totals.due) / seconds)
}

/// How often a promise's operation is planned to be asked for in a second; nothing where that is not known.
pub(super) fn planned_rate(planned: &RecordedProfile, promise: &LevelPromise) -> Option<f64> {
    let seconds = planned.lasts.saturating_sub(planned.warm_up).as_secs_f64();
    planned_requests(planned, promise).filter(|_| seconds > 0.0).map(|requests| real(requests) / seconds)
}

/// How many requests a promise is planned to be judged by; nothing where that is not known.
pub(super) fn planned_requests(planned: &RecordedProfile, promise: &LevelPromise) -> Option<u64> {
    let of = |name| planned.judged.get(name).copied().unwrap_or_default();
    let all = || planned.judged.values().sum();
    (!planned.judged.is_empty()).then(|| promise.operation.as_ref().map_or_else(all, of))
}

fn finished(draft: Draft<'_>, partial: Option<&str>) -> JudgedLevel {
    let mut judged = draft.judged;
    if let (Some(reason), LevelVerdict::Met | LevelVerdict::Inconclusive) = (partial, judged.verdict) {
        judged.verdict = LevelVerdict::Invalid;
        reason.clone_into(&mut judged.reason);
        judged.needs = None;
    }
    judged
}
