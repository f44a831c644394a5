//! What is covered, and why something is not.

use std::collections::BTreeMap;

use serde::Serialize;

use assay_suite::{Basis, RequirementId};

/// The coverage of all suites of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// One for each suite.
    pub suites: Vec<SuiteCoverage>,
}

/// The coverage of one suite: of its documents by its scenarios (`assay coverage`), or of a run by its answers (reports).
#[derive(Clone, Debug, Serialize)]
pub struct SuiteCoverage {
    /// The suite's name.
    pub suite: String,
    /// How many requirements are verified.
    pub verified: usize,
    /// How many no request can decide.
    pub untestable: usize,
    /// How many are left.
    pub open: usize,
    /// Why those are open, and how many for each reason.
    pub open_because: BTreeMap<Gap, usize>,
    /// How many operations are tested.
    pub operations_tested: usize,
    /// How many operations are documented.
    pub operations_documented: usize,
    /// How many of these the document only names: what is known of them besides is derived.
    pub operations_named: usize,
    /// Why the others are not tested, and how many for each reason.
    pub operations_untested: BTreeMap<Gap, usize>,
    /// How many cases there are.
    pub cases: usize,
    /// Each requirement.
    pub requirements: Vec<RequirementCoverage>,
    /// Each operation.
    pub operations: Vec<OperationCoverage>,
}

/// The coverage of one requirement.
#[derive(Clone, Debug, Serialize)]
pub struct RequirementCoverage {
    /// Its name.
    pub id: RequirementId,
    /// What is promised.
    pub text: String,
    /// Where the document promises it.
    pub source: String,
    /// How sure it is that the document says so.
    pub basis: Basis,
    /// Whether it is verified.
    pub standing: RequirementStanding,
    /// Why it is open, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// Why it can't be tested, or not by a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The cases that verify it; of a run those that decided it.
    pub cases: Vec<String>,
    /// How many cases the plan has for it.
    pub planned: usize,
    /// The load profiles that verify it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
}

/// Whether a requirement is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RequirementStanding {
    /// By the documents: a case or a load profile is there for it. In a run: a case conformed to it, or violated it.
    Verified,
    /// No request can decide it.
    Untestable,
    /// Nothing verifies it, or nothing did in this run.
    Open,
}

/// The coverage of one operation.
#[derive(Clone, Debug, Serialize)]
pub struct OperationCoverage {
    /// Its name.
    pub operation: String,
    /// The heading under which the document lists it.
    pub group: String,
    /// How sure its parameters and fields are: inferred where the document says no more than the name.
    pub basis: Basis,
    /// Why it is not tested, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// The names of the cases that call it; of a run those in which an answer of it was judged.
    pub cases: Vec<String>,
    /// How many cases the plan has for it.
    pub planned: usize,
}

/// Why nothing is shown of a requirement or an operation; where there are several reasons, the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// Its cases were run, and decided nothing.
    Undecided,
    /// Its cases could not run.
    CouldNotRun,
    /// Its cases were skipped.
    Skipped,
    /// Its cases were not run: they were not chosen, or the run ended before.
    NotRun,
    /// Only a load run decides it.
    Load,
    /// Its cases wait for a variable that the target does not give.
    Waiting,
    /// There is no case for it.
    NoCase,
}

impl Gap {
    /// As it is after a number: `12 skipped`.
    pub fn counted(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::CouldNotRun => "could not run",
            Self::Skipped => "skipped",
            Self::NotRun => "not run",
            Self::Load => "decided by load runs only",
            Self::Waiting => "waiting for a variable",
            Self::NoCase => "without a case",
        }
    }
}

impl SuiteCoverage {
    /// Counts what is in the lists.
    pub(super) fn counted(
        suite: String,
        cases: usize,
        requirements: Vec<RequirementCoverage>,
        operations: Vec<OperationCoverage>,
    ) -> Self {
        let count = |standing| requirements.iter().filter(|requirement| requirement.standing == standing).count();
        Self {
            suite,
            verified: count(RequirementStanding::Verified),
            untestable: count(RequirementStanding::Untestable),
            open: count(RequirementStanding::Open),
            open_because: tallied(requirements.iter().filter_map(|requirement| requirement.gap)),
            operations_tested: operations.iter().filter(|operation| operation.gap.is_none()).count(),
            operations_documented: operations.len(),
            operations_named: operations.iter().filter(|operation| operation.basis != Basis::Documented).count(),
            operations_untested: tallied(operations.iter().filter_map(|operation| operation.gap)),
            cases,
            requirements,
            operations,
        }
    }
}

fn tallied(gaps: impl Iterator<Item = Gap>) -> BTreeMap<Gap, usize> {
    let mut tally = BTreeMap::new();
    gaps.for_each(|gap| *tally.entry(gap).or_default() += 1);
    tally
}
