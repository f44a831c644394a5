//! Recorded addresses, taken apart: what is before the path may be a variable.

use percent_encoding::percent_decode_str;

use super::placeholder::VARIABLE;

/// An address in its parts, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::new) struct Address {
    /// Scheme, host and port, or the variable in their place.
    pub origin: String,
    /// The path without blank parts.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
}

impl Address {
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let text = text.split_once('#').map_or(text, |(before, _)| before);
        let (before, query) = text.split_once('?').unwrap_or((text, ""));
        let (scheme, rest) = before.split_once("://").map_or(("", before), |(scheme, rest)| (scheme, rest));
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        // Who asks is for the target to say.
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let origin = if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") };
        let origin = if origin.contains(VARIABLE.0) { origin } else { origin.to_lowercase() };
        let mut path: Vec<_> = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        let mut query = form(query);
        // Logs have many addresses.
        path.shrink_to_fit();
        query.shrink_to_fit();
        Self { origin, path, query }
    }

    /// The path as messages show it: without the query, in which there may be secrets, and with what is hidden of each part.
    pub fn shown(&self, hidden: impl Fn(&str) -> String) -> String {
        let parts: Vec<_> = self.path.iter().map(|part| hidden(part)).collect();
        format!("/{}", parts.join("/")).replace(VARIABLE.0, "{{").replace(VARIABLE.1, "}}")
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The pairs of a query or of a form.
pub(super) fn form(text: &str) -> Vec<(String, String)> {
    let pairs = text.trim().split('&').filter(|pair| !pair.is_empty());
    let decode = |text: &str| decoded(&text.replace('+', " "));
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_user_and_is_decoded_once() {
        let address = Address::parse("https://me:secret@Shop.example:8443/v1//a%20b/?q=x%26+y&flag#top");
        assert_eq!(address.origin, "https://shop.example:8443");
        assert_eq!(address.path, ["v1", "a b"]);
        assert_eq!(address.query, [("q".to_owned(), "x& y".to_owned()), ("flag".to_owned(), String::new())]);
        assert_eq!(Address::parse("127.0.0.1:8080/v1").origin, "127.0.0.1:8080");
    }
}
