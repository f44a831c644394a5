//! From what a step wants to the HTTP request that says so.

mod caller;
mod cloudstack;
mod contract;
mod ec2;
mod hicloud;
mod query;
mod repeated;
mod rest;
mod spec;
mod url;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::PathAndQuery;
use jiff::Timestamp;
use serde_json::Value;

use crate::scenario::SignatureTrait;
use assay_suite::http::{Idempotence, Method, Request};
use assay_suite::{Effect, Location, Presence, Signing, Style, Suite};

use super::connection::Wire;
use super::credentials::Credentials;
use super::signing::Signed;
use super::target::{Service, Target};

use caller::{Caller, Written};
pub(crate) use contract::next_link;
pub use repeated::{Recurring, Repeated};
pub use spec::{RequestSpec, RequestSpecError};

/// A request that can be sent, and how it was signed.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The request, secrets and all.
    pub request: Request,
    /// The same as it travels.
    pub wire: Wire,
    /// Scheme, host and port that it goes to.
    pub origin: String,
    /// Its signature; none where none is asked for.
    pub signed: Option<Signed>,
}

/// How a run introduces itself.
const USER_AGENT: &str = concat!("assay/", env!("CARGO_PKG_VERSION"));

impl Prepared {
    /// A request of no suite: it is sent as it is.
    pub fn plain(request: Request) -> Result<Self, RequestSpecError> {
        let (wire, origin) = travelling(&request, Idempotence::NotIdempotent)?;
        Ok(Self { request, wire, origin, signed: None })
    }
}

pub use assay_suite::UNKNOWN_CREDENTIAL;

impl Target {
    /// The service of a suite.
    pub fn service(&self, suite: &Suite) -> Result<&Service, RequestSpecError> {
        self.services
            .get(&suite.name.value)
            .ok_or_else(|| RequestSpecError::NoService { target: self.name.clone(), suite: suite.name.value.0.clone() })
    }

    /// Builds and signs a request. `now` is what an expiry counts from.
    pub fn prepare(&self, ask: &RequestSpec<'_>, now: Timestamp) -> Result<Prepared, RequestSpecError> {
        let caller = self.caller(ask)?;
        let arguments = with_credentials(ask, &caller.credentials);
        let ask = RequestSpec { arguments, ..ask.clone() };
        let (request, signed) = write(&ask, &caller, now)?;
        let (wire, origin) = travelling(&request, idempotence(&ask, request.method))?;
        Ok(Prepared { request, wire, origin, signed })
    }

    /// The address at which an account asks an API; none for the main account.
    pub fn url(&self, suite: &Suite, account: Option<&str>) -> Result<String, RequestSpecError> {
        Ok(self.named(suite, account)?.url)
    }

    /// Who asks, and where.
    fn caller(&self, ask: &RequestSpec<'_>) -> Result<Caller<'_>, RequestSpecError> {
        self.named(ask.suite, ask.account)
    }

    fn named(&self, suite: &Suite, account: Option<&str>) -> Result<Caller<'_>, RequestSpecError> {
        let (url, credentials) = self.account(suite, account)?;
        Caller::at(url, credentials)
    }

    /// Whether who asks has credentials that are had anew while a run goes on.
    fn are_renewed(&self, ask: &RequestSpec<'_>) -> Result<bool, RequestSpecError> {
        Ok(self.account(ask.suite, ask.account)?.1.are_renewed())
    }

    fn account(&self, suite: &Suite, account: Option<&str>) -> Result<(&str, &Credentials), RequestSpecError> {
        let service = self.service(suite)?;
        let Some(name) = account else { return Ok((&service.url, &service.main)) };
        let account = service.accounts.get(name).ok_or_else(|| RequestSpecError::NoAccount {
            target: self.name.clone(),
            suite: suite.name.value.0.clone(),
            account: name.to_owned(),
        })?;
        let url = account.url.as_ref().unwrap_or(&service.url);
        Ok((url, &account.credentials))
    }
}

/// Writes a request down, and signs it.
fn write(ask: &RequestSpec<'_>, caller: &Caller<'_>, now: Timestamp) -> Result<Written, RequestSpecError> {
    let signs = !ask.has(&SignatureTrait::Unsigned) && caller.credentials.suffice(ask.suite.signing);
    match (&ask.suite.style, ask.suite.signing) {
        (Style::Rest, _) => Ok((rest::request(ask, caller)?, None)),
        (Style::Query { .. }, _) if !signs => Ok((query::unsigned(ask, caller), None)),
        (Style::Query { .. }, Signing::CloudStack) => Ok(cloudstack::request(ask, caller, now)),
        (Style::Query { .. }, Signing::Hicloud) => Ok(hicloud::request(ask, caller, now)),
        (Style::Query { .. }, Signing::Ec2) => Ok(ec2::request(ask, caller, now)),
        (Style::Query { .. }, Signing::Token) => Ok((query::unsigned(ask, caller), None)),
    }
}

/// Whether a request may be sent twice. In an API by query the method says nothing: what an operation does, does.
fn idempotence(ask: &RequestSpec<'_>, method: Method) -> Idempotence {
    let effect = ask.suite.operations.get(ask.operation).map(|operation| operation.effect);
    let is_idempotent = match (&ask.suite.style, method) {
        (Style::Query { .. }, _) => effect == Some(Effect::Reads),
        (Style::Rest, Method::Get | Method::Head | Method::Options | Method::Trace) => {
            effect.is_none_or(|effect| effect == Effect::Reads)
        }
        (Style::Rest, Method::Put | Method::Delete) => true,
        (Style::Rest, Method::Post | Method::Patch) => false,
    };
    if is_idempotent { Idempotence::Idempotent } else { Idempotence::NotIdempotent }
}

/// A request as it travels, and scheme, host and port that it goes to.
fn travelling(request: &Request, idempotence: Idempotence) -> Result<(Wire, String), RequestSpecError> {
    let unsendable = |_| RequestSpecError::Unsendable;
    let url: hyper::Uri = request.url.parse().map_err(|_| RequestSpecError::Unsendable)?;
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name).map_err(|_| RequestSpecError::Unsendable)?;
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(unsendable)?);
    }
    headers.append(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    if !headers.contains_key(header::ACCEPT) {
        headers.append(header::ACCEPT, HeaderValue::from_static("*/*"));
    }
    let (scheme, host) = url.scheme_str().zip(url.authority()).ok_or(RequestSpecError::Unsendable)?;
    headers.insert(header::HOST, HeaderValue::from_str(host.as_str()).map_err(unsendable)?);
    let path = url.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let body = request.body.clone().map(Bytes::from).unwrap_or_default();
    let method = match request.method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
        Method::Delete => hyper::Method::DELETE,
        Method::Patch => hyper::Method::PATCH,
        Method::Head => hyper::Method::HEAD,
        Method::Options => hyper::Method::OPTIONS,
        Method::Trace => hyper::Method::TRACE,
    };
    Ok((Wire { method, path, headers, body, idempotence }, format!("{scheme}://{host}/")))
}

/// The arguments, with the credentials that documented parameters carry. What a step says itself is left as it is, and so
/// is what it leaves out.
fn with_credentials(ask: &RequestSpec<'_>, credentials: &Credentials) -> Vec<(String, Value)> {
    let mut arguments = ask.arguments.clone();
    let documented = ask.suite.operations.get(ask.operation).filter(|_| !ask.has(&SignatureTrait::Unsigned));
    for parameter in documented.into_iter().flat_map(|operation| operation.parameters.values()) {
        let name = &parameter.name.value;
        let known = parameter.credential.as_deref().and_then(|name| credentials.get(name));
        if let Some((known, (_, given))) = known.zip(arguments.iter_mut().find(|(given, _)| given == name))
            && given.as_str() == Some(UNKNOWN_CREDENTIAL)
        {
            *given = Value::from(of_nobody(known.reveal()));
        }
        let said = ask.withheld.contains(name) || arguments.iter().any(|(known, _)| known == name);
        let secret = known.filter(|_| !said);
        // A credential that need not be given is given all the same where the target has it.
        let wanted = parameter.presence == Presence::Required
            || parameter.location == Location::Header
            || parameter.wire.is_some();
        if let Some(secret) = secret.filter(|_| wanted) {
            arguments.push((name.clone(), Value::from(secret.reveal())));
        }
    }
    arguments
}

/// An unknown credential in the form of a known one: what is refused is then the credential, and not its form (RFC 9110,
/// 11.4; RFC 6750, 2.1; RFC 7617, 2).
fn of_nobody(known: &str) -> String {
    // No more of it than the scheme is repeated: it may be any text.
    const SCHEMES: [&str; 12] = [
        "apikey",
        "api-key",
        "basic",
        "bearer",
        "dpop",
        "gnap",
        "jwt",
        "key",
        "negotiate",
        "oauth",
        "privatetoken",
        "token",
    ];
    match known.split_once(' ') {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("basic") => {
            format!("{scheme} {}", STANDARD.encode(format!("assay:{UNKNOWN_CREDENTIAL}")))
        }
        Some((scheme, _)) if SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) => {
            format!("{scheme} {UNKNOWN_CREDENTIAL}")
        }
        // A name and a password, as `basic` of an `OpenAPI` document has them.
        None if known.contains(':') => format!("assay:{UNKNOWN_CREDENTIAL}"),
        _ => UNKNOWN_CREDENTIAL.to_owned(),
    }
}

#[cfg(test)]
mod tests;
