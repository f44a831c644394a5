//! Documents as values of Rust types: what serde derives, and the place of each mistake.

use std::fmt;

use assay_suite::source::{Diagnostic, Diagnostics, Located, Node, NodeKind, Place, closest};
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// What a node holds, unless it has a mistake.
pub fn read<T: DeserializeOwned>(node: &Node, mistakes: &mut Diagnostics) -> Option<T> {
    T::deserialize(At(node)).map_err(|mistake| mistakes.add(mistake.at(&node.place).diagnostic())).ok()
}

/// What is wrong, and where, as soon as that is known.
#[derive(Debug)]
struct Mistake {
    place: Option<Place>,
    message: String,
    help: String,
}

impl Mistake {
    /// The innermost place counts.
    fn at(mut self, place: &Place) -> Self {
        self.place.get_or_insert_with(|| place.clone());
        self
    }

    fn diagnostic(self) -> Diagnostic {
        let mistake = match &self.place {
            Some(place) => Diagnostic::error(place, self.message),
            None => Diagnostic::error_anywhere(self.message),
        };
        mistake.help(self.help)
    }

    fn unknown(message: String, name: &str, known: &[&str]) -> Self {
        let help = match closest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of: {}", known.join(", ")),
        };
        Self { place: None, message, help }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

impl Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { place: None, message: message.to_string(), help: "write what belongs here".to_owned() }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown(format!("there is no field `{field}` here"), field, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown(format!("this can't be `{variant}`"), variant, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self { place: None, message: format!("`{field}` is missing"), help: format!("add `{field}: ...`") }
    }
}

/// A value to be read.
#[derive(Clone, Copy)]
struct At<'a>(&'a Node);

/// A key to be read.
struct Key<'a>(&'a Located<String>);

impl<'de> IntoDeserializer<'de, Mistake> for At<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> IntoDeserializer<'de, Mistake> for Key<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_borrowed_str(&self.0.value).map_err(|mistake: Mistake| mistake.at(&self.0.place))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let text = BorrowedStrDeserializer::<Mistake>::new(&self.0.value);
        text.deserialize_enum(name, variants, visitor).map_err(|mistake| mistake.at(&self.0.place))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> At<'de> {
    fn entries(
        entries: &'de [(Located<String>, Node)],
    ) -> MapDeserializer<'de, impl Iterator<Item = (Key<'de>, Self)>, Mistake> {
        MapDeserializer::new(entries.iter().map(|(key, value)| (Key(key), At(value))))
    }
}

impl<'de> Deserializer<'de> for At<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let read = match &self.0.kind {
            NodeKind::Null => visitor.visit_unit(),
            NodeKind::Boolean(value) => visitor.visit_bool(*value),
            NodeKind::Integer(value) => visitor.visit_i64(*value),
            NodeKind::Number(value) => visitor.visit_f64(*value),
            NodeKind::Text(text) => visitor.visit_borrowed_str(text),
            NodeKind::List(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(At))),
            NodeKind::Map(entries) => visitor.visit_map(Self::entries(entries)),
        };
        read.map_err(|mistake: Mistake| mistake.at(&self.0.place))
    }

    /// A value alone is a list of one.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let items = SeqDeserializer::new(self.0.one_or_many().iter().map(At));
        visitor.visit_seq(items).map_err(|mistake: Mistake| mistake.at(&self.0.place))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        if matches!(self.0.kind, NodeKind::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self).map_err(|mistake: Mistake| mistake.at(&self.0.place))
    }

    /// A word, or a mapping of one word to what belongs to it.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let read = match &self.0.kind {
            NodeKind::Text(text) => {
                BorrowedStrDeserializer::<Mistake>::new(text).deserialize_enum(name, variants, visitor)
            }
            _ => MapAccessDeserializer::new(Self::entries(self.0.pairs())).deserialize_enum(name, variants, visitor),
        };
        read.map_err(|mistake| mistake.at(&self.0.place))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use assay_suite::source::SourceFile;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum State {
        Running,
        GoneAfter(u8),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Machine {
        name: String,
        disks: Vec<u64>,
        state: State,
        #[serde(default)]
        note: Option<String>,
    }

    fn read_text(text: &str) -> Result<Machine, String> {
        let mut mistakes = Diagnostics::new();
        let node = Node::parse(&SourceFile::new("m.yaml", text)).unwrap();
        read(&node, &mut mistakes).ok_or_else(|| crate::data::tests::written(&mistakes))
    }

    #[test]
    fn values_are_read_as_their_types_say() {
        let machine = read_text("name: web\ndisks: 5\nstate: {gone-after: 3}\n").unwrap();
        let expected = Machine { name: "web".into(), disks: vec![5], state: State::GoneAfter(3), note: None };
        assert_eq!(machine, expected);
        assert_eq!(read_text("{name: w, disks: [], state: running, note: null}").unwrap().state, State::Running);
    }

    #[test]
    fn a_mistake_is_shown_where_it_is() {
        for (text, parts) in [
            ("name: w\ndiscs: 5\nstate: running\n", ["m.yaml:2:1", "did you mean `disks`?"]),
            ("name: w\ndisks: 5\nstate: runing\n", ["m.yaml:3:8", "did you mean `running`?"]),
            ("name: w\ndisks: [5, six]\nstate: running\n", ["m.yaml:2:12", "expected u64"]),
            ("name: w\ndisks: 5\n", ["m.yaml:1:1", "`state` is missing"]),
        ] {
            let shown = read_text(text).unwrap_err();
            assert!(parts.iter().all(|part| shown.contains(part)), "{shown}");
        }
    }
}
