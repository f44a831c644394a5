//! A test run in several parts: each case is in one of them, and their records judged together say what one run says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support;
use assay_engine::plan::{ConformancePlan, Isolation};
use assay_formats::record::load::Shard;

fn assay(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assay")).current_dir(folder.path()).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The verdict of each case, and how many came to which.
fn verdicts(report: &Output) -> (BTreeMap<String, String>, Value) {
    let summary: Value = serde_json::from_slice(&report.stdout).unwrap_or_else(|_| panic!("{}", printed(report)));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cases = summary["cases"].as_array().unwrap().iter();
    (cases.map(|case| (text(&case["name"]), text(&case["verdict"]))).collect(), summary["counts"].clone())
}

#[test]
fn the_records_of_all_shards_say_what_one_run_says() {
    let folder = tempfile::tempdir().unwrap();
    let test = ["test", "--suite", "esm", "--fault", "esm-token-not-asked", "--output"];
    let whole = assay(&folder, &[&test[..], &["whole"]].concat());
    for (shard, output) in [("1/3", "one"), ("2/3", "two"), ("3/3", "three")] {
        let part = assay(&folder, &[&test[..], &[output, "--shard", shard]].concat());
        assert_eq!(code(&part), 0, "{}", printed(&part));
    }
    let report = |runs: &[&str]| assay(&folder, &[&["report"], runs, &["--report", "json=-"]].concat());
    let (together, alone) = (report(&["three", "one", "two"]), report(&["whole"]));
    assert_eq!(verdicts(&together), verdicts(&alone));
    assert_eq!(code(&together), code(&whole), "{}", printed(&together));
    let partly = report(&["one", "three"]);
    assert_ne!(code(&partly), 0, "{}", printed(&partly));
    assert!(printed(&partly).contains("shard 2 of 3 is missing"), "{}", printed(&partly));
    let twice = report(&["one", "two", "three", "one"]);
    assert_eq!(code(&twice), 2, "{}", printed(&twice));
}

#[test]
fn a_shard_that_was_started_again_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let test = ["test", "--suite", "esm", "--shard"];
    for (shard, output) in [("1/2", "one"), ("2/2", "two"), ("2/2", "again")] {
        let part = assay(&folder, &[&test[..], &[shard, "--output", output]].concat());
        assert_eq!(code(&part), 0, "{}", printed(&part));
    }
    // The first attempt was killed.
    let record = folder.path().join("two/run.jsonl");
    // A long record is compressed when its run is over.
    let compressed = record.with_extension("jsonl.zst");
    if let Ok(file) = fs::File::open(&compressed) {
        fs::write(&record, zstd::decode_all(file).unwrap()).unwrap();
        fs::remove_file(compressed).unwrap();
    }
    let lines = fs::read_to_string(&record).unwrap();
    let kept: Vec<_> = lines.lines().collect();
    fs::write(&record, kept[..kept.len() - 20].join("\n") + "\n").unwrap();
    let with_retry = assay(&folder, &["report", "one", "two", "again", "--report", "json=-"]);
    let without = assay(&folder, &["report", "one", "again", "--report", "json=-"]);
    assert_eq!(verdicts(&with_retry), verdicts(&without));
    assert_eq!(code(&with_retry), code(&without), "{}", printed(&with_retry));
    let killed = assay(&folder, &["report", "one", "two"]);
    assert_eq!(code(&killed), 3, "{}", printed(&killed));
}

#[tokio::test]
async fn each_case_is_in_one_shard_and_whole_lists_stay_with_what_changes_them() {
    let library = support::library();
    let target = support::reference(&library, support::quick()).await.target;
    let plan = support::plan(&library, &target, &["cloudn", "hicloud", "esm"]);
    let names = |plan: &ConformancePlan| plan.cases.iter().map(|case| case.name.clone()).collect::<Vec<_>>();
    let shard = |number| plan.clone().of_shard(Shard::new(number, 4).unwrap());
    let shards: Vec<_> = (1..=4).map(shard).collect();
    let mut all: Vec<_> = shards.iter().flat_map(names).collect();
    assert_eq!(names(&shards[1]), names(&shard(2)), "it is the same each time");
    all.sort();
    let mut expected = names(&plan);
    expected.sort();
    assert_eq!(all, expected);
    let suites_with = |plan: &ConformancePlan, isolation: Isolation| {
        let cases = plan.cases.iter().filter(|case| case.isolation == isolation);
        cases.map(|case| case.suite.name.value.0.clone()).collect::<BTreeSet<_>>()
    };
    for one in &shards {
        for other in shards.iter().filter(|other| names(other) != names(one)) {
            let (listed, changed) = (suites_with(one, Isolation::Exclusive), suites_with(other, Isolation::Shared));
            assert!(listed.is_disjoint(&changed), "{listed:?} {changed:?}");
        }
    }
}
