//! Queries signed as Apache CloudStack's guide says (4.1, chapters 5.2 and 5.3), with the departures that a step asks for.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::deployment::signing::{cloudstack, encode};
use crate::scenario::SignatureTrait;

use super::caller::{Caller, Written};
use super::query::{self, Names, Pairs, pair};
use super::spec::RequestSpec;

/// What the parameters of a signature are called.
const NAMES: Names = Names { signature: "signature", key: "apikey", moments: &["expires"] };

pub(super) fn request(ask: &RequestSpec<'_>, caller: &Caller<'_>, now: Timestamp) -> Written {
    let mut parameters = parameters(ask, caller, now);
    if ask.has(&SignatureTrait::Reversed) {
        parameters.reverse();
    }
    if ask.has(&SignatureTrait::UpperCaseNames) {
        let arguments = parameters.iter_mut().filter(|(name, _)| query::gives(ask, name));
        arguments.for_each(|(name, _)| *name = name.to_uppercase());
    }
    let secret = query::secret(ask, caller.credentials.reveal("secret_key"));
    let signed = cloudstack::sign(&parameters, &secret, recipe(ask));
    query::signed(ask, caller, &NAMES, parameters, signed, encode)
}

/// What a request says that is signed in the plainest way, but for the signature.
pub(super) fn plain_parameters(ask: &RequestSpec<'_>, caller: &Caller<'_>) -> Pairs {
    let mut parameters = query::pairs(ask);
    parameters.extend(query::key(ask, caller.credentials.reveal("api_key")).map(|key| pair("apikey", key)));
    parameters
}

fn parameters(ask: &RequestSpec<'_>, caller: &Caller<'_>, now: Timestamp) -> Pairs {
    let mut parameters = plain_parameters(ask, caller);
    for wanted in ask.traits {
        match wanted {
            SignatureTrait::Version(version) => parameters.push(pair("signatureVersion", version)),
            SignatureTrait::Expires(from_now) => parameters.push(pair("expires", &expiry(now, *from_now, offset(ask)))),
            SignatureTrait::ExpiresText(text) => parameters.push(pair("expires", text)),
            _ => {}
        }
    }
    parameters
}

fn recipe(ask: &RequestSpec<'_>) -> cloudstack::Recipe {
    let plus = ask.has(&SignatureTrait::PlusForSpace);
    let space = if plus { cloudstack::Space::Plus } else { cloudstack::Space::Percent };
    cloudstack::Recipe { order: query::order(ask), case: query::case(ask), space }
}

/// The offset from UTC in which `expires` is written.
fn offset(ask: &RequestSpec<'_>) -> Offset {
    let said = ask.traits.iter().find_map(|wanted| match wanted {
        SignatureTrait::ExpiresOffset(text) => parse_offset(text),
        _ => None,
    });
    said.unwrap_or(Offset::UTC)
}

/// `+0530`; nothing if it is not of that form.
fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, digits) = (text.chars().next()?, text.get(1..)?);
    let (hours, minutes) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..)?.parse::<i32>().ok()?);
    let seconds = hours * 3600 + minutes * 60;
    Offset::from_seconds(if sign == '-' { -seconds } else { seconds }).ok()
}

/// `expires` in the form of the guide, chapter 5.3: `2011-10-10T12:00:00+0530`.
fn expiry(now: Timestamp, from_now: jiff::SignedDuration, offset: Offset) -> String {
    let moment = now.saturating_add(from_now).unwrap_or(now);
    moment.to_zoned(TimeZone::fixed(offset)).strftime("%Y-%m-%dT%H:%M:%S%z").to_string()
}
