//! The values that parameters can have on a deployment: what its lists show. Only what reads is asked, and not for long.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;

use assay_engine::scenario::{Linked, Template, links};
use assay_suite::source::harmless;
use assay_suite::{Effect, Filter, Operation, OperationName, Parameter, plain, value_at};

use crate::call::Caller;

/// So long a person waits for values, at most.
const DEADLINE: Duration = Duration::from_secs(2);
/// A longer value is not completed, in bytes.
const LONGEST: usize = 200;
/// The fields by which people know a thing, the best first.
const NAMES: [&str; 6] = ["name", "displayname", "displaytext", "title", "description", "hostname"];

/// A value, and what it is the value of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LiveValue {
    pub text: String,
    pub label: String,
}

impl LiveValue {
    pub fn unnamed(text: String) -> Self {
        Self { text, label: String::new() }
    }
}

/// A list, and the field of its items that holds values.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shelf {
    list: OperationName,
    field: String,
}

/// Asks for values, and keeps them until the next line.
pub(super) struct LiveValues<'a> {
    caller: &'a Caller<'a>,
    runtime: &'a Runtime,
    account: Option<&'a str>,
    links: OnceCell<Vec<Linked>>,
    known: RefCell<HashMap<(OperationName, String), Vec<LiveValue>>>,
}

impl<'a> LiveValues<'a> {
    pub fn new(caller: &'a Caller<'a>, runtime: &'a Runtime, account: Option<&'a str>) -> Self {
        Self { caller, runtime, account, links: OnceCell::new(), known: RefCell::default() }
    }

    pub fn forget(&self) {
        self.known.borrow_mut().clear();
    }

    /// The values of a parameter; none where no list is known to show them, or the list does not come in time.
    pub fn values_of(&self, operation: &Operation, parameter: &Parameter) -> Vec<LiveValue> {
        if parameter.secret || parameter.credential.is_some() {
            return Vec::new();
        }
        let Some(shelf) = self.shelf(operation, parameter) else { return Vec::new() };
        let key = (shelf.list.clone(), shelf.field.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let items = self.ask(&shelf.list).unwrap_or_default();
        let values = values_in(&items, &shelf.field);
        self.known.borrow_mut().insert(key, values.clone());
        values
    }

    /// Where the values of a parameter are.
    fn shelf(&self, operation: &Operation, parameter: &Parameter) -> Option<Shelf> {
        let name = parameter.name.value.as_str();
        // A list that is narrowed to a value shows which there are.
        if let Some(Filter::Equals(field)) = parameter.filter.as_ref().filter(|_| self.arguments(operation).is_some())
            && operation.list.is_some()
        {
            return Some(Shelf { list: operation.name.value.clone(), field: field.clone() });
        }
        let of = |list: &'a Operation| {
            let field = list.list.as_ref()?.key.clone()?;
            self.arguments(list)?;
            Some(Shelf { list: list.name.value.clone(), field })
        };
        if let Some(list) = self.linked(operation, name) {
            return of(list);
        }
        let lists = || self.caller.suite.operations.values().filter(|list| list.list.is_some());
        let items = |list: &Operation| {
            let items = list.list.as_ref().map(|list| list.items.to_lowercase()).unwrap_or_default();
            items.rsplit('.').next().unwrap_or_default().to_owned()
        };
        let (lower, group) = (name.to_lowercase(), &operation.group);
        match thing_named_by(&lower)? {
            "" => lists().filter(|list| list.group == *group).find_map(of),
            thing => lists().filter(|list| items(list) == thing).find_map(of),
        }
    }

    /// The list that an `OpenAPI` document links a parameter with.
    fn linked(&self, operation: &Operation, name: &str) -> Option<&'a Operation> {
        let links = self.links.get_or_init(|| links(self.caller.suite));
        let is_taken = |link: &&Linked| {
            link.operation == operation.name.value && link.taken.split_once('.').is_some_and(|(_, taken)| taken == name)
        };
        let given = links.iter().filter(is_taken).flat_map(|link| &link.given);
        let mut lists = given.filter_map(|(list, _)| self.caller.suite.operations.get(list));
        lists.find(|list| list.list.is_some())
    }

    /// The arguments that a list can't do without; nothing if one of them is not known, or it does more than read.
    fn arguments(&self, list: &Operation) -> Option<Vec<(String, Value)>> {
        let bindings = self.caller.bindings();
        let given = |name: &&str| list.parameters.get(*name).is_none_or(|parameter| parameter.credential.is_none());
        let argument = |name: &str| {
            let parameter = list.parameters.get(name)?;
            let documented = parameter.value.as_ref().map(assay_suite::source::Node::to_json);
            let value = documented.or_else(|| parameter.values.first().map(|value| Value::from(value.as_str())))?;
            Some((name.to_owned(), Template::parse(&value).resolve(&bindings).ok()?))
        };
        let arguments: Vec<_> = list.obligatory().into_iter().filter(given).map(argument).collect::<Option<_>>()?;
        (list.effect == Effect::Reads).then_some(arguments)
    }

    fn ask(&self, list: &OperationName) -> Option<Vec<Value>> {
        let operation = self.caller.suite.operations.get(list)?;
        let asked = self.caller.look(operation, self.arguments(operation)?, self.account);
        self.runtime.block_on(async { tokio::time::timeout(DEADLINE, asked).await.ok() })?
    }
}

/// The thing whose identity a parameter has: `zone` of `zoneid`; blank where it is the operation's own.
fn thing_named_by(parameter: &str) -> Option<&str> {
    let thing = parameter.strip_suffix("ids").or_else(|| parameter.strip_suffix("id"))?;
    Some(thing.trim_end_matches(['_', '-', '.']))
}

/// What a line can hold of a field of items. Nothing in it steers a terminal, and none comes twice.
fn values_in(items: &[Value], field: &str) -> Vec<LiveValue> {
    let mut values: Vec<LiveValue> = Vec::new();
    for item in items {
        let Some(value) = value_at(item, field).filter(|value| value.is_string() || value.is_number()) else {
            continue;
        };
        let text = plain(value);
        let is_fit = !text.is_empty() && text.len() <= LONGEST && harmless::line(&text) == text;
        if is_fit && !values.iter().any(|known| known.text == text) {
            let label = NAMES.iter().find_map(|name| item.get(*name)?.as_str()).filter(|label| *label != text);
            values.push(LiveValue { text, label: label.unwrap_or_default().to_owned() });
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_names_the_thing_whose_identity_it_is() {
        let things = ["zoneid", "id", "securitygroupids", "host_id", "name"].map(thing_named_by);
        assert_eq!(things, [Some("zone"), Some(""), Some("securitygroup"), Some("host"), None]);
    }

    #[test]
    fn a_value_that_would_steer_a_terminal_is_not_completed() {
        let items = [
            json!({"id": "a\u{1b}[2J", "name": "x"}),
            json!({"id": "b", "name": "B"}),
            json!({"id": "b"}),
            json!({"id": null}),
            json!({"id": 7}),
            json!({"id": "x".repeat(LONGEST + 1)}),
        ];
        let named = |text: &str, label: &str| LiveValue { text: text.into(), label: label.into() };
        assert_eq!(values_in(&items, "id"), [named("b", "B"), named("7", "")]);
    }
}
