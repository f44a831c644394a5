//! Distinguishes a run that is slower from one that is not, and from one that decides nothing.

use std::time::Duration;

use assay_formats::record::load::{LoadRecord, Model, Outcome, Totals};
use assay_formats::record::load_reader::samples::{answered, latency, observed, operation, profile, record, with};
use assay_suite::Quantile;

use super::{Change, ComparedQuantile, Comparison, Tolerance, compare};
use crate::verdict::Measure;

/// 3,000 requests, evenly between a half and one and a half of so many microseconds.
fn around(micros: u64) -> Totals {
    let times: Vec<_> = (0..3_000).map(|number| (micros / 2 + number * micros / 3_000, 1)).collect();
    answered(&times)
}

fn run(totals: Totals) -> LoadRecord {
    let mut planned = profile(vec![latency(Quantile::new(0.95).unwrap(), 300)]);
    planned.judged.clear();
    record(vec![(planned, observed(totals))])
}

fn held(baseline: Totals, later: Totals) -> Comparison {
    compare(&run(baseline), &run(later), Tolerance::default())
}

fn at(comparison: &Comparison, share: f64) -> &ComparedQuantile {
    comparison.quantiles.iter().find(|compared| (compared.quantile.share() - share).abs() < 1e-9).unwrap()
}

#[test]
fn the_usual_quantiles_and_the_promised_ones_are_compared() {
    let comparison = held(around(10_000), around(10_000));
    let quantiles: Vec<_> = comparison.quantiles.iter().map(|compared| compared.quantile.to_string()).collect();
    assert_eq!(quantiles, ["TP50", "TP90", "TP95", "TP99", "TP99.9"]);
    assert_eq!((comparison.success_rates.len(), comparison.baseline.as_str()), (1, "run"));
}

#[test]
fn a_run_like_the_baseline_is_the_same() {
    let comparison = held(around(10_000), around(10_000));
    let median = at(&comparison, 0.5);
    assert_eq!((median.verdict, median.reason.as_str(), median.change), (Change::Same, "", Some(1.0)));
    assert!(
        matches!((median.baseline.low, median.baseline.high), (Measure::Time(low), Measure::Time(high)) if low < high)
    );
    assert!(comparison.worst() <= Change::Inconclusive, "{comparison:?}");
}

#[test]
fn a_slower_run_has_regressed_and_a_faster_one_improved() {
    let slower = held(around(10_000), around(13_000));
    assert_eq!((at(&slower, 0.5).verdict, slower.worst()), (Change::Regressed, Change::Regressed));
    assert!(at(&slower, 0.5).change.is_some_and(|change| (change - 1.3).abs() < 0.01));
    assert_eq!(at(&slower, 0.5).reason, "It is certainly slower by more than 10 %: it was 10 ms, and is 13 ms.");
    let faster = held(around(13_000), around(10_000));
    assert_eq!(at(&faster, 0.5).verdict, Change::Improved);
    assert!(faster.worst() < Change::Regressed, "{faster:?}");
}

#[test]
fn less_than_the_tolerance_is_no_regression() {
    let within = |tolerance: f64| {
        let tolerance = Tolerance::new(tolerance).unwrap();
        at(&compare(&run(around(10_000)), &run(around(11_000)), tolerance), 0.5).verdict
    };
    assert_eq!([within(0.02), within(0.3)], [Change::Regressed, Change::Same]);
    assert_eq!([Tolerance::new(-0.1), Tolerance::new(f64::NAN)], [None, None]);
}

#[test]
fn too_few_requests_decide_nothing_and_say_so() {
    let few = |micros: u64| answered(&[(micros, 5)]);
    let comparison = held(few(10_000), few(20_000));
    let median = at(&comparison, 0.5);
    assert_eq!(median.verdict, Change::Inconclusive);
    assert!(
        median.reason.starts_with("The 5 requests of the baseline and 5 of the later run do not show"),
        "{}",
        median.reason
    );
    assert_eq!((median.baseline.low, median.baseline.high), (Measure::Time(Duration::ZERO), Measure::Endless));
}

#[test]
fn failures_slow_the_quantiles_and_lower_the_success_rate() {
    let failing = with(around(10_000), Outcome::Refused, 300);
    let comparison = held(around(10_000), failing.clone());
    let rate = &comparison.success_rates[0];
    assert_eq!(rate.verdict, Change::Regressed);
    assert!(rate.change.is_some_and(|change| (change + 1.0 / 11.0).abs() < 1e-9), "{rate:?}");
    let tail = at(&comparison, 0.99);
    assert_eq!((tail.verdict, tail.run.value, tail.change), (Change::Regressed, Measure::Endless, None));
    assert_eq!(held(failing.clone(), around(10_000)).success_rates[0].verdict, Change::Improved);
    assert_eq!(at(&held(failing.clone(), failing), 0.99).verdict, Change::Same);
}

#[test]
fn what_only_one_run_has_is_missing() {
    let mut other = run(around(10_000));
    other.started.profiles[0].name = "other".to_owned();
    let comparison = compare(&run(around(10_000)), &other, Tolerance::default());
    let names: Vec<_> = comparison.success_rates.iter().map(|compared| compared.profile.as_str()).collect();
    assert_eq!(names, ["other", "esm/load/get.yaml: get"]);
    assert!(comparison.quantiles.iter().all(|compared| compared.verdict == Change::Missing));
    assert!(comparison.success_rates[0].reason.starts_with("The baseline has no judged requests"));
    assert!(comparison.success_rates[1].reason.starts_with("The later run has no judged requests"));
    let mut more = run(around(10_000));
    more.profiles[0].judged.insert(operation("Put"), around(10_000));
    let comparison = compare(&more, &run(around(10_000)), Tolerance::default());
    assert_eq!(comparison.success_rates.iter().map(|rate| rate.verdict).max(), Some(Change::Missing));
}

#[test]
fn runs_under_different_or_invalid_load_are_not_compared() {
    let mut other = run(around(13_000));
    other.started.profiles[0].model = Model::Open { due: None, peak: Some(200.0) };
    let comparison = compare(&run(around(10_000)), &other, Tolerance::default());
    assert_eq!(comparison.worst(), Change::Inconclusive);
    assert!(at(&comparison, 0.5).reason.starts_with("The profile asked for another load in the baseline."));
    let mut late = run(around(13_000));
    let totals = late.profiles[0].judged.get_mut("Get").unwrap();
    (0..100).for_each(|_| totals.lateness.record(Duration::from_millis(9)));
    let comparison = compare(&run(around(10_000)), &late, Tolerance::default());
    assert_eq!(comparison.worst(), Change::Inconclusive);
    assert!(at(&comparison, 0.5).reason.starts_with("The later run says nothing here. The generator was late"));
}
