//! All documents of the project, read and checked together.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::profile::{self, Profile};
use crate::scenario::{self, Written, derived, laws};
use assay_schema::Schemas;
use assay_suite::source::{Diagnostic, Diagnostics, Documents, Node, Place, YAML};
use assay_suite::{Suite, SuiteFiles, SuiteName, openapi};

/// Suites, schemas, scenarios and load profiles.
#[derive(Clone, Debug)]
pub struct Library {
    /// The suites by name.
    pub suites: BTreeMap<SuiteName, Arc<Suite>>,
    /// The schemas of their answers.
    pub schemas: Schemas,
    /// The scenarios and fixtures, ordered by file.
    pub written: Written,
    /// The load profiles, ordered by file.
    pub profiles: Vec<Arc<Profile>>,
    /// What they were read from.
    pub documents: Documents,
}

impl Library {
    /// Reads everything below `suites/`, `schemas/` and `scenarios/`. Returns what can be used, and all mistakes.
    pub fn read(documents: &Documents, mistakes: &mut Diagnostics) -> Self {
        mistakes.extend(documents.file_mistakes());
        let suites = read_suites(documents, mistakes);
        let mut schemas = Schemas::read(documents, mistakes);
        let (mut written, mut profiles) = (Written::default(), Vec::new());
        for suite in suites.values() {
            schemas.add_named(suite.named_schemas(), documents);
            if let Some(described) = &suite.described {
                schemas.extend(&described.schemas);
                derived::add(suite, described, &mut written);
            }
        }
        for file in documents.below("scenarios/").filter(|file| file.is_yaml()) {
            let mut parts = file.path.split('/').skip(1);
            let folder = parts.next().unwrap_or_default();
            let suite = SuiteName(folder.to_owned());
            if parts.next() == Some("load") {
                profile::read(file, &suite, documents, &mut profiles, mistakes);
                continue;
            }
            scenario::read(file, (folder != "common").then_some(&suite), &mut written, mistakes);
        }
        for suite in suites.values().filter(|suite| suite.described.is_none()) {
            laws::add(suite, &schemas, &mut written);
        }
        let library = Self { suites, schemas, written, profiles, documents: documents.clone() };
        library.check(mistakes);
        library
    }
}

fn read_suites(documents: &Documents, mistakes: &mut Diagnostics) -> BTreeMap<SuiteName, Arc<Suite>> {
    let mut suites = BTreeMap::new();
    for file in documents.below("suites/").filter(|file| file.is_yaml()) {
        let Some(folder) = YAML.iter().find_map(|ending| file.path.strip_suffix(&format!("/suite{ending}"))) else {
            continue;
        };
        let folder = format!("{folder}/");
        if let Some(node) = Node::parse(file).ok().filter(|node| openapi::named(node).is_some()) {
            if let Some(suite) = openapi::read(&node, documents, &folder, mistakes) {
                check_folder(&suite, &folder, mistakes);
                suites.insert(suite.name.value.clone(), Arc::new(suite));
            }
            continue;
        }
        let mut companion = |name: &str| {
            let found = documents.yaml(&format!("{folder}{name}"));
            if found.is_none() {
                let message = format!("there is no {name}.yaml next to this file");
                let mistake = Diagnostic::error(&Place::start_of(file), message);
                mistakes.add(
                    mistake.help(format!("write {folder}{name}.yaml, with `{name}:` and what the document lists")),
                );
            }
            found
        };
        let (operations, requirements) = (companion("operations"), companion("requirements"));
        let Some((operations, requirements)) = operations.zip(requirements) else { continue };
        let deviations = format!("{folder}deviations/");
        let deviations = documents.below(&deviations).filter(|file| file.is_yaml()).collect();
        let variables = documents.get(&format!("{folder}variables.yaml"));
        let files = SuiteFiles { suite: file, operations, requirements, deviations, variables };
        let Some(suite) = Suite::read(&files, mistakes) else { continue };
        check_folder(&suite, &folder, mistakes);
        suites.insert(suite.name.value.clone(), Arc::new(suite));
    }
    suites
}

fn check_folder(suite: &Suite, folder: &str, mistakes: &mut Diagnostics) {
    if folder != format!("suites/{}/", suite.name.value) {
        let mistake = Diagnostic::error(&suite.name.place, format!("suite `{}` is in {folder}", suite.name.value));
        mistakes.add(mistake.help("a suite has the name of its folder"));
    }
}
