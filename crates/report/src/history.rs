//! The history of a target: one small line for each test run, and since when each requirement fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use assay_engine::verdict::Verdict;
use assay_suite::human;
use assay_suite::source::harmless;

use super::summary::{Counts, Summary};
use super::wording;

/// The version of the lines.
const FORMAT: u32 = 1;
/// Runs beyond this number are counted: the latest are shown.
const MOST_RUNS: usize = 20;

/// What a history keeps of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    format: u32,
    /// The name of the run.
    pub run: String,
    /// When it began, in UTC.
    pub started: String,
    /// The target.
    pub target: String,
    /// The weightiest verdict of its cases.
    pub verdict: Verdict,
    /// How many cases came to which verdict.
    pub cases: BTreeMap<Verdict, usize>,
    /// The requirements that it decided, by suite.
    pub decided: BTreeMap<String, BTreeSet<String>>,
    /// The requirements that it found violated, by suite.
    pub violated: BTreeMap<String, BTreeSet<String>>,
    /// The ids of its findings.
    pub findings: Vec<String>,
}

impl HistoryEntry {
    /// What is kept of a run.
    pub fn new(summary: &Summary) -> Self {
        let of = |keep: fn(Verdict) -> bool| {
            let suites = summary.suites.iter().map(|suite| {
                let kept = suite.requirements.iter().filter(|(_, verdict)| keep(**verdict));
                (suite.name.clone(), kept.map(|(id, _)| id.0.clone()).collect::<BTreeSet<_>>())
            });
            suites.filter(|(_, ids)| !ids.is_empty()).collect()
        };
        Self {
            format: FORMAT,
            run: summary.run.id.clone(),
            started: summary.run.started.clone(),
            target: summary.run.target.clone(),
            verdict: summary.verdict,
            cases: summary.counts.0.clone(),
            decided: of(|verdict| matches!(verdict, Verdict::Conforms | Verdict::DeviatesAsKnown | Verdict::Violates)),
            violated: of(|verdict| verdict == Verdict::Violates),
            findings: summary.causes().into_iter().map(|cause| cause.id).collect(),
        }
    }

    /// The entry as a line.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string(self)? + "\n")
    }

    /// Reads a line, without its line break. That of a run that was killed may break off, even within a character.
    pub fn read(line: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(line)
    }
}

/// The failure of a requirement over several runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since<'a> {
    /// The suite.
    pub suite: &'a str,
    /// The requirement.
    pub requirement: &'a str,
    /// The first run of those in which it fails without a break.
    pub since: &'a HistoryEntry,
    /// In how many runs in a row it fails.
    pub runs: usize,
}

/// The requirements that the latest run of each target found violated, those that fail longest first. Runs that did not decide a
/// requirement are no break.
pub fn failing_since(history: &[HistoryEntry]) -> Vec<Since<'_>> {
    let mut targets: IndexMap<&str, Vec<&HistoryEntry>> = IndexMap::new();
    history.iter().for_each(|entry| targets.entry(entry.target.as_str()).or_default().push(entry));
    let mut found = Vec::new();
    for runs in targets.values() {
        let Some(latest) = runs.last() else { continue };
        for (suite, requirement) in
            latest.violated.iter().flat_map(|(suite, ids)| ids.iter().map(move |id| (suite, id)))
        {
            let is_in =
                |ids: &BTreeMap<String, BTreeSet<String>>| ids.get(suite).is_some_and(|ids| ids.contains(requirement));
            let deciding = runs.iter().rev().filter(|run| is_in(&run.decided));
            let failing: Vec<_> = deciding.take_while(|run| is_in(&run.violated)).collect();
            if let Some(since) = failing.last() {
                found.push(Since { suite, requirement, since, runs: failing.len() });
            }
        }
    }
    found.sort_by_key(|since| (std::cmp::Reverse(since.runs), since.suite, since.requirement));
    found
}

/// The latest runs, and since when requirements fail, as a person reads them in a terminal.
pub fn history_terminal(history: &[HistoryEntry]) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_history(&mut text, history);
    harmless::lines(&text)
}

fn write_history(out: &mut String, history: &[HistoryEntry]) -> std::fmt::Result {
    let hidden = history.len().saturating_sub(MOST_RUNS);
    if hidden > 0 {
        writeln!(out, "{}", human::count_of(hidden, "earlier run", "earlier runs"))?;
    }
    for entry in history.iter().skip(hidden) {
        let counts = Counts(entry.cases.clone());
        let findings = human::count_of(entry.findings.len(), "finding", "findings");
        writeln!(out, "{}  {}  {findings}: {}", entry.started, entry.target, wording::tally(&counts))?;
    }
    let failing = failing_since(history);
    if failing.is_empty() {
        return writeln!(out, "\nNo requirement fails.");
    }
    writeln!(out, "\nFailing requirements:")?;
    for Since { suite, requirement, since, runs } in failing {
        let runs = human::count_of(runs, "run", "runs");
        writeln!(out, "  {suite} {requirement}  since {} ({runs})", since.started)?;
    }
    Ok(())
}
