//! The ways in which APIs have requests signed. Each is a pure function of the request and the secret.

pub mod cloudstack;

/// A step on the way from a request to its signature, for people who ask why a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningStep {
    /// What is done.
    pub what: &'static str,
    /// What comes out of it.
    pub result: String,
}

/// A signature and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The signature, not yet encoded for a query.
    pub signature: String,
    /// The steps to it, in order. None shows the secret key.
    pub steps: Vec<SigningStep>,
}
