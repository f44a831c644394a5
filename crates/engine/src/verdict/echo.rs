//! What a request said comes back in its answer.

use serde_json::{Number, Value};

use assay_schema::decimal;
use assay_suite::Operation;
use assay_suite::plain;

use super::{Mismatch, shown};

/// Where an answer has other values than the request gave it. A field that the answer lacks is a matter
/// of its schema; of several fields that could be meant the outermost are, and one of them must say what the request said.
pub fn judge_echoes(operation: &Operation, said: &[(String, Value)], answer: &Value) -> Vec<Mismatch> {
    let departures = operation.echoes.iter().filter_map(|echoed| {
        let (_, wanted) = said.iter().find(|(name, _)| *name == echoed.value)?;
        let found = outermost(answer, &echoed.value);
        let first = found.first()?;
        (!comes_back(&found, wanted)).then(|| {
            let name = &operation.name.value;
            let expected = format!("{name} repeats the {} that the request gave: {}", echoed.value, shown(wanted));
            Mismatch::violation(expected, shown(first))
        })
    });
    departures.collect()
}

/// Whether what was sent is found. Of several values that were sent each is, in the answer about it.
fn comes_back(found: &[&Value], wanted: &Value) -> bool {
    match wanted {
        Value::Array(several) => several.iter().all(|one| comes_back(found, one)),
        one => plain(one).is_empty() || found.iter().any(|found| says_the_same(found, one)),
    }
}

/// The plain values of the fields of a name that are least deep.
fn outermost<'v>(answer: &'v Value, name: &str) -> Vec<&'v Value> {
    let mut level = vec![answer];
    while !level.is_empty() {
        let named = level.iter().filter_map(|value| value.get(name));
        let found: Vec<_> = named.filter(|value| !value.is_object() && !value.is_array()).collect();
        if !found.is_empty() {
            return found;
        }
        level = level.into_iter().flat_map(within).collect();
    }
    Vec::new()
}

fn within(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether two values say the same, each in its format: a request has only texts, and spells `TRUE` as it likes. What has a
/// space is no word of the API: it is a person's own text.
pub(super) fn says_the_same(found: &Value, wanted: &Value) -> bool {
    let (found, wanted) = (plain(found), plain(wanted));
    if wanted.contains(' ') {
        return found == wanted;
    }
    if found.eq_ignore_ascii_case(&wanted) {
        return true;
    }
    let number = |text: &str| serde_json::from_str::<Number>(text).ok();
    if let (Some(found), Some(wanted)) = (number(&found), number(&wanted)) {
        return decimal::compare(&found, &wanted).is_eq();
    }
    // `08` and `+8` are no numbers of JSON, and may come back as one.
    let numbers = found.parse::<f64>().ok().zip(wanted.parse::<f64>().ok());
    numbers.is_some_and(|(found, wanted)| found.total_cmp(&wanted).is_eq())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_outermost_field_of_a_name_is_meant() {
        let answer = json!({"vm": {"nic": [{"name": "n"}], "group": {"name": "g"}, "name": "v"}, "count": 1});
        assert_eq!(outermost(&answer, "name"), [&json!("v")]);
        let rules = json!({"group": {"rule": [{"port": 1}, {"port": 2}], "port": {"not": "plain"}}});
        assert_eq!(outermost(&rules, "port"), [&json!(1), &json!(2)]);
        assert_eq!(outermost(&json!([{"a": {}}]), "name"), [&json!(null); 0]);
    }

    #[test]
    fn each_of_several_values_comes_back() {
        let (first, second) = (json!("a"), json!("b"));
        assert!(comes_back(&[&first, &second], &json!(["b", "a"])));
        assert!(!comes_back(&[&first], &json!(["a", "b"])));
        assert!(comes_back(&[&first, &second], &json!("b")));
        assert!(!comes_back(&[&first], &second));
    }

    #[test]
    fn values_are_the_same_in_whatever_format_they_come() {
        for (found, wanted) in [
            (json!(true), json!("TRUE")),
            (json!(8), json!("8")),
            (json!("8.0"), json!(8)),
            (json!("tcp"), json!("TCP")),
            (json!(8), json!("08")),
            (json!("9007199254740993"), json!(9_007_199_254_740_993_u64)),
        ] {
            assert!(says_the_same(&found, &wanted), "{found} {wanted}");
        }
        for (found, wanted) in [
            (json!(false), json!("true")),
            (json!("8x"), json!("8")),
            (json!(null), json!("x")),
            (json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_993_u64)),
        ] {
            assert!(!says_the_same(&found, &wanted), "{found} {wanted}");
        }
    }
}
