//! Reports of load runs: what a user relies on in each, and what no one may put into them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

use assay_engine::verdict::{
    Change, ComparedQuantile, ComparedSuccessRate, Comparison, Estimate, LevelVerdict, Measure,
};
use assay_formats::record::Ending;
use assay_formats::record::load::{Outcome, Shard, Totals};
use assay_formats::{EncodedHistogram, Histogram};
use assay_report::{
    LoadSummary, comparison_html, comparison_markdown, comparison_terminal, histogram_log, load_html, load_json,
    load_junit, load_markdown, load_terminal,
};
use assay_suite::OperationName;
use assay_suite::Quantile;
use assay_suite::http::FailureKind;

use super::load_runs::{
    QUICK, Traffic, events, inconclusive, invalid, killed, many, met, mixed, observed, profile, record, started, steps,
    summary, violated,
};
use super::{elements, forbidden, tags};

fn all() -> LoadSummary {
    summary(&mixed())
}

/// The inline charts of a page.
fn charts(page: &str) -> Vec<&str> {
    let charts = page.split("<figure class=\"chart\">").skip(1);
    charts
        .map(|chart| {
            let start = chart.find("<svg").unwrap();
            &chart[start..chart.find("</svg>").unwrap() + "</svg>".len()]
        })
        .collect()
}

#[test]
fn the_headline_is_the_weightiest_verdict() {
    let headline = |judged| {
        load_html(&summary(&judged)).unwrap().split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap().to_owned()
    };
    assert_eq!(headline(met()), "All 3 service levels are met.");
    assert_eq!(headline(violated()), "1 of 3 service levels is violated.");
    assert_eq!(headline(inconclusive()), "1 of 3 service levels is undecided.");
    assert_eq!(headline(invalid()), "The run says nothing about the deployment.");
    assert_eq!(headline(mixed()), "1 of 12 service levels is violated.");
    assert_eq!(headline(killed()), "The run only measured. No service level was judged.");
}

#[test]
fn a_page_tells_each_service_level_with_its_requirement() {
    let page = load_html(&all()).unwrap();
    assert_eq!(page.matches("<tr class=\"level\">").count(), 12 + 4);
    for printed in [
        "TP99.9 within 5 ms",
        "<b>ESM-042</b> 4.1.5.1, table 4-12",
        "180 requests are too few",
        "needs 2\u{202f}995 requests, 49 min 55 s",
        "The generator was late",
    ] {
        assert!(page.contains(printed), "{printed}");
    }
    assert!(page.contains("no run shows"));
    assert!(!page.contains("Partial."));
}

#[test]
fn what_a_server_sent_is_no_markup_in_the_page() {
    let page = load_html(&all()).unwrap();
    assert_eq!(page.find(forbidden), None);
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains(r"\u202e") && page.contains(r"\u0000"));
    let tags = tags(&page);
    assert_eq!((tags["script"], tags["style"], tags.get("img")), (1, 1, None));
    let attribute = regex::Regex::new(r"<[a-z][^>]*\s(on[a-z]+|style)\s*=").unwrap();
    assert_eq!(attribute.find(&page).map(|found| found.as_str()), None);
}

#[test]
fn a_hostile_name_of_an_operation_is_no_markup_in_a_chart() {
    let name = "x</title><script>alert(2)</script>\u{202e}";
    let traffic = Traffic { each_second: 10, ..QUICK };
    let run = record(vec![(profile("esm::a", name, &traffic, [2, 5]), observed(name, &traffic, 1))]);
    let page = load_html(&LoadSummary::new(&run, &[])).unwrap();
    assert_eq!((page.find(forbidden), page.matches("<script").count()), (None, 1));
    charts(&page).into_iter().for_each(|chart| drop(elements(chart)));
}

#[test]
fn every_chart_is_well_formed_and_has_a_title() {
    let page = load_html(&all()).unwrap();
    let charts = charts(&page);
    // By quantile, over time, throughput, lateness; and failures and statuses of the one that has some.
    assert_eq!(charts.len(), 4 * 4 + 2);
    let mut ids = BTreeSet::new();
    for chart in charts {
        let elements = elements(chart);
        let (root, attributes) = &elements[0];
        assert_eq!((root.as_str(), attributes["role"].as_str()), ("svg", "img"));
        let named = |name: &str| elements.iter().find(|(element, _)| element == name).unwrap().1["id"].clone();
        let (title, description) = (named("title"), named("desc"));
        assert_eq!(attributes["aria-labelledby"], format!("{title} {description}"));
        assert!(ids.insert(title), "an id occurs twice");
        // Colours are the page's: a chart that brings its own is unreadable in the dark.
        assert!(!chart.contains("\"#"), "{}", &chart[chart.find("\"#").unwrap() - 60..]);
        assert!(!chart.contains("NaN") && !chart.contains("inf"));
    }
}

#[test]
fn failures_have_a_chart_only_where_there_are_any() {
    let (good, bad) = (load_html(&summary(&met())).unwrap(), load_html(&summary(&violated())).unwrap());
    assert!(good.contains("there is no chart of failures") && !good.contains("Failures over time"));
    assert!(bad.contains("Failures over time") && bad.contains("<li class=\"ink-throttled\">throttled</li>"));
    assert!(
        bad.contains("Statuses over time") && bad.contains(">status 429</li>") && !good.contains("Statuses over time")
    );
    assert!(bad.contains("throttled</span>") && !bad.contains("there is no chart of failures"));
}

#[test]
fn of_many_profiles_those_that_are_not_met_are_unfolded() {
    let page = load_html(&summary(&many())).unwrap();
    let count = |what: &str| page.matches(what).count();
    assert_eq!(count("<details class=\"profile"), 27);
    assert_eq!(count("<details class=\"profile violated\""), 3);
    assert_eq!(page.matches("\" open>").count(), 3);
    assert_eq!(
        page.split("class=\"index\"")
            .nth(1)
            .unwrap()
            .split("</table>")
            .next()
            .unwrap()
            .matches("href=\"#profile-")
            .count(),
        27
    );
    assert!(page.len() < 2_500_000, "{} bytes", page.len());
}

#[test]
fn a_partial_run_says_so_everywhere() {
    let (mut run, judged) = met();
    run.ending = Ending::Broken;
    run.started.shard = Shard { number: 1, of: 3 };
    run.shards = vec![run.started.shard];
    run.missing = vec![2, 3];
    let summary = LoadSummary::new(&run, &judged);
    let missing = "The records of generator 2, 3 of 3 are missing";
    for report in
        [load_html(&summary).unwrap(), load_markdown(&summary), load_terminal(&summary), load_junit(&summary).unwrap()]
    {
        assert!(report.contains(missing) && report.contains("The record breaks off"), "{report}");
    }
    assert!(load_html(&summary).unwrap().contains("are met, as far as the run went"));
    let json: serde_json::Value = serde_json::from_str(&load_json(&summary).unwrap()).unwrap();
    assert_eq!(
        (&json["run"]["ending"], &json["run"]["missing_generators"]),
        (&"broken".into(), &serde_json::json!([2, 3]))
    );
}

#[test]
fn a_run_that_was_killed_at_once_has_reports() {
    let summary = summary(&killed());
    assert!(load_html(&summary).unwrap().contains("Nothing was observed."));
    assert!(load_markdown(&summary).contains("No service level was judged"));
    assert!(load_terminal(&summary).contains("no service level was judged"));
    assert!(load_junit(&summary).unwrap().contains("tests=\"0\""));
    assert!(load_json(&summary).unwrap().contains("\"verdict\": null"));
}

#[test]
fn junit_has_a_test_case_for_each_service_level() {
    let xml = load_junit(&all()).unwrap();
    assert_eq!(xml.find(forbidden), None);
    let elements = elements(&xml);
    let of =
        |name: &str| elements.iter().filter(|(element, _)| element == name).map(|(_, found)| found).collect::<Vec<_>>();
    let counts = ["testsuite", "testcase", "failure", "error", "skipped"].map(|name| of(name).len());
    assert_eq!(counts, [1, 12, 1, 3, 1]);
    let failure = &of("failure")[0]["message"];
    assert!(
        failure.contains("observed ") && failure.contains("limit 5 ms") && failure.contains("beyond it"),
        "{failure}"
    );
    assert!(of("error")[0]["message"].starts_with("The generator was late"));
    let skipped = &of("skipped")[0]["message"];
    assert!(skipped.starts_with("inconclusive: 180 requests are too few"), "{skipped}");
    assert!(xml.contains("needs 2\u{202f}995 requests"));
    let first = of("testcase")[1];
    assert_eq!(first["classname"], "esm.service-levels::host-metricdata");
    assert_eq!(first["name"], "host-metricdata TP99.9 within 5 ms");
    assert_eq!((first["file"].as_str(), first["line"].as_str()), ("scenarios/esm/load/service-levels.yaml", "12"));
    assert!(of("property").iter().any(|found| found["name"] == "requirement" && found["value"] == "ESM-042"));
    assert_eq!(of("testsuite")[0]["timestamp"], "2025-03-04T05:06:07Z");
}

#[test]
fn json_has_verdicts_and_times_in_seconds() {
    let text = load_json(&all()).unwrap();
    assert_eq!(text.find(forbidden), None);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["format"], &json["verdict"]), (&1.into(), &"violated".into()));
    assert_eq!(json["counts"], serde_json::json!({"met": 7, "inconclusive": 1, "invalid": 3, "violated": 1}));
    let level = &json["profiles"][1]["levels"][1];
    assert_eq!((&level["verdict"], &level["quantile"]), (&"violated".into(), &0.999.into()));
    assert_eq!(level["limit"], serde_json::json!({"seconds": 0.005}));
    let operation = &json["profiles"][0]["operations"][0];
    let p50 = operation["response"]["p50_s"].as_f64().unwrap();
    assert!((0.001..0.0012).contains(&p50), "{p50}");
    assert_eq!(operation["outcomes"], serde_json::json!({"success": 100_000}));
    assert_eq!(json["profiles"][2]["levels"][1]["needs"], serde_json::json!({"samples": 2995, "time_s": 2995.0}));
    assert_eq!(json["profiles"][2]["levels"][1]["interval"][1], "endless");
    assert_eq!(json["profiles"][0]["timeline"].as_array().unwrap().len(), 30);
    for part in json["profiles"][1]["timeline"].as_array().unwrap() {
        let response = &part["response"];
        let quantiles = ["p50_s", "p95_s", "p99_s", "p99_9_s"].map(|name| response[name].as_f64().unwrap());
        assert!(quantiles.is_sorted(), "{quantiles:?}");
        let shares = part["statuses"].as_object().unwrap().values().map(|status| status["share"].as_f64().unwrap());
        assert!((shares.sum::<f64>() - 1.0).abs() < 1e-9, "{part}");
    }
    assert_eq!(crate::documents::refused_by("load-report", &json), "");
}

#[test]
fn why_requests_have_no_answer_is_reported_over_time() {
    let traffic = Traffic { each_second: 10, seconds: 4, seconds_a_part: 1, warm_up: 0, ..QUICK };
    let mut seen = observed("a", &traffic, 1);
    let broken = Totals {
        due: 5,
        outcomes: [(Outcome::Broken, 5)].into(),
        failures: [(FailureKind::Connect, 2), (FailureKind::Broken, 3)].into(),
        ..Totals::default()
    };
    seen.timeline[2].totals.add(&broken);
    let summary = LoadSummary::new(&record(vec![(profile("esm::a", "a", &traffic, [2, 5]), seen)]), &[]);
    let json: serde_json::Value = serde_json::from_str(&load_json(&summary).unwrap()).unwrap();
    let part = &json["profiles"][0]["timeline"][2];
    assert_eq!(part["failures"]["broken"], serde_json::json!({"count": 3, "share": 0.2}));
    assert_eq!(part["statuses"]["200"]["count"], 10);
    let page = load_html(&summary).unwrap();
    for name in ["status 200", "no connection", "the connection broke"] {
        assert!(page.contains(&format!(">{name}</li>")), "{name}");
    }
}

#[test]
fn markdown_is_short_and_holds_no_markup_of_a_server() {
    let page = load_markdown(&all());
    assert_eq!(page.find(forbidden), None);
    assert_eq!(page.lines().filter(|line| line.starts_with("| ")).count() - 1, 12);
    assert!(
        page.contains("| ❌ violated | esm::service-levels::vm-metricdata: vm-metricdata TP99.9 within 5 ms | 5 ms |")
    );
    assert!(page.contains("It needs 2\u{202f}995 requests, 49 min 55 s. Promised by ESM-042 (4.1.5.1, table 4-12)."));
    assert!(load_markdown(&summary(&many())).len() < 64 * 1024);
}

#[test]
fn the_terminal_has_a_line_for_each_level_and_counts_at_the_end() {
    let text = load_terminal(&all());
    let lines: Vec<_> = text.lines().collect();
    let levels: Vec<_> =
        lines.iter().filter(|line| line.contains("metricdata TP99.9") || line.contains("-ecs TP99.9")).collect();
    assert_eq!(levels.len(), 4);
    let columns: Vec<_> = levels.iter().map(|line| line.find(" TP99.9").unwrap()).collect();
    assert!(columns.iter().all(|column| *column > 12), "{text}");
    assert!(levels[1].starts_with("  violated "), "{text}");
    assert!(lines.last().unwrap().ends_with(": 1 violated, 3 invalid, 1 inconclusive, 7 met"), "{text}");
}

#[test]
fn a_histogram_log_holds_what_was_observed() {
    let traffic = Traffic { each_second: 200, seconds: 8, warm_up: 2, ..QUICK };
    let seen = observed("host-metricdata", &traffic, 3);
    let started = started(vec![profile("esm::service levels, all::x", "host-metricdata", &traffic, [2, 5])]);
    let mut log = Vec::new();
    histogram_log(&mut log, &started, &events(&seen, traffic.warm_up)).unwrap();
    assert!(log.starts_with(b"#[Histogram log format version 1.3]\n"));
    let mut sums: BTreeMap<String, Histogram> = BTreeMap::new();
    let (mut starts, mut base) = (Vec::new(), None);
    for entry in IntervalLogIterator::new(&log) {
        match entry.unwrap() {
            LogEntry::BaseTime(time) => base = Some(time),
            LogEntry::StartTime(time) => assert_eq!(time, Duration::from_secs(1_741_064_767)),
            LogEntry::Interval(interval) => {
                let tag = interval.tag().unwrap().as_str().to_owned();
                let decoded = EncodedHistogram(interval.encoded_histogram().to_owned()).decode().unwrap();
                let longest = decoded.longest().as_secs_f64() * 1e3;
                assert!((interval.max() - longest).abs() < 1e-3, "{tag}");
                assert_eq!(interval.duration(), Duration::from_secs(1));
                starts.push(interval.start_timestamp());
                sums.entry(tag).or_default().add(&decoded);
            }
        }
    }
    assert_eq!(base, Some(Duration::from_secs(1_741_064_767)));
    assert_eq!(starts.first(), Some(&Duration::from_millis(1_500)));
    assert!(starts.is_sorted());
    let judged = &seen.judged[0];
    let of = |tag: &str| &sums[&format!("esm::service_levels__all::x/host-metricdata/{tag}")];
    assert_eq!(steps(of("response")), steps(&judged.response));
    assert_eq!(steps(of("service")), steps(&judged.service));
    assert_eq!(steps(of("lateness")), steps(&judged.lateness));
    assert_eq!(of("response/warm-up").len() + judged.response.len(), 8 * 200);
}

fn estimate(micros: [u64; 3]) -> Estimate {
    let [value, low, high] = micros.map(|micros| Measure::Time(Duration::from_micros(micros)));
    Estimate { value, low, high, samples: 100_000 }
}

#[allow(clippy::cast_precision_loss, reason = "these times are short")]
fn compared(quantile: Quantile, baseline: [u64; 3], run: [u64; 3], verdict: Change, reason: &str) -> ComparedQuantile {
    ComparedQuantile {
        profile: "esm::service-levels::host-metricdata".to_owned(),
        operation: OperationName("host-metricdata".to_owned()),
        quantile,
        baseline: estimate(baseline),
        run: estimate(run),
        change: Some(run[0] as f64 / baseline[0] as f64),
        verdict,
        reason: reason.to_owned(),
    }
}

fn comparison() -> Comparison {
    let share = |value: f64| Estimate {
        value: Measure::Share(value),
        low: Measure::Share(value - 0.0005),
        high: Measure::Share((value + 0.0004).min(1.0)),
        samples: 100_000,
    };
    Comparison {
        baseline: "4f1c9a52, 4 March <b>".to_owned(),
        run: "77aa01bc".to_owned(),
        quantiles: vec![
            compared(Quantile::P50, [1080, 1070, 1090], [1090, 1080, 1095], Change::Same, ""),
            compared(Quantile::P99, [1900, 1880, 1930], [1700, 1690, 1730], Change::Improved, ""),
            compared(
                Quantile::P99_9,
                [4200, 3900, 4400],
                [6300, 6100, 7000],
                Change::Regressed,
                "It is slower by more than 10 % with 95 % confidence.",
            ),
        ],
        success_rates: vec![ComparedSuccessRate {
            profile: "esm::service-levels::host-metricdata".to_owned(),
            operation: OperationName("host-metricdata".to_owned()),
            baseline: share(1.0),
            run: share(0.999),
            change: Some(-0.001),
            verdict: Change::Inconclusive,
            reason: "There are too few requests to tell.".to_owned(),
        }],
    }
}

#[test]
fn a_comparison_tells_what_became_slower() {
    let comparison = comparison();
    let terminal = comparison_terminal(&comparison);
    let page = comparison_html(&comparison).unwrap();
    let markdown = comparison_markdown(&comparison);
    for report in [&terminal, &page, &markdown] {
        for printed in
            ["worse than its baseline", "1 regressed, 1 inconclusive, 1 improved, 1 same", "+50 %", "−0.1 points"]
        {
            assert!(report.contains(printed), "{printed}: {report}");
        }
        assert!(report.contains("6.1 ms to 7 ms") && report.contains("slower by more than 10 %"));
    }
    assert!(!page.contains("March <b>") && !markdown.contains("<b>"));
    // A bar and a mark for each side of each row.
    assert_eq!(page.matches("<rect class=\"later\"").count(), 4);
    assert_eq!(page.matches("<rect class=\"mark\"").count(), 8);
}

#[test]
fn a_comparison_of_nothing_says_so() {
    let nothing = Comparison { quantiles: Vec::new(), success_rates: Vec::new(), ..comparison() };
    for report in [comparison_terminal(&nothing), comparison_markdown(&nothing), comparison_html(&nothing).unwrap()] {
        assert!(report.contains("nothing in common"));
    }
}

#[test]
fn one_request_is_enough_for_a_page() {
    let traffic = Traffic { each_second: 1, seconds: 1, seconds_a_part: 1, warm_up: 0, ..QUICK };
    let run = record(vec![(profile("esm::a", "a", &traffic, [2, 5]), observed("a", &traffic, 1))]);
    let page = load_html(&LoadSummary::new(&run, &[])).unwrap();
    assert!(charts(&page).iter().all(|chart| !chart.contains("NaN")));
    let mut nothing = run;
    nothing.profiles[0].judged[0] = Totals::default();
    assert!(load_html(&LoadSummary::new(&nothing, &[])).is_ok());
    assert_eq!(LoadSummary::new(&nothing, &[]).counts.of(LevelVerdict::Met), 0);
}

/// Writes what people look at, and what `tests/interop/histogram_log.py` reads, to `target/load-reports`.
#[test]
#[ignore = "for people and for other programs: cargo test --test program reports:: -- --ignored"]
fn reports_to_look_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/load-reports");
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    let runs = [("met", met()), ("violated", violated()), ("mixed", mixed()), ("many", many()), ("killed", killed())];
    for (name, judged) in runs {
        let summary = summary(&judged);
        write(&format!("{name}.html"), load_html(&summary).unwrap());
        write(&format!("{name}.json"), load_json(&summary).unwrap());
        write(&format!("{name}.xml"), load_junit(&summary).unwrap());
        write(&format!("{name}.md"), load_markdown(&summary));
        write(&format!("{name}.txt"), load_terminal(&summary));
    }
    let comparison = comparison();
    write("comparison.html", comparison_html(&comparison).unwrap());
    write("comparison.md", comparison_markdown(&comparison));
    write("comparison.txt", comparison_terminal(&comparison));
    let run = violated();
    let mut log = Vec::new();
    histogram_log(&mut log, &run.0.started, &events(&run.0.profiles[0], QUICK.warm_up)).unwrap();
    fs::write(folder.join("violated.hlog"), log).unwrap();
}
