//! The steps of a scenario.

use std::time::Duration;

use assay_suite::http::Method;
use assay_suite::source::Located;
use assay_suite::{Encoding, SuiteName, Variable};

use super::expectation::{Expectation, Path};
use super::template::Template;

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
    /// The identity that the address of the answer ends with: that of what was created.
    Located,
}

impl Source {
    /// The path in the answer, unless it is a header.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) | Self::Every(path) | Self::Telling(path, ..) => Some(path),
            Self::Header(_) | Self::Sent(_) | Self::Located => None,
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
