//! The lists that show things of a kind, read to their last page.

use std::time::Duration;

use serde_json::Value;

use crate::scenario::{Bindings, Path, Template};
use crate::verdict::Listing;
use assay_suite::plain;
use assay_suite::{
    Counts, Effect, List, NextPage, Operation, OperationName, PageStart, Paged, Paging, Presence, Suite,
};

use super::asking::{Asking, NotRemoved};
use super::ownership::Arguments;
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
    /// The items of a list; nothing if it can't be had whole.
    pub(super) async fn items_of(
        &mut self,
        whole: &WholeList,
        more: &[(String, Value)],
        account: Option<&str>,
        asking: Asking,
    ) -> Option<Vec<Value>> {
        // Without it a page may be shorter than the longest, and be taken for the last.
        let sized = whole.paged.as_ref().and_then(|paged| paged.size.clone());
        let sized: Arguments = sized.map(|(name, most)| (name, Value::from(most))).into_iter().collect();
        let (mut found, mut read, mut page) = (Vec::new(), Read::default(), Arguments::new());
        while read.pages < MOST_PAGES && read.items < MOST_ITEMS {
            let is_said = |name: &str| more.iter().chain(&page).any(|(known, _)| known == name);
            let own = whole.arguments.iter().chain(&sized).filter(|(name, _)| !is_said(name));
            let arguments = own.chain(more).chain(&page).cloned().collect();
            let answer = self.read_page(whole, arguments, account, asking).await?;
            let items = items_of(&whole.list, &answer);
            read.add(items.len() as u64);
            for item in items {
                // A list that moves on while it is read may show one twice.
                if read.pages == 1 || !found.contains(item) {
                    found.push(item.clone());
                }
            }
            let next = match (&whole.paging, &whole.paged) {
                (Some(paging), _) => {
                    let next = read.next_page(paging, &Listing::of(&answer, &whole.list, paging));
                    next.map_or(Next::None, Next::Page)
                }
                (None, Some(paged)) => read.next_of(paged, &whole.list, &answer),
                (None, None) => Next::None,
            };
            match next {
                Next::Page(arguments) => page = arguments,
                Next::None => return Some(found),
                Next::Unknown => return None,
            }
        }
        None
    }

    /// A page of a list. A list may be refused because of what is being removed meanwhile: it is asked for once more.
    async fn read_page(
        &mut self,
        whole: &WholeList,
        arguments: Arguments,
        account: Option<&str>,
        asking: Asking,
    ) -> Option<Value> {
        let mut answer = self.ask_for(asking, &whole.operation, arguments.clone(), account).await;
        if matches!(answer, Err(NotRemoved::Refused(_) | NotRemoved::Busy(_))) {
            self.exchanger.pause(BEFORE_SECOND_LOOK).await;
            answer = self.ask_for(asking, &whole.operation, arguments, account).await;
        }
        answer.ok()??.value
    }
}

/// The items of an answer. XML without a schema does not distinguish one item from a list of one.
fn items_of<'a>(list: &List, answer: &'a Value) -> &'a [Value] {
    match list.items.split('.').try_fold(answer, |value, part| value.get(part)) {
        Some(item @ Value::Object(_)) => std::slice::from_ref(item),
        _ => list.items_of(answer),
    }
}

/// How the lists of a kind come in pages, by an `OpenAPI` document.
fn paged(suite: &Suite, list: &OperationName) -> Option<Paged> {
    let resources = suite.described.iter().flat_map(|described| &described.resources);
    let mut listed = resources.filter(|resource| resource.list.as_ref().is_some_and(|(name, _)| name == list));
    listed.find_map(|resource| resource.paged.clone())
}

/// What comes after a page.
enum Next {
    /// A page that is asked for by these arguments.
    Page(Arguments),
    /// Nothing: it was the last.
    None,
    /// Perhaps more, and how it is asked for is not known.
    Unknown,
}

/// How much of a list was read.
#[derive(Default)]
struct Read {
    pages: usize,
    items: u64,
    /// How many items the first page had: those after it are asked for as long.
    size: u64,
}

impl Read {
    fn add(&mut self, items: u64) {
        self.size = if self.pages == 0 { items } else { self.size };
        self.pages += 1;
        self.items += items;
    }

    /// What comes after the page that was read last, by an `OpenAPI` document.
    fn next_of(&self, paged: &Paged, list: &List, answer: &Value) -> Next {
        let page = items_of(list, answer);
        let is_full = page.len() as u64 >= paged.full.max(1);
        let at = |path: &str| {
            let path = Path::parse(path).ok()?;
            path.select(answer).first().map(|found| (*found).clone()).filter(|found| !plain(found).is_empty())
        };
        let one = |name: &str, value: Value| Next::Page(vec![(name.to_owned(), value)]);
        match &paged.next {
            Some(NextPage::Cursor(name, path)) => match at(path).filter(|mark| !mark.is_null()) {
                Some(mark) => one(name, mark),
                None => Next::None,
            },
            Some(NextPage::Address(path)) => match at(path).filter(|address| !address.is_null()) {
                Some(address) => Next::Page(arguments_in(&plain(&address))),
                None => Next::None,
            },
            _ if !is_full => Next::None,
            Some(NextPage::Offset(name)) => one(name, Value::from(self.items)),
            Some(NextPage::Number(name, first)) => {
                one(name, Value::from(first.saturating_add_unsigned(self.pages as u64)))
            }
            Some(NextPage::After(name)) => {
                let last = page.last().zip(list.key.as_ref()).and_then(|(item, key)| item.get(key));
                last.map_or(Next::Unknown, |last| one(name, last.clone()))
            }
            Some(NextPage::Link) | None => Next::Unknown,
        }
    }

    /// The arguments of the page after the one that was read last; nothing if that was the last.
    fn next_page(&self, paging: &Paging, last: &Listing) -> Option<Arguments> {
        let start = match &paging.start {
            PageStart::Marker { parameter, .. } => return Some(vec![(parameter.clone(), last.next.clone()?)]),
            PageStart::Number { first, .. } => first + self.pages as u64,
            PageStart::Offset { .. } => self.items,
        };
        let counts_whole = paging.count.as_ref().is_some_and(|count| count.counts == Counts::Whole);
        let is_short = last.count.is_some_and(|count| counts_whole && count > self.items);
        let items = last.keys.len() as u64;
        let is_full =
            if self.pages == 1 { paging.default.is_some_and(|most| items >= most) } else { items >= self.size };
        let argument = |name: &str, value: u64| (name.to_owned(), Value::from(value));
        (items > 0 && (is_short || is_full))
            .then(|| vec![argument(paging.start.parameter(), start), argument(&paging.size, self.size)])
    }
}

/// The arguments that an address has in its query.
fn arguments_in(address: &str) -> Arguments {
    let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let base = reqwest::Url::parse("http://page/").ok();
    let url = base.and_then(|base| base.join(&format!("?{query}")).ok());
    url.iter()
        .flat_map(reqwest::Url::query_pairs)
        .map(|(name, value)| (name.into_owned(), Value::from(&*value)))
        .collect()
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
    use assay_suite::Count;

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

    #[test]
    fn one_item_is_a_list_of_one() {
        let list = List { items: "set.item".to_owned(), key: None, volatile: Vec::new(), created: None };
        assert_eq!(items_of(&list, &json!({"set": {"item": {"id": 1}}})), [json!({"id": 1})]);
        assert_eq!(items_of(&list, &json!({"set": {"item": [1, 2]}})), [1, 2]);
        assert!(items_of(&list, &json!({"set": ""})).is_empty());
    }

    /// What is asked for after pages of so many items, the last of which shows this.
    fn asked_after(paging: &Paging, pages: &[usize], last: Listing) -> Option<Arguments> {
        let mut read = Read::default();
        pages.iter().for_each(|items| read.add(*items as u64));
        read.next_page(paging, &Listing { keys: vec![Value::Null; *pages.last().unwrap()], ..last })
    }

    #[test]
    fn a_list_is_read_to_its_last_page() {
        let number = PageStart::Number { parameter: "page".to_owned(), first: 1 };
        let paging = |start, count| Paging { start, size: "size".to_owned(), default: Some(5), count };
        let whole = || Some(Count { field: "count".to_owned(), counts: Counts::Whole });
        let page = |start: (&str, u64), size: u64| {
            Some(vec![(start.0.to_owned(), json!(start.1)), ("size".to_owned(), json!(size))])
        };
        let by_number = paging(number.clone(), None);
        assert_eq!(asked_after(&by_number, &[4], Listing::default()), None);
        assert_eq!(asked_after(&by_number, &[5], Listing::default()), page(("page", 2), 5));
        assert_eq!(asked_after(&by_number, &[5, 5], Listing::default()), page(("page", 3), 5));
        assert_eq!(asked_after(&by_number, &[5, 5, 1], Listing::default()), None);
        assert_eq!(asked_after(&by_number, &[5, 5, 0], Listing::default()), None);
        // A server whose pages are shorter than the document has them shows it by its count.
        let counted = Listing { count: Some(7), ..Listing::default() };
        let by_number = paging(number.clone(), whole());
        assert_eq!(asked_after(&by_number, &[3], counted.clone()), page(("page", 2), 3));
        assert_eq!(asked_after(&by_number, &[3, 3, 1], counted.clone()), None);
        let of_answer = paging(number, Some(Count { field: "count".to_owned(), counts: Counts::Answer }));
        assert_eq!(asked_after(&of_answer, &[3], counted), None);
        let by_offset = paging(PageStart::Offset { parameter: "offset".to_owned() }, whole());
        assert_eq!(asked_after(&by_offset, &[5, 5], Listing::default()), page(("offset", 10), 5));
        let mark = PageStart::Marker { parameter: "marker".to_owned(), next: "next".to_owned() };
        let by_mark = paging(mark, None);
        let marked = Listing { next: Some(json!("x")), ..Listing::default() };
        assert_eq!(asked_after(&by_mark, &[1], marked), Some(vec![("marker".to_owned(), json!("x"))]));
        assert_eq!(asked_after(&by_mark, &[1, 5], Listing::default()), None);
    }
}
