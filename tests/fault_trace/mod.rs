//! Which cases a fault could change: those whose requests made the reference cloud ask for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::future::join_all;
use tokio::sync::watch;

use crate::support;
use assay_engine::deployment::RequestSpec;
use assay_engine::interpreter::{Exchanger, Inventories, NoExchange, Session, run_case};
use assay_engine::plan::{Case, Library};
use assay_formats::record::{Change, Part};
use assay_reference::{FAULT_TRACE, Fault, FaultTrace, Settings};
use assay_suite::http::Exchange;

/// Which faults the cases of an undisturbed run made the reference cloud ask for.
pub struct Trace {
    by_case: BTreeMap<String, BTreeSet<Fault>>,
    /// Those that were asked for before the first request.
    to_open: BTreeSet<Fault>,
}

/// So many clouds are asked at once, each for a part of the cases, one after the other: what a request makes its cloud do
/// is never another case's doing.
const CLOUDS: usize = 6;

impl Trace {
    /// Runs all cases once, without any fault.
    pub async fn of(library: &Arc<Library>) -> Self {
        let part_of = |part| tokio::spawn(trace_part(Arc::clone(library), part));
        let parts = join_all((0..CLOUDS).map(part_of)).await;
        let mut trace = Self { by_case: BTreeMap::new(), to_open: BTreeSet::new() };
        for part in parts {
            let part = part.unwrap();
            trace.by_case.extend(part.by_case);
            trace.to_open.extend(part.to_open);
        }
        trace
    }

    /// Whether a fault could change what comes of a case.
    pub fn may_change(&self, fault: Fault, case: &str) -> bool {
        self.to_open.contains(&fault) || self.by_case.get(case).is_none_or(|faults| faults.contains(&fault))
    }
}

async fn trace_part(library: Arc<Library>, part: usize) -> Trace {
    let reference =
        support::reference(&library, Settings { fault_trace: FaultTrace::InHeader, ..support::quick() }).await;
    let plan = support::plan(&library, &reference.target, &[]);
    let (_stop, stopped) = watch::channel(false);
    let target = Arc::clone(&reference.target);
    let session = Session::new(target, library.schemas.clone(), "trace".to_owned(), stopped).unwrap();
    let mut by_case = BTreeMap::new();
    for case in plan.cases.iter().skip(part).step_by(CLOUDS) {
        by_case.insert(case.name.clone(), trace_case(session.clone(), Arc::clone(case)).await);
    }
    let to_open = reference.cloud.consulted_to_open().clone();
    reference.cloud.stop().await;
    Trace { by_case, to_open }
}

async fn trace_case(session: Session, case: Arc<Case>) -> BTreeSet<Fault> {
    let mut traced = Traced { session: session.clone(), consulted: BTreeSet::new() };
    run_case(&case, session.schemas(), session.run(), &mut traced).await;
    traced.consulted
}

/// The way to the reference cloud, which collects what its answers say of faults.
struct Traced {
    session: Session,
    consulted: BTreeSet<Fault>,
}

impl Exchanger for &mut Traced {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            let exchange = self.session.exchange(part, ask).await?;
            let headers = exchange.outcome.as_ref().map(|response| response.headers.as_slice()).unwrap_or_default();
            let traces = headers.iter().filter(|(name, _)| name == FAULT_TRACE);
            let names = traces.flat_map(|(_, names)| names.split_whitespace());
            self.consulted.extend(names.map(|name| Fault::from_name(name).unwrap()));
            Ok(exchange)
        })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.session.pause(duration).await;
        })
    }

    fn changed(&mut self, _change: Change) {}

    fn left_over(&mut self, _what: &str) {}

    fn unproven(&mut self, _what: &str) {}

    fn inventories(&self) -> &Inventories {
        self.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.session.survey(ask).await })
    }
}
