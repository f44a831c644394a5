//! What a search of a capacity found: for people, and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{ReportError, json};
use assay_engine::statistics::{Capacity, Ending, Search, SearchPlan, Stage, Step, StepVerdict};
use assay_formats::record::load::{LevelPromise, LoadRecord, Outcome, RecordedProfile, Totals};
use assay_suite::human;
use assay_suite::source::harmless;

use super::latencies::LatencySummary;
use super::wording;

/// A search of a capacity.
#[derive(Clone, Debug, Serialize)]
pub struct CapacitySummary {
    /// The profile.
    pub profile: String,
    /// Its title.
    pub title: String,
    /// The target.
    pub target: String,
    /// What has to hold.
    pub promises: Vec<String>,
    /// `found`, `undecided`, `out-of-time`, `generator-limit`, `not-settled`, `above-highest`, `below-lowest` or `interrupted`.
    pub verdict: &'static str,
    /// The capacity in a sentence or two, and what to do if it was not found.
    pub conclusion: String,
    /// The highest rate that holds, in requests a second.
    pub low_per_second: Option<f64>,
    /// The lowest rate that does not.
    pub high_per_second: Option<f64>,
    /// How sure the interval is, from 0 to 1.
    pub confidence: f64,
    /// The rates that were tried, in order.
    pub steps: Vec<CapacityStep>,
    #[serde(skip)]
    ending: Option<Ending>,
    #[serde(skip)]
    highest: f64,
    #[serde(skip)]
    limits: Vec<(f64, f64)>,
}

/// A rate that was tried.
#[derive(Clone, Debug, Serialize)]
pub struct CapacityStep {
    /// Requests a second.
    pub rate_per_second: f64,
    /// `climb`, `narrow`, `up` or `down`.
    pub stage: &'static str,
    /// How long it was judged, in seconds.
    pub judged_s: f64,
    /// `kept`, `passed`, `broken`, `undecided`, `unsettled` or `generator-limit`; `open` while it is under way.
    pub verdict: &'static str,
    /// How many requests were judged.
    pub requests: u64,
    /// How many were answered well in a second.
    pub answered_per_second: f64,
    /// The share that failed, from 0 to 1.
    pub failed: f64,
    /// Response times.
    pub response: LatencySummary,
    /// Why it is no evidence.
    pub reason: Option<String>,
}

impl CapacitySummary {
    /// A search that has not begun.
    pub fn new(profile: &RecordedProfile, target: &str, plan: SearchPlan) -> Self {
        let is_judged =
            |promise: &&LevelPromise| !matches!(promise.level, assay_formats::record::load::Level::Throughput(_));
        let rendered = |promise: &LevelPromise| match &promise.operation {
            Some(operation) => format!("{}: {}", operation.0, promise.level),
            None => promise.level.to_string(),
        };
        let limits = profile.promises.iter().filter_map(|promise| match promise.level {
            assay_formats::record::load::Level::Latency { quantile, limit } => {
                Some((quantile.share(), limit.as_secs_f64()))
            }
            _ => None,
        });
        Self {
            profile: profile.name.clone(),
            title: profile.title.clone(),
            target: target.to_owned(),
            promises: profile.promises.iter().filter(is_judged).map(rendered).collect(),
            verdict: "interrupted",
            conclusion: String::new(),
            low_per_second: None,
            high_per_second: None,
            confidence: 1.0 - plan.significance,
            steps: Vec::new(),
            ending: None,
            highest: plan.to,
            limits: limits.collect(),
        }
    }

    /// How the search ended; nothing if it was interrupted.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The limits of response times that are promised: a share of requests, and seconds.
    pub(super) fn limits(&self) -> &[(f64, f64)] {
        &self.limits
    }

    /// A step was looked at: all of its looks together.
    pub fn observe(&mut self, step: &Step, looks: &[LoadRecord], is_new: bool, reason: Option<String>) {
        if !is_new {
            self.steps.pop();
        }
        let mut totals = Totals::default();
        looks.iter().flat_map(|look| &look.profiles).for_each(|profile| totals.add(&profile.of(None)));
        let judged: f64 = step.measured.as_secs_f64();
        self.steps.push(CapacityStep {
            rate_per_second: step.rate,
            stage: stage(step.stage),
            judged_s: judged,
            verdict: step.verdict.map_or("open", step_verdict),
            requests: totals.ended(),
            answered_per_second: if judged > 0.0 { real(totals.of(Outcome::Success)) / judged } else { 0.0 },
            failed: real(totals.failed()) / real(totals.ended().max(1)),
            response: LatencySummary::new(&totals.response),
            reason,
        });
    }

    /// The search is over.
    pub fn end(&mut self, capacity: &Capacity) {
        (self.low_per_second, self.high_per_second) = (capacity.low, capacity.high);
        self.ending = Some(capacity.ending);
        self.verdict = match capacity.ending {
            Ending::Found => "found",
            Ending::Undecided => "undecided",
            Ending::OutOfTime => "out-of-time",
            Ending::GeneratorLimit(_) => "generator-limit",
            Ending::NotSettled(_) => "not-settled",
            Ending::AboveHighest => "above-highest",
            Ending::BelowLowest => "below-lowest",
        };
        self.conclusion = self.concluded(capacity.ending);
    }

    /// Somebody stopped the search.
    pub fn interrupt(&mut self, search: &Search) {
        let rates = |wanted: StepVerdict| {
            search.steps().iter().filter(move |step| step.verdict == Some(wanted)).map(|step| step.rate)
        };
        self.low_per_second = rates(StepVerdict::Kept).reduce(f64::max);
        self.high_per_second = rates(StepVerdict::Broken).reduce(f64::min);
        self.conclusion = format!("The search was interrupted. {}", self.known());
    }

    fn concluded(&self, ending: Ending) -> String {
        let confidence = human::percent(self.confidence);
        match ending {
            Ending::Found => format!("The capacity is {} at {confidence}.", self.interval()),
            Ending::Undecided => format!(
                "{} Rates between are too near to the capacity to be decided in this time. Give the search more time, or \
                 accept a wider interval (`search: {{within: 1h, width: 10%}}`).",
                self.known()
            ),
            Ending::OutOfTime => {
                format!("The time is over. {} Give the search more (`search: {{within: 1h}}`).", self.known())
            }
            Ending::GeneratorLimit(rate) => format!(
                "The generator is the limit: it did not make {}. {} Free the machine, or use several generators \
                 (`--shard`) for higher rates.",
                human::rate(rate),
                self.known()
            ),
            Ending::NotSettled(rate) => format!(
                "The deployment did not settle: what was observed at {} is not what was observed there before, or became \
                 worse and worse. It has no capacity that could be relied on. Search again when it has recovered.",
                human::rate(rate)
            ),
            Ending::AboveHighest => format!(
                "The capacity is above {}, the highest rate that was tried. Raise `to` in `search`.",
                human::rate(self.highest)
            ),
            Ending::BelowLowest => "At no rate that was tried does the service level hold.".to_owned(),
        }
    }

    fn interval(&self) -> String {
        match (self.low_per_second, self.high_per_second) {
            (Some(low), Some(high)) => format!("{} to {}", human::rate(low.round()), human::rate(high.round())),
            (Some(low), None) => format!("at least {}", human::rate(low.round())),
            (None, Some(high)) => format!("less than {}", human::rate(high.round())),
            (None, None) => "not known".to_owned(),
        }
    }

    fn known(&self) -> String {
        match (self.low_per_second, self.high_per_second) {
            (None, None) => "Nothing is known of the capacity.".to_owned(),
            _ => format!("The capacity is {} at {}.", self.interval(), human::percent(self.confidence)),
        }
    }

    /// The last step as a line for a person.
    pub fn last_line(&self) -> String {
        self.steps.last().map(line).unwrap_or_default()
    }
}

fn line(step: &CapacityStep) -> String {
    let at = |seconds: Option<f64>| wording::seconds(seconds).unwrap_or_else(|| "–".to_owned());
    let mut line = format!(
        "{}: {} for {}, {}; p50 {}, p99 {}, {} failed",
        step.stage,
        human::rate(step.rate_per_second.round()),
        human::duration(step.judged_s),
        step.verdict,
        at(step.response.p50_s),
        at(step.response.p99_s),
        human::percent(step.failed)
    );
    if let Some(reason) = &step.reason {
        line += &format!("\n  {}", harmless::line(reason));
    }
    line
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Climb => "climb",
        Stage::Narrow => "narrow",
        Stage::Up => "up",
        Stage::Down => "down",
    }
}

fn step_verdict(verdict: StepVerdict) -> &'static str {
    match verdict {
        StepVerdict::Kept => "kept",
        StepVerdict::Passed => "passed",
        StepVerdict::Broken => "broken",
        StepVerdict::Undecided => "undecided",
        StepVerdict::Unsettled => "unsettled",
        StepVerdict::GeneratorLimit => "generator-limit",
    }
}

/// The end of a search, as a person reads it in a terminal.
pub fn capacity_terminal(summary: &CapacitySummary) -> String {
    format!("\n{}: {}\n{}\n", harmless::line(&summary.title), summary.promises.join(", "), summary.conclusion)
}

/// A search as a comment on a change.
pub fn capacity_markdown(summary: &CapacitySummary) -> String {
    use crate::markdown::text;
    let mut page = format!("# {}\n\n{}\n\n", text(&summary.title), text(&summary.conclusion));
    page += "| Step | Rate | Judged | Verdict | p50 | p99 | Failed |\n|:--|--:|--:|:--|--:|--:|--:|\n";
    let at = |seconds: Option<f64>| wording::seconds(seconds).unwrap_or_default();
    for step in &summary.steps {
        // Writing to a string can't fail.
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |",
            step.stage,
            human::rate(step.rate_per_second.round()),
            human::duration(step.judged_s),
            step.verdict,
            at(step.response.p50_s),
            at(step.response.p99_s),
            human::percent(step.failed)
        );
    }
    page
}

/// A search for other programs.
pub fn capacity_json(summary: &CapacitySummary) -> Result<String, ReportError> {
    json::document(summary)
}

#[allow(clippy::cast_precision_loss, reason = "no run has 2^52 requests")]
fn real(count: u64) -> f64 {
    count as f64
}
