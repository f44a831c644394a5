//! The allowed arrows between the rooms of the house. CONTRIBUTING.md draws them; this holds the code to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// What each folder of `src/` may import, besides itself.
const ALLOWED: [(&str, &[&str]); 18] = [
    ("source", &[]),
    ("http", &[]),
    ("statistics", &[]),
    ("suite", &["source", "http", "statistics"]),
    ("schema", &["source"]),
    ("scenario", &["source", "http", "suite"]),
    ("profile", &["source", "http", "statistics", "suite", "scenario"]),
    ("record", &["source", "http", "statistics", "suite", "scenario"]),
    ("target", &["source", "http", "suite", "schema", "scenario", "record"]),
    ("plan", &["source", "http", "statistics", "suite", "schema", "scenario", "profile", "record", "target"]),
    ("verdict", &["source", "http", "statistics", "suite", "schema", "scenario", "record", "target"]),
    ("interpreter", &["source", "http", "suite", "schema", "scenario", "record", "target", "plan", "verdict"]),
    ("conformance", &["source", "http", "suite", "schema", "record", "target", "plan", "verdict", "interpreter"]),
    (
        "load",
        &[
            "source",
            "http",
            "statistics",
            "suite",
            "schema",
            "scenario",
            "profile",
            "record",
            "target",
            "plan",
            "verdict",
            "interpreter",
        ],
    ),
    ("report", &["source", "http", "statistics", "suite", "record", "plan", "verdict", "interpreter"]),
    // The reference cloud knows the documented facts and nothing else of the harness.
    ("reference", &["suite"]),
    (
        "cli",
        &[
            "source",
            "http",
            "statistics",
            "suite",
            "schema",
            "scenario",
            "profile",
            "record",
            "target",
            "plan",
            "verdict",
            "interpreter",
            "conformance",
            "load",
            "report",
            "reference",
        ],
    ),
    ("", &["cli"]),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The folders of `src/` that a file imports, by any path that begins with `crate::` or `assay::`.
fn imported(text: &str) -> Vec<String> {
    let path = Regex::new(r"\b(?:crate|assay)::(?:\{([^}]*)\}|([a-z_]+))").unwrap();
    let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut names = Vec::new();
    for found in path.captures_iter(&code.join("\n")) {
        let list = found.get(1).or(found.get(2)).map(|list| list.as_str()).unwrap_or_default();
        names.extend(list.split(',').filter_map(|name| name.trim().split("::").next()).map(str::to_owned));
    }
    names
}

#[test]
fn every_folder_imports_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    assert!(files.len() > 30, "the sources are not where they are looked for");
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !file.components().any(|part| part.as_os_str() == "tests")) {
        let inside = file.strip_prefix(&root).unwrap();
        let folder = inside.parent().and_then(|parent| parent.iter().next()).map(|name| name.to_str().unwrap());
        let folder = folder.unwrap_or_default();
        let Some(may) = allowed.get(folder) else {
            wrong.push(format!("src/{folder} is not in the table of allowed arrows"));
            continue;
        };
        for name in imported(&fs::read_to_string(file).unwrap()) {
            let is_folder = allowed.contains_key(name.as_str());
            if is_folder && name != folder && !may.contains(&name.as_str()) {
                wrong.push(format!("{} imports {name}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_circle() {
    for (folder, may) in ALLOWED {
        for other in may {
            let back = ALLOWED.iter().find(|(name, _)| name == other).map(|(_, may)| *may).unwrap_or_default();
            assert!(!back.contains(&folder), "{folder} and {other} import each other");
        }
    }
}

#[test]
fn only_the_command_line_opens_files_and_reads_the_environment() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    let outside = Regex::new(r"std::fs|std::env::|fs::(read|write|create)|File::(open|create)").unwrap();
    let wrong: Vec<_> = files
        .iter()
        .filter(|file| !file.starts_with(root.join("cli")) && !file.ends_with("main.rs"))
        .filter(|file| outside.is_match(&fs::read_to_string(file).unwrap()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
