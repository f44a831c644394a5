//! Fetches a list whole, page by page, and whole again.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::plan::{PlannedCall, PlannedStep};
use crate::scenario::{Expectation, Template};
use crate::verdict::{Listing, Mismatch, PagedList, Verdict, judge_answer, judge_paging};
use assay_formats::record::Part;
use assay_suite::source::Place;
use assay_suite::{List, PageStart, Paging};

use super::lists::MOST_PAGES;
use super::state::{Interpreter, Stop};

/// Into how many pages a list is cut, if it is long enough.
const PAGES: u64 = 3;
/// So many bytes are read of one list and its pages, and read again.
const MOST_BYTES: u64 = 64 << 20;
/// So long a deployment may take for them, in microseconds.
const LONGEST_US: u64 = 300 * 1_000_000;

impl Interpreter<'_> {
    pub(super) async fn paginate(&mut self, step: &PlannedStep, call: &PlannedCall) -> Result<(), Stop> {
        let case = self.case;
        let operation = case.suite.operations.get(call.operation.as_str());
        let paging = operation.and_then(|operation| case.suite.paging_of(operation));
        let list = operation.and_then(|operation| operation.list.as_ref());
        let Some((list, paging)) = list.zip(paging) else {
            let departure = Mismatch::could_not_run("a list with pages", "the suite documents none");
            self.find(step, departure, &step.place);
            return Err(Stop::Found);
        };
        let wanted = Wanted { step, call, list, paging, spent: Spent::default() };
        let paged = self.fetch(&wanted).await?;
        let mut found = wanted.departures(&paged);
        if found.iter().any(|(_, departure)| departure.verdict == Verdict::Violates) {
            // Others may have changed the list between two of its pages: what is wrong must be so twice.
            let again = self.fetch(&wanted).await?;
            let again = wanted.departures(&again);
            let is_there =
                |place: &Place| again.iter().any(|(other, found)| other == place && found.verdict == Verdict::Violates);
            for (_, departure) in found.iter_mut().filter(|(place, _)| !is_there(place)) {
                departure.verdict = Verdict::Inconclusive;
                departure.observed.push_str("; asked again, it was not so: others may have changed it meanwhile");
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        found.into_iter().for_each(|(place, departure)| self.find(step, departure, &place));
        Err(Stop::Found)
    }

    async fn fetch(&mut self, wanted: &Wanted<'_>) -> Result<PagedList, Stop> {
        let before = self.whole(wanted).await?;
        let items = before.keys.len() as u64;
        let size = items.div_ceil(PAGES).max(1);
        let full = items.div_ceil(size);
        let (pages, past_end) = match &wanted.paging.start {
            PageStart::Marker { .. } => (self.marked_pages(wanted, Some(size)).await?, Listing::default()),
            PageStart::Number { first, .. } => self.numbered_pages(wanted, size, full, |page| first + page).await?,
            PageStart::Offset { .. } => self.numbered_pages(wanted, size, full, |page| page * size).await?,
        };
        let after = self.whole(wanted).await?;
        let cut_short = match &wanted.paging.start {
            PageStart::Marker { .. } => before.next.is_some(),
            _ => wanted.longest_page().is_some_and(|longest| items >= longest),
        };
        Ok(PagedList { before, after, pages, past_end, size, cut_short })
    }

    /// The list without pages, as far as it is in one answer; where pages are marked, all of them.
    async fn whole(&mut self, wanted: &Wanted<'_>) -> Result<Listing, Stop> {
        match &wanted.paging.start {
            PageStart::Marker { .. } => {
                let pages = self.marked_pages(wanted, None).await?;
                Ok(pages.into_iter().reduce(Listing::joined).unwrap_or_default())
            }
            PageStart::Number { .. } | PageStart::Offset { .. } => self.listing(wanted, &[]).await,
        }
    }

    /// So many pages, and the one after them.
    async fn numbered_pages(
        &mut self,
        wanted: &Wanted<'_>,
        size: u64,
        full: u64,
        start: impl Fn(u64) -> u64,
    ) -> Result<(Vec<Listing>, Listing), Stop> {
        let parameter = wanted.paging.start.parameter();
        let mut pages = Vec::new();
        for page in 0..=full {
            let page = [(parameter, Value::from(start(page))), (wanted.paging.size.as_str(), Value::from(size))];
            pages.push(self.listing(wanted, &page).await?);
        }
        let past_end = pages.pop().unwrap_or_default();
        Ok((pages, past_end))
    }

    /// Follows the marks from the first page on.
    async fn marked_pages(&mut self, wanted: &Wanted<'_>, size: Option<u64>) -> Result<Vec<Listing>, Stop> {
        let parameter = wanted.paging.start.parameter();
        let size: Vec<_> = size.map(|size| (wanted.paging.size.as_str(), Value::from(size))).into_iter().collect();
        let mut pages = vec![self.listing(wanted, &size).await?];
        while let Some(next) = pages.last().and_then(|page| page.next.clone()) {
            if pages.len() >= MOST_PAGES {
                break;
            }
            let mut page = size.clone();
            page.push((parameter, next));
            pages.push(self.listing(wanted, &page).await?);
        }
        Ok(pages)
    }

    async fn listing(&mut self, wanted: &Wanted<'_>, page: &[(&str, Value)]) -> Result<Listing, Stop> {
        let mut call = wanted.call.clone();
        call.arguments.retain(|(name, _)| !page.iter().any(|(other, _)| other == name));
        call.arguments.extend(page.iter().map(|(name, value)| ((*name).to_owned(), Template::Literal(value.clone()))));
        let Some(arguments) = self.arguments(wanted.step, &call) else { return Err(Stop::Found) };
        let exchange = self.exchange(Part::Step(self.at), &call, arguments).await?;
        let length = exchange.outcome.as_ref().map_or(0, |response| response.body.len() as u64);
        if let Some(bound) = wanted.spent.add(length, exchange.timing.took_us) {
            let observed = format!("{bound}: no more of it was read");
            self.find(
                wanted.step,
                Mismatch::could_not_run("a list that can be read whole", observed),
                &wanted.step.place,
            );
            return Err(Stop::Found);
        }
        let judged = judge_answer(self.asked(&call), &[], &exchange, &self.bindings);
        self.note(wanted.step, &judged, &wanted.step.place);
        self.observe(wanted.step, &call, &[], &judged);
        match judged.value {
            Some(value) if judged.departures.is_empty() => Ok(Listing::of(&value, wanted.list, wanted.paging)),
            _ => Err(Stop::Found),
        }
    }
}

/// A list that is fetched.
struct Wanted<'a> {
    step: &'a PlannedStep,
    call: &'a PlannedCall,
    list: &'a List,
    paging: &'a Paging,
    spent: Spent,
}

/// What reading a list took, by what the record holds: judged again, it comes to the same.
#[derive(Default)]
struct Spent {
    bytes: AtomicU64,
    took_us: AtomicU64,
}

impl Spent {
    /// Adds an answer. Which bound it exceeds, if it does.
    fn add(&self, length: u64, took: u64) -> Option<String> {
        let bytes = self.bytes.fetch_add(length, Ordering::Relaxed).saturating_add(length);
        let took_us = self.took_us.fetch_add(took, Ordering::Relaxed).saturating_add(took);
        if bytes > MOST_BYTES {
            return Some(format!("its pages have more than {} MiB", MOST_BYTES >> 20));
        }
        (took_us > LONGEST_US).then(|| format!("its pages took more than {} s", LONGEST_US / 1_000_000))
    }
}

impl Wanted<'_> {
    /// What is wrong with a list and its pages, and where that is expected.
    fn departures(&self, paged: &PagedList) -> Vec<(Place, Mismatch)> {
        let judged = self.step.expect.iter().filter_map(|expectation| match expectation.value {
            Expectation::Paging(check) => Some((expectation.place.clone(), judge_paging(check, paged, self.paging)?)),
            _ => None,
        });
        judged.collect()
    }

    /// How many items an answer has at most when no page is asked for: as many as the step says, or the document.
    fn longest_page(&self) -> Option<u64> {
        let said = self.call.arguments.iter().find(|(name, _)| *name == self.paging.size).map(|(_, value)| value);
        let said = said.and_then(|value| value.to_string().parse().ok());
        said.or(self.paging.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_up_to_its_bounds() {
        let of_bytes = Spent::default();
        assert_eq!(of_bytes.add(MOST_BYTES, 1), None);
        assert_eq!(of_bytes.add(1, 1).as_deref(), Some("its pages have more than 64 MiB"));
        let of_time = Spent::default();
        assert_eq!(of_time.add(1, LONGEST_US), None);
        assert_eq!(of_time.add(1, 1).as_deref(), Some("its pages took more than 300 s"));
    }
}
