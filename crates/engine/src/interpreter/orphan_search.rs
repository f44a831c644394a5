//! Looks for what a run created by the name that it gave it, or by what its answer says of it: an answer was lost, names
//! nothing, or names what is not the run's.

use std::sync::Arc;

use serde_json::Value;

use crate::scenario::Path;
use assay_formats::record::{ObligationKind, Origin, Presence, UniqueName};
use assay_suite::plain;
use assay_suite::source::Located;
use assay_suite::{FOUND, Filter, Find, Operation, OperationName, Undo, way};

use super::asking::Asking;
use super::created::arguments;
use super::exchanger::Later;
use super::lists::{NoList, WholeList, is_going};
use super::looks::{Known, Look, lists_for};
use super::obligations::{HeldObligation, Standing};
use super::ownership::{Arguments, Bearing, Identity, Source, bearing, holds, identifies, identities};
use super::removal::{Claimed, LeftOver, Outcome, Removal};
use super::state::Interpreter;

/// What lists show of a name.
enum Traces {
    /// These items have it, and are not about to go; and the list that shows each.
    Shown(Vec<(Value, WholeList)>),
    /// All of the kind are shown, and none has it.
    None,
    /// Nothing can be decided: there is no list, or not the whole of it.
    Unknown,
}

impl Interpreter<'_> {
    /// What a request created is not known: removes it, if a list of its kind shows it by its name.
    pub(super) async fn look_for(&mut self, obligation: &HeldObligation, left: &mut LeftOver) -> Outcome {
        let HeldObligation { kind, number, standing, .. } = obligation;
        let (suite, account) = (Arc::clone(&self.suite), obligation.account.as_deref());
        if let ObligationKind::Request { operation, name: Some(name), unclear, origin } = kind
            && let Some(operation) = suite.operations.get(operation)
        {
            let name = UniqueName { unique: name.clone(), parameters: Vec::new() };
            let given = origin.as_ref().map(|origin| origin.given.clone()).unwrap_or_default();
            let origin = Origin { name: Some(name), given, ..Origin::of(operation.name.value.clone()) };
            if let Some(outcome) = self.remove_named(operation, &origin, *number, account, left).await {
                return outcome;
            }
            // A job may still be about to create it; an answer that names nothing says that it created something, which the
            // case itself may have removed.
            let may_be_removed = unclear.is_some() && self.obligations.has_removed();
            let may_be_nothing = !operation.asynchronous && unclear.is_none();
            let has_failed = *standing == Standing::Doubtful;
            if (has_failed || may_be_removed || may_be_nothing) && self.shows_none(operation, &origin, account).await {
                return if has_failed || may_be_removed { Outcome::Met } else { self.nothing_yet(kind, left) };
            }
        }
        self.exchanger.left_over(&kind.to_string());
        Outcome::Left
    }

    /// No list shows what a request was to create whose answer never came: it may still be under way.
    fn nothing_yet(&mut self, kind: &ObligationKind, left: &mut LeftOver) -> Outcome {
        let what = format!("{kind}, and no list shows it");
        match self.exchanger.later() {
            Later::Comes => {
                left.postpone(what);
                return Outcome::Left;
            }
            Later::Now => self.exchanger.unproven(&what),
            Later::Never => {}
        }
        Outcome::Met
    }

    /// Whether the lists of a kind show nothing of a name.
    async fn shows_none(&mut self, operation: &Operation, origin: &Origin, account: Option<&str>) -> bool {
        matches!(self.traces(operation, origin, account).await, Traces::None)
    }

    /// Removes what lists show by the name that a request gave it, but was not there before; nothing if they show none.
    pub(super) async fn remove_named(
        &mut self,
        operation: &Operation,
        origin: &Origin,
        number: u64,
        account: Option<&str>,
        left: &mut LeftOver,
    ) -> Option<Outcome> {
        let undo = operation.undo.as_ref()?;
        let Traces::Shown(items) = self.traces(operation, origin, account).await else { return None };
        let suite = Arc::clone(&self.suite);
        let mut removals = Vec::new();
        for (item, list) in items {
            let arguments = removal(undo, &item, origin)?;
            let identity = identities(&suite, undo, origin, &arguments).into_iter().next()?;
            let was_there = self.was_there(std::slice::from_ref(&list), &identity, account);
            let is_known = identifies(&identity.value).is_err() || self.obligations.names(&identity.value);
            if !is_known && matches!(was_there, None | Some(Presence::Absent)) {
                let known = Known { identity, name: origin.name.clone() };
                removals.push((arguments, Claimed::Seen(Box::new(Look::Whole(list)), Box::new(known))));
            }
        }
        if removals.is_empty() {
            return None;
        }
        if removals.len() as u64 > self.obligations.creating() {
            let (name, number) = (&operation.name.value, removals.len());
            let what = format!("what {name} created: {number} things have its name, more than were asked for");
            self.exchanger.left_over(&what);
            return Some(Outcome::Left);
        }
        let number = (removals.len() == 1).then_some(number);
        let mut outcome = Outcome::Met;
        left.seek(Some(ObligationKind::Request {
            operation: operation.name.value.clone(),
            name: origin.name.as_ref().map(|name| name.unique.clone()),
            unclear: Some("what was found by its name was not removed".to_owned()),
            origin: Some(origin.clone()),
        }));
        for (arguments, claimed) in removals {
            let origin = Some(origin.clone());
            let removal = Removal { number, operation: &undo.call.value, arguments, account, origin, claimed };
            if self.remove_or_keep(removal, left).await == Outcome::Left {
                outcome = Outcome::Left;
            }
        }
        left.seek(None);
        Some(outcome)
    }

    /// What the lists of an operation's kind show of things that have the name that the run gave.
    async fn traces(&mut self, operation: &Operation, origin: &Origin, account: Option<&str>) -> Traces {
        let Some(name) = &origin.name else { return Traces::Unknown };
        let (lists, mut shown) = (lists_for(self, operation, origin), Vec::new());
        if lists.is_empty() {
            return Traces::Unknown;
        }
        for list in lists {
            let items = match self.items_of(&list, &[], account, Asking::Undo).await {
                Ok(items) => items,
                Err(NoList::Missing) => continue,
                Err(NoList::Unknown) => return Traces::Unknown,
            };
            let has_it = |item: &Value| holds(item, &name.unique) && !is_going(item);
            shown.extend(items.into_iter().filter(has_it).map(|item| (item, list.clone())));
        }
        if shown.is_empty() { Traces::None } else { Traces::Shown(shown) }
    }

    /// Looks up what an answer did not name, and removes what is found if it is what was asked for.
    pub(super) async fn find_and_remove(&mut self, obligation: &HeldObligation, left: &mut LeftOver) -> Outcome {
        let ObligationKind::Lookup { of, answer, origin } = &obligation.kind else { return Outcome::Met };
        let (suite, account) = (Arc::clone(&self.suite), obligation.account.as_deref());
        let operation = suite.operations.get(of);
        let undo = operation.and_then(|operation| operation.undo.as_ref());
        let Some((operation, (undo, find))) = operation.zip(undo.and_then(|undo| Some((undo, undo.find.as_ref()?))))
        else {
            return Outcome::Met;
        };
        let origin = origin.clone().unwrap_or_else(|| Origin::of(of.clone()));
        let lookups = match arguments(undo, &find.with, answer, None) {
            Ok(lookups) => lookups,
            Err(why) => return self.cannot_tell(of, &why),
        };
        let mut outcome = Outcome::Met;
        for lookup in lookups {
            let sought = SearchedThing { operation, undo, find, lookup, origin: &origin, account };
            match self.find_own(&sought).await {
                Err(why) => outcome = self.cannot_tell(of, &why),
                Ok(None) if self.obligations.has_removed() => {}
                Ok(None) => {
                    let what = format!("what {of} created: {} shows nothing of it", find.call.value);
                    self.exchanger.unproven(&what);
                }
                Ok(Some(found)) => {
                    let removals = arguments(undo, &undo.with, answer, Some(&found)).unwrap_or_default();
                    for arguments in removals {
                        if self.remove_found(&sought, &found, arguments, left).await == Outcome::Left {
                            outcome = Outcome::Left;
                        }
                    }
                }
            }
        }
        outcome
    }

    fn cannot_tell(&mut self, of: &OperationName, why: &str) -> Outcome {
        self.exchanger.left_over(&format!("what {of} created was not removed: {why}"));
        Outcome::Left
    }

    async fn remove_found(
        &mut self,
        sought: &SearchedThing<'_>,
        found: &Value,
        arguments: Arguments,
        left: &mut LeftOver,
    ) -> Outcome {
        let SearchedThing { undo, find, account, .. } = *sought;
        let origin = Some(sought.origin.clone());
        let removal =
            Removal { number: None, operation: &undo.call.value, arguments, account, origin, claimed: Claimed::Unseen };
        if self.remove_or_keep(removal, left).await == Outcome::Left {
            return Outcome::Left;
        }
        match self.find_things(find, sought.lookup.clone(), account).await {
            Ok(things) if things.iter().any(|(value, _)| value == found) => {
                let what =
                    format!("{} {}: it is still there after its removal was accepted", undo.call.value, plain(found));
                self.exchanger.left_over(&what);
                Outcome::Left
            }
            Ok(_) => Outcome::Met,
            Err(_) => {
                let what =
                    format!("{} {} was accepted, but nothing shows whether it is gone", undo.call.value, plain(found));
                self.exchanger.unproven(&what);
                Outcome::Met
            }
        }
    }

    /// The one thing that was found and is the run's own; nothing if there is none any more. The error says why that can't be
    /// received.
    async fn find_own(&mut self, sought: &SearchedThing<'_>) -> Result<Option<Value>, String> {
        let SearchedThing { operation, find, account, .. } = *sought;
        let things = self.find_things(find, sought.lookup.clone(), account).await;
        let things = things.map_err(|why| format!("{} can't decide: {why}", find.call.value))?;
        let lists = lists_for(self, operation, sought.origin);
        let (mut own, mut unproven, mut others) = (Vec::new(), None, 0);
        for (value, item) in things {
            let way = way(&find.take.value);
            let identity = Identity { parameter: String::new(), way, value: value.clone(), source: Source::Answer };
            let before = self.was_there(&lists, &identity, account);
            let is_asked_for = sought.is_asked_for(&item, &self.suite);
            if identifies(&value).is_err() || matches!(before, Some(Presence::There | Presence::Going)) {
                others += 1;
                continue;
            }
            match (bearing(sought.origin.name.as_ref(), &item), is_asked_for, before) {
                (Bearing::Foreign, ..) | (_, Fits::No, _) => others += 1,
                (Bearing::Own, ..) | (Bearing::Silent, _, Some(_)) => own.push(value),
                (Bearing::Silent, _, None) => unproven = Some(plain(&value)),
            }
        }
        own.dedup();
        match (own.len(), unproven) {
            (0, None) if others == 0 => Ok(None),
            (0, None) => Err(format!("{} shows only what is not the run's", find.call.value)),
            (0, Some(value)) => Err(format!(
                "{} shows {value}, but nothing shows that it was not there before the run",
                find.call.value
            )),
            (1, _) => Ok(own.pop()),
            (number, _) => Err(format!("{} shows {number} things, more than were created", find.call.value)),
        }
    }

    /// What a look-up gives: each value that is taken, with the item that it is in.
    async fn find_things(
        &mut self,
        find: &Find,
        lookup: Arguments,
        account: Option<&str>,
    ) -> Result<Vec<(Value, Value)>, String> {
        let Some(judged) = self.ask_to_undo(&find.call.value, lookup, account).await? else { return Ok(Vec::new()) };
        let path = Path::parse(&find.take.value)?;
        let way = way(&find.take.value);
        let taken = |answer: &Value| -> Vec<(Value, Value)> {
            let values = path.select(answer).into_iter().cloned();
            let item = |value: Value| {
                let source = Source::Answer;
                let identity = Identity { parameter: String::new(), way: way.clone(), value: value.clone(), source };
                let item = identity.within(None, answer).cloned().unwrap_or(Value::Null);
                (value, item)
            };
            values.map(item).collect()
        };
        Ok(judged.value.as_ref().map(taken).unwrap_or_default())
    }
}

/// What is looked up.
struct SearchedThing<'a> {
    operation: &'a Operation,
    undo: &'a Undo,
    find: &'a Find,
    lookup: Arguments,
    origin: &'a Origin,
    account: Option<&'a str>,
}

/// Whether something that was found is what was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits {
    /// It says so, or says nothing of it.
    Perhaps,
    /// It says that it is not.
    No,
}

impl SearchedThing<'_> {
    /// Whether an item has what it was asked for by: a deployment may ignore that.
    fn is_asked_for(&self, item: &Value, suite: &assay_suite::Suite) -> Fits {
        let parameters = suite.operations.get(&self.find.call.value).map(|operation| &operation.parameters);
        let differs = |(name, wanted): &(String, Value)| {
            let filter = parameters.and_then(|all| all.get(name)).and_then(|parameter| parameter.filter.as_ref());
            let field = filter.map_or(name.as_str(), Filter::field);
            item.get(field).is_some_and(|value| plain(value) != plain(wanted))
        };
        if self.lookup.iter().any(differs) { Fits::No } else { Fits::Perhaps }
    }
}

/// The arguments that remove an item of a list: it has the fields that the creating answer has of it.
fn removal(undo: &Undo, item: &Value, origin: &Origin) -> Option<Arguments> {
    let given = |name: &str| origin.given.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let argument = |(name, written): &(String, Located<String>)| {
        let value = match undo.way(name).pop() {
            None if written.value == FOUND => return None,
            None => match written.value.strip_prefix("$request.") {
                Some(of_request) => given(of_request)?.clone(),
                None => Value::from(written.value.as_str()),
            },
            Some(field) => item.get(field).or(given(name))?.clone(),
        };
        Some((name.clone(), value))
    };
    undo.with.iter().map(argument).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use assay_suite::Several;
    use assay_suite::source::{Place, SourceFile};

    fn undo(written: &str) -> Undo {
        let place = Place::start_of(&SourceFile::new("operations.yaml", ""));
        let located = |value: &str| Located { value: value.to_owned(), place: place.clone() };
        let call = located("deleteThing").map(OperationName);
        let with = vec![("id".to_owned(), located(written)), ("forced".to_owned(), located("true"))];
        Undo { find: None, shown_by: None, call, first: None, with, several: Several::Wrong, unless: None }
    }

    #[test]
    fn an_item_of_a_list_is_removed_by_the_field_that_the_answer_would_have_had() {
        let expected = vec![("id".to_owned(), json!("7")), ("forced".to_owned(), json!("true"))];
        let item = json!({"id": "7", "name": "assay-0123"});
        let origin = Origin::of(OperationName("createThing".to_owned()));
        let removal = |written: &str| removal(&undo(written), &item, &origin);
        assert_eq!(removal("$.thing.id"), Some(expected.clone()));
        assert_eq!(removal("$.id"), Some(expected));
        assert_eq!(removal("$.thing.key"), None);
        assert_eq!(removal("$found"), None, "what has to be looked up is not in it");
    }
}
