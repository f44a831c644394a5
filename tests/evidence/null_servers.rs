//! Servers that answer the same to everything show nothing: no case conforms against them, but those that a document justifies.
//!
//! Of the cases that a scenario makes for many operations a few are run against each server, all of them with
//! `ASSAY_NULL_SERVERS=all`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract::State};

use crate::support;
use assay_engine::deployment::Target;
use assay_engine::interpreter::withdraw_unfounded;
use assay_engine::plan::{Case, Library};
use assay_engine::verdict::Verdict;
use assay_suite::{Encoding, fits};

/// The suites, each with a good answer of one of its lists: as JSON, and as XML where it has XML.
const SUITES: [(&str, &str, &str); 6] = [
    (
        "cloudn",
        r#"{"listzonesresponse": {"count": 1, "zone": [{"id": "7", "name": "z", "networktype": "Basic",
            "securitygroupsenabled": true, "allocationstate": "Enabled"}]}}"#,
        "<listzonesresponse><count>1</count><zone><id>7</id><name>z</name><networktype>Basic</networktype>\
         <securitygroupsenabled>true</securitygroupsenabled><allocationstate>Enabled</allocationstate></zone>\
         </listzonesresponse>",
    ),
    (
        "cloudstack",
        r#"{"listzonesresponse": {"count": 1, "zone": [{"id": "7", "name": "z", "networktype": "Basic"}]}}"#,
        "<listzonesresponse><count>1</count><zone><id>7</id><name>z</name></zone></listzonesresponse>",
    ),
    (
        "ec2",
        "{}",
        r#"<DescribeImagesResponse xmlns="http://ec2.amazonaws.com/doc/2012-08-15/"><requestId>1</requestId><imagesSet>
           <item><imageId>ami-1</imageId><imageState>available</imageState></item></imagesSet></DescribeImagesResponse>"#,
    ),
    ("esm", r#"{"total": 1, "list": [{"host_id": "h1", "host_name": "h", "region_id": "r"}]}"#, ""),
    ("hicloud", r#"{"instanceList": [{"businessServiceId": "BV1", "name": "x"}]}"#, ""),
    ("ies", r#"{"services": [{"service_id": "s1", "name": "x"}]}"#, ""),
];

/// What conforms whatever the server answers: the pattern of the cases, and why. `*` means anything.
const UNDOCUMENTED: &[(&str, &str)] = &[
    ("esm::*::screen-data-query::*", "4.1.1: what is answered is not documented, the sample ends after its headers"),
    ("esm::*::tenant-resource-bms::*", "4.1.10: what is answered is not documented, the sample ends after its headers"),
    ("esm::*::tenant-resource-ecs::*", "4.1.10: what is answered is not documented, the sample ends after its headers"),
    ("esm::*::tenant-resource-evs::*", "4.1.10: what is answered is not documented, the sample ends after its headers"),
    ("esm::*::tenant-resource-obs::*", "4.1.10: what is answered is not documented, the sample ends after its headers"),
];

/// What conforms against a server that answers everything with one good list, which is the documented answer of that list.
const OF_ONE_LIST: &[(&str, &str)] = &[
    ("*::laws::a-list-that-is-asked-for-twice-is-the-same::*", "it is the same"),
    ("*::the-order-and-the-case-of-the-names-in-a-request-do-not-matter-*", "the list is what good requests ask for"),
    ("*::values-of-all-characters-are-signed-alike-on-both-sides::*", "the list is what good requests ask for"),
    ("*::a-value-outside-of-ascii-is-signed-alike-on-both-sides::*", "the list is what good requests ask for"),
    ("cloudn::zones::the-network-of-a-zone-is-a-basic-one::*", "the zone of the list has a basic network"),
    ("cloudstack::list-semantics::a-list-of-what-the-system-has-is-the-same-for-all::*", "it is the same for all"),
    ("esm::windows::a-window-from-0-to-0-is-accepted::*", "the list is what a good request asks for"),
    ("esm::rest-answers::a-good-request-is-answered-as-documented::*", "its schema asks for no more than the list has"),
    ("esm::parameters::optional-page-parameters-may-be-left-out::*", "the list is what a good request asks for"),
    ("esm::logs-and-alarms::the-number-of-records-is-a-number::*", "it is"),
    (
        "esm::hosts-and-resources::the-metrics-of-network-devices-can-be-narrowed-to-every-documented-one::*",
        "the list is what good requests ask for",
    ),
    ("esm::formats::*", "the schemas ask for no more than the list has"),
    ("esm::answers::the-capacity-of-load-balancers-is-answered-with-200-as-in-the-sample::*", "it is"),
    ("esm::answers::an-operation-whose-status-table-has-no-500-never-answers-with-it::*", "it does not"),
    ("esm::answers::an-answer-is-json-as-asked-for::*", "it is"),
    ("esm::answers::an-answer-and-a-refusal-say-in-which-format-they-are::*", "they do"),
    ("hicloud::requests::an-order-is-sent-with-get::describeInstances::*", "the list is what it asks for"),
    (
        "hicloud::requests::every-order-is-given-at-one-address-by-its-name::describeInstances::*",
        "the list is what it asks for",
    ),
    (
        "hicloud::signing::an-access-key-that-is-sent-twice-is-signed-twice::describeInstances::*",
        "the list is what it asks for",
    ),
    ("ies::tokens::each-of-the-eight-operations-is-there-under-rest::queryServices::*", "the list is what it asks for"),
    ("hicloud::signing::the-order-of-the-parameters-in-a-request-does-not-matter-*", "good requests are accepted"),
    ("hicloud::signing::the-colons-of-an-expiry-travel-encoded-and-are-signed-as-they-are::*", "a good request is"),
    ("hicloud::signing::signatures-are-written-in-the-alphabet-of-the-samples::*", "good requests are accepted"),
    ("hicloud::signing::a-request-is-valid-until-it-expires::*", "a good request is; the expired one is another case"),
    ("hicloud::requests::orders-are-served-in-the-current-version::*", "a good request is accepted"),
    ("hicloud::requests::an-earlier-version-is-served-too::*", "a good request is accepted"),
    (
        "*::lists::a-filter-leaves-only-the-items-that-match::*",
        "the one item has what is asked for; that others go is another case",
    ),
    (
        "*::laws::filters-leave-what-fits-and-nothing-else::listZones::*",
        "the one zone fits; that others go is another case",
    ),
    ("*::lists::no-list-has-more-than-500-items-if-no-other-number-is-asked-for::listZones::*", "it has one"),
    ("*::lists::the-count-of-a-list-counts-what-the-document-says::*", "it counts its one item"),
    ("*::lists::a-list-without-parameters-answers-as-documented::*", "it is as documented"),
    ("cloudstack::formats::an-answer-*::listZones::*", "it is in the format that is asked for"),
    ("cloudstack::lists::a-page-can-be-smaller-than-the-limit::listZones::*", "it has one item"),
    ("cloudstack::lists::no-page-has-more-items-than-the-limit::listZones::*", "it has one item"),
    ("cloudstack::responses::no-field-of-an-answer-in-json-is-there-without-a-value::listZones::*", "none is"),
    ("cloudstack::roles::an-operation-answers-the-root-admin-in-the-documented-form::listZones::*", "it does"),
    (
        "esm::access::the-tenant-may-be-left-out-outside-of-the-hcso-scenario::*",
        "the list is what a good request asks for",
    ),
    ("esm::answers::every-status-is-one-of-the-appendix::*", "200 is one"),
    ("esm::rest-parameters::the-greatest-number-is-accepted::*", "the list is what a good request asks for"),
    ("esm::rest-parameters::the-least-number-is-accepted::*", "the list is what a good request asks for"),
    ("esm::windows::the-same-question-about-the-past-has-the-same-answer::*", "it is the same"),
];

/// What a server answers to everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    EmptyObject,
    EmptyArray,
    EmptyElement,
    EmptyBody,
    ErrorAccepted,
    SignatureErrorAccepted,
    Page,
    OneList,
    Echo,
    NoContent,
    Text,
    OtherFormat,
    Status(u16),
}

const KINDS: [Kind; 19] = [
    Kind::EmptyObject,
    Kind::EmptyArray,
    Kind::EmptyElement,
    Kind::EmptyBody,
    Kind::ErrorAccepted,
    Kind::SignatureErrorAccepted,
    Kind::Page,
    Kind::OneList,
    Kind::Echo,
    Kind::NoContent,
    Kind::Text,
    Kind::OtherFormat,
    Kind::Status(400),
    Kind::Status(401),
    Kind::Status(404),
    Kind::Status(429),
    Kind::Status(431),
    Kind::Status(500),
    Kind::Status(503),
];

/// A server of a kind, for a suite.
#[derive(Clone, Copy)]
struct Null {
    kind: Kind,
    json: &'static str,
    xml: &'static str,
}

impl Null {
    /// Starts it; it ends with the runtime of the test. The address is that of its port.
    async fn start(self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self);
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

async fn answer(State(null): State<Null>, uri: Uri, body: Bytes) -> Response {
    let query = uri.query().unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let is_xml = !null.xml.is_empty() && !format!("{query}&{body}").contains("response=json");
    let either = |json: &str, xml: &str| {
        if is_xml { ("text/xml", xml.to_owned()) } else { ("application/json", json.to_owned()) }
    };
    let ok = StatusCode::OK;
    let (status, (content_type, body)) = match null.kind {
        Kind::EmptyObject => (ok, ("application/json", "{}".to_owned())),
        Kind::EmptyArray => (ok, ("application/json", "[]".to_owned())),
        Kind::EmptyElement => (ok, ("text/xml", "<a/>".to_owned())),
        Kind::EmptyBody => (ok, either("", "")),
        Kind::ErrorAccepted => (ok, either(r#"{"error": "no"}"#, "<error>no</error>")),
        Kind::SignatureErrorAccepted => (
            ok,
            either(
                r#"{"errorresponse": {"errorcode": 401, "errortext": "signature mismatch"}}"#,
                "<errorresponse><errorcode>401</errorcode><errortext>signature mismatch</errortext></errorresponse>",
            ),
        ),
        Kind::Page => (ok, ("text/html", "<!DOCTYPE html><html><body>It works!</body></html>".to_owned())),
        Kind::OneList => (ok, either(null.json, null.xml)),
        Kind::Echo if body.is_empty() => (ok, either(&echoed(query).0, &echoed(query).1)),
        Kind::Echo => (ok, either(&body, &echoed(&body).1)),
        Kind::NoContent => (StatusCode::NO_CONTENT, ("text/plain", String::new())),
        Kind::Text => (ok, ("text/plain", "ok".to_owned())),
        Kind::OtherFormat if is_xml => (ok, ("application/json", null.json.to_owned())),
        Kind::OtherFormat => (ok, ("text/xml", "<list><count>0</count></list>".to_owned())),
        Kind::Status(status) => (
            StatusCode::from_u16(status).unwrap(),
            either(
                r#"{"errorresponse": {"errorcode": 1, "cserrorcode": 9999, "errortext": "no"}}"#,
                "<errorresponse><errorcode>1</errorcode><cserrorcode>9999</cserrorcode><errortext>no</errortext></errorresponse>",
            ),
        ),
    };
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// A request in the form of an answer, as JSON and as XML.
fn echoed(form: &str) -> (String, String) {
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    let fields: serde_json::Map<_, _> = pairs.clone().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let elements: Vec<_> = pairs.map(|(name, _)| format!("<item><name>{}</name></item>", name.len())).collect();
    (serde_json::Value::Object(fields).to_string(), format!("<request>{}</request>", elements.concat()))
}

/// The target of the reference cloud, moved to another address.
fn target(text: &str, address: &str) -> Arc<Target> {
    let known = regex::Regex::new(r"http://127\.0\.0\.1:\d+").unwrap();
    support::target(&known.replace_all(text, address))
}

/// A few cases of each scenario in each format.
fn sample(cases: &[Arc<Case>]) -> Vec<Arc<Case>> {
    let most = if std::env::var("ASSAY_NULL_SERVERS").is_ok_and(|all| all == "all") { usize::MAX } else { 2 };
    let mut taken: BTreeMap<(String, Encoding), usize> = BTreeMap::new();
    let mut sample = Vec::new();
    for case in cases {
        let count = taken.entry((case.scenario.title.place.to_string(), case.format)).or_default();
        *count += 1;
        if *count <= most {
            sample.push(Arc::clone(case));
        }
    }
    sample
}

/// The cases that conform against a server of a kind and are not justified.
async fn unfounded(library: &Library, text: &str, suite: &str, null: Null) -> Vec<String> {
    let target = target(text, &null.start().await);
    let plan = support::plan(library, &target, &[suite]);
    let cases = sample(&plan.cases);
    assert!(cases.len() >= 40, "{suite}: {} cases", cases.len());
    let outcomes = support::run_cases(library, &target, &cases, 8).await;
    let mut outcomes: Vec<_> = outcomes.into_values().collect();
    withdraw_unfounded(&mut outcomes);
    let conforming =
        outcomes.into_iter().filter(|outcome| outcome.verdict == Verdict::Conforms).map(|outcome| outcome.case);
    let of_kind = if null.kind == Kind::OneList { OF_ONE_LIST } else { &[] };
    let is_justified = |case: &String| UNDOCUMENTED.iter().chain(of_kind).any(|(pattern, _)| fits(pattern, case));
    conforming.filter(|case| !is_justified(case)).map(|case| format!("{:?}: {case}", null.kind)).collect()
}

async fn nothing_conforms(suite: &str) {
    let library = support::library();
    let reference = support::reference(&library, support::quick()).await;
    let text = assay::target_file("reference", reference.cloud.demonstration());
    let (_, json, xml) = SUITES.into_iter().find(|(name, ..)| *name == suite).unwrap();
    let mut wrong = Vec::new();
    for kind in KINDS {
        wrong.extend(unfounded(&library, &text, suite, Null { kind, json, xml }).await);
    }
    reference.cloud.stop().await;
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_conforms_of_cloudn() {
    nothing_conforms("cloudn").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_conforms_of_cloudstack() {
    nothing_conforms("cloudstack").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_conforms_of_ec2() {
    nothing_conforms("ec2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_conforms_of_esm() {
    nothing_conforms("esm").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_conforms_of_hicloud() {
    nothing_conforms("hicloud").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_conforms_of_ies() {
    nothing_conforms("ies").await;
}
