//! A verdict is right: a thousand runs of deployments that are just good enough, and of some that are just not.

use std::time::Duration;

use assay_formats::chance::Chance;
use assay_formats::record::load::{Level, LevelPromise, Outcome, Totals};
use assay_formats::record::load_reader::samples::{latency, observed, operation, profile, promise, record};
use assay_suite::Quantile;

use super::{LevelVerdict, judge_levels};
use assay_formats::record::load_reader::PromiseBlocks;

const RUNS: u64 = 1_000;
/// A verdict may be wrong in one of 20 runs.
const WRONG: u64 = RUNS / 20;

/// The requests of a run. With so many, the exact probability of a wrong verdict is between 2 and 4 %, and so far enough below
/// 5 % that a count over [`RUNS`] distinguishes them. With 400 for the median it is 4.94 %: 49 of 1,000, give or take 7.
const SIZES: [(Quantile, u64); 2] = [(Quantile::P50, 200), (Quantile::P99, 700)];

/// Requests whose response times are exponentially distributed, this quantile of which is so long; a share of them fail.
fn requests(chance: &mut Chance, number: u64, quantile: Quantile, at: Duration, fail: f64) -> Totals {
    let mean = at.as_secs_f64() / -quantile.rest().ln();
    let mut totals = Totals { due: number, ..Totals::default() };
    for _ in 0..number {
        let outcome = if chance.above_zero() <= fail { Outcome::TimedOut } else { Outcome::Success };
        if outcome == Outcome::Success {
            totals.response.record(Duration::from_secs_f64(chance.exponential(mean)));
        }
        *totals.outcomes.entry(outcome).or_default() += 1;
    }
    totals
}

/// How many of the runs have a promise that comes to a verdict.
fn come_to(verdict: LevelVerdict, promises: &[LevelPromise], run: impl Fn(&mut Chance) -> Totals) -> u64 {
    let judged = (0..RUNS).filter(|seed| {
        let totals = run(&mut Chance(seed * 7_919));
        let mut planned = profile(promises.to_vec());
        planned.judged.insert(operation("Get"), totals.due);
        let judged = judge_levels(&record(vec![(planned, observed(totals))]));
        judged[0].iter().any(|judged| judged.verdict == verdict)
    });
    judged.count() as u64
}

fn at(millis: f64) -> Duration {
    Duration::from_secs_f64(millis / 1e3)
}

/// A run of 60 seconds, 100 requests in each: response times whose logarithm keeps a part of the one before, so that resemblance
/// lasts for about so many requests. The limit of 2 ms is just exceeded by too many.
fn resembling(chance: &mut Chance, lasts: f64, quantile: Quantile) -> (Totals, PromiseBlocks) {
    const SPREAD: f64 = 0.5;
    // Of a normal distribution: 1 in 100, and half of all, and a thousandth of that more.
    let above = if quantile == Quantile::P50 { -0.001_25 } else { 2.325_9 };
    let kept = (-1.0 / lasts).exp();
    let limit = latency(quantile, 2).level;
    let (mut all, mut blocks, mut last) = (Totals::default(), PromiseBlocks::default(), chance.normal());
    for second in 0..60 {
        let mut totals = Totals { due: 100, ..Totals::default() };
        for _ in 0..100 {
            last = kept * last + (1.0 - kept * kept).sqrt() * chance.normal();
            totals.response.record(Duration::from_secs_f64(2e-3 * (SPREAD * (last - above)).exp()));
        }
        totals.outcomes.insert(Outcome::Success, 100);
        blocks.add(second, limit, &totals);
        all.add(&totals);
    }
    (all, blocks)
}

#[test]
fn requests_that_resemble_each_other_are_seldom_called_met_wrongly() {
    for (quantile, lasts) in
        [(Quantile::P50, 10.0), (Quantile::P50, 100.0), (Quantile::P99, 10.0), (Quantile::P99, 100.0)]
    {
        let (mut before, mut after) = (0, 0);
        for seed in 0..RUNS {
            let (totals, blocks) = resembling(&mut Chance(seed * 7_919 + 1), lasts, quantile);
            let mut planned = profile(vec![latency(quantile, 2)]);
            planned.judged.insert(operation("Get"), totals.due);
            let mut seen = observed(totals);
            let is_met = |seen: &_| {
                let record = record(vec![(planned.clone(), assay_formats::record::load::ObservedProfile::clone(seen))]);
                u64::from(judge_levels(&record)[0][0].verdict == LevelVerdict::Met)
            };
            before += is_met(&seen);
            seen.blocks = vec![blocks];
            after += is_met(&seen);
        }
        println!("{quantile}, resemblance over {lasts} requests: wrongly met {before} before, {after} after");
        assert!(before > RUNS / 5, "{quantile} {lasts}: {before}, so this shows nothing");
        assert!(after <= WRONG, "{quantile} {lasts}: {after}");
    }
}

#[test]
fn a_deployment_just_inside_its_limit_is_seldom_called_violated() {
    // At 2 ms a bucket is 1 microsecond wide, and the limit is in the midst of one.
    for (quantile, number) in SIZES {
        let wrong = come_to(LevelVerdict::Violated, &[latency(quantile, 2)], |chance| {
            requests(chance, number, quantile, at(1.999_9), 0.0)
        });
        assert!(wrong <= WRONG, "{quantile}: {wrong}");
        assert!(wrong > WRONG / 10, "{quantile}: it is never called violated, so this shows nothing");
    }
}

#[test]
fn a_deployment_just_outside_its_limit_is_seldom_called_met() {
    for (quantile, number) in SIZES {
        let wrong = come_to(LevelVerdict::Met, &[latency(quantile, 2)], |chance| {
            requests(chance, number, quantile, at(2.000_1), 0.0)
        });
        assert!(wrong <= WRONG, "{quantile}: {wrong}");
        assert!(wrong > WRONG / 10, "{quantile}: it is never called met, so this shows nothing");
    }
}

#[test]
fn several_promises_at_once_are_seldom_wrong_together() {
    // Exponential times with this mean keep, or break, all of these at once.
    let limits = |quantiles: [f64; 4]| {
        let promises = quantiles.map(|share| {
            let quantile = Quantile::new(share).unwrap();
            let limit = Duration::from_secs_f64(-quantile.rest().ln() * 2e-3);
            promise(Level::Latency { quantile, limit })
        });
        promises.to_vec()
    };
    let promises = limits([0.3, 0.6, 0.8, 0.95]);
    let exponential = |millis: f64| {
        move |chance: &mut Chance| {
            let quantile = Quantile::new(0.5).unwrap();
            requests(chance, 400, quantile, at(millis * std::f64::consts::LN_2), 0.0)
        }
    };
    let violated = come_to(LevelVerdict::Violated, &promises, exponential(1.999_9));
    assert!(violated <= WRONG, "{violated}");
    let met = come_to(LevelVerdict::Met, &promises, exponential(2.000_1));
    assert!(met <= WRONG, "{met}");
    assert!(violated > 0 && met > 0, "they are never decided, so this shows nothing");
}

#[test]
fn failures_count_as_slow_and_success_rates_are_seldom_wrong() {
    let promises = [promise(Level::SuccessRate(0.98))];
    let failing = |share: f64| move |chance: &mut Chance| requests(chance, 800, Quantile::P50, at(1.0), share);
    assert!(come_to(LevelVerdict::Violated, &promises, failing(0.019_99)) <= WRONG);
    assert!(come_to(LevelVerdict::Met, &promises, failing(0.020_01)) <= WRONG);
}

#[test]
fn what_is_far_from_the_limit_is_nearly_always_decided() {
    let times = |millis| move |chance: &mut Chance| requests(chance, 1_500, Quantile::P99, at(millis), 0.0);
    assert!(come_to(LevelVerdict::Met, &[latency(Quantile::P99, 2)], times(1.4)) > RUNS - WRONG);
    assert!(come_to(LevelVerdict::Violated, &[latency(Quantile::P99, 2)], times(2.8)) > RUNS - WRONG);
}
