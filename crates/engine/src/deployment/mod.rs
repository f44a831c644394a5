//! A deployment: where it is, who asks, what may be done to it; signing, redaction, decoding, and the only HTTP client.

mod address;
mod client;
mod connection;
mod decode;
mod fair;
mod gates;
mod obtained;
mod quick_check;
mod read;
mod redaction;
mod request;
pub mod signing;
mod text;
mod unverified;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde_json::Value;

use assay_suite::Variable;
use assay_suite::http::Certificates;
use assay_suite::{Effect, Signing, SuiteName};

pub use client::{Client, ClientError};
pub use connection::{Connection, Endpoint, EndpointError, ResponseHead, Wire};
pub use decode::{Answer, Fault, Malformed, decode};
pub use gates::{Gates, Share};
pub use obtained::{CredentialSource, Obtained, TokenRequest, Wanted};
pub use quick_check::glance;
pub use read::{CredentialNames, check_names, credential_names};
pub use redaction::{Redactor, Seen, is_secret_argument};
pub(crate) use request::next_link;
pub use request::{Prepared, Recurring, Repeated, RequestSpec, RequestSpecError, UNKNOWN_CREDENTIAL};
pub use text::{Loss, of as text, undecodable};

/// A deployment under test.
#[derive(Clone, Debug)]
pub struct Target {
    /// The name it goes by in reports.
    pub name: String,
    /// Where each suite's API is served, and who asks.
    pub services: BTreeMap<SuiteName, Service>,
    /// What may be done to it.
    pub allow: BTreeSet<Effect>,
    /// Whether load may be put on it.
    pub load: LoadPermission,
    /// Things that exist there, by the names scenarios give them.
    pub variables: BTreeMap<Variable, Value>,
    /// Whether it has to prove that it is the one that was asked.
    pub certificates: Certificates,
    /// How hard it may be pressed.
    pub limits: Limits,
    /// Conditions on a whole run.
    pub gates: Gates,
    /// The known server it runs, whose deviations are known.
    pub server: Option<String>,
    /// What a broken law comes to, if the run is not strict anyway.
    pub strictness: assay_formats::record::Strictness,
    /// What its variables take from the environment: it is as secret as a key.
    pub from_environment: Vec<(Variable, Secret)>,
    /// The credentials that are to be had before it is asked.
    pub wanted: Vec<Wanted>,
}

/// Whether load may be put on a deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadPermission {
    /// Only where it is on this machine.
    #[default]
    OnThisMachine,
    /// Wherever it is: its file says so.
    Anywhere,
}

/// The line of a target file that allows these effects and this load.
pub fn allow_line(effects: &BTreeSet<Effect>, load: LoadPermission) -> String {
    let mut names: Vec<_> = effects.iter().map(ToString::to_string).collect();
    names.extend((load == LoadPermission::Anywhere).then(|| "load".to_owned()));
    format!("allow: [{}]", names.join(", "))
}

impl Target {
    /// What a person must know of credentials that can't be distinguished from ordinary words.
    pub fn secrets_too_short(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        for (suite, service) in &self.services {
            let others = service.accounts.values().map(|account| &account.credentials);
            for credentials in std::iter::once(&service.main).chain(others) {
                let short = credentials.secret().filter(|(_, secret)| !redaction::is_searchable(secret.reveal()));
                names.extend(short.map(|(name, _)| (name, suite)));
            }
        }
        let warning = |(name, suite): (&str, &SuiteName)| {
            format!(
                "credential `{name}` of suite `{suite}` is short or a common word: it is hidden where it is sent, but not \
                 where an answer repeats it"
            )
        };
        names.into_iter().map(warning).collect()
    }

    /// Whether load may be put on one of its APIs: the file says so, or all its addresses are on this machine.
    pub fn may_be_loaded(&self, suite: &SuiteName) -> bool {
        let Some(service) = self.services.get(suite) else { return false };
        let others = service.accounts.values().filter_map(|account| account.url.as_ref());
        self.load == LoadPermission::Anywhere || others.chain([&service.url]).all(|url| is_on_this_machine(url))
    }
}

/// Whether an address can't lead to another machine.
fn is_on_this_machine(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// One API of a deployment.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its address.
    pub url: String,
    /// Who asks when a scenario does not say.
    pub main: Credentials,
    /// Others who may ask, by the names that scenarios give them.
    pub accounts: BTreeMap<String, Account>,
    /// Things that exist there and nowhere else, by the names that scenarios give them.
    pub variables: BTreeMap<Variable, Value>,
}

impl Service {
    /// Where an account asks; the main one when nothing is said.
    pub fn url_of(&self, account: Option<&str>) -> &str {
        let account = account.and_then(|account| self.accounts.get(account));
        account.and_then(|account| account.url.as_deref()).unwrap_or(&self.url)
    }
}

/// Somebody who may ask.
#[derive(Clone, Debug)]
pub struct Account {
    /// What proves who it is; nothing for a port without authentication.
    pub credentials: Credentials,
    /// Where it asks, if that is elsewhere.
    pub url: Option<String>,
}

/// What proves who asks: `api_key`, `secret_key`, `token` or whatever else a suite asks for, by name.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// As they were when the run began.
    given: BTreeMap<String, Secret>,
    /// Those that are had anew while a run goes on. Every copy of the credentials has them.
    renewed: Option<Arc<RwLock<BTreeMap<String, Secret>>>>,
}

/// What accompanies credentials and is no secret: it names a place, or a way of signing.
const PUBLIC: [&str; 2] = ["region", "signature_version"];

impl Credentials {
    /// These, by name.
    pub fn new<N: Into<String>, T: Into<String>>(credentials: impl IntoIterator<Item = (N, T)>) -> Self {
        let given = credentials.into_iter().map(|(name, text)| (name.into(), Secret::new(text))).collect();
        Self { given, renewed: None }
    }

    /// As they are now.
    fn current(&self) -> Cow<'_, Self> {
        let Some(renewed) = &self.renewed else { return Cow::Borrowed(self) };
        let mut given = self.given.clone();
        given.extend(renewed.read().unwrap_or_else(PoisonError::into_inner).clone());
        Cow::Owned(Self { given, renewed: None })
    }

    /// Whether some are had anew while a run goes on.
    fn are_renewed(&self) -> bool {
        self.renewed.is_some()
    }

    /// Sets one before a run.
    fn obtain(&mut self, wanted: &Wanted, text: &str) {
        self.given.insert(wanted.name.clone(), Secret::new(text));
    }

    /// Makes ready for credentials that are had anew.
    fn expect_renewal(&mut self) {
        self.renewed.get_or_insert_default();
    }

    /// Sets one while a run goes on.
    fn renew(&self, wanted: &Wanted, text: &str) {
        if let Some(renewed) = &self.renewed {
            let mut renewed = renewed.write().unwrap_or_else(PoisonError::into_inner);
            renewed.insert(wanted.name.clone(), Secret::new(text));
        }
    }

    /// The credential with a name.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.given.get(name)
    }

    /// Whether there are all without which a request can't be signed.
    pub fn suffice(&self, signing: Signing) -> bool {
        signing.credentials().iter().all(|name| self.given.contains_key(*name))
    }

    /// The text of a credential; empty if there is none of that name.
    fn reveal(&self, name: &str) -> &str {
        self.get(name).map(Secret::reveal).unwrap_or_default()
    }

    /// Those that no role may see.
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secret().map(|(_, secret)| secret)
    }

    /// Those that no role may see, with their names.
    fn secret(&self) -> impl Iterator<Item = (&str, &Secret)> {
        let secret = self.given.iter().filter(|(name, _)| !PUBLIC.contains(&name.as_str()));
        secret.map(|(name, secret)| (name.as_str(), secret))
    }
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for signing and sending only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// How hard a deployment may be pressed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests under way at once.
    pub in_flight: usize,
    /// Requests a second; none for no limit.
    pub rate: Option<u32>,
    /// From sending a request to the last byte of its answer.
    pub deadline: Duration,
    /// How long a job may take, whatever a scenario allows.
    pub longest_job: Duration,
    /// The longest body that is read, in bytes.
    pub longest_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 8,
            rate: None,
            deadline: Duration::from_secs(30),
            longest_job: Duration::from_secs(600),
            longest_body: 8 << 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_may_be_loaded_without_permission() {
        for url in ["http://127.0.0.1:8080/api", "https://localhost/", "http://[::1]:80/", "http://127.9.9.9/"] {
            assert!(is_on_this_machine(url), "{url}");
        }
        for url in
            ["http://127.0.0.1.example/", "https://cloud.example/localhost", "http://10.0.0.1/", "http://0.0.0.0/", ""]
        {
            assert!(!is_on_this_machine(url), "{url}");
        }
    }
}
