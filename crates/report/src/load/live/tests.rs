//! What is seen while a run runs is what its record says.

use std::collections::BTreeMap;
use std::time::Duration;

use assay_formats::Histogram;
use assay_formats::record::load::{Interval, MOST_PARTS, ObservedOperation, Outcome, Phase, Totals};
use assay_formats::record::load_reader::samples::{operation, profile, started};
use assay_suite::Quantile;
use assay_suite::http::FailureKind;
use serde_json::Value;

use super::metrics::bounds;
use super::run::{LiveRun, NOW};

/// A second in which 100 requests were answered, each otherwise than the others, and two had no answer.
fn interval(second: u64) -> Interval {
    let mut times = Histogram::new();
    for request in 0..100_u64 {
        times.record(Duration::from_micros(90 + request * request * 7 + second * 13));
    }
    let observed = ObservedOperation {
        due: 102,
        outcomes: [(Outcome::Success, 100), (Outcome::Broken, 2)].into(),
        statuses: [(200, 100)].into(),
        failures: [(FailureKind::Connect, 2)].into(),
        response: times.encode(),
        service: times.encode(),
        lateness: times.encode(),
        ..ObservedOperation::default()
    };
    let phase = if second < 10 { Phase::WarmUp } else { Phase::Judged };
    Interval { profile: 0, second, phase, operations: [(operation("Get"), observed)].into(), clock: None }
}

fn live(name: &str, seconds: u64) -> LiveRun {
    let mut planned = profile(Vec::new());
    planned.name = name.to_owned();
    let mut run = LiveRun::new(started(vec![planned]));
    run.begins(0);
    for second in 0..seconds {
        run.add(&interval(second)).unwrap();
        run.passed(0, second, 7);
    }
    run
}

/// The values of a metric, by the label that follows `phase="judged"`.
fn judged(metrics: &str, name: &str) -> BTreeMap<String, f64> {
    let start = format!("{name}{{profile=\"p\",operation=\"Get\",phase=\"judged\"");
    let lines = metrics.lines().filter_map(|line| line.strip_prefix(&start));
    let values = lines.map(|rest| {
        let (label, value) = rest.split_once("} ").unwrap();
        let label = label.split('"').nth(1).unwrap_or_default();
        (label.to_owned(), value.parse().unwrap())
    });
    values.collect()
}

#[test]
fn quantiles_of_the_buckets_are_those_of_the_record() {
    let metrics = live("p", 40).metrics();
    let mut recorded = Totals::default();
    for second in 10..40 {
        recorded.add(&Totals::try_from(&interval(second).operations[&operation("Get")]).unwrap());
    }
    for (name, histogram) in
        [("response", &recorded.response), ("service", &recorded.service), ("lateness", &recorded.lateness)]
    {
        let buckets = judged(&metrics, &format!("assay_load_{name}_seconds_bucket"));
        let all = judged(&metrics, &format!("assay_load_{name}_seconds_count"))[""];
        assert_eq!((buckets["+Inf"], all), (3_000.0, 3_000.0));
        for quantile in [Quantile::P50, Quantile::P99, Quantile::P99_9] {
            let exact = histogram.quantile(quantile).unwrap();
            let upper = bounds().find(|bound| *bound >= exact).unwrap();
            let lower = bounds().filter(|bound| *bound < exact).last().unwrap();
            let counted = |bound: Duration| buckets[&bound.as_secs_f64().to_string()];
            let rank = 3_000.0 * quantile.share();
            assert!(counted(lower) < rank && rank <= counted(upper), "{name} {quantile} {exact:?}");
        }
        let sum = judged(&metrics, &format!("assay_load_{name}_seconds_sum"))[""];
        assert!((sum / all / histogram.mean().as_secs_f64() - 1.0).abs() < 1e-6, "{sum}");
    }
}

#[test]
fn buckets_are_round_and_grow_by_a_quarter_or_so() {
    let all: Vec<_> = bounds().collect();
    assert_eq!(
        (all[0], all[10], all[70]),
        (Duration::from_micros(10), Duration::from_micros(100), Duration::from_secs(100))
    );
    assert_eq!(all.len(), 71);
    assert!(all.windows(2).all(|pair| (1.2..=1.3).contains(&pair[1].div_duration_f64(pair[0]))), "{all:?}");
}

#[test]
fn metrics_count_what_came_of_requests_and_are_not_steered_by_names() {
    let metrics = live("p", 40).metrics();
    assert!((judged(&metrics, "assay_load_requests_total")["success"] - 3_000.0).abs() < 0.5);
    assert!((judged(&metrics, "assay_load_requests_total")["timed_out"] - 0.0).abs() < 0.5);
    assert!((judged(&metrics, "assay_load_answers_total")["200"] - 3_000.0).abs() < 0.5);
    assert!((judged(&metrics, "assay_load_failures_total")["connect"] - 60.0).abs() < 0.5);
    assert!(metrics.contains("assay_load_in_flight{profile=\"p\"} 7\n"), "{metrics}");
    let hostile = live("a\"} 1\nb\\{", 1).metrics();
    assert!(hostile.contains("assay_load_in_flight{profile=\"a\\\"} 1\\\\nb\\\\{\"} 7\n"), "{hostile}");
    let is_whole = |line: &str| line.starts_with('#') || line.rsplit_once(' ').unwrap().1.parse::<f64>().is_ok();
    assert!(hostile.lines().all(is_whole), "{hostile}");
}

#[test]
fn the_page_gets_the_latest_seconds_and_a_bounded_past() {
    let mut run = live("p", 3_000);
    let json: Value = serde_json::from_str(&run.json().unwrap()).unwrap();
    let profile = &json["profiles"][0];
    assert_eq!((&profile["state"], &profile["in_flight"]), (&"running".into(), &7.into()));
    assert_eq!(profile["now"]["seconds"], NOW);
    assert_eq!(profile["now"]["due"], 102 * NOW);
    assert_eq!(profile["judged"]["statuses"]["200"]["count"], 299_000);
    let timeline = profile["timeline"].as_array().unwrap();
    assert!(timeline.len() as u64 <= MOST_PARTS, "{}", timeline.len());
    let due: u64 = timeline.iter().map(|part| part["due"].as_u64().unwrap()).sum();
    assert_eq!(due, 306_000);
    run.ended(0);
    run.finish();
    let over: Value = serde_json::from_str(&run.json().unwrap()).unwrap();
    assert_eq!((&over["over"], &over["profiles"][0]["state"]), (&true.into(), &"over".into()));
    assert_eq!(over["profiles"][0]["judged"], profile["judged"]);
}
