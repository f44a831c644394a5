//! Takes a mapping apart field by field, and finds unknown keys.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::node::{Node, NodeKind};
use super::place::{Located, Place};
use super::spelling::closest;

/// A mapping being read. What is left when [`Fields::finish`] is called is reported as unknown.
pub struct Fields<'a> {
    what: &'static str,
    place: &'a Place,
    entries: &'a [(Located<String>, Node)],
    asked: Vec<&'static str>,
    refused: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(what: &'static str, place: &'a Place, entries: &'a [(Located<String>, Node)]) -> Self {
        Self { what, place, entries, asked: Vec::new(), refused: Vec::new() }
    }

    /// The value of a field that may be left out.
    pub fn take(&mut self, name: &'static str) -> Option<&'a Node> {
        self.asked.push(name);
        self.entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
    }

    /// The value of a field that must be there.
    pub fn need(&mut self, name: &'static str, mistakes: &mut Diagnostics) -> Option<&'a Node> {
        let value = self.take(name);
        if value.is_none() {
            let mistake = Diagnostic::error(self.place, format!("{} needs `{name}`", self.what));
            mistakes.add(mistake.help(format!("add `{name}: ...` to it")));
        }
        value
    }

    /// Another name for what is read, once it is known better.
    pub fn rename(&mut self, what: &'static str) {
        self.what = what;
    }

    /// Where the key of a field is, if it is there.
    pub fn place_of(&self, name: &str) -> Option<&'a Place> {
        self.entries.iter().find(|(key, _)| key.value == name).map(|(key, _)| &key.place)
    }

    /// Reports a field that is where it means nothing.
    pub fn refuse(&mut self, name: &'static str, message: &str, help: &str, mistakes: &mut Diagnostics) {
        if let Some(place) = self.place_of(name) {
            self.refused.push(name);
            mistakes.add(Diagnostic::error(place, message).help(help));
        }
    }

    /// A text that must be there.
    pub fn need_text(&mut self, name: &'static str, mistakes: &mut Diagnostics) -> Option<Located<String>> {
        self.need(name, mistakes)?.text(&format!("`{name}`"), mistakes)
    }

    /// A text that may be left out.
    pub fn text(&mut self, name: &'static str, mistakes: &mut Diagnostics) -> Option<Located<String>> {
        self.take(name)?.text(&format!("`{name}`"), mistakes)
    }

    /// A list of texts, or a single one; empty when left out.
    pub fn texts(&mut self, name: &'static str, mistakes: &mut Diagnostics) -> Vec<Located<String>> {
        self.take(name).map(|node| node.texts(&format!("`{name}`"), mistakes)).unwrap_or_default()
    }

    /// A flag that is off when left out.
    pub fn flag(&mut self, name: &'static str, mistakes: &mut Diagnostics) -> bool {
        self.take(name).and_then(|node| node.boolean(&format!("`{name}`"), mistakes)).unwrap_or_default()
    }

    /// Reports every key that was not asked for, with the nearest that could be meant.
    pub fn finish(self, mistakes: &mut Diagnostics) {
        for (key, _) in self.entries {
            let name = key.value.as_str();
            if self.asked.contains(&name) || self.refused.contains(&name) {
                continue;
            }
            let near = closest(name, self.asked.iter().copied());
            let renamed = renamed(name).filter(|new| self.asked.contains(new));
            let help = match (slip(name), renamed, near) {
                (Some(slip), ..) => slip.to_owned(),
                (None, Some(new), _) => format!("it is `{new}` since version 0.2"),
                (None, None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None, None) => format!("{} can have: {}", self.what, self.asked.join(", ")),
            };
            // What is nearly called as a field is no secret.
            let message = match near.is_none() && key.place.file.is_private() {
                true => format!("{} has no field of this name", self.what),
                false => format!("{} has no field `{}`", self.what, key.value),
            };
            mistakes.add(Diagnostic::error(&key.place, message).help(help));
        }
    }
}

/// What a key of version 0.1 is called now.
fn renamed(key: &str) -> Option<&'static str> {
    match key {
        "cites" => Some("source"),
        "shared" => Some("parameter_sets"),
        "shares" => Some("include"),
        "detailed" => Some("name_only"),
        "beside" => Some("undocumented"),
        "as" => Some("account"),
        "stays" => Some("state"),
        _ => None,
    }
}

/// What makes a key of something that was not meant as one.
fn slip(key: &str) -> Option<&'static str> {
    match key {
        _ if key.contains('\u{a0}') => Some("what looks like a space here is a no-break space: write spaces"),
        _ if key.starts_with("//") || key.starts_with("/*") => Some("comments begin with #"),
        _ if key.starts_with('-') => Some("write a space after `-`, and what begins there is an item of a list"),
        _ => None,
    }
}

impl Node {
    /// The mapping's fields, to be taken one by one; anything but a mapping is a mistake.
    pub fn fields<'a>(&'a self, what: &'static str, mistakes: &mut Diagnostics) -> Option<Fields<'a>> {
        match &self.kind {
            NodeKind::Map(entries) => Some(Fields::new(what, &self.place, entries)),
            _ => self.no_mapping(what, mistakes),
        }
    }
}
