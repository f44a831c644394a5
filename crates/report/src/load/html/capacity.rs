//! A search of a capacity as one page: what was found, rate against latency, and all steps.

use serde::Serialize;

use crate::ReportError;
use crate::html::{Fact, Template, render, text};
use crate::load::capacity::{CapacityStep, CapacitySummary};
use crate::load::wording;
use assay_suite::human;

use super::axis::{self, Axis, time_position};
use super::chart::{Bound, Drawing, Ink, Line};
use super::figure::Chart;
use super::style::STYLE;

const PAGE: Template =
    Template { name: "capacity.html", text: include_str!("../../../../../reports/html/capacity.html.jinja") };

#[derive(Serialize)]
struct Page {
    verdict: &'static str,
    conclusion: String,
    title: String,
    facts: Vec<Fact>,
    charts: Vec<Chart>,
    steps: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    stage: &'static str,
    rate: String,
    judged: String,
    verdict: &'static str,
    class: &'static str,
    requests: String,
    answered: String,
    p50: String,
    p99: String,
    p99_9: String,
    failed: String,
    reason: Option<String>,
}

/// The search as one HTML page.
pub fn capacity_html(summary: &CapacitySummary) -> Result<String, ReportError> {
    let fact = |label, values: Vec<String>| Fact { label, values };
    let facts = vec![
        fact("Target", vec![text(&summary.target)]),
        fact("Profile", vec![text(&summary.profile)]),
        fact("What has to hold", summary.promises.iter().map(|promise| text(promise)).collect()),
        fact("Confidence", vec![human::percent(summary.confidence)]),
    ];
    let page = Page {
        verdict: class_of_search(summary.verdict),
        conclusion: text(&summary.conclusion.replace('`', "")),
        title: text(&summary.title),
        facts,
        charts: charts(summary)?,
        steps: summary.steps.iter().map(row).collect(),
    };
    render(PAGE, STYLE, page)
}

/// The class of a search's verdict, by the colours of service levels.
fn class_of_search(verdict: &str) -> &'static str {
    match verdict {
        "found" | "above-highest" => "met",
        "below-lowest" => "violated",
        "generator-limit" => "invalid",
        _ => "inconclusive",
    }
}

fn class_of_step(verdict: &str) -> &'static str {
    match verdict {
        "kept" | "passed" => "met",
        "broken" | "unsettled" => "violated",
        "generator-limit" => "invalid",
        _ => "inconclusive",
    }
}

fn row(step: &CapacityStep) -> Row {
    let at = |seconds: Option<f64>| wording::seconds(seconds).unwrap_or_else(|| "–".to_owned());
    Row {
        stage: step.stage,
        rate: human::rate(step.rate_per_second.round()),
        judged: human::duration(step.judged_s),
        verdict: step.verdict,
        class: class_of_step(step.verdict),
        requests: human::requests(step.requests),
        answered: human::rate(step.answered_per_second.round()),
        p50: at(step.response.p50_s),
        p99: at(step.response.p99_s),
        p99_9: at(step.response.p99_9_s),
        failed: human::percent(step.failed),
        reason: step.reason.as_deref().map(text),
    }
}

type Pick = fn(&CapacityStep) -> Option<f64>;

fn charts(summary: &CapacitySummary) -> Result<Vec<Chart>, ReportError> {
    let mut steps: Vec<&CapacityStep> = summary.steps.iter().filter(|step| step.requests > 0).collect();
    steps.sort_by(|one, other| one.rate_per_second.total_cmp(&other.rate_per_second));
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let highest = steps.iter().map(|step| step.rate_per_second).fold(0.0, f64::max);
    let rates = || Axis { title: "requests a second", ..axis::rates(highest) };
    let band = summary.low_per_second.zip(summary.high_per_second);
    let line = |ink, pick: &dyn Fn(&CapacityStep) -> Option<f64>| {
        let points = steps.iter().filter_map(|step| Some((step.rate_per_second, pick(step)?)));
        Line { ink, pieces: vec![points.collect()] }
    };
    let quantiles: [(Ink, &str, Pick); 3] = [
        (Ink::ResponseMedian, "p50", |step| step.response.p50_s),
        (Ink::ResponseHigh, "p99", |step| step.response.p99_s),
        (Ink::ResponseHighest, "p99.9", |step| step.response.p99_9_s),
    ];
    let tightest = summary.limits().iter().copied().min_by(|one, other| one.1.total_cmp(&other.1));
    let seconds = quantiles.iter().flat_map(|(_, _, pick)| steps.iter().filter_map(|step| pick(step)));
    let limits = summary.limits().iter().map(|(_, limit)| *limit);
    let x = rates();
    let latency = Drawing {
        id: "capacity-latency".to_owned(),
        title: "Latency by rate".to_owned(),
        description: summary.conclusion.clone(),
        y: axis::times(seconds.chain(limits)),
        warm_up: band,
        lines: quantiles.iter().map(|(ink, _, pick)| line(*ink, &|step| pick(step).map(time_position))).collect(),
        bounds: tightest.into_iter().map(|(_, limit)| bound(x.to, limit)).collect(),
        x,
    };
    let answered = Drawing {
        id: "capacity-answered".to_owned(),
        title: "Requests answered well by rate".to_owned(),
        description: summary.conclusion.clone(),
        x: rates(),
        y: axis::rates(highest),
        warm_up: band,
        lines: vec![
            line(Ink::Due, &|step| Some(step.rate_per_second)),
            line(Ink::Answered, &|step| Some(step.answered_per_second)),
        ],
        bounds: Vec::new(),
    };
    let capacity = band.map(|_| (Ink::WarmUp.class(), "capacity".to_owned()));
    let mut legend: Vec<_> = quantiles.iter().map(|(ink, name, _)| (ink.class(), (*name).to_owned())).collect();
    legend.extend(tightest.map(|_| (Ink::Limit.class(), "tightest limit".to_owned())));
    legend.extend(capacity.clone());
    let mut of_answered =
        vec![(Ink::Due.class(), "due".to_owned()), (Ink::Answered.class(), "answered well".to_owned())];
    of_answered.extend(capacity);
    Ok(vec![
        Chart::new("Latency by rate", legend, latency.svg()?),
        Chart::new("Answered well by rate", of_answered, answered.svg()?),
    ])
}

fn bound(to: f64, limit: f64) -> Bound {
    let label = human::latency(std::time::Duration::try_from_secs_f64(limit).unwrap_or_default());
    Bound { x: to, y: time_position(limit), label }
}
