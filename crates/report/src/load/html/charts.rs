//! The charts of a profile.

use std::time::Duration;

use crate::ReportError;
use crate::load::summary::{LevelSummary, OperationSummary, ProfileSummary};
use assay_engine::verdict::Measure;
use assay_formats::record::load::{Model, Outcome};
use assay_suite::human;
use assay_suite::source::harmless;

use super::axis::{self, share_position, time_position};
use super::chart::{Bound, Drawing, Ink, Line};
use super::figure::{Chart, at_quantiles};
use super::over_time;

/// Operations beyond this number have no chart of their own.
const MOST_OPERATIONS: usize = 6;

/// The charts of a profile; none if nothing was observed.
pub(super) fn charts(profile: &ProfileSummary, number: usize) -> Result<Vec<Chart>, ReportError> {
    let mut charts = Vec::new();
    for (index, operation) in profile.operations.iter().take(MOST_OPERATIONS).enumerate() {
        charts.extend(by_quantile(profile, operation, &format!("profile-{number}-quantiles-{}", index + 1))?);
    }
    if !profile.timeline.is_empty() {
        charts.extend(over_time::charts(profile, number)?);
    }
    charts.extend(lateness(profile, number)?);
    Ok(charts)
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
