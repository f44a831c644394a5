//! What a client needs to know to use a running reference cloud.

/// What a client needs to know to use a running reference cloud. Ids and keys are the same at every start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demonstration {
    /// The services, one for each suite.
    pub services: Vec<Service>,
    /// Ids of what the cloud is seeded with, by the names that scenarios know them by.
    pub variables: Vec<(String, String)>,
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
    /// The API key of the account that tests work with.
    pub api_key: String,
    /// The secret key that belongs to it.
    pub secret_key: String,
    /// All accounts, that one among them.
    pub accounts: Vec<Credentials>,
}

/// The keys of an account. They are made up, public, and of use nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The account's name.
    pub account: String,
    /// Its API key.
    pub api_key: String,
    /// Its secret key.
    pub secret_key: String,
}
