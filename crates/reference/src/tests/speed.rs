//! How slow an answer is with the faults that only load can show: held against the service levels of the document.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::read_suite;
use crate::api::Incoming;
use crate::esm;
use crate::fault::{Fault, Faults};
use crate::model::Model;
use crate::opening::Opening;
use crate::policy::{Behaviour, Dialect, Policy};
use crate::settings::Settings;
use crate::world::Rules;

/// So many answers are looked at.
const ANSWERS: u64 = 10_000;

/// Of each operation with a service level: the share of answers that are held back longer than each of its quantiles allows.
fn slower(faults: &[Fault]) -> Vec<Vec<f64>> {
    let rules = Rules {
        dialect: Dialect::Cloudn,
        model: Model::embedded(),
        policy: Policy::of(Behaviour::Documented),
        faults: Faults::new(faults),
        job_time: Duration::ZERO,
        expunge_after: Duration::ZERO,
    };
    let suite = Arc::new(suite!("esm"));
    let opened = esm::open(&suite, &Opening { settings: &Settings::default(), rules, cloudn: OnceLock::new() });
    let promised = suite.operations.values().filter_map(|operation| {
        let (line, level) = (operation.request.as_ref()?, operation.service_level.as_ref()?);
        let query: Vec<_> = line.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Incoming {
            method: line.method.name().to_owned(),
            path: line.path.clone(),
            query: query.join("&"),
            ..Incoming::default()
        };
        let latency = opened.api.latency(&request);
        let beyond = |limit| (0..ANSWERS).filter(|number| latency.of_answer(*number) > limit).count();
        #[allow(clippy::cast_precision_loss, reason = "ten thousand")]
        let share = |limit| beyond(limit) as f64 / ANSWERS as f64;
        Some(level.quantiles.iter().map(|(_, limit)| share(*limit)).collect())
    });
    promised.collect()
}

#[test]
fn each_service_level_is_broken_at_its_quantile_alone() {
    assert!(slower(&[]).iter().flatten().all(|share| *share == 0.0));
    let (median, tail) = (slower(&[Fault::EsmMedianSlow]), slower(&[Fault::EsmTailSlow]));
    assert_eq!((median.len(), tail.len()), (27, 27));
    assert!(median.iter().all(|shares| shares[0] > 0.7 && shares[1] == 0.0), "{median:?}");
    assert!(tail.iter().all(|shares| (0.05..0.2).contains(&shares[0]) && shares[1] > 0.05), "{tail:?}");
}
