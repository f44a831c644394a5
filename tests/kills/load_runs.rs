//! `assay load`, struck.

use std::fs;

use assay_formats::record::load::LoadRecord;

use super::proxy::{Moment, Signal, moments};
use super::stage::{IN_FLIGHT, Stage, count, new_things, printed};

/// Users who create, next to requests that need something which is made before.
const PROFILES: &str = r#"
- profile: people who create
  together: kills
  users:
    count: 3
    for: 10m
    think_time: 20ms
    journey:
    - {call: createSecurityGroup, with: {name: "assay-${unique}"}, save: {group: $.securitygroup.id}}
    - {call: listSecurityGroups}
  service_level: nothing
- profile: reads with a set-up
  together: kills
  in_flight: 2
  arrivals: {shape: [{rate: 50/s, for: 10m}]}
  set_up: [{call: createSecurityGroup, with: {name: "assay-${unique}"}}]
  mix: [{call: listZones}]
  service_level: nothing
- profile: a mix that creates
  together: kills
  in_flight: 2
  arrivals: {shape: [{rate: 20/s, for: 10m}]}
  mix: [{call: createSecurityGroup, with: {name: "assay-${unique}"}}]
  service_level: nothing
- profile: reads alone
  in_flight: 4
  arrivals: {shape: [{rate: 100/s, for: 10m}]}
  mix: [{call: listZones}]
  service_level: nothing
"#;

const RUN: [&str; 2] = ["load", "kills.yaml"];

fn stage() -> Stage {
    let stage = Stage::new("cloudn");
    let folder = stage.folder.path().join("scenarios/cloudn/load");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("kills.yaml"), PROFILES).unwrap();
    stage
}

/// Strikes runs at so many moments, and shows what came of it.
fn survive(seed: u64, count_of_moments: u64) {
    let stage = stage();
    let (mut removed, mut unknown) = (0, 0);
    let all = moments(seed, count_of_moments, 400);
    for (number, moment) in all.iter().enumerate() {
        println!("{number}: {moment:?}");
        let before = stage.things();
        let struck = stage.strike(&RUN, &format!("run-{number}"), *moment);
        struck.assert_ended_by(moment.signal);
        let report = struck.assert_reported_as_partial(&stage, moment.signal);
        if moment.signal == Signal::Kill {
            let undone = struck.assert_undone(&stage, &before);
            removed += undone.removed;
            unknown += undone.unknown;
            continue;
        }
        let left = new_things(&before, &stage.things());
        assert!(left.is_empty(), "{left:#?}\n{}", report["left_over"]);
        assert!(report["left_over"].as_array().unwrap().is_empty(), "{}", report["left_over"]);
    }
    println!("load: {} moments survived; undone after kills: {removed}, not known: {unknown}", all.len());
}

#[test]
fn a_load_run_survives_being_ended_at_any_moment() {
    survive(7, 9);
}

#[test]
#[ignore = "takes about half an hour: `just kills`"]
fn a_load_run_survives_being_ended_at_two_hundred_moments() {
    survive(8, 200);
}

/// What was answered before a second's line was written is in it, or in one before.
#[test]
fn a_load_run_that_is_killed_loses_at_most_its_last_second() {
    let stage = stage();
    // It counts, and strikes never.
    stage.proxy.arm(Moment { request: u64::MAX, side: super::proxy::Side::Before, signal: Signal::Kill });
    let mut run = stage.start(&["load", "reads-alone"], "run");
    let record = stage.folder.path().join("run/run.jsonl");
    let mut answered = 0;
    loop {
        let now = stage.proxy.answered();
        let seconds = count(&record, "interval");
        if seconds >= 3 {
            break;
        }
        // It was given before the third line was written.
        answered = now;
        assert!(run.try_wait().unwrap().is_none(), "the run ended by itself");
        std::thread::yield_now();
    }
    Signal::Kill.send(run.id());
    run.wait().unwrap();
    let file = fs::File::open(&record).unwrap();
    let read = LoadRecord::read([std::io::BufReader::new(file)]).unwrap();
    let recorded = read.profiles[0].of(None).ended();
    assert!(answered > 0 && recorded + IN_FLIGHT >= answered, "{recorded} of {answered} answers are in the record");
    let report = stage.assay(&["report", "run"]);
    assert!(printed(&report).contains("breaks off"), "{}", printed(&report));
}
