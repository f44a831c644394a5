//! Whether something is the run's own, and so may be removed.

use std::collections::BTreeSet;

use serde_json::Value;

use assay_formats::record::{Origin, UniqueName};
use assay_suite::plain;
use assay_suite::{Effect, Operation, Presence, SENT, Suite, Undo};

/// The arguments of a removal.
pub(super) type Arguments = Vec<(String, Value)>;

/// Whether a value can identify one thing: text or a whole number, which leads nowhere else when it is in a path
/// (RFC 3986, 5.2.4). The error says what it is instead.
pub(super) fn identifies(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.trim().is_empty() => Err("an empty text".to_owned()),
        Value::String(text) if text.split(['/', '\\']).any(|part| is_dots(part.trim())) => Err(format!("`{text}`")),
        Value::String(_) => Ok(()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(()),
        Value::Number(number) => Err(format!("`{number}`")),
        Value::Null => Err("null".to_owned()),
        Value::Bool(value) => Err(format!("`{value}`")),
        Value::Array(_) => Err("a list".to_owned()),
        Value::Object(_) => Err("an object".to_owned()),
    }
}

/// Whether a part of a path is `.` or `..`, however its dots are written.
fn is_dots(part: &str) -> bool {
    matches!(part.to_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

/// Whether an identity has nothing in it that an API could take for several: a list, a pattern.
pub(super) fn is_simple(value: &Value) -> bool {
    let text = plain(value);
    text.chars().all(|letter| letter.is_alphanumeric() || "-_.:@~".contains(letter))
}

/// Whether an identity is made so that no two are equal, as a UUID or a ULID is: a number is given again.
pub(super) fn is_unguessable(text: &str) -> bool {
    const SHORTEST: usize = 20;
    text.len() >= SHORTEST && is_simple(&Value::from(text)) && text.chars().any(|letter| letter.is_ascii_digit())
}

/// The identities that can't be guessed of things, as far as a request names them.
pub(super) fn owners<'a>(things: impl Iterator<Item = &'a (String, Value)>, sent: &[(String, Value)]) -> Vec<String> {
    let identities = things.filter_map(|(_, identity)| identity.as_str()).filter(|identity| is_unguessable(identity));
    let named = identities.filter(|identity| sent.iter().any(|(_, value)| holds(value, identity)));
    named.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What identifies one thing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Identity {
    /// The argument of its removal.
    pub parameter: String,
    /// The names that lead to it in the answer that gave it.
    pub way: Vec<String>,
    pub value: Value,
    pub source: Source,
}

/// Who chose an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The deployment, in its answer.
    Answer,
    /// The run, in its request.
    Request,
}

impl Identity {
    /// The field of an item that has it.
    pub fn field(&self) -> &str {
        self.way.last().map_or(&self.parameter, String::as_str)
    }

    /// Whether an answer about one thing leaves out its identity, which the run chose and asked by.
    pub fn is_implied(&self, answer: &Value) -> bool {
        self.source == Source::Request && answer.is_object() && answer.get(self.field()).is_none()
    }

    /// The object with this identity, within an item of a list or an answer. Of several with one identity it is the one with
    /// the name that the run gave, if one has it.
    pub fn within<'a>(&self, name: Option<&UniqueName>, value: &'a Value) -> Option<&'a Value> {
        let mut all = Vec::new();
        self.collect(value, &mut all);
        let own = all.iter().find(|item| bearing(name, item) == Bearing::Own).copied();
        own.or_else(|| all.first().copied())
    }

    fn collect<'a>(&self, value: &'a Value, found: &mut Vec<&'a Value>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, found)),
            Value::Object(fields) => {
                let own = fields.get(self.field()).filter(|value| !value.is_object() && !value.is_array());
                if own.is_some_and(|own| plain(own) == plain(&self.value)) {
                    found.push(value);
                    return;
                }
                fields.values().for_each(|value| self.collect(value, found));
            }
            _ => {}
        }
    }
}

/// What is known of the identity of what a removal would remove: each argument that the answer gave, those that the
/// removal can't do without first.
pub(super) fn identities(suite: &Suite, undo: &Undo, origin: &Origin, arguments: &Arguments) -> Vec<Identity> {
    let removal = suite.operations.get(&undo.call.value);
    let decisive = decisive(removal, arguments);
    let others = arguments.iter().filter(|argument| !decisive.contains(argument));
    let identity = |(parameter, value): &(String, Value)| {
        let way = undo.way(parameter);
        let is_chosen = undo.with.iter().any(|(name, written)| name == parameter && written.value.starts_with(SENT));
        let is_given = is_chosen
            || origin.given.iter().any(|(name, given)| is_same(name, parameter) && plain(given) == plain(value));
        let source = if is_given { Source::Request } else { Source::Answer };
        (!way.is_empty()).then(|| Identity { parameter: parameter.clone(), way, value: value.clone(), source })
    };
    decisive.iter().copied().chain(others).filter_map(identity).collect()
}

/// Whether two parameters have one name, but for the number that distinguishes several of its kind.
fn is_same(one: &str, other: &str) -> bool {
    stem(one).eq_ignore_ascii_case(stem(other))
}

/// The name of a parameter without the number that distinguishes several of its kind: `InstanceId.2`.
pub(super) fn stem(name: &str) -> &str {
    let numbered = name.rsplit_once('.').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    numbered.map_or(name, |(stem, _)| stem)
}

/// The arguments that name what a removal removes: those that it can't do without, or all if there are none of those.
pub(super) fn decisive<'a>(removal: Option<&Operation>, arguments: &'a [(String, Value)]) -> Vec<&'a (String, Value)> {
    let parameters = removal.map(|removal| &removal.parameters);
    let required = |name: &str| parameters.and_then(|all| all.get(name)).map(|parameter| parameter.presence);
    let named: Vec<_> = arguments.iter().filter(|(name, _)| required(name) == Some(Presence::Required)).collect();
    if named.is_empty() { arguments.iter().collect() } else { named }
}

/// What undoing an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undoing {
    /// The same operation, with what was before: it removes nothing.
    SettingBack,
    /// A change of something that goes on being there.
    Changing,
    /// A removal.
    Removing,
}

impl Undoing {
    pub fn of(suite: &Suite, operation: &Operation, undo: &Undo) -> Self {
        let removal = suite.operations.get(&undo.call.value);
        match removal.map(|removal| removal.effect) {
            _ if undo.call.value == operation.name.value => Self::SettingBack,
            Some(Effect::Changes) => Self::Changing,
            // What is not documented is a removal.
            Some(Effect::Removes | Effect::Creates | Effect::Reads) | None => Self::Removing,
        }
    }
}

/// Whether a text is anywhere in an item.
pub(super) fn holds(item: &Value, text: &str) -> bool {
    match item {
        Value::Object(fields) => fields.values().any(|value| holds(value, text)),
        Value::Array(values) => values.iter().any(|value| holds(value, text)),
        Value::Null => false,
        value => plain(value).contains(text),
    }
}

/// What the name of something says of whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearing {
    /// It has the name that the run gave it.
    Own,
    /// It has another.
    Foreign,
    /// The run gave it none, or it shows none.
    Silent,
}

/// What an item says by its name of whose it is.
pub(super) fn bearing(name: Option<&UniqueName>, item: &Value) -> Bearing {
    let Some(name) = name else { return Bearing::Silent };
    if holds(item, &name.unique) {
        return Bearing::Own;
    }
    let parameters = name.parameters.iter().map(|parameter| stem(parameter).rsplit('.').next().unwrap_or_default());
    let shows = |parameter: &str| {
        let fields = item.as_object().into_iter().flatten();
        fields.into_iter().any(|(field, value)| {
            // What is redacted shows nothing.
            let shows = |text: &str| !text.is_empty() && !text.contains("[redacted");
            field.eq_ignore_ascii_case(parameter) && value.as_str().is_some_and(shows)
        })
    };
    if parameters.into_iter().any(shows) { Bearing::Foreign } else { Bearing::Silent }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_leads_elsewhere_or_is_no_scalar_identifies_nothing() {
        for value in [json!("a-1"), json!("0"), json!(7), json!("a.b"), json!("..."), json!("名")] {
            assert_eq!(identifies(&value), Ok(()), "{value}");
        }
        let none = [
            json!(""),
            json!(" "),
            json!("."),
            json!(".."),
            json!("%2e%2E"),
            json!("a/../b"),
            json!("..\\x"),
            json!(null),
            json!(true),
            json!(1.5),
            json!(["a"]),
            json!({"id": "a"}),
        ];
        for value in none {
            assert!(identifies(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_text_is_found_wherever_it_is() {
        let item = json!({"nic": [{"name": "assay-0123-a"}], "number": 5});
        assert!(holds(&item, "0123") && holds(&item, "5"));
        assert!(!holds(&item, "4567"));
    }

    #[test]
    fn an_identity_that_may_be_given_again_proves_nothing() {
        for text in ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "507f1f77bcf86cd799439011"] {
            assert!(is_unguessable(text), "{text}");
        }
        for text in ["7", "1234567890", "project", "a-name-that-people-choose", "a/b/c/d/e/f/g/h/i/1/2"] {
            assert!(!is_unguessable(text), "{text}");
        }
    }

    #[test]
    fn a_name_says_whose_a_thing_is_where_it_shows() {
        let name = UniqueName { unique: "0123abcd".to_owned(), parameters: vec!["service.name".to_owned()] };
        let says = |item: Value| bearing(Some(&name), &item);
        assert_eq!(says(json!({"id": 1, "name": "assay-0123abcd"})), Bearing::Own);
        assert_eq!(says(json!({"id": 1, "Name": "another"})), Bearing::Foreign);
        assert_eq!(says(json!({"id": 1, "name": ""})), Bearing::Silent);
        assert_eq!(says(json!({"id": 1})), Bearing::Silent);
        assert_eq!(bearing(None, &json!({"name": "another"})), Bearing::Silent);
    }

    #[test]
    fn what_has_an_identity_is_found_wherever_a_list_shows_it() {
        let way = vec!["set".to_owned(), "id".to_owned()];
        let identity = Identity { parameter: "Id.1".to_owned(), way, value: json!("7"), source: Source::Answer };
        let item = json!({"id": "r", "set": [{"id": "6"}, {"id": 7, "state": "up"}]});
        assert_eq!(identity.within(None, &item), Some(&json!({"id": 7, "state": "up"})));
        assert_eq!(identity.within(None, &json!({"id": {"id": "8"}})), None);
        let name = UniqueName { unique: "0123abcd".to_owned(), parameters: Vec::new() };
        let several = json!([{"id": 7, "name": "other"}, {"id": 7, "name": "a-0123abcd"}]);
        assert_eq!(identity.within(Some(&name), &several), Some(&several[1]));
    }

    #[test]
    fn what_a_request_names_by_an_identity_that_can_t_be_guessed_is_an_owner() {
        let id = |value: &str| ("id".to_owned(), json!(value));
        let (own, other) = ("0f3c9d4e-8a51-4b52-9a0e-3f6f1f5d7c11", "7b1e2a90-55d3-4c0f-8a77-2f4f0f9b6e22");
        let things = [id(own), id(other), id("12")];
        let sent = [("count".to_owned(), json!(12)), ("in".to_owned(), json!({"project": own}))];
        assert_eq!(owners(things.iter(), &sent), [own]);
        assert_eq!(owners(things.iter(), &[]), [] as [String; 0]);
    }
}
