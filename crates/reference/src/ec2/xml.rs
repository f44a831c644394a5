//! Answers in XML, as EC2 writes them.

use quick_xml::escape::escape;
use serde_json::{Value, json};

use crate::api::Outgoing;

/// The namespace of the API's version.
const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2012-08-15/";

/// An answer that refuses nothing.
pub fn answer(root: &str, content: &Value, request_id: &str) -> Outgoing {
    let mut body = format!(r#"<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{NAMESPACE}">"#);
    element(&mut body, "requestId", &Value::from(request_id));
    fields(&mut body, content);
    body.push_str(&format!("</{root}>"));
    outgoing(200, body)
}

/// A refusal: its root is the same for every action.
pub fn refusal(status: u16, code: &str, text: &str, request_id: &str) -> Outgoing {
    let content = json!({"Errors": {"Error": {"Code": code, "Message": text}}, "RequestID": request_id});
    let mut body = String::from(r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#);
    fields(&mut body, &content);
    body.push_str("</Response>");
    outgoing(status, body)
}

fn outgoing(status: u16, body: String) -> Outgoing {
    Outgoing { status, content_type: "text/xml;charset=UTF-8", headers: Vec::new(), body }
}

fn fields(out: &mut String, content: &Value) {
    for (name, value) in content.as_object().into_iter().flatten() {
        element(out, name, value);
    }
}

/// An element; a list is its items, each an element of the list's name.
fn element(out: &mut String, name: &str, value: &Value) {
    if let Value::Array(items) = value {
        items.iter().for_each(|item| element(out, name, item));
        return;
    }
    out.push_str(&format!("<{name}>"));
    match value {
        Value::Object(_) => fields(out, value),
        Value::String(text) => out.push_str(&escape(text.replace(is_forbidden, "\u{fffd}"))),
        Value::Null | Value::Array(_) => {}
        Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
    out.push_str(&format!("</{name}>"));
}

/// What XML 1.0 (2.2) can't hold, escaped or not.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_its_own_root_and_a_refusal_the_common_one() {
        let body =
            answer("XResponse", &json!({"set": {"item": [{"id": 1}, {"id": "<"}]}, "none": {"item": []}}), "r").body;
        let expected =
            "<requestId>r</requestId><set><item><id>1</id></item><item><id>&lt;</id></item></set><none></none>";
        assert!(body.ends_with(&format!("{expected}</XResponse>")), "{body}");
        let body = refusal(400, "InvalidAction", "no", "r").body;
        assert!(body.contains("<Response><Errors><Error><Code>InvalidAction</Code>"), "{body}");
    }
}
