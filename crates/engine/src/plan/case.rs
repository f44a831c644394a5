//! A case: one scenario, applied to one operation in one format, ready to be run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::scenario::{Bindings, Expectation, JobEnd, Scenario, Scope, SignatureTrait, Source, Template, Until};
use assay_formats::record::Strictness;
use assay_suite::Variable;
use assay_suite::http::Method;
use assay_suite::source::{Located, Place};
use assay_suite::{Company, Deviation, Encoding, OperationName, RequirementId, Suite};

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
    /// The values of the variables of what it is repeated for.
    pub bindings: Bindings,
    /// The values of the target's variables; they go before.
    pub given: Arc<Bindings>,
    /// The steps, those of fixtures first.
    pub steps: Vec<Arc<PlannedStep>>,
    /// How long a job may take that no step says more of.
    pub longest_job: Duration,
    /// What may run at the same time as it.
    pub isolation: Isolation,
    /// The variables by which it changes what it shares with other cases: these run one after another.
    pub in_turn: BTreeSet<String>,
    /// Its number among the cases of its plan that use VLANs: there are few, and servers keep them for a while.
    pub vlan_user: Option<u64>,
    /// Whether it can be run against the target.
    pub readiness: Readiness,
    /// The variable for want of which it can't.
    pub waits_for: Option<Variable>,
    /// What a broken promise comes to that the document does not spell out.
    pub strictness: Strictness,
    /// Where the server of the target is known to depart from the document.
    pub deviations: Arc<[Deviation]>,
}

impl Case {
    /// A case without steps that no scenario file describes: of a journey, of a walk, of what an earlier run left.
    pub(crate) fn bare(
        name: String,
        title: Located<String>,
        suite: &Arc<Suite>,
        format: Encoding,
        longest_job: Duration,
    ) -> Self {
        let scenario = Scenario {
            file: Arc::clone(&title.place.file),
            title,
            tags: Vec::new(),
            scope: Scope::Suite(suite.name.value.clone()),
            formats: vec![format],
            for_each: None,
            steps: Vec::new(),
            derived: None,
            company: Company::Others,
        };
        Self {
            name,
            suite: Arc::clone(suite),
            scenario: Arc::new(scenario),
            operation: None,
            format,
            bindings: Bindings::default(),
            given: Arc::default(),
            steps: Vec::new(),
            longest_job,
            isolation: Isolation::None,
            in_turn: BTreeSet::new(),
            vlan_user: None,
            readiness: Readiness::Ready,
            waits_for: None,
            strictness: Strictness::default(),
            deviations: Vec::new().into(),
        }
    }
}

/// What may run at the same time as a case.
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
    /// The suite that is asked, if it is not the case's own.
    pub suite: Option<Arc<Suite>>,
    /// What must be observed.
    pub expect: Vec<Located<Expectation>>,
    /// What is kept for later steps.
    pub save: Vec<(Variable, Located<Source>)>,
    /// The promises that the expectations decide.
    pub verifies: Vec<RequirementId>,
}

impl PlannedStep {
    /// The operations that it asks for.
    pub fn operations(&self) -> Vec<OperationName> {
        match &self.action {
            PlannedAction::Call { calls, .. } => {
                calls.iter().map(|call| OperationName(call.operation.clone())).collect()
            }
            PlannedAction::Await { of, .. } => of.iter().cloned().collect(),
            PlannedAction::Paginate(call) => vec![OperationName(call.operation.clone())],
        }
    }
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
    Call {
        /// The requests.
        calls: Vec<PlannedCall>,
        /// What each is repeated for, if it is.
        until: Option<Until>,
    },
    /// Follows a job.
    Await {
        /// Its id.
        job: Template,
        /// The operation it carries out, if that is known.
        of: Option<OperationName>,
        /// How long it may take.
        within: Duration,
        /// Who asks; the main account when nothing is said.
        account: Option<String>,
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
    /// Parameters that are not given the credentials which they document.
    pub withheld: Vec<String>,
    /// The format asked for; none for the API's default.
    pub asked: Option<Encoding>,
    /// The format that the answer must have.
    pub answered: Encoding,
    /// The method; none for the documented one.
    pub method: Option<Method>,
    /// Who asks; the main account when nothing is said.
    pub account: Option<String>,
    /// How the signature departs from the plainest good one.
    pub sign: Vec<SignatureTrait>,
    /// Where this way of asking is written, if the step has several.
    pub place: Place,
}

impl PlannedCall {
    /// The plainest request for an operation: well signed, by the main account.
    pub fn plain(
        operation: &OperationName,
        arguments: Vec<(String, Template)>,
        format: Encoding,
        place: Place,
    ) -> Self {
        Self {
            operation: operation.0.clone(),
            arguments,
            withheld: Vec::new(),
            asked: Some(format),
            answered: format,
            method: None,
            account: None,
            sign: Vec::new(),
            place,
        }
    }
}
