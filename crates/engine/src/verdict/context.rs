//! What was asked, for judging its answer.

use serde_json::Value;

use assay_schema::Schemas;
use assay_suite::{Encoding, Suite};

/// What was asked, as far as it matters to the answer.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'a> {
    /// The API.
    pub suite: &'a Suite,
    /// Its schemas.
    pub schemas: &'a Schemas,
    /// The operation's name.
    pub operation: &'a str,
    /// The arguments that the request gave it.
    pub said: &'a [(String, Value)],
    /// The format that the answer must have.
    pub format: Encoding,
    /// The path of the schema of a job's outcome, when a job is asked about and its operation known.
    pub result_schema: Option<&'a str>,
}
