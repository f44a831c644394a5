//! Asks for one operation, and shows what comes of it.

use std::collections::BTreeSet;

use serde_json::Value;

use assay_engine::deployment::{Prepared, Redactor, RequestSpec, Seen, Target, decode};
use assay_engine::interpreter::items_of;
use assay_engine::plan::Library;
use assay_engine::scenario::Bindings;
use assay_suite::http::{Exchange, Method};
use assay_suite::source::harmless;
use assay_suite::{Jobs, Operation, Suite};

use super::input;
use crate::arguments::{CallRequest, Encoding};
use crate::output::{Sink, stderr, stdout};
use crate::{CliContext, CliError, ExitCode, request};

/// A request, before its arguments are those of a page.
pub(in crate::call) struct Asked<'r> {
    /// What is asked for.
    pub spec: RequestSpec<'r>,
    /// Its operation, where the document has it.
    pub operation: Option<&'r Operation>,
    /// Whether secrets of the answer are hidden.
    pub secrets: Secrets,
}

/// What becomes of the secrets of an answer: passwords, keys, tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::call) enum Secrets {
    Shown,
    Hidden,
}

/// Asks a target for operations of a suite.
pub(crate) struct Caller<'a> {
    surroundings: &'a CliContext<'a>,
    pub(crate) library: &'a Library,
    pub(crate) target: &'a Target,
    pub(crate) suite: &'a Suite,
    pub(crate) redactor: Redactor,
}

impl<'a> Caller<'a> {
    pub fn new(surroundings: &'a CliContext<'a>, library: &'a Library, target: &'a Target, suite: &'a Suite) -> Self {
        Self { surroundings, library, target, suite, redactor: Redactor::of(target) }
    }

    /// The items of a list, without a word about it; nothing where they do not come.
    pub async fn look(
        &self,
        list: &Operation,
        arguments: Vec<(String, Value)>,
        account: Option<&str>,
    ) -> Option<Vec<Value>> {
        let format = self.suite.formats.first().map(|format| format.encoding);
        let name = list.name.value.0.as_str();
        let spec = RequestSpec { arguments, account, ..RequestSpec::plain(self.suite, name, format) };
        let exchange = request::send(self.target, request::prepare(self.target, &spec).ok()?).await.ok()?;
        let exchange = self.redactor.for_its_asker(exchange);
        let is_good = exchange.outcome.as_ref().is_ok_and(|response| response.status < 400);
        let answer = self.decoded(name, format, &exchange).ok().filter(|_| is_good)?;
        Some(items_of(list.list.as_ref()?, &answer).to_vec())
    }

    /// The names of the target's accounts.
    pub fn accounts(&self) -> BTreeSet<String> {
        let service = self.target.services.get(&self.suite.name.value);
        service.iter().flat_map(|service| service.accounts.keys()).map(ToString::to_string).collect()
    }

    /// The name of the target.
    pub fn target_name(&self) -> &str {
        &self.target.name
    }

    /// What the target file gives.
    pub fn bindings(&self) -> Bindings {
        let own = self.target.services.get(&self.suite.name.value).map(|service| &service.variables);
        let all = self.target.variables.iter().chain(own.into_iter().flatten());
        all.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    pub(in crate::call) fn asked<'r>(
        &'r self,
        request: &'r CallRequest,
        name: &'r str,
        operation: Option<&'r Operation>,
    ) -> Result<Asked<'r>, CliError> {
        let format = request.format.map(|format| match format {
            Encoding::Json => assay_suite::Encoding::Json,
            Encoding::Xml => assay_suite::Encoding::Xml,
        });
        let spec = RequestSpec {
            suite: self.suite,
            operation: name,
            arguments: input::arguments(request, self.suite)?,
            withheld: &[],
            format: format.or(self.suite.formats.first().map(|format| format.encoding)),
            method: request.post.then_some(Method::Post),
            account: request.account.as_deref(),
            traits: &[],
        };
        let secrets = if request.hide_secrets { Secrets::Hidden } else { Secrets::Shown };
        Ok(Asked { spec, operation, secrets })
    }

    pub(in crate::call) fn announce(&self, request: &CallRequest, asked: &Asked<'_>, prepared: &Prepared) {
        if request.explain {
            Sink::Err.write(harmless::lines(&explained(prepared, &self.redactor)).as_bytes());
        }
        self.say_request(asked, prepared);
    }

    /// Says what is sent, without secrets.
    pub(in crate::call) fn say_request(&self, asked: &Asked<'_>, prepared: &Prepared) {
        let request = self.redactor.request_of(&prepared.request, self.suite, asked.spec.operation);
        stderr!("{} {}", request.method, harmless::line(&request.url));
    }

    /// An exchange as the person who asked may see it.
    pub(in crate::call) fn seen(&self, asked: &Asked<'_>, exchange: Exchange) -> Exchange {
        match asked.secrets {
            Secrets::Hidden => {
                self.redactor.exchange(&exchange, self.suite, asked.spec.operation, &mut Seen::default())
            }
            Secrets::Shown => self.redactor.for_its_asker(exchange),
        }
    }

    /// What is in the answer to an operation.
    pub(in crate::call) fn read(
        &self,
        asked: &Asked<'_>,
        operation: &str,
        exchange: &Exchange,
    ) -> Result<Value, CliError> {
        self.decoded(operation, asked.spec.format, exchange).map_err(|why| {
            // What fails, and what can't be read, may repeat a key.
            CliError::new(ExitCode::CouldNotRun, format!("error: {}", self.redactor.text(&why)))
        })
    }

    /// What is in the answer to an operation, or why it can't be read.
    pub(crate) fn decoded(
        &self,
        operation: &str,
        format: Option<assay_suite::Encoding>,
        exchange: &Exchange,
    ) -> Result<Value, String> {
        let response = exchange.outcome.as_ref().map_err(|failure| format!("{}: {}", failure.kind, failure.message))?;
        let path = self.suite.answer_schema(operation);
        let format = format.unwrap_or(assay_suite::Encoding::Json);
        let answer = decode(&response.body, format, &self.suite.envelope, &self.library.schemas.shape(&path));
        answer.map(|answer| answer.value).map_err(|malformed| format!("the answer can't be read: {malformed}"))
    }

    /// Only a terminal obeys what is in a text; a program gets what there was.
    pub(in crate::call) fn print(&self, text: &str) {
        let text = if self.surroundings.terminal { harmless::lines(text) } else { text.to_owned() };
        Sink::Out.write(text.as_bytes());
    }

    /// Whether an answer is what was asked for. Who sends a condition asks for 304, too (RFC 9110, 13.1).
    pub(in crate::call) fn is_done(&self, operation: &str, status: u16) -> bool {
        status == 304 || self.suite.is_success(operation, status)
    }

    /// Shows an answer as it came.
    pub(in crate::call) fn show(&self, operation: &str, exchange: &Exchange) -> Result<ExitCode, CliError> {
        match &exchange.outcome {
            Ok(response) => {
                stderr!(
                    "{} in {:.1} ms",
                    response.status,
                    f64::from(u32::try_from(exchange.timing.took_us).unwrap_or(u32::MAX)) / 1000.0
                );
                let body = pretty(&response.body);
                stdout!("{}", if self.surroundings.terminal { harmless::lines(&body) } else { body });
                Ok(if self.is_done(operation, response.status) { ExitCode::Conforms } else { ExitCode::Violates })
            }
            Err(failure) => {
                Err(CliError::new(ExitCode::CouldNotRun, format!("error: {}: {}", failure.kind, failure.message)))
            }
        }
    }
}

/// What an answer shows: the items of a list, or its one object. Of a job it is what came of it.
pub(in crate::call) fn rows_of(answer: &Value, operation: Option<&Operation>, jobs: Option<&Jobs>) -> Value {
    let answer = jobs.and_then(|jobs| jobs.result_in(answer)).unwrap_or(answer);
    match operation.and_then(|operation| operation.list.as_ref()) {
        Some(list) => items_of(list, answer).to_vec().into(),
        None => unwrapped(answer).clone(),
    }
}

/// What is in an object that has nothing but another one.
fn unwrapped(answer: &Value) -> &Value {
    match answer.as_object().map(|fields| fields.values().collect::<Vec<_>>()).as_deref() {
        Some([inner @ Value::Object(_)]) => inner,
        _ => answer,
    }
}

fn explained(prepared: &Prepared, redactor: &Redactor) -> String {
    let Some(signed) = &prepared.signed else { return "The request is not signed.\n\n".to_owned() };
    let mut text = "The request, signed with the secret key of the account (not shown):\n\n".to_owned();
    for (number, step) in (1..).zip(&signed.steps) {
        text += &format!("{number}. {}\n   {}\n\n", step.what, redactor.text(&step.result));
    }
    text
}

/// JSON with line breaks; anything else as it is.
fn pretty(body: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(body);
    parsed.map_or_else(|_| body.to_owned(), |value| format!("{value:#}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_within_another_is_shown_alone() {
        assert_eq!(rows_of(&json!({"vm": {"id": 7}}), None, None), json!({"id": 7}));
        assert_eq!(rows_of(&json!({"vm": {"id": 7}, "count": 1}), None, None), json!({"vm": {"id": 7}, "count": 1}));
    }
}
