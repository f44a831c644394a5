//! Schemas that operations name: they count as if they were files, and a file goes before them.

use std::sync::Arc;

use serde_json::json;

use assay_engine::plan::Library;
use assay_suite::source::{Diagnostics, Documents, Paint, SourceFile};

use super::wrong::{base, mistakes, same_as_before};

const OPERATIONS: &str = "suites/mini/operations.yaml";
const SUITE: &str = "suites/mini/suite.yaml";

/// The documents of the base without the files of answers that these operations name.
fn named() -> Documents {
    let text = base().get(OPERATIONS).unwrap().text.clone();
    let text = text.replace("list: {items: zone, key: id}", "list: {items: zone, key: id}, answer: list");
    let text = text.replace("job: true", "job: true\n    answer: common/job.json\n    result: {item: zone}");
    let text = text.replace("effect: removes", "effect: removes, answer: {list: found, of: ../mini/common/zone.json}");
    let mut documents = Documents::default();
    let gone =
        ["listZones", "createZone", "createZone.result", "removeZone"].map(|name| format!("schemas/mini/{name}.json"));
    for file in base().iter().filter(|file| !gone.contains(&file.path)) {
        documents.insert_sound(Arc::clone(file));
    }
    let job = base().get("schemas/mini/createZone.json").unwrap().text.clone();
    documents.insert(SourceFile::new("schemas/mini/common/job.json", job));
    documents.insert(SourceFile::new(OPERATIONS, text));
    documents
}

fn library(documents: &Documents) -> Library {
    let mut mistakes = Diagnostics::new();
    let library = Library::read(documents, &mut mistakes);
    library.check_expansion(&mut mistakes);
    assert_eq!(mistakes.render(Paint::Plain), "");
    library
}

fn messages(library: &Library, path: &str, value: &serde_json::Value) -> Vec<String> {
    library
        .schemas
        .validate(path, value)
        .into_iter()
        .map(|found| format!("{}: {}", found.pointer, found.message))
        .collect()
}

#[test]
fn a_named_schema_counts_as_a_file_of_the_operation() {
    let (named, files) = (library(&named()), library(&base()));
    let values = [
        json!({"zone": [{"id": "1"}]}),
        json!({"zone": [{"id": 1}], "other": 2}),
        json!({"zone": {"id": "1"}}),
        json!({"jobid": 1}),
        json!([]),
    ];
    for path in ["mini/listZones.json", "mini/createZone.json"] {
        assert!(named.schemas.contains(path));
        for value in &values {
            assert_eq!(messages(&named, path, value), messages(&files, path, value), "{path} {value}");
        }
    }
    let result = "mini/createZone.result.json";
    assert_eq!(messages(&named, result, &json!({"zone": {"id": "1", "name": "a"}})), [""; 0]);
    assert_eq!(messages(&named, result, &json!({})), [": \"zone\" is a required property"]);
    assert_eq!(messages(&named, "mini/removeZone.json", &json!({"found": 1})), ["/found: 1 is not of type \"array\""]);
}

#[test]
fn a_reader_is_led_to_where_a_schema_is_named() {
    let library = library(&named());
    let lines = library.documents.get(OPERATIONS).unwrap().text.lines().collect::<Vec<_>>().into_iter();
    let line = lines.clone().position(|line| line.contains("answer: list")).unwrap() + 1;
    let result = lines.clone().position(|line| line.contains("result: {item")).unwrap() + 1;
    for (path, expected) in [
        ("mini/listZones.json", format!("{OPERATIONS}:{line}")),
        ("mini/createZone.json", "schemas/mini/common/job.json".to_owned()),
        ("mini/createZone.result.json", format!("{OPERATIONS}:{result}")),
        ("mini/queryJob.json", "schemas/mini/queryJob.json".to_owned()),
    ] {
        assert_eq!(library.schemas.written_at(path), expected);
    }
}

/// Whoever has a file of an earlier version, or a server of another kind, keeps it.
#[test]
fn a_file_of_ones_own_goes_before_what_an_operation_names() {
    let mut documents = named();
    // What assay brings is sound; the file is not among it.
    let operations = Arc::clone(documents.get(OPERATIONS).unwrap());
    documents.insert_sound(operations);
    let own = r#"{"type": "object", "properties": {"zone": {"type": "array", "items": {"properties": {"id": {}}}}, "mine": {}}, "required": ["mine"]}"#;
    documents.insert(SourceFile::new("schemas/mini/listZones.json", own));
    let library = library(&documents);
    assert_eq!(messages(&library, "mini/listZones.json", &json!({})), [": \"mine\" is a required property"]);
    assert_eq!(library.schemas.written_at("mini/listZones.json"), "schemas/mini/listZones.json");
}

#[test]
fn whoever_writes_a_file_and_names_another_is_told_which_counts() {
    let mut documents = named();
    documents.insert(Arc::clone(base().get("schemas/mini/listZones.json").unwrap()));
    let mistakes = mistakes(&documents);
    assert!(!mistakes.has_errors());
    same_as_before("wrong_answer_and_file", &mistakes);
}

#[test]
fn a_shape_is_held_to_be_a_json_schema_where_an_operation_has_it() {
    let mut documents = named();
    let text = documents.get(SUITE).unwrap().text.clone();
    let item = "item: {type: object, properties: {\"{name}\": {$ref: \"{schema}\"}}, required: [\"{name}\"]}";
    assert!(text.contains(item));
    for (name, wrong) in [
        ("keyword", item.replace("required", "requried")),
        ("field", item.replace("[\"{name}\"]", "[\"{name}\", jobid]")),
        ("reference", item.replace("{$ref:", "{$ref: common/state.json}, of: {$ref:")),
        ("type", item.replace("type: object", "type: objekt")),
    ] {
        documents.insert(SourceFile::new(SUITE, text.replace(item, &wrong)));
        same_as_before(&format!("wrong_shape_{name}"), &mistakes(&documents));
    }
}
