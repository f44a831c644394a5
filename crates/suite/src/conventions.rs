//! How an API is asked, and in which forms it answers.

use std::fmt;

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
