//! Load runs that never were.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the numbers of these runs are small"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assay_engine::verdict::{JudgedLevel, LevelVerdict, Measure, Needs};
use assay_formats::Histogram;
use assay_formats::chance::Chance;
use assay_formats::record::load::{
    Interval, Level, LevelPromise, LoadEvent, LoadRecord, LoadStarted, Model, ObservedOperation, ObservedProfile,
    Outcome, Part, Phase, ProfileEnding, RecordedProfile, RecordedRequirement, Shard, Totals,
};
use assay_formats::record::{Ending, RecordedService, RecordedTarget, RunEnding};
use assay_report::LoadSummary;
use assay_suite::Quantile;
use assay_suite::{OperationName, RequirementId, SuiteName};

/// How far times are apart.
const SPREAD: f64 = 0.25;

/// A load, and what a server made of it.
#[derive(Clone, Copy)]
pub struct Traffic {
    pub each_second: u64,
    pub seconds: u64,
    pub seconds_a_part: u64,
    pub warm_up: u64,
    pub median: Duration,
    /// The share that takes `slow` besides.
    pub slow_share: f64,
    pub slow: Duration,
    /// The share that is throttled; half as many again get a wrong answer.
    pub throttled_share: f64,
    /// The median of how late requests are sent.
    pub late: Duration,
}

pub const QUICK: Traffic = Traffic {
    each_second: 4000,
    seconds: 30,
    seconds_a_part: 1,
    warm_up: 5,
    median: Duration::from_micros(1050),
    slow_share: 0.0004,
    slow: Duration::from_millis(8),
    throttled_share: 0.0,
    late: Duration::from_micros(13),
};

pub const SLOW_TAIL: Traffic =
    Traffic { slow_share: 0.006, slow: Duration::from_millis(18), throttled_share: 0.004, ..QUICK };

pub const MINUTELY: Traffic = Traffic {
    each_second: 1,
    seconds: 180,
    seconds_a_part: 6,
    warm_up: 0,
    median: Duration::from_millis(140),
    slow_share: 0.0,
    ..QUICK
};

pub const LATE: Traffic = Traffic { late: Duration::from_micros(700), ..QUICK };

fn request(totals: &mut Totals, chance: &mut Chance, traffic: &Traffic, second: u64) {
    let late = chance.time(traffic.late, SPREAD);
    // Failures come in the second half.
    let throttled = if second * 2 > traffic.seconds { traffic.throttled_share * 2.0 } else { 0.0 };
    let drawn = chance.share();
    let outcome = if drawn < throttled {
        Outcome::Throttled
    } else if drawn < throttled * 1.5 {
        Outcome::WrongAnswer
    } else {
        Outcome::Success
    };
    totals.due += 1;
    totals.lateness.record(late);
    *totals.outcomes.entry(outcome).or_default() += 1;
    *totals.statuses.entry(if outcome == Outcome::Throttled { 429 } else { 200 }).or_default() += 1;
    if outcome != Outcome::Success {
        return;
    }
    let slow = if chance.share() < traffic.slow_share { chance.time(traffic.slow, SPREAD) } else { Duration::ZERO };
    let service = chance.time(traffic.median, SPREAD) + slow;
    totals.service.record(service);
    totals.response.record(service + late);
}

/// What was observed of one operation.
pub fn observed(operation: &str, traffic: &Traffic, seed: u64) -> ObservedProfile {
    let mut chance = Chance(seed);
    let (mut judged, mut timeline) = (Totals::default(), Vec::new());
    for second in (0..traffic.seconds).step_by(traffic.seconds_a_part as usize) {
        let mut totals = Totals::default();
        for _ in 0..traffic.each_second * traffic.seconds_a_part {
            request(&mut totals, &mut chance, traffic, second);
        }
        if second >= traffic.warm_up {
            judged.add(&totals);
        }
        timeline.push(Part { second, seconds: traffic.seconds_a_part, totals });
    }
    judged.checked = judged.ended() / 100;
    ObservedProfile {
        started_us: Some(0),
        ended_us: Some(traffic.seconds * 1_000_000),
        ending: Some(ProfileEnding::Completed),
        judged: [(OperationName(operation.to_owned()), judged)].into_iter().collect(),
        judged_seconds: traffic.seconds - traffic.warm_up,
        timeline,
        ..ObservedProfile::default()
    }
}

fn promise(operation: &str, level: Level, id: &str) -> LevelPromise {
    LevelPromise {
        operation: Some(OperationName(operation.to_owned())),
        level,
        requirements: vec![RecordedRequirement {
            id: RequirementId(id.to_owned()),
            text: "The TP50 is 2 ms and the TP99.9 is 5 ms.".to_owned(),
            source: "4.1.5.1, table 4-12".to_owned(),
        }],
    }
}

pub fn profile(name: &str, operation: &str, traffic: &Traffic, limits: [u64; 2]) -> RecordedProfile {
    let latency = |quantile, millis| Level::Latency { quantile, limit: Duration::from_millis(millis) };
    let rate = traffic.each_second as f64;
    RecordedProfile {
        name: name.to_owned(),
        title: format!("{operation} keeps its documented service level at {rate} requests a second"),
        suite: SuiteName("esm".to_owned()),
        place: "scenarios/esm/load/service-levels.yaml:12:3".to_owned(),
        model: Model::Open { due: Some(traffic.each_second * traffic.seconds), peak: Some(rate) },
        warm_up: Duration::from_secs(traffic.warm_up),
        lasts: Duration::from_secs(traffic.seconds),
        in_flight: 64,
        lateness: vec![(Quantile::P50, Duration::from_micros(100)), (Quantile::P99_9, Duration::from_millis(1))],
        promises: vec![
            promise(operation, latency(Quantile::P50, limits[0]), "ESM-041"),
            promise(operation, latency(Quantile::P99_9, limits[1]), "ESM-042"),
            promise(operation, Level::Throughput(rate), "ESM-043"),
        ],
        ..blank()
    }
}

/// What other parts of the program may add to a profile comes from here.
fn blank() -> RecordedProfile {
    serde_json::from_value(serde_json::json!({
        "name": "", "title": "", "suite": "esm", "place": "", "model": {"closed": {"users": 1}},
        "warm_up": {"secs": 0, "nanos": 0}, "lasts": {"secs": 0, "nanos": 0}, "in_flight": 1, "lateness": [],
        "promises": [], "judged": {}
    }))
    .unwrap()
}

/// A plain judgement, right enough for a report: no confidence but the one that is given.
fn judged(profile: &RecordedProfile, observed: &ObservedProfile) -> Vec<JudgedLevel> {
    let totals = &observed.judged[0];
    profile.promises.iter().map(|promise| judged_level(promise.level, totals, observed.judged_seconds)).collect()
}

fn judged_level(level: Level, totals: &Totals, seconds: u64) -> JudgedLevel {
    let failed = totals.failed();
    let (verdict, observed, beyond, interval) = match level {
        Level::Latency { quantile, limit } => {
            let above = totals.response.above(limit);
            let rank = (quantile.share() * totals.ended() as f64).ceil() as u64;
            let at = |rank: u64| totals.response.at_rank(rank.max(1)).map_or(Measure::Endless, Measure::Time);
            let verdict = match at(rank) {
                Measure::Time(time) if time <= limit => LevelVerdict::Met,
                _ => LevelVerdict::Violated,
            };
            let room = ((rank as f64 * quantile.rest()).sqrt() * 1.96).ceil() as u64;
            let interval = (at(rank.saturating_sub(room)), at(rank + room));
            (verdict, at(rank), (above.surely + failed, above.at_most + failed), Some(interval))
        }
        Level::SuccessRate(_) => (LevelVerdict::Met, Measure::Share(1.0), (failed, failed), None),
        Level::Throughput(_) => {
            let rate = totals.of(Outcome::Success) as f64 / seconds as f64;
            (LevelVerdict::Met, Measure::Rate(rate), (failed, failed), None)
        }
    };
    JudgedLevel {
        verdict,
        samples: totals.ended(),
        independent: totals.ended(),
        beyond,
        observed,
        interval,
        reason: String::new(),
        needs: None,
    }
}

pub fn started(profiles: Vec<RecordedProfile>) -> LoadStarted {
    let service = RecordedService {
        url: "https://esm.example.com:31943".to_owned(),
        accounts: Vec::new(),
        account_urls: BTreeMap::new(),
        variables: BTreeMap::new(),
    };
    LoadStarted {
        format: 1,
        assay: "0.1.0".to_owned(),
        run: "4f1c9a52".to_owned(),
        started: "2025-03-04T05:06:07Z".parse().unwrap(),
        target: RecordedTarget {
            name: "staging".to_owned(),
            services: [(SuiteName("esm".to_owned()), service)].into_iter().collect(),
            allow: BTreeSet::new(),
            variables: BTreeMap::new(),
            certificates: assay_suite::http::Certificates::default(),
            longest_job: Duration::from_secs(60),
            server: Some("ManageOne 8.5".to_owned()),
        },
        shard: Shard::WHOLE,
        repeat: ["--target", "staging.yaml", "--suite", "esm"].map(str::to_owned).to_vec(),
        profiles,
    }
}

pub fn record(profiles: Vec<(RecordedProfile, ObservedProfile)>) -> LoadRecord {
    let took = profiles.iter().filter_map(|(_, observed)| observed.ended_us).sum();
    let (planned, observed): (Vec<_>, Vec<_>) = profiles.into_iter().unzip();
    LoadRecord {
        started: started(planned),
        shards: vec![Shard::WHOLE],
        missing: Vec::new(),
        profiles: observed,
        left_over: Vec::new(),
        not_removable: Vec::new(),
        ledger: Vec::new(),
        clocks: Vec::new(),
        ending: Ending::Run(RunEnding::Completed),
        took_us: took,
    }
}

/// A record with the judgement of each profile.
pub type Judged = (LoadRecord, Vec<Vec<JudgedLevel>>);

pub fn summary((record, judged): &Judged) -> LoadSummary {
    LoadSummary::new(record, judged)
}

fn judged_record(profiles: Vec<(RecordedProfile, ObservedProfile)>) -> Judged {
    let levels = profiles.iter().map(|(planned, observed)| judged(planned, observed)).collect();
    (record(profiles), levels)
}

fn one(name: &str, operation: &str, traffic: &Traffic, limits: [u64; 2]) -> (RecordedProfile, ObservedProfile) {
    (profile(name, operation, traffic, limits), observed(operation, traffic, 7))
}

pub fn met() -> Judged {
    judged_record(vec![one("esm::service-levels::host-metricdata", "host-metricdata", &QUICK, [2, 5])])
}

/// A slow tail, requests that are throttled, and wrong answers whose texts are not to be trusted.
pub fn violated() -> Judged {
    let (planned, mut observed) = one("esm::service-levels::vm-metricdata", "vm-metricdata", &SLOW_TAIL, [2, 5]);
    observed.judged[0].mistakes = vec![
        "$.list[0].cpu: \"<script>alert(1)</script>\" is no number".to_owned(),
        "$.list[1].name: \u{202e}gnp.exe\u{0}\u{1b}[31m & <b onload=x>".to_owned(),
    ];
    judged_record(vec![(planned, observed)])
}

pub fn inconclusive() -> Judged {
    let mut judged =
        judged_record(vec![one("esm::service-levels::capacity-ecs", "capacity-ecs", &MINUTELY, [200, 300])]);
    let level = &mut judged.1[0][1];
    level.verdict = LevelVerdict::Inconclusive;
    level.interval = level.interval.map(|(low, _)| (low, Measure::Endless));
    level.reason = String::from("180 requests are too few to tell whether 1 in 1,000 is slower than 300 ms.");
    level.needs = Some(Needs { samples: 2_995, time: Some(Duration::from_secs(2_995)) });
    judged
}

pub fn invalid() -> Judged {
    let mut judged = judged_record(vec![one("esm::service-levels::pod-metricdata", "pod-metricdata", &LATE, [2, 5])]);
    for level in &mut judged.1[0] {
        level.verdict = LevelVerdict::Invalid;
        level.reason = String::from(
            "The generator was late: at TP50 by 0.7 ms, allowed is 0.1 ms. Free the machine, lower the rate, or use \
             several generators (--shard).",
        );
    }
    judged
}

pub fn together(runs: Vec<Judged>) -> Judged {
    let (mut profiles, mut levels) = (Vec::new(), Vec::new());
    for (record, judged) in runs {
        profiles.extend(record.started.profiles.into_iter().zip(record.profiles));
        levels.extend(judged);
    }
    (record(profiles), levels)
}

/// One of each kind.
pub fn mixed() -> Judged {
    together(vec![met(), violated(), inconclusive(), invalid()])
}

/// As many profiles as ESM has service levels; every ninth is violated.
pub fn many() -> Judged {
    let traffic = |index: u64| Traffic {
        each_second: 60,
        seconds_a_part: 5,
        slow_share: if index % 9 == 4 { 0.05 } else { 0.0 },
        ..QUICK
    };
    let profiles = (0..27).map(|index| {
        let operation = format!("metricdata-of-kind-{index}");
        one(&format!("esm::service-levels::{operation}"), &operation, &traffic(index), [2, 5])
    });
    judged_record(profiles.collect())
}

/// Nothing was observed of a run that was killed at once.
pub fn killed() -> Judged {
    let planned = profile("esm::service-levels::host-metricdata", "host-metricdata", &QUICK, [2, 5]);
    let mut record = record(vec![(planned, ObservedProfile::default())]);
    record.ending = Ending::Broken;
    (record, vec![Vec::new()])
}

/// The events of which a record of one operation is made: a second each.
pub fn events(observed: &ObservedProfile, warm_up: u64) -> Vec<LoadEvent> {
    let operation = observed.judged.keys().next().unwrap().clone();
    let mut events = vec![LoadEvent::ProfileStarted { profile: 0, at_us: 1_500_000 }];
    events.extend(observed.timeline.iter().map(|part| {
        let totals = &part.totals;
        let seen = ObservedOperation {
            due: totals.due,
            outcomes: totals.outcomes.clone(),
            statuses: totals.statuses.clone(),
            response: totals.response.encode(),
            service: totals.service.encode(),
            lateness: totals.lateness.encode(),
            ..ObservedOperation::default()
        };
        let phase = if part.second < warm_up { Phase::WarmUp } else { Phase::Judged };
        let operations = [(operation.clone(), seen)].into_iter().collect();
        LoadEvent::Interval(Box::new(Interval { profile: 0, second: part.second, phase, operations, clock: None }))
    }));
    events
}

/// The times of a histogram, for comparison.
pub fn steps(histogram: &Histogram) -> Vec<(Duration, u64)> {
    histogram.steps().collect()
}
