//! The schemas of schemas/assay take what the readers take: every document of the project, and every line of a record.

use std::path::Path;
use std::sync::Arc;

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;
use tokio::sync::watch;

use crate::support;
use assay_engine::conformance::RecordedSession;
use assay_engine::plan::Library;
use assay_formats::record::{
    Event, FORMAT, Gates, Obligation, ObligationKind, Origin, Part, Record, RecordWriter, RecordedTarget, RunEnding,
    RunStarted, UniqueName,
};
use assay_suite::http::{Exchange, Failure, FailureKind, Method, Request, Sent, Timing};
use assay_suite::source::{Node, Paint, SourceFile};
use assay_suite::{Encoding, OperationName, SuiteName};

/// The schemas of assay's own files.
const NAMES: [&str; 10] = [
    "suite",
    "operations",
    "requirements",
    "variables",
    "deviations",
    "scenario",
    "profile",
    "target",
    "record",
    "load-report",
];

/// The schema with a name, as it is written.
fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/assay/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Finds the schemas that a schema refers to, as an editor does.
struct Others;

impl Retrieve for Others {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let name = uri.as_str().rsplit('/').next().unwrap_or_default().trim_end_matches(".json");
        Ok(schema(name))
    }
}

/// The schema with a name, ready for use.
pub fn validator(name: &str) -> Validator {
    jsonschema::options().with_retriever(Others).build(&schema(name)).unwrap()
}

/// What the schema with a name refuses in a value, a line for each mistake.
pub fn refused_by(name: &str, value: &Value) -> String {
    refused(&validator(name), value)
}

/// What a schema refuses in a value, a line for each mistake.
fn refused(validator: &Validator, value: &Value) -> String {
    let lines: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    lines.join("\n")
}

/// The name of the schema of one of the project's documents, by its path.
fn schema_of(path: &str) -> Option<&'static str> {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["suites", _, "suite.yaml"] => Some("suite"),
        ["suites", _, "operations.yaml"] => Some("operations"),
        ["suites", _, "requirements.yaml"] => Some("requirements"),
        ["suites", _, "variables.yaml"] => Some("variables"),
        ["suites", _, "deviations", _] => Some("deviations"),
        ["scenarios", _, "load", _] => Some("profile"),
        ["scenarios", ..] => Some("scenario"),
        _ => None,
    }
}

/// A document as a value, as the readers see it.
pub fn value(file: &Arc<SourceFile>) -> Option<Value> {
    Node::parse(file).ok().map(|node| node.to_json())
}

#[test]
fn every_schema_has_its_address_and_says_what_each_property_means() {
    for name in NAMES {
        let schema = schema(name);
        assert_eq!(schema["$id"], format!("https://assay.invalid/schemas/assay/{name}.json"));
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let mut silent = Vec::new();
        find_silent(&schema, &schema, name, &mut silent);
        assert!(silent.is_empty(), "without a description:\n{}", silent.join("\n"));
    }
}

/// Notes every property that has no description, neither its own nor that of what it refers to.
fn find_silent(root: &Value, schema: &Value, path: &str, silent: &mut Vec<String>) {
    for kind in ["properties", "patternProperties"] {
        for (name, property) in schema[kind].as_object().into_iter().flatten() {
            let referred = property["$ref"].as_str().and_then(|reference| root.pointer(&reference[1..]));
            let described =
                [Some(property), referred].into_iter().flatten().any(|found| found["description"].is_string());
            if !described {
                silent.push(format!("{path}/{name}"));
            }
        }
    }
    let parts: Vec<(String, &Value)> = match schema {
        Value::Object(fields) => fields.iter().map(|(name, part)| (name.clone(), part)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, part)| (index.to_string(), part)).collect(),
        _ => Vec::new(),
    };
    for (name, part) in parts {
        find_silent(root, part, &format!("{path}/{name}"), silent);
    }
}

#[test]
fn every_document_of_the_project_is_as_its_schema_says() {
    let mut seen = 0;
    for file in support::documents().iter().filter(|file| file.path.ends_with(".yaml")) {
        let name = schema_of(&file.path).unwrap_or_else(|| panic!("{} has no schema", file.path));
        let value = Node::parse(file).unwrap_or_else(|mistake| panic!("{}", mistake.render(Paint::Plain))).to_json();
        assert_eq!(refused(&validator(name), &value), "", "{}", file.path);
        seen += 1;
    }
    assert!(seen > 10, "the documents are not where they are looked for");
}

#[tokio::test]
async fn the_target_file_of_the_reference_cloud_is_as_its_schema_says() {
    let library = support::library();
    let reference = support::reference(&library, support::quick()).await;
    let text = assay::target_file("reference", reference.cloud.demonstration());
    let value = value(&SourceFile::new("reference.yaml", text)).unwrap();
    assert_eq!(refused(&validator("target"), &value), "");
}

/// Writes each kind of event that a run of two good cases has no occasion for.
pub fn write_others(record: &RecordWriter) {
    let case = || "mini::zones::zones-are-listed::json".to_owned();
    record.write(&Event::CaseSkipped { case: case(), reason: "it needs $zone".to_owned() });
    record.write(&Event::Unproven { case: case(), what: "removeZone id=1 was accepted".to_owned() });
    record.write(&Event::LeftOver { case: case(), what: "removeZone id=1 would remove it".to_owned() });
    let of = || OperationName("createZone".to_owned());
    let name = Some(UniqueName { unique: "0123".to_owned(), parameters: vec!["name".to_owned()] });
    let origin = || {
        Some(Origin {
            operation: of(),
            name: name.clone(),
            given: vec![("zone".to_owned(), 1.into())],
            owners: vec!["c0ffee00-1111-4222-8333-444455556666".to_owned()],
        })
    };
    let (named, unclear) = (vec![("id".to_owned(), 1.into())], Some("its answer names nothing".to_owned()));
    let matters = [
        ObligationKind::Job { id: 7.into(), of: of(), origin: origin(), named },
        ObligationKind::Lookup { of: of(), answer: Value::Bool(true), origin: origin() },
        ObligationKind::Request { operation: of(), name: None, unclear, origin: origin() },
        ObligationKind::Thing { call: of(), arguments: Vec::new(), origin: origin() },
    ];
    for (number, kind) in (0..).zip(matters) {
        let (suite, account, format) = (SuiteName("mini".to_owned()), Some("neighbour".to_owned()), Encoding::Xml);
        record.write(&Event::ObligationOpened {
            case: case(),
            number,
            obligation: Obligation { suite, account, format, kind },
        });
    }
    record.write(&Event::NotRemovable { case: case(), what: "what createZone created is not removed".to_owned() });
    record.write(&Event::Undone { left_over: vec![(case(), "createZone was under way".to_owned())] });
    let request = Request {
        method: Method::Post,
        url: "http://cloud.example/client/api".to_owned(),
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: Some("command=listZones".to_owned()),
    };
    let kinds =
        [FailureKind::Connect, FailureKind::Tls, FailureKind::Broken, FailureKind::Deadline, FailureKind::TooLong];
    for kind in kinds {
        let outcome = Err(Failure { kind, message: "nobody answers".to_owned() });
        let timing = Timing { sent_us: 1, took_us: 2 };
        let exchange = Box::new(Exchange { request: request.clone(), outcome, timing, sent: Sent::Twice });
        record.write(&Event::Exchanged { case: case(), part: Part::Undo, exchange });
    }
    for ending in [RunEnding::Interrupted, RunEnding::Completed] {
        record.write(&Event::RunEnded { at_us: 3, ending });
    }
}

/// Writes the first event, and the documents.
pub fn write_beginning(record: &RecordWriter, library: &Library, target: RecordedTarget) {
    record.write(&Event::RunStarted(Box::new(RunStarted {
        format: FORMAT,
        assay: "0.0.0".to_owned(),
        run: "test".to_owned(),
        started: jiff::Timestamp::UNIX_EPOCH,
        target,
        suites: library.suites.keys().cloned().collect(),
        tags: vec!["lists".to_owned()],
        strictness: assay_formats::record::Strictness::Everything,
        shard: assay_formats::record::load::Shard::WHOLE,
        repeat: vec!["--strict".to_owned()],
        gates: Gates { cases: Some(3), ..Gates::default() },
    })));
    for file in library.documents.iter().take(2) {
        record.write(&Event::Document { path: file.path.clone(), text: file.text.clone() });
    }
}

/// The record of two cases, one that only asks and one that creates and removes.
async fn record_of_two_cases() -> String {
    let library = support::library();
    let reference = support::reference(&library, support::quick()).await;
    let plan = support::plan(&library, &reference.target, &["cloudn"]);
    let written = support::Written::default();
    let record = RecordWriter::new(written.clone());
    let target = RecordedTarget {
        name: reference.target.name.clone(),
        services: std::collections::BTreeMap::new(),
        allow: reference.target.allow.clone(),
        variables: reference.target.variables.clone(),
        certificates: assay_suite::http::Certificates::default(),
        longest_job: reference.target.limits.longest_job,
        server: reference.target.server.clone(),
    };
    write_beginning(&record, &library, target);
    let (_stop, stopped) = watch::channel(false);
    let schemas = library.schemas.clone();
    let session =
        RecordedSession::new(reference.target.clone(), schemas, record.clone(), "test".into(), stopped).unwrap();
    for operation in ["listZones", "createSecurityGroup"] {
        let wanted = |name: &str| name.contains("::formats::") && name.contains(operation);
        session.run(plan.cases.iter().find(|case| wanted(&case.name)).unwrap()).await;
    }
    write_others(&record);
    String::from_utf8(written.bytes()).unwrap()
}

#[tokio::test]
async fn every_line_of_a_record_is_as_its_schema_says_and_of_every_kind() {
    let text = record_of_two_cases().await;
    let validator = validator("record");
    let mut kinds = std::collections::BTreeSet::new();
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(refused(&validator, &value), "", "{line}");
        kinds.insert(value["event"].as_str().unwrap().to_owned());
    }
    let branches = schema("record")["oneOf"].as_array().unwrap().len();
    assert_eq!(kinds.len(), branches, "{kinds:?}");
    assert_eq!(Record::read(text.as_bytes()).unwrap().cases.len(), 3);
}

#[test]
fn a_line_that_is_no_event_is_refused() {
    let validator = validator("record");
    let wrong = [
        r#"{"event": "case_started", "case": "a"}"#,
        r#"{"event": "case_started", "case": "a", "at_us": -1}"#,
        r#"{"event": "run_ended", "at_us": 1, "ending": "sometime"}"#,
        r#"{"event": "paused", "at_us": 1}"#,
        r#"["run_ended"]"#,
    ];
    for line in wrong {
        assert!(serde_json::from_str::<Event>(line).is_err(), "the reader takes {line}");
        assert!(!validator.is_valid(&serde_json::from_str(line).unwrap()), "the schema takes {line}");
    }
}
