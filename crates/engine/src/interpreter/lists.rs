//! The lists that show things of a kind, read to their last page.

use std::time::Duration;

use serde_json::Value;

use crate::scenario::{Bindings, Template};
use assay_suite::plain;
use assay_suite::{Effect, List, Operation, OperationName, Paged, Paging, Presence, Suite};

use super::asking::{Asking, NotRemoved};
use super::ownership::Arguments;
use super::pages::{NextPart, PageWalk, paged};
use super::state::Interpreter;

/// So many pages are followed where their number is unknown: a server that never gives the last one must not hold
/// up a run.
pub(super) const MOST_PAGES: usize = 200;
/// A list longer than this can't be had whole.
const MOST_ITEMS: u64 = 200_000;
/// So long is waited before a list that was refused is asked for once more.
const BEFORE_SECOND_LOOK: Duration = Duration::from_millis(200);

/// A list, and how it is asked for whole.
#[derive(Clone, Debug)]
pub(super) struct WholeList {
    pub operation: OperationName,
    pub list: List,
    pub paging: Option<Paging>,
    /// How it comes in pages by its `OpenAPI` document.
    pub paged: Option<Paged>,
    pub arguments: Arguments,
}

/// Why a list can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoList {
    /// What it is a list in is not there.
    Missing,
    /// Whatever else.
    Unknown,
}

impl WholeList {
    /// A documented list; nothing if it is none, or needs what is not known.
    fn documented(
        suite: &Suite,
        operation: &Operation,
        given: &[(String, Value)],
        bindings: &Bindings,
    ) -> Option<Self> {
        let list = operation.list.clone()?;
        let arguments = plainest(suite, operation, given, bindings)?;
        let paging = suite.paging_of(operation).cloned();
        let paged = paged(suite, &operation.name.value);
        Some(Self { operation: operation.name.value.clone(), list, paging, paged, arguments })
    }

    /// The arguments, as they travel.
    pub fn plain_arguments(&self) -> Vec<(String, String)> {
        self.arguments.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
    }
}

/// The lists that show what an operation creates, given the arguments of its request that they take: the one that its
/// undoing names, those that are called as what its answer holds, or all of its group.
pub(super) fn lists_of(
    suite: &Suite,
    operation: &Operation,
    given: &[(String, Value)],
    bindings: &Bindings,
) -> Vec<WholeList> {
    if let Some(shown_by) = operation.undo.as_ref().and_then(|undo| undo.shown_by.as_ref()) {
        let argument = |(name, written): &(String, assay_suite::source::Located<String>)| {
            let value = match written.value.strip_prefix("$request.") {
                None => Value::from(written.value.as_str()),
                Some(sent) => given.iter().find(|(known, _)| known == sent)?.1.clone(),
            };
            Some((name.clone(), value))
        };
        let arguments = shown_by.with.iter().map(argument).collect::<Option<_>>();
        let (call, list) = (shown_by.call.value.clone(), shown_by.list.clone());
        let paging = suite.operations.get(&call).and_then(|operation| suite.paging_of(operation)).cloned();
        let paged = paged(suite, &call);
        let whole = |arguments| WholeList { operation: call, list, paging, paged, arguments };
        return arguments.map(whole).into_iter().collect();
    }
    let removal = operation.undo.as_ref().and_then(|undo| suite.operations.get(&undo.call.value));
    let groups = [Some(&operation.group), removal.map(|removal| &removal.group)];
    let of_group = |list: &&Operation| groups.contains(&Some(&list.group));
    let lists: Vec<_> = suite.operations.values().filter(of_group).filter(|list| list.list.is_some()).collect();
    let names = names_of(operation);
    for fits in [is_called, begins_like] {
        let called: Vec<_> = lists
            .iter()
            .filter(|list| {
                list.list.as_ref().is_some_and(|list| names.iter().any(|name| fits(last(&list.items), name)))
            })
            .filter_map(|list| WholeList::documented(suite, list, given, bindings))
            .collect();
        if !called.is_empty() {
            return called;
        }
    }
    // Of several lists that are called otherwise none is known to show it: that it is on none of them proves nothing.
    if lists.len() > 1 && !names.is_empty() {
        return Vec::new();
    }
    lists.into_iter().filter_map(|list| WholeList::documented(suite, list, given, bindings)).collect()
}

/// What the answer of an operation calls what it created.
fn names_of(operation: &Operation) -> Vec<String> {
    let Some(undo) = &operation.undo else { return Vec::new() };
    let ways = undo.with.iter().map(|(argument, _)| undo.way(argument));
    ways.filter_map(|mut way| way.pop().map(|_| way)).flatten().collect()
}

fn last(items: &str) -> &str {
    items.rsplit('.').next().unwrap_or(items)
}

fn is_called(items: &str, name: &str) -> bool {
    items.eq_ignore_ascii_case(name)
}

fn begins_like(items: &str, name: &str) -> bool {
    items.len() > name.len() && items.to_lowercase().starts_with(&name.to_lowercase())
}

impl Interpreter<'_> {
    /// The items of a list; the error says why it can't be had whole.
    pub(super) async fn items_of(
        &mut self,
        whole: &WholeList,
        more: &[(String, Value)],
        account: Option<&str>,
        asking: Asking,
    ) -> Result<Vec<Value>, NoList> {
        // Without it a page may be shorter than the longest, and be taken for the last.
        let sized = whole.paged.as_ref().and_then(|paged| paged.size.clone());
        let sized: Arguments = sized.map(|(name, most)| (name, Value::from(most))).into_iter().collect();
        let mut walk = PageWalk::new(whole.list.clone(), whole.paging.clone(), whole.paged.clone());
        let (mut found, mut page) = (Vec::new(), Arguments::new());
        while walk.pages() < MOST_PAGES && walk.items() < MOST_ITEMS {
            let is_said = |name: &str| more.iter().chain(&page).any(|(known, _)| known == name);
            let own = whole.arguments.iter().chain(&sized).filter(|(name, _)| !is_said(name));
            let arguments = own.chain(more).chain(&page).cloned().collect();
            let answer = self.read_page(whole, arguments, account, asking).await?;
            let is_first = walk.pages() == 0;
            for item in walk.items_of(&answer) {
                // A list that moves on while it is read may show one twice.
                if is_first || !found.contains(item) {
                    found.push(item.clone());
                }
            }
            match walk.after(&answer, None) {
                NextPart::Page(arguments) => page = arguments,
                NextPart::None => return Ok(found),
                NextPart::Unknown => return Err(NoList::Unknown),
            }
        }
        Err(NoList::Unknown)
    }

    /// Whether a list is of what is in one thing, which its path names.
    fn is_within(&self, list: &OperationName) -> bool {
        let path = self.suite.operations.get(list).and_then(|list| list.request.as_ref()).map(|request| &request.path);
        path.is_some_and(|path| path.contains('{'))
    }

    /// A page of a list. A list may be refused because of what is being removed meanwhile: it is asked for once more.
    async fn read_page(
        &mut self,
        whole: &WholeList,
        arguments: Arguments,
        account: Option<&str>,
        asking: Asking,
    ) -> Result<Value, NoList> {
        let mut answer = self.ask_for(asking, &whole.operation, arguments.clone(), account).await;
        if matches!(answer, Err(NotRemoved::Refused(_) | NotRemoved::Busy(_))) {
            self.exchanger.pause(BEFORE_SECOND_LOOK).await;
            answer = self.ask_for(asking, &whole.operation, arguments, account).await;
        }
        match answer {
            Ok(Some(judged)) => judged.value.ok_or(NoList::Unknown),
            Ok(None) if self.is_within(&whole.operation) => Err(NoList::Missing),
            Ok(None) | Err(_) => Err(NoList::Unknown),
        }
    }
}

/// The arguments with which a list is had whole, given those of the request that created what it is to show; nothing if it is
/// no list, or needs what is not known.
pub(super) fn plainest(
    suite: &Suite,
    list: &Operation,
    given: &[(String, Value)],
    bindings: &Bindings,
) -> Option<Arguments> {
    list.list.as_ref().filter(|_| list.effect == Effect::Reads)?;
    let size = suite.paging_of(list).map(|paging| paging.size.as_str());
    let needed = list.parameters.values().filter(|parameter| {
        let name = parameter.name.value.as_str();
        let is_given = given.iter().any(|(known, _)| known == name);
        (parameter.presence == Presence::Required || (parameter.scope && is_given))
            && parameter.credential.is_none()
            && size != Some(name)
    });
    let value = |parameter: &assay_suite::Parameter| {
        if let Some((name, value)) = given.iter().find(|(name, _)| *name == parameter.name.value) {
            return Some((name.clone(), value.clone()));
        }
        let value = Template::parse(&parameter.value.as_ref()?.to_json()).resolve(bindings).ok()?;
        Some((parameter.name.value.clone(), value))
    };
    needed.map(value).collect()
}

/// Whether an item is still listed, but said to be removed.
pub fn is_going(item: &Value) -> bool {
    states_of_going(item).next().is_some()
}

/// Whether it is only said that it will be: that may be so for ever, where the removal failed.
pub(super) fn is_underway(item: &Value) -> bool {
    states_of_going(item)
        .any(|state| state.split(|letter: char| !letter.is_alphabetic()).any(|word| word.ends_with("ing")))
}

/// What says of an item that it is removed, in lower case. Next to a state of its own it may show that of what it is in, with the
/// name of that: a disk says `vmstate` and `vmname`.
fn states_of_going(item: &Value) -> impl Iterator<Item = String> {
    const STEMS: [&str; 5] = ["destroy", "expung", "terminat", "delet", "remov"];
    const STATES: [&str; 2] = ["state", "status"];
    let fields = item.as_object().into_iter().flatten();
    let has =
        move |wanted: &str| item.as_object().into_iter().flatten().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let has_own = STATES.into_iter().any(has);
    let is_anothers = move |of: &str| has_own && !of.is_empty() && has(&format!("{of}name"));
    fields.filter_map(move |(name, value)| {
        let (name, value) = (name.to_lowercase(), plain(value).to_lowercase());
        let (of, _) = STATES.iter().find_map(|state| name.split_once(state))?;
        (!is_anothers(of) && STEMS.iter().any(|stem| value.contains(stem))).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_said_to_be_destroyed_is_on_its_way() {
        assert!(is_going(&json!({"id": "7", "state": "Destroyed"})));
        assert!(!is_going(&json!({"id": "destroyed", "state": "Running"})));
        assert!(is_going(&json!({"TableName": "a", "TableStatus": "DELETING"})));
        assert!(is_going(&json!({"name": "a", "status": "ACTIVE", "task_state": "deleting"})));
    }

    #[test]
    fn what_is_being_removed_is_not_removed_yet() {
        assert!(is_underway(&json!({"id": "7", "state": "Deleting"})));
        assert!(is_underway(&json!({"id": "7", "instanceState": {"code": 32, "name": "terminating"}})));
        assert!(!is_underway(&json!({"id": "7", "state": "Destroyed"})));
        assert!(!is_underway(&json!({"id": "7", "state": "Running"})));
    }

    #[test]
    fn a_disk_of_a_machine_that_is_destroyed_stays() {
        let disk = json!({"id": "7", "state": "Ready", "vmname": "a", "vmstate": "Destroyed"});
        assert!(!is_going(&disk));
        assert!(is_going(&json!({"id": "7", "state": "Destroy", "vmname": "a", "vmstate": "Running"})));
    }
}
