//! What is at a path, against a matcher.

use serde_json::Value;

use crate::scenario::{Bindings, Matcher, Path, Template};
use assay_schema::decimal::{self, equal};
use assay_suite::Order;

use super::echo::says_the_same;
use super::{Mismatch, shown, stored};

/// Why the values at a path do not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchFailure {
    /// They are something else.
    Observed(String),
    /// The matcher compares with an undefined variable.
    Unresolved(String),
}

/// Judges what is at a path of an answer.
pub fn judge_field(path: &Path, matcher: &Matcher, answer: &Value, bindings: &Bindings) -> Option<Mismatch> {
    let path = path.bind(bindings);
    if let Some(variable) = path.variables().first() {
        let expected = format!("{variable} has a value in {path}");
        return Some(Mismatch::inconclusive(expected, "it is undefined here"));
    }
    judge_values(&path.to_string(), matcher, &path.select(answer), bindings)
}

/// Judges values that were found at a place with a name.
pub fn judge_values(place: &str, matcher: &Matcher, found: &[&Value], bindings: &Bindings) -> Option<Mismatch> {
    let expected = || format!("{place} {}", expected(matcher, bindings));
    match mismatch(matcher, found, bindings)? {
        MatchFailure::Observed(observed) => Some(Mismatch::violation(expected(), observed)),
        MatchFailure::Unresolved(variable) => {
            Some(Mismatch::inconclusive(expected(), format!("{variable} is undefined here")))
        }
    }
}

/// A matcher with the values of its variables.
fn expected(matcher: &Matcher, bindings: &Bindings) -> String {
    let mut text = matcher.to_string();
    for variable in matcher.templates().into_iter().flat_map(Template::variables) {
        if let Some(value) = bindings.get(variable).filter(|value| !is_large(value)) {
            text.push_str(&format!(" ({variable} = {})", shown(value)));
        }
    }
    text
}

/// Whether a value is too much for a message: what was read before as a whole.
fn is_large(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|items| items.iter().any(Value::is_object))
}

fn mismatch(matcher: &Matcher, found: &[&Value], bindings: &Bindings) -> Option<MatchFailure> {
    let resolve = |template: &Template| {
        template.resolve(bindings).map_err(|variable| MatchFailure::Unresolved(variable.to_string()))
    };
    let all = |test: &dyn Fn(&Value) -> bool| every(found, test);
    match matcher {
        Matcher::Equals(template) => match resolve(template) {
            Ok(wanted) => all(&|value| equal(value, &wanted)),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::Not(template) => match resolve(template) {
            Ok(unwanted) => all(&|value| !equal(value, &unwanted)),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::OneOf(templates) => match templates.iter().map(resolve).collect::<Result<Vec<_>, _>>() {
            Ok(wanted) => all(&|value| wanted.iter().any(|wanted| equal(value, wanted))),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::Contains(template) => match resolve(template) {
            Ok(wanted) => all(&|value| contains(value, &wanted)),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::Includes(template) => match resolve(template) {
            Ok(wanted) if found.iter().any(|value| equal(value, &wanted)) => None,
            Ok(_) => Some(MatchFailure::Observed(all_shown(found))),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::Excludes(template) => match resolve(template) {
            Ok(unwanted) if found.iter().all(|value| !equal(value, &unwanted)) => None,
            Ok(_) => Some(MatchFailure::Observed(all_shown(found))),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::Matches(pattern) => all(&|value| value.as_str().is_some_and(|text| pattern.is_match(text))),
        Matcher::AtLeast(limit) => {
            all(&|value| value.as_number().is_some_and(|number| decimal::compare(number, limit).is_ge()))
        }
        Matcher::AtMost(limit) => {
            all(&|value| value.as_number().is_some_and(|number| decimal::compare(number, limit).is_le()))
        }
        Matcher::Type(name) => all(&|value| type_name(value) == name || (name == "number" && value.is_number())),
        Matcher::Present => found.is_empty().then(|| MatchFailure::Observed("nothing is there".to_owned())),
        Matcher::Absent => (!found.is_empty()).then(|| MatchFailure::Observed(all_shown(found))),
        Matcher::Times(times) => {
            (found.len() as u64 != *times).then(|| MatchFailure::Observed(format!("it is there {} times", found.len())))
        }
        Matcher::Distinct => {
            let mut seen = std::collections::BTreeSet::new();
            let twice = found.iter().find(|value| !seen.insert(decimal::canonical(value)));
            twice.map(|value| MatchFailure::Observed(format!("{} is there twice", shown(value))))
        }
        Matcher::Says(template) => match resolve(template) {
            Ok(wanted) => all(&|value| says_the_same(value, &wanted)),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::OrAbsent(_) if found.iter().all(|value| value.is_null()) => None,
        Matcher::OrAbsent(template) => match resolve(template) {
            Ok(wanted) => all(&|value| equal(value, &wanted)),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::Unchanged(unchanged) => match resolve(&unchanged.before) {
            Ok(before) => stored::changes(&before, &unchanged.except, found).map(MatchFailure::Observed),
            Err(unresolved) => Some(unresolved),
        },
        Matcher::Narrows(narrowing) => {
            match resolve(&narrowing.all).and_then(|all| Ok((all, resolve(&narrowing.value)?))) {
                Ok((all, value)) => {
                    stored::wrongly_narrowed(narrowing, &all, &value, found).map(MatchFailure::Observed)
                }
                Err(unresolved) => Some(unresolved),
            }
        }
        Matcher::Sorted(order) => {
            let wrong = found.windows(2).find(|pair| !follows(pair[0], pair[1], *order));
            wrong.map(|pair| MatchFailure::Observed(format!("{} is before {}", shown(pair[0]), shown(pair[1]))))
        }
        Matcher::Sum(fields) => all(&|value| adds_up(value, fields)),
        Matcher::Percent(fields) => all(&|value| is_percent(value, fields)),
        Matcher::All(matchers) => matchers.iter().find_map(|matcher| mismatch(matcher, found, bindings)),
    }
}

/// Whether one value may follow another in an order. Of values that are of no one type nothing is known.
fn follows(one: &Value, next: &Value, order: Order) -> bool {
    let is_between = |least: &Value, most: &Value| match (least, most) {
        (Value::Number(least), Value::Number(most)) => decimal::compare(least, most).is_le(),
        // Servers compare letters by their case or not: either is an order.
        (Value::String(least), Value::String(most)) => least <= most || least.to_lowercase() <= most.to_lowercase(),
        _ => true,
    };
    match order {
        Order::Ascending => is_between(one, next),
        Order::Descending => is_between(next, one),
    }
}

fn every(found: &[&Value], test: &dyn Fn(&Value) -> bool) -> Option<MatchFailure> {
    if found.is_empty() {
        return Some(MatchFailure::Observed("nothing is there".to_owned()));
    }
    let other = found.iter().position(|value| !test(value))?;
    let which = if found.len() > 1 {
        format!(" (the {} of {} values)", ordinal(other + 1), found.len())
    } else {
        String::new()
    };
    Some(MatchFailure::Observed(format!("{}{which}", shown(found[other]))))
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn all_shown(found: &[&Value]) -> String {
    if found.is_empty() {
        return "nothing is there".to_owned();
    }
    let values: Vec<_> = found.iter().take(8).map(|value| shown(value)).collect();
    let more = found.len().saturating_sub(8);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", values.join(", "))
}

/// Answers round what they compute: so much of a number may be lost.
const ROUNDED: f64 = 1e-3;

fn close(number: f64, wanted: f64) -> bool {
    (number - wanted).abs() <= wanted.abs().max(1.0) * ROUNDED
}

fn adds_up(value: &Value, fields: &[String]) -> bool {
    let numbers: Option<Vec<_>> = fields.iter().map(|field| value.get(field)?.as_f64()).collect();
    let numbers = numbers.unwrap_or_default();
    numbers.split_last().is_some_and(|(whole, parts)| close(parts.iter().sum(), *whole))
}

fn is_percent(value: &Value, fields: &[String; 3]) -> bool {
    let [part, whole, percent] = fields.each_ref().map(|field| value.get(field).and_then(Value::as_f64));
    let wanted = part.zip(whole).filter(|(_, whole)| *whole > 0.0).map(|(part, whole)| part / whole * 100.0);
    percent.zip(wanted).is_some_and(|(percent, wanted)| close(percent, wanted))
}

fn contains(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(text), Value::String(part)) => text.to_lowercase().contains(&part.to_lowercase()),
        (Value::Array(items), wanted) => items.iter().any(|item| equal(item, wanted)),
        _ => false,
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if decimal::is_whole(number) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(path: &str, matcher: &Matcher, answer: &Value) -> Option<String> {
        let path = Path::parse(path).unwrap();
        judge_field(&path, matcher, answer, &Bindings::new()).map(|departure| departure.observed)
    }

    fn is(value: Value) -> Matcher {
        Matcher::Equals(Template::Literal(value))
    }

    #[test]
    fn comparison_is_typed_and_letters_case_counts() {
        let answer = json!({"n": 4, "t": "Running", "f": 4.0});
        assert_eq!(judged("$.n", &is(json!(4)), &answer), None);
        assert_eq!(judged("$.n", &is(json!(4.0)), &answer), None);
        assert_eq!(judged("$.n", &is(json!("4")), &answer).unwrap(), "4");
        assert_eq!(judged("$.t", &is(json!("running")), &answer).unwrap(), "\"Running\"");
    }

    #[test]
    fn numbers_are_compared_by_all_of_their_digits() {
        let answer: Value =
            serde_json::from_str(r#"{"n": 9007199254740993, "d": 1.10, "big": 18446744073709551615}"#).unwrap();
        let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let limit = |text: &str| serde_json::from_str(text).unwrap();
        assert_eq!(judged("$.n", &is(number("9007199254740993")), &answer), None);
        assert_eq!(judged("$.n", &is(number("9007199254740992")), &answer).unwrap(), "9007199254740993");
        assert_eq!(judged("$.big", &is(number("18446744073709551614")), &answer).unwrap(), "18446744073709551615");
        assert_eq!(judged("$.d", &is(number("1.1")), &answer), None);
        assert_eq!(judged("$.d", &is(number("1.2")), &answer).unwrap(), "1.1");
        assert_eq!(judged("$.n", &Matcher::AtLeast(limit("9007199254740993")), &answer), None);
        assert!(judged("$.n", &Matcher::AtLeast(limit("9007199254740994")), &answer).is_some());
        assert!(judged("$.n", &Matcher::AtMost(limit("9007199254740992")), &answer).is_some());
        assert_eq!(judged("$.big", &Matcher::Type("integer".into()), &answer), None);
        let list = json!({"n": [number("1.0"), number("1")]});
        assert!(judged("$.n[*]", &Matcher::Distinct, &list).is_some());
    }

    #[test]
    fn an_order_is_that_of_numbers_or_of_letters() {
        let answer = json!({"n": [1, 2, 2, 10], "t": ["a", "B", "c"], "x": [3, 2]});
        assert_eq!(judged("$.n[*]", &Matcher::Sorted(Order::Ascending), &answer), None);
        assert_eq!(judged("$.t[*]", &Matcher::Sorted(Order::Ascending), &answer), None);
        assert_eq!(judged("$.x[*]", &Matcher::Sorted(Order::Descending), &answer), None);
        assert_eq!(judged("$.x[*]", &Matcher::Sorted(Order::Ascending), &answer).unwrap(), "3 is before 2");
        assert!(judged("$.n[*]", &Matcher::Sorted(Order::Descending), &answer).is_some());
    }

    #[test]
    fn every_value_must_match_and_there_must_be_one() {
        let answer = json!({"vm": [{"z": "a"}, {"z": "b"}]});
        let observed = judged("$.vm[*].z", &is(json!("a")), &answer).unwrap();
        assert_eq!(observed, "\"b\" (the 2nd of 2 values)");
        assert_eq!(judged("$.vm[*].x", &is(json!("a")), &answer).unwrap(), "nothing is there");
        assert_eq!(judged("$.vm[*].x", &Matcher::Absent, &answer), None);
        assert!(judged("$.vm[*].z", &Matcher::Absent, &answer).is_some());
    }

    #[test]
    fn fields_add_up_and_are_shares_but_for_rounding() {
        let disk =
            json!({"d": {"used": 3_350_384, "free": 9.009_091_2e7, "size": 9.344_129_6e7, "usage": 3.585_549_6}});
        let sum = |fields: [&str; 3]| Matcher::Sum(fields.map(str::to_owned).into());
        let percent = |fields: [&str; 3]| Matcher::Percent(fields.map(str::to_owned));
        assert_eq!(judged("$.d", &sum(["used", "free", "size"]), &disk), None);
        assert!(judged("$.d", &sum(["used", "used", "size"]), &disk).is_some());
        assert!(judged("$.d", &sum(["used", "none", "size"]), &disk).is_some());
        assert_eq!(judged("$.d", &percent(["used", "size", "usage"]), &disk), None);
        assert!(judged("$.d", &percent(["free", "size", "usage"]), &disk).is_some());
    }

    #[test]
    fn a_path_may_go_through_what_was_saved() {
        let bindings = Bindings::from([(assay_suite::Variable("vm".into()), json!("BV1"))]);
        let path = Path::parse("$.statusMap['${vm}']").unwrap();
        let answer = json!({"statusMap": {"BV1": "vm_starting"}});
        assert!(judge_field(&path, &is(json!("vm_starting")), &answer, &bindings).is_none());
        assert!(judge_field(&path, &is(json!("vm_starting")), &answer, &Bindings::new()).is_some());
    }

    #[test]
    fn one_value_among_many_is_enough_to_include_or_to_break_an_exclusion() {
        let answer = json!({"vm": [{"z": "a"}, {"z": "b"}]});
        let b = || Template::Literal(json!("b"));
        assert_eq!(judged("$.vm[*].z", &Matcher::Includes(b()), &answer), None);
        assert!(judged("$.vm[*].z", &Matcher::Excludes(b()), &answer).is_some());
        assert!(judged("$.vm[*].x", &Matcher::Includes(b()), &answer).is_some());
    }
}
