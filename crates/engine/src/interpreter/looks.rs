//! Looks at things: whether they are there, and whose they are.

use serde_json::Value;

use assay_formats::record::{Origin, UniqueName};
use assay_suite::http::Method;
use assay_suite::{Effect, Filter, Operation, OperationName, Presence, Suite, Undo};

use super::asking::{Asking, NotRemoved};
use super::lists::{NoList, WholeList, is_going, lists_of};
use super::ownership::{Arguments, Identity, stem};
use super::state::Interpreter;

/// A way to look at one thing.
#[derive(Clone, Debug)]
pub(super) enum Look {
    /// It is read by itself.
    Read(OperationName, Arguments),
    /// Its list is asked for it alone.
    Narrow(WholeList, Arguments),
    /// Its list is read to its end.
    Whole(WholeList),
}

/// What is looked for: what distinguishes it from others, and the name that the run gave it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub identity: Identity,
    pub name: Option<UniqueName>,
}

/// What a look shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sight {
    /// The thing.
    Shown(Value),
    /// That it is not there.
    Absent,
    /// Nothing: what is asked for can't be had.
    Unknown,
}

/// The ways to look at a thing, the cheapest first.
pub(super) fn looks(
    suite: &Suite,
    operation: &Operation,
    identity: &Identity,
    (origin, removal): (&Origin, &Arguments),
    lists: Vec<WholeList>,
) -> Vec<Look> {
    let undo = operation.undo.as_ref();
    let undoing = undo.and_then(|undo| suite.operations.get(&undo.call.value));
    let mut looks: Vec<_> = reading(suite, operation, undoing, identity, (origin, removal)).into_iter().collect();
    for list in &lists {
        let narrowing = suite.operations.get(&list.operation).and_then(|list| narrowing(list, identity));
        looks.extend(narrowing.map(|name| Look::Narrow(list.clone(), vec![(name, identity.value.clone())])));
    }
    looks.extend(lists.into_iter().map(Look::Whole));
    looks
}

/// The operation that reads one thing by what its removal names.
fn reading(
    suite: &Suite,
    operation: &Operation,
    undoing: Option<&Operation>,
    identity: &Identity,
    (origin, removal): (&Origin, &Arguments),
) -> Option<Look> {
    let undoing = undoing?;
    let groups = [&operation.group, &undoing.group];
    let mut reading = suite.operations.values().filter(|read| {
        read.effect == Effect::Reads && read.list.is_none() && !read.asynchronous && groups.contains(&&read.group)
    });
    let read = reading.find(|read| match (&read.request, &undoing.request) {
        (Some(read), Some(undoing)) => read.path == undoing.path && undoing.path.contains('{'),
        (None, None) => {
            let required = read
                .parameters
                .values()
                .filter(|parameter| parameter.presence == Presence::Required && parameter.credential.is_none());
            let required: Vec<_> = required.map(|parameter| parameter.name.value.as_str()).collect();
            required == [identity.parameter.as_str()]
        }
        _ => false,
    })?;
    let needed = read
        .parameters
        .values()
        .filter(|parameter| parameter.presence == Presence::Required && parameter.credential.is_none());
    let argument = |parameter: &assay_suite::Parameter| {
        let name = &parameter.name.value;
        let known = removal.iter().chain(&origin.given).find(|(known, _)| known == name);
        Some((name.clone(), known?.1.clone()))
    };
    Some(Look::Read(read.name.value.clone(), needed.map(argument).collect::<Option<_>>()?))
}

/// The reading of what a thing is in, by the path of its removal: `/things/{id}` of `/things/{id}/labels/{name}`.
fn reading_around(suite: &Suite, undo: &Undo, removal: &Arguments) -> Option<(OperationName, Arguments)> {
    let path = &suite.operations.get(&undo.call.value)?.request.as_ref()?.path;
    let (before, _) = path.rsplit_once('{')?;
    let around = before.get(..=before.rfind('}')?)?;
    let is_it = |read: &&Operation| {
        read.request.as_ref().is_some_and(|request| request.method == Method::Get && request.path == around)
    };
    let read = suite.operations.values().find(is_it)?;
    let needed = read
        .parameters
        .values()
        .filter(|parameter| parameter.presence == Presence::Required && parameter.credential.is_none());
    let argument =
        |parameter: &assay_suite::Parameter| removal.iter().find(|(known, _)| *known == parameter.name.value).cloned();
    Some((read.name.value.clone(), needed.map(argument).collect::<Option<_>>()?))
}

/// The parameter that narrows a list to one thing.
fn narrowing(list: &Operation, identity: &Identity) -> Option<String> {
    let by_filter = list
        .parameters
        .values()
        .find(|parameter| matches!(&parameter.filter, Some(Filter::Equals(field)) if field == identity.field()));
    let named = |parameter: &&assay_suite::Parameter| parameter.name.value == stem(&identity.parameter);
    let by_name = || list.parameters.values().find(named).filter(|parameter| parameter.name.value == identity.field());
    by_filter.or_else(by_name).map(|parameter| parameter.name.value.clone())
}

/// The lists that show what an operation created.
pub(super) fn lists_for(interpreter: &Interpreter<'_>, operation: &Operation, origin: &Origin) -> Vec<WholeList> {
    lists_of(&interpreter.suite, operation, &origin.given, &interpreter.bindings)
}

impl Interpreter<'_> {
    /// Whether what a thing is in is not there: then it is not there either.
    pub(super) async fn is_around_gone(&mut self, undo: &Undo, removal: &Arguments, account: Option<&str>) -> bool {
        let Some((read, arguments)) = reading_around(&self.suite, undo, removal) else { return false };
        matches!(self.ask_for(Asking::Undo, &read, arguments, account).await, Ok(None))
    }

    /// Looks at a thing in one way.
    pub(super) async fn see(&mut self, look: &Look, thing: &Known, account: Option<&str>) -> Sight {
        let shown = |value: &Value| thing.identity.within(thing.name.as_ref(), value).cloned().map(Sight::Shown);
        let (list, arguments) = match look {
            Look::Read(operation, arguments) => {
                let answer = self.ask_for(Asking::Undo, operation, arguments.clone(), account).await;
                return match answer {
                    Ok(None) => Sight::Absent,
                    Ok(Some(judged)) => {
                        let of_it = |value: &Value| {
                            shown(value)
                                .or_else(|| thing.identity.is_implied(value).then(|| Sight::Shown(value.clone())))
                        };
                        judged.value.as_ref().and_then(of_it).unwrap_or(Sight::Unknown)
                    }
                    Err(NotRemoved::Refused(_) | NotRemoved::Busy(_) | NotRemoved::Failed(_)) => Sight::Unknown,
                };
            }
            Look::Narrow(list, arguments) => (list, arguments.as_slice()),
            Look::Whole(list) => (list, [].as_slice()),
        };
        match self.items_of(list, arguments, account, Asking::Undo).await {
            Err(NoList::Missing) => Sight::Absent,
            Err(NoList::Unknown) => Sight::Unknown,
            Ok(items) => shown_in(&Value::Array(items), thing).map_or(Sight::Absent, Sight::Shown),
        }
    }

    /// Looks at a thing in one way after the other, until one shows it. That it is not there only a whole list says, or,
    /// where there is none, the reading of it alone: a list that is asked for one thing may not know how to.
    pub(super) async fn look_for_it(
        &mut self,
        looks: &[Look],
        thing: &Known,
        account: Option<&str>,
    ) -> (Sight, Option<Look>) {
        let has_whole = looks.iter().any(|look| matches!(look, Look::Whole(_)));
        let (mut absent, mut unknown) = (false, false);
        for look in looks {
            let decides = matches!(look, Look::Whole(_)) || !has_whole;
            match self.see(look, thing, account).await {
                Sight::Shown(item) => return (Sight::Shown(item), Some(look.clone())),
                Sight::Absent => absent |= decides,
                Sight::Unknown => unknown |= decides,
            }
        }
        (if absent && !unknown { Sight::Absent } else { Sight::Unknown }, None)
    }
}

/// What shows a thing in a list. What is part of something that is said to be removed goes with it: the interface of a machine.
fn shown_in(items: &Value, thing: &Known) -> Option<Value> {
    let name = thing.name.as_ref();
    let found = thing.identity.within(name, items)?;
    let has_it = |item: &Value| thing.identity.within(name, item).is_some_and(|inner| std::ptr::eq(inner, found));
    let holder = items.as_array().into_iter().flatten().find(|item| has_it(item) && is_going(item));
    Some(holder.unwrap_or(found).clone())
}
