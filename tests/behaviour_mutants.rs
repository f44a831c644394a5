//! Each thing that the data of the reference cloud says is left out or changed, one after the other, and the cases that ask for
//! what does something with it have to find that.
//!
//! `tests/behaviour-mutants.yaml` is a sample, with what finds each; `just behaviour-mutants` tries all and prints the table.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use crate::support;
use assay_engine::interpreter::CaseOutcome;
use assay_engine::plan::{Case, Library};
use assay_engine::verdict::Verdict;
use assay_reference::{Mutant, Settings, mutants};
use assay_suite::source::{Diagnostics, Node, Paint, SourceFile};

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

async fn held_against(library: &Library, plans: &support::Plans, mutant: &Mutant) -> (Found, String) {
    let data = match mutant.data() {
        Ok(data) => data,
        Err(why) => return (Found::NotMade, why),
    };
    let reference = support::reference(library, Settings { mutant: Some(data), ..support::quick() }).await;
    let plan = plans.of(library, &reference.target, mutant.suites);
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
        if best.0 == Found::Promised {
            break;
        }
    }
    reference.cloud.stop().await;
    best
}

/// The mutants that must be found, with what finds them.
fn sample() -> BTreeMap<String, Found> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/behaviour-mutants.yaml");
    let file = SourceFile::new("tests/behaviour-mutants.yaml", std::fs::read_to_string(path).unwrap());
    let (table, mut mistakes) = (Node::parse(&file).unwrap(), Diagnostics::new());
    let ways = [("promised", Found::Promised), ("law", Found::ByLaw)];
    let rows = table.entries("the sample", &mut mistakes).unwrap().iter();
    let rows =
        rows.filter_map(|(name, way)| Some((name.value.clone(), way.choice("what finds it", &ways, &mut mistakes)?)));
    let rows = rows.collect();
    assert!(!mistakes.has_errors(), "{}", mistakes.render(Paint::Plain));
    rows
}

/// Prints what came of each, by what it changes.
async fn try_all(mutants: Vec<Mutant>) -> Vec<(String, Found)> {
    let (library, plans) = (support::library(), support::Plans::default());
    let held = stream::iter(mutants).map(|mutant| {
        let (library, plans) = (&library, &plans);
        async move {
            let (found, by) = held_against(library, plans, &mutant).await;
            println!("{found:?}\t{:?}\t{}\t{by}", mutant.aspect, mutant.name);
            (mutant.suites.join("+"), mutant.aspect, mutant.name, found)
        }
    });
    let all = held.buffered(2).collect::<Vec<_>>().await;
    let mut table = BTreeMap::new();
    for (suite, aspect, _, found) in &all {
        *table.entry((suite, aspect, found)).or_insert(0) += 1;
    }
    table.into_iter().for_each(|((suite, aspect, found), number)| println!("{suite} {aspect:?}: {found:?}: {number}"));
    all.into_iter().map(|(_, _, name, found)| (name, found)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_data_of_the_cloud_says_is_missed_where_it_is_left_out() {
    let sample = sample();
    let chosen: Vec<_> = mutants().into_iter().filter(|mutant| sample.contains_key(&mutant.name)).collect();
    assert_eq!(chosen.len(), sample.len(), "the sample names what the data does not have");
    let missed: Vec<_> = try_all(chosen).await.into_iter().filter(|(name, found)| sample[name] != *found).collect();
    assert!(missed.is_empty(), "found otherwise than the sample says: {missed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half an hour: `just behaviour-mutants`"]
async fn all_that_the_data_of_the_cloud_says_is_tried() {
    let named = std::env::var("ASSAY_MUTANTS").unwrap_or_default();
    let chosen: Vec<_> = mutants().into_iter().filter(|mutant| mutant.name.contains(&named)).collect();
    assert!(chosen.len() > 500 || !named.is_empty(), "{} mutants", chosen.len());
    try_all(chosen).await;
}
