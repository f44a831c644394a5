//! What the cases of a suite verify, and what came of it in this run.

use serde::Serialize;

use crate::coverage::{Gap, OperationCoverage, RequirementCoverage, RequirementStanding};
use crate::summary::{Counts, SuiteSummary, Summary};
use crate::wording;
use assay_engine::verdict::Verdict;
use assay_suite::Basis;

use super::fragments::{Segment, segments, slug, text};

/// A suite's part of the page.
#[derive(Serialize)]
pub(super) struct SuiteView {
    /// The number of the suite within the page, for anchors.
    number: usize,
    name: String,
    title: String,
    document: String,
    tally: String,
    verified: usize,
    untestable: usize,
    open: usize,
    bar: Vec<Segment>,
    /// Why requirements are open, and how many for each reason.
    open_because: String,
    operations_tested: usize,
    /// Why the other operations are not tested, and how many for each reason.
    operations_untested: String,
    operations: Vec<OperationRow>,
    requirements: Vec<RequirementRow>,
    /// The verdicts that occur in each table: what can be filtered by.
    operation_verdicts: Vec<(&'static str, String)>,
    requirement_verdicts: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct OperationRow {
    name: String,
    group: String,
    /// What to know of an operation that the document does not describe.
    basis: Option<&'static str>,
    cases: usize,
    /// Why it was not tested, if it was not.
    gap: Option<&'static str>,
    verdict: Option<(&'static str, String)>,
    /// What its cases came to, if not all to the same.
    tally: Option<String>,
}

#[derive(Serialize)]
struct RequirementRow {
    id: String,
    text: String,
    source: String,
    /// How sure it is that the document says so, if it does not say it itself.
    basis: Option<&'static str>,
    standing: &'static str,
    /// Why it is open, if it is.
    gap: Option<&'static str>,
    reason: Option<String>,
    verdict: Option<(&'static str, String)>,
    cases: usize,
    /// How many cases are about it.
    planned: usize,
}

/// A part for each suite.
pub(super) fn suites(summary: &Summary) -> Vec<SuiteView> {
    summary.suites.iter().enumerate().map(|(index, suite)| suite_view(index + 1, suite)).collect()
}

fn suite_view(number: usize, suite: &SuiteSummary) -> SuiteView {
    let coverage = &suite.coverage;
    let operations: Vec<_> = coverage.operations.iter().map(|operation| operation_row(suite, operation)).collect();
    let requirements: Vec<_> =
        coverage.requirements.iter().map(|requirement| requirement_row(suite, requirement)).collect();
    SuiteView {
        number,
        name: text(&suite.name),
        title: text(&suite.title),
        document: text(&suite.document),
        tally: wording::tally(&suite.counts),
        verified: coverage.verified,
        untestable: coverage.untestable,
        open: coverage.open,
        bar: segments(&[("verified", coverage.verified), ("untestable", coverage.untestable), ("open", coverage.open)]),
        open_because: wording::gaps(&coverage.open_because),
        operations_tested: coverage.operations_tested,
        operations_untested: wording::gaps(&coverage.operations_untested),
        operation_verdicts: occurring(operations.iter().filter_map(|row| row.verdict.as_ref())),
        requirement_verdicts: occurring(requirements.iter().filter_map(|row| row.verdict.as_ref())),
        operations,
        requirements,
    }
}

fn operation_row(suite: &SuiteSummary, operation: &OperationCoverage) -> OperationRow {
    let counts = suite.operations.get(&operation.operation);
    let kinds = |counts: &&Counts| counts.0.values().filter(|count| **count > 0).count();
    OperationRow {
        name: text(&operation.operation),
        group: text(&operation.group),
        basis: (operation.basis != Basis::Documented).then_some("only named by the document"),
        cases: operation.cases.len(),
        gap: operation.gap.map(Gap::counted),
        verdict: counts.and_then(worst).map(labelled),
        tally: counts.filter(|counts| kinds(counts) > 1).map(wording::tally),
    }
}

/// The weightiest verdict. Skipped cases say nothing of an operation that others tested.
fn worst(counts: &Counts) -> Option<Verdict> {
    let occurring = || Verdict::ALL.into_iter().filter(|verdict| counts.of(*verdict) > 0);
    occurring().find(|verdict| *verdict != Verdict::Skipped).or_else(|| occurring().next())
}

fn requirement_row(suite: &SuiteSummary, requirement: &RequirementCoverage) -> RequirementRow {
    RequirementRow {
        id: text(&requirement.id.0),
        text: text(&requirement.text),
        source: text(&requirement.source),
        basis: match requirement.basis {
            Basis::Documented => None,
            Basis::Example => Some("shown by an example only"),
            Basis::Inferred => Some("inferred"),
        },
        standing: match requirement.standing {
            RequirementStanding::Verified => "verified",
            RequirementStanding::Untestable => "untestable",
            RequirementStanding::Open => "open",
        },
        gap: requirement.gap.map(Gap::counted),
        reason: requirement.reason.as_deref().map(text),
        verdict: suite.requirements.get(&requirement.id).copied().map(labelled),
        cases: requirement.cases.len(),
        planned: requirement.planned,
    }
}

fn labelled(verdict: Verdict) -> (&'static str, String) {
    (slug(verdict), verdict.to_string())
}

fn occurring<'a>(verdicts: impl Iterator<Item = &'a (&'static str, String)>) -> Vec<(&'static str, String)> {
    let verdicts: Vec<_> = verdicts.map(|(slug, _)| *slug).collect();
    Verdict::ALL.into_iter().map(labelled).filter(|(slug, _)| verdicts.contains(slug)).collect()
}
