//! Judges a record again: the same interpreter, with the record in place of the deployment.

use crate::interpreter::{CaseOutcome, Inventories};
use crate::plan::ConformancePlan;
use assay_formats::record::Record;
use assay_schema::Schemas;

use super::tape::replay_case;
use super::{attempts, judgement};

/// The outcomes of all cases of a record, judged by a plan made from the same documents, or from better ones.
pub async fn replay(plan: &ConformancePlan, schemas: &Schemas, record: &Record) -> Vec<CaseOutcome> {
    let mut outcomes = Vec::new();
    let inventories = Inventories::of_record(record.ledger.inventories());
    for case in &plan.cases {
        if record.cases.contains_key(&case.name) {
            let mut of_case = Vec::new();
            for attempt in 1.. {
                let mut attempt = attempts::of_case(case, attempt);
                let Some(recorded) = record.cases.get(&attempt.name) else { break };
                // The plan may have been made from other documents since.
                attempt.vlan_user = recorded.vlan_user;
                let exchanges = recorded.exchanges.clone();
                let outcome = replay_case(&attempt, schemas, &record.started.run, exchanges, &inventories).await;
                of_case.push(match &recorded.judged {
                    Some(judged) => judgement::outcome(&attempt, judged, recorded, &record.documents, outcome),
                    None => outcome,
                });
            }
            outcomes.extend(attempts::settle(&case.name, of_case));
        } else if let Some((_, reason)) = record.skipped.iter().find(|(name, _)| *name == case.name) {
            outcomes.push(CaseOutcome::skipped(&case.name, reason.clone()));
        }
    }
    outcomes
}
