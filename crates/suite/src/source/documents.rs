//! All documents of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::file::{SourceFile, YAML};
use super::place::Place;

/// All documents of a run by their paths: suites, schemas, scenarios, as they were given.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    files: BTreeMap<String, Arc<SourceFile>>,
    /// The paths of those that were found without mistakes before, as long as none of them is replaced.
    sound: BTreeSet<String>,
    /// What was wrong with files that could not be taken in.
    refused: Diagnostics,
}

impl Documents {
    /// Adds a document; one with the same path is replaced.
    pub fn insert(&mut self, file: Arc<SourceFile>) {
        if self.sound.contains(&file.path) && self.get(&file.path).is_some_and(|known| known.text != file.text) {
            // The others may refer to it.
            self.sound.clear();
        }
        self.files.insert(file.path.clone(), file);
    }

    /// Adds a document that is known to be without mistakes together with all others that are added so.
    pub fn insert_sound(&mut self, file: Arc<SourceFile>) {
        self.sound.insert(file.path.clone());
        self.files.insert(file.path.clone(), file);
    }

    /// Keeps what is wrong with a file that can't be a document.
    pub fn refuse(&mut self, mistake: Diagnostic) {
        self.refused.add(mistake);
    }

    /// What is wrong with the files themselves: those that could not be read, and those of which only one can be meant.
    pub fn file_mistakes(&self) -> Diagnostics {
        let mut mistakes = self.refused.clone();
        for file in self.files.values() {
            let Some(twin) = file.path.strip_suffix(".yml").and_then(|stem| self.get(&format!("{stem}.yaml"))) else {
                continue;
            };
            let message = format!("{} has the same name", twin.path);
            let mistake = Diagnostic::error(&Place::start_of(file), message);
            mistakes.add(mistake.help("keep one of them; what replaces a document of assay has its name and ending"));
        }
        mistakes
    }

    /// The YAML document with a path that is given without its ending.
    pub fn yaml(&self, stem: &str) -> Option<&Arc<SourceFile>> {
        YAML.iter().find_map(|ending| self.get(&format!("{stem}{ending}")))
    }

    /// Whether a document is known to be without mistakes.
    pub fn is_sound(&self, path: &str) -> bool {
        self.sound.contains(path)
    }

    /// The document with a path.
    pub fn get(&self, path: &str) -> Option<&Arc<SourceFile>> {
        self.files.get(path)
    }

    /// The documents below a folder (given with a final `/`), ordered by path.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Arc<SourceFile>> {
        self.files
            .range(folder.to_owned()..)
            .map(|(_, file)| file)
            .take_while(move |file| file.path.starts_with(folder))
    }

    /// All documents, ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.values()
    }
}
