//! What a client needs to know to use a running reference cloud.

/// What a client needs to know to use a running reference cloud. Ids and keys are the same at every start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demonstration {
    /// The services, one for each suite.
    pub services: Vec<Service>,
    /// The server the cloud plays: `documented` or `cloudstack-4.1`.
    pub server: String,
}

/// One suite's service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The suite.
    pub suite: String,
    /// Where its requests go.
    pub url: String,
    /// All accounts, the one that tests work with first.
    pub accounts: Vec<Credentials>,
    /// Ids of what the service is seeded with, by the names that scenarios know them by.
    pub variables: Vec<(String, String)>,
}

/// The keys of an account. They are made up, public, and of use nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The account's name.
    pub account: String,
    /// Its keys, by the names that targets give them.
    pub keys: Vec<(&'static str, String)>,
    /// Where it asks, if that is elsewhere.
    pub url: Option<String>,
}

impl Credentials {
    /// The key with a name; empty if there is none.
    pub fn key(&self, name: &str) -> &str {
        self.keys.iter().find(|(known, _)| *known == name).map_or("", |(_, key)| key)
    }
}
