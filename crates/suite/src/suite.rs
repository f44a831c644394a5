//! Everything that is documented about one API.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::absent::AbsentAnswer;
use crate::answer::Shapes;
use crate::conventions::{AnswerFormat, Encoding, Envelope, Signing, Style};
use crate::described::Described;
use crate::deviation::{Deviation, fits};
use crate::jobs::Jobs;
use crate::name::{OperationName, SuiteName};
use crate::operation::{Operation, OwnPaging};
use crate::paging::Paging;
use crate::profile::ConformanceProfile;
use crate::requirement::{Requirement, RequirementId};
use crate::source::Located;
use crate::status::StatusPattern;
use crate::variable::TargetVariable;

/// Everything that is documented about one API.
#[derive(Clone, Debug)]
pub struct Suite {
    /// Its short name.
    pub name: Located<SuiteName>,
    /// Its full name.
    pub title: String,
    /// The document that makes the promises.
    pub document: Document,
    /// How an operation is asked for.
    pub style: Style,
    /// How a request proves who sent it.
    pub signing: Signing,
    /// The forms in which an answer can be had.
    pub formats: Vec<AnswerFormat>,
    /// What is around an answer.
    pub envelope: Envelope,
    /// The name of the element around a refusal, where it is not that of the operation's answers.
    pub refusal_envelope: Option<String>,
    /// HTTP statuses with which this API refuses a request, as against failing at it.
    pub refusals: Vec<StatusPattern>,
    /// HTTP statuses with which it asks for fewer requests.
    pub throttled: Vec<StatusPattern>,
    /// HTTP statuses, and codes of failed jobs, with which it says that it lacks what a good request needs: capacity, a host, storage.
    pub lacking: Vec<StatusPattern>,
    /// The statuses among the refusals by which the API says that it failed itself.
    pub failures: Vec<StatusPattern>,
    /// What it says of a thing that can't be removed before it is done with something; `*` matches any text.
    pub busy: Vec<String>,
    /// The answers by which it says that it does not have an operation.
    pub absent: Vec<AbsentAnswer>,
    /// The forms that several of its answers have.
    pub shapes: Shapes,
    /// How lists are cut into pages, if they are.
    pub paging: Option<Paging>,
    /// How asynchronous jobs are followed, if there are any.
    pub jobs: Option<Jobs>,
    /// The documented operations, in the document's order.
    pub operations: IndexMap<OperationName, Operation>,
    /// The document's promises, in its order.
    pub requirements: IndexMap<RequirementId, Requirement>,
    /// The conformance profiles, by name.
    pub profiles: IndexMap<String, ConformanceProfile>,
    /// Where known servers depart from the document.
    pub deviations: Vec<Deviation>,
    /// What a target has to offer, in the order in which it is looked up.
    pub variables: Vec<TargetVariable>,
    /// An account to which nothing belongs that the main one creates.
    pub stranger: Option<Stranger>,
    /// What its `OpenAPI` document says besides, if it has one.
    pub described: Option<Arc<Described>>,
}

/// An account to which nothing belongs that the main one creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Its name in target files.
    pub account: String,
    /// The parameter of lists whose items belong to accounts; all lists are such where none is named.
    pub owner: Option<String>,
}

/// The document a suite was read from.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// The day it was published, where it is known.
    pub date: Option<String>,
}

impl Suite {
    /// The format that most clients ask for, if there is a choice: JSON.
    pub fn usual_format(&self) -> Encoding {
        let mut formats = self.formats.iter().map(|format| format.encoding);
        let first = formats.next().unwrap_or(Encoding::Json);
        if formats.any(|format| format == Encoding::Json) { Encoding::Json } else { first }
    }

    /// Whether a text says that something can't be removed before it is done with what it is at.
    pub fn says_busy(&self, text: &str) -> bool {
        self.busy.iter().any(|pattern| fits(pattern, text))
    }

    /// The requirements with a promise's name that apply to an operation.
    pub fn requirements_for<'a>(
        &'a self,
        promise: &'a str,
        operation: &'a OperationName,
    ) -> impl Iterator<Item = &'a Requirement> {
        self.requirements.values().filter(move |requirement| {
            requirement.promises.iter().any(|name| name.value == promise) && requirement.applies_to.includes(operation)
        })
    }

    /// Whether an operation removes something, though the document does not have it: what is created is undone by it.
    pub fn is_undocumented_removal(&self, name: &str) -> bool {
        let mut undo = self.operations.values().filter_map(|operation| operation.undo.as_ref());
        !self.operations.contains_key(name) && undo.any(|undo| undo.call.value.0 == name)
    }

    /// The names under which the answer of an operation may come, the documented one first; none if nothing is around it.
    pub fn envelopes(&self, operation: &Operation) -> Vec<String> {
        if !operation.envelopes.is_empty() {
            return operation.envelopes.clone();
        }
        let name = &operation.name.value.0;
        match &self.envelope {
            Envelope::None => Vec::new(),
            Envelope::Named(rule) => {
                vec![rule.replace("{operation}", &name.to_lowercase()).replace("{Operation}", name)]
            }
        }
    }

    /// How the list of an operation is cut into pages; not at all if it is no list.
    pub fn paging_of<'a>(&'a self, operation: &'a Operation) -> Option<&'a Paging> {
        operation.list.as_ref()?;
        match &operation.paging {
            OwnPaging::AsSuite => self.paging.as_ref(),
            OwnPaging::None => None,
            OwnPaging::Own(paging) => Some(paging),
        }
    }

    /// The statuses by which an operation refuses; those of the suite for one that is not documented.
    pub fn refusals_of(&self, operation: &str) -> &[StatusPattern] {
        let own = self.operations.get(operation).map(|operation| operation.refusals.as_slice()).unwrap_or_default();
        if own.is_empty() { &self.refusals } else { own }
    }

    /// Whether a status says that a request was carried out: any 2xx, or one with which the operation is documented to succeed.
    pub fn is_success(&self, operation: &str, status: u16) -> bool {
        let documented = self.operations.get(operation).map(|operation| operation.succeeds.as_slice());
        let is_documented = || documented.unwrap_or_default().iter().any(|pattern| pattern.matches(status));
        (200..300).contains(&status) || is_documented()
    }

    /// Whether a status says that the server itself failed (RFC 9110, 15.6), not that the request is wrong.
    pub fn is_failure(&self, operation: &str, status: u16) -> bool {
        let is_refusal = || self.refusals_of(operation).iter().any(|pattern| pattern.matches(status));
        self.failures.iter().any(|pattern| pattern.matches(status)) || (500..600).contains(&status) && !is_refusal()
    }
}
