//! Answers: what is said, and how it is written.

mod distortion;
mod draft;
mod json;
mod xml;

use serde_json::{Value, json};

use assay_suite::{Encoding, Operation, Suite};

use super::command::Reply;
use super::fault::Faults;
use super::policy::{Acceptance, Envelope, Policy, Success, Surface};
use super::refusal::ApiError;
use super::resource::fields;
use super::surface;
use super::world::Fields;

use draft::{Draft, Escaping, OK};

/// An answer as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What the body is written in.
    pub encoding: Encoding,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The content type, as CloudStack serves it.
    pub fn content_type(&self) -> &'static str {
        match self.encoding {
            Encoding::Json => "text/javascript; charset=UTF-8",
            Encoding::Xml => "text/xml; charset=UTF-8",
        }
    }
}

/// Writes answers, as the policy has it and the faults distort it.
pub struct Writer<'a> {
    /// How the server writes.
    pub policy: &'a Policy,
    /// What it gets wrong.
    pub faults: &'a Faults,
    /// What was asked for.
    pub encoding: Encoding,
}

impl Writer<'_> {
    /// The answer to a call that was carried out.
    pub fn reply(&self, suite: &Suite, operation: &Operation, reply: Reply) -> Answer {
        let content = match reply {
            Reply::Content(content) | Reply::Created { content, .. } => content,
            Reply::Success => self.success(),
            Reply::Accepted { job, created } => self.acceptance(suite, job, created),
        };
        let mut draft = self.draft(OK, self.envelope(suite, operation), content);
        if self.policy.surface == Surface::Source {
            let departure = surface::of(&operation.name.value.0);
            leave_out(&mut draft.content, departure.and_then(|departure| departure.lacks.as_deref()));
            if operation.name.value.0 == "listVirtualMachines" {
                surface::shorten(&mut draft.content);
            }
        }
        distortion::of_reply(&mut draft, &operation.name.value.0, self.faults);
        self.write(&draft)
    }

    /// The answer to a call that was refused.
    pub fn refusal(&self, suite: &Suite, operation: &Operation, refusal: &ApiError) -> Answer {
        let mut draft = self.error(self.envelope(suite, operation), refusal);
        distortion::of_refusal(&mut draft, &operation.name.value.0, refusal.reason, self.faults);
        self.write(&draft)
    }

    /// The answer to a request that names no operation.
    pub fn bare_refusal(&self, envelope: &str, refusal: &ApiError) -> Answer {
        self.write(&self.error(envelope.to_owned(), refusal))
    }

    /// That a request which names no operation has succeeded: only faults say so.
    pub fn bare_success(&self, envelope: &str) -> Answer {
        self.write(&self.draft(OK, envelope.to_owned(), self.success()))
    }

    /// That there is nothing of a kind.
    pub fn nothing(&self, envelope: &str) -> Answer {
        self.write(&self.draft(OK, envelope.to_owned(), Fields::new()))
    }

    /// What is answered to a command that is no operation of the document.
    pub fn unlisted(&self, envelope: &str, content: Fields) -> Answer {
        self.write(&self.draft(OK, envelope.to_owned(), content))
    }

    fn draft(&self, status: u16, envelope: String, content: Fields) -> Draft {
        Draft {
            status,
            encoding: self.encoding,
            escaping: Escaping::Done,
            version: self.policy.version,
            envelope,
            content,
        }
    }

    fn error(&self, envelope: String, refusal: &ApiError) -> Draft {
        let (reason, checks) = (refusal.reason, self.policy.checks);
        let code = reason.code_of(checks);
        let mut content = Fields::from_iter([("errorcode".to_owned(), Value::from(code))]);
        if let Some(exception) = reason.exception_of(checks) {
            content.insert("cserrorcode".into(), exception.into());
        }
        content.insert("errortext".into(), refusal.text.as_str().into());
        self.draft(code, envelope, content)
    }

    /// The name of the element around the answers of an operation.
    fn envelope(&self, suite: &Suite, operation: &Operation) -> String {
        if self.policy.surface == Surface::Source
            && let Some(envelope) =
                surface::of(&operation.name.value.0).and_then(|departure| departure.envelope.clone())
        {
            return envelope;
        }
        let documented = suite.envelopes(operation);
        let chosen = match self.policy.envelope {
            Envelope::First => documented.first(),
            Envelope::Last => documented.last(),
        };
        chosen.cloned().unwrap_or_default()
    }

    fn success(&self) -> Fields {
        let success = match self.policy.success {
            Success::Boolean => Value::Bool(true),
            Success::Text => Value::from("true"),
        };
        Fields::from_iter([("success".to_owned(), success)])
    }

    fn acceptance(&self, suite: &Suite, job: String, created: Option<String>) -> Fields {
        let mut content = Fields::new();
        let shows_resource = match self.policy.acceptance {
            Acceptance::Job => false,
            Acceptance::ResourceAndJob => self.encoding == Encoding::Json,
            Acceptance::JobAndResource => true,
        };
        if let Some(created) = created.filter(|_| shows_resource) {
            content.insert("id".into(), created.into());
        }
        if let Some(jobs) = &suite.jobs {
            content.insert(jobs.id.clone(), job.into());
        }
        content
    }

    fn write(&self, draft: &Draft) -> Answer {
        let body = match draft.encoding {
            Encoding::Json => json::write(&fields(json!({&draft.envelope: draft.content})), self.policy.blanks),
            Encoding::Xml => xml::write(draft, self.policy),
        };
        Answer { status: draft.status, encoding: draft.encoding, body }
    }
}

/// Leaves a field out of the items of a list.
fn leave_out(content: &mut Fields, field: Option<&str>) {
    let Some(field) = field else { return };
    for item in content.values_mut().filter_map(Value::as_array_mut).flatten() {
        if let Some(fields) = item.as_object_mut() {
            fields.shift_remove(field);
        }
    }
}
