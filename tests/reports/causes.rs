//! One cause is one finding, in every report.

use assay_engine::verdict::Verdict;
use assay_report::{Ending, Gate, GateOutcome, Summary, Undecided, html, json, junit, markdown, terminal};
use assay_suite::http::FailureKind;

use super::builder::{case, exchange, finding, promise, suite, summary};

const CAUSES: usize = 9;
const VIOLATIONS: usize = 259;

/// A faulty run: each cause shows in many operations and both formats, with other names, ids and numbers.
fn faulty() -> Summary {
    let mut cases = Vec::new();
    for index in 0..VIOLATIONS {
        let (cause, operation) = (index % CAUSES, format!("listThings{index}"));
        let format = if index % 2 == 0 { "json" } else { "xml" };
        let scenario = format!("scenario {cause}");
        let mut case = case("cloudn", &scenario, &format!("{operation}::{format}"), Verdict::Violates);
        case.operation = Some(operation.clone());
        case.exchange_count = 1 + (VIOLATIONS - index) / 100;
        let observed =
            format!("status 20{cause}: {operation} has {index} items in {}, id-{index}-a", format.to_uppercase());
        let requirement = promise(&format!("CN-10{cause}"), "A promise.", "1-3)");
        case.findings = vec![finding(
            Verdict::Violates,
            &format!("{operation} is refused (status 431)"),
            &observed,
            vec![requirement],
        )];
        case.exchanges = vec![exchange(
            "step 1",
            &format!("http://h/?command={operation}&apikey=[redacted]"),
            Ok((200, "{\"errortext\":\"why not\"}")),
        )];
        cases.push(case);
    }
    let suite = suite("cloudn", Vec::new(), &cases);
    summary(cases, vec![suite])
}

#[test]
fn two_hundred_and_fifty_nine_violations_of_nine_causes_are_nine_findings() {
    let run = faulty();
    let causes = run.causes();
    assert_eq!(causes.len(), CAUSES);
    assert_eq!(causes.iter().map(assay_report::Cause::count).sum::<usize>(), VIOLATIONS);

    let screen = terminal(&run);
    assert!(screen.contains("9 findings in 259 cases"), "{screen}");
    assert!(screen.lines().count() < 100, "{} lines", screen.lines().count());

    let page = html(&run).unwrap();
    assert_eq!(page.matches("<section class=\"cause\"").count(), CAUSES);
    causes.iter().for_each(|cause| assert!(page.contains(&format!("id=\"finding-{}\"", cause.id))));

    let text = markdown(&run);
    assert_eq!(text.lines().filter(|line| line.starts_with("### ")).count(), CAUSES);

    let read: serde_json::Value = serde_json::from_str(&json(&run).unwrap()).unwrap();
    let counts = read["causes"].as_array().unwrap().iter().map(|cause| cause["count"].as_u64().unwrap());
    assert_eq!((counts.clone().count(), counts.sum::<u64>()), (CAUSES, VIOLATIONS as u64));

    let xml = junit(&run).unwrap();
    for cause in &causes {
        let property = format!("<property name=\"cause\" value=\"{}\"", cause.id);
        assert_eq!(xml.matches(&property).count(), cause.count());
    }
}

#[test]
fn a_finding_is_shown_by_its_smallest_example_with_the_answer_and_a_command() {
    let run = faulty();
    let cause = &run.causes()[0];
    let screen = terminal(&run);
    assert!(screen.contains("answer    200 {\"errortext\":\"why not\"}"), "{screen}");
    assert!(
        screen.contains("document  A promise. (1-3))") && screen.contains("at        scenarios/common/lists.yaml:38:7")
    );
    assert!(screen.contains("again     assay test --suite cloudn"));
    for report in [html(&run).unwrap(), markdown(&run), junit(&run).unwrap()] {
        assert!(report.contains("curl") && report.contains("why not"));
    }
    assert!(cause.others.iter().all(|other| other.verdict == cause.verdict()));
}

#[test]
fn the_id_of_a_finding_stays_when_other_names_and_numbers_occur() {
    let (one, mut other) = (faulty(), faulty());
    other.cases.retain(|case| case.operation.as_deref() != Some("listThings0"));
    let ids = |run: &Summary| run.causes().into_iter().map(|cause| cause.id).collect::<Vec<_>>();
    let (mut one, mut other) = (ids(&one), ids(&other));
    one.sort();
    other.sort();
    assert_eq!(one, other);
}

#[test]
fn different_mismatches_of_one_requirement_are_different_findings() {
    let mut run = faulty();
    run.cases.truncate(2);
    for (case, field) in run.cases.iter_mut().zip(["id", "name"]) {
        let observed = format!("\"{field}\" is a required property");
        case.findings = vec![finding(Verdict::Violates, "the schema", &observed, vec![promise("CN-1", "A.", "1")])];
    }
    assert_eq!(run.causes().len(), 2);
}

#[test]
fn requests_without_an_answer_are_one_finding_whatever_was_expected_of_them() {
    let operations = ["listThings", "createThing", "getThing"];
    let cases = operations.iter().enumerate().map(|(index, operation)| {
        let mut case = case("shop", &format!("scenario {index}"), &format!("{operation}::json"), Verdict::CouldNotRun);
        case.operation = Some((*operation).to_owned());
        let observed = "no whole answer before the deadline: no whole answer within 30 s";
        let promises = if index == 0 { Vec::new() } else { vec![promise(&format!("{operation}.status"), "A.", "1")] };
        case.findings = vec![finding(Verdict::CouldNotRun, &format!("an answer to {operation}"), observed, promises)];
        case.findings[0].place = format!("./shop.yaml:{index}:5");
        case.exchanges = vec![exchange("step 1", "http://h/", Err("no whole answer within 30 s"))];
        case
    });
    let mut run = summary(cases.collect(), Vec::new());
    assert_eq!(run.causes().iter().map(assay_report::Cause::count).collect::<Vec<_>>(), [3]);
    // Another reason is another cause.
    "the connection broke: message head is too large".clone_into(&mut run.cases[2].findings[0].observed);
    let failure = run.cases[2].exchanges[0].exchange.outcome.as_mut().unwrap_err();
    failure.kind = FailureKind::Broken;
    assert_eq!(run.causes().len(), 2);
}

#[test]
fn junit_is_not_green_where_the_exit_code_is_not() {
    let inconclusive = case("cloudn", "undecided", "listZones::json", Verdict::Inconclusive);
    let mut run = summary(vec![inconclusive], Vec::new());
    run.suites = vec![suite("cloudn", Vec::new(), &run.cases)];
    assert!(junit(&run).unwrap().contains("<failure"));
    run.undecided = Undecided::IsSkipped;
    let allowed = junit(&run).unwrap();
    assert!(!allowed.contains("<failure") && allowed.contains("<skipped"));

    let mut partial = summary(Vec::new(), Vec::new());
    partial.run.ending = Ending::Interrupted;
    assert!(junit(&partial).unwrap().contains("<error"));
}

#[test]
fn a_deployment_that_is_down_is_reported_in_every_format() {
    let mut run = summary(Vec::new(), Vec::new());
    run.gates.push(Gate {
        name: "the deployment can be tested".to_owned(),
        expected: "the API answers a request".to_owned(),
        observed: "no connection: refused".to_owned(),
        outcome: GateOutcome::CouldNotRun,
    });
    let sarif = assay_report::sarif(&run).unwrap();
    let reports =
        [html(&run).unwrap(), markdown(&run), junit(&run).unwrap(), json(&run).unwrap(), terminal(&run), sarif];
    for report in reports.into_iter().chain([assay_report::github(&run), assay_report::ctrf(&run).unwrap()]) {
        assert!(report.contains("no connection"), "{report}");
    }
    assert!(junit(&run).unwrap().contains("<error"));
}
