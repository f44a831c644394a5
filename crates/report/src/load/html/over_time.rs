//! The charts of a profile over time.

use std::collections::BTreeMap;

use crate::error::ReportError;
use crate::load::summary::{PartSummary, ProfileSummary, ShareSummary};
use crate::load::wording;
use assay_formats::record::load::Outcome;
use assay_suite::http::FailureKind;
use assay_suite::source::harmless;

use super::axis::{self, time_position};
use super::chart::{Drawing, Ink, Line};
use super::figure::{Chart, all_succeeded, at_quantiles};

/// A quantile over time is drawn if most parts have so many requests beyond it.
const LEAST_BEYOND: f64 = 1.0;
/// The least share that an axis of shares goes up to: what is next to it is not written more exactly.
const LEAST_SHARE: f64 = 0.0004;
/// The inks of statuses and failures, the most frequent first. What is more seldom has no line.
const REPLIES: [Ink; 6] = [Ink::Answered, Ink::WrongAnswer, Ink::TimedOut, Ink::Throttled, Ink::Refused, Ink::NotSent];

/// The charts of a profile of which something was observed.
pub(super) fn charts(profile: &ProfileSummary, number: usize) -> Result<Vec<Chart>, ReportError> {
    let mut charts = Vec::new();
    charts.extend(response(profile, number)?);
    charts.push(throughput(profile, number)?);
    charts.extend(outcomes(profile, number)?);
    charts.extend(replies(profile, number)?);
    Ok(charts)
}

type Pick = fn(&PartSummary) -> Option<f64>;

fn response(profile: &ProfileSummary, number: usize) -> Result<Option<Chart>, ReportError> {
    let parts = &profile.timeline;
    let mut counts: Vec<u64> =
        parts.iter().map(|part| part.traffic.response.count).filter(|count| *count > 0).collect();
    counts.sort_unstable();
    let Some(typical) = counts.get(counts.len() / 2) else { return Ok(None) };
    #[allow(clippy::cast_precision_loss, reason = "a number of requests in a part of a run")]
    let shows = |rest: f64| *typical as f64 * rest >= LEAST_BEYOND;
    let all: [(Ink, &str, Pick, f64); 7] = [
        (Ink::ResponseMedian, "response p50", |part| part.traffic.response.p50_s, 0.5),
        (Ink::ResponseMiddle, "p95", |part| part.traffic.response.p95_s, 0.05),
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
    Ok(Some(Chart::new("Latency over time", with_warm_up(profile, legend), drawing.svg()?)))
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
    Ok(Chart::new("Throughput over time", with_warm_up(profile, legend), drawing.svg()?))
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
    let total = |outcome: Outcome| profile.timeline.iter().map(|part| part.traffic.of(outcome)).sum::<u64>();
    let occurring: Vec<_> = FAILURES.into_iter().filter(|(outcome, _)| total(*outcome) > 0).collect();
    let of = |part: &PartSummary, outcome: Outcome| share(part.traffic.of(outcome), part.traffic.ended());
    let all = occurring.iter().flat_map(|(outcome, _)| profile.timeline.iter().filter_map(|part| of(part, *outcome)));
    let y = axis::percentages(all.fold(LEAST_SHARE, f64::max));
    let lines = occurring.iter().map(|(outcome, ink)| line(profile, *ink, |part| of(part, *outcome)));
    let drawing = Drawing {
        lines: lines.collect(),
        ..over_time(
            profile,
            format!("profile-{number}-outcomes"),
            "The share of requests that failed, by kind, over time".to_owned(),
            y,
        )
    };
    let legend = occurring.iter().map(|(outcome, ink)| (ink.class(), wording::outcome(*outcome).to_owned())).collect();
    Ok(Some(Chart::new("Failures over time", with_warm_up(profile, legend), drawing.svg()?)))
}

/// What requests were answered with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reply {
    Status(u16),
    Failure(FailureKind),
}

impl Reply {
    /// How many there are in a part of the time, and which share of all.
    fn within(self, part: &PartSummary) -> Option<&ShareSummary> {
        match self {
            Self::Status(status) => part.traffic.statuses.get(&status),
            Self::Failure(kind) => part.traffic.failures.get(&kind),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Status(status) => format!("status {status}"),
            Self::Failure(kind) => kind.to_string(),
        }
    }
}

/// The shares of statuses, and of kinds of failure; nothing where all requests were answered alike.
fn replies(profile: &ProfileSummary, number: usize) -> Result<Option<Chart>, ReportError> {
    let mut counts: BTreeMap<Reply, u64> = BTreeMap::new();
    for part in &profile.timeline {
        let statuses = part.traffic.statuses.iter().map(|(status, of)| (Reply::Status(*status), of));
        let failures = part.traffic.failures.iter().map(|(kind, of)| (Reply::Failure(*kind), of));
        for (reply, of) in statuses.chain(failures) {
            let sum = counts.entry(reply).or_default();
            *sum = sum.saturating_add(of.count);
        }
    }
    if counts.len() < 2 {
        return Ok(None);
    }
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest = all.len().saturating_sub(REPLIES.len());
    let shown: Vec<_> = all.into_iter().map(|(reply, _)| reply).zip(REPLIES).collect();
    let of = |part: &PartSummary, reply: Reply| {
        let count = reply.within(part).map_or(0, |of| of.count);
        share(count, part.traffic.ended())
    };
    let drawing = Drawing {
        lines: shown.iter().map(|(reply, ink)| line(profile, *ink, |part| of(part, *reply))).collect(),
        ..over_time(
            profile,
            format!("profile-{number}-replies"),
            "The share of requests by the status of the answer, or by why there is none, over time".to_owned(),
            axis::percentages(1.0),
        )
    };
    let legend = shown.iter().map(|(reply, ink)| (ink.class(), reply.name())).collect();
    let note = (rest > 0).then(|| format!("{rest} more occurred, each more seldom than these."));
    let chart = Chart::new("Statuses over time", with_warm_up(profile, legend), drawing.svg()?);
    Ok(Some(chart.with_note(note)))
}

/// A share of requests; nothing where there were none.
#[allow(clippy::cast_precision_loss, reason = "a number of requests in a part of a run")]
fn share(count: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| count as f64 / all as f64)
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
