//! What two good deployments may answer differently: identifiers, times, addresses, secrets, measurements, texts for people.

use std::sync::LazyLock;

use regex::Regex;

/// What a text is, as far as it may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextKind {
    /// It identifies something: it may differ, but always means the same.
    Identifier,
    /// A time, an address or a URL, a secret: it may differ.
    Free,
    /// It means what it says.
    Plain,
}

#[allow(clippy::unwrap_used, reason = "the patterns are constants, which a test compiles")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static UUID: LazyLock<Regex> =
    LazyLock::new(|| pattern("(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"));
static TIME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$|^\d{1,2}:\d\d(:\d\d)?$"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(\d{1,3}\.){3}\d{1,3}(/\d+)?$|^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$|^[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f:/]*$|^https?://|^vlan://",
    )
});
static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d+"));
static SECRET: LazyLock<Regex> = LazyLock::new(|| pattern("^[A-Za-z0-9+/=_-]{16,}$|-----BEGIN|^([0-9a-f]{2}:){7}"));

/// The shortest text that identifies something wherever it appears: shorter ones may be numbers of something else.
const SHORTEST_IDENTIFIER: usize = 8;

/// Fields that hold texts for people, or secrets, whose wording is free.
const FREE_TEXTS: [&str; 12] = [
    "errortext",
    "message",
    "description",
    "password",
    "privatekey",
    "fingerprint",
    "secretkey",
    "apikey",
    "cpuused",
    "ostypename",
    "requestid",
    "request_id",
];

/// Parts of the names of fields that hold measurements.
const MEASURED: [&str; 7] = ["used", "kbs", "count", "total", "progress", "usage", "percent"];

/// What a text in a field is.
pub(super) fn kind_of(field: &str, text: &str) -> TextKind {
    let lower = field.to_lowercase();
    let is_identifier = lower == "id" || lower.ends_with("id") || lower.ends_with("ids");
    if is_whole_uuid(text) || (is_identifier && text.len() >= SHORTEST_IDENTIFIER) {
        return TextKind::Identifier;
    }
    let is_free = FREE_TEXTS.contains(&lower.as_str()) || TIME.is_match(text) || ADDRESS.is_match(text);
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    if is_free || (SECRET.is_match(text) && has_digit) { TextKind::Free } else { TextKind::Plain }
}

fn is_whole_uuid(text: &str) -> bool {
    UUID.find(text).is_some_and(|found| found.len() == text.len())
}

/// A text without what a deployment numbers as it likes: the name of the third machine is that of the fifth elsewhere.
pub(super) fn without_numbers(text: &str) -> String {
    DIGITS.replace_all(&UUID.replace_all(text, "#"), "#").into_owned()
}

/// Whether a number in a field may differ: it measures, identifies, or is a time.
pub(super) fn is_free_number(field: &str) -> bool {
    let lower = field.to_lowercase();
    lower.ends_with("id")
        || lower.ends_with("_at")
        || lower.contains("time")
        || MEASURED.iter().any(|part| lower.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_differ_is_distinguished_from_what_means_what_it_says() {
        let uuid = "1b02e74c-6c21-4aa3-b96c-51042de8fccd";
        assert_eq!(kind_of("name", uuid), TextKind::Identifier);
        assert_eq!(kind_of("virtualmachineid", "i-0123456789"), TextKind::Identifier);
        assert_eq!(kind_of("created", "2013-02-04T10:00:00+0900"), TextKind::Free);
        assert_eq!(kind_of("ipaddress", "10.1.1.7"), TextKind::Free);
        assert_eq!(kind_of("macaddress", "06:aa:00:00:00:1f"), TextKind::Free);
        assert_eq!(kind_of("state", "Running"), TextKind::Plain);
        assert_eq!(kind_of("name", "assay-vm"), TextKind::Plain);
        assert_eq!(kind_of("networktype", "Advanced"), TextKind::Plain);
    }

    #[test]
    fn numbers_within_a_name_may_differ() {
        assert_eq!(without_numbers("i-2-17-VM"), without_numbers("i-3-4-VM"));
        assert_ne!(without_numbers("i-2-17-VM"), without_numbers("r-2-17-VM"));
        assert!(is_free_number("networkkbsread") && is_free_number("created_at") && !is_free_number("size"));
    }
}
