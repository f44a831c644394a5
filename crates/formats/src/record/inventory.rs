//! What was there before a run: what is in it is never removed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use assay_suite::plain;
use assay_suite::{OperationName, SuiteName};

/// Which list an inventory is of, and who asked for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InventoryOf {
    /// The suite.
    pub suite: SuiteName,
    /// Who asked; the main account when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The operation that lists it.
    pub list: OperationName,
    /// What the list was asked for with, as it travels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<(String, String)>,
}

/// What identifies the items of a list: by the way to a field in them (`nic.id`), its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Of the items that are there to stay.
    pub there: Values,
    /// Of the items that are said to be removed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub going: Values,
}

/// Values by the way to their field.
type Values = BTreeMap<String, BTreeSet<String>>;

/// Whether something was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It was.
    There,
    /// It was, but said to be removed.
    Going,
    /// It was not.
    Absent,
}

impl Inventory {
    /// Takes an item in: those of its fields that have one of these names, wherever they are.
    pub fn add(&mut self, item: &Value, fields: &BTreeSet<&str>, is_going: impl Fn(&Value) -> bool) {
        let values = if is_going(item) { &mut self.going } else { &mut self.there };
        collect(item, &mut Vec::new(), fields, values);
    }

    /// Whether a value was there in the field to which these names lead, from the outermost on: the innermost of them may
    /// be all that the items have of the way.
    pub fn presence(&self, way: &[String], value: &Value) -> Presence {
        let value = plain(value);
        let has = |values: &Values| {
            let mut ways = (0..way.len()).map(|from| way[from..].join("."));
            // A deployment may ignore case.
            let is_one = |known: &String| known.eq_ignore_ascii_case(value.trim());
            ways.find_map(|way| values.get(&way))
                .is_some_and(|values| values.contains(&value) || values.iter().any(is_one))
        };
        match (has(&self.there), has(&self.going)) {
            (true, _) => Presence::There,
            (false, true) => Presence::Going,
            (false, false) => Presence::Absent,
        }
    }
}

fn collect<'a>(value: &'a Value, way: &mut Vec<&'a str>, fields: &BTreeSet<&str>, values: &mut Values) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, way, fields, values)),
        Value::Object(members) => {
            for (name, member) in members {
                way.push(name);
                collect(member, way, fields, values);
                way.pop();
            }
        }
        scalar => {
            if way.last().is_some_and(|name| fields.contains(name)) {
                values.entry(way.join(".")).or_default().insert(plain(scalar));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_there_is_known_by_the_field_that_identifies_it() {
        let mut inventory = Inventory::default();
        let fields = BTreeSet::from(["id"]);
        let going = |item: &Value| item["state"] == "Destroyed";
        inventory.add(&json!({"id": 7, "nic": [{"id": "n"}], "owner": {"id": "o"}}), &fields, going);
        inventory.add(&json!({"id": "gone", "state": "Destroyed"}), &fields, going);
        let way = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(inventory.presence(&way("thing.id"), &json!("7")), Presence::There);
        assert_eq!(inventory.presence(&way("thing.id"), &json!("o")), Presence::Absent, "that is another thing's");
        assert_eq!(inventory.presence(&way("thing.nic.id"), &json!("n")), Presence::There);
        assert_eq!(inventory.presence(&way("id"), &json!("gone")), Presence::Going);
        assert_eq!(inventory.presence(&way("id"), &json!("new")), Presence::Absent);
    }
}
