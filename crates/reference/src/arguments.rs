//! The parameters of a request.

use std::borrow::Cow;

use indexmap::IndexMap;
use percent_encoding::percent_decode_str;

use crate::refusal::ApiError;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// With its parameters in the address.
    Get,
    /// With parameters in a form, too.
    Post,
}

/// A parameter as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Argument {
    written: String,
    value: String,
}

/// The parameters of a request. Their names are looked up in any case; of those sent twice the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments(IndexMap<String, Argument>);

impl Arguments {
    /// Reads `name=value` pairs as a form encodes them.
    pub fn read(encoded: &[&str]) -> Self {
        let mut arguments = Self::default();
        for pair in encoded.iter().flat_map(|text| text.split('&')).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            arguments.insert(decode(name), decode(value));
        }
        arguments
    }

    /// Parameters that no request sent.
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        let mut arguments = Self::default();
        for (name, value) in pairs {
            arguments.insert((*name).to_owned(), (*value).to_owned());
        }
        arguments
    }

    /// The others than these.
    pub fn without(mut self, names: &[String]) -> Self {
        self.0.retain(|name, _| !names.contains(name));
        self
    }

    /// The same with some more, or with other values of them.
    pub fn with(&self, further: Vec<(&'static str, String)>) -> Self {
        let mut arguments = self.clone();
        for (name, value) in further {
            arguments.insert(name.to_owned(), value);
        }
        arguments
    }

    /// Gives a parameter a value.
    pub fn set(&mut self, name: &str, value: String) {
        self.insert(name.to_owned(), value);
    }

    fn insert(&mut self, written: String, value: String) {
        self.0.insert(written.to_lowercase(), Argument { written, value });
    }

    /// The value of a parameter, if it has one: a blank value is none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name.to_lowercase().as_str()).map(|argument| argument.value.as_str()).filter(|v| !v.is_empty())
    }

    /// The value of a parameter that was written exactly so.
    pub fn get_exactly(&self, name: &str) -> Option<&str> {
        let argument = self.0.get(name.to_lowercase().as_str()).filter(|argument| argument.written == name)?;
        Some(argument.value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that the request can't do without.
    pub fn need(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| ApiError::parameter(format!("the parameter {name} is missing")))
    }

    /// Whether a parameter is given, be it as a list or map: `name[0].key`.
    pub fn gives(&self, name: &str) -> bool {
        let prefix = format!("{}[", name.to_lowercase());
        self.get(name).is_some() || self.0.keys().any(|key| key.starts_with(&prefix))
    }

    /// The items of a comma-separated value.
    pub fn items(&self, name: &str) -> Vec<&str> {
        self.get(name).into_iter().flat_map(|value| value.split(',')).map(str::trim).filter(|v| !v.is_empty()).collect()
    }

    /// The entries of a list of maps: `name[0].key`, `name[0].value`, `name[1].key` ... with the number they are under.
    pub fn entries(&self, name: &str) -> IndexMap<String, IndexMap<String, String>> {
        let prefix = format!("{}[", name.to_lowercase());
        let mut entries: IndexMap<String, IndexMap<String, String>> = IndexMap::new();
        for (key, argument) in &self.0 {
            let Some((number, field)) = key.strip_prefix(&prefix).and_then(|rest| rest.split_once("].")) else {
                continue;
            };
            entries.entry(number.to_owned()).or_default().insert(field.to_owned(), argument.value.clone());
        }
        entries
    }

    /// All parameters: the name as it was sent, and the value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.values().map(|argument| (argument.written.as_str(), argument.value.as_str()))
    }
}

/// Decodes one name or value. A plus sign is a space; what is not UTF-8 is replaced.
pub(super) fn decode(encoded: &str) -> String {
    let spaced: Cow<'_, str> =
        if encoded.contains('+') { encoded.replace('+', " ").into() } else { Cow::Borrowed(encoded) };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_the_last_one_counts() {
        let arguments = Arguments::read(&["Name=a+b%2Bc&name=d%20e", "x"]);
        assert_eq!(arguments.get("NAME"), Some("d e"));
        assert_eq!(arguments.get_exactly("Name"), None);
        assert_eq!(arguments.get("x"), None);
        assert!(!arguments.gives("x"));
    }

    #[test]
    fn maps_are_read_by_their_number() {
        let arguments = Arguments::read(&["tags[0].key=role&tags[1].key=x&tags[0].value=web"]);
        let entries = arguments.entries("tags");
        assert_eq!(entries["0"]["value"], "web");
        assert_eq!(entries["1"].len(), 1);
        assert!(arguments.gives("tags"));
    }
}
