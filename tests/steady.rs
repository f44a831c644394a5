//! A run comes to the same however many cases run at once, and whatever else the machine does.
//!
//! `just steady` makes fifty full runs; `ASSAY_RUNS=5` as many as it says.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use serde_json::Value;
use tempfile::TempDir;

/// How many cases run at once, one run after the other.
const AT_ONCE: [&str; 5] = ["16", "1", "4", "2", "8"];
/// So many runs of each kind are enough where time is short.
const FEW: usize = 3;

/// Promises that are broken in ways which time could hide: what shows for a moment, what a write leaves, what expires.
const FAULTS: [&str; 4] = [
    "hicloud-start-says-started",
    "hicloud-terminate-leaves",
    "ec2-detach-leaves-attached",
    "hicloud-expired-accepted",
];

/// Keeps all cores of the machine busy, until dropped.
struct Busy {
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    fn new() -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().unwrap().get();
        let spin = |ends: Arc<AtomicBool>| move || while !black_box(&ends).load(Ordering::Relaxed) {};
        let threads = (0..cores).map(|_| thread::spawn(spin(Arc::clone(&ends)))).collect();
        Self { ends, threads }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

/// How a run ended, and the verdict of each of its cases.
#[derive(Clone, Debug)]
struct Came {
    code: Option<i32>,
    verdicts: BTreeMap<String, String>,
}

impl Came {
    fn of(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let report = folder.path().join("run.json");
        let run = Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(["test", "--strict", "--output"])
            .arg(folder.path().join("out"))
            .arg("--report")
            .arg(format!("json={}", report.display()))
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        let report = std::fs::read(&report).unwrap_or_else(|none| panic!("{none}: {said}"));
        let report: Value = serde_json::from_slice(&report).unwrap();
        let text = |case: &Value, field: &str| case[field].as_str().unwrap().to_owned();
        let cases = report["cases"].as_array().unwrap().iter();
        let verdicts = cases.map(|case| (text(case, "name"), text(case, "verdict"))).collect();
        Self { code: run.status.code(), verdicts }
    }

    fn differences(&self, other: &Self) -> Vec<String> {
        let names = self.verdicts.keys().chain(other.verdicts.keys());
        let differing = names.filter(|name| self.verdicts.get(*name) != other.verdicts.get(*name));
        differing.map(|name| format!("{name}: {:?}, {:?}", self.verdicts.get(name), other.verdicts.get(name))).collect()
    }
}

/// So many runs on a busy machine come to what the first comes to, which ends with a code.
fn all_come_to_the_same(runs: usize, arguments: &[&str], code: i32) {
    let _busy = Busy::new();
    let mut first: Option<Came> = None;
    for (run, at_once) in (1..=runs).zip(AT_ONCE.iter().cycle()) {
        let came = Came::of(&[arguments, &["--test-threads", at_once]].concat());
        assert_eq!(came.code, Some(code), "run {run}, {at_once} at once: {came:?}");
        let first = first.get_or_insert_with(|| came.clone());
        assert_eq!(first.differences(&came), [""; 0], "run {run}, {at_once} at once");
        println!("run {run}, {at_once} at once: {} verdicts, as in the first", came.verdicts.len());
    }
}

fn with_faults<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let faults = FAULTS.iter().flat_map(|fault| ["--fault", fault]);
    faults.chain(arguments.iter().copied()).collect()
}

#[test]
fn a_busy_machine_and_the_number_of_cases_at_once_change_no_verdict() {
    let two_suites = ["--suite", "ec2", "--suite", "hicloud"];
    all_come_to_the_same(FEW, &two_suites, 0);
    all_come_to_the_same(FEW, &with_faults(&two_suites), 1);
}

#[test]
#[ignore = "takes long: just steady"]
fn fifty_full_runs_come_to_the_same() {
    let runs = std::env::var("ASSAY_RUNS").map_or(50, |runs| runs.parse().unwrap());
    all_come_to_the_same(runs, &[], 0);
    all_come_to_the_same(runs / 5, &with_faults(&[]), 1);
}
