//! Wrong documents: each folder of tests/documents/wrong holds a kind of them, tests/snapshots what is said of each.
//!
//! The documents of tests/documents/base are right; a wrong one takes the place of one of them, or stands beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use assay::plan::Library;
use assay::source::{Diagnostics, Documents, Paint, SourceFile};
use assay::target::Target;

use super::schemas::{validator, value};

/// The documents whose mistake a schema can't see: a syntax error, a name that refers to nothing, a text that does not
/// follow the rules of its own language.
const ONLY_THE_READER_SEES: [&str; 33] = [
    "common/unknown-operation.yaml",
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
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

pub fn base() -> Documents {
    let mut documents = Documents::default();
    for (name, text) in files(&folder("base")) {
        documents.insert(SourceFile::new(name, text));
    }
    documents
}

/// Where a wrong document stands among the right ones.
fn path(kind: &str, file: &str) -> String {
    match kind {
        "suite" | "operations" | "requirements" => format!("suites/mini/{kind}.yaml"),
        "scenario" => format!("scenarios/mini/{file}"),
        "profile" => format!("scenarios/mini/load/{file}"),
        "common" => format!("scenarios/common/{file}"),
        "schema" => "schemas/mini/listZones.json".to_owned(),
        _ => file.to_owned(),
    }
}

/// What `assay check` finds in documents.
fn mistakes(documents: &Documents) -> Diagnostics {
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
        return mistakes;
    }
    let mut documents = base();
    documents.insert(Arc::clone(file));
    mistakes(&documents)
}

/// Compares what is said with what was said when somebody last looked at it.
fn same_as_before(name: &str, mistakes: &Diagnostics) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, mistakes.render(Paint::Plain)));
}

fn wrong() -> Vec<(String, String, Arc<SourceFile>)> {
    let documents = files(&folder("wrong")).into_iter().map(|(name, text)| {
        let (kind, file) = name.split_once('/').unwrap();
        (name.clone(), kind.to_owned(), SourceFile::new(path(kind, file), text))
    });
    documents.collect()
}

#[test]
fn the_documents_that_wrong_ones_stand_beside_are_right() {
    let mistakes = mistakes(&base());
    assert_eq!(mistakes.render(Paint::Plain), "");
}

#[test]
fn of_every_wrong_document_is_said_what_is_wrong_where_and_what_to_write_instead() {
    for (name, kind, file) in wrong() {
        let found = mistakes_of(&kind, &file);
        assert!(found.has_errors(), "{name} is taken");
        assert!(found.iter().all(|mistake| mistake.place.is_some()), "{name} has a mistake without a place");
        same_as_before(&format!("wrong_{}", name.replace(['/', '.'], "_")), &found);
    }
}

#[test]
fn what_is_wrong_in_shape_is_refused_by_the_schemas_too() {
    let wrong = wrong();
    for name in ONLY_THE_READER_SEES {
        assert!(wrong.iter().any(|(known, ..)| known == name), "there is no {name}");
    }
    for (name, kind, file) in wrong.into_iter().filter(|(_, kind, _)| kind != "schema") {
        let schema = if kind == "common" { "scenario" } else { kind.as_str() };
        let accepted = value(&file).is_none_or(|value| validator(schema).is_valid(&value));
        assert_eq!(accepted, ONLY_THE_READER_SEES.contains(&name.as_str()), "{name}: accepted by the schema?");
    }
}

#[test]
fn a_suite_without_its_operations_is_told_what_to_write() {
    let mut documents = Documents::default();
    for file in base().iter().filter(|file| !file.path.ends_with("operations.yaml")) {
        documents.insert(Arc::clone(file));
    }
    same_as_before("wrong_missing_operations", &mistakes(&documents));
}

#[test]
fn a_scenario_in_a_folder_of_no_suite_is_told_where_scenarios_stand() {
    let mut documents = base();
    let text = "scenario: hosts are listed\nsteps:\n- {call: listHosts}\n";
    documents.insert(SourceFile::new("scenarios/minni/hosts.yaml", text));
    same_as_before("wrong_missing_suite", &mistakes(&documents));
}

#[test]
fn a_caret_stands_under_the_first_character_of_what_is_wrong() {
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
