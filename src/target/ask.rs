//! From what a step wants to the HTTP request that says so.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::http::{Method, Request};
use crate::scenario::{SignatureTrait, SignedPart};
use crate::suite::{Encoding, Signing, Style, Suite};

use super::signing::{Signed, cloudstack};
use super::{Credentials, Service, Target};

/// A request as a step wants it.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The API.
    pub suite: &'a Suite,
    /// The operation's name; it need not be documented. An empty name is left out.
    pub operation: &'a str,
    /// The arguments, in order.
    pub arguments: Vec<(String, String)>,
    /// The format asked for; none for the API's default.
    pub format: Option<Encoding>,
    /// The method.
    pub method: Method,
    /// Who asks; the main account when nothing is said.
    pub account: Option<&'a str>,
    /// How the signature departs from the plainest good one.
    pub traits: &'a [SignatureTrait],
}

/// A request that can be sent, and how it was signed.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The request, secrets and all.
    pub request: Request,
    /// Its signature; none if it was left out.
    pub signed: Signed,
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
}

impl Target {
    /// The service of a suite.
    pub fn service(&self, suite: &Suite) -> Result<&Service, AskError> {
        self.services
            .get(&suite.name.value)
            .ok_or_else(|| AskError::NoService { target: self.name.clone(), suite: suite.name.value.0.clone() })
    }

    /// Builds and signs a request. `now` is what `expires` counts from.
    pub fn prepare(&self, ask: &Ask<'_>, now: Timestamp) -> Result<Prepared, AskError> {
        let service = self.service(ask.suite)?;
        let credentials = match ask.account {
            None => &service.main,
            Some(name) => service.accounts.get(name).ok_or_else(|| AskError::NoAccount {
                target: self.name.clone(),
                suite: ask.suite.name.value.0.clone(),
                account: name.to_owned(),
            })?,
        };
        match ask.suite.signing {
            Signing::CloudStack => Ok(cloudstack_request(ask, service, credentials, now)),
        }
    }
}

fn has(ask: &Ask<'_>, wanted: &SignatureTrait) -> bool {
    ask.traits.contains(wanted)
}

/// A query signed as CloudStack's guide says, with the departures that the step asks for.
fn cloudstack_request(ask: &Ask<'_>, service: &Service, credentials: &Credentials, now: Timestamp) -> Prepared {
    let mut parameters = cloudstack_parameters(ask, credentials, now);
    if has(ask, &SignatureTrait::Reversed) {
        parameters.reverse();
    }
    if has(ask, &SignatureTrait::UpperCaseNames) {
        let arguments = parameters.iter_mut().filter(|(name, _)| ask.arguments.iter().any(|(own, _)| own == name));
        arguments.for_each(|(name, _)| *name = name.to_uppercase());
    }
    let secret = credentials.secret_key.reveal();
    let wrong = format!("{secret}x");
    let secret = if has(ask, &SignatureTrait::WrongSecret) { wrong.as_str() } else { secret };
    let signed = cloudstack::sign(&parameters, secret, recipe(ask));
    let mut signature = signed.signature.clone();
    for part in ask.traits.iter().filter_map(tampered) {
        match part {
            SignedPart::Signature => signature = altered(&signature),
            SignedPart::ApiKey => alter(&mut parameters, |name| name == "apikey"),
            SignedPart::Argument => tamper_with_argument(ask, &mut parameters),
        }
    }
    if !has(ask, &SignatureTrait::Omit(SignedPart::Signature)) {
        parameters.push(("signature".to_owned(), signature));
    }
    Prepared { request: request(ask.method, &service.url, &parameters), signed }
}

fn cloudstack_parameters(ask: &Ask<'_>, credentials: &Credentials, now: Timestamp) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let Style::Query { operation_parameter } = &ask.suite.style;
    let mut parameters = Vec::new();
    if !ask.operation.is_empty() {
        parameters.push(pair(operation_parameter, ask.operation));
    }
    parameters.extend(ask.arguments.iter().cloned());
    let format = ask.suite.formats.iter().find(|format| Some(format.encoding) == ask.format);
    parameters.extend(format.into_iter().flat_map(|format| format.parameters.iter().cloned()));
    if !has(ask, &SignatureTrait::Omit(SignedPart::ApiKey)) {
        let unknown = "assay-a-key-that-nobody-has";
        let known = credentials.api_key.reveal();
        let key = if has(ask, &SignatureTrait::UnknownKey) { unknown } else { known };
        parameters.push(pair("apikey", key));
    }
    for wanted in ask.traits {
        match wanted {
            SignatureTrait::Version(version) => parameters.push(pair("signatureVersion", version)),
            SignatureTrait::Expires(from_now) => parameters.push(pair("expires", &expiry(now, *from_now, offset(ask)))),
            SignatureTrait::ExpiresText(text) => parameters.push(pair("expires", text)),
            _ => {}
        }
    }
    parameters
}

fn recipe(ask: &Ask<'_>) -> cloudstack::Recipe {
    let mut recipe = cloudstack::Recipe::DOCUMENTED;
    if has(ask, &SignatureTrait::KeepCase) {
        recipe.case = cloudstack::Case::Kept;
    }
    if has(ask, &SignatureTrait::PlusForSpace) {
        recipe.space = cloudstack::Space::Plus;
    }
    if has(ask, &SignatureTrait::Unsorted) {
        recipe.order = cloudstack::Order::AsSent;
    }
    recipe
}

fn tampered(wanted: &SignatureTrait) -> Option<SignedPart> {
    match wanted {
        SignatureTrait::Tamper(part) => Some(*part),
        _ => None,
    }
}

/// The offset from UTC in which `expires` is written.
fn offset(ask: &Ask<'_>) -> Offset {
    let said = ask.traits.iter().find_map(|wanted| match wanted {
        SignatureTrait::ExpiresOffset(text) => parse_offset(text),
        _ => None,
    });
    said.unwrap_or(Offset::UTC)
}

/// `+0530`; nothing if it is not of that form.
fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, digits) = (text.chars().next()?, text.get(1..)?);
    let (hours, minutes) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..)?.parse::<i32>().ok()?);
    let seconds = hours * 3600 + minutes * 60;
    Offset::from_seconds(if sign == '-' { -seconds } else { seconds }).ok()
}

/// `expires` in the form of the guide, chapter 5.3: `2011-10-10T12:00:00+0530`.
fn expiry(now: Timestamp, from_now: jiff::SignedDuration, offset: Offset) -> String {
    let moment = now.saturating_add(from_now).unwrap_or(now);
    moment.to_zoned(TimeZone::fixed(offset)).strftime("%Y-%m-%dT%H:%M:%S%z").to_string()
}

/// The first letter or digit replaced by another; not by the same in another case, which signs alike.
fn altered(text: &str) -> String {
    let replacement = if text.starts_with(['A', 'a']) { "B" } else { "A" };
    let rest: String = text.chars().skip(1).collect();
    format!("{replacement}{rest}")
}

fn alter(parameters: &mut [(String, String)], which: impl Fn(&str) -> bool) {
    for (_, value) in parameters.iter_mut().filter(|(name, _)| which(name)) {
        *value = altered(value);
    }
}

/// The first argument is changed; where there is none, one is added that was not signed.
fn tamper_with_argument(ask: &Ask<'_>, parameters: &mut Vec<(String, String)>) {
    match ask.arguments.first() {
        Some((name, _)) => alter(parameters, |known| known == name),
        None => parameters.push(("unsigned".to_owned(), "true".to_owned())),
    }
}

fn request(method: Method, url: &str, parameters: &[(String, String)]) -> Request {
    let query = cloudstack::query(parameters);
    match method {
        Method::Get => Request { method, url: format!("{url}?{query}"), headers: Vec::new(), body: None },
        Method::Post => {
            let form = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
            Request { method, url: url.to_owned(), headers: vec![form], body: Some(query) }
        }
    }
}
