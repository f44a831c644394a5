//! A baseline: failures that are known, each with a reason, an owner and the day until which it may last.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::civil::Date;

use crate::failure::is_failure;
use assay_engine::verdict::Verdict;
use assay_suite::fits;
use assay_suite::source::{Diagnostic, Diagnostics, Node, Place, SourceFile};

use super::cause::decisive;
use super::gate::{Gate, GateOutcome};
use super::summary::{CaseSummary, Summary};

/// A file of known failures.
#[derive(Clone, Debug)]
pub struct Baseline {
    entries: Vec<KnownFailure>,
}

/// Failures that are known.
#[derive(Clone, Debug)]
struct KnownFailure {
    place: Place,
    requirement: Option<String>,
    operation: Option<String>,
    /// A pattern of the names of cases, with `*` for any text.
    cases: Option<String>,
    /// A pattern of what is observed.
    observed: Option<String>,
    reason: String,
    owner: String,
    expires: Date,
}

impl Baseline {
    /// Reads a baseline; nothing if it has mistakes.
    pub fn read(file: &Arc<SourceFile>, mistakes: &mut Diagnostics) -> Option<Self> {
        let mut found = Diagnostics::new();
        let node = Node::parse(file).map_err(|mistake| found.add(mistake)).ok();
        let baseline = node.as_ref().and_then(|node| read(node, &mut found));
        let is_sound = !found.has_errors();
        mistakes.extend(found);
        baseline.filter(|_| is_sound)
    }

    /// Marks the known failures of a run as such. What expired, and what fails no more, becomes a gate that is not met.
    pub fn apply(&self, summary: &mut Summary, today: Date) {
        let mut seen = vec![0_usize; self.entries.len()];
        for case in summary.cases.iter_mut().filter(|case| is_failure(case)) {
            let known = self.entries.iter().position(|entry| entry.is_shown_by(case));
            let Some((index, entry)) = known.and_then(|index| Some((index, self.entries.get(index)?))) else {
                continue;
            };
            seen[index] += 1;
            if entry.expires >= today {
                entry.mark(case);
            }
        }
        let gates = self.entries.iter().zip(seen).filter_map(|(entry, seen)| entry.gate(summary, seen, today));
        let gates: Vec<_> = gates.collect();
        summary.gates.extend(gates);
        summary.recount();
    }
}

impl KnownFailure {
    /// Whether a case is among those that it is about.
    fn is_about(&self, case: &CaseSummary) -> bool {
        let requirement = |id: &String| case.verifies.iter().any(|verified| verified.0 == *id);
        self.requirement.as_ref().is_none_or(requirement)
            && self.operation.as_ref().is_none_or(|operation| case.operation.as_ref() == Some(operation))
            && self.cases.as_ref().is_none_or(|pattern| fits(pattern, &case.name))
    }

    /// Whether a failing case fails as it says.
    fn is_shown_by(&self, case: &CaseSummary) -> bool {
        let finding = decisive(case);
        let requirement =
            |id: &String| finding.is_some_and(|finding| finding.promises.iter().any(|promise| promise.id.0 == *id));
        let observed = finding.map(|finding| finding.observed.as_str()).or(case.reason.as_deref()).unwrap_or_default();
        self.requirement.as_ref().is_none_or(requirement)
            && self.operation.as_ref().is_none_or(|operation| case.operation.as_ref() == Some(operation))
            && self.cases.as_ref().is_none_or(|pattern| fits(pattern, &case.name))
            && self.observed.as_ref().is_none_or(|pattern| fits(pattern, observed))
    }

    fn mark(&self, case: &mut CaseSummary) {
        case.verdict = Verdict::DeviatesAsKnown;
        case.findings.iter_mut().for_each(|finding| finding.verdict = Verdict::DeviatesAsKnown);
        case.reason = Some(format!("known failure: {} ({}, until {})", self.reason, self.owner, self.expires));
    }

    /// What has to be done about the entry, if anything.
    fn gate(&self, summary: &Summary, seen: usize, today: Date) -> Option<Gate> {
        let gate = |expected: &str, observed: String, outcome| Gate {
            name: format!("known failure at {}, of {}", self.place, self.owner),
            expected: expected.to_owned(),
            observed,
            outcome,
        };
        let tested =
            summary.cases.iter().filter(|case| case.verdict != Verdict::Skipped && self.is_about(case)).count();
        match seen {
            0 if tested > 0 => {
                let observed = format!("none of {tested} cases fails so: remove the entry");
                Some(gate("it still fails", observed, GateOutcome::Stale))
            }
            0 => None,
            seen if self.expires < today => {
                let observed = format!("{seen} cases fail, and the entry expired on {}", self.expires);
                Some(gate("it is mended before it expires", observed, GateOutcome::Failed))
            }
            _ => None,
        }
    }
}

fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Baseline> {
    let mut fields = node.fields("a baseline", mistakes)?;
    let entries = fields.need("baseline", mistakes).and_then(|node| node.list("`baseline`", mistakes));
    fields.finish(mistakes);
    Some(Baseline { entries: entries?.iter().filter_map(|node| read_entry(node, mistakes)).collect() })
}

fn read_entry(node: &Node, mistakes: &mut Diagnostics) -> Option<KnownFailure> {
    let mut fields = node.fields("a known failure", mistakes)?;
    let mut text = |name, mistakes: &mut Diagnostics| fields.text(name, mistakes).map(|text| text.value);
    let requirement = text("requirement", mistakes);
    let operation = text("operation", mistakes);
    let cases = text("cases", mistakes);
    let observed = text("observed", mistakes);
    let reason = fields.need_text("reason", mistakes);
    let owner = fields.need_text("owner", mistakes);
    let expires = fields.need_text("expires", mistakes);
    fields.finish(mistakes);
    if requirement.is_none() && operation.is_none() && cases.is_none() {
        let mistake = Diagnostic::error(&node.place, "this entry names no failure");
        mistakes.add(mistake.help("write `requirement`, `operation` or `cases`"));
    }
    let expires = expires?;
    let Ok(date) = expires.value.parse::<Date>() else {
        let mistake = Diagnostic::error(&expires.place, format!("`{}` is not a date", expires.value));
        mistakes.add(mistake.help("write a date such as 2026-12-31"));
        return None;
    };
    let place = node.place.clone();
    Some(KnownFailure {
        place,
        requirement,
        operation,
        cases,
        observed,
        reason: reason?.value,
        owner: owner?.value,
        expires: date,
    })
}

impl Summary {
    /// Counts the verdicts again, after some of them changed.
    fn recount(&mut self) {
        self.cases.sort_by_key(|case| Reverse(case.verdict));
        self.verdict = self.cases.iter().map(|case| case.verdict).max().unwrap_or(Verdict::Skipped);
        self.counts = self.cases.iter().map(|case| case.verdict).collect();
        for suite in &mut self.suites {
            let own = self.cases.iter().filter(|case| case.suite == suite.name);
            suite.counts = own.map(|case| case.verdict).collect();
        }
    }
}
