//! The parameters of a request. A name may be there several times: so an order can be about several machines, and so the
//! samples send their access key.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What travels as it is besides letters and digits.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Names and values as they were sent, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query.
    pub fn read(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(pairs.map(|(name, value)| (decode(name), decode(value))).collect())
    }

    /// The value of a parameter, the first if it is there several times; a blank value is none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.of(name).find(|value| !value.is_empty())
    }

    /// All values of a parameter that can be plural. How several travel the document does not show: a name that is repeated and
    /// values with commas between are both understood.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for value in self.of(name).flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty()) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    /// Every value of a parameter, as it is there.
    pub fn of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same with the values of a parameter as they travel.
    pub fn with_encoded(&self, name: &str) -> Self {
        let encoded = |(known, value): &(String, String)| {
            let value = if known == name { utf8_percent_encode(value, UNRESERVED).to_string() } else { value.clone() };
            (known.clone(), value)
        };
        Self(self.0.iter().map(encoded).collect())
    }

    /// All names and values, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A plus sign is a space; what is not UTF-8 is replaced.
fn decode(encoded: &str) -> String {
    percent_decode_str(&encoded.replace('+', " ")).decode_utf8_lossy().into_owned()
}
