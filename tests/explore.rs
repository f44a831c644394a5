//! Random walks: the unbroken reference cloud agrees with itself, and what is broken is found, shrunk and written down.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::support::{self, Reference, library, quick, reference_of};
use assay_engine::conformance::RecordedSession;
use assay_engine::explore::{Aspect, Exploration, Explored, Explorer, Law};
use assay_engine::interpreter::Session;
use assay_engine::plan::Library;
use assay_engine::scenario::LawName;
use assay_engine::verdict::Verdict;
use assay_formats::record::RecordWriter;
use assay_reference::{Fault, Settings};
use assay_suite::SuiteName;
use assay_suite::source::{Diagnostics, Paint, SourceFile};

/// No test waits for the end of it: the number of walks is what counts.
const LONG: Duration = Duration::from_secs(3600);

fn exploration(seed: u64, walks: u64) -> Exploration {
    Exploration { seed, steps: 12, walks: Some(walks), lasts: LONG, settles: 50 * quick().job_time }
}

async fn served(library: &Library, suite: &str, faults: &[&str]) -> Reference {
    // The machines of the EC2 side are those of cloudn.
    let suites: BTreeSet<_> = [suite, "cloudn"].into_iter().map(|name| SuiteName(name.to_owned())).collect();
    let faults = faults.iter().map(|name| Fault::from_name(name).unwrap()).collect();
    reference_of(library, Settings { faults, ..quick() }, &suites).await
}

/// What an exploration of a reference cloud comes to, and what it left there.
async fn explored(library: &Library, suite: &str, faults: &[&str], choice: Exploration) -> (Explored, Vec<String>) {
    Box::pin(explored_by(Decides::Model, library, suite, faults, choice)).await
}

/// What decides whether an answer is right.
#[derive(Clone, Copy, PartialEq)]
enum Decides {
    Model,
    Laws,
}

async fn explored_by(
    decides: Decides,
    library: &Library,
    suite: &str,
    faults: &[&str],
    choice: Exploration,
) -> (Explored, Vec<String>) {
    let (deployment, model) = (served(library, suite, faults).await, served(library, suite, &[]).await);
    let before = deployment.cloud.inventory();
    let (_stop, stopped) = watch::channel(false);
    let record = RecordWriter::new(std::io::sink());
    let schemas = library.schemas.clone();
    let session =
        RecordedSession::new(deployment.target, schemas.clone(), record, "explored".into(), stopped.clone()).unwrap();
    let to_model = Session::new(model.target, schemas, "explored".into(), stopped).unwrap();
    let suite = &library.suites[&SuiteName(suite.to_owned())];
    let explorer = Explorer::new(library, suite, &session, (decides == Decides::Model).then_some(&to_model), choice);
    let explored = Box::pin(explorer.explore(|_| ())).await;
    session.remove_postponed(&library.suites).await.unwrap();
    let known: BTreeSet<_> = before.iter().map(|held| (held.kind.clone(), held.id.clone())).collect();
    let left = deployment.cloud.inventory().into_iter();
    let left = left.filter(|held| !known.contains(&(held.kind.clone(), held.id.clone())));
    let left = left.map(|held| format!("{} {}", held.kind, held.id)).collect();
    (explored, left)
}

fn shown(explored: &Explored) -> String {
    let lines = explored.counterexamples.iter().map(|found| {
        let disagreement = &found.disagreement;
        format!("{}: expected {}, observed {}", found.title, disagreement.expected, disagreement.observed)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_unbroken_reference_cloud_agrees_with_itself() {
    let library = library();
    for suite in ["cloudstack", "cloudn", "ec2", "hicloud", "ies", "esm"] {
        let (explored, _) = Box::pin(explored(&library, suite, &[], exploration(11, 6))).await;
        assert!(explored.counterexamples.is_empty(), "{suite}:\n{}", shown(&explored));
        assert_eq!((explored.walks, &explored.interrupted), (6, &None), "{suite}");
        assert!(explored.reached.operations_accepted() >= 3, "{suite}: {}", explored.reached.operations_accepted());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_makes_the_same_walks_and_another_makes_others() {
    let library = library();
    let mut pairs = Vec::new();
    for seed in [3, 3, 4] {
        let (explored, _) = Box::pin(explored(&library, "cloudn", &[], exploration(seed, 3))).await;
        let reached = explored.reached.pairs().into_iter();
        pairs.push(reached.map(|pair| (pair.operation.0, pair.state, pair.times)).collect::<Vec<_>>());
    }
    assert_eq!(pairs[0], pairs[1]);
    assert_ne!(pairs[0], pairs[2]);
}

/// What a broken cloud does wrong is found, in few requests, shown twice more, and is a scenario that finds it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_broken_is_found_and_becomes_a_scenario_that_finds_it() {
    let library = library();
    let (suite, fault) = ("cloudn", "stop-leaves-running");
    let (explored, left) = Box::pin(explored(&library, suite, &[fault], exploration(1, 60))).await;
    let found = explored.counterexamples.iter().find(|found| found.scenario.contains("stopVirtualMachine"));
    let found = found.unwrap_or_else(|| panic!("it is not found:\n{}", shown(&explored)));
    assert_eq!(found.reproduced, 2);
    assert!(found.calls.len() <= 5, "{:?}", found.calls);
    assert!(left.is_empty(), "{left:?}");

    let mut documents = support::documents();
    documents.insert(SourceFile::new("scenarios/cloudn/explored-1.yaml", found.scenario.clone()));
    let mut mistakes = Diagnostics::new();
    let with_it = Library::read(&documents, &mut mistakes);
    assert!(!mistakes.has_errors(), "{}\n{}", found.scenario, mistakes.render(Paint::Plain));
    for (faults, expected) in [(&[fault] as &[&str], Verdict::Violates), (&[], Verdict::Conforms)] {
        let reference = served(&with_it, suite, faults).await;
        let plan = support::plan(&with_it, &reference.target, &[suite]);
        let cases: Vec<_> =
            plan.cases.iter().filter(|case| case.name.contains("::explored-1::")).map(Arc::clone).collect();
        assert_eq!(cases.len(), 1, "{}", found.scenario);
        let outcomes = support::run_cases(&with_it, &reference.target, &cases, 1).await;
        for outcome in outcomes.values() {
            assert_eq!(outcome.verdict, expected, "{}\n{:?}", found.scenario, outcome.findings);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_model_laws_decide() {
    let library = library();
    let (whole, _) = Box::pin(explored_by(Decides::Laws, &library, "cloudn", &[], exploration(5, 20))).await;
    assert!(whole.counterexamples.is_empty(), "{}", shown(&whole));
    let (broken, _) =
        Box::pin(explored_by(Decides::Laws, &library, "cloudn", &["delete-leaves-volume"], exploration(5, 80))).await;
    let of_law = broken
        .counterexamples
        .iter()
        .find(|found| found.disagreement.aspect == Aspect::Law(Law::OfCases(LawName::RemoveExactlyOne)));
    let found = of_law.unwrap_or_else(|| panic!("it is not found:\n{}", shown(&broken)));
    assert!(found.scenario.contains("excludes"), "{}", found.scenario);
}
