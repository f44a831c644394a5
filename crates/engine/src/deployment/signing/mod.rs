//! The ways in which APIs have requests signed. Each is a pure function of the request and the secret.

pub mod cloudstack;
pub mod ec2;
pub mod hicloud;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use sha1::Sha1;

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

/// Whether pairs are sorted by name before they are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// They are.
    #[default]
    Sorted,
    /// They keep the order in which they are sent: a server must refuse that.
    AsSent,
}

/// Whether all is lower-cased before it is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// It is.
    #[default]
    Lowered,
    /// It keeps its case: a server must refuse that.
    Kept,
}

/// The pairs in order, and that text in its case: the string to sign.
fn ordered_and_cased(mut pairs: Vec<(String, String)>, order: Order, case: Case) -> (String, String) {
    if order == Order::Sorted {
        pairs.sort_by_key(|(name, _)| name.to_lowercase());
    }
    let sorted = joined(&pairs);
    let string = match case {
        Case::Lowered => sorted.to_lowercase(),
        Case::Kept => sorted.clone(),
    };
    (sorted, string)
}

/// All but letters, digits and `-_.*`: what Java's `URLEncoder`, on which the server relies, leaves as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// A value as it is in a query.
pub fn encode(value: &str) -> String {
    encoded(value).to_string()
}

/// All but what RFC 3986 (2.3) calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as it is in an address, where nothing else is asked for.
pub fn encode_unreserved(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A value as it is in a query, piece by piece.
pub fn encoded(value: &str) -> PercentEncode<'_> {
    utf8_percent_encode(value, ENCODED)
}

/// `name=value` pairs with ampersands between, as they are.
fn joined(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    // A key of any length is accepted, so the error branch has no input that reaches it.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// A secret key that signs many messages: what it makes of the key is made once.
#[derive(Clone)]
pub struct Key(Option<Hmac<Sha1>>);

impl Key {
    /// The key.
    pub fn new(secret: &str) -> Self {
        Self(Hmac::new_from_slice(secret.as_bytes()).ok())
    }

    /// HMAC-SHA1 of a message, in Base64.
    pub fn sign(&self, message: &[u8]) -> String {
        // As above: there is no key that is not accepted.
        let Some(mut mac) = self.0.clone() else { return String::new() };
        mac.update(message);
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
