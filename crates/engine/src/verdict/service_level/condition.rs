//! Whether the load was what its profile says. If not, what was observed is no evidence.

use std::time::Duration;

use assay_formats::record::load::{
    LoadRecord, Model, ObservedProfile, Outcome, ProfileEnding, RecordedProfile, Totals,
};
use assay_formats::record::{Ending, Side};
use assay_suite::http::FailureKind;
use assay_suite::human::{latency, percent, requests};

use super::family::Family;
use super::sample::{Sample, real};

/// More requests than this share of those due must not be left unsent.
const UNSENT: f64 = 0.001;

/// A whole plan may lack this share: what rounding between generators loses.
const UNPLANNED: f64 = 0.001;

/// Generators that share a load begin together, but for this much: their clocks may differ a little.
const APART: Duration = Duration::from_secs(1);

/// Why nothing can be said from what was observed of a profile, and what to change; nothing if it can.
pub(in crate::verdict) fn unusable(
    record: &LoadRecord,
    planned: &RecordedProfile,
    observed: &ObservedProfile,
) -> Option<String> {
    let totals = observed.of(None);
    if let Some(ProfileEnding::GeneratorLimit(why)) = &observed.ending {
        return Some(at_own_limit(why));
    }
    if totals.due == 0 && totals.ended() == 0 {
        // There is nothing to be wrong with.
        return None;
    }
    could_not_run(observed)
        .or_else(|| generator_limit(&totals))
        .or_else(|| skewed(record, &totals))
        .or_else(|| apart(observed))
        .or_else(|| late(planned, &totals))
        .or_else(|| unsent(planned, observed, &totals))
        .or_else(|| not_due(record, planned, observed, &totals))
}

/// Why what was observed may be too good: some of the load may have been missing. It does not excuse what was broken.
pub(super) fn partial(record: &LoadRecord, observed: &ObservedProfile) -> Option<String> {
    if record.ending == Ending::Broken {
        let which = if record.shards.len() > 1 { "The record of a generator" } else { "The record" };
        return Some(format!(
            "{which} breaks off, as when it is killed, so it is not known whether all of the load was put on. Run it again."
        ));
    }
    let (missing, of) = (&record.missing, record.started.shard.of);
    if of > 1 && observed.ending == Some(ProfileEnding::Interrupted) {
        return Some(
            "A generator was stopped before its end, so the load was not whole from then on. Run it again.".to_owned(),
        );
    }
    let numbers: Vec<_> = missing.iter().map(ToString::to_string).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "The record of generator {} of {of} is not here, so it is not known whether the whole load was put on. Give the \
             records of all generators.",
            numbers.join(", ")
        )
    })
}

fn could_not_run(observed: &ObservedProfile) -> Option<String> {
    match &observed.ending {
        Some(ProfileEnding::CouldNotRun(why)) => {
            Some(format!("One of the generators could not be set up, so the load was not whole: {why}"))
        }
        _ => None,
    }
}

fn generator_limit(totals: &Totals) -> Option<String> {
    let stopped = totals.of(Outcome::GeneratorLimit);
    (real(stopped) > UNSENT * real(totals.due)).then(|| {
        format!(
            "{} of {} requests could not be sent because this machine is at a limit of its own{}",
            requests(stopped),
            requests(totals.due),
            named_limit(totals).map_or_else(|| format!(". {UNNAMED_LIMIT}"), |named| format!(": {named}"))
        )
    })
}

/// What to do where no answer names the limit.
const UNNAMED_LIMIT: &str =
    "Raise its limits of open files (`ulimit -n`), local ports and memory, or lower `in_flight`.";

/// The message of a request that could not be sent, which names the limit.
fn named_limit(totals: &Totals) -> Option<&str> {
    let kind = FailureKind::OwnLimit.to_string();
    totals.mistakes.iter().find_map(|mistake| mistake.strip_prefix(&kind)?.strip_prefix(": "))
}

/// What is said of a profile that could not begin because of the generator's machine.
pub(super) fn at_own_limit(why: &str) -> String {
    format!("The generator's machine is at a limit of its own, so there was no load: {why}")
}

/// With a clock that is wrong by more than this, a signature may be refused for its time.
const SKEWED: Duration = Duration::from_secs(30);

/// Requests that were refused while the generator's clock was wrong say nothing: signatures and tokens have times in them.
fn skewed(record: &LoadRecord, totals: &Totals) -> Option<String> {
    let refused = totals.of(Outcome::Refused);
    let skews = record.clocks.iter().filter_map(|(_, offset)| offset.apart()).filter(|skew| skew.by > SKEWED);
    let worst = skews.max_by_key(|skew| skew.by).filter(|_| real(refused) > UNSENT * real(totals.due))?;
    let side = match worst.side {
        Side::Ahead => "ahead of",
        Side::Behind => "behind",
    };
    Some(format!(
        "{} of {} requests were refused, and the generator's clock is {} {side} the deployment's: their signatures may have \
         expired. Set the clock.",
        requests(refused),
        requests(totals.due),
        latency(worst.by)
    ))
}

fn apart(observed: &ObservedProfile) -> Option<String> {
    (observed.apart > APART).then(|| {
        format!(
            "The generators began {} apart, so the load was never whole. Start them with one `--start-at`, and set their \
             clocks.",
            latency(observed.apart)
        )
    })
}

/// Whether requests were sent so late that what was observed is no evidence.
pub fn is_late(planned: &RecordedProfile, totals: &Totals) -> bool {
    late(planned, totals).is_some()
}

fn late(planned: &RecordedProfile, totals: &Totals) -> Option<String> {
    planned.lateness.iter().find_map(|(quantile, allowed)| {
        let lateness = totals.lateness.quantile(*quantile).filter(|lateness| lateness > allowed)?;
        Some(format!(
            "The generator was late: at {quantile} by {}, allowed is {}. Free the machine, lower the rate, or use several \
             generators (`--shard`).",
            latency(lateness),
            latency(*allowed)
        ))
    })
}

fn unsent(planned: &RecordedProfile, observed: &ObservedProfile, totals: &Totals) -> Option<String> {
    let not_sent = totals.of(Outcome::NotSent);
    let is_planned = matches!(planned.model, Model::Open { peak: Some(_), .. });
    let many = is_planned && real(not_sent) > UNSENT * real(totals.due);
    (many && !is_too_slow(planned, observed)).then(|| {
        format!(
            "{} of {} requests could not be sent: all {} in flight waited for answers, and the answers alone keep the \
             service level. Raise `in_flight`.",
            requests(not_sent),
            requests(totals.due),
            requests(u64::from(planned.in_flight))
        )
    })
}

/// Whether the answers to what was sent break a promise, without the time that requests waited to be sent: then the
/// deployment is what held requests up.
fn is_too_slow(planned: &RecordedProfile, observed: &ObservedProfile) -> bool {
    let samples = planned
        .promises
        .iter()
        .filter_map(|promise| Sample::of_service(promise.level, &observed.of(promise.operation.as_ref())));
    let violated = Family::of(samples.map(|sample| Some(sample.p_violated())));
    (0..planned.promises.len()).any(|place| violated.shows(place))
}

/// A profile that ran to its end must have had all its requests. One that was stopped is judged by what it had.
fn not_due(
    record: &LoadRecord,
    planned: &RecordedProfile,
    observed: &ObservedProfile,
    totals: &Totals,
) -> Option<String> {
    let is_open = matches!(planned.model, Model::Open { peak: Some(_), .. });
    let whole = is_open && record.missing.is_empty() && observed.ending == Some(ProfileEnding::Completed);
    let wanted: u64 = planned.judged.values().sum();
    (whole && real(totals.due) < real(wanted) * (1.0 - UNPLANNED)).then(|| {
        format!(
            "Only {} of {} planned requests became due ({}): the rate was not reached. Free the machine, lower the rate, or \
             use several generators (`--shard`).",
            requests(totals.due),
            requests(wanted),
            percent(real(totals.due) / real(wanted))
        )
    })
}
