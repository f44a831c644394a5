//! What a scenario file holds: scenarios, fixtures and laws.

use std::sync::Arc;

use assay_suite::source::{Located, SourceFile};
use assay_suite::{
    Company, Effect, Encoding, OperationName, RequirementId, Signing, StatusPattern, Style, Suite, SuiteName, Variable,
};

use super::for_each::ForEach;
use super::laws::Law;
use super::step::Step;

/// A scenario, not yet applied to any operation or format.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What holds if it passes, as a sentence.
    pub title: Located<String>,
    /// The document it is in.
    pub file: Arc<SourceFile>,
    /// Words by which a run can choose it.
    pub tags: Vec<String>,
    /// The suites it is for.
    pub scope: Scope,
    /// The formats it is run in; all that the suite has when none are named.
    pub formats: Vec<Encoding>,
    /// What it is repeated for.
    pub for_each: Option<ForEach>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What it is about, if no person wrote it: it follows from the suite's document.
    pub derived: Option<Derived>,
    /// What may run at the same time.
    pub company: Company,
}

/// What a scenario is about that follows from a document.
#[derive(Clone, Debug)]
pub struct Derived {
    /// The operation.
    pub operation: OperationName,
    /// What distinguishes its case from others of the same title: the operation, or a part of its request.
    pub label: String,
    /// The requirement that it decides; what else its answers show is charged to other ones.
    pub subject: RequirementId,
}

/// Steps that provide variables to every scenario that uses but does not save them.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The variables.
    pub provides: Vec<Located<Variable>>,
    /// The suites it is for.
    pub scope: Scope,
    /// What is done to have them.
    pub steps: Vec<Step>,
}

/// The suites that a scenario holds for.
#[derive(Clone, Debug)]
pub enum Scope {
    /// The one in whose folder it is.
    Suite(SuiteName),
    /// All that have what it needs.
    Capable(Capabilities),
}

/// What an API must have for a common scenario to hold for it.
#[derive(Clone, Debug, Default)]
pub struct Capabilities {
    /// This way of signing.
    pub signing: Option<Signing>,
    /// This way of asking for operations.
    pub style: Option<StyleName>,
    /// Pages.
    pub paging: Option<()>,
    /// Jobs.
    pub jobs: Option<()>,
}

/// A way of asking for operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StyleName {
    /// One address; a parameter names the operation.
    Query,
    /// Each operation has a method and a path of its own.
    Rest,
}

impl StyleName {
    /// All of them, with the names that documents give them.
    pub const NAMES: [(&'static str, Self); 2] = [("query", Self::Query), ("rest", Self::Rest)];

    fn of(style: &Style) -> Self {
        match style {
            Style::Query { .. } => Self::Query,
            Style::Rest => Self::Rest,
        }
    }
}

impl Scope {
    /// Whether a suite is meant.
    pub fn includes(&self, suite: &Suite) -> bool {
        match self {
            Self::Suite(name) => *name == suite.name.value,
            Self::Capable(needs) => {
                // Those of a document with a contract follow from that.
                suite.described.is_none()
                    && needs.signing.is_none_or(|signing| signing == suite.signing)
                    && needs.style.is_none_or(|style| style == StyleName::of(&suite.style))
                    && (needs.paging.is_none() || suite.paging.is_some())
                    && (needs.jobs.is_none() || suite.jobs.is_some())
            }
        }
    }
}

/// What a target may allow: the effects of operations, from harmless to destructive.
pub type Allowed = std::collections::BTreeSet<Effect>;

/// Statuses that an expectation accepts.
pub type Statuses = Vec<StatusPattern>;

/// What scenario files hold.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The scenarios.
    pub scenarios: Vec<Arc<Scenario>>,
    /// The fixtures.
    pub fixtures: Vec<Arc<Fixture>>,
    /// The laws: what is expected of every API.
    pub laws: Vec<Law>,
}
