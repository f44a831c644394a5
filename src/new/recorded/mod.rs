//! Recorded requests: what HAR files, Postman collections, curl command lines and access logs have in common.

mod access_log;
mod address;
mod body;
mod curl;
mod har;
mod postman;
mod shell;

use std::sync::Arc;

use assay_suite::source::{Diagnostic, Node, NodeKind, Place, SourceFile};
use jiff::Timestamp;
use serde_json::Value;

pub(super) use address::Address;
pub(super) use body::Body;

/// The requests of a file, in its order.
#[derive(Debug, Default)]
pub(super) struct Recording {
    pub requests: Vec<Recorded>,
    /// What of the file is no request, and is not used.
    pub remarks: Vec<String>,
}

/// One request, and the answer to it where the file has one.
#[derive(Debug)]
pub(super) struct Recorded {
    /// The file, the line and the column where it is.
    pub place: String,
    /// When it was sent, where the file says so.
    pub at: Option<Timestamp>,
    pub method: String,
    pub address: Address,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub answer: Option<RecordedAnswer>,
    /// What a script of the file keeps of the answer: the name, and the path.
    pub saves: Vec<(String, String)>,
    /// Why it can't become a step, where its reader can tell.
    pub obstacle: Option<String>,
}

impl Recorded {
    fn new(place: &Place, method: &str, address: &str) -> Self {
        Self {
            place: format!("{}:{}:{}", place.file.path, place.line, place.column),
            at: None,
            method: method.to_uppercase(),
            address: Address::parse(address),
            headers: Vec::new(),
            body: Body::None,
            answer: None,
            saves: Vec::new(),
            obstacle: None,
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What came.
#[derive(Debug)]
pub(super) struct RecordedAnswer {
    pub status: u16,
    pub media_type: String,
    pub location: Option<String>,
    /// The body, where it is JSON.
    pub body: Option<Value>,
}

/// What begins and ends the name of a variable in a recorded text. No file has these letters by chance.
const VARIABLE: (char, char) = ('\u{e000}', '\u{e001}');

/// A variable of the file, within a text.
fn placeholder(name: &str) -> String {
    format!("{}{name}{}", VARIABLE.0, VARIABLE.1)
}

/// The parts of a text: what is literal, and the names of variables.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(VARIABLE.0) {
        let Some((name, after)) = after.split_once(VARIABLE.1) else { break };
        if !before.is_empty() {
            parts.push(Part::Literal(before));
        }
        parts.push(Part::Variable(name));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    parts
}

/// A part of a recorded text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Literal(&'a str),
    Variable(&'a str),
}

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordingError {
    #[error("this is neither a HAR file, a Postman collection, a curl command line nor an access log")]
    Unknown(Place),
    #[error("this is a Postman collection of another version than 2.1")]
    Version(Place),
    #[error("there is no list of {what} here")]
    NoList { what: &'static str, place: Place },
    #[error("the quote that begins here does not end")]
    OpenQuote(Place),
    #[error("{}", .0.message)]
    Syntax(Diagnostic),
}

impl RecordingError {
    /// The error with its place and what to do. The file has secrets, so none of its lines is shown.
    pub fn diagnostic(&self) -> Diagnostic {
        let (place, help) = match self {
            Self::Syntax(mistake) => return mistake.clone().kept_private(),
            Self::Unknown(place) => (
                place,
                "save the network log of a browser as HAR, export a collection, copy a request as curl (bash), or name an access \
                 log (common, combined, or lines of JSON)",
            ),
            Self::Version(place) => (place, "export it as Collection v2.1"),
            Self::NoList { place, .. } => (place, "save or export the file again, whole"),
            Self::OpenQuote(place) => (place, "close the quote, or copy the command as curl (bash)"),
        };
        Diagnostic::error(place, self.to_string()).help(help).kept_private()
    }
}

/// Reads a file, whose format its content tells.
pub(super) fn read(file: &Arc<SourceFile>) -> Result<Recording, RecordingError> {
    if access_log::is_one(&file.text) {
        return Ok(access_log::read(file));
    }
    if !file.text.trim_start().starts_with(['{', '[']) {
        return curl::read(file);
    }
    let document = Node::parse_large(&file.kept_private()).map_err(RecordingError::Syntax)?;
    if document.at_pointer("/log/entries").is_some() {
        har::read(&document)
    } else if document.at_pointer("/info/schema").is_some() {
        postman::read(&document)
    } else {
        Err(RecordingError::Unknown(document.place))
    }
}

/// The text of a field; empty where there is none.
fn text<'a>(node: &'a Node, name: &str) -> &'a str {
    match node.field(name).map(|field| &field.kind) {
        Some(NodeKind::Text(text)) => text,
        _ => "",
    }
}

/// The items of a list; none of anything else.
fn items<'a>(node: &'a Node, name: &str) -> &'a [Node] {
    match node.field(name).map(|field| &field.kind) {
        Some(NodeKind::List(items)) => items,
        _ => &[],
    }
}

/// Pairs of a name and a value under these keys, without those that are switched off.
fn pairs(nodes: &[Node], name: &str) -> Vec<(String, String)> {
    let is_on =
        |node: &&Node| !matches!(node.field("disabled").map(|field| &field.kind), Some(NodeKind::Boolean(true)));
    let pair = |node: &Node| (text(node, name).to_owned(), text(node, "value").to_owned());
    nodes.iter().filter(is_on).map(pair).filter(|(name, _)| !name.is_empty()).collect()
}

/// A status of HTTP, if it is one.
fn status(node: &Node, name: &str) -> Option<u16> {
    match node.field(name)?.kind {
        NodeKind::Integer(status) => u16::try_from(status).ok().filter(|status| (100..600).contains(status)),
        _ => None,
    }
}
