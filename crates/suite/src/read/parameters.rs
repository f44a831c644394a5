//! Reads the parameters of operations.

use indexmap::IndexMap;

use crate::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind};
use crate::{Bounds, Filter, Location, Parameter, Presence, ValueType};

use super::texts::plain;

pub(super) type Parameters = IndexMap<String, Parameter>;

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Parameters {
    let entries = node.entries("`parameters`", mistakes).unwrap_or_default();
    let parameters = entries.iter().filter_map(|(name, node)| read_parameter(name, node, mistakes));
    parameters.map(|parameter| (parameter.name.value.clone(), parameter)).collect()
}

fn read_parameter(name: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<Parameter> {
    let mut fields = node.fields("a parameter", mistakes)?;
    let location = fields.take("in").and_then(|node| node.choice("`in`", &Location::NAMES, mistakes));
    let presence = if fields.flag("required", mistakes) { Presence::Required } else { Presence::Optional };
    let usual = fields.flag("usual", mistakes);
    let value_type = fields.take("type").and_then(|node| node.choice("`type`", &ValueType::NAMES, mistakes));
    let bounds = read_bounds(&mut fields, mistakes);
    let credential = fields.text("credential", mistakes).map(|text| text.value);
    let secret = fields.flag("secret", mistakes);
    let scope = fields.flag("scope", mistakes);
    let lasting = fields.text("lasting", mistakes).map(|what| what.value);
    let mut given = |key| fields.take(key).filter(|node| !matches!(node.kind, NodeKind::Null)).cloned();
    let (value, other, default) = (given("value"), given("other"), given("default"));
    let values = plain(fields.texts("values", mistakes));
    let refused = read_values(&mut fields, "refused", mistakes);
    let no_effect = read_values(&mut fields, "no_effect", mistakes);
    let with = plain(fields.texts("with", mistakes));
    let excludes = plain(fields.texts("excludes", mistakes));
    let equals = fields.text("filters", mistakes).map(|field| Filter::Equals(field.value));
    let contains = fields.text("searches", mistakes).map(|field| Filter::Contains(field.value));
    if equals.is_some() {
        fields.refuse("searches", "a parameter can't have both `filters` and `searches`", "keep one of them", mistakes);
    }
    fields.finish(mistakes);
    Some(Parameter {
        name: name.clone(),
        location: location.unwrap_or(Location::Query),
        presence,
        usual,
        value_type,
        bounds,
        credential,
        secret,
        value,
        other,
        values,
        default,
        refused,
        no_effect,
        with,
        excludes,
        scope,
        lasting,
        filter: equals.or(contains),
        wire: None,
    })
}

/// Values by what is so about each.
fn read_values(fields: &mut Fields<'_>, key: &'static str, mistakes: &mut Diagnostics) -> Vec<(String, Node)> {
    let values = fields.take(key).and_then(|node| node.entries(&format!("`{key}`"), mistakes)).unwrap_or_default();
    values.iter().map(|(why, value)| (why.value.clone(), value.clone())).collect()
}

/// So long a text is sent at the most, to see whether one is too long.
const LONGEST_TEXT: u64 = 1 << 20;

fn read_bounds(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Bounds {
    let mut number = |name| fields.take(name).and_then(|node| node.number(&format!("`{name}`"), mistakes));
    let (minimum, maximum) = (number("minimum"), number("maximum"));
    let mut length = |name| {
        let node = fields.take(name)?;
        let length = node.whole_number(&format!("`{name}`"), mistakes)?;
        if length > LONGEST_TEXT {
            let mistake = Diagnostic::error(&node.place, format!("`{name}` can't be more than {LONGEST_TEXT}"));
            mistakes.add(mistake.help("a longer text is never sent: remove the bound"));
            return None;
        }
        Some(length)
    };
    let (minimum_length, maximum_length) = (length("minimum_length"), length("maximum_length"));
    let pattern = fields.text("pattern", mistakes).and_then(|pattern| {
        if regex::Regex::new(&pattern.value).is_ok() {
            return Some(pattern.value);
        }
        let mistake = Diagnostic::error(&pattern.place, "this is not a regular expression");
        mistakes.add(mistake.help("write \\ before a character that is meant literally"));
        None
    });
    Bounds { minimum, maximum, minimum_length, maximum_length, pattern }
}
