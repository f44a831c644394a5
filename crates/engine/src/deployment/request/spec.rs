//! What is asked for, and why it can't be.

use serde_json::Value;

use crate::scenario::SignatureTrait;
use assay_suite::http::Method;
use assay_suite::{Encoding, Suite};

/// A request as a step wants it.
#[derive(Clone, Debug)]
pub struct RequestSpec<'a> {
    /// The API.
    pub suite: &'a Suite,
    /// The operation's name; it need not be documented. An empty name is left out. In a REST API an operation that is not
    /// documented is a method and a path.
    pub operation: &'a str,
    /// The arguments, in order.
    pub arguments: Vec<(String, Value)>,
    /// Parameters that are not given the credentials which they document.
    pub withheld: &'a [String],
    /// The format asked for; none for the API's default.
    pub format: Option<Encoding>,
    /// The method; none for the documented one.
    pub method: Option<Method>,
    /// Who asks; the main account when nothing is said.
    pub account: Option<&'a str>,
    /// How the signature departs from the plainest good one.
    pub traits: &'a [SignatureTrait],
}

impl<'a> RequestSpec<'a> {
    /// The plainest good request for an operation.
    pub fn plain(suite: &'a Suite, operation: &'a str, format: Option<Encoding>) -> Self {
        let arguments = Vec::new();
        Self { suite, operation, arguments, withheld: &[], format, method: None, account: None, traits: &[] }
    }

    pub(super) fn has(&self, wanted: &SignatureTrait) -> bool {
        self.traits.contains(wanted)
    }
}

/// Why a target can't be asked.
#[derive(Debug, thiserror::Error)]
pub enum RequestSpecError {
    /// It has no address for the suite.
    #[error("target {target} says nothing of suite {suite}: give it a url and keys under `suites`")]
    NoService {
        /// The target.
        target: String,
        /// The suite.
        suite: String,
    },
    /// It has no such account.
    #[error("target {target} has no account `{account}`: give it keys under `suites.{suite}.accounts`")]
    NoAccount {
        /// The target.
        target: String,
        /// The suite.
        suite: String,
        /// The account.
        account: String,
    },
    /// A path needs a parameter that has no value.
    #[error("the path of {operation} needs `{parameter}`: give it under `with`")]
    NoPath {
        /// The operation.
        operation: String,
        /// The parameter.
        parameter: String,
    },
    /// What a path needs would lead to another resource.
    #[error("without a value of `{parameter}` the path of {operation} is that of another resource: nothing was sent")]
    OtherPath {
        /// The operation.
        operation: String,
        /// The parameter.
        parameter: String,
    },
    /// An operation of a REST API is neither documented nor a method and a path.
    #[error("there is no operation `{0}`: write one that is documented, or a method and a path such as GET /v1/none")]
    NoOperation(String),
    /// An answer gave an address of another server, which has no part in the run.
    #[error("the answer leads to another server, {host}: a run asks its target alone, and nothing was sent")]
    OtherHost {
        /// That server.
        host: String,
    },
    /// What it says can't travel by HTTP.
    #[error("the request can't be written: a header or the address holds what HTTP does not allow there")]
    Unsendable,
}
