//! How a list is cut into pages.

use assay_suite::{PageStart, Paging};

use super::arguments::Arguments;
use super::fault::{Fault, Faults};
use super::policy::{PagingRules, Policy};
use super::refusal::ApiError;

/// The longest list that is answered in one piece when the document gives no default.
const UNDOCUMENTED_DEFAULT: usize = 500;

/// The part of a list that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Everything.
    Everything,
    /// Nothing in particular: as many items as are answered then.
    Default(usize),
    /// A page.
    Numbered {
        /// How many pages come before it.
        index: usize,
        /// How many items it has at most.
        size: usize,
    },
}

/// Checks that the two parameters come together (Cloudn Compute 1-3 to 1-10; CloudStack developer's guide 4.1, 5.5.2).
pub fn check_pair(arguments: &Arguments, paging: &Paging, policy: &Policy, faults: &Faults) -> Result<(), ApiError> {
    let (page, size) = (arguments.get(paging.start.parameter()), arguments.get(&paging.size));
    let everything = policy.paging_rules == PagingRules::CloudStack && page.is_none() && size == Some("-1");
    let fault = match (page, size) {
        (Some(_), None) => Fault::PageAloneAccepted,
        (None, Some(_)) if !everything => Fault::SizeAloneAccepted,
        _ => return Ok(()),
    };
    faults.check(fault, || {
        Err(ApiError::parameter(format!("{} and {} must be given together", paging.start.parameter(), paging.size)))
    })
}

impl Page {
    /// The page that a request asks for.
    pub fn read(arguments: &Arguments, paging: Option<&Paging>, policy: &Policy) -> Result<Self, ApiError> {
        let Some(paging) = paging else { return Ok(Self::Everything) };
        let default = paging.default.map_or(UNDOCUMENTED_DEFAULT, |size| usize::try_from(size).unwrap_or(usize::MAX));
        let page = whole_number(arguments, paging.start.parameter())?;
        let size = whole_number(arguments, &paging.size)?;
        let first = match paging.start {
            PageStart::Number { first, .. } => i64::try_from(first).unwrap_or(i64::MAX),
            PageStart::Offset { .. } | PageStart::Marker { .. } => 0,
        };
        if policy.paging_rules == PagingRules::CloudStack && page.is_some() && size == Some(-1) {
            return Err(ApiError::value("Can't specify page parameter when pagesize is -1 (Unlimited)"));
        }
        let page = page.unwrap_or(first);
        match policy.paging_rules {
            PagingRules::Documented => documented(page, size, first, default),
            PagingRules::Bounded if size.is_some_and(|size| usize::try_from(size).is_ok_and(|size| size > default)) => {
                Err(ApiError::value(format!("a page has at most {default} items")))
            }
            PagingRules::Bounded => documented(page, size, first, default),
            PagingRules::CloudStack => cloudstack(page, size, first, default),
        }
    }

    fn of_default_size(index: usize, size: usize) -> Self {
        if index == 0 { Self::Default(size) } else { Self::Numbered { index, size } }
    }

    /// The items on the page.
    pub fn cut<'a, T>(self, items: &'a [T], faults: &Faults) -> &'a [T] {
        let (start, length) = match self {
            Self::Everything => return items,
            Self::Default(_) if faults.has(Fault::DefaultPageUnlimited) => return items,
            Self::Default(size) => (0, size),
            Self::Numbered { index, size } => distorted(index, size, items.len(), faults),
        };
        let start = start.min(items.len());
        let end = start.saturating_add(length).min(items.len());
        items.get(start..end).unwrap_or_default()
    }
}

/// Where a page begins and how many items it has, which is that many and no more but for the faults.
fn distorted(index: usize, size: usize, whole: usize, faults: &Faults) -> (usize, usize) {
    let size = if faults.has(Fault::PageSizeIgnored) { UNDOCUMENTED_DEFAULT } else { size };
    let index = match index {
        _ if faults.has(Fault::PageNumberIgnored) => 0,
        _ if faults.has(Fault::PagesFromZero) => index.saturating_add(1),
        _ if faults.has(Fault::LastPageRepeated) => index.min(whole.saturating_sub(1) / size.max(1)),
        _ => index,
    };
    let start = index.saturating_mul(size);
    let follows = index > 0 && start < whole;
    let is_last = follows && whole - start <= size;
    if follows && faults.has(Fault::ItemRepeated) {
        (start.saturating_sub(1), size)
    } else if is_last && faults.has(Fault::ItemLost) {
        (start, whole - start - 1)
    } else if faults.has(Fault::PageOverfull) {
        (start, size.saturating_add(1))
    } else {
        (start, size)
    }
}

fn whole_number(arguments: &Arguments, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(value) = arguments.get(name) else { return Ok(None) };
    value.parse().map(Some).map_err(|_| ApiError::value(format!("{name} is a whole number, not {value}")))
}

fn documented(page: i64, size: Option<i64>, first: i64, default: usize) -> Result<Page, ApiError> {
    let index = usize::try_from(page.saturating_sub(first));
    let index = index.map_err(|_| ApiError::value(format!("pages are counted from {first}")))?;
    let Some(size) = size else { return Ok(Page::of_default_size(index, default)) };
    match usize::try_from(size) {
        Ok(size) if size > 0 => Ok(Page::Numbered { index, size }),
        _ => Err(ApiError::value("a page has at least one item")),
    }
}

fn cloudstack(page: i64, size: Option<i64>, first: i64, default: usize) -> Result<Page, ApiError> {
    let index = usize::try_from(page.saturating_sub(first)).unwrap_or(0);
    match size {
        None => Ok(Page::of_default_size(index, default)),
        Some(-1) => Ok(Page::Everything),
        Some(size) => match usize::try_from(size) {
            Ok(size) if size <= default => Ok(Page::Numbered { index, size }),
            _ => Err(ApiError::value(format!("a page has at most {default} items"))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Behaviour;
    use assay_suite::{Count, Counts};

    fn read(query: &str, behaviour: Behaviour) -> Result<Page, ApiError> {
        let paging = Paging {
            start: PageStart::Number { parameter: "page".into(), first: 1 },
            size: "pagesize".into(),
            default: Some(500),
            count: Some(Count { field: "count".into(), counts: Counts::Answer }),
        };
        let (arguments, policy) = (Arguments::read(&[query]), Policy::of(behaviour));
        check_pair(&arguments, &paging, &policy, &Faults::default())?;
        Page::read(&arguments, Some(&paging), &policy)
    }

    fn pages(size: usize, faults: &[Fault]) -> Vec<Vec<u8>> {
        let items = [1, 2, 3, 4, 5];
        (0..4).map(|index| Page::Numbered { index, size }.cut(&items, &Faults::new(faults)).to_vec()).collect()
    }

    #[test]
    fn both_or_neither() {
        assert_eq!(read("", Behaviour::Documented), Ok(Page::Default(500)));
        assert!(read("page=1", Behaviour::Documented).is_err());
        assert!(read("pagesize=1", Behaviour::Documented).is_err());
        assert_eq!(read("page=3&pagesize=2", Behaviour::Documented), Ok(Page::Numbered { index: 2, size: 2 }));
    }

    #[test]
    fn pages_and_their_items_are_counted_from_one() {
        for query in ["page=0&pagesize=2", "page=1&pagesize=0", "page=-1&pagesize=2", "page=1&pagesize=two"] {
            assert!(read(query, Behaviour::Documented).is_err(), "{query}");
        }
    }

    #[test]
    fn cloudstack_has_a_longest_page_and_a_way_to_ask_for_everything() {
        assert!(read("page=1&pagesize=501", Behaviour::CloudStack41).is_err());
        assert!(read("page=1&pagesize=-1", Behaviour::CloudStack41).is_err());
        assert!(read("page=2&pagesize=-1", Behaviour::CloudStack41).is_err());
        assert_eq!(read("pagesize=-1", Behaviour::CloudStack41), Ok(Page::Everything));
        let first = Page::Numbered { index: 0, size: 500 };
        assert_eq!(read("page=0&pagesize=500", Behaviour::CloudStack41), Ok(first));
    }

    #[test]
    fn pages_hold_every_item_once_and_end() {
        assert_eq!(pages(2, &[]), [vec![1, 2], vec![3, 4], vec![5], vec![]]);
        assert_eq!(pages(5, &[]), [vec![1, 2, 3, 4, 5], vec![], vec![], vec![]]);
    }

    #[test]
    fn faults_break_pages_in_their_own_way() {
        assert_eq!(pages(2, &[Fault::ItemRepeated]), [vec![1, 2], vec![2, 3], vec![4, 5], vec![]]);
        assert_eq!(pages(2, &[Fault::ItemLost]), [vec![1, 2], vec![3, 4], vec![], vec![]]);
        assert_eq!(pages(2, &[Fault::LastPageRepeated]), [vec![1, 2], vec![3, 4], vec![5], vec![5]]);
        assert_eq!(pages(2, &[Fault::PageOverfull]), [vec![1, 2, 3], vec![3, 4, 5], vec![5], vec![]]);
    }
}
