//! What the page's template is given: plain text, already made harmless, in the order of the page.

use serde::Serialize;

use crate::html::{Fact, Segment, segments, text};
use crate::load::latencies::LatencySummary;
use crate::load::level::ALL_OPERATIONS;
use crate::load::summary::{LevelSummary, LoadSummary, OperationSummary, ProfileSummary, TrafficSummary};
use crate::load::wording;
use crate::{Counts, ReportError};
use assay_engine::verdict::{CAVEAT, LevelVerdict};
use assay_formats::record::load::Outcome;
use assay_suite::human;

use super::charts;
use super::figure::{Chart, all_succeeded};

/// With more profiles than this, only those are unfolded that are not met.
const MOST_UNFOLDED: usize = 4;
/// With more profiles than this, even those stay folded beyond as many.
const MOST_UNMET_UNFOLDED: usize = 12;

/// The page.
#[derive(Serialize)]
pub(super) struct Page {
    target: String,
    verdict: &'static str,
    headline: String,
    detail: String,
    unverified: Option<&'static str>,
    partial: Vec<String>,
    clocks: Vec<String>,
    facts: Vec<Fact>,
    tally: Vec<Tally>,
    bar: Vec<Segment>,
    left_over: Vec<(String, String)>,
    profiles: Vec<ProfileView>,
    /// Whether a profile has service levels.
    judged: bool,
    confidence: &'static str,
    repeat: String,
    assay: String,
    run: String,
}

#[derive(Serialize)]
struct Tally {
    verdict: &'static str,
    count: String,
}

#[derive(Serialize)]
struct ProfileView {
    /// The anchor within the page.
    anchor: String,
    name: String,
    title: String,
    place: String,
    verdict: Option<&'static str>,
    tally: String,
    load: String,
    took: String,
    ending: Option<String>,
    settling: Option<String>,
    requests: String,
    levels: Vec<LevelView>,
    charts: Vec<Chart>,
    all_succeeded: bool,
    operations: Vec<OperationView>,
    unfolded: bool,
}

#[derive(Serialize)]
struct LevelView {
    verdict: &'static str,
    operation: String,
    promise: String,
    limit: String,
    observed: String,
    interval: Option<String>,
    beyond: String,
    samples: String,
    requirements: Vec<(String, String, String)>,
    reason: Option<String>,
    needs: Option<String>,
}

#[derive(Serialize)]
struct OperationView {
    name: String,
    due: String,
    outcomes: Vec<(bool, String)>,
    times: Vec<(&'static str, String)>,
    mistakes: Vec<String>,
    checked: String,
}

impl Page {
    pub(super) fn new(summary: &LoadSummary) -> Result<Self, ReportError> {
        let run = &summary.run;
        let profiles = summary.profiles.iter().enumerate();
        Ok(Self {
            target: text(&run.target),
            verdict: summary.verdict.map_or("skipped", wording::verdict),
            headline: wording::headline(summary),
            detail: wording::detail(summary),
            unverified: run.certificates.warning(),
            partial: wording::partial(run),
            clocks: wording::clocks(run),
            facts: facts(summary),
            tally: tally(&summary.counts),
            bar: segments(&wording::VERDICTS.map(|verdict| (wording::verdict(verdict), summary.counts.of(verdict)))),
            left_over: summary.left_over.iter().map(|(by, what)| (text(by), text(what))).collect(),
            profiles: profiles.map(|(index, _)| profile_view(summary, index)).collect::<Result<_, _>>()?,
            judged: summary.verdict.is_some(),
            confidence: CAVEAT,
            repeat: text(&wording::repeat(summary)),
            assay: text(&run.assay),
            run: text(&run.id),
        })
    }
}

fn facts(summary: &LoadSummary) -> Vec<Fact> {
    let run = &summary.run;
    let fact = |label, value: &str| Fact { label, values: vec![text(value)] };
    let mut facts = vec![fact("Target", &run.target)];
    facts.extend(run.server.iter().map(|server| fact("Server", server)));
    let addresses: Vec<_> = run.services.iter().map(|service| text(&service.url)).collect();
    if !addresses.is_empty() {
        facts.push(Fact { label: if addresses.len() > 1 { "Addresses" } else { "Address" }, values: addresses });
    }
    facts.push(fact("Started", &run.started));
    facts.push(fact("Took", &human::duration(run.took_s)));
    let here = run.generators - u32::try_from(run.missing_generators.len()).unwrap_or(run.generators);
    let generators =
        if here == run.generators { run.generators.to_string() } else { format!("{here} of {}", run.generators) };
    facts.push(fact("Generators", &generators));
    if let [profile] = summary.profiles.as_slice() {
        facts.push(fact("Load", &wording::model(&profile.model)));
    }
    facts
}

fn tally(counts: &Counts<LevelVerdict>) -> Vec<Tally> {
    let occurring = wording::VERDICTS.into_iter().filter(|verdict| counts.of(*verdict) > 0);
    occurring
        .map(|verdict| Tally { verdict: wording::verdict(verdict), count: human::number(counts.of(verdict)) })
        .collect()
}

fn profile_view(summary: &LoadSummary, index: usize) -> Result<ProfileView, ReportError> {
    let profile = &summary.profiles[index];
    let all: u64 = profile.operations.iter().map(|operation| operation.traffic.due).sum();
    Ok(ProfileView {
        anchor: format!("profile-{}", index + 1),
        name: text(&profile.name),
        title: text(&profile.title),
        place: text(&profile.place),
        verdict: profile.verdict.map(wording::verdict),
        tally: wording::tally(&profile.counts),
        load: wording::model(&profile.model),
        took: profile.took_s.map_or_else(|| "–".to_owned(), human::duration),
        ending: wording::ending(profile).as_deref().map(text),
        settling: wording::settling(profile),
        requests: human::requests(all),
        levels: wording::with_reasons(&profile.levels).map(|(level, reason)| level_view(level, reason)).collect(),
        charts: charts::charts(profile, index + 1)?,
        all_succeeded: all_succeeded(profile),
        operations: profile.operations.iter().map(operation_view).collect(),
        unfolded: is_unfolded(summary, index),
    })
}

/// Whether a profile's charts are seen at once: of few all, of many the first of those that are not met.
fn is_unfolded(summary: &LoadSummary, index: usize) -> bool {
    let unmet = |profile: &ProfileSummary| profile.verdict.is_some_and(|verdict| verdict != LevelVerdict::Met);
    let before = summary.profiles.iter().take(index).filter(|profile| unmet(profile)).count();
    summary.profiles.len() <= MOST_UNFOLDED || (unmet(&summary.profiles[index]) && before < MOST_UNMET_UNFOLDED)
}

fn level_view(level: &LevelSummary, reason: Option<&str>) -> LevelView {
    let promises = level.requirements.iter();
    LevelView {
        verdict: wording::verdict(level.verdict),
        operation: text(level.operation.as_deref().unwrap_or(ALL_OPERATIONS)),
        promise: text(&level.promise),
        limit: wording::measure(level.limit.0),
        observed: wording::measure(level.observed.0),
        interval: wording::interval(level),
        beyond: wording::beyond(level),
        samples: human::requests(level.samples),
        requirements: promises
            .map(|promise| (text(&promise.id.0), text(&promise.text), text(&promise.source)))
            .collect(),
        reason: reason.map(text),
        needs: wording::needs(level),
    }
}

fn operation_view(operation: &OperationSummary) -> OperationView {
    OperationView {
        name: text(&operation.operation),
        due: human::requests(operation.traffic.due),
        outcomes: outcomes(&operation.traffic),
        times: times(&operation.traffic.response),
        mistakes: operation.mistakes.iter().map(|mistake| text(mistake)).collect(),
        checked: human::requests(operation.checked),
    }
}

/// Whether it is a failure, and how many.
fn outcomes(traffic: &TrafficSummary) -> Vec<(bool, String)> {
    let occurring = traffic.outcomes.iter().filter(|(_, count)| **count > 0);
    let outcomes = occurring.map(|(outcome, count)| {
        (*outcome != Outcome::Success, format!("{} {}", human::requests(*count), wording::outcome(*outcome)))
    });
    outcomes.collect()
}

fn times(response: &LatencySummary) -> Vec<(&'static str, String)> {
    let times = [
        ("p50", response.p50_s),
        ("p90", response.p90_s),
        ("p99", response.p99_s),
        ("p99.9", response.p99_9_s),
        ("max", response.longest_s),
    ];
    times.map(|(name, time)| (name, wording::seconds(time).unwrap_or_else(|| "–".to_owned()))).to_vec()
}
