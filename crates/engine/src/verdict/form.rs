//! What the form of an answer comes to.

use std::borrow::Cow;

use quick_xml::escape::unescape;
use serde_json::Value;

use assay_suite::http::Response;

use super::{Mismatch, clipped};

/// The form of an answer, against the documented one.
#[derive(Default)]
pub(super) struct Form {
    /// What is in the envelope, if it can be read.
    pub value: Option<Value>,
    /// Where the form departs.
    pub departures: Vec<Mismatch>,
    /// Why nothing that is documented can be read in it, though it can be read.
    pub undocumented: Option<Mismatch>,
    /// What no requirement covers.
    pub notices: Vec<String>,
}

/// The status, and what an error's body says.
pub fn status(response: &Response) -> String {
    let reason = error_text(&response.body).map(|text| format!(": {}", clipped(&text))).unwrap_or_default();
    format!("status {}{reason}", response.status)
}

/// The text of an error as the known APIs write it, in JSON or XML.
fn error_text(body: &str) -> Option<String> {
    const FIELDS: [&str; 4] = ["errortext", "error_msg", "message", "error"];
    // What is longer holds no error, and parsing it would fill the memory.
    const LONGEST: usize = 1 << 16;
    if body.len() > LONGEST {
        return None;
    }
    if let Ok(value) = serde_json::from_str::<Value>(body) {
        let within = value.as_object().into_iter().flat_map(serde_json::Map::values);
        let found =
            std::iter::once(&value).chain(within).find_map(|value| FIELDS.iter().find_map(|name| value.get(name)));
        return found.and_then(Value::as_str).map(str::to_owned);
    }
    ["errortext", "Message"].iter().find_map(|name| {
        let (_, rest) = body.split_once(&format!("<{name}>"))?;
        let (text, _) = rest.split_once(&format!("</{name}>"))?;
        Some(unescape(text).map_or_else(|_| text.to_owned(), Cow::into_owned))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_error_is_shown_as_it_is_meant_in_both_formats() {
        let said = |body: &str| error_text(body).unwrap();
        assert_eq!(said(r#"{"a": {"errorcode": 431, "errortext": "can't \"be\""}}"#), "can't \"be\"");
        assert_eq!(said("<a><errortext>can&apos;t &quot;be&quot; &lt; 1</errortext></a>"), "can't \"be\" < 1");
        assert_eq!(said("<a><errortext>neither & nor</errortext></a>"), "neither & nor");
    }
}
