//! From the bytes of an answer to one value, whatever it was written in.

mod unambiguous;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use assay_schema::Shape;
use assay_suite::{Encoding, Envelope};

use unambiguous::Unambiguous;

/// An answer, taken out of its envelope.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The name of the element or key around it; none where JSON has nothing around it.
    pub envelope: Option<String>,
    /// What is in it.
    pub value: Value,
}

/// Why a body can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Malformed {
    reason: String,
    /// Whose fault that is.
    pub fault: Fault,
}

/// Whose fault it is that a body can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The answer's: it is not what it has to be.
    Answer,
    /// The reader's: it may be good, but is not read here.
    Reader,
}

impl Malformed {
    /// For this reason.
    pub fn new(reason: String) -> Self {
        Self { reason, fault: Fault::Answer }
    }

    /// A good reader would read it, perhaps.
    pub(super) fn not_read(reason: String) -> Self {
        Self { reason, fault: Fault::Reader }
    }
}

/// Elements within elements beyond this depth are refused.
const DEEPEST: usize = 100;
/// Answers of more values than this are refused: in memory each takes many times the room of its text.
const MOST_VALUES: usize = 100_000;

/// Said of an answer that would have to be put together first.
const OWN_ENTITIES: &str = "the body has entities of its own (XML 1.0, 4.2), which are not read";

fn too_many() -> Malformed {
    Malformed::new(format!("the body has more than {MOST_VALUES} values, which no documented answer has"))
}

/// Reads a body. In XML, `shape` distinguishes numbers from text and lists from single elements; blank elements are left out, as
/// JSON leaves out blank fields.
///
/// `wrapped` says whether JSON is in an envelope; XML always has its root.
pub fn decode(body: &str, encoding: Encoding, wrapped: &Envelope, shape: &Shape<'_>) -> Result<Answer, Malformed> {
    if body.trim().is_empty() {
        if *wrapped == Envelope::None {
            return Ok(Answer { envelope: None, value: Value::Null });
        }
        return Err(Malformed::new("the body is empty".to_owned()));
    }
    match encoding {
        Encoding::Json => decode_json(body, wrapped),
        Encoding::Xml => decode_xml(body, shape),
    }
}

fn decode_json(body: &str, wrapped: &Envelope) -> Result<Answer, Malformed> {
    if values(body) > MOST_VALUES {
        return Err(too_many());
    }
    let Unambiguous(value) = serde_json::from_str(body).map_err(|error| {
        Malformed::new(if error.is_data() {
            format!("the JSON contradicts itself: {error}")
        } else {
            format!("the body is not JSON: {error}; {}", nature(body))
        })
    })?;
    if *wrapped == Envelope::None {
        return Ok(Answer { envelope: None, value });
    }
    match value {
        Value::Object(fields) if fields.len() == 1 => match fields.into_iter().next() {
            Some((envelope, value)) => Ok(Answer { envelope: Some(envelope), value }),
            None => Err(Malformed::new("the JSON object is empty".to_owned())),
        },
        Value::Object(fields) => Err(Malformed::new(format!(
            "the JSON object has {} fields where one, the envelope, is documented",
            fields.len()
        ))),
        _ => Err(Malformed::new("the JSON is not an object".to_owned())),
    }
}

/// How many values JSON has at most: one for each mark outside of texts that begins or parts them.
fn values(json: &str) -> usize {
    let (mut values, mut within_text, mut escaped) = (1, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = within_text,
            b'"' => within_text = !within_text,
            b',' | b'[' | b'{' if !within_text => values += 1,
            _ => {}
        }
    }
    values
}

/// What a body that can't be read looks like.
fn nature(body: &str) -> String {
    let start = body.trim_start();
    let lower: String = start.chars().take(15).collect::<String>().to_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return "it is an HTML page: is this the address of an API?".to_owned();
    }
    if start.starts_with('<') {
        return "it looks like XML".to_owned();
    }
    if start.starts_with('{') {
        return "it begins like JSON".to_owned();
    }
    let head: String = start.chars().take(40).collect();
    format!("it begins with {head:?}")
}

/// An element, before its shape is known.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

fn decode_xml(body: &str, shape: &Shape<'_>) -> Result<Answer, Malformed> {
    let root = parse(body)?;
    if root.name.eq_ignore_ascii_case("html") {
        return Err(Malformed::new(format!("the body is no answer of an API: {}", nature(body))));
    }
    let value = value(&root, shape).unwrap_or_else(|| Value::Object(Map::new()));
    Ok(Answer { envelope: Some(root.name), value })
}

fn parse(body: &str) -> Result<Element, Malformed> {
    let mut reader = Reader::from_str(body);
    let mut open: Vec<Element> = Vec::new();
    let (mut elements, mut declares) = (0, false);
    let refuse = |why: String| Malformed::new(format!("the body is not XML: {why}; {}", nature(body)));
    loop {
        let event = reader.read_event().map_err(|error| refuse(error.to_string()))?;
        elements += usize::from(matches!(event, Event::Start(_) | Event::Empty(_)));
        if elements > MOST_VALUES {
            return Err(too_many());
        }
        match event {
            Event::Start(start) => {
                if open.len() >= DEEPEST {
                    return Err(Malformed::new(format!("the XML is more than {DEEPEST} elements deep")));
                }
                open.push(Element::named(local(start.name().as_ref())));
            }
            Event::Empty(empty) => {
                let element = Element::named(local(empty.name().as_ref()));
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return only(element, &mut reader, body),
                }
            }
            Event::End(_) => {
                let Some(element) = open.pop() else { return Err(refuse("an element ends that never began".into())) };
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return only(element, &mut reader, body),
                }
            }
            Event::Text(text) if open.is_empty() => {
                if !text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}').is_empty()
                {
                    return Err(refuse("there is text before its root".into()));
                }
            }
            Event::Text(text) => append(&mut open, &text.xml10_content()),
            Event::CData(text) => append(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => match resolve(&reference) {
                Some(resolved) => append(&mut open, &resolved),
                // Entities of a document's own are never expanded: that is how a short answer becomes an endless one.
                None if declares => return Err(Malformed::not_read(OWN_ENTITIES.to_owned())),
                None => return Err(refuse("an entity that XML does not define".into())),
            },
            Event::DocType(_) => declares = true,
            Event::Eof => return Err(refuse("it ends before its elements do".into())),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

/// The name of an element without the prefix of its namespace (Namespaces in XML 1.0, 6.1).
pub(super) fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// The root, if nothing but white space and comments follows it.
fn only(root: Element, reader: &mut Reader<&[u8]>, body: &str) -> Result<Element, Malformed> {
    let refuse = |why: String| Malformed::new(format!("the body is not XML: {why}; {}", nature(body)));
    loop {
        match reader.read_event().map_err(|error| refuse(error.to_string()))? {
            Event::Eof => return Ok(root),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Text(text) if text.trim().is_empty() => {}
            _ => return Err(refuse("something follows its root".into())),
        }
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned)
}

/// The value of an element; none if it is blank.
fn value(element: &Element, shape: &Shape<'_>) -> Option<Value> {
    if !element.children.is_empty() {
        return Some(Value::Object(fields(element, shape)));
    }
    let text = element.text.as_str();
    if text.trim().is_empty() {
        return None;
    }
    Some(shape.value_of(text))
}

fn fields(element: &Element, shape: &Shape<'_>) -> Map<String, Value> {
    let mut fields = Map::new();
    for child in &element.children {
        let known = shape.property(&child.name);
        let is_list = known.as_ref().is_some_and(Shape::is_list);
        let unknown = shape.items();
        let shape = match &known {
            Some(shape) if is_list => {
                let place = fields.get(&child.name).and_then(Value::as_array).map_or(0, Vec::len);
                shape.item(place)
            }
            Some(shape) => shape.clone(),
            None => unknown,
        };
        let value = value(child, &shape);
        if is_list {
            let list = fields.entry(child.name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            if let Some((items, value)) = list.as_array_mut().zip(value) {
                items.push(value);
            }
        } else if let Some(value) = value {
            add(&mut fields, &child.name, value);
        }
    }
    fields
}

/// A second element of a name that no schema calls a list makes a list of both.
fn add(fields: &mut Map<String, Value>, name: &str, value: Value) {
    match fields.get_mut(name) {
        None => {
            fields.insert(name.to_owned(), value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use assay_schema::Schemas;
    use assay_suite::source::{Diagnostics, Documents, SourceFile};

    fn decoded(body: &str, encoding: Encoding) -> Result<Answer, Malformed> {
        let schema = r#"{"properties": {"count": {"type": "integer"}, "zone": {"type": "array", "items": {
            "properties": {"open": {"type": "boolean"}, "tags": {"type": "array", "items": {"type": "object"}}}}}}}"#;
        let mut documents = Documents::default();
        documents.insert(SourceFile::new("schemas/x/list.json", schema));
        let schemas = Schemas::read(&documents, &mut Diagnostics::new());
        decode(body, encoding, &Envelope::Named("r".into()), &schemas.shape("x/list.json"))
    }

    #[test]
    fn xml_and_json_become_the_same_value() {
        let json = r#"{"r": {"count": 1, "zone": [{"name": "a & b", "open": true, "tags": []}]}}"#;
        let xml = "<?xml version='1.0'?><r cloud-stack-version='3'><count>1</count>\n<zone><name>a &amp; b</name>\
                   <open>true</open><tags/><gone></gone></zone></r>";
        assert_eq!(decoded(json, Encoding::Json), decoded(xml, Encoding::Xml));
    }

    #[test]
    fn xml_is_the_same_whatever_is_around_it() {
        let plain = decoded("<r><count>12</count><zone><name>a</name></zone></r>", Encoding::Xml).unwrap();
        for same in [
            "<!DOCTYPE r><r><count>12</count><zone><name>a</name></zone></r>",
            "<!DOCTYPE r SYSTEM 'http://127.0.0.1:1/r.dtd'><r><count>12</count><zone><name>a</name></zone></r>",
            "<!DOCTYPE r [<!ELEMENT r ANY>]><r><count>12</count><zone><name>a</name></zone></r>",
            "<s:r xmlns:s='urn:x'><s:count>12</s:count><s:zone><s:name>a</s:name></s:zone></s:r>",
            "<r xmlns='urn:x' version='1'><count unit='n'>12</count><zone><name><![CDATA[a]]></name></zone></r>",
            "<?xml version='1.0'?><!-- a --><?pi b?><r><count>1<!-- c -->2</count><zone><name>&#97;</name></zone></r><!-- d -->",
            "\u{feff}<r>\n  <count> 12 </count>\n  <zone><name>a</name></zone>\n</r>\n",
        ] {
            assert_eq!(decoded(same, Encoding::Xml), Ok(plain.clone()), "{same}");
        }
        assert!(decoded("x<r/>", Encoding::Xml).unwrap_err().to_string().contains("before its root"));
    }

    #[test]
    fn numbers_keep_all_of_their_digits() {
        for digits in ["9007199254740993", "-9007199254740993", "18446744073709551615", "1.5"] {
            let json = decoded(&format!("{{\"r\": {{\"count\": {digits}}}}}"), Encoding::Json).unwrap();
            let xml = decoded(&format!("<r><count>{digits}</count></r>"), Encoding::Xml).unwrap();
            assert_eq!(json.value["count"].to_string(), digits);
            assert_eq!(json, xml);
        }
    }

    #[test]
    fn text_in_a_number_stays_text_for_the_schema_to_refuse() {
        let answer = decoded("<r><count>many</count></r>", Encoding::Xml).unwrap();
        assert_eq!(answer.value, json!({"count": "many"}));
    }

    #[test]
    fn what_is_not_an_answer_is_called_what_it_is() {
        let message = |body, encoding| decoded(body, encoding).unwrap_err().to_string();
        assert!(message("", Encoding::Json).contains("empty"));
        assert!(message("<!DOCTYPE html><html></html>", Encoding::Json).contains("HTML page"));
        assert!(message("<r/>", Encoding::Json).contains("looks like XML"));
        assert!(message("{\"r\": {}}", Encoding::Xml).contains("begins like JSON"));
        assert!(message("<r><a></r>", Encoding::Xml).contains("not XML"));
        assert!(message("<r><a>", Encoding::Xml).contains("ends before"));
        assert!(message("<r/><s/>", Encoding::Xml).contains("follows its root"));
        assert!(message("{\"a\": 1, \"b\": 2}", Encoding::Json).contains("2 fields"));
        assert!(message("{\"r\": {\"id\": 1, \"id\": 2}}", Encoding::Json).contains("\"id\" is there twice"));
    }

    #[test]
    fn entities_and_depth_do_no_harm() {
        let bomb = "<!DOCTYPE r [<!ENTITY a 'aaaa'>]><r>&a;</r>";
        let refused = decoded(bomb, Encoding::Xml).unwrap_err();
        assert!(refused.to_string().contains("entities of its own") && refused.fault == Fault::Reader, "{refused}");
        assert!(decoded("<r>&a;</r>", Encoding::Xml).unwrap_err().to_string().contains("entity"));
        let deep = "<a>".repeat(100_000);
        assert!(decoded(&deep, Encoding::Xml).unwrap_err().to_string().contains("deep"));
        let deep = "[".repeat(100_000);
        assert!(decoded(&deep, Encoding::Json).is_err());
    }

    #[test]
    fn more_values_than_any_answer_has_are_not_read() {
        let wide = format!("{{\"r\": {{\"zone\": [{}0]}}}}", "0,".repeat(MOST_VALUES));
        assert!(decoded(&wide, Encoding::Json).unwrap_err().to_string().contains("more than 100000 values"));
        let wide = format!("<r>{}</r>", "<a/>".repeat(MOST_VALUES));
        assert!(decoded(&wide, Encoding::Xml).unwrap_err().to_string().contains("more than 100000 values"));
        let long = format!("{{\"r\": {{\"text\": \"{}\\\"\"}}}}", ",[{".repeat(MOST_VALUES));
        assert!(decoded(&long, Encoding::Json).is_ok(), "what is in a text is no value");
    }
}
