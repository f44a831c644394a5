//! What is promised of the operations of a profile, and how late its requests may be without deciding that.

use std::time::Duration;

use crate::profile::{OwnServiceLevel, Profile, Promised};
use assay_formats::record::load::{Level, LevelPromise, RecordedRequirement};
use assay_suite::Quantile;
use assay_suite::source::{Diagnostic, Diagnostics};
use assay_suite::{OperationName, Suite};

/// The part of a limit that may be the generator's fault.
const LATE_SHARE: f64 = 0.1;
/// How late requests may be where no response time is promised.
const LATENESS: [(Quantile, Duration); 2] =
    [(Quantile::P50, Duration::from_millis(1)), (Quantile::P99_9, Duration::from_millis(10))];

/// The operations of a profile, and how often each is asked for.
pub(super) struct Offered<'a> {
    pub suite: &'a Suite,
    /// Each once, with the share of all requests that are for it, from 0 to 1.
    pub operations: Vec<(OperationName, f64)>,
    /// The highest rate.
    pub peak: Peak,
}

/// The highest rate of all requests of a profile.
#[derive(Clone, Copy)]
pub(super) enum Peak {
    /// So many a second.
    Planned(f64),
    /// As many as the deployment takes.
    Unlimited,
    /// As many as users who wait for answers happen to make: no throughput can be promised of them.
    Unknown,
}

impl Peak {
    /// Whether this share of the requests comes to a rate.
    fn reaches(self, share: f64, rate: f64) -> bool {
        match self {
            Self::Planned(peak) => peak * share >= rate * (1.0 - 1e-9),
            Self::Unlimited => true,
            Self::Unknown => false,
        }
    }
}

impl Offered<'_> {
    /// The promises, in the order of the operations.
    pub fn promises(&self, profile: &Profile, mistakes: &mut Diagnostics) -> Vec<LevelPromise> {
        match &profile.service_level.value {
            Promised::Nothing => Vec::new(),
            Promised::Documented => self.documented(profile, mistakes),
            Promised::Own(level) => {
                let alone = match self.operations.as_slice() {
                    [(operation, _)] => Some(operation),
                    _ => None,
                };
                self.levels(level, 1.0).map(|level| promise(alone, level, Vec::new())).collect()
            }
        }
    }

    fn documented(&self, profile: &Profile, mistakes: &mut Diagnostics) -> Vec<LevelPromise> {
        let mut promises = Vec::new();
        for (name, share) in &self.operations {
            let Some(operation) = self.suite.operations.get(name) else { continue };
            let Some(level) = &operation.service_level else {
                let message = format!("the document says no service level of {name}");
                let mistake = Diagnostic::error(&profile.service_level.place, message);
                mistakes.add(mistake.help("write what you want of it, such as {tp99: 50ms}, or `nothing`"));
                continue;
            };
            let levels = self.levels(&OwnServiceLevel::from(level), *share);
            promises.extend(levels.map(|level| promise(Some(name), level, self.requirements(level, name))));
        }
        promises
    }

    /// What a service level says, one by one; a throughput only if this share of the requests comes to it.
    fn levels(&self, level: &OwnServiceLevel, share: f64) -> impl Iterator<Item = Level> + use<> {
        let latencies: Vec<_> =
            level.quantiles.iter().map(|&(quantile, limit)| Level::Latency { quantile, limit }).collect();
        let throughput = level.throughput.map(crate::profile::Rate::value);
        let throughput = throughput.filter(|rate| self.peak.reaches(share, *rate)).map(Level::Throughput);
        latencies.into_iter().chain(level.availability.map(Level::SuccessRate)).chain(throughput)
    }

    fn requirements(&self, level: Level, operation: &OperationName) -> Vec<RecordedRequirement> {
        let name = promise_name(level);
        let recorded = self.suite.requirements_for(&name, operation).map(|requirement| RecordedRequirement {
            id: requirement.id.value.clone(),
            text: requirement.text.clone(),
            source: requirement.source.clone(),
        });
        recorded.collect()
    }
}

fn promise(operation: Option<&OperationName>, level: Level, requirements: Vec<RecordedRequirement>) -> LevelPromise {
    LevelPromise { operation: operation.cloned(), level, requirements }
}

/// Whether requirements call a level so under `promise`.
pub(in crate::plan) fn is_promise_name(name: &str) -> bool {
    Quantile::parse(name).is_some_and(|quantile| quantile.to_string().to_lowercase() == name)
        || ["success_rate", "throughput"].contains(&name)
}

/// What requirements call a level under `promise`.
fn promise_name(level: Level) -> String {
    match level {
        Level::Latency { quantile, .. } => quantile.to_string().to_lowercase(),
        Level::SuccessRate(_) => "success_rate".to_owned(),
        Level::Throughput(_) => "throughput".to_owned(),
    }
}

/// How late requests may be at which quantiles: a part of the tightest limit there.
pub(super) fn lateness(promises: &[LevelPromise]) -> Vec<(Quantile, Duration)> {
    let mut bounds: Vec<(Quantile, Duration)> = Vec::new();
    for promise in promises {
        let Level::Latency { quantile, limit } = promise.level else { continue };
        let bound = limit.mul_f64(LATE_SHARE);
        match bounds.iter_mut().find(|(known, _)| *known == quantile) {
            Some((_, tightest)) => *tightest = bound.min(*tightest),
            None => bounds.push((quantile, bound)),
        }
    }
    bounds.sort_by(|(one, _), (other, _)| one.share().total_cmp(&other.share()));
    if bounds.is_empty() { LATENESS.to_vec() } else { bounds }
}
