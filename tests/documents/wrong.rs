//! Wrong documents: each folder of tests/documents/wrong holds a kind of them, tests/snapshots what is said of each.
//!
//! The documents of tests/documents/base are right; a wrong one takes the place of one of them, or is next to them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use assay_engine::deployment::{CredentialNames, Target, check_names};
use assay_engine::plan::Library;
use assay_formats::record::Record;
use assay_formats::record::load::LoadRecord;
use assay_suite::source::{Diagnostics, Documents, Paint, SourceFile};

use super::schemas::{validator, value};

/// The documents whose mistake a schema can't see: a syntax error, a name that refers to nothing, a text that does not
/// follow the rules of its own language.
const ONLY_THE_READER_SEES: &[&str] = &[
    "operations/answers-of-nothing.yaml",
    "operations/answers-without-files.yaml",
    "operations/paths-of-requests.yaml",
    "operations/undo-of-others.yaml",
    "operations/header-of-a-query.yaml",
    "operations/fields-that-no-answer-has.yaml",
    "operations/items-that-no-answer-has.yaml",
    "suite/fields-that-no-answer-has.yaml",
    "scenario/arguments-that-are-not-documented.yaml",
    "scenario/await-of-a-refusal.yaml",
    "scenario/await-without-a-job.yaml",
    "scenario/paths-that-lead-nowhere.yaml",
    "scenario/saved-too-late.yaml",
    "scenario/values-that-are-never-there.yaml",
    "requirements/promises-that-nothing-verifies.yaml",
    "profile/requests-that-lack-something.yaml",
    "common/unknown-operation.yaml",
    "deviations/unknown-names.yaml",
    "fixture/circle.yaml",
    "fixture/needs-itself.yaml",
    "fixture/provides-nothing.yaml",
    "operations/alias-of-itself.yaml",
    "operations/huge-numbers.yaml",
    "operations/merge-key-of-nothing.yaml",
    "operations/missing-comma.yaml",
    "operations/unclosed-list.yaml",
    "operations/unknown-set.yaml",
    "remark/misspelt-variable.yaml",
    "requirements/duplicate-id.yaml",
    "requirements/text-goes-on-unindented.yaml",
    "scenario/colon-in-title.yaml",
    "scenario/duplicate-key.yaml",
    "scenario/tab-in-the-midst.yaml",
    "scenario/text-without-indentation.yaml",
    "scenario/verifies-twice.yaml",
    "suite/nul-byte.yaml",
    "suite/rest-by-query.yaml",
    "target/environment-with-default.yaml",
    "target/key-with-percent.yaml",
    "target/keys-that-look-otherwise.yaml",
    "target/misspelt-credential.yaml",
    "target/misspelt-suite.yaml",
    "operations/duplicate-key.yaml",
    "operations/no-schema.yaml",
    "operations/no-value.yaml",
    "operations/unknown-references.yaml",
    "requirements/colon-in-text.yaml",
    "profile/amplitude-above-mean.yaml",
    "profile/no-documented-level.yaml",
    "profile/no-requests.yaml",
    "profile/trace-of-others.yaml",
    "profile/unknown-names.yaml",
    "profile/unknown-variables.yaml",
    "profile/unlimited-beside-others.yaml",
    "profile/warm-up-too-long.yaml",
    "requirements/unknown-operation.yaml",
    "scenario/bad-indentation.yaml",
    "scenario/odd-keys.yaml",
    "scenario/odd-numbers.yaml",
    "scenario/path-in-braces.yaml",
    "scenario/quote-in-text.yaml",
    "scenario/reserved-character.yaml",
    "scenario/suites-in-a-suite.yaml",
    "scenario/two-documents.yaml",
    "scenario/unclosed-brace.yaml",
    "scenario/unclosed-quote.yaml",
    "scenario/unknown-anchor.yaml",
    "scenario/unknown-escape.yaml",
    "scenario/unknown-names.yaml",
    "suite/another-folder.yaml",
    "suite/tabs.yaml",
    "suite/unknown-poll.yaml",
    "target/duplicate-key.yaml",
    "target/no-list.yaml",
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(name)
}

/// All files below a folder, by their paths within it.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

pub fn base() -> Documents {
    let mut documents = Documents::default();
    for (name, bytes) in files(&folder("base")) {
        documents.insert(SourceFile::from_bytes(name, bytes).unwrap());
    }
    documents
}

/// Where a wrong document is among the right ones.
fn path(kind: &str, file: &str) -> String {
    match kind {
        "suite" | "operations" | "requirements" => format!("suites/mini/{kind}.yaml"),
        "deviations" => format!("suites/mini/deviations/{file}"),
        "scenario" | "fixture" | "remark" => format!("scenarios/mini/{file}"),
        "profile" => format!("scenarios/mini/load/{file}"),
        "trace" => "scenarios/mini/load/day.csv".to_owned(),
        "common" => format!("scenarios/common/{file}"),
        "schema" => "schemas/mini/listZones.json".to_owned(),
        _ => file.to_owned(),
    }
}

/// The profile that names a trace.
const TRACED: &str = "profile: zones are asked for as on a day
arrivals: {trace: {file: day.csv}}
service_level: nothing
";

/// What `assay check` finds in documents.
pub fn mistakes(documents: &Documents) -> Diagnostics {
    let mut mistakes = Diagnostics::new();
    let library = Library::read(documents, &mut mistakes);
    library.check_expansion(&mut mistakes);
    mistakes
}

/// What is found wrong with a document of a kind.
fn mistakes_of(kind: &str, file: &Arc<SourceFile>) -> Diagnostics {
    if kind == "target" {
        let mut mistakes = Diagnostics::new();
        Target::read(file, &|_| None, &mut mistakes);
        let taken = ["mini", "cloudn", "esm"].map(|suite| (suite, ["token"].into()));
        check_names(file, &CredentialNames::from(taken), &mut mistakes);
        return mistakes;
    }
    let mut documents = base();
    documents.insert(Arc::clone(file));
    if kind == "trace" {
        documents.insert(SourceFile::new("scenarios/mini/load/traced.yaml", TRACED));
    }
    mistakes(&documents)
}

/// What is found wrong with the bytes of a file.
fn mistakes_of_bytes(kind: &str, path: String, bytes: Vec<u8>) -> Diagnostics {
    let mut found = Diagnostics::new();
    match kind {
        "record" => Record::read(bytes.as_slice()).map_or_else(|error| found.add(error.at(&path)), drop),
        "load_record" => {
            LoadRecord::read([bytes.as_slice()]).map_or_else(|error| found.add(error.at(&[path])), drop);
        }
        _ => match SourceFile::from_bytes(path, bytes) {
            Ok(file) => found = mistakes_of(kind, &file),
            Err(mistake) => found.add(*mistake),
        },
    }
    found
}

/// Compares what is said with what was said when somebody last looked at it.
pub fn same_as_before(name: &str, mistakes: &Diagnostics) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, mistakes.render(Paint::Plain)));
}

/// A document that is wrong.
struct Wrong {
    /// Its path below tests/documents/wrong.
    name: String,
    kind: String,
    /// Where it would be.
    path: String,
    bytes: Vec<u8>,
}

fn wrong() -> Vec<Wrong> {
    let documents = files(&folder("wrong")).into_iter().map(|(name, bytes)| {
        let (kind, file) = name.split_once('/').unwrap();
        Wrong { kind: kind.to_owned(), path: path(kind, file), name, bytes }
    });
    documents.collect()
}

#[test]
fn the_documents_that_wrong_ones_are_next_to_are_right() {
    let mistakes = mistakes(&base());
    assert_eq!(mistakes.render(Paint::Plain), "");
}

#[test]
fn of_every_wrong_document_is_said_what_is_wrong_where_and_what_to_write_instead() {
    let wrong = wrong();
    assert!(wrong.len() >= 100, "{} are too few", wrong.len());
    let mut lacking = Vec::new();
    for Wrong { name, kind, path, bytes } in wrong {
        let found = mistakes_of_bytes(&kind, path, bytes);
        // A remark is all that there is where the target may still put things right.
        let printed = found.has_errors() || kind == "remark";
        let complete = found.iter().all(|mistake| mistake.place.is_some() && mistake.help.is_some());
        if found.iter().next().is_none() || !printed || !complete {
            lacking.push(format!("{name}:\n{}", found.render(Paint::Plain)));
            continue;
        }
        same_as_before(&format!("wrong_{}", name.replace(['/', '.'], "_")), &found);
    }
    assert!(lacking.is_empty(), "without a place, without help, or taken:\n\n{}", lacking.join("\n\n"));
}

#[test]
fn what_is_wrong_in_shape_is_refused_by_the_schemas_too() {
    let wrong = wrong();
    for name in ONLY_THE_READER_SEES {
        assert!(wrong.iter().any(|known| known.name == *name), "there is no {name}");
    }
    let mut otherwise = Vec::new();
    for Wrong { name, kind, path, bytes } in wrong {
        let schema = match kind.as_str() {
            "schema" | "trace" | "record" | "load_record" => continue,
            "common" | "fixture" | "remark" => "scenario",
            kind => kind,
        };
        // Before there is text there is no shape.
        let Ok(file) = SourceFile::from_bytes(path, bytes) else { continue };
        let accepted = value(&file).is_none_or(|value| validator(schema).is_valid(&value));
        if accepted != ONLY_THE_READER_SEES.contains(&name.as_str()) {
            otherwise.push(format!("{name}: {}", if accepted { "accepted" } else { "refused" }));
        }
    }
    assert!(otherwise.is_empty(), "by the schemas:\n{}", otherwise.join("\n"));
}

#[test]
fn a_suite_without_its_operations_is_reported_what_to_write() {
    let mut documents = Documents::default();
    for file in base().iter().filter(|file| !file.path.ends_with("operations.yaml")) {
        documents.insert(Arc::clone(file));
    }
    same_as_before("wrong_missing_operations", &mistakes(&documents));
}

#[test]
fn a_scenario_in_a_folder_of_no_suite_is_reported_where_scenarios_stand() {
    let mut documents = base();
    let text = "scenario: hosts are listed\nsteps:\n- {call: listHosts}\n";
    documents.insert(SourceFile::new("scenarios/minni/hosts.yaml", text));
    same_as_before("wrong_missing_suite", &mistakes(&documents));
}

#[test]
fn a_caret_is_under_the_first_character_of_what_is_wrong() {
    for before in ["", "Zürich ", "東京 ", "🏙🏙 ", "e\u{301} "] {
        let text = format!("scenario: x\nsteps:\n- {{call: listZones, with: {{a: \"{before}\"}}, exepct: accepted}}\n");
        let found = mistakes_of("scenario", &SourceFile::new("scenarios/mini/x.yaml", text.clone()));
        let mistake = found.iter().next().unwrap();
        let place = mistake.place.as_ref().unwrap();
        assert_eq!(&text[place.bytes.clone()], "exepct", "after {before:?}");
        let line = text.lines().nth(2).unwrap();
        let column = line[..line.find("exepct").unwrap()].chars().count() + 1;
        assert_eq!((place.line, place.column as usize), (3, column), "after {before:?}");
        assert!(mistake.render(Paint::Plain).contains(&format!("x.yaml:3:{column}")), "after {before:?}");
    }
}
