//! What is known of a deployment: where it is, who may ask, and what may be done to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use assay_formats::record::Gates;
use assay_suite::http::Certificates;
use assay_suite::{Effect, SuiteName, Variable};

use super::credentials::Credentials;
use super::limits::Limits;
use super::obtained::{Obtained, Wanted};
use super::redaction::is_searchable;
use super::secret::Secret;

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
                let short = credentials.secret().filter(|(_, secret)| !is_searchable(secret.reveal()));
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

    /// Puts a credential that was had where it is wanted.
    pub fn obtain(&mut self, wanted: &Wanted, obtained: &Obtained) {
        let Some(service) = self.services.get_mut(&wanted.suite) else { return };
        let credentials: Option<&mut Credentials> = match &wanted.account {
            None => Some(&mut service.main),
            Some(name) => service.accounts.get_mut(name).map(|account| &mut account.credentials),
        };
        if let Some(credentials) = credentials {
            credentials.obtain(&wanted.name, &obtained.text);
            if wanted.lifetime(obtained).is_some() {
                credentials.expect_renewal();
            }
        }
    }

    /// Puts a credential that was had anew in the place of the earlier one, for all requests that follow.
    pub fn renew(&self, wanted: &Wanted, obtained: &Obtained) {
        let Some(service) = self.services.get(&wanted.suite) else { return };
        match &wanted.account {
            None => service.main.renew(&wanted.name, &obtained.text),
            Some(name) => {
                let account = service.accounts.get(name);
                account.into_iter().for_each(|account| account.credentials.renew(&wanted.name, &obtained.text));
            }
        }
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
