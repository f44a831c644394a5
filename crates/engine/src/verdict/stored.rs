//! What a deployment has stored: compared with what it showed before, and with what a filter must leave of it.

use serde_json::Value;

use crate::scenario::Narrowing;
use assay_schema::decimal::equal;
use assay_suite::{Filter, plain, value_at};

use super::shown;

/// So many fields that changed are named.
const MOST_NAMED: usize = 5;

/// Which fields of what was found are not as they were; nothing if none is.
pub(super) fn changes(before: &Value, except: &[String], found: &[&Value]) -> Option<String> {
    let mut changed = Vec::new();
    match (before, found) {
        (Value::Array(_), _) => {
            let now = found.iter().map(|item| (*item).clone()).collect();
            compare(before, &now, "", except, &mut changed);
        }
        (_, [now]) => compare(before, now, "", except, &mut changed),
        (_, []) => return Some("nothing is there".to_owned()),
        _ => return Some(format!("{} are there", found.len())),
    }
    if changed.is_empty() {
        return None;
    }
    let more = changed.len().saturating_sub(MOST_NAMED);
    changed.truncate(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{}{more}", changed.join("; ")))
}

fn compare(before: &Value, now: &Value, at: &str, except: &[String], changed: &mut Vec<String>) {
    match (before, now) {
        (Value::Object(old), Value::Object(new)) => {
            let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            for name in names.filter(|name| !except.contains(name)) {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                match (old.get(name), new.get(name)) {
                    (Some(old), Some(new)) => compare(old, new, &at, except, changed),
                    (Some(old), None) => changed.push(format!("{at} is no longer there, it was {}", shown(old))),
                    (None, Some(new)) => changed.push(format!("{at} is {}, it was not there before", shown(new))),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (number, (old, new)) in old.iter().zip(new).enumerate() {
                compare(old, new, &format!("{at}[{number}]"), except, changed);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            let at = if at.is_empty() { "the list" } else { at };
            changed.push(format!("{at} has {} items, it had {}", new.len(), old.len()));
        }
        _ if equal(before, now) => {}
        _ => {
            let at = if at.is_empty() { "it" } else { at };
            changed.push(format!("{at} is {}, it was {}", shown(now), shown(before)));
        }
    }
}

/// What a filter should have left and did not, or left and should not have; nothing if it left what it should.
/// What was not in the list before decides nothing: it may have come since.
pub(super) fn wrongly_narrowed(narrowing: &Narrowing, all: &Value, value: &Value, found: &[&Value]) -> Option<String> {
    let field = narrowing.filter.field();
    let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
    let has_key = |item: &Value, key: &Value| value_at(item, &narrowing.key).is_some_and(|known| equal(known, key));
    all.iter().find_map(|item| {
        let key = value_at(item, &narrowing.key)?;
        // Several of one key can't be told apart.
        if all.iter().filter(|other| has_key(other, key)).count() > 1 {
            return None;
        }
        let is_left = found.iter().any(|found| has_key(found, key));
        let held = value_at(item, field);
        let (name, key) = (&narrowing.key, shown(key));
        match fit(&narrowing.filter, held, value) {
            Fit::Surely if !is_left => Some(format!("the item whose {name} is {key} is missing")),
            Fit::SurelyNot if is_left => {
                let held = held.map_or("nothing".to_owned(), shown);
                Some(format!("the item whose {name} is {key} is there, and its {field} is {held}"))
            }
            _ => None,
        }
    })
}

/// Whether a filter leaves an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Surely,
    SurelyNot,
    /// It depends on whether the case of letters counts.
    Perhaps,
}

fn fit(filter: &Filter, held: Option<&Value>, value: &Value) -> Fit {
    let Some(held) = held else { return Fit::SurelyNot };
    let (held, value) = (plain(held), plain(value));
    let (held_lower, value_lower) = (held.to_lowercase(), value.to_lowercase());
    let (surely, perhaps) = match filter {
        Filter::Equals(_) => (held == value, held_lower == value_lower),
        Filter::Contains(_) => (held.contains(&value), held_lower.contains(&value_lower)),
    };
    match (surely, perhaps) {
        (true, _) => Fit::Surely,
        (false, true) => Fit::Perhaps,
        (false, false) => Fit::SurelyNot,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scenario::Template;

    fn narrowed(filter: Filter, value: &Value, found: &Value) -> Option<String> {
        let all = json!([{"id": 1, "name": "Alpha"}, {"id": 2, "name": "beta"}, {"id": 3}]);
        let template = || Template::Literal(Value::Null);
        let narrowing = Narrowing { all: template(), key: "id".to_owned(), filter, value: template() };
        let found: Vec<_> = found.as_array().unwrap().iter().collect();
        wrongly_narrowed(&narrowing, &all, value, &found)
    }

    #[test]
    fn what_changed_is_named_and_what_may_change_is_not() {
        let before = json!({"name": "a", "ha": true, "nic": [{"ip": "x"}]});
        let changed = |now: Value, except: &[&str]| {
            let except: Vec<_> = except.iter().map(|name| (*name).to_owned()).collect();
            changes(&before, &except, &[&now])
        };
        assert_eq!(changed(json!({"name": "b", "ha": true, "nic": [{"ip": "x"}]}), &["name"]), None);
        let observed = changed(json!({"name": "b", "ha": false, "nic": [{"ip": "y"}]}), &["name"]).unwrap();
        assert_eq!(observed, "ha is false, it was true; nic[0].ip is \"y\", it was \"x\"");
        assert_eq!(
            changed(json!({"name": "a", "ha": true}), &[]).unwrap(),
            "nic is no longer there, it was [{\"ip\":\"x\"}]"
        );
        assert_eq!(changes(&before, &[], &[]).unwrap(), "nothing is there");
    }

    #[test]
    fn a_filter_leaves_all_that_fits_and_nothing_else() {
        let name = || Filter::Equals("name".to_owned());
        let alpha = json!({"id": 1, "name": "Alpha"});
        assert_eq!(narrowed(name(), &json!("Alpha"), &json!([alpha])), None);
        // What came since decides nothing.
        assert_eq!(narrowed(name(), &json!("Alpha"), &json!([alpha, {"id": 9}])), None);
        assert_eq!(narrowed(name(), &json!("Alpha"), &json!([])).unwrap(), "the item whose id is 1 is missing");
        let all = json!([alpha, {"id": 2, "name": "beta"}]);
        let observed = narrowed(name(), &json!("Alpha"), &all).unwrap();
        assert_eq!(observed, "the item whose id is 2 is there, and its name is \"beta\"");
    }

    #[test]
    fn whether_the_case_of_letters_counts_is_not_decided() {
        for found in [json!([{"id": 1}]), json!([])] {
            assert_eq!(narrowed(Filter::Equals("name".to_owned()), &json!("alpha"), &found), None);
            assert_eq!(narrowed(Filter::Contains("name".to_owned()), &json!("LPH"), &found), None);
        }
    }
}
