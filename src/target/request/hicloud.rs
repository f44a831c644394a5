//! Queries signed as hicloud's samples are.

use jiff::{SignedDuration, Timestamp};

use crate::scenario::{SignatureTrait, SignedPart};
use crate::target::signing::{encode, hicloud};

use super::query::{self, Pairs, pair};
use super::{Ask, Caller, Prepared};

/// How long a request is valid if the step does not say.
const VALID: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn request(ask: &Ask<'_>, caller: &Caller<'_>, now: Timestamp) -> Prepared {
    let mut parameters = parameters(ask, caller, now);
    let secret = query::secret(ask, caller.credentials.reveal("secret_key"));
    let signed = hicloud::sign(&parameters, &secret, recipe(ask));
    let mut signature = signed.signature.clone();
    for part in query::tampered(ask) {
        match part {
            SignedPart::Signature => signature = query::altered(&signature),
            SignedPart::ApiKey => query::alter(&mut parameters, |name| name == "accessKey"),
            SignedPart::Argument => query::tamper_with_argument(ask, &mut parameters),
            SignedPart::Expires => query::alter(&mut parameters, |name| name == "expires"),
        }
    }
    if !ask.has(&SignatureTrait::Omit(SignedPart::Signature)) {
        parameters.push(("signature".to_owned(), signature));
    }
    Prepared { request: query::request(ask, caller.url, &parameters, encode), signed: Some(signed) }
}

/// The samples send the key twice, and sign it twice.
fn parameters(ask: &Ask<'_>, caller: &Caller<'_>, now: Timestamp) -> Pairs {
    let mut parameters = query::pairs(ask);
    if let Some(key) = query::key(ask, caller.credentials.reveal("api_key")) {
        parameters.extend([pair("accessKey", key), pair("accessKey", key)]);
    }
    let said = ask.traits.iter().find_map(|wanted| match wanted {
        SignatureTrait::Expires(from_now) => Some(expiry(now, *from_now)),
        SignatureTrait::ExpiresText(text) => Some(text.clone()),
        _ => None,
    });
    if !ask.has(&SignatureTrait::Omit(SignedPart::Expires)) {
        parameters.push(("expires".to_owned(), said.unwrap_or_else(|| expiry(now, VALID))));
    }
    if ask.has(&SignatureTrait::Reversed) {
        parameters.reverse();
    }
    parameters
}

fn recipe(ask: &Ask<'_>) -> hicloud::Recipe {
    hicloud::Recipe {
        order: if ask.has(&SignatureTrait::Unsorted) { hicloud::Order::AsSent } else { hicloud::Order::Sorted },
        case: if ask.has(&SignatureTrait::KeepCase) { hicloud::Case::Kept } else { hicloud::Case::Lowered },
    }
}

/// `2013-05-09T15:01:44Z`.
fn expiry(now: Timestamp, from_now: SignedDuration) -> String {
    now.saturating_add(from_now).unwrap_or(now).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
