//! Parts of an address.

use serde_json::Value;

use crate::deployment::signing::encode_unreserved;
use assay_suite::plain;

use super::spec::{RequestSpec, RequestSpecError};

/// A part of a path. A blank one, or one of dots, addresses another resource (RFC 3986, 3.3 and 5.2.4), of which no document
/// says anything; and the resource around it may be the whole collection. It is not sent.
pub(super) fn part(ask: &RequestSpec<'_>, name: &str, value: &Value) -> Result<String, RequestSpecError> {
    let text = plain(value);
    if text.trim().is_empty() || text == "." || text == ".." || value.is_object() || value.is_null() {
        return Err(RequestSpecError::OtherPath { operation: ask.operation.to_owned(), parameter: name.to_owned() });
    }
    Ok(encode_unreserved(&text))
}

pub(super) fn url(base: &str, path: &str, query: &[(String, String)]) -> String {
    let mut address = format!("{}{path}", base.trim_end_matches('/'));
    let encode = encode_unreserved;
    let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    if !pairs.is_empty() {
        address = format!("{address}?{}", pairs.join("&"));
    }
    address
}
