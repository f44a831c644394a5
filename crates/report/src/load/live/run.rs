//! A load run as far as it is.

use std::collections::{BTreeMap, VecDeque};

use indexmap::IndexMap;
use serde::Serialize;

use crate::{ReportError, json};
use assay_formats::NotAHistogram;
use assay_formats::record::load::{Interval, LoadStarted, Outcome, Phase, Timeline, Totals};
use assay_suite::OperationName;

use crate::load::latencies::LatencySummary;
use crate::load::summary::{PartSummary, TrafficSummary};

/// What is shown as the state of now is that of so many seconds: one alone has few requests.
pub(super) const NOW: usize = 10;

/// A load run while it runs.
#[derive(Debug)]
pub struct LiveRun {
    pub(super) started: LoadStarted,
    pub(super) profiles: Vec<LiveProfile>,
    pub(super) is_over: bool,
}

/// A profile of a run that runs.
#[derive(Debug)]
pub(super) struct LiveProfile {
    pub(super) state: State,
    /// How many seconds of it have passed.
    pub(super) passed: u64,
    pub(super) in_flight: usize,
    pub(super) observed: BTreeMap<Phase, IndexMap<OperationName, Totals>>,
    /// The judged requests so far in numbers, unless some came since.
    pub(super) judged: Option<(TrafficSummary, LatencySummary)>,
    /// The latest seconds, of all operations together.
    pub(super) latest: VecDeque<(u64, Totals)>,
    pub(super) timeline: Timeline,
    /// The parts of the timeline in numbers, unless something came to them since. They are costly to make.
    pub(super) parts: Vec<Option<LivePart>>,
    /// The most requests under way in each part of the timeline.
    pub(super) most_in_flight: Vec<usize>,
}

/// How far a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Waiting,
    Running,
    Over,
}

/// A part of a profile's time.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LivePart {
    #[serde(flatten)]
    part: PartSummary,
    /// The most requests that were under way at the end of one of its seconds.
    in_flight: usize,
}

/// The run as the page takes it.
#[derive(Serialize)]
struct LiveDocument<'a> {
    run: &'a str,
    target: &'a str,
    shard: String,
    over: bool,
    profiles: Vec<ProfileDocument<'a>>,
}

#[derive(Serialize)]
struct ProfileDocument<'a> {
    title: &'a str,
    state: State,
    second: u64,
    lasts_s: f64,
    warm_up_s: f64,
    in_flight: usize,
    now: Option<NowDocument>,
    judged: TrafficSummary,
    lateness: LatencySummary,
    /// Of the profiles that run, and of the last that ran.
    timeline: Vec<LivePart>,
}

/// The latest seconds.
#[derive(Serialize)]
struct NowDocument {
    seconds: usize,
    #[serde(flatten)]
    traffic: TrafficSummary,
    lateness: LatencySummary,
}

impl LiveRun {
    /// A run that has begun.
    pub fn new(started: LoadStarted) -> Self {
        let profiles = started.profiles.iter().map(|planned| LiveProfile {
            state: State::Waiting,
            passed: 0,
            in_flight: 0,
            observed: BTreeMap::new(),
            judged: None,
            latest: VecDeque::new(),
            timeline: Timeline::new(planned.lasts),
            parts: Vec::new(),
            most_in_flight: Vec::new(),
        });
        Self { profiles: profiles.collect(), started, is_over: false }
    }

    /// The requests of a profile begin, by its place in the run.
    pub fn begins(&mut self, profile: usize) {
        self.profiles.iter_mut().skip(profile).take(1).for_each(|profile| profile.state = State::Running);
    }

    /// A profile is over, by its place in the run.
    pub fn ended(&mut self, profile: usize) {
        for profile in self.profiles.iter_mut().skip(profile).take(1) {
            (profile.state, profile.in_flight) = (State::Over, 0);
            // What is counted no more needs less.
            profile.observed.values_mut().flat_map(IndexMap::values_mut).for_each(Totals::pack);
        }
    }

    /// All profiles are over.
    pub fn finish(&mut self) {
        self.is_over = true;
    }

    /// What one worker observed of a profile in a second.
    ///
    /// # Errors
    ///
    /// If a histogram is none, which nothing that was observed here holds.
    pub fn add(&mut self, interval: &Interval) -> Result<(), NotAHistogram> {
        let Some(profile) = self.profiles.get_mut(interval.profile) else { return Ok(()) };
        let mut together = Totals::default();
        for (name, operation) in &interval.operations {
            let totals = Totals::try_from(operation)?;
            together.add(&totals);
            let observed = profile.observed.entry(interval.phase).or_default();
            observed.entry(name.clone()).or_default().add(&totals);
        }
        profile.add(interval.second, &together);
        Ok(())
    }

    /// So many requests of a profile were under way when a second was over.
    pub fn passed(&mut self, profile: usize, second: u64, in_flight: usize) {
        let Some(profile) = self.profiles.get_mut(profile) else { return };
        (profile.passed, profile.in_flight) = (second + 1, in_flight);
        if let Some(most) = profile.most_in_flight.last_mut() {
            *most = (*most).max(in_flight);
            profile.parts.iter_mut().rev().take(1).for_each(|part| *part = None);
        }
    }

    /// The run for the page.
    pub fn json(&mut self) -> Result<String, ReportError> {
        let last = self.profiles.iter().rposition(|profile| profile.state != State::Waiting);
        let is_shown = |index: usize, state: State| state == State::Running || Some(index) == last;
        let planned = self.started.profiles.iter().zip(&mut self.profiles).enumerate();
        let profiles = planned.map(|(index, (planned, profile))| {
            let (judged, lateness) = profile.judged();
            ProfileDocument {
                title: &planned.title,
                state: profile.state,
                second: profile.passed,
                lasts_s: planned.lasts.as_secs_f64(),
                warm_up_s: planned.warm_up.as_secs_f64(),
                in_flight: profile.in_flight,
                now: profile.now(),
                judged,
                lateness,
                timeline: if is_shown(index, profile.state) { profile.parts() } else { Vec::new() },
            }
        });
        json::document(&LiveDocument {
            run: &self.started.run,
            target: &self.started.target.name,
            shard: self.started.shard.to_string(),
            over: self.is_over,
            profiles: profiles.collect(),
        })
    }
}

impl LiveProfile {
    fn add(&mut self, second: u64, together: &Totals) {
        match self.latest.iter_mut().find(|(known, _)| *known == second) {
            Some((_, totals)) => totals.add(together),
            None => self.latest.push_back((second, together.clone())),
        }
        if self.latest.len() > NOW {
            self.latest.pop_front();
        }
        let part = self.timeline.add(second, together);
        let parts = self.parts.len().max(part + 1);
        self.parts.resize(parts, None);
        self.most_in_flight.resize(parts, 0);
        (self.parts[part], self.judged) = (None, None);
    }

    /// The latest seconds together, while there are any.
    fn now(&self) -> Option<NowDocument> {
        if self.state != State::Running || self.latest.is_empty() {
            return None;
        }
        let mut together = Totals::default();
        self.latest.iter().for_each(|(_, totals)| together.add(totals));
        Some(NowDocument {
            seconds: self.latest.len(),
            traffic: TrafficSummary::new(&together),
            lateness: LatencySummary::new(&together.lateness),
        })
    }

    /// All judged requests together, and how late they were sent.
    fn judged(&mut self) -> (TrafficSummary, LatencySummary) {
        let made = || {
            let mut together = Totals::default();
            let judged = self.observed.get(&Phase::Judged).into_iter().flat_map(IndexMap::values);
            judged.for_each(|totals| together.add(totals));
            (TrafficSummary::new(&together), LatencySummary::new(&together.lateness))
        };
        self.judged.get_or_insert_with(made).clone()
    }

    fn parts(&mut self) -> Vec<LivePart> {
        let parts = self.timeline.parts().iter().zip(&self.most_in_flight).zip(&mut self.parts);
        let known = parts.map(|((part, in_flight), known)| {
            let made = || LivePart { part: PartSummary::new(part), in_flight: *in_flight };
            known.get_or_insert_with(made).clone()
        });
        known.collect()
    }
}

/// All outcomes, in the order in which reports have them.
pub(super) const OUTCOMES: [Outcome; 8] = [
    Outcome::Success,
    Outcome::WrongAnswer,
    Outcome::Throttled,
    Outcome::Refused,
    Outcome::TimedOut,
    Outcome::Broken,
    Outcome::NotSent,
    Outcome::GeneratorLimit,
];
