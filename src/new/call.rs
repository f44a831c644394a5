//! A recorded request as a call of an operation.

use serde_json::Value;

use assay_suite::Operation;

/// A request as a call of an operation.
#[derive(Clone, Debug)]
pub(super) struct Call<'s> {
    pub operation: &'s Operation,
    pub arguments: Vec<(String, Value)>,
    /// What the request had and the operation does not document.
    pub unknown: Vec<String>,
    /// What says who asks.
    pub credentials: Vec<String>,
}
