//! Recorded requests: what HAR files, Postman collections, curl command lines and access logs have in common.

mod access_log;
mod address;
mod body;
mod curl;
mod har;
mod outline;
mod postman;
mod shell;
mod spot;

use std::sync::Arc;

use assay_suite::human::number;
use assay_suite::source::{Diagnostic, Node, NodeKind, SourceFile};
use jiff::Timestamp;

pub(super) use address::Address;
pub(super) use body::Body;
pub(super) use spot::Spot;

/// The longest recording that is read, in MiB.
const LONGEST_RECORDING: u64 = 32;
/// The longest collection of Postman, in MiB. All of it is in memory, which takes many times the room of its text.
const LONGEST_COLLECTION: u64 = 8;
/// The longest line of command lines and of access logs, in MiB.
const LONGEST_LINE: u64 = 1;
/// So many requests of a recording are read.
const MOST_REQUESTS: usize = 150_000;

/// The requests of a file, in its order.
#[derive(Debug, Default)]
pub(super) struct Recording {
    pub requests: Vec<Recorded>,
    /// What of the file is no request, and is not used.
    pub remarks: Vec<String>,
}

impl Recording {
    /// Takes one more request, unless these are as many as are read.
    fn add(&mut self, request: Recorded, most: usize) -> Result<(), RecordingError> {
        if self.requests.len() >= most {
            return Err(RecordingError::TooMany { what: "requests", most, place: request.place });
        }
        self.requests.push(request);
        Ok(())
    }
}

/// One request, and the answer to it where the file has one.
#[derive(Debug)]
pub(super) struct Recorded {
    pub place: Spot,
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
    fn new(place: Spot, method: &str, address: &str) -> Self {
        Self {
            place,
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
    /// The text of the body, where it is JSON.
    pub body: Option<String>,
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
    Unknown(Spot),
    #[error("this is a Postman collection of another version than 2.1")]
    Version(Spot),
    #[error("there is no list of {what} here")]
    NoList { what: &'static str, place: Spot },
    #[error("the quote that begins here does not end")]
    OpenQuote(Spot),
    #[error("the JSON breaks off or goes wrong here")]
    NoJson(Spot),
    #[error("duplicate key `{name}`")]
    Duplicate { name: &'static str, place: Spot },
    #[error("{what} is longer than {most} MiB, the most that is read")]
    TooLong { what: &'static str, most: u64, place: Spot },
    #[error("from here on there are more than {} {what}, the most that are read", number(*.most))]
    TooMany { what: &'static str, most: usize, place: Spot },
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
            Self::NoList { place, .. } | Self::NoJson(place) => (place, "save or export the file again, whole"),
            Self::OpenQuote(place) => (place, "close the quote, or copy the command as curl (bash)"),
            Self::Duplicate { place, .. } => (place, "keep one of them, or make one of both"),
            Self::TooLong { place, .. } | Self::TooMany { place, .. } => {
                (place, "cut the recording to the requests that matter, or into several files")
            }
        };
        Diagnostic::error(&place.place(), self.to_string()).help(help)
    }
}

/// Refuses a recording before it is read into memory.
pub(super) fn check_length(path: &str, bytes: u64) -> Result<(), RecordingError> {
    check(path, "the recording", LONGEST_RECORDING, bytes)
}

fn check(path: &str, what: &'static str, most: u64, bytes: u64) -> Result<(), RecordingError> {
    if bytes <= most << 20 { Ok(()) } else { Err(RecordingError::TooLong { what, most, place: Spot::start(path) }) }
}

/// Reads a file, whose format its content tells.
pub(super) fn read(file: &Arc<SourceFile>) -> Result<Recording, RecordingError> {
    if access_log::is_one(&file.text) {
        check_lines(file)?;
        return access_log::read(file);
    }
    if !file.text.trim_start().starts_with(['{', '[']) {
        check_lines(file)?;
        return curl::read(file);
    }
    if let Some(recording) = har::read(file)? {
        return Ok(recording);
    }
    check(&file.path, "a Postman collection", LONGEST_COLLECTION, file.text.len() as u64)?;
    let document = Node::parse_large(&file.kept_private()).map_err(RecordingError::Syntax)?;
    if document.at_pointer("/info/schema").is_some() {
        postman::read(&document)
    } else {
        Err(RecordingError::Unknown(Spot::from(&document.place)))
    }
}

fn is_long_line(line: &str) -> bool {
    line.len() as u64 > LONGEST_LINE << 20
}

fn check_lines(file: &SourceFile) -> Result<(), RecordingError> {
    let Some((number, _)) = (1_u32..).zip(file.text.lines()).find(|(_, line)| is_long_line(line)) else {
        return Ok(());
    };
    let place = Spot::line(&Arc::from(file.path.as_str()), number);
    Err(RecordingError::TooLong { what: "this line", most: LONGEST_LINE, place })
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
