//! Fetches a list whole, page by page, and whole again.

use crate::plan::{PlannedCall, PlannedStep};
use crate::record::Part;
use crate::scenario::{Expectation, Template};
use crate::suite::{List, Paging};
use crate::verdict::{Departure, Listing, PagedList, judge_answer, judge_paging};

use super::Exchanger;
use super::interpreter::{Interpreter, Stop};

/// Into how many pages a list is cut, if it is long enough.
const PAGES: u64 = 3;

impl<E: Exchanger> Interpreter<'_, E> {
    pub(super) async fn paginate(&mut self, step: &PlannedStep, call: &PlannedCall) -> Result<(), Stop> {
        let case = self.case;
        let list = case.suite.operations.get(call.operation.as_str()).and_then(|operation| operation.list.as_ref());
        let Some((list, paging)) = list.zip(case.suite.paging.as_ref()) else {
            let departure = Departure::could_not_run("a list with pages", "the suite documents none");
            self.find(step, departure, &step.place);
            return Err(Stop::Found);
        };
        let paged = self.fetch(step, call, list, paging).await?;
        let mut found = false;
        for expectation in &step.expect {
            if let Expectation::Paging(check) = expectation.value
                && let Some(departure) = judge_paging(check, &paged, paging)
            {
                self.find(step, departure, &expectation.place);
                found = true;
            }
        }
        if found { Err(Stop::Found) } else { Ok(()) }
    }

    async fn fetch(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        list: &List,
        paging: &Paging,
    ) -> Result<PagedList, Stop> {
        let before = self.listing(step, call, list, paging, &[]).await?;
        let items = before.keys.len() as u64;
        let size = items.div_ceil(PAGES).max(1);
        let full = items.div_ceil(size);
        let mut pages = Vec::new();
        for page in 0..full {
            pages.push(self.page(step, call, list, paging, paging.first + page, size).await?);
        }
        let past_end = self.page(step, call, list, paging, paging.first + full, size).await?;
        let after = self.listing(step, call, list, paging, &[]).await?;
        let cut_short = paging.default.is_some_and(|default| items >= default);
        Ok(PagedList { before, after, pages, past_end, size, cut_short })
    }

    async fn page(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        list: &List,
        paging: &Paging,
        number: u64,
        size: u64,
    ) -> Result<Listing, Stop> {
        let page = [(paging.page.clone(), number.to_string()), (paging.size.clone(), size.to_string())];
        self.listing(step, call, list, paging, &page).await
    }

    async fn listing(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        list: &List,
        paging: &Paging,
        page: &[(String, String)],
    ) -> Result<Listing, Stop> {
        let mut call = call.clone();
        let page = page.iter().map(|(name, value)| (name.clone(), Template::text(value)));
        call.arguments.extend(page);
        let Some(arguments) = self.arguments(step, &call) else { return Err(Stop::Found) };
        let exchange = self.exchange(Part::Step(self.at), &call, arguments).await?;
        let judged = judge_answer(self.asked(&call), &[], &exchange, &self.bindings);
        self.note(step, &judged, &step.place);
        match judged.value {
            Some(value) if judged.departures.is_empty() => Ok(Listing::of(&value, list, paging)),
            _ => Err(Stop::Found),
        }
    }
}
