//! What a scenario that is repeated for parameters knows of each.

use serde_json::Value;

use crate::deployment::UNKNOWN_CREDENTIAL;
use crate::scenario::{Bindings, ParameterChoice};
use assay_suite::Variable;
use assay_suite::{Alternatives, Filter, Location, Operation, Parameter, Presence, ValueType};

/// A case's label, and the values of its variables.
type Labelled = (String, Bindings);

/// The values of `$parameter`, `$partner`, `$field`, `$unmatched`, `$right` and `$wrong`, with a label for the case's name.
pub(super) fn bindings(operation: &Operation, choice: ParameterChoice) -> Vec<Labelled> {
    match choice {
        ParameterChoice::ExactlyOne => return alternatives(operation.exactly_one.as_ref()),
        ParameterChoice::AtLeastOne => return alternatives(operation.at_least_one.as_ref()),
        _ => {}
    }
    let list = operation.list.as_ref().map(|list| list.items.as_str()).unwrap_or_default();
    let bound = operation.parameters.values().flat_map(|parameter| of_parameter(parameter, list, choice));
    bound.collect()
}

pub(super) fn variable(name: &str, value: &str) -> (Variable, Value) {
    (Variable(name.to_owned()), Value::from(value))
}

fn labelled(label: &str, pairs: &[(&str, &str)]) -> Labelled {
    (label.to_owned(), pairs.iter().map(|(name, value)| variable(name, value)).collect())
}

fn alternatives(sets: Option<&Alternatives>) -> Vec<Labelled> {
    let sets: Vec<_> = sets.iter().flat_map(|sets| &sets.0).map(|set| set.join(",")).collect();
    let Some((first, others)) = sets.split_first() else { return Vec::new() };
    others.iter().map(|other| labelled(first, &[("parameter", first), ("partner", other)])).collect()
}

fn of_parameter(parameter: &Parameter, list: &str, choice: ParameterChoice) -> Vec<Labelled> {
    let name = parameter.name.value.as_str();
    let required = parameter.presence == Presence::Required;
    let partners = |partners: &[String]| -> Vec<_> {
        partners.iter().map(|partner| labelled(name, &[("parameter", name), ("partner", partner)])).collect()
    };
    let with = parameter.with.join(",");
    let field =
        |field: &str| labelled(name, &[("parameter", name), ("field", field), ("items", list), ("partners", &with)]);
    match (choice, &parameter.filter) {
        (ParameterChoice::Required, _) if required && parameter.credential.is_none() => {
            vec![labelled(name, &[("parameter", name)])]
        }
        (ParameterChoice::Enumerated, _) if !parameter.values.is_empty() => {
            vec![labelled(name, &[("parameter", name)])]
        }
        (ParameterChoice::Paired, _) => partners(&parameter.with),
        (ParameterChoice::Excluded, _) => partners(&parameter.excludes),
        (ParameterChoice::Filter, Some(Filter::Equals(name))) => vec![field(name)],
        (ParameterChoice::OpenFilter, Some(Filter::Equals(name))) => {
            let unmatched = value_of_no_item(&parameter.values, parameter.value_type);
            unmatched.map(|value| with_unmatched(field(name), value)).into_iter().collect()
        }
        (ParameterChoice::Search, Some(Filter::Contains(name))) => vec![field(name)],
        _ => edges(parameter, choice).into_iter().map(|edge| edge.labelled(name)).collect(),
    }
}

fn with_unmatched((label, mut bindings): Labelled, value: Value) -> Labelled {
    bindings.insert(Variable("unmatched".to_owned()), value);
    (label, bindings)
}

/// Values at the edge of what a parameter documents.
struct Edge {
    /// One that is just within it, where there is one.
    right: Option<Value>,
    /// One that is outside of it.
    wrong: Value,
}

impl Edge {
    fn labelled(self, name: &str) -> Labelled {
        let (label, mut bindings) = labelled(name, &[("parameter", name)]);
        bindings.insert(Variable("wrong".to_owned()), self.wrong);
        bindings.extend(self.right.map(|right| (Variable("right".to_owned()), right)));
        (label, bindings)
    }
}

fn edges(parameter: &Parameter, choice: ParameterChoice) -> Option<Edge> {
    let bounds = &parameter.bounds;
    let text = |length: u64| Value::from("a".repeat(usize::try_from(length).unwrap_or_default()));
    let edge = |right: Option<Value>, wrong: Value| Some(Edge { right, wrong });
    match choice {
        ParameterChoice::Minimum => bounds.minimum.and_then(|least| edge(Some(number(least)), number(least - 1.0))),
        ParameterChoice::Maximum => bounds.maximum.and_then(|most| edge(Some(number(most)), number(most + 1.0))),
        ParameterChoice::MinimumLength => {
            let shortest = u64::from(parameter.location == Location::Path);
            let least = bounds.minimum_length.filter(|least| *least > shortest)?;
            edge(Some(text(least)), text(least - 1))
        }
        ParameterChoice::MaximumLength => bounds.maximum_length.and_then(|most| edge(Some(text(most)), text(most + 1))),
        ParameterChoice::Pattern => edge(None, unmatched(&bounds.whole_pattern()?)?),
        ParameterChoice::Typed => edge(None, of_other_type(parameter.value_type?)?),
        ParameterChoice::Credential => {
            parameter.credential.as_ref().filter(|_| parameter.presence == Presence::Required)?;
            edge(None, Value::from(UNKNOWN_CREDENTIAL))
        }
        _ => None,
    }
}

/// A number as documents write it: whole where it is.
fn number(number: f64) -> Value {
    #[allow(clippy::cast_possible_truncation, reason = "only whole numbers that fit are written as such")]
    let whole = number as i64;
    #[allow(clippy::cast_precision_loss, clippy::float_cmp, reason = "compares what came of the conversion")]
    if whole as f64 == number { Value::from(whole) } else { Value::from(number) }
}

/// A text that a pattern does not match, if one of a few is such.
fn unmatched(whole: &regex::Regex) -> Option<Value> {
    let candidates = ["assay!", "~", "ä ö", "%00"];
    candidates.into_iter().find(|text| !whole.is_match(text)).map(Value::from)
}

/// A value of a filter that no item has. There is none where the values are a few: each of them may be that of an item, and
/// what another one finds is not documented.
fn value_of_no_item(documented: &[String], value_type: Option<ValueType>) -> Option<Value> {
    if !documented.is_empty() {
        return None;
    }
    match value_type {
        None | Some(ValueType::Text) => Some(Value::from("00000000-0000-4000-8000-00000000dead")),
        Some(ValueType::Integer | ValueType::Number) => Some(Value::from(i32::MAX - 1)),
        Some(ValueType::Boolean | ValueType::Array | ValueType::Object) => None,
    }
}

fn of_other_type(documented: ValueType) -> Option<Value> {
    match documented {
        ValueType::Text => None,
        ValueType::Integer | ValueType::Number => Some(Value::from("many")),
        ValueType::Boolean => Some(Value::from("perhaps")),
        ValueType::Array | ValueType::Object => Some(Value::from("text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_suite::Bounds;

    #[test]
    fn a_wrong_value_is_outside_of_what_is_documented() {
        assert_eq!(number(1000.0), Value::from(1000));
        let unmatched = |pattern: &str| {
            let bounds = Bounds { pattern: Some(pattern.to_owned()), ..Bounds::default() };
            unmatched(&bounds.whole_pattern().unwrap())
        };
        assert_eq!(unmatched("[0-9a-f]{32}"), Some(Value::from("assay!")));
        assert_eq!(unmatched(".*"), None);
        assert_eq!(of_other_type(ValueType::Text), None);
    }

    #[test]
    fn a_filter_of_a_few_values_has_none_that_no_item_has() {
        assert_eq!(value_of_no_item(&[], Some(ValueType::Boolean)), None);
        assert_eq!(value_of_no_item(&["Up".to_owned(), "Down".to_owned()], None), None);
        assert!(value_of_no_item(&[], None).is_some_and(|value| value.is_string()));
        assert!(value_of_no_item(&[], Some(ValueType::Integer)).is_some_and(|value| value.is_number()));
    }
}
