//! Judges a record again: the same interpreter, with the record in place of the deployment.

use std::collections::VecDeque;
use std::time::Duration;

use crate::http::Exchange;
use crate::interpreter::{CaseOutcome, Exchanger, Inventories, NoExchange, Question, run_case};
use crate::plan::{Case, ConformancePlan};
use crate::record::{Change, Part, Record, RecordedCase};
use crate::schema::Schemas;
use crate::target::Ask;

/// The outcomes of all cases of a record, judged by a plan made from the same documents, or from better ones.
pub async fn replay(plan: &ConformancePlan, schemas: &Schemas, record: &Record) -> Vec<CaseOutcome> {
    let mut outcomes = Vec::new();
    let inventories = Inventories::of_record(record.owed.inventories());
    for case in &plan.cases {
        if let Some(recorded) = record.cases.get(&case.name) {
            outcomes.push(replay_case(case, schemas, &record.started.run, recorded, &inventories).await);
        } else if let Some((_, reason)) = record.skipped.iter().find(|(name, _)| *name == case.name) {
            outcomes.push(CaseOutcome::skipped(&case.name, reason.clone()));
        }
    }
    outcomes
}

async fn replay_case(
    case: &Case,
    schemas: &Schemas,
    run: &str,
    recorded: &RecordedCase,
    inventories: &Inventories,
) -> CaseOutcome {
    let exchanges = recorded.exchanges.iter().cloned().collect();
    run_case(case, schemas, run, Tape { exchanges, inventories }).await
}

/// The exchanges of one case, in the order in which they happened.
struct Tape<'a> {
    exchanges: VecDeque<(Part, Exchange)>,
    inventories: &'a Inventories,
}

impl Exchanger for Tape<'_> {
    async fn exchange(&mut self, part: Part, _ask: &Ask<'_>) -> Result<Exchange, NoExchange> {
        match self.exchanges.front() {
            Some((recorded, _)) if *recorded == part => {}
            _ => return Err(NoExchange::NotRecorded),
        }
        self.exchanges.pop_front().map(|(_, exchange)| exchange).ok_or(NoExchange::NotRecorded)
    }

    async fn pause(&mut self, _duration: Duration) {}

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

    async fn survey(&mut self, _ask: &Ask<'_>) -> Result<Exchange, NoExchange> {
        Err(NoExchange::NotRecorded)
    }
}
