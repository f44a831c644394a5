//! What the YAML library complains about, in the words of somebody who writes documents.

use std::sync::Arc;

use serde_saphyr::Error;

use super::diagnostic::Diagnostic;
use super::file::SourceFile;
use super::place::Place;
use super::yaml::place;

/// What is said of a document that costs more than it may.
const TOO_MUCH: &str = "this is nested too deep, or repeated too often";

/// A complaint of the library (a part of it), what it means, and what to write instead. The first that fits is taken.
const COMPLAINTS: [(&str, &str, &str); 22] = [
    ("unclosed bracket", "what opens here is never closed", "close it with ] or }"),
    ("trailing content after", "text goes on after its closing quote", "put the whole of it in quotes, or nothing"),
    ("tabs disallowed", "this line is indented with a tab", "indent with spaces"),
    ("tab cannot", "this line is indented with a tab", "indent with spaces"),
    (
        "mapping values are not allowed",
        "no value can begin here",
        "put text that holds `: ` in quotes, and indent the keys of a mapping alike",
    ),
    (
        "expected key",
        "a key must begin here",
        "indent the keys of a mapping alike, and put the whole of a text in quotes, not a part of it",
    ),
    ("expected '-'", "an item must begin here", "indent the items of a list alike, and begin each with `- `"),
    (
        "expected ',' or '}'",
        "this is not allowed in { }",
        "separate entries by commas, and put text that holds any of {}[], in quotes",
    ),
    (
        "expected ',' or ']'",
        "this is not allowed in [ ]",
        "separate items by commas, and put text that holds any of {}[], in quotes",
    ),
    ("only valid inside a block", "`- ` is not allowed in { } or [ ]", "close what is open in the lines above"),
    ("unexpected EOF while parsing a flow", "the document ends within { } or [ ]", "close what is open"),
    (
        "multiline quoted scalar",
        "the text in quotes before this line does not end",
        "close the quotes, or indent all lines of the text",
    ),
    ("unexpected end", "the document ends within a value", "close the quotes or brackets that are open"),
    ("EOF", "the document ends within a value", "close the quotes or brackets that are open"),
    ("eof", "the document ends within a value", "close the quotes or brackets that are open"),
    ("unknown escape", "a `\\` in this text means nothing", "write `\\\\`, or put the text in single quotes"),
    ("budget breached", TOO_MUCH, "write it in more documents"),
    ("anchor", "`*` and `&` begin a name, and there is none here", "put text that begins with them in quotes"),
    ("sequence entries are not allowed", "no list can begin here", "begin it on a line of its own"),
    (
        "mapping keys are not allowed",
        "no key can begin here",
        "begin it on a line of its own, or put text that begins with `?` in quotes",
    ),
    ("simple key", "this line is no key with a value", "write `key: value`, and indent text of several lines"),
    ("indent", "this line's indentation fits none above it", "indent all that belongs together alike"),
];

/// A syntax error at its place.
pub(super) fn syntax_error(error: &Error, file: &Arc<SourceFile>) -> Diagnostic {
    let place = error.location().map_or_else(|| Place::start_of(file), |location| place(location, file));
    let (message, help) = describe(error.without_snippet(), place.column, file);
    // A tab is reported after it was read.
    let place = if message.ends_with("a tab") { first_tab(place) } else { place };
    Diagnostic::error(&place, message).help(help)
}

fn describe(error: &Error, column: u32, file: &SourceFile) -> (String, &'static str) {
    match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("duplicate key {}", file.quoted(key)), "keep one of them, or make one of both")
        }
        Error::MultipleDocuments { .. } => (
            "a second document begins here".to_owned(),
            "remove the line `---`: a file holds one document, which may be a list",
        ),
        Error::UnknownAnchor { .. } | Error::RecursiveReferencesRequireWeakTypes { .. } => {
            let help = "write `&` and the same name before what it repeats; put text that begins with `*` in quotes";
            ("no `&` before it marks what this `*` names".to_owned(), help)
        }
        Error::Unexpected { expected: "string scalar", .. } | Error::NullIntoString { .. } => {
            ("a key is text".to_owned(), "write it in one piece, and in quotes if need be")
        }
        Error::NonFiniteFloat { value, .. } => {
            (format!("{} is no number to count with", file.quoted(value)), "put it in quotes if it is text")
        }
        Error::SerdeInvalidType { .. } => ("this number is too long".to_owned(), "put it in quotes"),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => (TOO_MUCH.to_owned(), "write it in more documents"),
        other => translated(&other.to_string(), column, file),
    }
}

/// A complaint of the parser. One that has no better words keeps its own, without the position in it.
fn translated(complaint: &str, column: u32, file: &SourceFile) -> (String, &'static str) {
    let line = complaint.lines().next().unwrap_or_default();
    let line = line.split_once(&format!("column {column}: ")).map_or(line, |(_, rest)| rest);
    let line = line.split(" at line ").next().unwrap_or(line);
    if let Some(character) = line.strip_prefix("unexpected character: `") {
        let character: String = character.chars().take(1).collect();
        // Invisible characters are shown as escapes.
        if character == "\\" {
            return ("this character is not allowed in a document".to_owned(), "remove it, though it can't be seen");
        }
        let character = if file.is_private() { "this character" } else { character.as_str() };
        return (format!("text can't begin with {character}"), "put it in quotes");
    }
    let known = COMPLAINTS.iter().find(|(part, ..)| line.contains(part));
    known.map_or_else(
        || (not_yaml(line, file), "indent alike what belongs together, and put unusual text in quotes"),
        |(_, message, help)| ((*message).to_owned(), *help),
    )
}

fn not_yaml(complaint: &str, file: &SourceFile) -> String {
    if file.is_private() { "this is not YAML".to_owned() } else { format!("this is not YAML: {complaint}") }
}

/// The first tab of a place's line.
fn first_tab(place: Place) -> Place {
    let text = &place.file.text;
    let start = text[..place.bytes.start].rfind('\n').map_or(0, |end| end + 1);
    let Some(before) = text[start..].find('\t') else { return place };
    let column = text[start..start + before].chars().count() + 1;
    let column = u32::try_from(column).unwrap_or(place.column);
    Place { column, bytes: start + before..start + before + 1, ..place }
}
