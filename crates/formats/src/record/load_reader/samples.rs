//! Load runs for tests to begin with.

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;

use crate::record::load::{
    LOAD_FORMAT, Level, LevelPromise, LoadRecord, LoadStarted, Model, ObservedProfile, Outcome, ProfileEnding,
    RecordedProfile, Shard, Totals,
};
use crate::record::{Ending, RecordedTarget, RunEnding};
use assay_suite::Quantile;
use assay_suite::{OperationName, SuiteName};

/// An operation's name.
pub fn operation(name: &str) -> OperationName {
    OperationName(name.to_owned())
}

/// A promise of the operation `Get`.
pub fn promise(level: Level) -> LevelPromise {
    LevelPromise { operation: Some(operation("Get")), level, requirements: Vec::new() }
}

/// A promise that a share of the requests to `Get` is answered within some milliseconds.
pub fn latency(quantile: Quantile, millis: u64) -> LevelPromise {
    promise(Level::Latency { quantile, limit: Duration::from_millis(millis) })
}

/// A profile that asks `Get` 100 times a second for 30 seconds, warm-up left out.
pub fn profile(promises: Vec<LevelPromise>) -> RecordedProfile {
    RecordedProfile {
        name: "esm/load/get.yaml: get".to_owned(),
        title: "get".to_owned(),
        suite: SuiteName("esm".to_owned()),
        place: "scenarios/esm/load/get.yaml:1:1".to_owned(),
        model: Model::Open { due: Some(4_000), peak: Some(100.0) },
        warm_up: Duration::from_secs(10),
        lasts: Duration::from_secs(40),
        in_flight: 8,
        lateness: vec![(Quantile::P99_9, Duration::from_micros(300))],
        judged: IndexMap::from([(operation("Get"), 3_000)]),
        promises,
    }
}

/// What is known when a run with these profiles begins.
pub fn started(profiles: Vec<RecordedProfile>) -> LoadStarted {
    LoadStarted {
        format: LOAD_FORMAT,
        assay: "0.1.0".to_owned(),
        run: "run".to_owned(),
        started: jiff::Timestamp::UNIX_EPOCH,
        target: RecordedTarget {
            name: "local".to_owned(),
            services: BTreeMap::new(),
            allow: std::collections::BTreeSet::new(),
            variables: BTreeMap::new(),
            certificates: assay_suite::http::Certificates::default(),
            longest_job: Duration::from_secs(60),
            server: None,
        },
        shard: Shard::WHOLE,
        repeat: Vec::new(),
        profiles,
    }
}

/// So many requests that took so many microseconds each, on the way and in all, none of them sent late.
pub fn answered(times: &[(u64, u64)]) -> Totals {
    let mut totals = Totals::default();
    for (micros, number) in times {
        for _ in 0..*number {
            totals.response.record(Duration::from_micros(*micros));
            totals.service.record(Duration::from_micros(*micros));
            totals.lateness.record(Duration::from_micros(10));
        }
        totals.due += number;
        *totals.outcomes.entry(Outcome::Success).or_default() += number;
    }
    totals
}

/// The same with so many more requests that came to something else.
pub fn with(mut totals: Totals, outcome: Outcome, number: u64) -> Totals {
    totals.due += number;
    *totals.outcomes.entry(outcome).or_default() += number;
    totals
}

/// What was observed of a profile that ran to its end and asked only `Get`.
pub fn observed(totals: Totals) -> ObservedProfile {
    ObservedProfile {
        started_us: Some(0),
        ended_us: Some(40_000_000),
        ending: Some(ProfileEnding::Completed),
        judged: IndexMap::from([(operation("Get"), totals)]),
        judged_seconds: 30,
        ..ObservedProfile::default()
    }
}

/// The record of a run that ran to its end.
pub fn record(profiles: Vec<(RecordedProfile, ObservedProfile)>) -> LoadRecord {
    let (planned, observed) = profiles.into_iter().unzip();
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
        took_us: 40_000_000,
    }
}
