//! What several tests need: the library, a reference cloud, and a run of the suites against it.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::watch;

use assay_engine::conformance::RecordedSession;
use assay_engine::deployment::{Service, Target};
use assay_engine::interpreter::CaseOutcome;
use assay_engine::plan::{Case, Choice, ConformancePlan, Library};
use assay_formats::record::{RecordWriter, Strictness};
use assay_reference::{Cloud, Integration, RunningCloud, Settings};
use assay_suite::SuiteName;
use assay_suite::source::{Diagnostics, Documents, SourceFile};

/// The project's own documents, from its folder.
pub fn documents() -> Documents {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = Documents::default();
    for folder in ["suites", "schemas", "scenarios"] {
        read(root, &root.join(folder), &mut documents);
    }
    documents
}

fn read(root: &Path, folder: &Path, documents: &mut Documents) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(root, &path, documents);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            documents.insert(SourceFile::new(name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The project's library, which has no mistakes.
pub fn library() -> Library {
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents(), &mut mistakes);
    assert!(!mistakes.has_errors(), "{}", mistakes.render(assay_suite::source::Paint::Plain));
    library
}

/// A reference cloud and the target that it is.
pub struct Reference {
    pub cloud: RunningCloud,
    pub target: Arc<Target>,
}

/// Starts a reference cloud.
pub async fn reference(library: &Library, settings: Settings) -> Reference {
    reference_of(library, settings, &library.suites.keys().cloned().collect()).await
}

/// Starts a reference cloud with these suites alone.
pub async fn reference_of(library: &Library, settings: Settings, suites: &BTreeSet<SuiteName>) -> Reference {
    let suites = library.suites.iter().filter(|(name, _)| suites.contains(name)).map(|(_, suite)| suite);
    let suites = suites.cloned().collect();
    let cloud = Cloud::start(settings, suites).await.unwrap();
    let text = assay::target_file("reference", cloud.demonstration());
    Reference { cloud, target: target(&text) }
}

/// The target that a file describes, which has no mistakes.
pub fn target(text: &str) -> Arc<Target> {
    let mut mistakes = Diagnostics::new();
    let target = Target::read(&SourceFile::new("target.yaml", text), &|_| None, &mut mistakes);
    Arc::new(target.unwrap_or_else(|| panic!("{}", mistakes.render(assay_suite::source::Paint::Plain))))
}

/// The bytes that a record is written to, to be read again.
#[derive(Clone, Default)]
pub struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    /// What was written by now.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

/// Settings for tests: jobs take next to no time.
pub fn quick() -> Settings {
    Settings { job_time: Duration::from_millis(2), integration: Integration::Open, ..Settings::default() }
}

/// The plan for a target.
pub fn plan(library: &Library, target: &Target, suites: &[&str]) -> ConformancePlan {
    let suites = suites.iter().map(|name| SuiteName((*name).to_owned())).collect();
    let mut mistakes = Diagnostics::new();
    // What only an example shows counts here, too: the reference cloud keeps to it.
    let choice = Choice { suites, strictness: Strictness::Everything, ..Choice::default() };
    let plan = ConformancePlan::new(library, target, &choice, &mut mistakes);
    assert!(!mistakes.has_errors(), "{}", mistakes.render(assay_suite::source::Paint::Plain));
    plan
}

/// The plans for many clouds. Most are alike, but for their addresses: what has the same things is planned for once.
#[derive(Default)]
pub struct Plans(Mutex<HashMap<String, Arc<ConformancePlan>>>);

impl Plans {
    /// The plan for a target.
    pub fn of(&self, library: &Library, target: &Target, suites: &[&str]) -> Arc<ConformancePlan> {
        let of = |service: &Service| (service.variables.clone(), service.accounts.keys().cloned().collect::<Vec<_>>());
        let things: Vec<_> = target.services.iter().map(|(name, service)| (name, of(service))).collect();
        let alike = format!("{suites:?} {:?} {things:?}", target.variables);
        let known = self.0.lock().unwrap().get(&alike).cloned();
        known.unwrap_or_else(|| {
            let plan = Arc::new(plan(library, target, suites));
            self.0.lock().unwrap().insert(alike, Arc::clone(&plan));
            plan
        })
    }
}

/// Runs all cases of a plan, by name.
pub async fn run(library: &Library, target: &Arc<Target>, plan: &ConformancePlan) -> BTreeMap<String, CaseOutcome> {
    run_cases(library, target, &plan.cases, 8).await
}

/// Runs cases in this order, so many at once; what came of them is by name.
pub async fn run_cases(
    library: &Library,
    target: &Arc<Target>,
    cases: &[Arc<Case>],
    at_once: usize,
) -> BTreeMap<String, CaseOutcome> {
    let (_stop, stopped) = watch::channel(false);
    let record = RecordWriter::new(std::io::sink());
    let schemas = library.schemas.clone();
    let session = RecordedSession::new(Arc::clone(target), schemas, record, "test".into(), stopped).unwrap();
    let outcomes = stream::iter(cases.to_vec()).map(|case| {
        let session = session.clone();
        async move { tokio::spawn(async move { session.run(&case).await }).await.unwrap() }
    });
    let outcomes: Vec<_> = outcomes.buffer_unordered(at_once).collect().await;
    outcomes.into_iter().map(|outcome| (outcome.case.clone(), outcome)).collect()
}
