//! What a report says of what was found: one cause is one finding, what is known is what was observed, and coverage is what the run
//! showed.

use serde_json::Value;

use super::run::Place;
use super::through::{Cloud, Passing};

/// Answers in the place of the cloud.
fn answer(passing: &mut Passing, status: u16, body: &str) {
    passing.status = status;
    passing.answer = body.as_bytes().to_vec();
}

/// The report of a run, and of its record judged again, which must be the same.
fn tested(place: &Place, arguments: &[&str]) -> Value {
    let run = place.run(&[&["test", "--quiet", "--output", "run", "--target", "target.yaml"], arguments].concat());
    let code = place.run(&["report", "run", "--report", "json=again.json"]).status.code();
    assert_eq!(run.status.code(), code, "{}", run.printed);
    place.json("again.json")
}

fn cases<'a>(report: &'a Value, verdict: &str) -> Vec<&'a Value> {
    report["cases"].as_array().unwrap().iter().filter(|case| case["verdict"] == verdict).collect()
}

/// Refuses every request for an operation as CloudStack does where it has none of that name.
fn without(operation: &'static str) -> impl Fn(&str, &mut Passing) + Send + Sync + 'static {
    move |_, passing| {
        if passing.address.to_lowercase().contains(&format!("command={}", operation.to_lowercase())) {
            let text = format!("The given command:{operation} does not exist");
            let body = if passing.address.contains("response=json") {
                format!("{{\"errorresponse\":{{\"errorcode\":432,\"cserrorcode\":9999,\"errortext\":\"{text}\"}}}}")
            } else {
                format!("<errorresponse><errorcode>432</errorcode><errortext>{text}</errortext></errorresponse>")
            };
            answer(passing, 432, &body);
        }
    }
}

#[test]
fn an_operation_that_is_not_there_is_one_finding() {
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    place.write("target.yaml", &cloud.behind(without("listDiskOfferings")));
    let report = tested(&place, &["--suite", "cloudn", "listDiskOfferings"]);
    let violating = cases(&report, "violates");
    assert_eq!(violating.len(), 1, "{}", report["counts"]);
    assert!(violating[0]["name"].as_str().unwrap().contains("every-documented-operation-is-known"));
    let finding = &violating[0]["findings"][0];
    assert_eq!(finding["promises"][0]["id"], "CN-003");
    assert!(finding["observed"].as_str().unwrap().contains("does not exist"), "{finding}");
    let skipped = cases(&report, "skipped");
    assert!(skipped.len() > 10 && cases(&report, "conforms").is_empty(), "{}", report["counts"]);
    let names = |case: &&&Value| case["reason"].as_str().unwrap().contains("does not have listDiskOfferings");
    assert_eq!(skipped.iter().filter(names).count(), skipped.len());
    let coverage = &report["suites"][0]["coverage"];
    assert_eq!((&coverage["operations_tested"], &coverage["verified"]), (&1.into(), &1.into()));
}

#[test]
fn what_follows_from_a_missing_operation_is_no_failure_while_it_runs() {
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    place.write("target.yaml", &cloud.behind(without("listDiskOfferings")));
    let chosen = ["--suite", "cloudn", "listDiskOfferings"];
    let run = place
        .run(&[&["test", "--format", "pretty", "--output", "run", "--target", "target.yaml"][..], &chosen].concat());
    let ignored = "ignored (the deployment seems not to have listDiskOfferings)";
    assert!(run.printed.matches(ignored).count() > 10, "{}", run.printed);
    assert!(!run.printed.contains("\nviolates\n"), "{}", run.printed);
}

#[test]
fn an_operation_that_refuses_some_is_there() {
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    let absent = without("listDiskOfferings");
    let see = move |suite: &str, passing: &mut Passing| {
        if passing.address.contains("page") {
            absent(suite, passing);
        }
    };
    place.write("target.yaml", &cloud.behind(see));
    let report = tested(&place, &["--suite", "cloudn", "listDiskOfferings"]);
    assert!(cases(&report, "violates").len() > 1, "{}", report["counts"]);
    assert!(cases(&report, "skipped").is_empty(), "{}", report["counts"]);
}

#[test]
fn what_is_known_is_what_was_observed() {
    let ignored = |_: &str, passing: &mut Passing| {
        if passing.address.contains("expires=") && !passing.address.contains("signatureVersion") {
            answer(passing, 200, "{\"listzonesresponse\":{\"count\":0}}");
        }
    };
    let broken = |_: &str, passing: &mut Passing| {
        if passing.address.contains("expires=") && !passing.address.contains("signatureVersion") {
            answer(passing, 500, "{\"errorresponse\":{}}");
        }
    };
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    for (target, verdict, printed) in [
        (cloud.behind(ignored), "deviates-as-known", "known of cloudstack-4.1: expires without a signatureVersion"),
        (
            cloud.behind(broken),
            "violates",
            "not what is known of cloudstack-4.1 here: expires without a signatureVersion",
        ),
    ] {
        let others = target.lines().filter(|line| !line.starts_with("server:"));
        let target: String = others.chain(["server: cloudstack-4.1"]).map(|line| format!("{line}\n")).collect();
        place.write("target.yaml", &target);
        let name = "cloudn::signing::an-expiry-without-a-signature-version-is-refused::json";
        let report = tested(&place, &["--suite", "cloudn", "--exact", name]);
        let found = cases(&report, verdict);
        assert_eq!(found.len(), 1, "{report}");
        assert!(found[0]["findings"][0]["observed"].as_str().unwrap().contains(printed), "{}", found[0]["findings"]);
        std::fs::remove_dir_all(place.path("run")).unwrap();
    }
}

#[test]
fn coverage_is_what_the_run_showed() {
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    place.write("target.yaml", &cloud.target);
    let whole = tested(&place, &["--suite", "cloudn", "cloudn::zones::"]);
    let coverage = &whole["suites"][0]["coverage"];
    let ran = whole["cases"].as_array().unwrap().len();
    assert_eq!(coverage["cases"].as_u64(), Some(ran as u64));
    let [tested, operations] =
        ["operations_tested", "operations_documented"].map(|name| coverage[name].as_u64().unwrap());
    // Zones are listed, and one case deploys a machine.
    assert_eq!((tested, coverage["operations_untested"]["not-run"].as_u64()), (2, Some(operations - tested)));
    let verified = coverage["verified"].as_u64().unwrap();
    assert!(verified > 0 && verified < 20, "{coverage}");
    // A record that breaks off before the first answer shows nothing.
    let record = std::fs::read_to_string(place.path("run/run.jsonl")).unwrap();
    let cut = record.split("{\"event\":\"exchanged\"").next().unwrap();
    place.write("cut.jsonl", cut);
    place.run(&["report", "cut.jsonl", "--report", "json=cut.json"]);
    let coverage = place.json("cut.json")["suites"][0]["coverage"].clone();
    assert_eq!((coverage["operations_tested"].as_u64(), coverage["verified"].as_u64()), (Some(0), Some(0)));
}
