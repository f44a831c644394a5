//! A run in the text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use assay_formats::Histogram;
use assay_formats::record::load::{Phase, Totals};
use assay_suite::OperationName;

use super::run::{LiveRun, OUTCOMES, State};

/// The content type of metrics.
pub const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The upper ends of buckets within a decade, in hundredths of its beginning: ten that grow evenly (the series R10).
const STEPS: [u64; 10] = [100, 125, 160, 200, 250, 315, 400, 500, 630, 800];
/// A hundredth of the beginning of the first decade, 10 µs, in nanoseconds.
const FIRST: u64 = 100;
const DECADES: u32 = 7;

/// The upper ends of all buckets but the last, which has none: from 10 µs to 100 s.
pub(super) fn bounds() -> impl Iterator<Item = Duration> {
    let within = |decade: u32| STEPS.map(|step| FIRST * 10_u64.pow(decade) * step);
    let last = FIRST * 10_u64.pow(DECADES) * 100;
    (0..DECADES).flat_map(within).chain([last]).map(Duration::from_nanos)
}

/// Where something of a run is counted.
struct Place<'a> {
    profile: &'a str,
    operation: &'a OperationName,
    phase: Phase,
    totals: &'a Totals,
}

/// A text that is being written.
struct Text(String);

impl LiveRun {
    /// The run as metrics, in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        metrics(self)
    }
}

fn metrics(run: &LiveRun) -> String {
    let mut text = Text(String::new());
    let started = &run.started;
    text.family("assay_load_info", "gauge", "The run: always 1.");
    let (run_id, target) = (label(&started.run), label(&started.target.name));
    text.line("assay_load_info", format_args!("run=\"{run_id}\",target=\"{target}\",shard=\"{}\"", started.shard), &1);
    let profiles: Vec<_> = started.profiles.iter().map(|planned| label(&planned.name)).zip(&run.profiles).collect();
    text.family("assay_load_running", "gauge", "Whether the requests of a profile are being made.");
    for (name, profile) in &profiles {
        let is_running = u8::from(profile.state == State::Running);
        text.line("assay_load_running", format_args!("profile=\"{name}\""), &is_running);
    }
    text.family("assay_load_in_flight", "gauge", "Requests under way when the last second was over.");
    for (name, profile) in &profiles {
        text.line("assay_load_in_flight", format_args!("profile=\"{name}\""), &profile.in_flight);
    }
    let places = profiles.iter().flat_map(|(name, profile)| {
        let phases = profile.observed.iter();
        phases.flat_map(move |(phase, operations)| {
            operations.iter().map(move |(operation, totals)| Place { profile: name, operation, phase: *phase, totals })
        })
    });
    let places: Vec<_> = places.collect();
    text.counters(&places);
    text.histograms(&places);
    text.0
}

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string can't fail, here and below.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: std::fmt::Arguments<'_>, value: &dyn Display) {
        let _ = writeln!(self.0, "{name}{{{labels}}} {value}");
    }

    fn counters(&mut self, places: &[Place<'_>]) {
        self.family("assay_load_due_total", "counter", "Requests that were due.");
        for place in places {
            self.line("assay_load_due_total", format_args!("{place}"), &place.totals.due);
        }
        self.family("assay_load_requests_total", "counter", "Requests by what came of them.");
        for place in places {
            for outcome in OUTCOMES {
                let count = place.totals.of(outcome);
                let name = word(&outcome);
                self.line("assay_load_requests_total", format_args!("{place},outcome=\"{name}\""), &count);
            }
        }
        self.family("assay_load_answers_total", "counter", "Answers by their status.");
        for place in places {
            for (status, count) in &place.totals.statuses {
                self.line("assay_load_answers_total", format_args!("{place},status=\"{status}\""), count);
            }
        }
        self.family(
            "assay_load_failures_total",
            "counter",
            "Requests that were sent and have no answer, by the reason.",
        );
        for place in places {
            for (kind, count) in &place.totals.failures {
                let name = word(kind);
                self.line("assay_load_failures_total", format_args!("{place},kind=\"{name}\""), count);
            }
        }
    }

    fn histograms(&mut self, places: &[Place<'_>]) {
        type Pick = fn(&Totals) -> &Histogram;
        let all: [(&str, &str, Pick); 3] = [
            (
                "assay_load_response_seconds",
                "Of requests that were answered well: from the moment they were due to the last byte of the answer.",
                |totals| &totals.response,
            ),
            (
                "assay_load_service_seconds",
                "Of requests that were answered well: from the sending to the last byte of the answer.",
                |totals| &totals.service,
            ),
            (
                "assay_load_lateness_seconds",
                "Of requests that were sent: how much later than due, while a connection was free.",
                |totals| &totals.lateness,
            ),
        ];
        for (name, help, pick) in all {
            self.family(name, "histogram", help);
            places.iter().for_each(|place| self.histogram(name, place, pick(place.totals)));
        }
    }

    fn histogram(&mut self, name: &str, place: &Place<'_>, histogram: &Histogram) {
        let mut steps = histogram.steps().peekable();
        let mut counted = 0;
        for bound in bounds() {
            // A duration is that of the upper end of its own bucket, as for the quantiles of reports.
            while let Some((_, so_far)) = steps.next_if(|(duration, _)| *duration <= bound) {
                counted = so_far;
            }
            let le = bound.as_secs_f64();
            let _ = writeln!(self.0, "{name}_bucket{{{place},le=\"{le}\"}} {counted}");
        }
        let (sum, all) = (histogram.sum().as_secs_f64(), histogram.len());
        let _ = writeln!(self.0, "{name}_bucket{{{place},le=\"+Inf\"}} {all}");
        let _ = writeln!(self.0, "{name}_sum{{{place}}} {sum}\n{name}_count{{{place}}} {all}");
    }
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (profile, operation, phase) = (self.profile, label(&self.operation.0), word(&self.phase));
        write!(f, "profile=\"{profile}\",operation=\"{operation}\",phase=\"{phase}\"")
    }
}

/// The name of a state, as it is in records.
fn word(of: &impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A text as the value of a label.
fn label(text: &str) -> String {
    assay_suite::source::harmless::line(text).replace('\\', "\\\\").replace('"', "\\\"")
}
