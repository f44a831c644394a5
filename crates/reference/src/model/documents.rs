//! Kinds and commands, read from documents.

use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;

use crate::data;
use crate::kind::Kind;
use assay_suite::source::{Diagnostic, Diagnostics, Node, SourceFile};

use super::command::Command;
use super::names::Names;
use super::row::{Limited, Row};

/// The documents of the demonstration's own model.
pub(super) const DOCUMENTS: [&str; 3] = ["cloudstack/kinds.yaml", "cloudstack/commands.yaml", "cloudstack/events.yaml"];

/// Kinds and commands, by their names.
#[derive(Debug, Default)]
pub struct Model {
    rows: IndexMap<String, Row>,
    commands: IndexMap<String, Command>,
    /// The types of events, each with the command that causes it, if one does.
    events: Vec<(String, Option<String>)>,
}

/// A row of a kind that nothing is said of.
static BLANK: LazyLock<Row> = LazyLock::new(Row::default);

impl Model {
    /// The model that is compiled in. A test holds that its documents have no mistakes.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Model> = LazyLock::new(|| Model::of_documents(&[], &mut Diagnostics::new()));
        &EMBEDDED
    }

    /// The model that is compiled in, with more documents of the same form.
    pub fn of_documents(further: &[Arc<SourceFile>], mistakes: &mut Diagnostics) -> Self {
        let mut files: Vec<_> = DOCUMENTS.iter().filter_map(|path| data::file(path, mistakes)).collect();
        files.extend(further.iter().cloned());
        let parsed = files.iter().filter_map(|file| Node::parse(file).map_err(|mistake| mistakes.add(mistake)).ok());
        let documents: Vec<_> = parsed.collect();
        Self::read(&documents, mistakes)
    }

    /// Reads documents, each with `kinds` or `commands` or both; any may refer to the kinds of the others.
    pub(super) fn read(documents: &[Node], mistakes: &mut Diagnostics) -> Self {
        let mut model = Self::default();
        let (mut rows, mut commands) = (Vec::new(), Vec::new());
        for document in documents {
            let Some(mut fields) = document.fields("a model", mistakes) else { continue };
            rows.extend(fields.take("kinds").and_then(|node| node.entries("`kinds`", mistakes)).unwrap_or_default());
            commands.extend(
                fields.take("commands").and_then(|node| node.entries("`commands`", mistakes)).unwrap_or_default(),
            );
            let events = fields.take("events").and_then(|node| node.entries("`events`", mistakes));
            for (name, command) in events.unwrap_or_default() {
                model.events.push((name.value.clone(), command.to_json().as_str().map(str::to_owned)));
            }
            fields.finish(mistakes);
        }
        let names = Names(rows.iter().map(|(key, node)| Row::kind_of(key, node)).collect());
        for (key, node) in rows {
            let row = Row::read(key, node, &names, mistakes);
            if model.rows.insert(key.value.clone(), row).is_some() {
                let mistake = Diagnostic::error(&key.place, format!("there are two kinds `{}`", key.value));
                mistakes.add(mistake.help("give this one another name"));
            }
        }
        for (name, node) in commands {
            let Some(command) = Command::read(&name.value, node, &names, mistakes) else { continue };
            if model.commands.insert(name.value.clone(), command).is_some() {
                let mistake = Diagnostic::error(&name.place, format!("there are two commands `{}`", name.value));
                mistakes.add(mistake.help("a command does one thing: keep one of them"));
            }
        }
        model
    }

    /// What is said of a kind.
    pub fn row(&self, kind: Kind) -> &Row {
        self.rows.get(kind.key()).unwrap_or(&BLANK)
    }

    /// All that is said of kinds.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// What a command does, if the cloud can do it.
    pub fn command(&self, name: &str) -> Option<&Command> {
        self.commands.get(name)
    }

    /// The commands, in the order of the documents.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.commands.values()
    }

    /// The types of events, each with the command that causes it, if one does.
    pub fn events(&self) -> &[(String, Option<String>)] {
        &self.events
    }

    /// The kinds whose number is limited, by the numbers of their limits.
    pub fn limited(&self) -> Vec<(Kind, &Limited)> {
        let mut limited: Vec<_> = self.rows().filter_map(|row| Some((row.kind, row.limit.as_ref()?))).collect();
        limited.sort_by_key(|(_, limit)| limit.number);
        limited
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::data::tests::written;

    #[test]
    fn the_model_has_no_mistakes() {
        let mut mistakes = Diagnostics::new();
        let model = Model::of_documents(&[], &mut mistakes);
        assert_eq!(mistakes.iter().count(), 0, "{}", written(&mistakes));
        for row in model.rows() {
            let names: BTreeSet<_> = row.fields.iter().map(|field| field.name.as_str()).collect();
            assert_eq!(names.len(), row.fields.len(), "{}", row.kind);
        }
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let file = SourceFile::new(
            "mine.yaml",
            "kinds:\n  widget:\n    fields:\n      zone: {of: zoen.name, by: zoneid}\ncommands:\n  listWidgets: {lst: widget}\n",
        );
        let mut mistakes = Diagnostics::new();
        Model::of_documents(&[file], &mut mistakes);
        let shown = written(&mistakes);
        for part in ["mine.yaml:4:18", "did you mean `zone`?", "mine.yaml:6:17", "did you mean `list`?"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
}
