//! Queries signed as Amazon EC2's: by version 2 of its signatures, or by version 4.

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;

use crate::deployment::Secret;
use crate::deployment::signing::{Signed, ec2, encode_unreserved};
use crate::scenario::{SignatureTrait, SignedPart};
use assay_suite::http::{Method, Request};

use super::caller::{Caller, Written};
use super::query::{self, Names, Pairs, pair};
use super::spec::RequestSpec;

/// What the parameters of a signature are called.
const NAMES: Names = Names { signature: "Signature", key: "AWSAccessKeyId", moments: &["Timestamp", "Expires"] };

pub(super) fn request(ask: &RequestSpec<'_>, caller: &Caller<'_>, now: Timestamp) -> Written {
    let usual = || caller.credentials.get("signature_version").map(Secret::reveal);
    if version(ask).or_else(usual) != Some("4") {
        return by_query(ask, caller, now);
    }
    // Clients that sign by version 4 send forms.
    by_headers(&RequestSpec { method: Some(ask.method.unwrap_or(Method::Post)), ..ask.clone() }, caller, now)
}

/// The version that a step wants.
fn version<'a>(ask: &'a RequestSpec<'_>) -> Option<&'a str> {
    ask.traits.iter().find_map(|wanted| match wanted {
        SignatureTrait::Version(version) => Some(version.as_str()),
        _ => None,
    })
}

/// Version 2: the signature is a parameter.
fn by_query(ask: &RequestSpec<'_>, caller: &Caller<'_>, now: Timestamp) -> Written {
    let mut parameters = query::pairs(ask);
    parameters.extend(query::key(ask, caller.credentials.reveal("api_key")).map(|key| pair("AWSAccessKeyId", key)));
    let version = version(ask).unwrap_or("2");
    parameters.extend([pair("SignatureMethod", "HmacSHA256"), pair("SignatureVersion", version)]);
    parameters.extend(moment(ask, now));
    let secret = query::secret(ask, caller.credentials.reveal("secret_key"));
    let signed = ec2::sign_version_2(&signable(ask, caller, &parameters), &secret, query::order(ask));
    query::signed(ask, caller, &NAMES, parameters, signed, encode_unreserved)
}

/// When the request was made, or until when it is valid.
fn moment(ask: &RequestSpec<'_>, now: Timestamp) -> Option<(String, String)> {
    if ask.has(&SignatureTrait::Omit(SignedPart::Expires)) {
        return None;
    }
    let expires = ask.traits.iter().find_map(|wanted| match wanted {
        SignatureTrait::Expires(from_now) => Some(written(now, *from_now)),
        SignatureTrait::ExpiresText(text) => Some(text.clone()),
        _ => None,
    });
    Some(expires.map_or_else(|| pair("Timestamp", &written(now, SignedDuration::ZERO)), |text| pair("Expires", &text)))
}

fn written(now: Timestamp, from_now: SignedDuration) -> String {
    now.saturating_add(from_now).unwrap_or(now).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Version 4: the signature is in a header.
fn by_headers(ask: &RequestSpec<'_>, caller: &Caller<'_>, now: Timestamp) -> Written {
    let mut parameters = query::pairs(ask);
    let from_now = ask.traits.iter().find_map(|wanted| match wanted {
        SignatureTrait::Expires(from_now) => Some(*from_now),
        _ => None,
    });
    let made = now.saturating_add(from_now.unwrap_or_default()).unwrap_or(now);
    let secret = query::secret(ask, caller.credentials.reveal("secret_key"));
    let region = caller.credentials.get("region").map_or("us-east-1", |region| region.reveal());
    let scope = ec2::Scope { made, region };
    let mut signed = ec2::sign_version_4(&signable(ask, caller, &parameters), &secret, scope);
    for part in query::tampered(ask) {
        match part {
            SignedPart::Signature => signed.signature = altered_digit(&signed.signature),
            SignedPart::Argument => query::tamper_with_argument(ask, &mut parameters),
            SignedPart::ApiKey | SignedPart::Expires => {}
        }
    }
    let mut request = query::request(ask, &caller.url, &parameters, encode_unreserved);
    add_headers(ask, caller, &scope, &signed, &mut request);
    (request, Some(signed))
}

fn add_headers(
    ask: &RequestSpec<'_>,
    caller: &Caller<'_>,
    scope: &ec2::Scope<'_>,
    signed: &Signed,
    request: &mut Request,
) {
    request.headers.push(pair("x-amz-date", &scope.moment()));
    let key = query::key(ask, caller.credentials.reveal("api_key")).unwrap_or_default();
    let key =
        if query::tampered(ask).any(|part| part == SignedPart::ApiKey) { query::altered(key) } else { key.into() };
    if !ask.has(&SignatureTrait::Omit(SignedPart::Signature)) {
        let credential = format!("{key}/{}", scope.credential());
        let signature = &signed.signature;
        let value =
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature={signature}");
        request.headers.push(("authorization".to_owned(), value));
    }
}

/// The first hexadecimal digit replaced by another.
fn altered_digit(signature: &str) -> String {
    let replacement = if signature.starts_with('0') { "1" } else { "0" };
    format!("{replacement}{}", signature.get(1..).unwrap_or_default())
}

fn signable<'a>(ask: &RequestSpec<'_>, caller: &Caller<'_>, parameters: &'a Pairs) -> ec2::Signable<'a> {
    // A target's address was read as one before.
    let url = Url::parse(&caller.url).ok();
    let host = url.as_ref().map(|url| url.authority().to_owned());
    ec2::Signable {
        method: ask.method.unwrap_or(Method::Get),
        host: host.unwrap_or_default(),
        path: url.map_or_else(|| "/".to_owned(), |url| url.path().to_owned()),
        parameters,
    }
}
