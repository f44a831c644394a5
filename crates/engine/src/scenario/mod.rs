//! Scenarios as people write them: what to do, what to expect, which promises that verifies.

pub(crate) mod derived;
mod expectation;
mod for_each;
pub(crate) mod laws;
mod path_parts;
mod read;
mod template;

use std::sync::Arc;
use std::time::Duration;

use assay_suite::http::Method;
use assay_suite::source::{Located, SourceFile};
use assay_suite::{
    Company, Effect, Encoding, OperationName, RequirementId, Signing, StatusPattern, Style, Suite, SuiteName, Variable,
};

pub use derived::{Linked, links};
pub use expectation::{Ending, Expectation, Matcher, Next, Outcome, PagingCheck, Path};
pub use expectation::{Narrowing, Said, Total, Unchanged};
pub use for_each::{ForEach, OperationChoice, ParameterChoice};
pub use laws::{Law, LawName};
pub use path_parts::{PathPart, Selector};
pub use read::{Written, read};
pub(crate) use read::{read_manner, read_operation_choice, read_steps, template as read_template};
pub use template::{Bindings, Part, Template};

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

/// One thing done, and what is expected of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done, and where that is written.
    pub action: Located<Action>,
    /// Another suite of the same target that is asked, where the step says so.
    pub suite: Option<Located<SuiteName>>,
    /// The same thing done in several ways, each of which must meet the expectations; empty for once.
    pub each: Vec<Located<CallOptions>>,
    /// What must be observed.
    pub expect: Vec<Located<Expectation>>,
    /// What is kept of the answer for later steps.
    pub save: Vec<(Variable, Located<Source>)>,
    /// The requirements (`CN-079`) or kinds of promise (`count`) that the expectations decide.
    pub verifies: Vec<Located<String>>,
    /// Whether it tests, or makes what later steps test.
    pub role: StepRole,
}

/// What a step is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepRole {
    /// To test: what is not as expected breaks a requirement.
    #[default]
    Tests,
    /// To make what later steps test: what is not as expected keeps the case from being run.
    Prepares,
}

/// Where something that is kept comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A path of the answer.
    Path(Path),
    /// A header of the answer, its name in lower case.
    Header(String),
    /// All that is at a path, as a list.
    Every(Path),
    /// The value of a field that shows the items at a path apart: one that some have and others have not, if there is one.
    Telling(Path, String, Taken),
    /// What the request was sent with.
    Sent(Template),
}

impl Source {
    /// The path in the answer, unless it is a header.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) | Self::Every(path) | Self::Telling(path, ..) => Some(path),
            Self::Header(_) | Self::Sent(_) => None,
        }
    }
}

/// How much of a value is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All of it.
    Whole,
    /// Of a text a part in its midst.
    Part,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// One request.
    Call(Call),
    /// Asks for a job's state until it has ended.
    Await(Await),
    /// Fetches a list whole and page by page.
    Paginate(Call),
}

/// One request of an operation.
#[derive(Clone, Debug)]
pub struct Call {
    /// The operation; its name may come from a variable. It need not be documented: an unknown one can be called too.
    pub operation: Located<Template>,
    /// How.
    pub options: CallOptions,
    /// What it is repeated for, if it is.
    pub until: Option<Until>,
}

/// What a request is repeated for.
#[derive(Clone, Debug)]
pub struct Until {
    /// What must be observed in the end.
    pub reached: Vec<Located<Expectation>>,
    /// How long that may take.
    pub within: Duration,
}

/// How a request is made.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// Arguments by name; a name may come from a variable.
    pub with: Vec<(Located<Template>, Located<Template>)>,
    /// Parameters given their documented value.
    pub add: Vec<Located<Template>>,
    /// Parameters left out that would otherwise be given.
    pub without: Vec<Located<Template>>,
    /// The HTTP method; the documented one when nothing is said.
    pub method: Option<Method>,
    /// The account that asks, by the name it has in the target; its main one when nothing is said.
    pub account: Option<String>,
    /// The format asked for; the case's when nothing is said.
    pub format: Option<RequestedFormat>,
    /// How the signature departs from a good one.
    pub sign: Vec<SignatureTrait>,
}

/// A format that a request asks for instead of the case's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedFormat {
    /// This one.
    Encoding(Encoding),
    /// None is named: the API's default.
    Default,
}

/// A named way in which a request's signature or credentials depart from the plainest good ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureTrait {
    /// Nothing proves who asks.
    Unsigned,
    /// A part is left out.
    Omit(SignedPart),
    /// A part is altered after signing.
    Tamper(SignedPart),
    /// The secret key is another.
    WrongSecret,
    /// The API key is unknown.
    UnknownKey,
    /// `signatureVersion` is sent with this value.
    Version(String),
    /// `expires` is sent, this far from now: negative is past.
    Expires(jiff::SignedDuration),
    /// `expires` is written with this offset from UTC, such as `+0900`, and means the same moment.
    ExpiresOffset(String),
    /// `expires` is sent with this text.
    ExpiresText(String),
    /// The parameters are sent in reverse order, the signature being good.
    Reversed,
    /// Parameter names are sent in upper case, the signature being good.
    UpperCaseNames,
    /// The string to sign keeps its upper case.
    KeepCase,
    /// Spaces are signed as `+`.
    PlusForSpace,
    /// The string to sign is not sorted.
    Unsorted,
}

/// A part of a request that proves who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedPart {
    /// The signature itself.
    Signature,
    /// The API key.
    ApiKey,
    /// An argument, or the operation if there are none.
    Argument,
    /// The moment until which the request is valid, or at which it was made.
    Expires,
}

/// Follows a job to its end.
#[derive(Clone, Debug)]
pub struct Await {
    /// The job's id.
    pub job: Located<Template>,
    /// How long it may take.
    pub within: Duration,
    /// Who asks; the main account when nothing is said.
    pub account: Option<String>,
    /// How it must end.
    pub ends: JobEnd,
}

/// How a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// Well.
    Succeeded,
    /// Badly.
    Failed,
}

impl Step {
    /// The operation a step names, unless it comes from a variable.
    pub fn literal_operation(&self) -> Option<&str> {
        match &self.action.value {
            Action::Call(call) | Action::Paginate(call) => call.operation.value.as_literal(),
            Action::Await(_) => None,
        }
    }
}

/// What a target may allow: the effects of operations, from harmless to destructive.
pub type Allowed = std::collections::BTreeSet<Effect>;

/// Statuses that an expectation accepts.
pub type Statuses = Vec<StatusPattern>;
