//! Checks signatures as Apache CloudStack makes them (developer's guide 4.1, 5.2 and 5.3).
//!
//! All parameters but the signature itself are ordered by name and written `name=value`, the values encoded for an
//! address; the whole is lower-cased, put through HMAC-SHA1 with the secret key, and the digest written in Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

use crate::arguments::Arguments;
use crate::policy::SigningOrder;

/// What the encoders of well-known clients keep besides letters and digits. The real server knows the first
/// only; clients that use another one sign some values in vain there, but are as the guide asks.
const ENCODERS: [&AsciiSet; 5] = [&JAVA, &RFC_3986, &PYTHON_2, &PYTHON_3_WITH_STAR, &ECMASCRIPT];

/// `java.net.URLEncoder`, with `%20` for its plus signs.
const JAVA: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');
/// Python 3's `quote`, Go's `QueryEscape`, and whatever else follows RFC 3986.
const RFC_3986: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Python 2's `quote`.
const PYTHON_2: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
/// Python 3's `quote` with `*` named as safe, as the published clients for CloudStack call it.
const PYTHON_3_WITH_STAR: AsciiSet = RFC_3986.remove(b'*');
/// ECMAScript's `encodeURIComponent`.
const ECMASCRIPT: AsciiSet = PYTHON_3_WITH_STAR.remove(b'!').remove(b'\'').remove(b'(').remove(b')');

/// Whether a signature is one that the holder of a secret key would give these parameters.
pub fn is_signed(arguments: &Arguments, signature: &str, secret_key: &str, order: SigningOrder) -> bool {
    // Base64 is decoded strictly, so the digests are equal only if the texts are; and digests compare in constant time.
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    let mut tried = Vec::new();
    let encoders: &[&AsciiSet] = match order {
        SigningOrder::LowerCase => &ENCODERS,
        SigningOrder::AsWritten => &[&JAVA],
    };
    encoders.iter().any(|unreserved| {
        let text = text_to_sign(arguments, unreserved, order);
        if tried.contains(&text) {
            return false;
        }
        let matches = digest(&text, secret_key).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
        tried.push(text);
        matches
    })
}

/// Whether a signature has the form of one, whoever made it.
pub fn is_well_formed(signature: &str) -> bool {
    STANDARD.decode(signature).is_ok_and(|digest| digest.len() == 20)
}

fn digest(text: &str, secret_key: &str) -> Option<Hmac<Sha1>> {
    // HMAC takes keys of any length: this never fails.
    Some(Hmac::<Sha1>::new_from_slice(secret_key.as_bytes()).ok()?.chain_update(text))
}

fn text_to_sign(arguments: &Arguments, encoder: &'static AsciiSet, order: SigningOrder) -> String {
    let mut pairs: Vec<_> = arguments.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("signature")).collect();
    match order {
        SigningOrder::LowerCase => pairs.sort_by_key(|(name, _)| name.to_lowercase()),
        SigningOrder::AsWritten => pairs.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16())),
    }
    let pairs = pairs.into_iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, encoder)));
    pairs.collect::<Vec<_>>().join("&").to_lowercase()
}

/// What the offset of an expiry may look like besides four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetForm {
    /// `Z`, as the guide writes it.
    Zulu,
    /// `GMT`, as Java reads it.
    Gmt,
}

impl OffsetForm {
    fn suffix(self) -> &'static str {
        match self {
            Self::Zulu => "Z",
            Self::Gmt => "GMT",
        }
    }
}

/// Reads an expiry: `2011-10-10T12:00:00+0530`. A plus sign that was not encoded has become a space, and is malformed.
pub fn read_expiry(text: &str, form: OffsetForm) -> Option<Timestamp> {
    const LOCAL: &str = "%Y-%m-%dT%H:%M:%S";
    if let Some(local) = text.strip_suffix(form.suffix()) {
        let local = DateTime::strptime(LOCAL, local).ok()?;
        return TimeZone::fixed(Offset::UTC).to_timestamp(local).ok();
    }
    let (_, offset) = text.split_at_checked(text.len().checked_sub(5)?)?;
    let four_digits = offset.starts_with(['+', '-']) && offset.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    four_digits.then(|| Timestamp::strptime(format!("{LOCAL}%z"), text).ok()).flatten()
}

/// The same moment on the clock, but in UTC: what an expiry is taken for when its offset is not looked at.
pub fn without_offset(text: &str) -> Option<Timestamp> {
    read_expiry(&format!("{}+0000", text.get(..text.len().checked_sub(5)?)?), OffsetForm::Zulu)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the developer's guide, 5.2.1, with its damaged keys restored (CS-284).
    const SECRET: &str = "VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ";
    const QUERY: &str = "apikey=plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg\
                         &command=listUsers&response=json";
    const SIGNATURE: &str = "TTpdDq/7j/J58XCRHomKoQXEQds=";

    fn signed(query: &str, signature: &str) -> bool {
        is_signed(&Arguments::read(&[query]), signature, SECRET, SigningOrder::LowerCase)
    }

    #[test]
    fn the_guides_example_is_signed() {
        assert!(signed(QUERY, SIGNATURE));
        assert!(signed(&format!("{QUERY}&Signature=anything"), SIGNATURE));
    }

    #[test]
    fn anything_else_is_not() {
        assert!(!signed(&QUERY.replace("json", "xml"), SIGNATURE));
        for signature in
            ["", "TTpdDq/7j/J58XCRHomKoQXEQds", "tTpdDq/7j/J58XCRHomKoQXEQds=", "TTpdDq/7j/J58XCRHomKoQXEQdt="]
        {
            assert!(!signed(QUERY, signature), "{signature}");
        }
    }

    #[test]
    fn the_order_of_names_is_that_of_the_policy() {
        let arguments = Arguments::read(&["Zone=1&apikey=2"]);
        assert_eq!(text_to_sign(&arguments, &JAVA, SigningOrder::LowerCase), "apikey=2&zone=1");
        assert_eq!(text_to_sign(&arguments, &JAVA, SigningOrder::AsWritten), "zone=1&apikey=2");
    }

    #[test]
    fn encoders_differ_in_what_they_leave() {
        let arguments = Arguments::read(&["n=%20~*!"]);
        let texts = ENCODERS.map(|encoder| text_to_sign(&arguments, encoder, SigningOrder::LowerCase));
        assert_eq!(texts, ["n=%20%7e*%21", "n=%20~%2a%21", "n=%20%7e%2a%21", "n=%20~*%21", "n=%20~*!"]);
    }

    #[test]
    fn expiries_have_an_offset_of_four_digits() {
        let read = |text| read_expiry(text, OffsetForm::Zulu).map(Timestamp::as_second);
        assert_eq!(read("1970-01-01T09:00:00+0900"), Some(0));
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(0));
        for text in
            ["1970-01-01T09:00:00 0900", "1970-01-01T09:00:00+09:00", "1970-01-01T00:00:00", "soon", "", "é0000"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read_expiry("1970-01-01T00:00:00Z", OffsetForm::Gmt), None);
        assert_eq!(without_offset("1970-01-01T09:00:00+0900").map(Timestamp::as_second), Some(32_400));
    }
}
