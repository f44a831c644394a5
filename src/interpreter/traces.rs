//! What the lists of a deployment say of things whose fate no answer told: a run was killed before it came, or gave it up.

use std::sync::Arc;

use serde_json::Value;

use crate::record::Matter;
use crate::scenario::{Bindings, Template, plain};
use crate::suite::{Counts, Effect, Operation, OperationName, PageStart, Paging, Presence, Suite, Undo};
use crate::verdict::Listing;

use super::Exchanger;
use super::obligations::{Arguments, decisive};
use super::paginate::MOST_PAGES;
use super::undo::{LeftOver, Outcome, Removal};
use super::walk::Interpreter;

/// What lists show of a text.
enum Traces {
    /// These items have it, and are not about to go.
    Shown(Vec<Value>),
    /// All of the kind are shown, and none has it.
    None,
    /// Nothing can be told: there is no list, or not the whole of it.
    Unknown,
}

impl<E: Exchanger> Interpreter<'_, E> {
    /// A request was under way: removes what it created, if a list of its kind shows it.
    pub(super) async fn look_for(
        &mut self,
        matter: &Matter,
        number: u64,
        account: Option<&str>,
        left: &mut LeftOver,
    ) -> Outcome {
        let suite = Arc::clone(&self.suite);
        if let Matter::Request { operation, name: Some(name) } = matter
            && let Some(operation) = suite.operations.get(operation)
        {
            match self.traces(operation, std::slice::from_ref(name), account).await {
                // A job may still be about to create it.
                Traces::None if !operation.asynchronous => return Outcome::Met,
                Traces::Shown(items) => {
                    if let Some(outcome) = self.remove_items(operation, &items, number, account, left).await {
                        return outcome;
                    }
                }
                Traces::None | Traces::Unknown => {}
            }
        }
        self.exchanger.left_over(&matter.to_string());
        Outcome::Left
    }

    /// Removes what a list shows; nothing if that does not tell how.
    async fn remove_items(
        &mut self,
        operation: &Operation,
        items: &[Value],
        number: u64,
        account: Option<&str>,
        left: &mut LeftOver,
    ) -> Option<Outcome> {
        let undo = operation.undo.as_ref()?;
        let removals: Vec<_> = items.iter().map(|item| removal(undo, item)).collect::<Option<_>>()?;
        let mut outcome = Outcome::Met;
        let number = (removals.len() == 1).then_some(number);
        for arguments in removals {
            let removal = Removal { number, operation: &undo.call.value, arguments, account };
            if self.remove_or_keep(removal, left).await == Outcome::Left {
                outcome = Outcome::Left;
            }
        }
        Some(outcome)
    }

    /// Whether what a removal was refused for is gone already: the run that was killed may have removed it.
    pub(super) async fn is_gone(
        &mut self,
        removal: &OperationName,
        arguments: &Arguments,
        account: Option<&str>,
    ) -> bool {
        let suite = Arc::clone(&self.suite);
        let Some(operation) = suite.operations.get(removal) else { return false };
        let ids: Vec<_> = decisive(Some(operation), arguments).into_iter().map(|(_, value)| plain(value)).collect();
        matches!(self.traces(operation, &ids, account).await, Traces::None)
    }

    /// What the lists of an operation's kind show of things that have all of these texts.
    async fn traces(&mut self, operation: &Operation, texts: &[String], account: Option<&str>) -> Traces {
        let suite = Arc::clone(&self.suite);
        let (mut shown, mut seen) = (Vec::new(), false);
        for list in suite.operations.values().filter(|list| list.group == operation.group) {
            let Some(arguments) = plainest(&suite, list, &self.bindings) else { continue };
            let Some(of_list) = self.items_with(list, arguments, texts, account).await else { return Traces::Unknown };
            seen = true;
            shown.extend(of_list);
        }
        match (seen, shown.is_empty()) {
            (false, _) => Traces::Unknown,
            (true, true) => Traces::None,
            (true, false) => Traces::Shown(shown),
        }
    }

    /// The items of a list that have all of these texts, and are not about to go; nothing if the list can't be had whole.
    async fn items_with(
        &mut self,
        operation: &Operation,
        plainest: Arguments,
        texts: &[String],
        account: Option<&str>,
    ) -> Option<Vec<Value>> {
        let suite = Arc::clone(&self.suite);
        let (list, paging) = (operation.list.as_ref()?, suite.paging_of(operation));
        let (mut found, mut read, mut page) = (Vec::new(), Read::default(), Arguments::new());
        while read.pages < MOST_PAGES {
            let arguments = plainest.iter().chain(&page).cloned().collect();
            let answer = self.ask_to_undo(&operation.name.value, arguments, account).await.ok()??.value?;
            let items = list.items_of(&answer);
            read.add(items.len() as u64);
            let has_them = |item: &&Value| texts.iter().all(|text| holds(item, text)) && !is_going(item);
            for item in items.iter().filter(has_them) {
                // A list that moves on while it is read may show one twice.
                if !found.contains(item) {
                    found.push(item.clone());
                }
            }
            let next = paging.and_then(|paging| read.next_page(paging, &Listing::of(&answer, list, paging)));
            match next {
                Some(next) => page = next,
                None => return Some(found),
            }
        }
        None
    }
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

/// The arguments with which a list is had whole; nothing if it is none, or needs what is not known.
pub(super) fn plainest(suite: &Suite, list: &Operation, bindings: &Bindings) -> Option<Arguments> {
    list.list.as_ref().filter(|_| list.effect == Effect::Reads)?;
    let size = suite.paging_of(list).map(|paging| paging.size.as_str());
    let needed = list.parameters.values().filter(|parameter| {
        let name = parameter.name.value.as_str();
        parameter.presence == Presence::Required && parameter.credential.is_none() && size != Some(name)
    });
    let value = |parameter: &crate::suite::Parameter| {
        let value = Template::parse(&parameter.value.as_ref()?.to_sent()).resolve(bindings).ok()?;
        Some((parameter.name.value.clone(), value))
    };
    needed.map(value).collect()
}

/// Whether a text stands anywhere in an item.
fn holds(item: &Value, text: &str) -> bool {
    match item {
        Value::Object(fields) => fields.values().any(|value| holds(value, text)),
        Value::Array(values) => values.iter().any(|value| holds(value, text)),
        Value::Null => false,
        value => plain(value).contains(text),
    }
}

/// Whether an item is still listed, but said to be removed.
fn is_going(item: &Value) -> bool {
    const STEMS: [&str; 5] = ["destroy", "expung", "terminat", "delet", "remov"];
    let says = |(name, value): (&String, &Value)| {
        let (name, value) = (name.to_lowercase(), plain(value).to_lowercase());
        (name.contains("state") || name.contains("status")) && STEMS.iter().any(|stem| value.contains(stem))
    };
    item.as_object().is_some_and(|fields| fields.iter().any(says))
}

/// The arguments that remove an item of a list: it has the fields that the creating answer has of it.
fn removal(undo: &Undo, item: &Value) -> Option<Arguments> {
    let argument = |(name, written): &(String, crate::source::Located<String>)| {
        let value = match written.value.strip_prefix('$') {
            None => Value::from(written.value.as_str()),
            Some(path) => item.get(path.rsplit_once('.')?.1)?.clone(),
        };
        Some((name.clone(), value))
    };
    undo.with.iter().map(argument).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::{Located, Place, SourceFile};
    use crate::suite::Count;

    fn undo(written: &str) -> Undo {
        let place = Place::start_of(&SourceFile::new("operations.yaml", ""));
        let located = |value: &str| Located { value: value.to_owned(), place: place.clone() };
        let call = located("deleteThing").map(OperationName);
        Undo {
            find: None,
            call,
            with: vec![("id".to_owned(), located(written)), ("forced".to_owned(), located("true"))],
        }
    }

    #[test]
    fn an_item_of_a_list_is_removed_by_the_field_that_the_answer_would_have_had() {
        let expected = vec![("id".to_owned(), json!("7")), ("forced".to_owned(), json!("true"))];
        let item = json!({"id": "7", "name": "assay-0123"});
        assert_eq!(removal(&undo("$.thing.id"), &item), Some(expected.clone()));
        assert_eq!(removal(&undo("$.id"), &item), Some(expected));
        assert_eq!(removal(&undo("$.thing.key"), &item), None);
        assert_eq!(removal(&undo("$found"), &item), None, "what has to be looked up is not in it");
    }

    #[test]
    fn what_is_said_to_be_destroyed_is_on_its_way() {
        assert!(is_going(&json!({"id": "7", "state": "Destroyed"})));
        assert!(!is_going(&json!({"id": "destroyed", "state": "Running"})));
    }

    #[test]
    fn a_text_is_found_wherever_it_stands() {
        let item = json!({"nic": [{"name": "assay-0123-a"}], "number": 5});
        assert!(holds(&item, "0123") && holds(&item, "5"));
        assert!(!holds(&item, "4567"));
    }

    /// What is asked for after pages of so many items, the last of which tells this.
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
        // A server whose pages are shorter than the document has them tells by its count.
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
