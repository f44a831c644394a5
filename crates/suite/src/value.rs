//! Values of requests and answers: what a variable is called, and how a value is written.

use std::fmt;

use serde_json::Value;

use crate::source::{Diagnostic, Diagnostics, Located};

/// The name of a variable, without its `$`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Variable(pub String);

/// What the name begins with of what a case is given for a second thing.
const OTHER: &str = "other_";
/// What the name begins with of a job that its call awaits. No document can write it.
const OWN_JOB: &str = "job of the ";

impl Variable {
    /// A short name that no other case, and no other request, of any run has.
    pub fn unique() -> Self {
        Self("unique".to_owned())
    }

    /// A number from 10,000 to 59,999 that hardly any other case has: a port, or an id that must be a number.
    pub fn unique_number() -> Self {
        Self("unique_number".to_owned())
    }

    /// Two parts of an IPv4 address, such as `17.203`, that hardly any other case has.
    pub fn unique_octets() -> Self {
        Self("unique_octets".to_owned())
    }

    /// The number of a VLAN, from 1000 to 3999, that no other case has while there are enough.
    pub fn unique_vlan() -> Self {
        Self("unique_vlan".to_owned())
    }

    /// All that a case is given of its own: each of them twice.
    #[expect(clippy::many_single_char_names, reason = "twice four in one of eight")]
    pub fn of_a_case() -> [Self; 8] {
        let one = [Self::unique(), Self::unique_number(), Self::unique_octets(), Self::unique_vlan()];
        let other = one.each_ref().map(|name| Self(format!("{OTHER}{}", name.0)));
        let ([a, b, c, d], [e, f, g, h]) = (one, other);
        [a, b, c, d, e, f, g, h]
    }

    /// What means the second of two, where this is what a case is given of its own: `$other_unique` next to `$unique`.
    pub fn sibling(&self) -> Option<Self> {
        let other = Self(format!("{OTHER}{}", self.0));
        Self::of_a_case().contains(&other).then_some(other)
    }

    /// The id of a job that its call awaits: between the two nothing else has this name. Only the steps of a fixture can come
    /// there, so a fixture, which is told by the first variable that it provides, has a name of its own.
    pub fn own_job(fixture: Option<&Self>) -> Self {
        Self(fixture.map_or_else(|| format!("{OWN_JOB}step"), |provided| format!("{OWN_JOB}fixture of {provided}")))
    }

    /// Whether it is the id of a job that its call awaits.
    pub fn is_own_job(&self) -> bool {
        self.0.starts_with(OWN_JOB)
    }
}

impl Variable {
    /// Reads a name as it can be after `$`.
    pub fn read(name: &Located<String>, mistakes: &mut Diagnostics) -> Option<Located<Self>> {
        if Self::is_name(&name.value) {
            return Some(name.clone().map(Self));
        }
        let mistake = Diagnostic::error(&name.place, format!("a variable can't be called `{}`", name.value));
        mistakes.add(mistake.help("begin with a lower-case letter, and go on with letters, digits and _"));
        None
    }

    /// Whether a text is the name of a variable.
    pub fn is_name(text: &str) -> bool {
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        begins && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.0)
    }
}

/// A value as it travels in a query: text without quotes, a list as its items with commas between.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// What is under a name, of which an empty one is that of the value itself; a dot in it leads into an object, unless a field is called so.
pub fn value_at<'a>(value: &'a serde_json::Value, name: &str) -> Option<&'a serde_json::Value> {
    if name.is_empty() {
        return Some(value);
    }
    value.get(name).or_else(|| name.split('.').try_fold(value, |value, part| value.get(part)))
}
