//! The allowed arrows of the house. CONTRIBUTING.md draws them; this holds the crates and the rooms of the engine to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

mod circles;

/// What each crate of the workspace may depend on; the compiler keeps what is written in the manifests.
const CRATES: [(&str, &[&str]); 6] = [
    ("suite", &[]),
    ("schema", &["suite"]),
    ("formats", &["suite"]),
    ("engine", &["suite", "schema", "formats"]),
    ("report", &["suite", "formats", "engine"]),
    // The reference cloud knows the documented facts and nothing else of the harness.
    ("reference", &["suite"]),
];

/// What each room of the engine may import, besides itself.
const ROOMS: [(&str, &[&str]); 10] = [
    ("scenario", &[]),
    ("statistics", &[]),
    ("profile", &["scenario"]),
    ("deployment", &["scenario"]),
    ("plan", &["statistics", "scenario", "profile", "deployment"]),
    ("verdict", &["statistics", "scenario", "deployment"]),
    ("interpreter", &["scenario", "deployment", "plan", "verdict"]),
    ("conformance", &["deployment", "plan", "verdict", "interpreter"]),
    ("explore", &["scenario", "deployment", "plan", "verdict", "interpreter", "conformance"]),
    ("load", &["statistics", "scenario", "profile", "deployment", "plan", "verdict", "interpreter"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

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

/// The program's and the crates' sources. There are some hundred; fewer would mean that they are looked for in a wrong place.
fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    for (name, _) in CRATES {
        rust_files(&root().join("crates").join(name).join("src"), &mut files);
    }
    assert!(files.len() > 350, "{} files", files.len());
    files
}

/// The modules of its own crate that a text imports, by any path that begins with `crate::`.
fn imported(text: &str) -> BTreeSet<String> {
    let path = Regex::new(r"\bcrate::(?:\{([^}]*)\}|([a-z_]+))").unwrap();
    let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut names = BTreeSet::new();
    for found in path.captures_iter(&code.join("\n")) {
        let list = found.get(1).or(found.get(2)).map(|list| list.as_str()).unwrap_or_default();
        names.extend(list.split(',').filter_map(|name| name.trim().split("::").next()).map(str::to_owned));
    }
    names
}

#[test]
fn every_crate_depends_only_on_what_it_may() {
    let dependency = Regex::new(r"(?m)^assay-([a-z]+)[ .]").unwrap();
    for (name, may) in CRATES {
        let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let normal = manifest.split("[dev-dependencies]").next().unwrap();
        let depends: Vec<_> = dependency.captures_iter(normal).map(|found| found[1].to_owned()).collect();
        assert_eq!(depends.len(), may.len(), "{name}: {depends:?}");
        assert!(depends.iter().all(|other| may.contains(&other.as_str())), "{name}: {depends:?}");
    }
}

#[test]
fn every_room_of_the_engine_imports_only_rooms_to_its_left() {
    let rooms: BTreeMap<_, _> = ROOMS.into_iter().collect();
    let engine = root().join("crates/engine/src");
    let mut files = Vec::new();
    rust_files(&engine, &mut files);
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !file.components().any(|part| part.as_os_str() == "tests")) {
        let inside = file.strip_prefix(&engine).unwrap();
        let Some(room) = inside.parent().and_then(|parent| parent.iter().next()).and_then(|name| name.to_str()) else {
            assert_eq!(inside, Path::new("lib.rs"));
            continue;
        };
        let Some(may) = rooms.get(room) else {
            wrong.push(format!("{room} is not in the table of rooms"));
            continue;
        };
        let names = imported(&fs::read_to_string(file).unwrap());
        let bad = names.iter().filter(|name| *name != room && !may.contains(&name.as_str()));
        wrong.extend(bad.map(|name| format!("{} imports {name}", inside.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_room_is_right_of_all_that_it_imports() {
    for (position, (room, may)) in ROOMS.iter().enumerate() {
        let left: Vec<_> = ROOMS[..position].iter().map(|(name, _)| *name).collect();
        assert!(may.iter().all(|other| left.contains(other)), "{room}");
    }
}

/// The path of a module in its crate; none of the program's start, and of what is there for tests.
fn module(inside: &Path) -> Option<circles::Segments> {
    let mut path: circles::Segments =
        inside.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    path.pop_if(|last| *last == "mod" || *last == "lib");
    (inside != Path::new("main.rs") && !path.iter().any(|part| part == "tests")).then_some(path)
}

#[test]
fn no_modules_of_a_crate_name_each_other_in_a_circle() {
    let crates = CRATES.iter().map(|(name, _)| (*name, root().join("crates").join(name).join("src")));
    let mut wrong = Vec::new();
    for (name, source) in crates.chain([("the program", root().join("src"))]) {
        let mut files = Vec::new();
        rust_files(&source, &mut files);
        let texts = files
            .iter()
            .filter_map(|file| Some((module(file.strip_prefix(&source).unwrap())?, fs::read_to_string(file).unwrap())));
        let found = circles::circles(texts);
        wrong.extend(found.iter().map(|(circle, ties)| format!("{name}: a circle of {circle}:\n  {ties}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_program_opens_files_and_reads_the_environment() {
    let outside = Regex::new(r"std::fs|std::env::|fs::(read|write|create)|File::(open|create)").unwrap();
    let program = root().join("src");
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|file| !file.starts_with(&program))
        .filter(|file| outside.is_match(fs::read_to_string(file).unwrap().split("#[cfg(test)]").next().unwrap()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A file that long holds more than one thing.
#[test]
fn no_file_has_more_than_500_lines() {
    let lines = |file: &PathBuf| fs::read_to_string(file).unwrap().lines().count();
    let long: Vec<_> = sources().into_iter().filter(|file| lines(file) > 500).collect();
    assert!(long.is_empty(), "{long:?}");
}
