//! Every fault of the reference cloud is found, and by exactly the cases that are there to find it.
//!
//! `tests/faults.yaml` is the table. A fault that it lacks, a case that fails without being named, and a case that is
//! named without failing, each fail this test.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use crate::fault_trace::Trace;
use crate::support;
use assay_engine::plan::{Case, Library};
use assay_engine::verdict::Verdict;
use assay_reference::{Fault, FaultKind, SHOP, Settings};
use assay_suite::fits;
use assay_suite::source::{Diagnostics, Node, SourceFile};

/// The patterns of the cases that must fail, by fault. In a pattern `*` means anything.
fn table() -> BTreeMap<String, Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults.yaml");
    let file = SourceFile::new("tests/faults.yaml", std::fs::read_to_string(path).unwrap());
    let node =
        Node::parse(&file).unwrap_or_else(|mistake| panic!("{}", mistake.render(assay_suite::source::Paint::Plain)));
    let mut mistakes = Diagnostics::new();
    let entries = node.entries("the table", &mut mistakes).unwrap();
    let table = entries.iter().map(|(fault, patterns)| {
        let patterns = patterns.texts("a pattern", &mut mistakes).into_iter().map(|pattern| pattern.value);
        (fault.value.clone(), patterns.collect())
    });
    let table = table.collect();
    assert!(!mistakes.has_errors());
    table
}

/// So many faults are tried at once: most of the time is spent waiting for jobs.
const AT_ONCE: usize = 3;

/// Which cases are run with a fault.
#[derive(Clone)]
enum Extent {
    /// Those that could have been changed by it, and those that the table names.
    Affected(Arc<Trace>),
    /// All of the suite.
    All,
}

/// What all faults are tried with.
struct Ground {
    library: Arc<Library>,
    plans: support::Plans,
}

/// What is wrong with the row of a fault: the cases that must fail are not those that do.
async fn compare(ground: Arc<Ground>, fault: Fault, patterns: Vec<String>, extent: Extent) -> String {
    let mut wrong = String::new();
    let library = &ground.library;
    let reference = support::reference(library, Settings { faults: vec![fault], ..support::quick() }).await;
    let plan = ground.plans.of(library, &reference.target, &[fault.suite()]);
    let is_named = |case: &Case| patterns.iter().any(|pattern| fits(pattern, &case.name));
    let is_run = |case: &&Arc<Case>| match &extent {
        Extent::Affected(trace) => trace.may_change(fault, &case.name) || is_named(case),
        Extent::All => true,
    };
    let cases: Vec<_> = plan.cases.iter().filter(is_run).cloned().collect();
    let outcomes = support::run_cases(library, &reference.target, &cases, 8).await;
    let failed: BTreeSet<_> = outcomes
        .values()
        .filter(|outcome| outcome.verdict == Verdict::Violates)
        .map(|outcome| outcome.case.as_str())
        .collect();
    let expected: BTreeSet<_> =
        plan.cases.iter().filter(|case| is_named(case)).map(|case| case.name.as_str()).collect();
    reference.cloud.stop().await;
    if failed.is_empty() {
        writeln!(wrong, "{}: nothing finds it", fault.name()).unwrap();
    }
    for case in failed.difference(&expected) {
        let finding = outcomes[*case].findings.first();
        let finding = finding.map(|finding| format!("{}; {}", finding.expected, finding.observed)).unwrap_or_default();
        writeln!(wrong, "{}: fails but is not in the table: {case}\n    {finding}", fault.name()).unwrap();
    }
    for case in expected.difference(&failed) {
        let outcome = &outcomes[*case];
        writeln!(wrong, "{}: is in the table but {}: {case}", fault.name(), outcome.verdict).unwrap();
    }
    for pattern in patterns.iter().filter(|pattern| !plan.cases.iter().any(|case| fits(pattern, &case.name))) {
        writeln!(wrong, "{}: no case is called {pattern}", fault.name()).unwrap();
    }
    wrong
}

/// The faults that this test is about: those named by `ASSAY_FAULTS`, separated by commas, or all. What is slow shows under
/// load only: `just bench esm`. Changes of behaviour are found by laws: `tests/behaviour.yaml`. The shop has a table of its own:
/// `tests/openapi/shop.faults.yaml`.
fn faults() -> Vec<Fault> {
    let named = std::env::var("ASSAY_FAULTS").ok();
    let is_wanted =
        |fault: &Fault| named.as_ref().is_none_or(|names| names.split(',').any(|name| name == fault.name()));
    let is_exact =
        |fault: &Fault| !matches!(fault.kind(), FaultKind::Speed | FaultKind::Behaviour) && fault.suite() != SHOP;
    Fault::all().iter().copied().filter(is_exact).filter(is_wanted).collect()
}

/// What is wrong with the rows of faults.
async fn compare_all(library: &Arc<Library>, faults: &[Fault], extent: Extent) -> String {
    let table = table();
    let ground = Arc::new(Ground { library: Arc::clone(library), plans: support::Plans::default() });
    let compared = stream::iter(faults).map(|fault| {
        let patterns = table.get(fault.name()).cloned().unwrap_or_default();
        let compared = tokio::spawn(compare(Arc::clone(&ground), *fault, patterns, extent.clone()));
        async move { compared.await.unwrap() }
    });
    let mut compared = compared.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    compared.sort();
    compared.concat()
}

#[test]
fn the_table_names_faults_that_there_are() {
    let unknown: Vec<_> = table().into_keys().filter(|name| Fault::from_name(name).is_err()).collect();
    assert!(unknown.is_empty(), "the reference cloud has no such fault: {unknown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_found_by_exactly_the_intended_cases() {
    let library = Arc::new(support::library());
    let trace = Trace::of(&library).await;
    let wrong = compare_all(&library, &faults(), Extent::Affected(Arc::new(trace))).await;
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A fault that is never asked for changes nothing, so running only the cases that ask for it finds all that it changes.
/// Of every thirtieth fault all cases are run, and the table must hold all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_that_never_ask_for_a_fault_are_not_changed_by_it() {
    let library = Arc::new(support::library());
    let sample: Vec<_> = faults().into_iter().step_by(30).collect();
    let wrong = compare_all(&library, &sample, Extent::All).await;
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_fault_everything_conforms() {
    let library = support::library();
    let reference = support::reference(&library, support::quick()).await;
    let plan = support::plan(&library, &reference.target, &[]);
    let outcomes = support::run(&library, &reference.target, &plan).await;
    assert!(outcomes.len() >= 400, "{} cases", outcomes.len());
    let wrong: Vec<_> = outcomes.values().filter(|outcome| outcome.verdict != Verdict::Conforms).collect();
    let wrong: Vec<_> =
        wrong.iter().map(|o| format!("{} {} {:?} {:?}", o.verdict, o.case, o.reason, o.findings)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
