//! Whether the gates of a target are met.

use crate::gate::{Gate, GateOutcome};

use assay_engine::verdict::Verdict;
use assay_formats::record::Gates;

use super::changes::changes;
use super::summary::Summary;
use super::wording;

/// The record that a run is compared with, judged; or why there is none.
pub type Compared<'a> = Result<&'a Summary, String>;

/// Whether the gates of a target are met. What is missing fails a gate.
pub fn gates(gates: &Gates, run: &Summary, compared: Option<Compared<'_>>) -> Vec<Gate> {
    let mut found = Vec::new();
    let gate = |name: &str, expected: String, observed: String, is_met: bool| Gate {
        name: name.to_owned(),
        expected,
        observed,
        outcome: if is_met { GateOutcome::Met } else { GateOutcome::Failed },
    };
    if let Some(least) = gates.cases {
        let cases = run.counts.total() - run.counts.of(Verdict::Skipped);
        let is_met = u64::try_from(cases).is_ok_and(|cases| cases >= least);
        found.push(gate("enough cases are run", format!("at least {least}"), cases.to_string(), is_met));
    }
    let coverage = || run.suites.iter().map(|suite| &suite.coverage);
    if let Some(share) = gates.operations {
        let tested = coverage().map(|suite| suite.operations_tested).sum();
        let all = coverage().map(|suite| suite.operations_documented).sum();
        let observed = format!("{tested} of {all}");
        found.push(gate(
            "enough operations are tested",
            format!("at least {share}"),
            observed,
            share.is_reached(tested, all),
        ));
    }
    if let Some(share) = gates.requirements {
        let verified = coverage().map(|suite| suite.verified).sum();
        let all = coverage().map(|suite| suite.verified + suite.open).sum();
        let observed = format!("{verified} of {all}");
        let is_met = share.is_reached(verified, all);
        found.push(gate("enough requirements are verified", format!("at least {share}"), observed, is_met));
    }
    if let Some(since) = &gates.no_new_failures_since {
        let (observed, is_met) = match compared {
            Some(Ok(earlier)) => {
                let changes = changes(earlier, run);
                (wording::causes_in_cases(&changes.new), changes.new.is_empty())
            }
            Some(Err(why)) => (why, false),
            None => ("there is no record to compare with".to_owned(), false),
        };
        found.push(gate("nothing fails anew", format!("no new failure since {since}"), observed, is_met));
    }
    found
}
