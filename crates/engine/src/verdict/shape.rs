//! Whether an answer has the documented shape. What is asserted of an answer must have been read in one that has: of any other,
//! nearly everything holds that says what is not there.

use serde_json::{Map, Value};

use crate::deployment::Answer;
use assay_schema::Shape;
use assay_suite::{List, Operation};

use super::context::RequestContext;
use super::{Mismatch, shown};

/// Why nothing that is documented can be read in the answer to a request that was accepted, if that is so. Details, such as the
/// type of one field among many, are a matter of the form.
pub(super) fn undocumented_shape(asked: RequestContext<'_>, answer: &Answer, shape: &Shape<'_>) -> Option<Mismatch> {
    let operation = asked.suite.operations.get(asked.operation)?;
    let why = why_undocumented(asked, operation, answer, shape)?;
    Some(Mismatch::inconclusive(format!("{} answers in the documented shape", asked.operation), why))
}

/// How many items an answer lists, if its operation is a list.
pub(super) fn items_shown(asked: RequestContext<'_>, value: &Value) -> Option<usize> {
    let list = asked.suite.operations.get(asked.operation)?.list.as_ref()?;
    Some(list.items_of(value).len())
}

fn why_undocumented(
    asked: RequestContext<'_>,
    operation: &Operation,
    answer: &Answer,
    shape: &Shape<'_>,
) -> Option<String> {
    let path = asked.suite.answer_schema(asked.operation);
    let is_valid = || asked.schemas.validate(&path, &answer.value).is_empty();
    let envelopes = asked.suite.envelopes(operation);
    let foreign = answer.envelope.as_ref().filter(|name| !envelopes.is_empty() && !envelopes.contains(name));
    let Value::Object(fields) = &answer.value else {
        let is_wrong = foreign.is_some() || shape.is_object() || !is_valid();
        return is_wrong.then(|| format!("its answer is {}", shown(&answer.value)));
    };
    let in_foreign = || foreign.map(|name| format!(" and comes in {}", super::clipped(name))).unwrap_or_default();
    if fields.is_empty() {
        // Without an envelope nothing of the document is in it.
        let says_nothing = answer.envelope.is_none() && shape.names_fields();
        return (says_nothing || foreign.is_some() || !is_valid())
            .then(|| format!("its answer is empty{}", in_foreign()));
    }
    let container = operation.list.as_ref().map(|list| (list, at(&answer.value, list)));
    let reads = if foreign.is_some() && container.is_some() {
        matches!(container, Some((_, Some(_))))
    } else {
        !shape.names_fields() || has_documented_field(fields, shape)
    };
    if !reads {
        let names: Vec<_> = fields.keys().take(5).map(String::as_str).collect();
        let names = super::clipped(&names.join(", "));
        return Some(format!("its answer has none of the documented fields{}; it has {names}", in_foreign()));
    }
    container.and_then(|(list, items)| why_no_list(list, items?, shape))
}

/// Why what is where items are documented is no list of such items.
fn why_no_list(list: &List, items: &Value, shape: &Shape<'_>) -> Option<String> {
    let Value::Array(items) = items else {
        return (!items.is_null()).then(|| format!("{} is no list: {}", list.items, shown(items)));
    };
    let mut names = list.items.split('.');
    let of_item = names.try_fold(shape.clone(), |shape, name| shape.property(name))?.items();
    let is_item = |item: &Value| item.as_object().is_some_and(|fields| has_documented_field(fields, &of_item));
    let is_foreign = of_item.names_fields() && !items.is_empty() && !items.iter().any(is_item);
    is_foreign.then(|| format!("the items of {} have none of the documented fields: {}", list.items, shown(&items[0])))
}

/// Whether one of the fields that must be there is; where none must, whether one is that may be.
fn has_documented_field(fields: &Map<String, Value>, shape: &Shape<'_>) -> bool {
    let required = shape.required();
    let is_there = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
    if required.is_empty() {
        return fields.keys().any(|name| shape.property(name).is_some() && is_there(name));
    }
    required.into_iter().any(is_there)
}

fn at<'v>(value: &'v Value, list: &List) -> Option<&'v Value> {
    list.items.split('.').try_fold(value, |value, part| value.get(part))
}
