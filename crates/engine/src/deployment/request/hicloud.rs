//! Queries signed as hicloud's samples are.

use jiff::{SignedDuration, Timestamp};

use crate::deployment::signing::{encode, hicloud};
use crate::scenario::{SignatureTrait, SignedPart};

use super::caller::{Caller, Written};
use super::query::{self, Names, Pairs, pair};
use super::spec::RequestSpec;

/// How long a request is valid if the step does not say.
const VALID: SignedDuration = SignedDuration::from_hours(1);

/// What the parameters of a signature are called.
const NAMES: Names = Names { signature: "signature", key: "accessKey", moments: &["expires"] };

pub(super) fn request(ask: &RequestSpec<'_>, caller: &Caller<'_>, now: Timestamp) -> Written {
    let parameters = parameters(ask, caller, now);
    let secret = query::secret(ask, caller.credentials.reveal("secret_key"));
    let signed = hicloud::sign(&parameters, &secret, recipe(ask));
    query::signed(ask, caller, &NAMES, parameters, signed, encode)
}

/// The samples send the key twice, and sign it twice.
fn parameters(ask: &RequestSpec<'_>, caller: &Caller<'_>, now: Timestamp) -> Pairs {
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

fn recipe(ask: &RequestSpec<'_>) -> hicloud::Recipe {
    hicloud::Recipe { order: query::order(ask), case: query::case(ask) }
}

/// `2013-05-09T15:01:44Z`.
fn expiry(now: Timestamp, from_now: SignedDuration) -> String {
    now.saturating_add(from_now).unwrap_or(now).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
