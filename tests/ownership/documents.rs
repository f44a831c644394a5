//! The documents of an API with things that are removed by their id, found by their order, made by jobs, put into a group.

use assay_engine::plan::Library;
use assay_suite::source::{Diagnostics, Documents, Paint, SourceFile};

const SUITE: &str = r"
suite: attic
title: An attic
document: {title: Manual of the attic}
request: {style: rest}
signing: token
answers: {formats: {json: {}}, envelope: none, refusals: [4xx], busy: '*it is busy*'}
jobs: {id: job, poll: readJob, parameter: job, status: state, result: result, instance: about, pending: running, succeeded: done, failed: failed}
";

const OPERATIONS: &str = r#"
operations:
  listNotes: {group: Notes, source: "1", effect: reads, request: GET /notes, list: {items: notes, key: id}}
  readNote: {group: Notes, source: "1", effect: reads, request: "GET /notes/{id}", parameters: {id: {in: path, required: true, value: $note}}}
  createNote:
    group: Notes
    source: "1"
    effect: creates
    request: POST /notes
    parameters: {name: {in: body, required: true, value: "note-${unique}"}}
    undo: {call: deleteNote, with: {id: $.id}}
  deleteNote: {group: Notes, source: "1", effect: removes, request: "DELETE /notes/{id}", parameters: {id: {in: path, required: true, value: $note}}}
  listBoxes: {group: Boxes, source: "2", effect: reads, request: GET /boxes, list: {items: boxes, key: id}, parameters: {order: {filters: order}}}
  createBox:
    group: Boxes
    source: "2"
    effect: creates
    request: POST /boxes
    parameters: {name: {in: body, required: true, value: "box-${unique}"}}
    undo: {find: {call: listBoxes, with: {order: $.order}, take: "$.boxes[*].id"}, call: deleteBox, with: {id: $found}}
  deleteBox: {group: Boxes, source: "2", effect: removes, request: "DELETE /boxes/{id}", parameters: {id: {in: path, required: true, value: $box}}}
  listDisks: {group: Disks, source: "3", effect: reads, request: GET /disks, list: {items: disks, key: id}}
  createDisk:
    group: Disks
    source: "3"
    effect: creates
    job: true
    request: POST /disks
    parameters: {name: {in: body, required: true, value: "disk-${unique}"}}
    undo: {call: deleteDisk, with: {id: $.disk.id}}
  deleteDisk: {group: Disks, source: "3", effect: removes, request: "DELETE /disks/{id}", parameters: {id: {in: path, required: true, value: $disk}}}
  readJob: {group: Jobs, source: "4", effect: reads, request: "GET /jobs/{job}", parameters: {job: {in: path, required: true, value: $job}}}
  listRules: {group: Rules, source: "5", effect: reads, request: GET /rules, list: {items: rules, key: id}}
  createRule:
    group: Rules
    source: "5"
    effect: creates
    request: POST /rules
    parameters: {port: {in: body, required: true, value: "80"}}
    undo: {call: deleteRule, with: {id: "$.rules[*].id"}, several: new}
  deleteRule: {group: Rules, source: "5", effect: removes, request: "DELETE /rules/{id}", parameters: {id: {in: path, required: true, value: $rule}}}
"#;

const REQUIREMENTS: &str = r#"
requirements:
  ATTIC-1: {text: Things can be made., source: "1", applies_to: [createNote, createBox, createDisk, createRule]}
"#;

const SCENARIOS: &str = r#"
- scenario: notes are made
  steps:
  - {call: createNote, with: {name: "first-${unique}"}, expect: accepted, save: {one: $.id}, verifies: [ATTIC-1]}
  - {call: createNote, with: {name: "second-${unique}"}, expect: accepted, verifies: [ATTIC-1]}
- scenario: a note is made and removed
  steps:
  - {call: createNote, with: {name: "short-${unique}"}, expect: accepted, save: {one: $.id}, verifies: [ATTIC-1]}
  - {call: deleteNote, with: {id: $one}, expect: accepted, verifies: [ATTIC-1]}
- scenario: a box is made
  steps:
  - {call: createBox, expect: accepted, verifies: [ATTIC-1]}
- scenario: a disk is made
  steps:
  - {call: createDisk, expect: accepted, save: {job: $.job}, verifies: [ATTIC-1]}
  - {await: $job, within: 1s, verifies: [ATTIC-1]}
- scenario: a disk is made and not waited for
  steps:
  - {call: createDisk, expect: accepted, verifies: [ATTIC-1]}
- scenario: a rule is made
  steps:
  - {call: createRule, with: {port: "81"}, expect: accepted, verifies: [ATTIC-1]}
"#;

/// Their library, which has no mistakes.
pub fn library() -> Library {
    let mut documents = Documents::default();
    let mut insert = |path: &str, text: &str| documents.insert(SourceFile::new(path, text));
    insert("suites/attic/suite.yaml", SUITE);
    insert("suites/attic/operations.yaml", OPERATIONS);
    insert("suites/attic/requirements.yaml", REQUIREMENTS);
    insert("scenarios/attic/things.yaml", SCENARIOS);
    for (operation, items) in [("Note", "notes"), ("Box", "boxes"), ("Disk", "disks"), ("Rule", "rules")] {
        let plural = if items == "boxes" { "Boxes".to_owned() } else { format!("{operation}s") };
        let list = format!(r#"{{"type": "object", "properties": {{"{items}": {{"type": "array"}}}}}}"#);
        insert(&format!("schemas/attic/list{plural}.json"), &list);
        for verb in ["create", "delete", "read"] {
            insert(&format!("schemas/attic/{verb}{operation}.json"), r#"{"type": "object"}"#);
        }
    }
    insert("schemas/attic/readJob.json", r#"{"type": "object"}"#);
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents, &mut mistakes);
    assert!(!mistakes.has_errors(), "{}", mistakes.render(Paint::Plain));
    library
}
