//! How a list is read page by page: what comes after each page.

use serde_json::Value;

use crate::deployment::next_link;
use crate::scenario::Path;
use crate::verdict::Listing;
use assay_suite::plain;
use assay_suite::{ADDRESS, Counts, List, NextPage, Operation, OperationName, PageStart, Paged, Paging, Suite};

use super::ownership::Arguments;

/// A walk through the pages of a list, one answer after another, by the rules of its document.
#[derive(Debug)]
pub struct PageWalk {
    list: List,
    paging: Option<Paging>,
    paged: Option<Paged>,
    read: Read,
}

impl PageWalk {
    /// Before the first page of a list; nothing if the operation is no list.
    pub fn of(suite: &Suite, operation: &Operation, arguments: &[(String, Value)]) -> Option<Self> {
        let paging = suite.paging_of(operation).cloned();
        let paged = paged(suite, &operation.name.value);
        let mut walk = Self::new(operation.list.clone()?, paging, paged);
        let size = walk.size_parameter().and_then(|size| arguments.iter().find(|(name, _)| name == size));
        walk.read.asked = size.and_then(|(_, value)| plain(value).parse().ok());
        Some(walk)
    }

    pub(super) fn new(list: List, paging: Option<Paging>, paged: Option<Paged>) -> Self {
        Self { list, paging, paged, read: Read::default() }
    }

    fn size_parameter(&self) -> Option<&str> {
        let own = self.paging.as_ref().map(|paging| paging.size.as_str());
        own.or_else(|| self.paged.as_ref()?.size.as_ref().map(|(name, _)| name.as_str()))
    }

    /// The parameter that says where a page begins.
    pub fn start_parameter(&self) -> Option<&str> {
        if let Some(paging) = &self.paging {
            return Some(paging.start.parameter());
        }
        match self.paged.as_ref()?.next.as_ref()? {
            NextPage::Offset(name) | NextPage::Number(name, _) | NextPage::Cursor(name, _) | NextPage::After(name) => {
                Some(name)
            }
            NextPage::Address(_) | NextPage::Link => None,
        }
    }

    /// The arguments of the first page. A length alone, without a beginning, is refused by some.
    pub fn first(&self) -> Arguments {
        let start = self.paging.as_ref().filter(|_| self.read.asked.is_some()).map(|paging| &paging.start);
        match start {
            Some(PageStart::Number { parameter, first }) => vec![(parameter.clone(), Value::from(*first))],
            Some(PageStart::Offset { parameter }) => vec![(parameter.clone(), Value::from(0))],
            Some(PageStart::Marker { .. }) | None => Vec::new(),
        }
    }

    /// The items of an answer.
    pub fn items_of<'a>(&self, answer: &'a Value) -> &'a [Value] {
        items_of(&self.list, answer)
    }

    pub(super) fn pages(&self) -> usize {
        self.read.pages
    }

    pub(super) fn items(&self) -> u64 {
        self.read.items
    }

    /// Counts the page of an answer, and says what comes after it. `link` is the header `Link`, blank where the answer has none;
    /// nothing where headers are not known.
    pub fn after(&mut self, answer: &Value, link: Option<&str>) -> NextPart {
        self.read.add(self.items_of(answer).len() as u64);
        match (&self.paging, &self.paged) {
            (Some(paging), _) => {
                let next = self.read.next_page(paging, &Listing::of(answer, &self.list, paging));
                next.map_or(NextPart::None, NextPart::Page)
            }
            (None, Some(paged)) => self.read.next_of(paged, &self.list, answer, link),
            (None, None) => NextPart::None,
        }
    }
}

/// The items of an answer. XML without a schema does not distinguish one item from a list of one.
pub fn items_of<'a>(list: &List, answer: &'a Value) -> &'a [Value] {
    match list.items.split('.').try_fold(answer, |value, part| value.get(part)) {
        Some(item @ Value::Object(_)) => std::slice::from_ref(item),
        _ => list.items_of(answer),
    }
}

/// How the lists of a kind come in pages, by an `OpenAPI` document.
pub(super) fn paged(suite: &Suite, list: &OperationName) -> Option<Paged> {
    let resources = suite.described.iter().flat_map(|described| &described.resources);
    let mut listed = resources.filter(|resource| resource.list.as_ref().is_some_and(|(name, _)| name == list));
    listed.find_map(|resource| resource.paged.clone())
}

/// What comes after a page.
#[derive(Debug, PartialEq)]
pub enum NextPart {
    /// A page that is asked for by these arguments.
    Page(Arguments),
    /// Nothing: it was the last.
    None,
    /// Perhaps more, and how it is asked for is not known.
    Unknown,
}

/// How much of a list was read.
#[derive(Debug, Default)]
struct Read {
    pages: usize,
    items: u64,
    /// How many items the first page had: those after it are asked for as long.
    size: u64,
    /// How many items the request asks for, if it says so.
    asked: Option<u64>,
}

impl Read {
    fn add(&mut self, items: u64) {
        self.size = if self.pages == 0 { items } else { self.size };
        self.pages += 1;
        self.items += items;
    }

    /// What comes after the page that was read last, by an `OpenAPI` document.
    fn next_of(&self, paged: &Paged, list: &List, answer: &Value, link: Option<&str>) -> NextPart {
        let page = items_of(list, answer);
        let full = self.asked.map_or(paged.full, |asked| asked.min(paged.full));
        let is_full = page.len() as u64 >= full.max(1);
        let at = |path: &str| {
            let path = Path::parse(path).ok()?;
            path.select(answer).first().map(|found| (*found).clone()).filter(|found| !plain(found).is_empty())
        };
        let one = |name: &str, value: Value| NextPart::Page(vec![(name.to_owned(), value)]);
        match &paged.next {
            Some(NextPage::Cursor(name, path)) => match at(path).filter(|mark| !mark.is_null()) {
                Some(mark) => one(name, mark),
                None => NextPart::None,
            },
            Some(NextPage::Address(path)) => match at(path).filter(|address| !address.is_null()) {
                Some(address) => NextPart::Page(arguments_in(&plain(&address))),
                None => NextPart::None,
            },
            Some(NextPage::Link) if link.is_some() => {
                let next = link.filter(|link| next_link(link).is_some());
                next.map_or(NextPart::None, |link| one(ADDRESS, Value::from(link)))
            }
            _ if !is_full => NextPart::None,
            Some(NextPage::Offset(name)) => one(name, Value::from(self.items)),
            Some(NextPage::Number(name, second)) => {
                one(name, Value::from(second.saturating_add_unsigned(self.pages.saturating_sub(1) as u64)))
            }
            Some(NextPage::After(name)) => {
                let last = page.last().zip(list.key.as_ref()).and_then(|(item, key)| item.get(key));
                last.map_or(NextPart::Unknown, |last| one(name, last.clone()))
            }
            Some(NextPage::Link) | None => NextPart::Unknown,
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
        let first = self.asked.or(paging.default);
        let is_full = if self.pages == 1 { first.is_some_and(|most| items >= most) } else { items >= self.size };
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use assay_suite::Count;

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
