//! A look at an answer that is quick enough for every answer under load: whether it is whole, and in the right envelope.

use std::fmt;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use assay_suite::Encoding;

use super::Malformed;
use super::decode::local;

/// Looks at a body: it is whole JSON or XML, and what is around it has one of these names. No names mean no
/// envelope: JSON may then begin with anything, XML with any element, and nothing at all is an answer too.
pub fn glance(body: &[u8], encoding: Encoding, envelopes: &[String]) -> Result<(), Malformed> {
    if envelopes.is_empty() && body.trim_ascii().is_empty() {
        return Ok(());
    }
    match encoding {
        Encoding::Json => glance_at_json(body, envelopes),
        Encoding::Xml => glance_at_xml(body, envelopes),
    }
}

fn glance_at_json(body: &[u8], envelopes: &[String]) -> Result<(), Malformed> {
    let refused = |error: serde_json::Error| Malformed::new(format!("the body is not the documented JSON: {error}"));
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    if envelopes.is_empty() {
        deserializer.deserialize_ignored_any(IgnoredAny).map_err(refused)?;
    } else {
        deserializer.deserialize_map(Enveloped(envelopes)).map_err(refused)?;
    }
    deserializer.end().map_err(refused)
}

/// Expects one field with one of these names, and anything in it.
struct Enveloped<'a>(&'a [String]);

impl<'de> Visitor<'de> for Enveloped<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the one field {}", self.0.join(" or "))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        use serde::de::Error as _;
        let name: Option<std::borrow::Cow<'_, str>> = fields.next_key()?;
        match name {
            Some(name) if self.0.iter().any(|known| *known == *name) => {
                fields.next_value::<IgnoredAny>()?;
            }
            Some(name) => return Err(A::Error::custom(format!("the envelope is {name}, not {}", self.0.join(" or ")))),
            None => return Err(A::Error::custom("the object is empty")),
        }
        match fields.next_key::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::custom("there is more than the envelope")),
        }
    }
}

fn glance_at_xml(body: &[u8], envelopes: &[String]) -> Result<(), Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::new("the body is not UTF-8".to_owned()))?;
    let refused = |why: String| Malformed::new(format!("the body is not the documented XML: {why}"));
    let mut reader = Reader::from_str(text);
    let (mut depth, mut root) = (0_usize, None);
    loop {
        match reader.read_event().map_err(|error| refused(error.to_string()))? {
            Event::Start(start) => {
                if depth == 0 {
                    enter(&mut root, local(start.name().as_ref()), envelopes).map_err(refused)?;
                }
                depth += 1;
            }
            Event::Empty(empty) if depth == 0 => {
                enter(&mut root, local(empty.name().as_ref()), envelopes).map_err(refused)?;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if root.is_none() => return Err(refused("there is no element".into())),
            Event::Eof if depth > 0 => return Err(refused("it ends before its elements do".into())),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Notes the outermost element, of which there is one.
fn enter(root: &mut Option<()>, name: &str, envelopes: &[String]) -> Result<(), String> {
    if root.replace(()).is_some() {
        return Err("there are two outermost elements".to_owned());
    }
    if envelopes.is_empty() || envelopes.iter().any(|known| known == name) {
        return Ok(());
    }
    Err(format!("the envelope is {name}, not {}", envelopes.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["listzonesresponse".to_owned()]
    }

    #[test]
    fn a_whole_answer_in_its_envelope_passes() {
        let json = br#" {"listzonesresponse": {"count": 1, "zone": [{"id": "a"}]}} "#;
        assert_eq!(glance(json, Encoding::Json, &names()), Ok(()));
        assert_eq!(glance(b"[1]", Encoding::Json, &[]), Ok(()));
        assert_eq!(glance(b"", Encoding::Json, &[]), Ok(()));
        let xml = b"<?xml version=\"1.0\"?><listzonesresponse><zone><id>a</id></zone></listzonesresponse>";
        assert_eq!(glance(xml, Encoding::Xml, &names()), Ok(()));
        assert_eq!(glance(b"<listzonesresponse/>", Encoding::Xml, &names()), Ok(()));
        assert_eq!(glance(b"<!DOCTYPE a><a:listzonesresponse xmlns:a='b'/>", Encoding::Xml, &names()), Ok(()));
    }

    #[test]
    fn what_is_cut_off_wrapped_otherwise_or_something_else_does_not() {
        for json in [
            r#"{"listzonesresponse": {"count": 1"#,
            r#"{"errorresponse": {}}"#,
            r#"{"listzonesresponse": {}, "more": 1}"#,
            r#"{"listzonesresponse": {}} x"#,
            "{}",
            "[]",
            "",
            "<html/>",
        ] {
            assert!(glance(json.as_bytes(), Encoding::Json, &names()).is_err(), "{json}");
        }
        for xml in [
            "<listzonesresponse><zone>",
            "<other/>",
            "<listzonesresponse/><listzonesresponse/>",
            "",
            "{}",
            "<listzonesresponse></zone>",
        ] {
            assert!(glance(xml.as_bytes(), Encoding::Xml, &names()).is_err(), "{xml}");
        }
    }
}
