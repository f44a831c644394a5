//! One promise of a document.

use std::collections::BTreeSet;
use std::fmt;

use crate::name::OperationName;
use crate::source::Located;

/// The project's name for a promise, such as `CN-031`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct RequirementId(pub String);

/// What the name of a law begins with where it takes the place of a requirement.
const LAW: &str = "law: ";

impl RequirementId {
    /// The name by which findings and deviations refer to a law: `law: update keeps the rest`.
    pub fn of_law(words: &str) -> Self {
        Self(format!("{LAW}{words}"))
    }

    /// The law that a request as it is documented is answered, and no failure of the server itself. It has no cases of its own:
    /// whatever a step asks for shows it.
    pub fn good_is_answered() -> Self {
        Self::of_law("good is answered")
    }

    /// Whether it is a law, which no document promises.
    pub fn is_law(&self) -> bool {
        self.0.starts_with(LAW)
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for RequirementId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// One promise of a document.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The project's name for it.
    pub id: Located<RequirementId>,
    /// What is promised.
    pub text: String,
    /// Where the document promises it.
    pub source: String,
    /// For which operations.
    pub applies_to: AppliesTo,
    /// The kinds of promise it is, by which scenarios that serve many APIs refer to it.
    pub promises: Vec<Located<String>>,
    /// How sure it is that the document says so.
    pub basis: Basis,
    /// Whether requests can decide it.
    pub standing: Standing,
}

/// The operations a promise is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppliesTo {
    /// All of them.
    All,
    /// These.
    Operations(BTreeSet<OperationName>),
}

impl AppliesTo {
    /// Whether the promise is about an operation.
    pub fn includes(&self, operation: &OperationName) -> bool {
        match self {
            Self::All => true,
            Self::Operations(names) => names.contains(operation),
        }
    }
}

/// How sure it is that the document says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The document says it.
    Documented,
    /// Only an example shows it.
    Example,
    /// It follows from what the document says, or from the public software behind it.
    Inferred,
}

impl Basis {
    /// All of them, with the names that documents give them.
    pub const NAMES: [(&'static str, Self); 3] =
        [("documented", Self::Documented), ("example", Self::Example), ("inferred", Self::Inferred)];
}

/// Whether requests can decide a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They can.
    Testable,
    /// They can't, for this reason.
    Untestable(String),
}
