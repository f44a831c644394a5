//! Who asks, where, and what is sent.

use std::borrow::Cow;

use assay_suite::http::Request;

use super::spec::RequestSpecError;
use crate::deployment::address::base;
use crate::deployment::credentials::Credentials;
use crate::deployment::signing::Signed;

/// Who asks, and where.
pub(super) struct Caller<'a> {
    /// The address, as [`base`] writes it.
    pub url: String,
    pub credentials: Cow<'a, Credentials>,
}

impl<'a> Caller<'a> {
    pub fn at(url: &str, credentials: &'a Credentials) -> Result<Self, RequestSpecError> {
        Ok(Self { url: base(url).ok_or(RequestSpecError::Unsendable)?, credentials: credentials.current() })
    }
}

/// A request before it is made to travel, and its signature.
pub(super) type Written = (Request, Option<Signed>);
