//! All that the report of a load run shows, in the form in which every kind of report takes it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::{Counts, Ending, Promise, RunInfo};
use assay_engine::statistics::Trend;
use assay_engine::verdict::{JudgedLevel, LevelVerdict, Measure, settling};
use assay_formats::record::load::{
    LevelPromise, LoadRecord, Model, ObservedProfile, Outcome, Part, ProfileEnding, RecordedProfile, Totals,
};
use assay_formats::record::{self, ClockOffset, RunEnding};
use assay_suite::Quantile;
use assay_suite::SuiteName;
use assay_suite::http::FailureKind;

use super::latencies::{Curve, LatencySummary};
use super::level::{ALL_OPERATIONS, limit, quantile};

/// A load run, judged.
#[derive(Clone, Debug, Serialize)]
pub struct LoadSummary {
    /// The run.
    pub run: LoadRunInfo,
    /// The weightiest verdict of all service levels; nothing where none was judged.
    pub verdict: Option<LevelVerdict>,
    /// How many service levels came to which verdict.
    pub counts: Counts<LevelVerdict>,
    /// The profiles, in the order in which they were run.
    pub profiles: Vec<ProfileSummary>,
    /// What could not be removed: the profile, and what is left.
    pub left_over: Vec<(String, String)>,
}

/// The load run that is reported.
#[derive(Clone, Debug, Serialize)]
pub struct LoadRunInfo {
    /// What it has in common with other runs.
    #[serde(flatten)]
    pub run: RunInfo,
    /// How many generators shared the load.
    pub generators: u32,
    /// The numbers of those whose records are missing.
    pub missing_generators: Vec<u32>,
    /// How far the deployment's clock is ahead of each generator's, where answers have a date.
    pub clocks: Vec<ClockSummary>,
}

/// The clocks of a generator and of the deployment, by the dates of answers.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ClockSummary {
    /// The generator's number, from 1.
    pub generator: u32,
    /// How far the deployment's clock is ahead at least, in seconds; negative where it is behind.
    pub ahead_at_least_s: f64,
    /// And at most.
    pub ahead_at_most_s: f64,
    /// Whether they can't be the same.
    pub differs: bool,
}

impl std::ops::Deref for LoadRunInfo {
    type Target = RunInfo;

    fn deref(&self) -> &RunInfo {
        &self.run
    }
}

/// One profile in a run.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileSummary {
    /// Its name.
    pub name: String,
    /// Its title, with the operation in it.
    pub title: String,
    /// Its suite.
    pub suite: String,
    /// Where it is written: `file:line:column`.
    pub place: String,
    /// The model of its load.
    pub model: Model,
    /// How long it is not judged at first, in seconds.
    pub warm_up_s: f64,
    /// How long it was to take, warm-up included, in seconds.
    pub lasts_s: f64,
    /// How long it took, in seconds; nothing if it did not begin or did not end.
    pub took_s: Option<f64>,
    /// The most requests under way at once.
    pub in_flight: u32,
    /// How it ended; nothing if it did not.
    pub ending: Option<ProfileEnding>,
    /// How many seconds were judged.
    pub judged_seconds: u64,
    /// The weightiest verdict of its service levels; nothing where none was judged.
    pub verdict: Option<LevelVerdict>,
    /// How many of its service levels came to which verdict.
    pub counts: Counts<LevelVerdict>,
    /// Its service levels, as they were planned.
    pub levels: Vec<LevelSummary>,
    /// What was observed of each operation, warm-up left out.
    pub operations: Vec<OperationSummary>,
    /// How late the generator was, warm-up left out.
    pub lateness: LatenessSummary,
    /// Whether the deployment had settled; nothing where the load is not constant, or too short to say so.
    pub settling: Option<SettlingSummary>,
    /// What was observed over time, warm-up included, of all operations together.
    pub timeline: Vec<PartSummary>,
}

/// How response times went on under a constant load.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SettlingSummary {
    /// How long after the planned warm-up they were still other than later, in seconds; nothing if they were not.
    pub unsettled_s: Option<f64>,
    /// `steady`, `rising` or `falling`.
    pub trend: &'static str,
}

/// One judged promise.
#[derive(Clone, Debug, Serialize)]
pub struct LevelSummary {
    /// What is promised: `host-metricdata TP99.9 within 5 ms`.
    pub name: String,
    /// The same without the operation: `TP99.9 within 5 ms`.
    pub promise: String,
    /// The operation; nothing for all of the profile together.
    pub operation: Option<String>,
    /// The quantile, as a share from 0 to 1; nothing where something else than a response time is promised.
    pub quantile: Option<Quantile>,
    /// The limit.
    pub limit: Measured,
    /// What it comes to.
    pub verdict: LevelVerdict,
    /// What was observed.
    pub observed: Measured,
    /// Between which ends the true value lies, with 95 % confidence.
    pub interval: Option<(Measured, Measured)>,
    /// Requests that were judged.
    pub samples: u64,
    /// How many independent requests they are worth: neighbours resemble each other.
    pub independent_samples: u64,
    /// Of those, the ones surely beyond the limit, failures among them.
    pub beyond_at_least: u64,
    /// Of those, the ones that may be beyond the limit.
    pub beyond_at_most: u64,
    /// The requirements that promise it.
    pub requirements: Vec<Promise>,
    /// Why it is inconclusive or invalid, and what would change that; empty otherwise.
    pub reason: String,
    /// What would decide it.
    pub needs: Option<NeedsSummary>,
}

/// What would decide a promise.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NeedsSummary {
    /// So many requests in all.
    pub samples: u64,
    /// So long at the profile's rate, warm-up left out, in seconds.
    pub time_s: Option<f64>,
}

/// A measured value. JSON has it as `{"seconds": 0.005}`, `{"share": 0.999}` or `{"per_second": 4000.0}`, as
/// `"endless"` where it lies among the failures, and as `null` where nothing was observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured(pub Measure);

impl Serialize for Measured {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of = |unit: &'static str, value: f64| BTreeMap::from([(unit, value)]);
        match self.0 {
            Measure::Time(time) => of("seconds", time.as_secs_f64()).serialize(serializer),
            Measure::Share(share) => of("share", share).serialize(serializer),
            Measure::Rate(rate) => of("per_second", rate).serialize(serializer),
            Measure::Endless => serializer.serialize_str("endless"),
            Measure::Nothing => serializer.serialize_none(),
        }
    }
}

/// What was observed of an operation.
#[derive(Clone, Debug, Serialize)]
pub struct OperationSummary {
    /// The operation.
    pub operation: String,
    /// Its requests.
    #[serde(flatten)]
    pub traffic: TrafficSummary,
    /// The answers that were held against their schema.
    pub checked: u64,
    /// What was wrong with the first few that were wrong.
    pub mistakes: Vec<String>,
    /// Response times over the share of requests; it ends where the failures begin.
    pub response_curve: Curve,
    /// The same from the sending on.
    pub service_curve: Curve,
}

/// How late the generator was: from due to sent, while a connection was free.
#[derive(Clone, Debug, Serialize)]
pub struct LatenessSummary {
    /// In numbers.
    #[serde(flatten)]
    pub latencies: LatencySummary,
    /// Over the share of requests.
    pub curve: Curve,
    /// How late it may be before the run says nothing.
    pub bounds: Vec<LatenessBound>,
}

/// How late the generator may be.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LatenessBound {
    /// For this share of requests, from 0 to 1.
    pub quantile: Quantile,
    /// In seconds.
    pub limit_s: f64,
}

/// What was observed in a part of a profile's time.
#[derive(Clone, Debug, Serialize)]
pub struct PartSummary {
    /// Its first second, from the profile's first due moment.
    pub second: u64,
    /// How many seconds it has.
    pub seconds: u64,
    /// The requests.
    #[serde(flatten)]
    pub traffic: TrafficSummary,
}

/// Requests and what came of them.
#[derive(Clone, Debug, Serialize)]
pub struct TrafficSummary {
    /// Requests that were due.
    pub due: u64,
    /// What came of them.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The statuses of the answers that came. Records of earlier versions have none.
    pub statuses: BTreeMap<u16, ShareSummary>,
    /// Why other requests that were sent have no answer.
    pub failures: BTreeMap<FailureKind, ShareSummary>,
    /// Of those that succeeded: from due to the last byte.
    pub response: LatencySummary,
    /// Of those that succeeded: from sending to the last byte.
    pub service: LatencySummary,
}

/// Some of the requests that have an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShareSummary {
    /// How many.
    pub count: u64,
    /// Which share of all that have an outcome, from 0 to 1.
    pub share: f64,
}

/// Counts with their shares of all.
#[allow(clippy::cast_precision_loss, reason = "no run has 2^52 requests")]
fn shares<K: Copy + Ord>(counts: &BTreeMap<K, u64>, all: u64) -> BTreeMap<K, ShareSummary> {
    let share = |count: u64| ShareSummary { count, share: count as f64 / all.max(count).max(1) as f64 };
    counts.iter().map(|(of, count)| (*of, share(*count))).collect()
}

impl TrafficSummary {
    /// How many came to one outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// How many have an outcome.
    pub fn ended(&self) -> u64 {
        // Counts of a record that was altered may be of any size.
        self.outcomes.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub(super) fn new(totals: &Totals) -> Self {
        let ended = totals.outcomes.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        Self {
            due: totals.due,
            outcomes: totals.outcomes.clone(),
            statuses: shares(&totals.statuses, ended),
            failures: shares(&totals.failures, ended),
            response: LatencySummary::new(&totals.response),
            service: LatencySummary::new(&totals.service),
        }
    }
}

impl LoadSummary {
    /// Puts a record and its verdicts together. `judged` has them by profile and by promise, as the record lists these.
    pub fn new(record: &LoadRecord, judged: &[Vec<JudgedLevel>]) -> Self {
        let nothing = ObservedProfile::default();
        let profiles = record.started.profiles.iter().enumerate();
        let profiles: Vec<_> = profiles
            .map(|(index, planned)| {
                let judged = judged.get(index).map(Vec::as_slice).unwrap_or_default();
                profile_summary(planned, record.profiles.get(index).unwrap_or(&nothing), judged)
            })
            .collect();
        Self {
            run: run_info(record),
            verdict: profiles.iter().filter_map(|profile| profile.verdict).max(),
            counts: profiles.iter().flat_map(|profile| &profile.levels).map(|level| level.verdict).collect(),
            profiles,
            left_over: record.left_over.clone(),
        }
    }
}

impl From<record::Ending> for Ending {
    fn from(ending: record::Ending) -> Self {
        match ending {
            record::Ending::Run(RunEnding::Completed) => Self::Completed,
            record::Ending::Run(RunEnding::Interrupted) => Self::Interrupted,
            record::Ending::Broken => Self::Broken,
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a run is shorter than 2^52 microseconds")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

fn run_info(record: &LoadRecord) -> LoadRunInfo {
    let started = &record.started;
    let asked = |suite: &SuiteName| started.profiles.iter().any(|profile| profile.suite == *suite);
    LoadRunInfo {
        run: RunInfo::new(started.into(), asked, record.ending.into(), record.took_us),
        generators: started.shard.of,
        missing_generators: record.missing.clone(),
        clocks: record.clocks.iter().map(|(shard, offset)| clock(shard.number, *offset)).collect(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "no clock is wrong by 2^52 microseconds")]
fn clock(generator: u32, offset: ClockOffset) -> ClockSummary {
    ClockSummary {
        generator,
        ahead_at_least_s: offset.least_us as f64 / 1e6,
        ahead_at_most_s: offset.most_us as f64 / 1e6,
        differs: offset.apart().is_some(),
    }
}

fn profile_summary(planned: &RecordedProfile, observed: &ObservedProfile, judged: &[JudgedLevel]) -> ProfileSummary {
    let levels: Vec<_> =
        planned.promises.iter().zip(judged).map(|(promise, judged)| level_summary(promise, judged)).collect();
    let took = observed.started_us.zip(observed.ended_us).map(|(from, to)| seconds(to.saturating_sub(from)));
    ProfileSummary {
        name: planned.name.clone(),
        title: planned.title.clone(),
        suite: planned.suite.0.clone(),
        place: planned.place.clone(),
        model: planned.model.clone(),
        warm_up_s: planned.warm_up.as_secs_f64(),
        lasts_s: planned.lasts.as_secs_f64(),
        took_s: took,
        in_flight: planned.in_flight,
        ending: observed.ending.clone(),
        judged_seconds: observed.judged_seconds,
        verdict: levels.iter().map(|level| level.verdict).max(),
        counts: levels.iter().map(|level| level.verdict).collect(),
        levels,
        operations: observed.judged.iter().map(|(name, totals)| operation_summary(&name.0, totals)).collect(),
        lateness: lateness_summary(planned, observed),
        settling: settling(planned, observed).map(|settling| SettlingSummary {
            unsettled_s: settling.unsettled.map(|time| time.as_secs_f64()),
            trend: match settling.trend {
                Trend::None => "steady",
                Trend::Rising => "rising",
                Trend::Falling => "falling",
            },
        }),
        timeline: observed.timeline.iter().map(PartSummary::new).collect(),
    }
}

fn level_summary(promise: &LevelPromise, judged: &JudgedLevel) -> LevelSummary {
    let requirements = promise.requirements.iter().map(|requirement| Promise {
        id: requirement.id.clone(),
        text: requirement.text.clone(),
        source: requirement.source.clone(),
        place: None,
    });
    let rendered = promise.level.to_string();
    let operation = promise.operation.as_ref().map(|operation| operation.0.clone());
    LevelSummary {
        name: format!("{} {rendered}", operation.as_deref().unwrap_or(ALL_OPERATIONS)),
        promise: rendered,
        operation,
        quantile: quantile(promise.level),
        limit: Measured(limit(promise.level)),
        verdict: judged.verdict,
        observed: Measured(judged.observed),
        interval: judged.interval.map(|(low, high)| (Measured(low), Measured(high))),
        samples: judged.samples,
        independent_samples: judged.independent,
        beyond_at_least: judged.beyond.0,
        beyond_at_most: judged.beyond.1,
        requirements: requirements.collect(),
        reason: judged.reason.clone(),
        needs: judged
            .needs
            .map(|needs| NeedsSummary { samples: needs.samples, time_s: needs.time.map(|time| time.as_secs_f64()) }),
    }
}

fn operation_summary(name: &str, totals: &Totals) -> OperationSummary {
    OperationSummary {
        operation: name.to_owned(),
        traffic: TrafficSummary::new(totals),
        checked: totals.checked,
        mistakes: totals.mistakes.clone(),
        response_curve: Curve::new(&totals.response, totals.ended()),
        service_curve: Curve::new(&totals.service, totals.ended()),
    }
}

fn lateness_summary(planned: &RecordedProfile, observed: &ObservedProfile) -> LatenessSummary {
    let mut all = Totals::default();
    observed.judged.values().for_each(|totals| all.add(totals));
    let bounds = planned
        .lateness
        .iter()
        .map(|(quantile, limit)| LatenessBound { quantile: *quantile, limit_s: limit.as_secs_f64() });
    LatenessSummary {
        latencies: LatencySummary::new(&all.lateness),
        curve: Curve::new(&all.lateness, all.lateness.len()),
        bounds: bounds.collect(),
    }
}

impl PartSummary {
    pub(super) fn new(part: &Part) -> Self {
        Self { second: part.second, seconds: part.seconds, traffic: TrafficSummary::new(&part.totals) }
    }
}
