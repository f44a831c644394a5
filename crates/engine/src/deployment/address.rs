//! Addresses of services.

use reqwest::Url;

/// An address as it is signed and sent: the host in lower case, no port that is the scheme's own (RFC 9110, 4.2.3), nothing
/// after the path.
pub(super) fn base(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok().filter(Url::has_host)?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.to_string())
}
