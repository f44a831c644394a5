//! Every change of behaviour of the reference cloud is found by the law that it breaks, and charged to it.
//!
//! `tests/behaviour.yaml` is the table. Such changes are broad, so only the cases that are named are looked at.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};

use crate::support;
use assay_engine::plan::{Case, Library};
use assay_engine::scenario::LawName;
use assay_engine::verdict::Verdict;
use assay_reference::{Fault, FaultKind, Settings};
use assay_suite::source::{Diagnostics, Node, SourceFile};
use assay_suite::{OperationName, RequirementId};

/// What finds a change.
struct Row {
    /// A law, or a kind of promise.
    by: String,
    /// The operations whose cases find it.
    operations: Vec<String>,
    /// Why nothing finds it, if nothing does.
    unnoticed: Option<String>,
}

fn table() -> BTreeMap<String, Row> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/behaviour.yaml");
    let file = SourceFile::new("tests/behaviour.yaml", std::fs::read_to_string(path).unwrap());
    let node =
        Node::parse(&file).unwrap_or_else(|mistake| panic!("{}", mistake.render(assay_suite::source::Paint::Plain)));
    let mut mistakes = Diagnostics::new();
    let mut table = BTreeMap::new();
    for (fault, node) in node.entries("the table", &mut mistakes).unwrap() {
        let mut fields = node.fields("a row", &mut mistakes).unwrap();
        let by = fields.need_text("by", &mut mistakes).unwrap().value;
        let operations = fields.texts("in", &mut mistakes).into_iter().map(|name| name.value).collect();
        let unnoticed = fields.text("unnoticed", &mut mistakes).map(|why| why.value);
        fields.finish(&mut mistakes);
        table.insert(fault.value.clone(), Row { by, operations, unnoticed });
    }
    assert!(!mistakes.has_errors(), "{}", mistakes.render(assay_suite::source::Paint::Plain));
    table
}

/// The requirements by which a finding about an operation is charged to what breaks.
fn charged(case: &Case, by: &str) -> Vec<RequirementId> {
    let operation = case.operation.clone().unwrap_or(OperationName(String::new()));
    let promised = case.suite.requirements_for(by, &operation).map(|requirement| requirement.id.value.clone());
    promised.chain(LawName::parse(by).map(LawName::id)).collect()
}

/// What is wrong with the row of a change: the named cases that do not find it, or charge it to something else.
async fn compare(library: &Library, plans: &support::Plans, fault: Fault, row: &Row) -> String {
    let reference = support::reference(library, Settings { faults: vec![fault], ..support::quick() }).await;
    let plan = plans.of(library, &reference.target, &[fault.suite()]);
    let is_meant = |case: &Case| {
        let tests = case.steps.iter().flat_map(|step| &step.verifies).any(|id| charged(case, &row.by).contains(id));
        let operation = case.operation.as_ref();
        let is_named = operation.is_some_and(|name| row.operations.is_empty() || row.operations.contains(&name.0));
        tests && is_named
    };
    let cases: Vec<_> = plan.cases.iter().filter(|case| is_meant(case)).cloned().collect();
    let outcomes = support::run_cases(library, &reference.target, &cases, 4).await;
    reference.cloud.stop().await;
    let finds = |case: &Case| {
        let findings = outcomes[&case.name].findings.iter();
        let mut found = findings.filter(|finding| finding.verdict == Verdict::Violates);
        found.any(|finding| finding.requirements.iter().any(|id| charged(case, &row.by).contains(id)))
    };
    let blind = |name: &String| {
        !cases.iter().any(|case| case.operation.as_ref().is_some_and(|of| of.0 == *name) && finds(case))
    };
    let blind: Vec<_> = row.operations.iter().filter(|name| blind(name)).cloned().collect();
    let finding: Vec<_> = cases.iter().filter(|case| finds(case)).map(|case| case.name.as_str()).collect();
    println!("{fault}: {} of {} cases of {} find it: {}", finding.len(), cases.len(), row.by, finding.join(" "));
    match () {
        () if row.unnoticed.is_some() && finding.is_empty() => String::new(),
        () if row.unnoticed.is_some() => format!("{fault}: the table says that nothing finds it\n"),
        () if finding.is_empty() => format!("{fault}: nothing finds it by {}\n", row.by),
        () if !blind.is_empty() => format!("{fault}: not found in the cases of {}\n", blind.join(" and ")),
        () => String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_of_behaviour_is_found_by_the_law_that_it_breaks() {
    let library = support::library();
    let table = table();
    let named = std::env::var("ASSAY_FAULTS").ok();
    let is_wanted =
        |fault: &Fault| named.as_ref().is_none_or(|names| names.split(',').any(|name| name == fault.name()));
    let changes = Fault::all().iter().copied().filter(|fault| fault.kind() == FaultKind::Behaviour).filter(is_wanted);
    let plans = support::Plans::default();
    let compared = stream::iter(changes).map(|fault| {
        let (library, plans, row) = (&library, &plans, table.get(fault.name()));
        async move {
            match row {
                Some(row) => compare(library, plans, fault, row).await,
                None => format!("{fault}: the table has no row for it\n"),
            }
        }
    });
    let wrong = compared.buffered(2).collect::<Vec<_>>().await.concat();
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_table_names_changes_that_there_are() {
    let is_known = |name: &String| Fault::from_name(name).is_ok_and(|fault| fault.kind() == FaultKind::Behaviour);
    let unknown: Vec<_> = table().into_keys().filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "the reference cloud has no such change of behaviour: {unknown:?}");
}
