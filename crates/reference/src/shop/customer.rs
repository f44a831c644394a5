//! The customers of the shop, and what was issued to them.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// The token of the customer who tests.
pub const TOKEN: &str = "a-token-of-the-shop";

/// That of another customer.
pub const NEIGHBOUR: &str = "a-token-of-the-neighbour";

/// A client that may ask for tokens, and a user who may log in: public, and of no use elsewhere.
pub const CLIENT: (&str, &str) = ("shop-client", "a-secret-of-the-client");

pub const USER: (&str, &str) = ("ada", "a-password-of-ada");

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Customer {
    Main,
    Neighbour,
}

/// What was issued: tokens with their end, and sessions.
#[derive(Debug, Default)]
pub struct Issued {
    pub(super) tokens: BTreeMap<String, Timestamp>,
    pub(super) sessions: Vec<String>,
}
