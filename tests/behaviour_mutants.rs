//! Each thing that the data of the reference cloud says is left out or changed, one after the other, and the cases that ask for
//! what does something with it have to find that.
//!
//! `tests/behaviour-mutants.yaml` lists those that nothing finds, with the reason. A sample runs in CI; `just behaviour-mutants`
//! runs all.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use crate::support;
use assay_engine::interpreter::CaseOutcome;
use assay_engine::plan::{Case, Library};
use assay_engine::verdict::Verdict;
use assay_reference::{Mutant, Settings, mutants};

/// What came of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    /// A requirement is violated.
    Promised,
    /// A law is broken.
    ByLaw,
    /// A case that conforms otherwise could not run.
    CouldNotRun,
    /// Nothing finds it.
    No,
    /// There is no such cloud: what was left out is needed.
    NotMade,
    /// No case asks for what does something with it.
    Unreached,
}

/// So many cases are run before it is looked at what they found.
const BATCH: usize = 32;

fn asks(case: &Case, mutant: &Mutant) -> bool {
    let operations = case.steps.iter().flat_map(|step| step.operations());
    operations.into_iter().any(|name| mutant.commands.contains(&name.0))
}

/// Those first that are about what the mutant changes.
fn concerned(cases: &[Arc<Case>], mutant: &Mutant) -> Vec<Arc<Case>> {
    let is_about = |case: &Case| case.operation.as_ref().is_some_and(|name| mutant.commands.contains(&name.0));
    let mut concerned: Vec<_> = cases.iter().filter(|case| asks(case, mutant)).cloned().collect();
    concerned.sort_by_key(|case| (!case.name.contains("::laws::"), !is_about(case)));
    concerned
}

async fn held_against(library: &Library, mutant: &Mutant) -> (Found, String) {
    let data = match mutant.data() {
        Ok(data) => data,
        Err(why) => return (Found::NotMade, why),
    };
    let reference = support::reference(library, Settings { mutant: Some(data), ..support::quick() }).await;
    let plan = support::plan(library, &reference.target, &["cloudstack", "cloudn"]);
    let cases = concerned(&plan.cases, mutant);
    let mut best = (if cases.is_empty() { Found::Unreached } else { Found::No }, String::new());
    for batch in cases.chunks(BATCH) {
        let outcomes = support::run_cases(library, &reference.target, batch, 4).await;
        for (name, outcome) in outcomes {
            let is_promised = |outcome: &CaseOutcome| {
                let findings = outcome.findings.iter().filter(|finding| finding.verdict == Verdict::Violates);
                findings.flat_map(|finding| &finding.requirements).any(|id| !id.is_law())
            };
            let found = match outcome.verdict {
                Verdict::Violates if is_promised(&outcome) => Found::Promised,
                Verdict::Violates => Found::ByLaw,
                Verdict::CouldNotRun => Found::CouldNotRun,
                _ => continue,
            };
            if found < best.0 {
                best = (found, name);
            }
        }
        if best.0 <= Found::ByLaw {
            break;
        }
    }
    reference.cloud.stop().await;
    best
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_data_of_the_cloud_says_is_tested() {
    let library = support::library();
    let all = mutants();
    let named = std::env::var("ASSAY_MUTANTS").unwrap_or_default();
    let chosen = all.into_iter().enumerate().filter(|(number, mutant)| match named.as_str() {
        "" => number % 40 == 0,
        "all" => true,
        named => mutant.name.contains(named),
    });
    let held = stream::iter(chosen).map(|(_, mutant)| {
        let library = &library;
        async move {
            let found = held_against(library, &mutant).await;
            println!("{:?}\t{:?}\t{}\t{}", found.0, mutant.aspect, mutant.name, found.1);
            (mutant.aspect, found.0)
        }
    });
    let mut table = BTreeMap::new();
    for outcome in held.buffered(2).collect::<Vec<_>>().await {
        *table.entry(outcome).or_insert(0) += 1;
    }
    for ((aspect, found), number) in table {
        println!("{aspect:?}: {found:?}: {number}");
    }
}
