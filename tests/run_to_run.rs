//! From run to run: comparisons, known failures, what is run again.

use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support;

/// Few cases, one of which this fault makes fail.
const FEW: &str = "cloudn::zones::";
const FAULT: [&str; 3] = ["--strict", "--fault", "network-type-renamed"];

/// A folder for the records of runs.
struct Runs(TempDir);

impl Runs {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    #[expect(clippy::unused_self, reason = "it reads as what is done there")]
    fn assay(&self, arguments: &[&str]) -> Output {
        let run =
            Command::new(env!("CARGO_BIN_EXE_assay")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
        run.unwrap()
    }

    /// Tests the reference cloud, and reads the report of the run.
    fn test(&self, name: &str, more: &[&str]) -> (Option<i32>, Value) {
        let (output, report) = (self.path(name), format!("json={}", self.path(&format!("{name}.json"))));
        let arguments = [&["test", "--output", &output, "--report", &report], more].concat();
        let run = self.assay(&arguments);
        let text = std::fs::read_to_string(self.path(&format!("{name}.json")));
        let text = text.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&run.stderr)));
        (run.status.code(), serde_json::from_str(&text).unwrap())
    }

    fn faulty(&self, name: &str, more: &[&str]) -> (Option<i32>, Value) {
        self.test(name, &[&FAULT, more].concat())
    }

    fn compare(&self, one: &str, other: &str) -> (Option<i32>, String) {
        let run = self.assay(&["compare", &self.path(one), &self.path(other)]);
        (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned())
    }
}

fn of_verdict(report: &Value, verdict: &str) -> usize {
    report["cases"].as_array().unwrap().iter().filter(|case| case["verdict"] == verdict).count()
}

#[test]
fn two_runs_are_compared_by_their_records() {
    let runs = Runs::new();
    assert_eq!(runs.test("sound", &[FEW]).0, Some(0));
    assert_eq!(runs.faulty("faulty", &[FEW]).0, Some(1));
    let (code, worse) = runs.compare("sound", "faulty");
    assert!(
        code == Some(7) && worse.contains("New failures: 1 finding in 2 cases") && worse.contains("CN-159"),
        "{worse}"
    );
    let (code, better) = runs.compare("faulty", "sound");
    assert!(code == Some(0) && better.contains("Fixed: 1 finding in 2 cases"), "{better}");
    let (code, same) = runs.compare("faulty", "faulty");
    assert!(code == Some(0) && same.contains("Still failing: 1 finding in 2 cases"), "{same}");
}

#[test]
fn what_failed_is_run_again_and_nothing_else() {
    let runs = Runs::new();
    runs.faulty("faulty", &[FEW]);
    let (code, again) = runs.faulty("again", &["--rerun", &runs.path("faulty"), FEW]);
    assert_eq!((code, of_verdict(&again, "violates"), again["cases"].as_array().unwrap().len()), (Some(1), 2, 2));
    let (_, mended) = runs.test("mended", &["--rerun", &runs.path("faulty"), FEW]);
    assert_eq!((of_verdict(&mended, "conforms"), mended["cases"].as_array().unwrap().len()), (2, 2));
}

#[test]
fn a_retried_case_is_recorded_by_attempts_and_judged_alike() {
    let runs = Runs::new();
    let (code, report) = runs.faulty("faulty", &["--retries", "1", FEW]);
    assert_eq!((code, of_verdict(&report, "violates")), (Some(1), 2));
    let record = std::fs::read_to_string(runs.path("faulty/run.jsonl")).unwrap();
    assert!(record.contains("(attempt 2)") && !record.contains("(attempt 3)"));
    assert!(report.to_string().contains("it failed in each of 2 attempts"));
    let again = runs.path("again.json");
    runs.assay(&["report", &runs.path("faulty"), "--report", &format!("json={again}")]);
    let again: Value = serde_json::from_str(&std::fs::read_to_string(again).unwrap()).unwrap();
    assert_eq!(
        (again["counts"].clone(), again["causes"].clone()),
        (report["counts"].clone(), report["causes"].clone())
    );
}

#[test]
fn known_failures_do_not_fail_a_run() {
    let runs = Runs::new();
    let known = runs.path("known.yaml");
    let entry = "baseline:\n- {requirement: CN-159, reason: r, owner: o, expires: 9999-12-31}\n";
    std::fs::write(&known, entry).unwrap();
    let (code, report) = runs.faulty("faulty", &["--baseline", &known, FEW]);
    assert_eq!((code, of_verdict(&report, "deviates-as-known")), (Some(0), 2));
    assert_eq!(runs.test("sound", &["--baseline", &known, FEW]).0, Some(6), "the entry is stale");
}

#[test]
fn a_known_failure_of_no_requirement_is_warned_of_at_its_line() {
    let runs = Runs::new();
    let known = runs.path("known.yaml");
    std::fs::write(&known, "baseline:\n- {requirement: CN-1599, reason: r, owner: o, expires: 9999-12-31}\n").unwrap();
    let output = runs.path("out");
    let test = runs.assay(&["test", "--output", &output, "--baseline", &known, FEW]);
    let report = runs.assay(&["report", &output, "--baseline", &known]);
    for run in [test, report] {
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(0), "{said}");
        for part in ["known.yaml:2:17", "no suite has a requirement `CN-1599`", "did you mean `CN-1"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}

#[test]
fn after_a_failure_no_case_is_begun_where_that_is_asked_for() {
    let runs = Runs::new();
    let (code, report) = runs.faulty("faulty", &["--fail-fast", "--test-threads", "1", "cloudn::zones::the-network"]);
    assert_eq!((code, of_verdict(&report, "violates"), of_verdict(&report, "skipped")), (Some(1), 1, 1));
}

#[test]
fn a_faulty_run_prints_its_findings_and_not_its_cases() {
    let runs = Runs::new();
    let output = runs.path("out");
    let faulty = [&["test", "--output", &output], FAULT.as_slice(), &[FEW]].concat();
    let run = runs.assay(&faulty);
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(printed.contains("1 finding in 2 cases") && printed.lines().count() < 40, "{printed}");
    let pretty = runs.assay(&[faulty.as_slice(), &["--format", "pretty"]].concat());
    assert!(String::from_utf8_lossy(&pretty.stdout).contains("test cloudn::zones::"));
}

#[test]
fn a_history_shows_since_when_a_requirement_fails() {
    let runs = Runs::new();
    let history = runs.path("history");
    runs.test("sound", &["--history", &history, FEW]);
    runs.faulty("one", &["--history", &history, FEW]);
    runs.faulty("other", &["--history", &history, FEW]);
    let shown = runs.assay(&["history", &history]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("cloudn CN-159  since") && shown.contains("(2 runs)"), "{shown}");
    runs.test("mended", &["--history", &history, FEW]);
    let shown = runs.assay(&["history", &history]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("No requirement fails."));
}

#[test]
fn a_history_survives_a_line_that_breaks_off() {
    let runs = Runs::new();
    let (history, file) = (runs.path("history"), runs.path("history/history.jsonl"));
    runs.test("one", &["--history", &history, FEW]);
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{whole}{{\"format\":1,\"started\":\"20")).unwrap();
    let shown = || {
        let run = runs.assay(&["history", &history]);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        let notice = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(notice.contains("history.jsonl:2: this line breaks off"), "{notice}");
        String::from_utf8_lossy(&run.stdout).matches("0 findings").count()
    };
    assert_eq!(shown(), 1);
    runs.test("other", &["--history", &history, FEW]);
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 3);
    assert_eq!(shown(), 2);
    std::fs::write(&file, format!("{whole}[]\n")).unwrap();
    assert_eq!(runs.assay(&["history", &history]).status.code(), Some(3));
}

#[test]
fn the_file_of_defaults_gives_what_the_command_line_does_not() {
    let runs = Runs::new();
    let settings = "test:\n  suites: [esm]\n  output: from-file\n";
    std::fs::write(runs.path("assay.yaml"), settings).unwrap();
    let listed = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        let run = command.arg("test").args(more).arg("--list").current_dir(runs.0.path()).output().unwrap();
        (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr))
    };
    let (_, cases) = listed(&[]);
    assert!(cases.contains("esm::") && !cases.contains("cloudn::"));
    let (_, cases) = listed(&["--suite", "cloudn"]);
    assert!(cases.contains("cloudn::") && !cases.contains("esm::"));
    std::fs::write(runs.path("assay.yaml"), "test:\n  suits: [esm]\n").unwrap();
    let (code, refused) = listed(&[]);
    assert!(code == Some(5) && refused.contains("assay.yaml:2:3") && refused.contains("`suites`"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_from_the_record_holds_the_run_to_its_gates_again() {
    let runs = Runs::new();
    let reference = support::reference(&support::library(), support::quick()).await;
    let target = assay::target_file("gated", reference.cloud.demonstration());
    std::fs::write(runs.path("gated.yaml"), format!("{target}gates: {{cases: 5000}}\n")).unwrap();
    let target = runs.path("gated.yaml");
    for (name, shard) in [("whole", "1/1"), ("one", "1/2"), ("two", "2/2")] {
        let output = runs.path(name);
        let run = runs.assay(&["test", "--suite", "ies", "--target", &target, "--output", &output, "--shard", shard]);
        let expected = if name == "whole" { 8 } else { 0 };
        assert_eq!(run.status.code(), Some(expected), "{}", String::from_utf8_lossy(&run.stderr));
    }
    for records in [&["whole"][..], &["one", "two"]] {
        let records: Vec<_> = records.iter().map(|name| runs.path(name)).collect();
        let arguments: Vec<_> = std::iter::once("report").chain(records.iter().map(String::as_str)).collect();
        let report = runs.assay(&arguments);
        let text = String::from_utf8_lossy(&report.stdout).into_owned();
        assert_eq!(report.status.code(), Some(8), "{text}");
        assert!(text.contains("enough cases are run") && text.contains("at least 5000"), "{text}");
    }
    reference.cloud.stop().await;
}
