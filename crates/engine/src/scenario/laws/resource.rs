//! Which operations are about things of one kind: what creates it, lists it, changes it and removes it.

use assay_schema::Field;
use assay_suite::{Availability, Effect, Filter, List, Operation, Several, Suite, ValueType, way};

use super::maker::Maker;
use super::request::{Arguments, documented};
use crate::scenario::Template;

/// A list in which one thing can be found by its identity.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub operation: &'a Operation,
    pub list: &'a List,
    pub key: &'a str,
    /// The parameter that leaves the items with an identity, if there is one.
    pub by: Option<&'a str>,
    /// What is around an identity in a path: quotes, unless it is a number.
    quote: &'static str,
}

/// Something that an operation creates, another one lists, and perhaps a third removes.
#[derive(Clone, Copy)]
pub(super) struct Resource<'a> {
    pub create: &'a Operation,
    /// The path to its identity, in the answer or in the result of the job.
    pub made: &'a str,
    pub shown: Shown<'a>,
    /// What removes it, and the parameter that says what.
    pub remove: Option<(&'a Operation, &'a str)>,
}

impl<'a> Shown<'a> {
    fn of(operation: &'a Operation) -> Option<Self> {
        let list = operation.list.as_ref()?;
        let key = list.key.as_deref()?;
        let is_key = |filter: &Option<Filter>| matches!(filter, Some(Filter::Equals(field)) if field == key);
        let by = operation.parameters.values().find(|parameter| is_key(&parameter.filter));
        let is_number = by.is_some_and(|by| by.value_type == Some(ValueType::Integer));
        let is_offered = operation.effect == Effect::Reads && operation.availability == Availability::Offered;
        is_offered.then_some(Self {
            operation,
            list,
            key,
            by: by.map(|parameter| parameter.name.value.as_str()),
            quote: if is_number { "" } else { "'" },
        })
    }

    /// The parameter by which an operation names one of the things shown: that by which the list finds it, or the one that is
    /// called as the field that identifies it.
    pub fn named_by<'b>(&self, operation: &'b Operation) -> Option<&'b str> {
        let is_called = |name: &&str| {
            let stem = name.split('.').next().unwrap_or_default();
            self.by == Some(*name) || spelt_alike(stem, self.key)
        };
        operation.parameters.keys().map(String::as_str).find(is_called)
    }

    /// The arguments that leave the item with an identity. What a list has to be asked for by is what another request gave:
    /// the things of a network are listed by that network.
    pub fn arguments(&self, identity: &Template, other: &Operation, given: &Arguments) -> Arguments {
        let mut arguments = super::request::plain(self.operation);
        for (name, value) in &mut arguments {
            *value = super::request::value(other, given, name);
        }
        arguments.extend(self.by.map(|by| (by.to_owned(), Some(identity.clone()))));
        arguments
    }

    /// Whether the list shows what a request is about: without a parameter for its identity it must be asked for by what the
    /// request gave, or by nothing.
    pub fn is_found_by(&self, given: &Arguments) -> bool {
        let mut wanted = super::request::plain(self.operation).into_iter();
        self.by.is_some() || wanted.all(|(name, _)| given.iter().any(|(known, _)| *known == name))
    }

    /// The path to the item that a variable names.
    pub fn item(&self, variable: &str) -> String {
        let Self { list, key, quote, .. } = self;
        format!("$.{}[?@.{key} == {quote}${{{variable}}}{quote}]", list.items)
    }

    /// The path to the identities of the items that are not on their way out.
    pub fn lasting_keys(&self) -> String {
        let going =
            ["state", "status"].map(|field| format!("!search(@.{field}, '(?i)destroy|expung|terminat|delet|remov')"));
        format!("$.{}[?{}].{}", self.list.items, going.join(" && "), self.key)
    }

    /// The path to the identities of all items.
    pub fn keys(&self) -> String {
        format!("$.{}[*].{}", self.list.items, self.key)
    }
}

/// Whether two names are one but for the way in which their words are joined: `serviceId` and `service_id`.
fn spelt_alike(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.replace(['_', '-'], "").to_ascii_lowercase();
    letters(one) == letters(other)
}

/// What an operation is about: its name without the verb, in lower case and in the singular.
fn noun(name: &str) -> String {
    let verb = name.find(|letter: char| letter.is_ascii_uppercase()).filter(|at| *at > 0);
    let verb = verb.or_else(|| name.get(1..)?.find(|letter: char| letter.is_ascii_uppercase()).map(|at| at + 1));
    let noun = &name[verb.unwrap_or(0)..];
    // `resetPasswordForVirtualMachine` is about a machine.
    let about =
        noun.rsplit_once("For").filter(|(_, rest)| rest.starts_with(|letter: char| letter.is_ascii_uppercase()));
    let noun = about.map_or(noun, |(_, noun)| noun).to_lowercase();
    noun.strip_suffix('s').map_or(noun.clone(), str::to_owned)
}

/// The list that shows what an operation is about: it has the operation's noun, or its items are called so.
pub(super) fn shown<'a>(suite: &'a Suite, operation: &Operation, item: Option<&str>) -> Option<Shown<'a>> {
    let lists: Vec<_> = suite.operations.values().filter_map(Shown::of).collect();
    let wanted = noun(&operation.name.value.0);
    let called = |list: &&Shown<'a>| noun(&list.operation.name.value.0) == wanted;
    let has_items = |list: &&Shown<'a>| list.list.items == wanted || item == Some(list.list.items.as_str());
    lists.iter().find(called).or_else(|| lists.iter().find(has_items)).copied()
}

impl<'a> Maker<'a> {
    /// What the operations of the suite create, and how it is found again.
    pub(super) fn resources(&self) -> Vec<Resource<'a>> {
        let suite = self.suite;
        let offered = suite
            .operations
            .values()
            .filter(|operation| operation.effect == Effect::Creates && operation.availability == Availability::Offered);
        offered.filter_map(|create| self.resource(create)).collect()
    }

    pub(super) fn resource(&self, create: &'a Operation) -> Option<Resource<'a>> {
        let undo = create.undo.as_ref().filter(|undo| undo.find.is_none() && undo.several == Several::Wrong)?;
        let [(parameter, made)] = undo.with.as_slice() else { return None };
        let names = way(&made.value);
        let (identity, around) = names.split_last()?;
        let shown = shown(self.suite, create, around.last().map(String::as_str))?;
        if shown.key != identity {
            return None;
        }
        let remove = self.suite.operations.get(&undo.call.value).filter(|remove| remove.effect == Effect::Removes);
        let remove = remove.map(|remove| (remove, parameter.as_str()));
        Some(Resource { create, made: made.value.as_str(), shown, remove })
    }

    /// Whether the document describes a field of the items of a list.
    pub(super) fn has_field(&self, shown: &Shown<'_>, name: &str) -> bool {
        let path = self.suite.answer_schema(&shown.operation.name.value.0);
        let mut shape = self.schemas.shape(&path);
        for part in shown.list.items.split('.') {
            match shape.field(part) {
                Field::Known(found) => shape = found,
                Field::Open | Field::Missing(_) => return false,
            }
        }
        match shape.element() {
            Field::Known(item) => matches!(item.field(name), Field::Known(_)),
            Field::Open | Field::Missing(_) => false,
        }
    }

    /// Whether a request for an operation can be made: each of its arguments has a value.
    pub(super) fn has_values(operation: &Operation, arguments: &Arguments) -> bool {
        arguments.iter().all(|(name, value)| {
            value.is_some() || operation.parameters.get(name).is_some_and(|found| documented(found).is_some())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_may_join_its_words_otherwise_than_the_field() {
        assert!(spelt_alike("serviceId", "service_id"));
        assert!(spelt_alike("VolumeId", "volumeid"));
        assert!(!spelt_alike("servicedefId", "service_id"));
    }

    #[test]
    fn an_operation_is_about_what_follows_its_verb() {
        assert_eq!(noun("listVolumes"), "volume");
        assert_eq!(noun("DescribeSnapshots"), "snapshot");
        assert_eq!(noun("createEgressFirewallRules"), "egressfirewallrule");
        assert_eq!(noun("ping"), "ping");
        assert_eq!(noun("changeServiceForVirtualMachine"), "virtualmachine");
        assert_eq!(noun("createPortForwardingRule"), "portforwardingrule");
    }
}
