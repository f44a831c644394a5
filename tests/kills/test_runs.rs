//! `assay test`, struck.

use std::fs;
use std::process::Output;

use serde_json::Value;

use super::proxy::{Moment, Side, Signal, moments};
use super::stage::{IN_FLIGHT, Stage, Struck, count, new_things, printed, untold};

/// Scenarios of the suite that create, change and remove.
const RUN: [&str; 4] = ["test", "--suite", "cloudn", "--quiet"];
/// All of them make more requests than this.
const REQUESTS: u64 = 1_200;

/// Strikes runs at so many moments, and shows what came of it.
fn survive(seed: u64, count_of_moments: u64) {
    let stage = Stage::new("cloudn");
    let (mut removed, mut unknown) = (0, 0);
    let all = moments(seed, count_of_moments, REQUESTS);
    for (number, moment) in all.iter().enumerate() {
        let (of_removed, of_unknown) = survives(&stage, number, *moment);
        removed += of_removed;
        unknown += of_unknown;
    }
    println!("test: {} moments survived; undone after kills: {removed}, not known: {unknown}", all.len());
}

fn survives(stage: &Stage, number: usize, moment: Moment) -> (usize, usize) {
    println!("{number}: {moment:?}");
    let before = stage.things();
    let struck = stage.strike(&RUN, &format!("run-{number}"), moment);
    struck.assert_ended_by(moment.signal);
    // The first request looks whether there is an API, and is of no case.
    let answered = stage.proxy.answered_before().saturating_sub(1);
    let recorded = count(&struck.record(), "exchanged");
    assert!(recorded + IN_FLIGHT >= answered, "{recorded} of {answered} answers are in the record");
    let report = struck.assert_reported_as_partial(stage, moment.signal);
    if moment.signal == Signal::Kill {
        let undone = struck.assert_undone(stage, &before);
        return (undone.removed, undone.unknown);
    }
    let left = new_things(&before, &stage.things());
    let text = report["left_over"].to_string();
    let untold: Vec<_> = left.iter().filter(|(_, item)| !text.contains(item["id"].as_str().unwrap())).collect();
    assert!(untold.is_empty(), "left and not printed: {untold:#?}\n{text}");
    assert!(report["left_over"].as_array().unwrap().is_empty(), "the reference cloud refuses no removal: {text}");
    (0, 0)
}

#[test]
fn a_test_run_survives_being_ended_at_any_moment() {
    survive(5, 9);
}

#[test]
#[ignore = "takes about half an hour: `just kills`"]
fn a_test_run_survives_being_ended_at_two_hundred_moments() {
    survive(6, 200);
}

#[test]
fn a_run_that_is_killed_before_its_first_case_is_reported_as_partial() {
    let stage = Stage::new("cloudn");
    let mut run = stage.start(&RUN, "early");
    let record = stage.folder.path().join("early/run.jsonl");
    while count(&record, "document") < 60 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended by itself");
        std::thread::yield_now();
    }
    Signal::Kill.send(run.id());
    run.wait().unwrap();
    // Wherever it was by then: what is cut off within the documents is tried, too.
    let whole = fs::read(&record).unwrap();
    for length in [whole.len(), whole.len() / 2, whole.len() / 8] {
        fs::write(&record, &whole[..length]).unwrap();
        let report = stage.assay(&["report", "early"]);
        assert_eq!(report.status.code(), Some(3), "{}", printed(&report));
        assert!(printed(&report).contains("breaks off"), "{}", printed(&report));
    }
    for nothing in [&whole[..0], &whole[..1_000]] {
        fs::write(&record, nothing).unwrap();
        let report = stage.assay(&["report", "early"]);
        assert_eq!(report.status.code(), Some(3), "{}", printed(&report));
        assert!(printed(&report).contains("the record holds no whole event"), "{}", printed(&report));
    }
}

/// A run that was killed while there was something to remove, and what an undoing with a target file says then. At some moments
/// a run owes nothing: the first at which it does is taken.
fn killed_while_it_owes(stage: &Stage, target: &str) -> (Output, Struck, String) {
    let runs = (400..REQUESTS).step_by(50).map(|request| {
        let moment = Moment { request, side: Side::Between, signal: Signal::Kill };
        let name = format!("run-{request}");
        let struck = stage.strike(&RUN, &name, moment);
        (stage.assay(&["undo", &name, "--target", target]), struck, name)
    });
    runs.into_iter().find(|(undone, ..)| !printed(undone).contains("Nothing is left")).unwrap()
}

#[test]
fn undo_waits_for_what_is_busy_with_what_a_killed_run_had_asked_for() {
    let stage = Stage::new("cloudn");
    let before = stage.things();
    let (_, struck, _) = killed_while_it_owes(&stage, "no-such-file.yaml");
    stage.proxy.refuse_removals(3);
    let undone = struck.assert_undone(&stage, &before);
    assert!(stage.proxy.has_refused() && undone.removed > 0, "nothing was to be removed");
}

#[test]
fn undo_asks_for_leave_and_for_the_target_of_the_run() {
    let stage = Stage::new("cloudn");
    let before = stage.things();
    let target = fs::read_to_string(&stage.target).unwrap();
    let reads = target.replace("allow: [reads, creates, changes, removes, load]", "allow: [reads]");
    fs::write(stage.folder.path().join("reads.yaml"), reads).unwrap();
    let (refused, struck, run) = killed_while_it_owes(&stage, "reads.yaml");
    assert_eq!(refused.status.code(), Some(3), "{}", printed(&refused));
    assert!(printed(&refused).contains("allow: [reads, creates]"), "{}", printed(&refused));
    let elsewhere = target.replace(&stage.proxy.address, "127.0.0.1:9");
    fs::write(stage.folder.path().join("elsewhere.yaml"), elsewhere).unwrap();
    let refused = stage.assay(&["undo", &run, "--target", "elsewhere.yaml"]);
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    assert!(printed(&refused).contains("Name the target of the run"), "{}", printed(&refused));
    struck.assert_undone(&stage, &before);
}

#[test]
fn what_requests_created_whose_answers_were_lost_is_removed_or_told() {
    let stage = Stage::new("cloudn");
    let before = stage.things();
    stage.proxy.lose_each(3);
    let run = stage.start(&RUN, "lossy").wait_with_output().unwrap();
    stage.proxy.lose_each(0);
    assert_eq!(run.status.code(), Some(3), "{}", printed(&run));
    let json = stage.folder.path().join("report.json");
    stage.assay(&["report", "lossy", "--report", &format!("json={}", json.display())]);
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let left_over = report["left_over"].as_array().unwrap();
    let printed: Vec<_> = left_over.iter().map(|of_case| of_case[1].as_str().unwrap()).collect();
    let left = new_things(&before, &stage.things());
    let broken = report["cases"].to_string().matches("the connection broke").count();
    println!("{broken} answers lost, {} things left, {} printed", left.len(), printed.len());
    assert!(broken > 0, "no answer was lost");
    let untold = untold(&left, &printed);
    assert!(untold.is_empty(), "left and not printed: {untold:#?}\n{printed:#?}");
}
