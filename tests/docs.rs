//! The README and the documentation keep their word: examples parse, commands are understood, links lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Parser;
use regex::Regex;

use crate::support;
use assay::{Arguments, SuiteStyle, suite_files};
use assay_engine::deployment::Target;
use assay_engine::plan::Library;
use assay_report::Baseline;
use assay_suite::source::{Diagnostics, Paint, SourceFile};
use assay_suite::{Suite, SuiteFiles, SuiteName};

/// A fenced example: where it is, and what it holds.
struct Example {
    place: String,
    language: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages that people read, by their paths.
fn pages() -> Vec<(PathBuf, String)> {
    let mut paths = vec![root().join("README.md"), root().join("CONTRIBUTING.md"), root().join("CHANGELOG.md")];
    paths.extend(std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    let pages: Vec<_> = paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect();
    assert!(pages.len() > 5, "the pages are not where they are looked for");
    pages
}

/// The fenced examples of all pages in a language.
fn examples(language: &str) -> Vec<Example> {
    let fence = Regex::new(r"(?ms)^```(\w*)\n(.*?)^```$").unwrap();
    let mut found = Vec::new();
    for (path, page) in pages() {
        for example in fence.captures_iter(&page) {
            let line = page[..example.get(0).unwrap().start()].matches('\n').count() + 1;
            let place = format!("{}:{line}", path.strip_prefix(root()).unwrap().display());
            found.push(Example { place, language: example[1].to_owned(), text: example[2].to_owned() });
        }
    }
    assert!(found.iter().all(|example| !example.language.is_empty()), "an example does not say its language");
    found.retain(|example| example.language == language);
    found
}

/// The first key of a document: it shows what the document is.
fn first_key(text: &str) -> &str {
    let line = text.lines().find(|line| !line.trim_start().starts_with('#')).unwrap_or_default();
    line.trim_start_matches("- ").split(':').next().unwrap_or_default()
}

/// An excerpt of operations.yaml or requirements.yaml, completed from the project's own so that its references lead
/// somewhere.
fn completed(excerpt: &str, whole: &str) -> String {
    let entry = Regex::new(r"(?m)^  (\S+):.*\n(?:    .*\n)*").unwrap();
    let known: Vec<_> = entry.captures_iter(excerpt).map(|found| found[1].to_owned()).collect();
    let rest = entry.captures_iter(whole).filter(|found| !known.contains(&found[1].to_owned()));
    excerpt.to_owned() + &rest.map(|found| found[0].to_owned()).collect::<String>()
}

/// The CSV file that examples of profiles name.
const TRACE: &str = "at,operation,keyword\n0,listZones,\n0.4,listTemplates,base\n1m 2s,listZones,\n";

/// What the matching reader finds wrong with an example.
fn mistakes(example: &Example) -> Diagnostics {
    let mut mistakes = Diagnostics::new();
    let file = |path: &str, text: &str| SourceFile::new(path, text);
    match first_key(&example.text) {
        "target" => {
            Target::read(&file(&example.place, &example.text), &|name| Some(name.to_owned()), &mut mistakes);
        }
        "server" => {
            let mut documents = support::documents();
            documents.insert(file("suites/cloudn/deviations/example.yaml", &example.text));
            Library::read(&documents, &mut mistakes);
        }
        key @ ("suite" | "operations" | "requirements") => {
            let documents = support::documents();
            let mut files = ["suite", "operations", "requirements"].map(|name| {
                let path = format!("suites/cloudn/{name}.yaml");
                let whole = documents.get(&path).unwrap();
                if name == key { file(&example.place, &completed(&example.text, &whole.text)) } else { whole.clone() }
            });
            let [suite, operations, requirements] = &mut files;
            Suite::read(
                &SuiteFiles { suite, operations, requirements, deviations: Vec::new(), variables: None },
                &mut mistakes,
            );
        }
        "variables" => {
            let documents = support::documents();
            let [suite, operations, requirements] = ["suite", "operations", "requirements"]
                .map(|name| documents.get(&format!("suites/cloudstack/{name}.yaml")).unwrap().clone());
            let variables = file(&example.place, &example.text);
            let (suite, operations, requirements) = (&suite, &operations, &requirements);
            let variables = Some(&variables);
            Suite::read(
                &SuiteFiles { suite, operations, requirements, deviations: Vec::new(), variables },
                &mut mistakes,
            );
        }
        "scenario" | "fixture" => {
            let mut documents = support::documents();
            let folder = if example.text.contains("for_each:") { "common" } else { "cloudn" };
            documents.insert(file(&format!("scenarios/{folder}/example.yaml"), &example.text));
            Library::read(&documents, &mut mistakes);
        }
        "profile" => {
            let mut documents = support::documents();
            let folder = if example.text.contains("for_each:") { "esm" } else { "cloudn" };
            documents.insert(file(&format!("scenarios/{folder}/load/day.csv"), TRACE));
            documents.insert(file(&format!("scenarios/{folder}/load/example.yaml"), &example.text));
            Library::read(&documents, &mut mistakes).check_expansion(&mut mistakes);
        }
        "test" => {
            let folder = tempfile::TempDir::new().unwrap();
            std::fs::write(folder.path().join("assay.yaml"), &example.text).unwrap();
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_assay"));
            let listed = command.args(["test", "--list"]).current_dir(folder.path()).output().unwrap();
            let (out, error) = (String::from_utf8_lossy(&listed.stdout), String::from_utf8_lossy(&listed.stderr));
            assert!(out.contains("cloudn::") && !out.contains("ies::"), "{}: {error}", example.place);
        }
        "targets" => {
            let folder = tempfile::TempDir::new().unwrap();
            std::fs::write(folder.path().join("assay.yaml"), &example.text).unwrap();
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_assay"));
            let asked = command.args(["call", "cloudn", "listZones", "--target", "staging"]).current_dir(folder.path());
            let said = String::from_utf8_lossy(&asked.output().unwrap().stderr).into_owned();
            assert!(said.contains("targets/staging.yaml can't be read"), "{}: {said}", example.place);
        }
        "baseline" => {
            Baseline::read(&file(&example.place, &example.text), &mut mistakes);
        }
        key => panic!("{}: no document begins with `{key}`", example.place),
    }
    mistakes
}

#[test]
fn every_example_is_read_without_a_mistake() {
    let examples = examples("yaml");
    assert!(examples.len() >= 7, "examples are not found any more");
    for example in
        examples.iter().filter(|example| ![GUIDE, OPENAPI, CI].iter().any(|page| example.place.starts_with(page)))
    {
        let found = mistakes(example);
        assert!(found.iter().next().is_none(), "{}:\n{}", example.place, found.render(Paint::Plain));
    }
}

/// The README's table of suites has the numbers that `assay list suites` shows.
#[test]
fn the_readme_counts_what_the_suites_have() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (row, name) =
        (Regex::new(r"(?m)^\| (`.*`) \|.*\| ([0-9 +]+) \| (\d+) \|$").unwrap(), Regex::new("`(.*?)`").unwrap());
    let (library, mut counted) = (support::library(), 0);
    for row in row.captures_iter(&readme) {
        let suites: Vec<_> =
            name.captures_iter(&row[1]).map(|name| &library.suites[&SuiteName(name[1].to_owned())]).collect();
        let operations: Vec<_> = suites.iter().map(|suite| suite.operations.len().to_string()).collect();
        let requirements: usize = suites.iter().map(|suite| suite.requirements.len()).sum();
        assert_eq!(
            (&row[2], &row[3]),
            (operations.join(" + ").as_str(), requirements.to_string().as_str()),
            "{}",
            &row[1]
        );
        counted += suites.len();
    }
    assert_eq!(counted, library.suites.len());
}

/// A profile that an example names is there.
#[test]
fn examples_of_load_name_profiles_that_there_are() {
    let examples = examples("console");
    let lines = examples.iter().flat_map(|example| example.text.lines());
    let named: BTreeSet<_> = lines.filter_map(|line| line.strip_prefix("assay load ")?.split(' ').next()).collect();
    assert!(named.len() > 1, "examples are not found any more");
    for name in named.into_iter().filter(|name| !name.starts_with('-')) {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_assay"));
        let planned = command.args(["load", name, "--dry-run"]).current_dir(root()).output().unwrap();
        let said = String::from_utf8_lossy(&planned.stderr);
        assert!(!said.contains("no profile is called"), "{name}: {said}");
    }
}

/// The guide for an API of one's own shows pieces of the files that `assay new suite notes` lays out, which are tested whole.
const GUIDE: &str = "docs/suites.md";

/// The page on OpenAPI documents is carried out whole, by tests/openapi.rs.
const OPENAPI: &str = "docs/openapi.md";

/// The files of services for continuous integration: their commands are read.
const CI: &str = "docs/ci.md";

#[test]
fn every_command_of_a_pipeline_is_understood() {
    let mut seen = 0;
    let command = Regex::new(r"assay (?:test|compare|report) [^'\n]*").unwrap();
    for example in ["yaml", "groovy"].into_iter().flat_map(examples).filter(|example| example.place.starts_with(CI)) {
        for line in command.find_iter(&example.text) {
            let parsed = Arguments::try_parse_from(line.as_str().split_whitespace());
            assert!(parsed.is_ok(), "{}: {}\n{}", example.place, line.as_str(), parsed.unwrap_err());
            seen += 1;
        }
    }
    assert_eq!(seen, 3, "commands are not found any more");
}

#[test]
fn the_guide_shows_what_a_new_suite_has() {
    let files = |style| suite_files("notes", style);
    let mut seen = 0;
    for example in examples("yaml").iter().filter(|example| example.place.starts_with(GUIDE)) {
        let (head, piece) = example.text.split_once('\n').unwrap();
        let (path, style) = head.trim_start_matches("# ").split_once(", ").unwrap();
        let style = if style == "query" { SuiteStyle::Query } else { SuiteStyle::Rest };
        let file = files(style).into_iter().find(|(known, _)| known == path);
        let (_, text) = file.unwrap_or_else(|| panic!("{}: {path} is not laid out", example.place));
        assert!(text.contains(piece), "{}: {path} has no such lines", example.place);
        seen += 1;
    }
    for example in examples("json").iter().filter(|example| example.place.starts_with(GUIDE)) {
        assert!(files(SuiteStyle::Rest).iter().any(|(_, text)| *text == example.text), "{}", example.place);
        seen += 1;
    }
    assert!(seen >= 12, "the guide's examples are not found any more");
}

#[test]
fn every_command_is_understood() {
    let mut seen = 0;
    for example in examples("console") {
        let text = example.text.replace("\\\n", " ");
        for line in text.lines().filter(|line| line.starts_with("assay ")) {
            assert!(!line.contains(['"', '\'', '|', ';']), "{}: this test does not know shells: {line}", example.place);
            let parsed = Arguments::try_parse_from(line.split_whitespace());
            assert!(parsed.is_ok(), "{}: {line}\n{}", example.place, parsed.unwrap_err());
            seen += 1;
        }
    }
    assert!(seen >= 5, "commands are not found any more");
}

#[test]
fn every_link_within_the_project_leads_to_a_file() {
    let link = Regex::new(r"\]\(([^)#\s]+)").unwrap();
    let mut broken = Vec::new();
    for (path, page) in pages() {
        for found in link.captures_iter(&page).filter(|found| !found[1].contains("://")) {
            if !path.with_file_name(&found[1]).exists() {
                broken.push(format!("{} links to {}", path.strip_prefix(root()).unwrap().display(), &found[1]));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The names of all fields that a schema gives its objects, however deep.
fn fields(schema: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(object) => {
            if let Some(properties) = object.get("properties").and_then(serde_json::Value::as_object) {
                found.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| fields(value, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_a_schema_is_in_the_page_about_its_files() {
    let pages = [
        ("scenario", "scenarios"),
        ("profile", "load"),
        ("operations", "suites"),
        ("suite", "suites"),
        ("requirements", "suites"),
        ("variables", "targets"),
        ("target", "targets"),
        ("deviations", "targets"),
    ];
    for (schema, page) in pages {
        let schema_text = std::fs::read_to_string(root().join(format!("schemas/assay/{schema}.json"))).unwrap();
        let text = std::fs::read_to_string(root().join(format!("docs/{page}.md"))).unwrap();
        let mut found = std::collections::BTreeSet::new();
        fields(&serde_json::from_str(&schema_text).unwrap(), &mut found);
        assert!(!found.is_empty(), "{schema} has no fields");
        let is_in_page = |key: &String| Regex::new(&format!(r"\b{}\b", regex::escape(key))).unwrap().is_match(&text);
        let missing: Vec<_> = found.iter().filter(|key| !is_in_page(key)).collect();
        assert!(missing.is_empty(), "docs/{page}.md does not mention {missing:?} of {schema}.json");
    }
}
