//! From what a step wants to the HTTP request that says so.

mod cloudstack;
mod ec2;
mod hicloud;
mod query;
mod repeated;
mod rest;

use jiff::Timestamp;
use serde_json::Value;

use crate::http::{Method, Request};
use crate::scenario::SignatureTrait;
use crate::suite::{Encoding, Location, Presence, Signing, Style, Suite};

use super::signing::Signed;
use super::{Credentials, Service, Target};

pub use repeated::{Recurring, Repeated};

/// A request as a step wants it.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The API.
    pub suite: &'a Suite,
    /// The operation's name; it need not be documented. An empty name is left out. In a REST API an operation that is not
    /// documented is a method and a path.
    pub operation: &'a str,
    /// The arguments, in order.
    pub arguments: Vec<(String, Value)>,
    /// Parameters that are not given the credentials which they document.
    pub withheld: &'a [String],
    /// The format asked for; none for the API's default.
    pub format: Option<Encoding>,
    /// The method; none for the documented one.
    pub method: Option<Method>,
    /// Who asks; the main account when nothing is said.
    pub account: Option<&'a str>,
    /// How the signature departs from the plainest good one.
    pub traits: &'a [SignatureTrait],
}

impl<'a> Ask<'a> {
    /// The plainest good request for an operation.
    pub fn plain(suite: &'a Suite, operation: &'a str, format: Option<Encoding>) -> Self {
        let arguments = Vec::new();
        Self { suite, operation, arguments, withheld: &[], format, method: None, account: None, traits: &[] }
    }

    fn has(&self, wanted: &SignatureTrait) -> bool {
        self.traits.contains(wanted)
    }
}

/// A request that can be sent, and how it was signed.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The request, secrets and all.
    pub request: Request,
    /// Its signature; none where none is asked for.
    pub signed: Option<Signed>,
}

/// Why a target can't be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It has no address for the suite.
    #[error("target {target} says nothing of suite {suite}: give it a url and keys under `suites`")]
    NoService {
        /// The target.
        target: String,
        /// The suite.
        suite: String,
    },
    /// It has no such account.
    #[error("target {target} has no account `{account}`: give it keys under `suites.{suite}.accounts`")]
    NoAccount {
        /// The target.
        target: String,
        /// The suite.
        suite: String,
        /// The account.
        account: String,
    },
    /// A path needs a parameter that has no value.
    #[error("the path of {operation} needs `{parameter}`: give it under `with`")]
    NoPath {
        /// The operation.
        operation: String,
        /// The parameter.
        parameter: String,
    },
    /// An operation of a REST API is neither documented nor a method and a path.
    #[error("there is no operation `{0}`: write one that is documented, or a method and a path such as GET /v1/none")]
    NoOperation(String),
    /// What it says can't travel by HTTP.
    #[error("the request can't be written: a header or the address holds what HTTP does not allow there")]
    Unsendable,
}

impl Target {
    /// The service of a suite.
    pub fn service(&self, suite: &Suite) -> Result<&Service, AskError> {
        self.services
            .get(&suite.name.value)
            .ok_or_else(|| AskError::NoService { target: self.name.clone(), suite: suite.name.value.0.clone() })
    }

    /// Builds and signs a request. `now` is what an expiry counts from.
    pub fn prepare(&self, ask: &Ask<'_>, now: Timestamp) -> Result<Prepared, AskError> {
        let caller = self.caller(ask)?;
        let arguments = with_credentials(ask, caller.credentials);
        let ask = Ask { arguments, ..ask.clone() };
        let signs = !ask.has(&SignatureTrait::Unsigned) && caller.credentials.suffice(ask.suite.signing);
        match (&ask.suite.style, ask.suite.signing) {
            (Style::Rest, _) => rest::request(&ask, &caller).map(unsigned),
            (Style::Query { .. }, _) if !signs => Ok(unsigned(query::unsigned(&ask, &caller))),
            (Style::Query { .. }, Signing::CloudStack) => Ok(cloudstack::request(&ask, &caller, now)),
            (Style::Query { .. }, Signing::Hicloud) => Ok(hicloud::request(&ask, &caller, now)),
            (Style::Query { .. }, Signing::Ec2) => Ok(ec2::request(&ask, &caller, now)),
            (Style::Query { .. }, Signing::Token) => Ok(unsigned(query::unsigned(&ask, &caller))),
        }
    }

    /// The address at which an account asks an API; none for the main account.
    pub fn url(&self, suite: &Suite, account: Option<&str>) -> Result<&str, AskError> {
        Ok(self.named(suite, account)?.url)
    }

    /// Who asks, and where.
    fn caller(&self, ask: &Ask<'_>) -> Result<Caller<'_>, AskError> {
        self.named(ask.suite, ask.account)
    }

    fn named(&self, suite: &Suite, account: Option<&str>) -> Result<Caller<'_>, AskError> {
        let service = self.service(suite)?;
        let Some(name) = account else { return Ok(Caller { url: &service.url, credentials: &service.main }) };
        let account = service.accounts.get(name).ok_or_else(|| AskError::NoAccount {
            target: self.name.clone(),
            suite: suite.name.value.0.clone(),
            account: name.to_owned(),
        })?;
        let url = account.url.as_ref().unwrap_or(&service.url);
        Ok(Caller { url, credentials: &account.credentials })
    }
}

/// Who asks, and where.
struct Caller<'a> {
    url: &'a str,
    credentials: &'a Credentials,
}

fn unsigned(request: Request) -> Prepared {
    Prepared { request, signed: None }
}

/// The arguments, with the credentials that documented parameters carry. What a step says itself is left as it is, and so
/// is what it leaves out.
fn with_credentials(ask: &Ask<'_>, credentials: &Credentials) -> Vec<(String, Value)> {
    let mut arguments = ask.arguments.clone();
    let documented = ask.suite.operations.get(ask.operation).filter(|_| !ask.has(&SignatureTrait::Unsigned));
    for parameter in documented.into_iter().flat_map(|operation| operation.parameters.values()) {
        let name = &parameter.name.value;
        let said = ask.withheld.contains(name) || arguments.iter().any(|(known, _)| known == name);
        let secret = parameter.credential.as_deref().and_then(|name| credentials.get(name)).filter(|_| !said);
        // A credential that need not be given is given all the same where the target has it.
        let wanted = parameter.presence == Presence::Required || parameter.location == Location::Header;
        if let Some(secret) = secret.filter(|_| wanted) {
            arguments.push((name.clone(), Value::from(secret.reveal())));
        }
    }
    arguments
}
