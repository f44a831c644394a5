//! What an `OpenAPI` document says of a whole API: its things, and what holds for them.

use serde_json::Value;

use crate::source::Place;
use crate::{OperationName, RequestLine, RequirementId, Variable};

/// Things of a kind, and the operations on them.
#[derive(Clone, Debug)]
pub struct Resource {
    /// What one of them is called in cases: a target may give one.
    pub variable: Variable,
    /// What one of them is called in sentences.
    pub noun: String,
    /// The path of all of them, such as `/pets`.
    pub collection: String,
    /// The argument that names one in the operations on one of them.
    pub parameter: String,
    /// The arguments that name what they are in, each with its variable.
    pub parents: Vec<(String, Variable)>,
    /// Creates one.
    pub create: Option<OperationName>,
    /// The path to its identity in the answer that creates one.
    pub created_key: Option<String>,
    /// Lists them, and the path to the identity of the first.
    pub list: Option<(OperationName, String)>,
    /// Reads one.
    pub read: Option<OperationName>,
    /// Replaces one.
    pub replace: Option<OperationName>,
    /// Changes some of one.
    pub patch: Option<OperationName>,
    /// Removes one.
    pub remove: Option<OperationName>,
    /// The requirements on how its operations go together.
    pub laws: Vec<Law>,
}

/// How operations on one resource go together.
#[derive(Clone, Debug)]
pub struct Law {
    /// What it says.
    pub kind: LawKind,
    /// Its requirement.
    pub requirement: RequirementId,
    /// Where the document describes the operation that it is about.
    pub place: Place,
}

/// The ways in which operations on one resource go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LawKind {
    /// What was created is read as it was sent.
    ReadBack,
    /// What was created is listed.
    Listed,
    /// What was removed is gone.
    Gone,
    /// What was replaced is read as it was sent.
    Replaced,
    /// A replacement that is sent twice does no more than one.
    Idempotent,
    /// A replacement that is refused changes nothing.
    Untouched,
    /// A change alters what it names and nothing else.
    Patched,
    /// Two that are created have two identities.
    Distinct,
}

impl LawKind {
    /// All of them, with the names that they have in requirements.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("read-back", Self::ReadBack),
        ("listed", Self::Listed),
        ("gone", Self::Gone),
        ("replaced", Self::Replaced),
        ("idempotent", Self::Idempotent),
        ("untouched", Self::Untouched),
        ("patched", Self::Patched),
        ("distinct", Self::Distinct),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What an `OpenAPI` document says besides its operations.
#[derive(Clone, Debug)]
pub struct Described {
    /// The document's path.
    pub document: String,
    /// The path of its first server, such as `/api/v3`; empty at the root.
    pub base_path: String,
    /// The address of its first server, where it has one.
    pub server: Option<String>,
    /// The schemas of bodies and headers, by their paths below `schemas/`.
    pub schemas: Vec<(String, Value)>,
    /// The kinds of things that its operations are about.
    pub resources: Vec<Resource>,
    /// Which methods are documented for each path.
    pub methods: Vec<PathMethods>,
    /// The requirement that no answer shows the inside of the server.
    pub no_trace: RequirementId,
}

/// The methods of a path.
#[derive(Clone, Debug)]
pub struct PathMethods {
    /// The requirement that no other method is taken.
    pub requirement: RequirementId,
    /// Where the path is written.
    pub place: Place,
    /// The operation by which the path is asked for.
    pub operation: OperationName,
    /// Its method and path.
    pub request: RequestLine,
    /// The documented methods.
    pub documented: Vec<crate::http::Method>,
}
