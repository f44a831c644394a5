//! What one API's documentation promises: its operations, its conventions and its requirements.

mod absent;
mod contract;
mod described;
mod deviation;
pub mod http;
pub mod human;
pub mod openapi;
mod operation;
mod profile;
mod quantile;
mod read;
mod requirement;
mod service_level;
pub mod source;
mod undo;
mod value;
mod variable;

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::{Diagnostic, Diagnostics, Located, Node, NodeKind};

pub use absent::{AbsentAnswer, AbsentBody};
pub use contract::{
    ADDRESS, AuthScheme, CONTENT_TYPE, Content, Contract, Demand, DocumentedHeader, DocumentedResponse, Explode,
    HEADER, Input, InputKind, Link, ParameterStyle, RAW_BODY, ResponseStatus, Rule, UNKNOWN_CREDENTIAL, Wire, WireForm,
    is_json,
};
pub use described::{
    Described, Law, LawKind, ListFilter, ListLaw, ListLawKind, NextPage, Order, Paged, PathMethods, Resource, place_of,
};
pub use deviation::{Deviation, Observation, Observed, ServerName, fits};
pub use operation::{
    Alternatives, Availability, Bounds, Company, Effect, Filter, List, Location, Number, Operation, OperationName,
    OwnPaging, Parameter, Presence, RequestLine, ValueType,
};
pub use profile::ConformanceProfile;
pub use quantile::Quantile;
pub use read::SuiteFiles;
pub use requirement::{AppliesTo, Basis, Requirement, RequirementId, Standing};
pub use service_level::{ServiceLevel, Throughput};
pub use undo::{FOUND, Find, Several, ShownBy, Undo, way};
pub use value::{Variable, plain};
pub use variable::{Lookup, Sharing, TargetVariable};

/// The short name of a suite, as in `--suite cloudn`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SuiteName(pub String);

impl fmt::Display for SuiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that is documented about one API.
#[derive(Clone, Debug)]
pub struct Suite {
    /// Its short name.
    pub name: Located<SuiteName>,
    /// Its full name.
    pub title: String,
    /// The document that makes the promises.
    pub document: Document,
    /// How an operation is asked for.
    pub style: Style,
    /// How a request proves who sent it.
    pub signing: Signing,
    /// The forms in which an answer can be had.
    pub formats: Vec<AnswerFormat>,
    /// What is around an answer.
    pub envelope: Envelope,
    /// The name of the element around a refusal, where it is not that of the operation's answers.
    pub refusal_envelope: Option<String>,
    /// HTTP statuses with which this API refuses a request, as against failing at it.
    pub refusals: Vec<StatusPattern>,
    /// HTTP statuses with which it asks for fewer requests.
    pub throttled: Vec<StatusPattern>,
    /// HTTP statuses, and codes of failed jobs, with which it says that it lacks what a good request needs: capacity, a host, storage.
    pub lacking: Vec<StatusPattern>,
    /// What it says of a thing that can't be removed before it is done with something; `*` matches any text.
    pub busy: Vec<String>,
    /// The answers by which it says that it does not have an operation.
    pub absent: Vec<AbsentAnswer>,
    /// How lists are cut into pages, if they are.
    pub paging: Option<Paging>,
    /// How asynchronous jobs are followed, if there are any.
    pub jobs: Option<Jobs>,
    /// The documented operations, in the document's order.
    pub operations: IndexMap<OperationName, Operation>,
    /// The document's promises, in its order.
    pub requirements: IndexMap<RequirementId, Requirement>,
    /// The conformance profiles, by name.
    pub profiles: IndexMap<String, ConformanceProfile>,
    /// Where known servers depart from the document.
    pub deviations: Vec<Deviation>,
    /// What a target has to offer, in the order in which it is looked up.
    pub variables: Vec<TargetVariable>,
    /// An account to which nothing belongs that the main one creates.
    pub stranger: Option<Stranger>,
    /// What its `OpenAPI` document says besides, if it has one.
    pub described: Option<Arc<Described>>,
}

/// An account to which nothing belongs that the main one creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Its name in target files.
    pub account: String,
    /// The parameter of lists whose items belong to accounts; all lists are such where none is named.
    pub owner: Option<String>,
}

/// The document a suite was read from.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// The day it was published, where it is known.
    pub date: Option<String>,
}

/// How an operation is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Style {
    /// One address; a parameter names the operation.
    Query {
        /// That parameter.
        operation_parameter: String,
        /// What every request says besides.
        fixed: Vec<(String, String)>,
        /// How an argument that is a list travels.
        lists: ListForm,
    },
    /// Each operation has a method and a path of its own.
    Rest,
}

/// How an argument that is a list travels in a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListForm {
    /// As its items with commas between: `id=a,b`.
    #[default]
    Commas,
    /// As a parameter for each item: `id=a&id=b`.
    Repeated,
}

impl ListForm {
    /// All forms, with the names that suites give them.
    pub const NAMES: [(&'static str, Self); 2] = [("commas", Self::Commas), ("repeated", Self::Repeated)];
}

/// How a request proves who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Apache CloudStack's: HMAC-SHA1 over the sorted, lower-cased query (developer's guide 4.1, chapter 5.2).
    CloudStack,
    /// hicloud's: as CloudStack's, with an expiry, in Base64 for addresses (hicloud `CaaS` API, 2013).
    Hicloud,
    /// Amazon EC2's, version 2 or 4.
    Ec2,
    /// Not signed: parameters carry tokens.
    Token,
}

/// What is around an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Nothing.
    None,
    /// An element; `{operation}` means the operation's name in lower case, `{Operation}` for the name as it is spelled.
    Named(String),
}

/// A form in which an answer can be had.
#[derive(Clone, Debug)]
pub struct AnswerFormat {
    /// What the body is written in.
    pub encoding: Encoding,
    /// The parameters that ask for it.
    pub parameters: Vec<(String, String)>,
}

/// What an answer's body is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Xml => "xml",
        })
    }
}

/// One status (`401`) or a family (`4xx`, `53x`).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StatusPattern(String);

impl StatusPattern {
    /// Reads one status or family, or a list of them.
    pub fn read(node: &Node, mistakes: &mut Diagnostics) -> Vec<Self> {
        let mut patterns = Vec::new();
        for item in node.one_or_many() {
            let written = match &item.kind {
                NodeKind::Integer(status) => status.to_string(),
                NodeKind::Text(text) => text.clone(),
                _ => String::new(),
            };
            match Self::new(&written) {
                Some(pattern) => patterns.push(pattern),
                None => mistakes.add(
                    Diagnostic::error(&item.place, "this is not an HTTP status")
                        .help("write 401, or a family: 4xx, 53x"),
                ),
            }
        }
        patterns
    }

    /// The status that HTTP itself has for too many requests (RFC 6585, chapter 4).
    pub fn too_many_requests() -> Self {
        Self("429".to_owned())
    }

    /// Three characters, digits or a trailing `x` or `xx`.
    pub fn new(pattern: &str) -> Option<Self> {
        let digits = pattern.trim_end_matches('x');
        let fits = pattern.len() == 3 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(pattern.to_owned()))
    }

    /// Whether this is one status, and no family.
    pub fn is_one(&self) -> bool {
        !self.0.contains('x')
    }

    /// Whether a status is of this family.
    pub fn matches(&self, status: u16) -> bool {
        let digits = self.0.trim_end_matches('x');
        let status = status.to_string();
        status.len() == 3 && status.starts_with(digits)
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How lists are cut into pages.
#[derive(Clone, Debug)]
pub struct Paging {
    /// How a request says where its page begins.
    pub start: PageStart,
    /// The parameter that holds the page's length.
    pub size: String,
    /// The page's length when none is asked for.
    pub default: Option<u64>,
    /// What is counted, if anything is.
    pub count: Option<Count>,
}

/// How a request says where its page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageStart {
    /// By the page's number.
    Number {
        /// The parameter that holds it.
        parameter: String,
        /// The number of the first page.
        first: u64,
    },
    /// By the number of items before it.
    Offset {
        /// The parameter that holds it.
        parameter: String,
    },
    /// By a mark that the page before gave.
    Marker {
        /// The parameter that holds it; the first page is asked for without.
        parameter: String,
        /// The field of an answer that holds the mark of the next page; it is blank on the last.
        next: String,
    },
}

impl PageStart {
    /// The parameter that says it.
    pub fn parameter(&self) -> &str {
        match self {
            Self::Number { parameter, .. } | Self::Offset { parameter } | Self::Marker { parameter, .. } => parameter,
        }
    }
}

/// The field of a list answer that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Its name.
    pub field: String,
    /// What it counts.
    pub counts: Counts,
}

/// What the count of a list answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// The items in this answer.
    Answer,
    /// The items of the whole list.
    Whole,
}

/// How asynchronous jobs are followed.
#[derive(Clone, Debug)]
pub struct Jobs {
    /// The field of an accepted request that names its job; as in all of these names, a dot leads into an object.
    pub id: String,
    /// The operation that reports a job's state.
    pub poll: OperationName,
    /// The parameter of that operation that names the job.
    pub parameter: String,
    /// The field of its answer that holds the state.
    pub status: String,
    /// The field of its answer that holds the outcome, if it does.
    pub result: Option<String>,
    /// The field of the outcome of a failed job that holds the code of its reason, if it does.
    pub code: Option<String>,
    /// The field of its answer that names the thing that the job is about, if it does.
    pub instance: Option<String>,
    /// The states of a job, as they are written in answers.
    pub states: JobStates,
}

impl Jobs {
    /// What names the job in an answer that gives one.
    pub fn id_in<'a>(&self, answer: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value_at(answer, &self.id)
    }

    /// The state in an answer about a job.
    pub fn status_in<'a>(&self, answer: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value_at(answer, &self.status)
    }

    /// The outcome in an answer about a job.
    pub fn result_in<'a>(&self, answer: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value_at(answer, self.result.as_ref()?)
    }

    /// What names the thing that a job is about, in an answer about the job.
    pub fn instance_in<'a>(&self, answer: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value_at(answer, self.instance.as_ref()?)
    }

    /// The code of the reason in the outcome of a failed job.
    pub fn code_in(&self, result: &serde_json::Value) -> Option<u16> {
        let code = value_at(result, self.code.as_ref()?)?;
        code.as_u64().and_then(|code| code.try_into().ok()).or_else(|| code.as_str()?.parse().ok())
    }
}

/// What is under a name, of which an empty one is that of the value itself; a dot in it leads into an object, unless a field is called so.
pub fn value_at<'a>(value: &'a serde_json::Value, name: &str) -> Option<&'a serde_json::Value> {
    if name.is_empty() {
        return Some(value);
    }
    value.get(name).or_else(|| name.split('.').try_fold(value, |value, part| value.get(part)))
}

/// The states of a job, as they are written in answers.
#[derive(Clone, Debug)]
pub struct JobStates {
    /// Not finished.
    pub pending: Vec<serde_json::Value>,
    /// Finished well.
    pub succeeded: Vec<serde_json::Value>,
    /// Finished badly.
    pub failed: Vec<serde_json::Value>,
}

impl Signing {
    /// All ways of signing, with the names that suites give them.
    pub const NAMES: [(&'static str, Self); 4] =
        [("cloudstack", Self::CloudStack), ("hicloud", Self::Hicloud), ("ec2", Self::Ec2), ("token", Self::Token)];

    /// The credentials that it can't do without.
    pub fn credentials(self) -> &'static [&'static str] {
        match self {
            Self::CloudStack | Self::Hicloud | Self::Ec2 => &["api_key", "secret_key"],
            Self::Token => &[],
        }
    }
}

impl Encoding {
    /// All encodings, with the names that documents give them.
    pub const NAMES: [(&'static str, Self); 2] = [("json", Self::Json), ("xml", Self::Xml)];
}

impl Suite {
    /// The format that most clients ask for, if there is a choice: JSON.
    pub fn usual_format(&self) -> Encoding {
        let mut formats = self.formats.iter().map(|format| format.encoding);
        let first = formats.next().unwrap_or(Encoding::Json);
        if formats.any(|format| format == Encoding::Json) { Encoding::Json } else { first }
    }

    /// Whether a text says that something can't be removed before it is done with what it is at.
    pub fn says_busy(&self, text: &str) -> bool {
        self.busy.iter().any(|pattern| fits(pattern, text))
    }

    /// The requirements with a promise's name that apply to an operation.
    pub fn requirements_for<'a>(
        &'a self,
        promise: &'a str,
        operation: &'a OperationName,
    ) -> impl Iterator<Item = &'a Requirement> {
        self.requirements.values().filter(move |requirement| {
            requirement.promises.iter().any(|name| name.value == promise) && requirement.applies_to.includes(operation)
        })
    }

    /// The names under which the answer of an operation may come, the documented one first; none if nothing is around it.
    pub fn envelopes(&self, operation: &Operation) -> Vec<String> {
        if !operation.envelopes.is_empty() {
            return operation.envelopes.clone();
        }
        let name = &operation.name.value.0;
        match &self.envelope {
            Envelope::None => Vec::new(),
            Envelope::Named(rule) => {
                vec![rule.replace("{operation}", &name.to_lowercase()).replace("{Operation}", name)]
            }
        }
    }

    /// How the list of an operation is cut into pages; not at all if it is no list.
    pub fn paging_of<'a>(&'a self, operation: &'a Operation) -> Option<&'a Paging> {
        operation.list.as_ref()?;
        match &operation.paging {
            OwnPaging::AsSuite => self.paging.as_ref(),
            OwnPaging::None => None,
            OwnPaging::Own(paging) => Some(paging),
        }
    }

    /// The statuses by which an operation refuses; those of the suite for one that is not documented.
    pub fn refusals_of(&self, operation: &str) -> &[StatusPattern] {
        let own = self.operations.get(operation).map(|operation| operation.refusals.as_slice()).unwrap_or_default();
        if own.is_empty() { &self.refusals } else { own }
    }
}
