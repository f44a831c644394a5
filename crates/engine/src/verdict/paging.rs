//! A list and its pages, against what is promised of pages.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::scenario::PagingCheck;
use assay_schema::decimal;
use assay_suite::{Counts, List, PageStart, Paging, value_at as at};

use super::{Mismatch, shown};

/// One answer of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// What distinguishes its items, in the order in which they came.
    pub keys: Vec<Value>,
    /// What it counts, if it says.
    pub count: Option<u64>,
    /// The mark of the page after it, if it gives one.
    pub next: Option<Value>,
}

/// A list, fetched whole and page by page.
#[derive(Clone, Debug, Default)]
pub struct PagedList {
    /// The whole, before the pages were fetched.
    pub before: Listing,
    /// The whole, after.
    pub after: Listing,
    /// The pages, from the first to the last that must hold something.
    pub pages: Vec<Listing>,
    /// The page after the last.
    pub past_end: Listing,
    /// The size that was asked for.
    pub size: u64,
    /// Whether the list is so long that not all of its pages were fetched.
    pub cut_short: bool,
}

impl Listing {
    /// Reads an answer; an item without its key counts as null, one of a list without keys identifies itself.
    pub fn of(answer: &Value, list: &List, paging: &Paging) -> Self {
        let key = |item: &Value| match &list.key {
            Some(key) => at(item, key).cloned().unwrap_or(Value::Null),
            None => item.clone(),
        };
        let keys = list.items_of(answer).iter().map(key);
        let count = paging.count.as_ref().and_then(|count| at(answer, &count.field)).and_then(decimal::count);
        let next = match &paging.start {
            PageStart::Marker { next, .. } => at(answer, next).filter(|next| !is_blank(next)).cloned(),
            PageStart::Number { .. } | PageStart::Offset { .. } => None,
        };
        Self { keys: keys.collect(), count, next }
    }

    /// This and what follows it as one.
    #[must_use]
    pub fn joined(mut self, following: Self) -> Self {
        self.keys.extend(following.keys);
        Self { keys: self.keys, count: self.count, next: following.next }
    }

    fn set(&self) -> BTreeSet<String> {
        self.keys.iter().map(decimal::canonical).collect()
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// Judges one promise about a list's pages.
pub fn judge_paging(check: PagingCheck, list: &PagedList, paging: &Paging) -> Option<Mismatch> {
    match check {
        PagingCheck::Size => page_size(list),
        PagingCheck::Unique => unique(list),
        PagingCheck::Complete => complete(list),
        PagingCheck::Count => paging.count.as_ref().and_then(|wanted| count(list, wanted.counts)),
        PagingCheck::PastEnd => past_end(list),
    }
}

/// Whether others changed the list while it was looked at: then nothing can be said of its pages.
fn disturbed(list: &PagedList, expected: &str) -> Option<Mismatch> {
    (list.before.set() != list.after.set()).then(|| {
        Mismatch::inconclusive(expected, "the list changed while its pages were fetched: run again when it is quiet")
    })
}

fn too_short(list: &PagedList, expected: &str) -> Option<Mismatch> {
    (list.before.keys.len() < 2).then(|| {
        let observed = format!("the list has {} items: with 2 or more it could be decided", list.before.keys.len());
        Mismatch::inconclusive(expected, observed)
    })
}

fn empty(list: &PagedList, expected: &str) -> Option<Mismatch> {
    list.before
        .keys
        .is_empty()
        .then(|| Mismatch::inconclusive(expected, "the list has no items: with one it could be decided"))
}

fn page_size(list: &PagedList) -> Option<Mismatch> {
    let expected = format!("every page but the last has {} items", list.size);
    let whole = list.before.keys.len() as u64;
    let found = list.pages.iter().enumerate().find_map(|(index, page)| {
        let items = page.keys.len() as u64;
        let wanted =
            if list.cut_short { list.size } else { whole.saturating_sub(index as u64 * list.size).min(list.size) };
        // More than asked for is wrong whatever else happens; fewer only if the list stood still.
        (items > list.size || (items < wanted && list.before.set() == list.after.set()))
            .then(|| Mismatch::violation(&expected, format!("page {} has {items}", index + 1)))
    });
    found.or_else(|| too_short(list, &expected)).or_else(|| disturbed(list, &expected))
}

fn unique(list: &PagedList) -> Option<Mismatch> {
    let expected = "no item is on two pages";
    if let Some(departure) = too_short(list, expected).or_else(|| disturbed(list, expected)) {
        return Some(departure);
    }
    let mut seen = BTreeSet::new();
    let keys = list.pages.iter().enumerate().flat_map(|(index, page)| page.keys.iter().map(move |key| (index, key)));
    let twice = keys.into_iter().find(|(_, key)| !seen.insert(decimal::canonical(key)));
    twice.map(|(index, key)| Mismatch::violation(expected, format!("{} is on page {} again", shown(key), index + 1)))
}

fn complete(list: &PagedList) -> Option<Mismatch> {
    let expected = "all pages together hold the whole list";
    if let Some(departure) = too_short(list, expected).or_else(|| disturbed(list, expected)) {
        return Some(departure);
    }
    let whole = list.before.set();
    let paged: BTreeSet<_> = list.pages.iter().flat_map(Listing::set).collect();
    let missing = whole.difference(&paged).next().filter(|_| !list.cut_short);
    let foreign = paged.difference(&whole).next();
    let keys = list.before.keys.iter().chain(list.pages.iter().flat_map(|page| &page.keys));
    let named =
        |wanted: &String| keys.clone().find(|key| decimal::canonical(key) == *wanted).map_or(String::new(), shown);
    match (missing, foreign) {
        (Some(key), _) => Some(Mismatch::violation(expected, format!("{} is on none", named(key)))),
        (None, Some(key)) => {
            Some(Mismatch::violation(expected, format!("{} is on a page and not in the list", named(key))))
        }
        (None, None) => None,
    }
}

fn count(list: &PagedList, counts: Counts) -> Option<Mismatch> {
    let whole = list.before.keys.len() as u64;
    let listings = std::iter::once(("the whole list".to_owned(), &list.before));
    let pages = list.pages.iter().enumerate().map(|(index, page)| (format!("page {}", index + 1), page));
    for (which, listing) in listings.chain(pages) {
        let items = listing.keys.len() as u64;
        let (wanted, what) = match counts {
            Counts::Answer => (items, "the items of the answer"),
            Counts::Whole if list.cut_short => continue,
            Counts::Whole => (whole, "the items of the whole list"),
        };
        let expected = format!("the count is {wanted}: {what}");
        match listing.count {
            // Of nothing, nothing need be counted.
            None if items == 0 && whole > 0 => {}
            None if items == 0 => return empty(list, &expected),
            None => return Some(Mismatch::violation(expected, format!("{which} has no count"))),
            Some(count) if count == wanted => {}
            Some(_) if counts == Counts::Whole && list.before.set() != list.after.set() => {
                return disturbed(list, &expected);
            }
            Some(count) => return Some(Mismatch::violation(expected, format!("{which} counts {count}"))),
        }
    }
    None
}

fn past_end(list: &PagedList) -> Option<Mismatch> {
    let expected = "the page after the last has no items";
    if list.cut_short {
        return Some(Mismatch::inconclusive(expected, "the list is too long to fetch its end"));
    }
    let items = list.past_end.keys.len();
    if items == 0 {
        empty(list, expected)
    } else {
        disturbed(list, expected).or_else(|| Some(Mismatch::violation(expected, format!("it has {items}"))))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use assay_suite::Count;

    fn listing(keys: &[u64], count: u64) -> Listing {
        Listing { keys: keys.iter().map(|key| json!(key)).collect(), count: Some(count), next: None }
    }

    fn good() -> PagedList {
        PagedList {
            before: listing(&[1, 2, 3, 4, 5], 5),
            after: listing(&[1, 2, 3, 4, 5], 5),
            pages: vec![listing(&[1, 2], 2), listing(&[3, 4], 2), listing(&[5], 1)],
            past_end: listing(&[], 0),
            size: 2,
            cut_short: false,
        }
    }

    fn verdicts(list: &PagedList) -> Vec<&'static str> {
        let broken = PagingCheck::NAMES.iter().filter(|(_, check)| judge_paging(*check, list, &paging()).is_some());
        broken.map(|(name, _)| *name).collect()
    }

    #[test]
    fn a_good_list_keeps_every_promise() {
        assert_eq!(verdicts(&good()), [""; 0]);
    }

    #[test]
    fn each_fault_breaks_its_promise() {
        let broken = |change: &dyn Fn(&mut PagedList)| {
            let mut list = good();
            change(&mut list);
            verdicts(&list)
        };
        assert_eq!(broken(&|list| list.pages[1] = listing(&[2, 3], 2)), ["unique", "complete"]);
        assert_eq!(broken(&|list| list.pages[0] = listing(&[1, 2, 3], 3)), ["size", "unique"]);
        assert_eq!(broken(&|list| list.pages[1] = listing(&[3], 1)), ["size", "complete"]);
        assert_eq!(broken(&|list| list.pages[2] = listing(&[5], 5)), ["count"]);
        assert_eq!(broken(&|list| list.past_end = listing(&[5], 1)), ["past_end"]);
    }

    #[test]
    fn a_list_that_others_change_decides_nothing() {
        let mut list = good();
        list.after = listing(&[1, 2, 3, 4], 4);
        list.pages[2] = listing(&[], 0);
        let paging_check = judge_paging(PagingCheck::Complete, &list, &paging());
        assert_eq!(paging_check.unwrap().verdict, super::super::Verdict::Inconclusive);
    }

    fn paging() -> Paging {
        Paging {
            start: PageStart::Number { parameter: "page".into(), first: 1 },
            size: "pagesize".into(),
            default: None,
            count: Some(Count { field: "count".into(), counts: Counts::Answer }),
        }
    }
}
