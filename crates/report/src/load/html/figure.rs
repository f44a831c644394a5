//! A chart as a page shows it.

use serde::Serialize;

use crate::load::latencies::LatencySummary;
use crate::load::summary::{PartSummary, ProfileSummary};
use crate::load::wording;
use assay_formats::record::load::Outcome;

/// A chart with what is around it.
#[derive(Serialize)]
pub(super) struct Chart {
    pub(super) title: String,
    /// The lines, each with its class.
    pub(super) legend: Vec<(&'static str, String)>,
    pub(super) svg: String,
    pub(super) note: Option<String>,
}

impl Chart {
    /// A chart without a note.
    pub(super) fn new(title: &str, legend: Vec<(&'static str, String)>, svg: String) -> Self {
        Self { title: title.to_owned(), legend, svg, note: None }
    }

    /// The same with a note, if there is one.
    pub(super) fn with_note(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }
}

/// What is said in place of the chart of outcomes.
pub(super) fn all_succeeded(profile: &ProfileSummary) -> bool {
    let failed = |part: &PartSummary| {
        part.traffic.outcomes.iter().any(|(outcome, count)| *outcome != Outcome::Success && *count > 0)
    };
    !profile.timeline.is_empty() && !profile.timeline.iter().any(failed)
}

/// A sentence of the numbers that matter, without its full stop.
pub(super) fn at_quantiles(what: &str, latencies: &LatencySummary) -> String {
    let at = |name: &str, seconds| wording::seconds(seconds).map(|time| format!("{name} {time}"));
    let rendered = [
        at("p50", latencies.p50_s),
        at("p99", latencies.p99_s),
        at("p99.9", latencies.p99_9_s),
        at("longest", latencies.longest_s),
    ];
    format!("{what}: {}", rendered.into_iter().flatten().collect::<Vec<_>>().join(", "))
}
