//! From two load records to what changed.

use std::time::Duration;

use crate::statistics::{at_least, at_most};
use crate::verdict::Measure;
use crate::verdict::service_level::{Family, quantile_of, success_of, unusable};
use assay_formats::record::load::{Level, LoadRecord, Model, ObservedProfile, RecordedProfile, Totals};
use assay_suite::OperationName;
use assay_suite::Quantile;
use assay_suite::human::{latency, percent, requests};

use super::{Change, ComparedQuantile, ComparedSuccessRate, Comparison, Estimate, Tolerance};

/// The quantiles that are compared whether or not they are promised.
const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

/// Of success rates, the tolerance is this part: at a tenth, one more request of 1,000 may fail.
const OF_FAILURES: f64 = 0.01;

/// What both runs have of an operation in a profile.
struct Pair<'a> {
    profile: &'a RecordedProfile,
    operation: OperationName,
    baseline: Totals,
    run: Totals,
    /// Why the two can't be held against each other, if so.
    obstacle: Option<(Change, String)>,
}

/// The p-values of one comparison. Each is how likely the observation is if the opposite just held.
#[derive(Clone, Copy, Default)]
struct Tests {
    regressed: Option<f64>,
    improved: Option<f64>,
    same: Option<f64>,
}

/// What is observed, with its tests and the words for them.
struct Compared {
    baseline: Estimate,
    run: Estimate,
    tests: Tests,
}

/// Holds a run against an earlier one: quantile by quantile and by success rates, of every operation of every profile that
/// both have. All verdicts together are wrong in at most one of 20 comparisons of runs that differ by no more than the
/// tolerance.
pub fn compare(baseline: &LoadRecord, run: &LoadRecord, tolerance: Tolerance) -> Comparison {
    let pairs = pairs(baseline, run);
    let quantiles: Vec<_> = pairs
        .iter()
        .flat_map(|pair| quantiles_of(pair.profile, &pair.operation).into_iter().map(move |q| (pair, q)))
        .collect();
    let compared: Vec<_> = quantiles
        .iter()
        .map(|(pair, quantile)| response_times(pair, *quantile, tolerance))
        .chain(pairs.iter().map(|pair| success_rates(pair, tolerance)))
        .collect();
    let families = Families {
        regressed: Family::of(compared.iter().map(|compared| compared.tests.regressed)),
        improved: Family::of(compared.iter().map(|compared| compared.tests.improved)),
        same: Family::of(compared.iter().map(|compared| compared.tests.same)),
    };
    let rates = pairs.iter().zip(quantiles.len()..).map(|(pair, place)| {
        let compared = &compared[place];
        let (verdict, reason) = families.verdict(pair, compared, place, tolerance);
        let shares = (share(compared.baseline.value), share(compared.run.value));
        ComparedSuccessRate {
            profile: pair.profile.name.clone(),
            operation: pair.operation.clone(),
            baseline: compared.baseline,
            run: compared.run,
            change: shares.0.zip(shares.1).map(|(baseline, run)| run - baseline),
            verdict,
            reason,
        }
    });
    let times = quantiles.iter().enumerate().map(|(place, (pair, quantile))| {
        let compared = &compared[place];
        let (verdict, reason) = families.verdict(pair, compared, place, tolerance);
        ComparedQuantile {
            profile: pair.profile.name.clone(),
            operation: pair.operation.clone(),
            quantile: *quantile,
            baseline: compared.baseline,
            run: compared.run,
            change: ratio(compared.baseline.value, compared.run.value),
            verdict,
            reason,
        }
    });
    Comparison {
        baseline: baseline.started.run.clone(),
        run: run.started.run.clone(),
        quantiles: times.collect(),
        success_rates: rates.collect(),
    }
}

/// Every operation of every profile of the run, and then what only the baseline has.
fn pairs<'a>(baseline: &'a LoadRecord, run: &'a LoadRecord) -> Vec<Pair<'a>> {
    let of = |record: &'a LoadRecord| record.started.profiles.iter().zip(&record.profiles);
    let mut pairs = Vec::new();
    for (planned, observed) in of(run) {
        let earlier = of(baseline).find(|(earlier, _)| earlier.name == planned.name);
        let known = observed.judged.keys();
        let gone = earlier.iter().flat_map(|(_, earlier)| earlier.judged.keys());
        let gone = gone.filter(|name| !observed.judged.contains_key(*name));
        for operation in known.chain(gone) {
            let totals = |observed: &ObservedProfile| observed.of(Some(operation));
            let before = earlier.map(|(_, earlier)| totals(earlier)).unwrap_or_default();
            let obstacle = earlier.and_then(|earlier| obstacle(baseline, earlier, run, (planned, observed)));
            pairs.push(Pair {
                profile: planned,
                operation: operation.clone(),
                obstacle: missing(&before, &totals(observed)).or(obstacle),
                baseline: before,
                run: totals(observed),
            });
        }
    }
    for (planned, observed) in of(baseline).filter(|(planned, _)| of(run).all(|(run, _)| run.name != planned.name)) {
        for (operation, totals) in &observed.judged {
            let (baseline, run) = (totals.clone(), Totals::default());
            let obstacle = missing(&baseline, &run);
            pairs.push(Pair { profile: planned, operation: operation.clone(), baseline, run, obstacle });
        }
    }
    pairs
}

fn missing(baseline: &Totals, run: &Totals) -> Option<(Change, String)> {
    let without = match (baseline.ended(), run.ended()) {
        (0, 0) => "Neither run",
        (0, _) => "The baseline",
        (_, 0) => "The later run",
        _ => return None,
    };
    Some((Change::Missing, format!("{without} has no judged requests of it. Compare runs of the same profiles.")))
}

/// Why observations of one profile in two runs can't be held against each other.
fn obstacle(
    baseline: &LoadRecord,
    earlier: (&RecordedProfile, &ObservedProfile),
    run: &LoadRecord,
    later: (&RecordedProfile, &ObservedProfile),
) -> Option<(Change, String)> {
    let reason = if is_other_load(&earlier.0.model, &later.0.model) {
        Some("The profile asked for another load in the baseline. Make a new baseline with this profile.".to_owned())
    } else if let Some(reason) = unusable(baseline, earlier.0, earlier.1) {
        Some(format!("The baseline says nothing here. {reason}"))
    } else {
        unusable(run, later.0, later.1).map(|reason| format!("The later run says nothing here. {reason}"))
    };
    reason.map(|reason| (Change::Inconclusive, reason))
}

/// Whether two models load a deployment differently; one may last longer.
fn is_other_load(one: &Model, other: &Model) -> bool {
    match (one, other) {
        (Model::Open { peak: one, .. }, Model::Open { peak: other, .. }) => one != other,
        (Model::Closed { users: one }, Model::Closed { users: other }) => one != other,
        (Model::Open { .. }, Model::Closed { .. }) | (Model::Closed { .. }, Model::Open { .. }) => true,
    }
}

/// The usual quantiles and those that are promised, in order.
fn quantiles_of(profile: &RecordedProfile, operation: &OperationName) -> Vec<Quantile> {
    let promised =
        profile.promises.iter().filter(|promise| promise.operation.as_ref().is_none_or(|name| name == operation));
    let promised = promised.filter_map(|promise| match promise.level {
        Level::Latency { quantile, .. } => Some(quantile),
        Level::SuccessRate(_) | Level::Throughput(_) => None,
    });
    let mut quantiles: Vec<_> = QUANTILES.into_iter().filter_map(Quantile::new).chain(promised).collect();
    quantiles.sort_by(|a, b| a.share().total_cmp(&b.share()));
    quantiles.dedup();
    quantiles
}

fn response_times(pair: &Pair<'_>, quantile: Quantile, tolerance: Tolerance) -> Compared {
    let estimate = |totals: &Totals| {
        let (value, low, high) = quantile_of(totals, quantile);
        Estimate { value, low, high, samples: totals.ended() }
    };
    let (baseline, run) = (estimate(&pair.baseline), estimate(&pair.run));
    let tests = if pair.obstacle.is_some() {
        Tests::default()
    } else {
        let slower = |totals: &Totals, than: Measure| slower(totals, quantile, stretched(than, tolerance));
        Tests {
            regressed: Some(slower(&pair.run, baseline.high)),
            improved: Some(slower(&pair.baseline, run.high)),
            same: Some(not_slower(&pair.run, quantile, stretched(baseline.low, tolerance))),
        }
    };
    Compared { baseline, run, tests }
}

/// A limit: a time and the tolerance on top. Endless if it has no end.
fn stretched(measure: Measure, tolerance: Tolerance) -> Option<Duration> {
    match measure {
        Measure::Time(time) => Duration::try_from_secs_f64(time.as_secs_f64() * (1.0 + tolerance.share())).ok(),
        Measure::Endless | Measure::Share(_) | Measure::Rate(_) | Measure::Nothing => None,
    }
}

/// How likely so many requests are slower than a limit if the quantile just keeps it.
fn slower(totals: &Totals, quantile: Quantile, limit: Option<Duration>) -> f64 {
    limit.map_or(1.0, |limit| {
        at_least(totals.response.above(limit).surely + totals.failed(), totals.ended(), quantile.rest())
    })
}

/// How likely so few requests are slower than a limit if the quantile just does not keep it.
fn not_slower(totals: &Totals, quantile: Quantile, limit: Option<Duration>) -> f64 {
    // Nothing is slower than what has no end.
    limit.map_or(0.0, |limit| {
        at_most(totals.response.above(limit).at_most + totals.failed(), totals.ended(), quantile.rest())
    })
}

/// Failures are compared by their share, with a tolerance that is a share of all requests: a tenth more of no failures would
/// be none.
fn success_rates(pair: &Pair<'_>, tolerance: Tolerance) -> Compared {
    let estimate = |totals: &Totals| {
        let (value, low, high) = success_of(totals);
        Estimate { value, low, high, samples: totals.ended() }
    };
    let (baseline, run) = (estimate(&pair.baseline), estimate(&pair.run));
    let more = tolerance.share() * OF_FAILURES;
    let failing = |success: Measure| share(success).map(|share| 1.0 - share + more);
    let failed = |totals: &Totals, share: f64| at_least(totals.failed(), totals.ended(), share);
    let tests = if pair.obstacle.is_some() {
        Tests::default()
    } else {
        Tests {
            regressed: failing(baseline.low).map(|share| failed(&pair.run, share)),
            improved: failing(run.low).map(|share| failed(&pair.baseline, share)),
            same: failing(baseline.high).map(|share| at_most(pair.run.failed(), pair.run.ended(), share)),
        }
    };
    Compared { baseline, run, tests }
}

/// All comparisons of two runs: the regressions, the improvements and the others are a family each.
struct Families {
    regressed: Family,
    improved: Family,
    same: Family,
}

impl Families {
    fn verdict(&self, pair: &Pair<'_>, compared: &Compared, place: usize, tolerance: Tolerance) -> (Change, String) {
        if let Some(obstacle) = &pair.obstacle {
            return obstacle.clone();
        }
        let (baseline, run) = (said(compared.baseline.value), said(compared.run.value));
        let is_rate = matches!(compared.baseline.value, Measure::Share(_));
        let by = percent(tolerance.share() * if is_rate { OF_FAILURES } else { 1.0 });
        let (worse, better) = if is_rate { ("lower", "higher") } else { ("slower", "faster") };
        if self.regressed.shows(place) {
            (Change::Regressed, format!("It is certainly {worse} by more than {by}: it was {baseline}, and is {run}."))
        } else if self.improved.shows(place) {
            (Change::Improved, format!("It is certainly {better} by more than {by}: it was {baseline}, and is {run}."))
        } else if self.same.shows(place) {
            (Change::Same, String::new())
        } else {
            let (before, after) = (compared.baseline.samples, compared.run.samples);
            let shorter = if before < after { "baseline" } else { "later run" };
            let reason = format!(
                "The {} requests of the baseline and {} of the later run do not show whether it is {worse} by more than {by}. \
                 More requests would: let both last longer, the {shorter} above all. A wider tolerance needs fewer.",
                requests(before),
                requests(after)
            );
            (Change::Inconclusive, reason)
        }
    }
}

fn share(measure: Measure) -> Option<f64> {
    match measure {
        Measure::Share(share) => Some(share),
        Measure::Time(_) | Measure::Endless | Measure::Rate(_) | Measure::Nothing => None,
    }
}

fn ratio(baseline: Measure, run: Measure) -> Option<f64> {
    match (baseline, run) {
        (Measure::Time(baseline), Measure::Time(run)) if !baseline.is_zero() => {
            Some(run.as_secs_f64() / baseline.as_secs_f64())
        }
        _ => None,
    }
}

fn said(measure: Measure) -> String {
    match measure {
        Measure::Time(duration) => latency(duration),
        Measure::Endless => "a failure".to_owned(),
        Measure::Share(share) => percent((share * 1e6).round() / 1e6),
        Measure::Rate(rate) => format!("{rate}/s"),
        Measure::Nothing => "nothing".to_owned(),
    }
}
