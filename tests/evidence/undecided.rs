//! What a deployment could not have done otherwise, and what was only seen once, is left open, with what would decide it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::watch;

use crate::support;
use crate::support::Written;
use assay_engine::conformance::{RecordedSession, replay};
use assay_engine::deployment::Target;
use assay_engine::interpreter::{CaseOutcome, withdraw_unfounded};
use assay_engine::plan::{Choice, ConformancePlan, Library};
use assay_engine::verdict::Verdict;
use assay_formats::record::{Event, FORMAT, Record, RecordWriter, RecordedTarget, RunStarted, Strictness};
use assay_suite::source::{Diagnostics, Documents, SourceFile};

const SUITE: &str = "
suite: shop
title: A shop
document: {title: Reference of the shop}
request: {style: rest}
signing: token
answers: {formats: {json: {}}, envelope: none, refusals: [4xx]}
";

const OPERATIONS: &str = r#"
operations:
  listItems:
    group: Items
    source: "1"
    effect: reads
    request: GET /items
    list: {items: items, key: id}
    parameters: {name: {filters: name}}
  makeItem:
    group: Items
    source: "2"
    effect: changes
    request: POST /items
    parameters: {name: {in: body, value: lamp}}
"#;

const REQUIREMENTS: &str = "
requirements:
  SHOP-1: {text: Items are listed., source: '1', applies_to: [listItems]}
  SHOP-2: {text: An example shows it., source: '2', applies_to: [makeItem], basis: example}
  SHOP-3: {text: Lists stay as they are., source: '2', applies_to: [listItems], basis: inferred}
";

const ITEM: &str = r#"{"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
    "required": ["name"]}"#;
const LIST: &str = r#"{"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "makeItem.json"}}},
    "required": ["items"]}"#;

const FIXTURES: &str = "
- fixture: [made]
  steps:
  - {call: makeItem, save: {made: $.id}}
";

/// What came of the only case, and how often the server was asked.
struct Ran {
    verdict: Verdict,
    /// What was observed first.
    observed: String,
    asked: usize,
}

fn library(steps: &str) -> Library {
    let mut documents = Documents::default();
    let scenario = format!("- scenario: it is so\n  tags: [test]\n  steps:\n{steps}");
    for (path, text) in [
        ("suites/shop/suite.yaml", SUITE),
        ("suites/shop/operations.yaml", OPERATIONS),
        ("suites/shop/requirements.yaml", REQUIREMENTS),
        ("schemas/shop/makeItem.json", ITEM),
        ("schemas/shop/listItems.json", LIST),
        ("scenarios/shop/fixtures.yaml", FIXTURES),
        ("scenarios/shop/items.yaml", &scenario),
    ] {
        documents.insert(SourceFile::new(path, text));
    }
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents, &mut mistakes);
    assert!(!mistakes.has_errors(), "{}", mistakes.render(assay_suite::source::Paint::Plain));
    library
}

/// Runs the steps against a server that answers its n-th request, counted from 0, as it is asked to; the record comes to the same.
async fn run(
    steps: &str,
    answer: impl Fn(usize, &Method, &str) -> (u16, &'static str, serde_json::Value) + Clone + Send + Sync + 'static,
) -> Ran {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let respond = move |method: Method, uri: Uri| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let (status, retry_after, body) = answer(number, &method, uri.query().unwrap_or_default());
        let answer: Response =
            (StatusCode::from_u16(status).unwrap(), [("retry-after", retry_after)], body.to_string()).into_response();
        std::future::ready(answer)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(respond)).await });

    let library = library(steps);
    let target = format!(
        "target: t\nsuites: {{shop: {{url: 'http://{address}'}}}}\nallow: [reads, changes]\n\
         variables: {{one: i-1, other: i-1}}\n"
    );
    let target = support::target(&target);
    let mut mistakes = Diagnostics::new();
    let plan = ConformancePlan::new(&library, &target, &Choice::default(), &mut mistakes);
    assert!(!mistakes.has_errors(), "{}", mistakes.render(assay_suite::source::Paint::Plain));
    let written = Written::default();
    let record = RecordWriter::new(written.clone());
    record.write(&started(&target));
    let (_stop, stopped) = watch::channel(false);
    let schemas = library.schemas.clone();
    let session = RecordedSession::new(Arc::clone(&target), schemas, record.clone(), "test".into(), stopped).unwrap();
    let outcome = judged(vec![session.run(&plan.cases[0]).await]);
    record.finish().unwrap();
    let bytes = written.bytes();
    let again = judged(replay(&plan, &library.schemas, &Record::read(bytes.as_slice()).unwrap()).await);
    assert_eq!((outcome.0, &outcome.1), (again.0, &again.1), "the record comes to another verdict");
    Ran { verdict: outcome.0, observed: outcome.1, asked: asked.load(Ordering::SeqCst) }
}

fn judged(mut outcomes: Vec<CaseOutcome>) -> (Verdict, String) {
    withdraw_unfounded(&mut outcomes);
    let outcome = outcomes.pop().unwrap();
    let first = outcome.findings.first();
    (outcome.verdict, first.map(|finding| format!("{}; {}", finding.expected, finding.observed)).unwrap_or_default())
}

fn started(target: &Target) -> Event {
    let recorded = RecordedTarget {
        name: target.name.clone(),
        services: std::collections::BTreeMap::new(),
        allow: target.allow.clone(),
        variables: target.variables.clone(),
        certificates: assay_suite::http::Certificates::default(),
        longest_job: target.limits.longest_job,
        server: target.server.clone(),
    };
    Event::RunStarted(Box::new(RunStarted {
        format: FORMAT,
        assay: "0.0.0".to_owned(),
        run: "test".to_owned(),
        started: jiff::Timestamp::UNIX_EPOCH,
        target: recorded,
        suites: Vec::new(),
        tags: Vec::new(),
        strictness: Strictness::default(),
        shard: assay_formats::record::load::Shard::WHOLE,
        repeat: Vec::new(),
        gates: assay_formats::record::Gates::default(),
    }))
}

const REFUSED: &str = "  - {call: makeItem, without: [name], expect: refused}\n";

fn items(ids: &[&str]) -> serde_json::Value {
    let items: Vec<_> = ids.iter().map(|id| json!({"id": id, "name": format!("lamp {id}")})).collect();
    json!({"items": items})
}

#[tokio::test]
async fn a_refusal_shows_something_of_a_server_that_takes_good_requests() {
    let ran = run(REFUSED, |_, method, _| match *method {
        Method::GET => (200, "", items(&["i-1"])),
        _ => (400, "", json!({"message": "no name"})),
    });
    let ran = ran.await;
    assert_eq!((ran.verdict, ran.asked), (Verdict::Conforms, 2), "{}", ran.observed);
    let ran = run(REFUSED, |_, _, _| (400, "", json!({"message": "no"}))).await;
    assert_eq!(ran.verdict, Verdict::Inconclusive);
    assert!(ran.observed.contains("no request of shop was accepted"), "{}", ran.observed);
}

#[tokio::test]
async fn a_server_that_asks_for_fewer_requests_is_asked_again_and_not_often() {
    let ran = run(REFUSED, |number, method, _| match (method, number) {
        (&Method::GET, _) => (200, "", items(&["i-1"])),
        (_, 0 | 1) => (429, "0", json!({"message": "later"})),
        _ => (400, "", json!({"message": "no name"})),
    });
    let ran = ran.await;
    assert_eq!((ran.verdict, ran.asked), (Verdict::Conforms, 4), "{}", ran.observed);
    for (status, retry_after, asked) in [(429, "0", 3), (429, "3600", 1), (503, "0", 1)] {
        let ran = run(REFUSED, move |_, _, _| (status, retry_after, json!({"message": "later"}))).await;
        assert_eq!((ran.verdict, ran.asked), (Verdict::Inconclusive, asked), "{status}: {}", ran.observed);
        assert!(ran.observed.contains("limits.rate"), "{}", ran.observed);
    }
}

#[tokio::test]
async fn a_difference_between_two_lists_counts_if_it_stays() {
    let steps = "  - {call: listItems, save: {first: '$.items[0].id'}}\n  \
                 - {call: listItems, expect: {'$.items[*].id': {includes: $first}}}\n";
    let moved = run(steps, |number, _, _| (200, "", if number == 0 { items(&["i-1"]) } else { items(&["i-2"]) })).await;
    assert_eq!((moved.verdict, moved.asked), (Verdict::Inconclusive, 4), "{}", moved.observed);
    assert!(moved.observed.contains("asked again, it was not so"), "{}", moved.observed);
    let wrong = |number: usize, _: &Method, _: &str| {
        (200, "", if number.is_multiple_of(2) { items(&["i-1"]) } else { items(&["i-2"]) })
    };
    let ran = run(steps, wrong).await;
    assert_eq!((ran.verdict, ran.asked), (Verdict::Violates, 4), "{}", ran.observed);
}

#[tokio::test]
async fn a_difference_that_breaks_no_promise_is_dropped_if_it_does_not_stay() {
    let steps = "  - {call: listItems, save: {first: '$.items[0].id'}}\n  \
                 - {call: listItems, expect: {'$.items[0].id': $first}, verifies: [SHOP-3]}\n  \
                 - {call: listItems, expect: accepted}\n";
    let vanishes = |number: usize, _: &Method, _: &str| {
        (200, "", if number == 0 { items(&["i-1", "i-2"]) } else { items(&["i-2"]) })
    };
    let ran = run(steps, vanishes).await;
    assert_eq!((ran.verdict, ran.asked), (Verdict::Conforms, 5), "{}", ran.observed);
    let alternates = |number: usize, _: &Method, _: &str| {
        (200, "", if number.is_multiple_of(2) { items(&["i-1", "i-2"]) } else { items(&["i-2", "i-1"]) })
    };
    let ran = run(steps, alternates).await;
    assert_eq!((ran.verdict, ran.asked), (Verdict::Inconclusive, 5), "{}", ran.observed);
    assert!(ran.observed.contains("it is inferred"), "{}", ran.observed);
}

#[tokio::test]
async fn a_refused_reading_counts_if_it_stays() {
    let steps = "  - {call: listItems, expect: accepted}\n";
    let refused = || (431, "", json!({"message": "unable to find item 7"}));
    let passing =
        run(steps, move |number, _, _| if number == 0 { refused() } else { (200, "", items(&["i-1"])) }).await;
    assert_eq!((passing.verdict, passing.asked), (Verdict::Inconclusive, 2), "{}", passing.observed);
    assert!(passing.observed.contains("asked again, it was not so"), "{}", passing.observed);
    let stays = run(steps, move |_, _, _| refused()).await;
    assert_eq!((stays.verdict, stays.asked), (Verdict::Violates, 2), "{}", stays.observed);
    // What changes something is not repeated.
    let changes = run("  - {call: makeItem, expect: accepted}\n", move |_, _, _| refused()).await;
    assert_eq!((changes.verdict, changes.asked), (Verdict::Violates, 1), "{}", changes.observed);
}

#[tokio::test]
async fn what_is_not_there_need_not_be_there() {
    let steps = "  - {call: listItems, expect: {'$.items[*].name': lamp}}\n";
    let ran = run(steps, |_, _, _| (200, "", items(&[]))).await;
    assert_eq!(ran.verdict, Verdict::Inconclusive);
    assert!(ran.observed.contains("with an item it could be decided"), "{}", ran.observed);
    assert_eq!(run(steps, |_, _, _| (200, "", items(&["i-1"]))).await.verdict, Verdict::Violates);
    let steps = "  - {call: listItems, expect: {outcome: accepted, \"$.items[?@.name == '']\": {absent: true}}}\n";
    assert_eq!(run(steps, |_, _, _| (200, "", items(&[]))).await.verdict, Verdict::Inconclusive);
    assert_eq!(run(steps, |_, _, _| (200, "", items(&["i-1"]))).await.verdict, Verdict::Conforms);
}

#[tokio::test]
async fn that_nothing_is_left_needs_a_list_that_shows_something() {
    let steps = "  - {call: listItems, with: {name: none}, expect: {outcome: any, '$.items[*]': {absent: true}}}\n";
    let filters = |_: usize, _: &Method, query: &str| (200, "", items(if query.is_empty() { &["i-1"] } else { &[] }));
    assert_eq!(run(steps, filters).await.verdict, Verdict::Conforms);
    let ran = run(steps, |_, _, _| (200, "", items(&[]))).await;
    assert_eq!((ran.verdict, ran.asked), (Verdict::Inconclusive, 2));
    assert!(ran.observed.contains("listItems never showed an item"), "{}", ran.observed);
}

#[tokio::test]
async fn two_variables_for_one_thing_break_no_promise() {
    let steps = "  - {call: listItems, expect: {'$.items[*].id': {includes: $one, excludes: $other}}}\n";
    let ran = run(steps, |_, _, _| (200, "", items(&["i-1", "i-2"]))).await;
    assert_eq!(ran.verdict, Verdict::Inconclusive);
    assert!(ran.observed.contains("$other and $one are the same, \"i-1\""), "{}", ran.observed);
}

#[tokio::test]
async fn a_fixture_without_what_it_provides_names_the_path_and_the_answer() {
    let steps = "  - {call: listItems, with: {name: $made}, expect: accepted}\n";
    let ran = run(steps, |_, _, _| (200, "", json!({"name": "lamp"}))).await;
    assert_eq!(ran.verdict, Verdict::CouldNotRun);
    assert!(ran.observed.contains("$made is $.id of the answer of makeItem"), "{}", ran.observed);
    assert!(ran.observed.contains(r#"the answer is {"name":"lamp"}"#), "{}", ran.observed);
}

#[tokio::test]
async fn what_only_an_example_shows_decides_nothing() {
    let steps = "  - {call: makeItem, expect: {$.id: {present: true}}, verifies: [SHOP-2]}\n";
    let ran = run(steps, |_, _, _| (200, "", json!({"name": "lamp"}))).await;
    assert_eq!(ran.verdict, Verdict::Inconclusive);
    assert!(ran.observed.contains("`--strict` decides by it"), "{}", ran.observed);
}
