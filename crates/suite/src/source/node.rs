//! YAML (and JSON, its subset) as a tree in which every value knows its place.

use std::ops::Range;
use std::time::Duration;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::place::{Located, Place};
use super::spelling::closest;

/// A value of a document, with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What was written.
    pub kind: NodeKind,
    /// Where.
    pub place: Place,
    /// The bytes of the file that say it: those behind the anchor of an alias.
    pub(super) written: Range<usize>,
}

/// The kinds of value a document can hold.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Nothing, or `null`.
    Null,
    /// `true` or `false`; `yes` and `no` are text.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order it was written; its keys are unique.
    Map(Vec<(Located<String>, Node)>),
}

/// What to write where nothing was written.
const AFTER_THE_COLON: &str = "write it after the colon; the empty text is \"\"";
/// What to write where a list or a mapping is in place of one value.
const IN_ONE_PIECE: &str = "write one value; put text that begins with [ or { in quotes";
/// Durations beyond this one are mistyped, and would overflow where they are added up.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);
/// How durations are written.
const DURATION: &str = "write a number and a unit: 500ms, 30s, 10m, 1h";

impl NodeKind {
    fn name(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl Node {
    /// A text that is at a place.
    pub fn of_text(text: &str, place: &Place) -> Self {
        Self { kind: NodeKind::Text(text.to_owned()), place: place.clone(), written: place.bytes.clone() }
    }

    /// The schema that refers to a file: `{"$ref": "common/job.json"}`, written where the file is named.
    pub(crate) fn reference_to(file: &Located<String>) -> Self {
        let key = Located { value: "$ref".to_owned(), place: file.place.clone() };
        let entries = vec![(key, Self::of_text(&file.value, &file.place))];
        Self { kind: NodeKind::Map(entries), place: file.place.clone(), written: file.place.bytes.clone() }
    }

    /// The same with other texts, those of keys among them.
    pub(crate) fn with_texts(&self, change: &impl Fn(&Located<String>) -> Located<String>) -> Self {
        let kind = match &self.kind {
            NodeKind::Text(text) => {
                let text = change(&Located { value: text.clone(), place: self.place.clone() });
                return Self { kind: NodeKind::Text(text.value), place: text.place, written: self.written.clone() };
            }
            NodeKind::List(items) => NodeKind::List(items.iter().map(|item| item.with_texts(change)).collect()),
            NodeKind::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (change(key), value.with_texts(change)));
                NodeKind::Map(entries.collect())
            }
            other => other.clone(),
        };
        Self { kind, place: self.place.clone(), written: self.written.clone() }
    }

    /// A value, its place, and the bytes that it was written with.
    pub(super) fn written_at(kind: NodeKind, place: Place, written: Range<usize>) -> Self {
        Self { kind, place, written }
    }

    /// The entries of a mapping whose keys are names that the writer chose.
    pub fn entries(&self, what: &str, mistakes: &mut Diagnostics) -> Option<&[(Located<String>, Node)]> {
        match &self.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => self.no_mapping(what, mistakes),
        }
    }

    /// The items of a list; anything else is a mistake.
    pub fn list(&self, what: &str, mistakes: &mut Diagnostics) -> Option<&[Self]> {
        match &self.kind {
            NodeKind::List(items) => Some(items),
            _ => self.wrong(&format!("{what} is a list"), "begin each item with `- `, or write [ ]", mistakes),
        }
    }

    /// The items of a list, or the value itself as the only one.
    pub fn one_or_many(&self) -> &[Self] {
        match &self.kind {
            NodeKind::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    pub(super) fn no_mapping<T>(&self, what: &str, mistakes: &mut Diagnostics) -> Option<T> {
        let help = match self.kind {
            NodeKind::Null => "write its keys below it, or {} if it has none",
            NodeKind::Text(ref text) if text.contains(':') && !text.contains("://") => {
                "write a space after each colon: `key: value`"
            }
            _ => "write `key: value`, each in a line of its own below it, or with commas between in { }",
        };
        self.wrong(&format!("{what} is a mapping of keys and values"), help, mistakes)
    }

    /// The items of a list of at least one, or the value itself as the only one.
    pub fn some(&self, what: &str, mistakes: &mut Diagnostics) -> &[Self] {
        let items = self.one_or_many();
        if items.is_empty() {
            mistakes.add(Diagnostic::error(&self.place, format!("{what} can't be empty")).help("write at least one"));
        }
        items
    }

    /// The value of a field, if this is a mapping that has it. Nothing is reported.
    pub fn field(&self, name: &str) -> Option<&Self> {
        self.pairs().iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
    }

    /// The entries of a mapping, none of anything else. Nothing is reported.
    pub fn pairs(&self) -> &[(Located<String>, Self)] {
        match &self.kind {
            NodeKind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// What a JSON Pointer points at, if anything is there. Nothing is reported.
    pub fn at_pointer(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |node, part| match &node.kind {
            NodeKind::List(items) => items.get(part.parse::<usize>().ok()?),
            _ => node.field(&part.replace("~1", "/").replace("~0", "~")),
        })
    }

    /// All texts of a list and of the lists in it. Nothing is reported.
    pub fn leaves(&self) -> Vec<Located<String>> {
        match &self.kind {
            NodeKind::Text(text) => vec![Located { value: text.clone(), place: self.place.clone() }],
            NodeKind::List(items) => items.iter().flat_map(Self::leaves).collect(),
            _ => Vec::new(),
        }
    }

    /// A value that is neither nothing nor made of others.
    pub fn single(&self, what: &str, mistakes: &mut Diagnostics) -> Option<&Self> {
        match self.kind {
            NodeKind::Null => self.wrong(&format!("{what} is one value"), AFTER_THE_COLON, mistakes),
            NodeKind::List(_) | NodeKind::Map(_) => self.wrong(&format!("{what} is one value"), IN_ONE_PIECE, mistakes),
            _ => Some(self),
        }
    }

    /// As it was written.
    fn source(&self) -> &str {
        self.place.file.text.get(self.written.clone()).unwrap_or_default().trim()
    }

    /// A text; numbers and booleans must be quoted to be one.
    pub fn text(&self, what: &str, mistakes: &mut Diagnostics) -> Option<Located<String>> {
        match &self.kind {
            NodeKind::Text(text) => Some(Located { value: text.clone(), place: self.place.clone() }),
            NodeKind::Boolean(_) | NodeKind::Integer(_) | NodeKind::Number(_) => {
                let help = match self.place.file.is_private() {
                    true => "put it in quotes".to_owned(),
                    false => format!("put it in quotes: \"{}\"", self.source()),
                };
                self.wrong(&format!("{what} is text"), &help, mistakes)
            }
            NodeKind::Null => self.wrong(&format!("{what} is text"), AFTER_THE_COLON, mistakes),
            _ => self.wrong(&format!("{what} is text"), IN_ONE_PIECE, mistakes),
        }
    }

    /// A list of texts, or one text.
    pub fn texts(&self, what: &str, mistakes: &mut Diagnostics) -> Vec<Located<String>> {
        self.one_or_many().iter().filter_map(|item| item.text(what, mistakes)).collect()
    }

    /// `true` or `false`.
    pub fn boolean(&self, what: &str, mistakes: &mut Diagnostics) -> Option<bool> {
        match self.kind {
            NodeKind::Boolean(value) => Some(value),
            _ => self.wrong(&format!("{what} is true or false"), "write true or false, without quotes", mistakes),
        }
    }

    /// A whole number that is not negative.
    pub fn whole_number(&self, what: &str, mistakes: &mut Diagnostics) -> Option<u64> {
        match self.kind {
            NodeKind::Integer(value) if value >= 0 => Some(value.unsigned_abs()),
            NodeKind::Integer(_) => {
                mistakes
                    .add(Diagnostic::error(&self.place, format!("{what} can't be negative")).help("write 0 or more"));
                None
            }
            _ => self.wrong(&format!("{what} is a whole number"), "write it in digits alone, without quotes", mistakes),
        }
    }

    /// One of a few names.
    pub fn choice<T: Clone>(&self, what: &str, names: &[(&str, T)], mistakes: &mut Diagnostics) -> Option<T> {
        let all = || names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        if !matches!(self.kind, NodeKind::Text(_)) {
            return self.wrong(&format!("{what} is a word"), &format!("write one of: {}", all()), mistakes);
        }
        let text = self.text(what, mistakes)?;
        let found = names.iter().find(|(name, _)| *name == text.value).map(|(_, value)| value.clone());
        if found.is_none() {
            let choices: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            let mistake =
                Diagnostic::error(&self.place, format!("{what} can't be {}", self.place.file.quoted(&text.value)));
            mistakes.add(mistake.help(match (closest(&text.value, choices.iter().copied()), choices.as_slice()) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, [only]) => format!("write {only}"),
                (None, _) => format!("write one of: {}", all()),
            }));
        }
        found
    }

    /// A duration that is not negative: a number and a unit.
    pub fn duration(&self, what: &str, mistakes: &mut Diagnostics) -> Option<Duration> {
        let text = match &self.kind {
            NodeKind::Text(text) => text.as_str(),
            NodeKind::Integer(_) | NodeKind::Number(_) => self.source(),
            _ => return self.wrong(&format!("{what} is a duration"), DURATION, mistakes),
        };
        let message = match text.parse::<jiff::SignedDuration>() {
            Ok(duration) if duration.is_negative() => format!("{what} can't be negative"),
            Ok(duration) if duration.unsigned_abs() > LONGEST => format!("{what} can't be longer than 100 years"),
            Ok(duration) => return Some(duration.unsigned_abs()),
            Err(_) => format!("{} is not a duration", self.place.file.quoted(text)),
        };
        mistakes.add(Diagnostic::error(&self.place, message).help(DURATION));
        None
    }

    /// A number, with or without a fraction; `what` is what it is called.
    pub fn number(&self, what: &str, mistakes: &mut Diagnostics) -> Option<f64> {
        match self.kind {
            #[allow(clippy::cast_precision_loss, reason = "limits that people write are small")]
            NodeKind::Integer(number) => Some(number as f64),
            NodeKind::Number(number) => Some(number),
            _ => self.wrong(&format!("{what} is a number"), "write it in digits, without quotes: 5 or 0.5", mistakes),
        }
    }

    /// The same with all of its digits.
    pub fn exact_number(&self, what: &str, mistakes: &mut Diagnostics) -> Option<serde_json::Number> {
        let number = self.number(what, mistakes)?;
        self.json_number().or_else(|| serde_json::Number::from_f64(number)).or_else(|| {
            self.wrong(&format!("{what} is a number"), "write it in digits, without quotes: 5 or 0.5", mistakes)
        })
    }

    /// A number that JSON would write as it is here, with all of its digits.
    fn json_number(&self) -> Option<serde_json::Number> {
        let is_number = matches!(self.kind, NodeKind::Integer(_) | NodeKind::Number(_));
        let number: Option<serde_json::Number> = is_number.then(|| serde_json::from_str(self.source()).ok()).flatten();
        number.filter(|number| number.to_string() == self.source())
    }

    /// Reports that this value is not what its place asks for, and what to write instead.
    fn wrong<T>(&self, expected: &str, help: &str, mistakes: &mut Diagnostics) -> Option<T> {
        let mistake = Diagnostic::error(&self.place, format!("{expected}, this is {}", self.kind.name()));
        mistakes.add(mistake.help(help));
        None
    }

    /// What is sent for this value: numbers and truth values as they are written here. What JSON would write otherwise
    /// (`0123`, `0x1F`, `1_000`, `True`) is text.
    pub fn to_sent(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            NodeKind::Integer(_) | NodeKind::Number(_) => {
                self.json_number().map_or_else(|| Value::from(self.source()), Value::Number)
            }
            NodeKind::Boolean(value) if self.source() != value.to_string() => Value::from(self.source()),
            NodeKind::List(items) => items.iter().map(Self::to_sent).collect(),
            NodeKind::Map(entries) => {
                Value::Object(entries.iter().map(|(key, value)| (key.value.clone(), value.to_sent())).collect())
            }
            _ => self.to_json(),
        }
    }

    /// The same value without places.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Boolean(value) => Value::Bool(*value),
            NodeKind::Integer(value) => self.json_number().map_or_else(|| Value::from(*value), Value::Number),
            NodeKind::Number(value) => self.json_number().map_or_else(|| Value::from(*value), Value::Number),
            NodeKind::Text(text) => Value::String(text.clone()),
            NodeKind::List(items) => items.iter().map(Self::to_json).collect(),
            NodeKind::Map(entries) => {
                Value::Object(entries.iter().map(|(key, value)| (key.value.clone(), value.to_json())).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::SourceFile;

    fn node(text: &str) -> Node {
        Node::parse(&SourceFile::new("a.yaml", format!("a: {text}\n"))).unwrap().field("a").unwrap().clone()
    }

    /// What JSON would write as it is is a number; all else is sent as the text that it is.
    #[test]
    fn scalars_are_sent_as_they_are_written() {
        for text in ["123", "-5", "0.5", "9007199254740993", "18446744073709551615"] {
            assert!(node(text).to_sent().is_number(), "{text}");
            assert_eq!(node(text).to_sent().to_string(), text);
            assert_eq!(node(text).to_json().to_string(), text);
        }
        for text in ["1.10", "1e3", "1E+3", "18446744073709551617"] {
            assert_eq!(node(text).to_sent().to_string().trim_matches('"'), text);
        }
        for text in [
            "0123",
            "007",
            "0x1F",
            "0o17",
            "0b11",
            "1_000",
            "+5",
            ".5",
            "5.",
            "yes",
            "no",
            "on",
            "Off",
            "True",
            "FALSE",
            "2013-06-13",
            "2001-12-14t21:59:43.10-05:00",
            "12:30:45",
            "1.10.2",
            "1e3x",
            "190:20",
        ] {
            assert_eq!(node(text).to_sent(), json!(text), "{text}");
        }
        assert_eq!([node("true").to_sent(), node("false").to_sent()], [json!(true), json!(false)]);
        assert_eq!(node("'0123'").to_sent(), json!("0123"));
        assert_eq!(node("[0123, {b: 1.5}]").to_sent().to_string(), r#"["0123",{"b":1.5}]"#);
    }

    #[test]
    fn an_alias_is_sent_as_what_it_repeats() {
        let document = Node::parse(&SourceFile::new("a.yaml", "a: &x 0123\nb: *x\nc: &y 1.5\nd: [*y]\n")).unwrap();
        let sent = |name: &str| document.field(name).unwrap().to_sent().to_string();
        assert_eq!([sent("a"), sent("b"), sent("c"), sent("d")], ["\"0123\"", "\"0123\"", "1.5", "[1.5]"]);
    }

    #[test]
    fn a_limit_keeps_all_of_its_digits() {
        let limit = |text: &str| node(text).exact_number("a limit", &mut Diagnostics::new()).unwrap().to_string();
        assert_eq!([limit("9007199254740993"), limit("1_000"), limit("0.10")], ["9007199254740993", "1000.0", "0.1"]);
    }
}
