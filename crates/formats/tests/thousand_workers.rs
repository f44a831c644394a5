//! The records of a thousand workers of an hour each, merged: how long that takes, and how much memory.
//!
//! `cargo test --release -p assay-formats --features samples --test thousand_workers -- --ignored --nocapture`

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "what a test relies on is there, or the test fails")]

use std::io::{BufRead, BufReader, Read, Seek as _};
use std::time::{Duration, Instant};

use assay_formats::Histogram;
use assay_formats::chance::Chance;
use assay_formats::record::load::{
    Interval, LoadEvent, LoadRecord, LoadStarted, Model, ObservedOperation, Outcome, Phase, ProfileEnding, Shard,
};
use assay_formats::record::load_reader::samples::{latency, operation, profile, started};
use assay_formats::record::{Ending, RecordWriter, RunEnding};
use assay_suite::Quantile;

const WORKERS: u32 = 1_000;
const SECONDS: u64 = 3_600;
/// Requests of a worker in a second.
const EACH_SECOND: u64 = 100;
/// Half of the answers take longer.
const MEDIAN: Duration = Duration::from_millis(20);
/// So many workers have a record of their own; those of the others are the same but for their numbers.
const DIFFERENT: u32 = 4;

/// The bounds of merging.
const LONGEST: Duration = Duration::from_secs(60);
const MOST_MEMORY_KB: u64 = 500 * 1024;

fn beginning(number: u32) -> LoadStarted {
    let mut planned = profile(vec![latency(Quantile::P99, 100), latency(Quantile::P99_9, 200)]);
    let due = Some(u64::from(WORKERS) * SECONDS * EACH_SECOND);
    (planned.model, planned.lasts) = (Model::Open { due, peak: Some(100_000.0) }, Duration::from_secs(SECONDS));
    LoadStarted { shard: Shard::new(number, WORKERS).unwrap(), ..started(vec![planned]) }
}

fn interval(second: u64, chance: &mut Chance) -> LoadEvent {
    let (mut response, mut service, mut lateness) = (Histogram::new(), Histogram::new(), Histogram::new());
    let failed = u64::from(chance.share() < 0.1);
    for _ in failed..EACH_SECOND {
        let (time, late) = (chance.time(MEDIAN, 0.5), chance.time(MEDIAN, 0.5) / 1_000);
        response.record(time + late);
        service.record(time);
        lateness.record(late);
    }
    let good = EACH_SECOND - failed;
    let observed = ObservedOperation {
        due: EACH_SECOND,
        outcomes: [(Outcome::Success, good), (Outcome::Refused, failed)].into(),
        statuses: [(200, good), (503, failed)].into(),
        response: response.encode(),
        service: service.encode(),
        lateness: lateness.encode(),
        checked: 1,
        ..ObservedOperation::default()
    };
    let phase = if second < 10 { Phase::WarmUp } else { Phase::Judged };
    let operations = [(operation("Get"), observed)].into();
    LoadEvent::Interval(Box::new(Interval { profile: 0, second, phase, operations, clock: None }))
}

/// The lines of events, as the writer writes them.
fn lines(events: impl IntoIterator<Item = LoadEvent>) -> Vec<u8> {
    let mut file = tempfile::tempfile().unwrap();
    let writer = RecordWriter::new(file.try_clone().unwrap());
    events.into_iter().for_each(|event| writer.write(&event));
    writer.finish().unwrap();
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// What a worker writes after its beginning.
fn rest(seed: u32) -> Vec<u8> {
    let mut chance = Chance(u64::from(seed));
    let mut events = vec![LoadEvent::ProfileStarted { profile: 0, at_us: 0 }];
    events.extend((0..SECONDS).map(|second| interval(second, &mut chance)));
    events.push(LoadEvent::ProfileEnded { profile: 0, at_us: 0, ending: ProfileEnding::Completed });
    events.push(LoadEvent::LoadEnded { at_us: 0, ending: RunEnding::Completed });
    lines(events)
}

/// The most memory that this process had, in KiB.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement: 3,600,000 seconds of records"]
fn an_hour_of_a_thousand_workers_merges_in_a_minute_and_half_a_gigabyte() {
    let rests: Vec<_> = (0..DIFFERENT).map(rest).collect();
    let bytes: usize = rests.iter().map(Vec::len).sum::<usize>() / rests.len() * WORKERS as usize;
    let before = most_memory();
    let records = (1..=WORKERS).map(|number| {
        let first = lines([LoadEvent::LoadStarted(Box::new(beginning(number)))]);
        let rest = &rests[(number % DIFFERENT) as usize];
        let record: Box<dyn BufRead + '_> =
            Box::new(BufReader::new(std::io::Cursor::new(first).chain(rest.as_slice())));
        record
    });
    let began = Instant::now();
    let merged = LoadRecord::read(records).unwrap();
    let (took, memory) = (began.elapsed(), most_memory());
    let observed = &merged.profiles[0];
    println!(
        "{WORKERS} workers, {SECONDS} s each, {} MB of records: {:.1} s, {} MB at most ({} MB of them the test's own)",
        bytes / 1_000_000,
        took.as_secs_f64(),
        memory / 1024,
        before / 1024
    );
    assert_eq!((merged.ending, merged.missing.len()), (Ending::Run(RunEnding::Completed), 0));
    assert_eq!(observed.of(None).due, u64::from(WORKERS) * (SECONDS - 10) * EACH_SECOND);
    assert!(took < LONGEST && memory < MOST_MEMORY_KB, "{took:?}, {memory} KiB");
}
