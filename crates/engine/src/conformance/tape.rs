//! The recorded exchanges of a case, in place of the deployment.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::deployment::RequestSpec;
use crate::interpreter::{CaseOutcome, Exchanger, Inventories, NoExchange, Question, run_case};
use crate::plan::Case;
use assay_formats::record::{Change, Part};
use assay_schema::Schemas;
use assay_suite::http::Exchange;

/// The outcome of a case, judged by its exchanges alone.
pub(super) async fn replay_case(
    case: &Case,
    schemas: &Schemas,
    run: &str,
    exchanges: Vec<(Part, Exchange)>,
    inventories: &Inventories,
) -> CaseOutcome {
    run_case(case, schemas, run, Tape { exchanges: exchanges.into(), inventories }).await
}

/// The exchanges of one case, in the order in which they happened.
struct Tape<'a> {
    exchanges: VecDeque<(Part, Exchange)>,
    inventories: &'a Inventories,
}

impl Exchanger for Tape<'_> {
    fn exchange<'a>(
        &'a mut self,
        part: Part,
        _ask: &'a RequestSpec<'_>,
    ) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            match self.exchanges.front() {
                Some((recorded, _)) if *recorded == part => {}
                _ => return Err(NoExchange::NotRecorded),
            }
            self.exchanges.pop_front().map(|(_, exchange)| exchange).ok_or(NoExchange::NotRecorded)
        })
    }

    fn pause(&mut self, _duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {})
    }

    /// The record has what the run asked for.
    fn wants(&mut self, part: Part, _question: &Question) -> bool {
        self.exchanges.front().is_some_and(|(recorded, _)| *recorded == part)
    }

    /// The record holds this already.
    fn changed(&mut self, _change: Change) {}

    /// The record holds what was left over already.
    fn left_over(&mut self, _what: &str) {}

    /// And what nothing showed to be gone.
    fn unproven(&mut self, _what: &str) {}

    fn inventories(&self) -> &Inventories {
        self.inventories
    }

    fn survey<'a>(&'a mut self, _ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { Err(NoExchange::NotRecorded) })
    }
}
