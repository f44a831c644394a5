//! Traces as they are replayed: shortened, and with arguments of the documented types.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::profile::Trace;
use assay_suite::source::{Diagnostics, Located};
use assay_suite::{Suite, ValueType};

use super::parameters::check_parameters;
use super::planned::PlannedPortion;

/// A trace that ends this long after its warm-up, if it does not end sooner.
pub(super) fn shortened(trace: &Trace, warm_up: Duration, lasts: Duration) -> Trace {
    let ends = trace.arrivals.partition_point(|arrival| trace.moment(arrival) < warm_up + lasts);
    Trace { arrivals: trace.arrivals.iter().take(ends).cloned().collect(), ..trace.clone() }
}

/// A trace whose arguments have the types that the document gives to their parameters: a CSV file knows only text.
pub(super) fn typed(trace: &Trace, suite: &Suite, portions: &[PlannedPortion], mistakes: &mut Diagnostics) -> Trace {
    let documented: Vec<_> = portions.iter().map(|portion| suite.operations.get(&portion.operation)).collect();
    let of = |portion: usize| documented.get(portion).copied().flatten();
    let mut names: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); portions.len()];
    for arrival in trace.arrivals.iter() {
        if let Some(names) = names.get_mut(arrival.portion) {
            names.extend(arrival.arguments.iter().map(|(name, _)| name.as_str()));
        }
    }
    for (portion, names) in names.into_iter().enumerate() {
        if let Some(operation) = of(portion) {
            let at = Located { value: (), place: trace.place.clone() };
            check_parameters(suite, operation, names.into_iter(), &at, mistakes);
        }
    }
    let arrivals = trace.arrivals.iter().map(|arrival| {
        let mut arrival = arrival.clone();
        for (name, value) in &mut arrival.arguments {
            let parameter = of(arrival.portion).and_then(|operation| operation.parameters.get(name.as_str()));
            if let Some(typed) = parameter.and_then(|parameter| as_type(parameter.value_type?, value)) {
                *value = typed;
            }
        }
        arrival
    });
    Trace { arrivals: arrivals.collect(), ..trace.clone() }
}

/// A text as a value of a type, if it is one.
fn as_type(value_type: ValueType, text: &Value) -> Option<Value> {
    let parsed: Value = serde_json::from_str(text.as_str()?).ok()?;
    let fits = match value_type {
        ValueType::Text => false,
        ValueType::Integer => parsed.is_i64() || parsed.is_u64(),
        ValueType::Number => parsed.is_number(),
        ValueType::Boolean => parsed.is_boolean(),
        ValueType::Array => parsed.is_array(),
        ValueType::Object => parsed.is_object(),
    };
    fits.then_some(parsed)
}
