//! Answers in XML.

use std::borrow::Cow;

use quick_xml::escape::escape;
use serde_json::Value;

use crate::policy::{Blanks, EmptyItems, Policy, Version};
use crate::world::Fields;

use super::draft::{Draft, Escaping};

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// The document whose first element is the envelope.
pub fn write(draft: &Draft, policy: &Policy) -> String {
    let writing = Writing { blanks: policy.blanks, empty_items: policy.empty_items, escaping: draft.escaping };
    let mut out = String::from(DECLARATION);
    out.push('<');
    out.push_str(&draft.envelope);
    if draft.version == Version::Shown {
        out.push_str(r#" cloud-stack-version="4.1.0""#);
    }
    out.push('>');
    writing.fields(&mut out, &draft.content);
    close(&mut out, &draft.envelope);
    out
}

#[derive(Clone, Copy)]
struct Writing {
    blanks: Blanks,
    empty_items: EmptyItems,
    escaping: Escaping,
}

impl Writing {
    fn fields(self, out: &mut String, fields: &Fields) {
        for (name, value) in fields {
            self.element(out, name, value);
        }
    }

    /// A list is its items, each an element of the list's name.
    fn element(self, out: &mut String, name: &str, value: &Value) {
        match value {
            Value::Array(items) if items.is_empty() && self.empty_items == EmptyItems::Placeholder => {
                self.text(out, name, "");
            }
            Value::Array(items) => items.iter().for_each(|item| self.element(out, name, item)),
            Value::Object(fields) => {
                open(out, name);
                self.fields(out, fields);
                close(out, name);
            }
            Value::Null => self.text(out, name, ""),
            Value::String(text) => self.text(out, name, text),
            Value::Bool(_) | Value::Number(_) => self.text(out, name, &value.to_string()),
        }
    }

    fn text(self, out: &mut String, name: &str, text: &str) {
        if text.is_empty() && self.blanks == Blanks::LeftOut {
            return;
        }
        open(out, name);
        let allowed = allowed(text);
        match self.escaping {
            Escaping::Done => out.push_str(&escape(allowed)),
            Escaping::Forgotten => out.push_str(&allowed),
        }
        close(out, name);
    }
}

fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// The text without the characters that XML 1.0 (2.2) can't hold, escaped or not.
fn allowed(text: &str) -> Cow<'_, str> {
    let forbidden =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(forbidden) { Cow::Owned(text.replace(forbidden, "\u{fffd}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::Behaviour;
    use crate::resource::fields;
    use assay_suite::Encoding;

    fn written(content: Value, behaviour: Behaviour) -> String {
        let draft = Draft {
            status: 200,
            encoding: Encoding::Xml,
            escaping: Escaping::Done,
            version: Policy::of(behaviour).version,
            envelope: "r".into(),
            content: fields(content),
        };
        write(&draft, &Policy::of(behaviour)).trim_start_matches(DECLARATION).to_owned()
    }

    #[test]
    fn lists_are_repeated_elements() {
        let document = written(json!({"count": 2, "zone": [{"id": 1}, {"id": 2}], "tags": []}), Behaviour::Documented);
        assert_eq!(document, "<r><count>2</count><zone><id>1</id></zone><zone><id>2</id></zone></r>");
    }

    #[test]
    fn blank_fields_are_empty_elements() {
        let content = json!({"a": "", "b": null});
        assert_eq!(written(content.clone(), Behaviour::Documented), "<r><a></a><b></b></r>");
        assert_eq!(written(content, Behaviour::CloudStack41), r#"<r cloud-stack-version="4.1.0"></r>"#);
    }

    #[test]
    fn reserved_characters_are_escaped_and_forbidden_ones_replaced() {
        let document = written(json!({"a": "<&\u{1}>\u{ffff}"}), Behaviour::Documented);
        assert_eq!(document, "<r><a>&lt;&amp;\u{fffd}&gt;\u{fffd}</a></r>");
    }
}
