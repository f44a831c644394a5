//! What the YAML library reads, and where it says that each value is.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::file::SourceFile;
use super::node::{Node, NodeKind};
use super::place::{Located, Place, byte_offset};

/// Where the library says that something is.
pub(super) fn place(location: serde_saphyr::Location, file: &Arc<SourceFile>) -> Place {
    let line = u32::try_from(location.line()).unwrap_or(1).max(1);
    let column = u32::try_from(location.column()).unwrap_or(1).max(1);
    let known = location.span().byte_offset().and_then(|offset| usize::try_from(offset).ok());
    let start = known
        .filter(|offset| file.text.is_char_boundary(*offset))
        .unwrap_or_else(|| byte_offset(&file.text, line, column));
    let length = location.span().byte_len().map_or(1, |length| usize::try_from(length).unwrap_or(1));
    let end = (start..=file.text.len()).find(|end| *end >= start + length && file.text.is_char_boundary(*end));
    Place { file: Arc::clone(file), line, column, bytes: start..end.unwrap_or(file.text.len()) }
}

pub(super) fn locate(raw: Spanned<Raw>, file: &Arc<SourceFile>) -> Node {
    let written = place(raw.defined, file).bytes;
    let place = place(raw.referenced, file);
    let kind = match raw.value {
        Raw::Null => NodeKind::Null,
        Raw::Boolean(value) => NodeKind::Boolean(value),
        Raw::Integer(value) => NodeKind::Integer(value),
        Raw::Number(value) => NodeKind::Number(value),
        Raw::Text(text) => NodeKind::Text(text),
        Raw::List(items) => NodeKind::List(items.into_iter().map(|item| locate(item, file)).collect()),
        Raw::Map(entries) => NodeKind::Map(entries.into_iter().map(|(key, value)| entry(key, value, file)).collect()),
    };
    Node { kind, place, written }
}

fn entry(key: Spanned<String>, value: Spanned<Raw>, file: &Arc<SourceFile>) -> (Located<String>, Node) {
    let key = Located { place: place(key.referenced, file), value: key.value };
    (key, locate(value, file))
}

/// What the YAML library hands over, before places are resolved.
pub(super) enum Raw {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        // Beyond 63 bits the digits are taken from the file.
        #[allow(clippy::cast_precision_loss, reason = "no more than a kind is taken from it")]
        Ok(i64::try_from(value).map_or(Raw::Number(value as f64), Raw::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}
