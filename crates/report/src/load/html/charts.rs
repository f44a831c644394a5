//! The charts of a profile.

use std::time::Duration;

use serde::Serialize;

use crate::ReportError;
use crate::load::latencies::LatencySummary;
use crate::load::summary::{LevelSummary, OperationSummary, PartSummary, ProfileSummary};
use crate::load::wording;
use assay_engine::verdict::Measure;
use assay_formats::record::load::{Model, Outcome};
use assay_suite::human;
use assay_suite::source::harmless;

use super::axis::{self, share_position, time_position};
use super::chart::{Bound, Drawing, Ink, Line};

/// A chart with what is around it.
#[derive(Serialize)]
pub(super) struct Chart {
    title: String,
    /// The lines, each with its class.
    legend: Vec<(&'static str, String)>,
    svg: String,
    note: Option<String>,
}

impl Chart {
    /// A chart without a note.
    pub(super) fn new(title: &str, legend: Vec<(&'static str, String)>, svg: String) -> Self {
        Self { title: title.to_owned(), legend, svg, note: None }
    }
}

/// Operations beyond this number have no chart of their own.
const MOST_OPERATIONS: usize = 6;
/// A quantile over time is drawn if most parts have so many requests beyond it.
const LEAST_BEYOND: f64 = 1.0;

/// The charts of a profile; none if nothing was observed.
pub(super) fn charts(profile: &ProfileSummary, number: usize) -> Result<Vec<Chart>, ReportError> {
    let mut charts = Vec::new();
    for (index, operation) in profile.operations.iter().take(MOST_OPERATIONS).enumerate() {
        charts.extend(by_quantile(profile, operation, &format!("profile-{number}-quantiles-{}", index + 1))?);
    }
    if !profile.timeline.is_empty() {
        charts.extend(response_over_time(profile, number)?);
        charts.push(throughput(profile, number)?);
        charts.extend(outcomes(profile, number)?);
    }
    charts.extend(lateness(profile, number)?);
    Ok(charts)
}

/// What is said in place of the chart of outcomes.
pub(super) fn all_succeeded(profile: &ProfileSummary) -> bool {
    let failed = |part: &PartSummary| {
        part.traffic.outcomes.iter().any(|(outcome, count)| *outcome != Outcome::Success && *count > 0)
    };
    !profile.timeline.is_empty() && !profile.timeline.iter().any(failed)
}

fn by_quantile(profile: &ProfileSummary, operation: &OperationSummary, id: &str) -> Result<Option<Chart>, ReportError> {
    let (response, service) = (&operation.response_curve.0, &operation.service_curve.0);
    if response.is_empty() {
        return Ok(None);
    }
    let name = harmless::line(&operation.operation);
    let single = profile.operations.len() == 1;
    let own = |level: &&LevelSummary| level.operation.as_ref().map_or(single, |own| *own == operation.operation);
    let mut limits: Vec<(f64, f64)> = profile
        .levels
        .iter()
        .filter(own)
        .filter_map(|level| match (level.quantile, level.limit.0) {
            (Some(quantile), Measure::Time(limit)) => Some((quantile.share(), limit.as_secs_f64())),
            _ => None,
        })
        .collect();
    limits.sort_by(|one, other| one.0.total_cmp(&other.0));
    let ended: u64 = operation.traffic.outcomes.values().sum();
    let failed = ended - operation.traffic.of(Outcome::Success);
    let note = (failed > 0).then(|| {
        format!(
            "{} have no good answer and count as slower than all others: the lines end where they begin.",
            human::count_of(usize::try_from(failed).unwrap_or(usize::MAX), "request", "requests")
        )
    });
    let drawing = Drawing {
        id: id.to_owned(),
        title: format!("Response time of {name} by share of requests"),
        description: format!(
            "{}. {}",
            at_quantiles("Response", &operation.traffic.response),
            at_quantiles("Service", &operation.traffic.service)
        ),
        x: axis::shares(curve_end(response).max(limits.last().map_or(0.0, |limit| share_position(limit.0)))),
        y: axis::times(response.iter().chain(service).chain(&limits).map(|(_, seconds)| *seconds)),
        warm_up: None,
        lines: vec![curve(Ink::ResponseHigh, response), curve(Ink::ServiceHigh, service)],
        bounds: bounds(&limits),
    };
    let mut legend =
        vec![(Ink::ResponseHigh.class(), "response".to_owned()), (Ink::ServiceHigh.class(), "service".to_owned())];
    legend.extend((!limits.is_empty()).then(|| (Ink::Limit.class(), "documented limit".to_owned())));
    let title = if single {
        "Latency by share of requests".to_owned()
    } else {
        format!("Latency of {name} by share of requests")
    };
    Ok(Some(Chart { title, legend, svg: drawing.svg()?, note }))
}

fn lateness(profile: &ProfileSummary, number: usize) -> Result<Option<Chart>, ReportError> {
    let lateness = &profile.lateness;
    // Users come when they come: only the open model has moments to be late for.
    if lateness.curve.0.is_empty() || matches!(profile.model, Model::Closed { .. }) {
        return Ok(None);
    }
    let mut limits: Vec<_> = lateness.bounds.iter().map(|bound| (bound.quantile.share(), bound.limit_s)).collect();
    limits.sort_by(|one, other| one.0.total_cmp(&other.0));
    let drawing = Drawing {
        id: format!("profile-{number}-lateness"),
        title: "Lateness of the generator by share of requests".to_owned(),
        description: format!("{}.", at_quantiles("Lateness", &lateness.latencies)),
        x: axis::shares(curve_end(&lateness.curve.0).max(limits.last().map_or(0.0, |limit| share_position(limit.0)))),
        y: axis::times(lateness.curve.0.iter().chain(&limits).map(|(_, seconds)| *seconds)),
        warm_up: None,
        lines: vec![curve(Ink::Lateness, &lateness.curve.0)],
        bounds: bounds(&limits),
    };
    let mut legend = vec![(Ink::Lateness.class(), "due to sent".to_owned())];
    legend.extend((!limits.is_empty()).then(|| (Ink::Limit.class(), "bound of a valid run".to_owned())));
    Ok(Some(Chart { title: "Lateness of the generator".to_owned(), legend, svg: drawing.svg()?, note: None }))
}

fn bounds(limits: &[(f64, f64)]) -> Vec<Bound> {
    let bound = |(share, seconds): &(f64, f64)| Bound {
        x: share_position(*share),
        y: time_position(*seconds),
        label: human::latency(Duration::try_from_secs_f64(*seconds).unwrap_or_default()),
    };
    limits.iter().map(bound).collect()
}

fn curve(ink: Ink, points: &[(f64, f64)]) -> Line {
    let points = points.iter().map(|(share, seconds)| (share_position(*share), time_position(*seconds)));
    Line { ink, pieces: vec![points.collect()] }
}

fn curve_end(points: &[(f64, f64)]) -> f64 {
    points.last().map_or(0.0, |(share, _)| share_position(*share)).min(5.0)
}

/// A sentence of the numbers that matter, without its full stop.
fn at_quantiles(what: &str, latencies: &LatencySummary) -> String {
    let at = |name: &str, seconds| wording::seconds(seconds).map(|time| format!("{name} {time}"));
    let rendered = [
        at("p50", latencies.p50_s),
        at("p99", latencies.p99_s),
        at("p99.9", latencies.p99_9_s),
        at("longest", latencies.longest_s),
    ];
    format!("{what}: {}", rendered.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

type Pick = fn(&PartSummary) -> Option<f64>;

fn response_over_time(profile: &ProfileSummary, number: usize) -> Result<Option<Chart>, ReportError> {
    let parts = &profile.timeline;
    let mut counts: Vec<u64> =
        parts.iter().map(|part| part.traffic.response.count).filter(|count| *count > 0).collect();
    counts.sort_unstable();
    let Some(typical) = counts.get(counts.len() / 2) else { return Ok(None) };
    #[allow(clippy::cast_precision_loss, reason = "a number of requests in a part of a run")]
    let shows = |rest: f64| *typical as f64 * rest >= LEAST_BEYOND;
    let all: [(Ink, &str, Pick, f64); 6] = [
        (Ink::ResponseMedian, "response p50", |part| part.traffic.response.p50_s, 0.5),
        (Ink::ResponseHigh, "p99", |part| part.traffic.response.p99_s, 0.01),
        (Ink::ResponseHighest, "p99.9", |part| part.traffic.response.p99_9_s, 0.001),
        (Ink::ResponseHighest, "slowest", |part| part.traffic.response.longest_s, 1.0),
        (Ink::ServiceMedian, "service p50", |part| part.traffic.service.p50_s, 0.5),
        (Ink::ServiceHigh, "p99", |part| part.traffic.service.p99_s, 0.01),
    ];
    // Where a part has too few requests for a high quantile, the slowest says it plainly.
    let highest_shows = shows(0.001);
    let shown =
        |(_, name, _, rest): &(Ink, &str, Pick, f64)| if *name == "slowest" { !highest_shows } else { shows(*rest) };
    let shown: Vec<_> = all.into_iter().filter(shown).collect();
    let values = shown.iter().flat_map(|(_, _, pick, _)| parts.iter().filter_map(pick));
    let y = axis::times(values);
    let lines = shown.iter().map(|(ink, _, pick, _)| line(profile, *ink, |part| pick(part).map(time_position)));
    let drawing = Drawing {
        lines: lines.collect(),
        ..over_time(profile, format!("profile-{number}-response"), "Latency over time".to_owned(), y)
    };
    let legend = shown.iter().map(|(ink, name, _, _)| (ink.class(), (*name).to_owned())).collect();
    Ok(Some(Chart {
        title: "Latency over time".to_owned(),
        legend: with_warm_up(profile, legend),
        svg: drawing.svg()?,
        note: None,
    }))
}

fn throughput(profile: &ProfileSummary, number: usize) -> Result<Chart, ReportError> {
    let end = end(profile);
    let due = |part: &PartSummary| Some(per_second(part, part.traffic.due, end));
    let answered = |part: &PartSummary| Some(per_second(part, part.traffic.of(Outcome::Success), end));
    let highest = profile.timeline.iter().flat_map(|part| [due(part), answered(part)]).flatten().fold(0.0, f64::max);
    let drawing = Drawing {
        lines: vec![line(profile, Ink::Due, due), line(profile, Ink::Answered, answered)],
        ..over_time(
            profile,
            format!("profile-{number}-throughput"),
            "Requests due and answered well, each second, over time".to_owned(),
            axis::rates(highest),
        )
    };
    let legend = vec![(Ink::Due.class(), "due".to_owned()), (Ink::Answered.class(), "answered well".to_owned())];
    Ok(Chart {
        title: "Throughput over time".to_owned(),
        legend: with_warm_up(profile, legend),
        svg: drawing.svg()?,
        note: None,
    })
}

fn outcomes(profile: &ProfileSummary, number: usize) -> Result<Option<Chart>, ReportError> {
    const FAILURES: [(Outcome, Ink); 7] = [
        (Outcome::WrongAnswer, Ink::WrongAnswer),
        (Outcome::Throttled, Ink::Throttled),
        (Outcome::Refused, Ink::Refused),
        (Outcome::TimedOut, Ink::TimedOut),
        (Outcome::Broken, Ink::Broken),
        (Outcome::NotSent, Ink::NotSent),
        (Outcome::GeneratorLimit, Ink::NotSent),
    ];
    if all_succeeded(profile) {
        return Ok(None);
    }
    let end = end(profile);
    let total = |outcome: Outcome| profile.timeline.iter().map(|part| part.traffic.of(outcome)).sum::<u64>();
    let occurring: Vec<_> = FAILURES.into_iter().filter(|(outcome, _)| total(*outcome) > 0).collect();
    let rate = |part: &PartSummary, outcome: Outcome| per_second(part, part.traffic.of(outcome), end);
    let highest = occurring.iter().flat_map(|(outcome, _)| profile.timeline.iter().map(|part| rate(part, *outcome)));
    let y = axis::rates(highest.fold(0.0, f64::max));
    let lines = occurring.iter().map(|(outcome, ink)| line(profile, *ink, |part| Some(rate(part, *outcome))));
    let drawing = Drawing {
        lines: lines.collect(),
        ..over_time(
            profile,
            format!("profile-{number}-outcomes"),
            "Failures each second, by kind, over time".to_owned(),
            y,
        )
    };
    let legend = occurring.iter().map(|(outcome, ink)| (ink.class(), wording::outcome(*outcome).to_owned())).collect();
    Ok(Some(Chart {
        title: "Failures over time".to_owned(),
        legend: with_warm_up(profile, legend),
        svg: drawing.svg()?,
        note: None,
    }))
}

/// A drawing over a profile's time, still without lines.
fn over_time(profile: &ProfileSummary, id: String, title: String, y: axis::Axis) -> Drawing {
    let response: Vec<_> = profile
        .operations
        .iter()
        .map(|operation| at_quantiles(&harmless::line(&operation.operation), &operation.traffic.response))
        .collect();
    Drawing {
        id,
        title,
        description: format!("Of all judged requests: {}.", response.join("; ")),
        x: axis::elapsed(end(profile)),
        y,
        warm_up: (profile.warm_up_s > 0.0).then_some((0.0, profile.warm_up_s)),
        lines: Vec::new(),
        bounds: Vec::new(),
    }
}

fn with_warm_up(profile: &ProfileSummary, mut legend: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    legend.extend((profile.warm_up_s > 0.0).then(|| (Ink::WarmUp.class(), "warm-up".to_owned())));
    legend
}

/// A line over time: level within each part, interrupted where a part has no value.
fn line(profile: &ProfileSummary, ink: Ink, value: impl Fn(&PartSummary) -> Option<f64>) -> Line {
    let end = end(profile);
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut goes_on = false;
    for part in &profile.timeline {
        let Some(value) = value(part) else {
            goes_on = false;
            continue;
        };
        let points = [(from(part), value), (to(part, end), value)];
        match pieces.last_mut() {
            Some(piece) if goes_on => piece.extend(points),
            _ => pieces.push(points.to_vec()),
        }
        goes_on = true;
    }
    Line { ink, pieces }
}

/// Where a profile's timeline ends: the last part has fewer seconds than the others if the profile ends within it.
#[allow(clippy::cast_precision_loss, reason = "seconds of a run")]
fn end(profile: &ProfileSummary) -> f64 {
    let Some(last) = profile.timeline.last() else { return 0.0 };
    let (from, to) = (last.second as f64, (last.second + last.seconds) as f64);
    let ends = profile.took_s.unwrap_or(to).max(profile.lasts_s.min(to)).ceil();
    if ends > from && ends < to { ends } else { to }
}

#[allow(clippy::cast_precision_loss, reason = "seconds of a run")]
fn from(part: &PartSummary) -> f64 {
    part.second as f64
}

#[allow(clippy::cast_precision_loss, reason = "seconds of a run")]
fn to(part: &PartSummary, end: f64) -> f64 {
    ((part.second + part.seconds) as f64).min(end)
}

#[allow(clippy::cast_precision_loss, reason = "a number of requests in a part of a run")]
fn per_second(part: &PartSummary, count: u64, end: f64) -> f64 {
    count as f64 / (to(part, end) - from(part)).max(1.0)
}
