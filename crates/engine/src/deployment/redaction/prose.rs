//! Secrets that are known by the words around them: `Bearer ...`, `user:password@host`, private keys.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::fields::{Hit, HitKind};

/// What these begin or end with.
pub(super) const SIGNS: [&str; 4] = ["bearer", "basic", "-----begin", "@"];

/// So long are a user and a password before a host at most.
const LONGEST_LOGIN: usize = 512;
/// A token shorter than this is none.
const SHORTEST_TOKEN: usize = 8;
/// What people write after `Bearer`.
const WORDS: [&str; 8] = [
    "authentication",
    "authorization",
    "authorisation",
    "credential",
    "credentials",
    "challenge",
    "required",
    "security",
];
/// Addresses that have an `@` and no password.
const NO_LOGIN: [&str; 8] = ["mailto", "sip", "sips", "acct", "xmpp", "im", "cid", "mid"];

/// The secret that belongs to a sign at a place.
pub(super) fn secret_at(bytes: &[u8], sign: Range<usize>) -> Option<Hit> {
    match bytes.get(sign.start)? {
        b'@' => login(bytes, sign.start),
        b'-' => private_key(bytes, sign),
        b'b' | b'B' if bytes[..sign.start].last().is_some_and(u8::is_ascii_alphanumeric) => None,
        _ => credential(bytes, sign),
    }
}

/// The token after `Bearer`, or what `Basic` is followed by.
fn credential(bytes: &[u8], sign: Range<usize>) -> Option<Hit> {
    let gap = bytes[sign.end..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'+')).count();
    let start = sign.end + gap;
    let is_of_a_token = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(*byte);
    let token = bytes.get(start..)?.iter().take_while(is_of_a_token).count();
    let text = std::str::from_utf8(&bytes[start..start + token]).ok()?;
    if gap == 0 {
        return None;
    }
    let is_secret = if bytes[sign].eq_ignore_ascii_case(b"basic") {
        let pair = STANDARD_NO_PAD.decode(text.trim_end_matches('='));
        token >= 4 && pair.is_ok_and(|pair| pair.contains(&b':'))
    } else {
        let parameter = text.split_once('=').is_some_and(|(_, rest)| !rest.trim_start_matches('=').is_empty());
        let named = text.ends_with('=') && bytes.get(start + token) == Some(&b'"');
        token >= SHORTEST_TOKEN
            && !parameter
            && !named
            && !WORDS.contains(&text.trim_end_matches('.').to_lowercase().as_str())
    };
    is_secret.then_some(Hit { range: start..start + token, kind: HitKind::Value })
}

/// A private key up to its last line; one that is cut off goes to the end of its text.
fn private_key(bytes: &[u8], sign: Range<usize>) -> Option<Hit> {
    const END: &[u8] = b"-----END";
    let line = bytes[sign.end..].iter().take(64).position(|byte| *byte == b'-')?;
    let label = &bytes[sign.end..sign.end + line];
    if !label.windows(11).any(|part| part.eq_ignore_ascii_case(b"PRIVATE KEY")) {
        return None;
    }
    let start = sign.end + line + bytes[sign.end + line..].iter().take_while(|byte| **byte == b'-').count();
    let body = &bytes[start..];
    let ends = |at: &usize| matches!(body[*at], b'"' | b'<') || body[*at..].starts_with(END);
    let length = (0..body.len()).find(ends).unwrap_or(body.len());
    (length > 0).then_some(Hit { range: start..start + length, kind: HitKind::Value })
}

/// The password of a login before `@`. Before `//` a login without a colon may be a token.
fn login(bytes: &[u8], at: usize) -> Option<Hit> {
    let is_of_a_host = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'[';
    if !bytes.get(at + 1).is_some_and(is_of_a_host) {
        return None;
    }
    let is_outside = |byte: &u8| byte.is_ascii_whitespace() || b"/\"'<>,;()[]{}=&?".contains(byte);
    let length = bytes[..at].iter().rev().take(LONGEST_LOGIN).take_while(|byte| !is_outside(byte)).count();
    let start = at - length;
    let login = &bytes[start..at];
    let in_address = bytes[..start].ends_with(b"//");
    match login.iter().position(|byte| *byte == b':') {
        Some(colon) if colon + 1 < length => {
            let user = String::from_utf8_lossy(&login[..colon]).to_lowercase();
            let is_login = in_address || !user.is_empty() && !NO_LOGIN.contains(&user.as_str());
            is_login.then_some(Hit { range: start + colon + 1..at, kind: HitKind::Proof })
        }
        None if in_address && length >= 2 * SHORTEST_TOKEN => Some(Hit { range: start..at, kind: HitKind::Proof }),
        _ => None,
    }
}
