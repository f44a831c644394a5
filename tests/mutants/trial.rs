//! One mutant on trial: the cases that ask for its operation are run until one of them finds it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use uuid::Uuid;

use crate::support;
use assay_engine::deployment::RequestSpec;
use assay_engine::interpreter::{Exchanger, Inventories, NoExchange, Session, run_case};
use assay_engine::plan::{Case, Library, PlannedAction, PlannedStep, Purpose, Readiness};
use assay_engine::verdict::Verdict;
use assay_formats::record::{Change as Owed, Part};
use assay_suite::http::Exchange;
use assay_suite::{OperationName, SuiteName};

use super::change::Change;
use super::described::Schemas;
use super::memory::{Asked, Stage};
use super::mutant::{Mutant, mutants};
use super::proxy::{Proxies, upstream};
use super::tamper::Tamper;

/// What a mutant came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// A case says that a promise is broken: which, and what it says.
    Killed(String),
    /// No case says so, though an answer was changed.
    Survived,
    /// No case says so, and one could not decide.
    Undecided(String),
    /// No answer was changed.
    NotApplicable,
}

/// The suites, their cases, and the way to the reference cloud.
pub struct Ground {
    pub library: Library,
    upstream: reqwest::Client,
    cases: BTreeMap<SuiteName, Vec<Arc<Case>>>,
}

/// The jobs of these clouds take milliseconds; a mutant that keeps a case waiting for longer is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

impl Ground {
    pub async fn new() -> Self {
        let library = support::library();
        let reference = support::reference(&library, support::quick()).await;
        let names: Vec<_> = reference.target.services.keys().cloned().collect();
        let planned = names.into_iter().map(|name| {
            let plan = support::plan(&library, &reference.target, &[name.0.as_str()]);
            (name, plan.cases)
        });
        let cases = planned.collect();
        reference.cloud.stop().await;
        Self { library, upstream: upstream(), cases }
    }

    /// All mutants of all suites.
    pub fn mutants(&self) -> Vec<Mutant> {
        let schemas = Schemas::read(&self.library);
        self.cases.keys().flat_map(|name| mutants(&self.library.suites[name], &schemas)).collect()
    }

    /// The cases that ask for a mutant's operation, those that are about it first.
    fn cases(&self, mutant: &Mutant) -> Vec<Arc<Case>> {
        let operation = OperationName(mutant.operation.clone());
        let polls = mutant.suite.jobs.as_ref().is_some_and(|jobs| jobs.poll == operation);
        let asks = |step: &Arc<PlannedStep>| {
            let asks =
                step.operations().contains(&operation) || polls && matches!(step.action, PlannedAction::Await { .. });
            asks && step.purpose == Purpose::Scenario && step.suite.is_none()
        };
        let all = self.cases[&mutant.suite.name.value].iter();
        let asking = all.filter(|case| case.readiness == Readiness::Ready && case.steps.iter().any(asks));
        let mut asking: Vec<_> = asking.cloned().collect();
        asking.sort_by_key(|case| case.operation.as_ref() != Some(&operation));
        asking
    }

    /// A suite, and those that the steps of its cases ask besides.
    fn asked_suites(&self, suite: &SuiteName) -> BTreeSet<SuiteName> {
        let steps = self.cases[suite].iter().flat_map(|case| &case.steps);
        let others = steps.filter_map(|step| step.suite.as_ref()).map(|other| other.name.value.clone());
        others.chain([suite.clone()]).collect()
    }

    /// Tries a mutant on a cloud of its own.
    pub async fn judge(&self, mutant: &Mutant) -> Came {
        let cases = self.cases(mutant);
        if cases.is_empty() {
            return Came::NotApplicable;
        }
        let suites = self.asked_suites(&mutant.suite.name.value);
        let reference = support::reference_of(&self.library, support::quick(), &suites).await;
        let tamper = Arc::new(Mutex::new(Tamper::new(mutant.clone(), self.library.schemas.clone())));
        let proxies = Proxies::start(&reference.target, &mutant.suite.name.value, &tamper, &self.upstream).await;
        let (_stop, stopped) = watch::channel(false);
        let schemas = self.library.schemas.clone();
        let session = Session::new(Arc::clone(&proxies.target), schemas, "mutants".to_owned(), stopped).unwrap();
        let came = self.run(mutant, &cases, &session, &tamper).await;
        drop(proxies);
        reference.cloud.stop().await;
        came
    }

    async fn run(&self, mutant: &Mutant, cases: &[Arc<Case>], session: &Session, tamper: &Arc<Mutex<Tamper>>) -> Came {
        let mut undecided = None;
        for case in cases {
            tamper.lock().unwrap().begin_case();
            let hurried = if mutant.operator.is_harmless() { Case::clone(case) } else { hurried(case) };
            let way = Tapped { session: session.clone(), tamper: Arc::clone(tamper), suite: &mutant.suite.name.value };
            let outcome = run_case(&hurried, session.schemas(), session.run(), way).await;
            let said = || {
                let finding = outcome.findings.iter().max_by_key(|finding| finding.verdict);
                format!(
                    "{} {}: {}",
                    outcome.case,
                    outcome.verdict,
                    finding.map(ToString::to_string).unwrap_or_default()
                )
            };
            match outcome.verdict {
                Verdict::Violates => return Came::Killed(said()),
                Verdict::Conforms | Verdict::Skipped => {}
                _ if undecided.is_none() => undecided = Some(said()),
                _ => {}
            }
        }
        match (tamper.lock().unwrap().changed(), undecided) {
            // Nothing was changed, and yet something was reported: that is reported, too.
            (_, Some(said)) => Came::Undecided(said),
            (Change::Made, None) => Came::Survived,
            (Change::None, None) => Came::NotApplicable,
        }
    }
}

impl Ground {
    /// Runs all cases of all suites through proxies that change nothing, in an order that a seed gives and so many at once.
    /// What does not conform is reported.
    pub async fn run_unchanged(&self, seed: u64, at_once: usize) -> Vec<String> {
        let reference = support::reference(&self.library, support::quick()).await;
        let mut target = Arc::clone(&reference.target);
        let mut proxies = Vec::new();
        for mutant in self.mutants() {
            let suite = &mutant.suite.name.value;
            if proxies.iter().any(|(known, _)| known == suite) {
                continue;
            }
            let tamper = Arc::new(Mutex::new(Tamper::new(mutant.clone(), self.library.schemas.clone())));
            let before = Proxies::start(&target, suite, &tamper, &self.upstream).await;
            target = Arc::clone(&before.target);
            proxies.push((suite.clone(), before));
        }
        let mut cases: Vec<_> = self.cases.values().flatten().cloned().collect();
        cases.sort_by_cached_key(|case| shuffling(seed, &case.name));
        let outcomes = support::run_cases(&self.library, &target, &cases, at_once).await;
        drop(proxies);
        reference.cloud.stop().await;
        let reported = outcomes.values().filter(|outcome| outcome.verdict != Verdict::Conforms);
        reported.map(|outcome| format!("{} {}: {:?}", outcome.case, outcome.verdict, outcome.findings)).collect()
    }
}

/// What sorts names into an order without visible rule, the same for the same seed.
pub fn shuffling(seed: u64, name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{seed} {name}").as_bytes())
}

/// The same case, which waits less long.
fn hurried(case: &Case) -> Case {
    let steps = case.steps.iter().map(|step| {
        let mut step = PlannedStep::clone(step);
        match &mut step.action {
            PlannedAction::Await { within, .. } => *within = LONGEST_WAIT.min(*within),
            PlannedAction::Call { until: Some(until), .. } => until.within = LONGEST_WAIT.min(until.within),
            _ => {}
        }
        Arc::new(step)
    });
    Case { steps: steps.collect(), longest_job: LONGEST_WAIT, ..case.clone() }
}

/// A case's way to the deployment, on which the mutant hears what is asked.
struct Tapped<'a> {
    session: Session,
    tamper: Arc<Mutex<Tamper>>,
    suite: &'a SuiteName,
}

impl Exchanger for Tapped<'_> {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            let asked = Asked {
                operation: ask.operation.to_owned(),
                arguments: ask.arguments.clone(),
                account: ask.account.map(str::to_owned),
                format: ask.format,
                stage: if part == Part::Undo { Stage::Undo } else { Stage::Step },
            };
            let asked = (ask.suite.name.value == *self.suite).then_some(asked);
            self.tamper.lock().unwrap().is_asked(asked);
            self.session.exchange(part, ask).await
        })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.session.pause(duration).await;
        })
    }

    fn changed(&mut self, _: Owed) {}

    fn left_over(&mut self, _: &str) {}

    fn unproven(&mut self, _: &str) {}

    fn inventories(&self) -> &Inventories {
        self.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            self.tamper.lock().unwrap().is_asked(None);
            self.session.survey(ask).await
        })
    }
}
