//! A deployment: where it is, who asks, what may be done to it; signing, redaction, decoding, and the only HTTP client.

mod address;
mod client;
mod connection;
mod credentials;
mod decode;
mod fair;
mod gates;
mod limits;
mod obtained;
mod quick_check;
mod read;
mod redaction;
mod request;
mod secret;
pub mod signing;
mod target;
mod text;
mod unverified;

pub use client::{Client, ClientError};
pub use connection::{Connection, Endpoint, EndpointError, ResponseHead, Wire};
pub use credentials::Credentials;
pub use decode::{Answer, Fault, Malformed, decode};
pub use limits::Limits;
pub use obtained::{CredentialSource, Obtained, TokenRequest, Wanted};
pub use quick_check::glance;
pub use read::{CredentialNames, check_names, credential_names};
pub use redaction::{Redactor, Seen, is_secret_argument};
pub(crate) use request::next_link;
pub use request::{Prepared, Recurring, Repeated, RequestSpec, RequestSpecError, UNKNOWN_CREDENTIAL};
pub use secret::Secret;
pub use target::{Account, LoadPermission, Service, Target, allow_line};
pub use text::{Loss, of as text, undecodable};
