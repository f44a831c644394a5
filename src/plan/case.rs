//! A case: one scenario, applied to one operation in one format, ready to be run.

use std::sync::Arc;
use std::time::Duration;

use crate::http::Method;
use crate::scenario::{Bindings, Expectation, JobEnd, Path, Scenario, SignatureTrait, Template, Variable};
use crate::source::{Located, Place};
use crate::suite::{Encoding, OperationName, RequirementId, Suite};

/// One scenario, applied.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name: suite, file, scenario, what it is applied to, format.
    pub name: String,
    /// The suite.
    pub suite: Arc<Suite>,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The operation it was repeated for, if any.
    pub operation: Option<OperationName>,
    /// The format of its answers.
    pub format: Encoding,
    /// What variables stand for before the first step.
    pub bindings: Bindings,
    /// The steps, those of fixtures first.
    pub steps: Vec<PlannedStep>,
    /// How long a job may take that no step says more of.
    pub longest_job: Duration,
    /// What may run beside it.
    pub isolation: Isolation,
    /// Whether it can be run against the target.
    pub readiness: Readiness,
}

/// What may run beside a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Anything: it looks at nothing that others change.
    None,
    /// Other cases that change things of their own.
    Shared,
    /// Nothing that changes anything: it looks at whole lists.
    Exclusive,
}

/// Whether a case can be run against a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Ready,
    /// It can't, for this reason.
    Skipped(String),
}

/// A step, with everything resolved that is known before the run.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// Where it is written.
    pub place: Place,
    /// Whether it belongs to the scenario.
    pub purpose: Purpose,
    /// What is done.
    pub action: PlannedAction,
    /// What must be observed.
    pub expect: Vec<Located<Expectation>>,
    /// What is kept for later steps.
    pub save: Vec<(Variable, Located<Path>)>,
    /// The promises that the expectations decide.
    pub verifies: Vec<RequirementId>,
}

/// What a step is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To test.
    Scenario,
    /// To provide these variables to the test.
    Fixture(Vec<Variable>),
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum PlannedAction {
    /// Requests, each of which must meet the expectations.
    Call(Vec<PlannedCall>),
    /// Follows a job.
    Await {
        /// Its id.
        job: Template,
        /// The operation it carries out, if that is known.
        of: Option<OperationName>,
        /// How long it may take.
        within: Duration,
        /// How it must end.
        ends: JobEnd,
    },
    /// Fetches a list whole and page by page.
    Paginate(PlannedCall),
}

/// A request, complete but for variables that earlier steps save.
#[derive(Clone, Debug)]
pub struct PlannedCall {
    /// The operation's name; it need not be documented.
    pub operation: String,
    /// The arguments, in order.
    pub arguments: Vec<(String, Template)>,
    /// The format asked for; none for the API's default.
    pub asked: Option<Encoding>,
    /// The format that the answer must have.
    pub answered: Encoding,
    /// The method.
    pub method: Method,
    /// Who asks; the main account when nothing is said.
    pub account: Option<String>,
    /// How the signature departs from the plainest good one.
    pub sign: Vec<SignatureTrait>,
    /// Where this way of asking is written, if the step has several.
    pub place: Place,
}
