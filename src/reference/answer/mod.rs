//! Answers: what is said, and how it is written.

mod json;
mod xml;

use serde_json::Value;

use crate::suite::{Encoding, Operation, Suite};

use super::command::Reply;
use super::fault::{Fault, Faults};
use super::policy::{Acceptance, Envelope, Policy, Success};
use super::refusal::{Reason, Refusal};
use super::resource::fields;
use super::world::Fields;

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
        let name = operation.name.value.0.as_str();
        let envelope = self.envelope(suite, operation);
        let envelope = match name {
            "listDiskOfferings" if self.faults.has(Fault::ListEnvelopeWrong) => "diskofferings".into(),
            "rebootVirtualMachine" if self.faults.has(Fault::JobEnvelopeWrong) => "rebootvirtualmachine".into(),
            _ => envelope,
        };
        let content = match reply {
            Reply::Content(content) => content,
            Reply::Success => self.success(),
            Reply::Accepted { job, created } => self.acceptance(suite, name, job, created),
        };
        let encoding = if name == "listZones" && self.faults.has(Fault::XmlDespiteJson) {
            Encoding::Xml
        } else {
            self.encoding
        };
        self.write(200, encoding, &envelope, content)
    }

    /// That a command which does not exist has succeeded: only faults say so.
    pub fn bare_success(&self, envelope: &str) -> Answer {
        self.write(200, self.encoding, envelope, self.success())
    }

    /// The answer to a request that was refused, under a name that depends on how far it got.
    pub fn refusal(&self, envelope: &str, refusal: &Refusal) -> Answer {
        let code = match refusal.reason {
            Reason::NoCommand => self.policy.no_command.0,
            Reason::Throttled => self.policy.throttled,
            reason => reason.code(),
        };
        let mut content = Fields::from_iter([("errorcode".to_owned(), Value::from(code))]);
        if let Some(exception) = refusal.reason.exception() {
            content.insert("cserrorcode".into(), exception.into());
        }
        content.insert("errortext".into(), refusal.text.as_str().into());
        let encoding = if self.faults.has(Fault::ErrorsInXml) { Encoding::Xml } else { self.encoding };
        let status = if self.faults.has(Fault::ErrorsWithStatus200) { 200 } else { code };
        self.write(status, encoding, envelope, content)
    }

    /// The name of the element around the answers of an operation.
    pub fn envelope(&self, suite: &Suite, operation: &Operation) -> String {
        let mut documented = suite.envelopes(operation);
        let chosen = match self.policy.envelope {
            Envelope::First => documented.first(),
            Envelope::Last => documented.last(),
        };
        chosen.cloned().unwrap_or_else(|| documented.pop().unwrap_or_default())
    }

    fn success(&self) -> Fields {
        let success = match self.policy.success {
            Success::Boolean => Value::Bool(true),
            Success::Text => Value::from("true"),
        };
        Fields::from_iter([("success".to_owned(), success)])
    }

    fn acceptance(&self, suite: &Suite, operation: &str, job: String, created: Option<String>) -> Fields {
        let mut content = Fields::new();
        let shows_resource =
            self.policy.acceptance == Acceptance::ResourceAndJob && self.encoding == Encoding::Json;
        if let Some(created) = created.filter(|_| shows_resource) {
            content.insert("id".into(), created.into());
        }
        let forgotten = operation == "startVirtualMachine" && self.faults.has(Fault::JobIdMissing);
        if let Some(jobs) = suite.jobs.as_ref().filter(|_| !forgotten) {
            content.insert(jobs.id.clone(), job.into());
        }
        content
    }

    fn write(&self, status: u16, encoding: Encoding, envelope: &str, content: Fields) -> Answer {
        let body = match encoding {
            Encoding::Json => json::write(&fields(serde_json::json!({envelope: content})), self.policy.blanks),
            Encoding::Xml => xml::write(envelope, &content, self.policy, self.faults),
        };
        Answer { status, encoding, body }
    }
}
