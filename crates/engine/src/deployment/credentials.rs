//! What proves who asks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use assay_suite::Signing;

use super::secret::Secret;

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
    pub(super) fn current(&self) -> Cow<'_, Self> {
        let Some(renewed) = &self.renewed else { return Cow::Borrowed(self) };
        let mut given = self.given.clone();
        given.extend(renewed.read().unwrap_or_else(PoisonError::into_inner).clone());
        Cow::Owned(Self { given, renewed: None })
    }

    /// Whether some are had anew while a run goes on.
    pub(super) fn are_renewed(&self) -> bool {
        self.renewed.is_some()
    }

    /// Sets one before a run.
    pub(super) fn obtain(&mut self, name: &str, text: &str) {
        self.given.insert(name.to_owned(), Secret::new(text));
    }

    /// Makes ready for credentials that are had anew.
    pub(super) fn expect_renewal(&mut self) {
        self.renewed.get_or_insert_default();
    }

    /// Sets one while a run goes on.
    pub(super) fn renew(&self, name: &str, text: &str) {
        if let Some(renewed) = &self.renewed {
            let mut renewed = renewed.write().unwrap_or_else(PoisonError::into_inner);
            renewed.insert(name.to_owned(), Secret::new(text));
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
    pub(super) fn reveal(&self, name: &str) -> &str {
        self.get(name).map(Secret::reveal).unwrap_or_default()
    }

    /// Those that no role may see.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secret().map(|(_, secret)| secret)
    }

    /// Those that no role may see, with their names.
    pub(super) fn secret(&self) -> impl Iterator<Item = (&str, &Secret)> {
        let secret = self.given.iter().filter(|(name, _)| !PUBLIC.contains(&name.as_str()));
        secret.map(|(name, secret)| (name.as_str(), secret))
    }
}
