//! What reads the texts of others, each as a function of bytes alone: the driver next to this file runs them, and so do the
//! targets of `fuzz/`. Each goes as far as the program would: a document is planned, a record judged and reported.

use std::io::{BufRead as _, BufReader};
use std::sync::LazyLock;

use assay_engine::conformance::replay;
use assay_engine::deployment::{Target, decode, glance};
use assay_engine::interpreter::{mark_stale, settle_absent, withdraw_unfounded};
use assay_engine::plan::{Choice, ConformancePlan, Library};
use assay_engine::scenario::Path;
use assay_engine::verdict::{Tolerance, compare, judge_levels};
use assay_formats::record::Record;
use assay_formats::record::load::{LoadEvent, LoadRecord};
use assay_report::{
    HistogramLog, LoadSummary, Summary, comparison_html, html, junit, load_html, load_json, load_junit, load_markdown,
    load_terminal, markdown, terminal,
};
use assay_schema::Schemas;
use assay_suite::source::{Diagnostics, Documents, Paint, SourceFile};
use assay_suite::{Encoding, Envelope};

/// A reader: its name, and what it does with bytes. It comes to an end without a panic, whatever they are.
pub type Reader = (&'static str, fn(&[u8]));

/// All of them.
pub const READERS: [Reader; 11] = [
    ("suite", suite),
    ("scenario", scenario),
    ("profile", profile),
    ("trace", trace),
    ("schema", schema),
    ("target", target),
    ("record", record),
    ("load_record", load_record),
    ("jsonpath", jsonpath),
    ("answer_json", answer_json),
    ("answer_xml", answer_xml),
];

/// A small API, whose documents are right.
pub const BASE: [(&str, &str); 11] = [
    ("suites/mini/suite.yaml", include_str!("../documents/base/suites/mini/suite.yaml")),
    ("suites/mini/operations.yaml", include_str!("../documents/base/suites/mini/operations.yaml")),
    ("suites/mini/requirements.yaml", include_str!("../documents/base/suites/mini/requirements.yaml")),
    ("schemas/mini/common/error.json", include_str!("../documents/base/schemas/mini/common/error.json")),
    ("schemas/mini/common/zone.json", include_str!("../documents/base/schemas/mini/common/zone.json")),
    ("schemas/mini/createZone.json", include_str!("../documents/base/schemas/mini/createZone.json")),
    ("schemas/mini/listZones.json", include_str!("../documents/base/schemas/mini/listZones.json")),
    ("schemas/mini/queryJob.json", include_str!("../documents/base/schemas/mini/queryJob.json")),
    ("schemas/mini/removeZone.json", include_str!("../documents/base/schemas/mini/removeZone.json")),
    ("scenarios/common/zones.yaml", include_str!("../documents/base/scenarios/common/zones.yaml")),
    ("scenarios/mini/load/zones.yaml", include_str!("../documents/base/scenarios/mini/load/zones.yaml")),
];

/// An answer's schema, with each shape that decoding knows.
const ANSWER: &str = r#"{"type": "object", "properties": {
    "count": {"type": "integer"}, "size": {"type": "number"}, "open": {"type": "boolean"}, "name": {"type": "string"},
    "zone": {"type": "array", "items": {"type": "object", "properties": {
        "id": {"type": "string", "pattern": "^[0-9a-f-]{36}$"},
        "tags": {"type": "array", "items": {"type": "object"}}, "within": {"$ref": "answer.json"}}}}},
    "required": ["count"], "additionalProperties": false}"#;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| {
    let mut documents = Documents::default();
    documents.insert(SourceFile::new("schemas/mini/answer.json", ANSWER));
    Schemas::read(&documents, &mut Diagnostics::new())
});

/// Bytes as the text of a document, of a body: what is no text is replaced.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn base() -> Documents {
    let mut documents = Documents::default();
    BASE.iter().for_each(|(path, text)| documents.insert(SourceFile::new(*path, *text)));
    documents
}

/// What `assay check` does.
fn check(documents: &Documents) {
    let mut mistakes = Diagnostics::new();
    let library = Library::read(documents, &mut mistakes);
    library.check_expansion(&mut mistakes);
    mistakes.render(Paint::Plain);
}

fn check_with(path: &str, text: String) {
    let mut documents = base();
    documents.insert(SourceFile::new(path, text));
    check(&documents);
}

/// Any of a suite's files: a key of its own shows which.
fn suite(bytes: &[u8]) {
    if let Err(mistake) = SourceFile::from_bytes("suites/mini/suite.yaml", bytes.to_vec()) {
        mistake.render(Paint::Plain);
    }
    let text = text(bytes);
    let keys = [
        ("deviations:", "suites/mini/deviations/server.yaml"),
        ("operations:", "suites/mini/operations.yaml"),
        ("requirements:", "suites/mini/requirements.yaml"),
    ];
    let found = keys.iter().find(|(key, _)| text.lines().any(|line| line.starts_with(key)));
    check_with(found.map_or("suites/mini/suite.yaml", |(_, path)| path), text);
}

fn scenario(bytes: &[u8]) {
    check_with("scenarios/mini/any.yaml", text(bytes));
}

fn profile(bytes: &[u8]) {
    check_with("scenarios/mini/load/any.yaml", text(bytes));
}

/// A recorded day, and a column of data.
fn trace(bytes: &[u8]) {
    const PROFILES: &str = "
- {profile: a day, arrivals: {trace: {file: day.csv, scale: 2}}, service_level: nothing}
- profile: its zones
  arrivals: {shape: [{rate: 10/s, for: 10s}]}
  mix: [{call: listZones, with: {id: $zone}}]
  data: {zone: {csv: day.csv, column: id}}
  service_level: nothing
";
    let mut documents = base();
    documents.insert(SourceFile::new("scenarios/mini/load/any.yaml", PROFILES));
    documents.insert(SourceFile::new("scenarios/mini/load/day.csv", text(bytes)));
    check(&documents);
}

fn schema(bytes: &[u8]) {
    check_with("schemas/mini/listZones.json", text(bytes));
}

fn target(bytes: &[u8]) {
    let mut mistakes = Diagnostics::new();
    Target::read(&SourceFile::new("target.yaml", text(bytes)), &|name| Some(format!("http://{name}")), &mut mistakes);
    mistakes.render(Paint::Plain);
}

/// What `assay report` does with the record of a run.
fn record(bytes: &[u8]) {
    let record = match Record::read(BufReader::new(bytes)) {
        Ok(record) => record,
        Err(error) => return drop(error.at("run.jsonl").render(Paint::Plain)),
    };
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&record.documents, &mut mistakes);
    let (suites, tags) = (record.started.suites.clone(), record.started.tags.clone());
    let choice = Choice { suites, tags, strictness: record.started.strictness };
    let plan = ConformancePlan::new(&library, &Target::recorded(&record.started.target), &choice, &mut mistakes);
    mistakes.render(Paint::Plain);
    if mistakes.has_errors() {
        return;
    }
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    let mut outcomes = runtime.block_on(replay(&plan, &library.schemas, &record));
    settle_absent(&plan.cases, &mut outcomes);
    withdraw_unfounded(&mut outcomes);
    mark_stale(&plan.cases, &mut outcomes);
    let (left_over, ending) = (record.left_over.clone(), record.ending.into());
    let summary = Summary::new(&plan, &record.started, &outcomes, left_over, ending, record.took_us);
    // A report that can't be made is said to be so.
    let _ = (html(&summary), junit(&summary), assay_report::json(&summary));
    let _ = (markdown(&summary), terminal(&summary));
}

/// What `assay report` and `assay compare` do with the record of a load run.
fn load_record(bytes: &[u8]) {
    let record = match LoadRecord::read([BufReader::new(bytes)]) {
        Ok(record) => record,
        Err(error) => return drop(error.at(&["run.jsonl".to_owned()]).render(Paint::Plain)),
    };
    let summary = LoadSummary::new(&record, &judge_levels(&record));
    let _ = (load_html(&summary), load_json(&summary), load_junit(&summary));
    let _ = (load_markdown(&summary), load_terminal(&summary));
    if let Some(tolerance) = Tolerance::new(0.05) {
        let _ = comparison_html(&compare(&record, &record, tolerance));
    }
    let mut out = std::io::sink();
    let Ok(mut log) = HistogramLog::begin(&mut out, &record.started) else { return };
    for event in bytes.lines().map_while(Result::ok).map_while(|line| serde_json::from_str::<LoadEvent>(&line).ok()) {
        let _ = log.add(&event);
    }
}

/// The first line is a path, the rest what it looks into.
fn jsonpath(bytes: &[u8]) {
    let text = text(bytes);
    let (path, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let value = serde_json::from_str(rest).unwrap_or_else(
        |_| serde_json::json!({"count": 2, "zone": [{"id": "a", "name": "ROOT", "tags": []}, {"id": 5, "name": null}]}),
    );
    if let Ok(path) = Path::parse(path) {
        path.select(&value);
        let _ = path.variables();
    }
}

fn answer_json(bytes: &[u8]) {
    answer(bytes, Encoding::Json);
}

fn answer_xml(bytes: &[u8]) {
    answer(bytes, Encoding::Xml);
}

/// What is done with an answer, of a case and under load.
fn answer(bytes: &[u8], encoding: Encoding) {
    let body = text(bytes);
    for envelope in [Envelope::Named("{operation}response".to_owned()), Envelope::None] {
        if let Ok(answer) = decode(&body, encoding, &envelope, &SCHEMAS.shape("mini/answer.json")) {
            SCHEMAS.validate("mini/answer.json", &answer.value);
        }
    }
    let _ = glance(bytes, encoding, &["listzonesresponse".to_owned()]);
    let _ = glance(bytes, encoding, &[]);
}
