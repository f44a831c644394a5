//! Requests to one address, in which a parameter names the operation.

use serde_json::Value;

use crate::deployment::signing::{Case, Order, Signed, encode};
use crate::scenario::{SignatureTrait, SignedPart};
use assay_suite::http::{Method, Request};
use assay_suite::plain;
use assay_suite::{ListForm, Style};

use super::caller::{Caller, Written};
use super::spec::RequestSpec;

/// Names and values, in the order in which they are sent.
pub(super) type Pairs = Vec<(String, String)>;

pub(super) fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// What a request says before it is signed: operation, what every request says, arguments, and what asks for a format.
pub(super) fn pairs(ask: &RequestSpec<'_>) -> Pairs {
    let mut pairs = Pairs::new();
    let mut form = ListForm::default();
    if let Style::Query { operation_parameter, fixed, lists } = &ask.suite.style {
        form = *lists;
        if !ask.operation.is_empty() {
            pairs.push(pair(operation_parameter, ask.operation));
        }
        let fixed = fixed.iter().filter(|(name, _)| !gives(ask, name) && !ask.withheld.contains(name));
        pairs.extend(fixed.cloned());
    }
    pairs.extend(ask.arguments.iter().flat_map(|(name, value)| argument(name, value, form)));
    let format = ask.suite.formats.iter().find(|format| Some(format.encoding) == ask.format);
    pairs.extend(format.into_iter().flat_map(|format| format.parameters.iter().cloned()));
    pairs
}

/// An argument as it travels: a list may take a pair for each of its items.
fn argument(name: &str, value: &Value, form: ListForm) -> Pairs {
    match (form, value) {
        (ListForm::Repeated, Value::Array(items)) => items.iter().map(|item| pair(name, &plain(item))).collect(),
        _ => vec![pair(name, &plain(value))],
    }
}

/// Whether a step gives an argument itself.
pub(super) fn gives(ask: &RequestSpec<'_>, name: &str) -> bool {
    ask.arguments.iter().any(|(known, _)| known == name)
}

/// A request that proves nothing.
pub(super) fn unsigned(ask: &RequestSpec<'_>, caller: &Caller<'_>) -> Request {
    request(ask, &caller.url, &pairs(ask), encode)
}

/// The request with these pairs: in the address, or in a form for the methods that have a body.
pub(super) fn request(ask: &RequestSpec<'_>, url: &str, pairs: &Pairs, encode: fn(&str) -> String) -> Request {
    let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let query = query.join("&");
    match ask.method.unwrap_or(Method::Get) {
        method @ (Method::Get | Method::Delete | Method::Head | Method::Options | Method::Trace) => {
            Request { method, url: format!("{url}?{query}"), headers: Vec::new(), body: None }
        }
        method @ (Method::Post | Method::Put | Method::Patch) => {
            let form = pair("content-type", "application/x-www-form-urlencoded");
            Request { method, url: url.to_owned(), headers: vec![form], body: Some(query) }
        }
    }
}

/// The parts that are altered after signing.
pub(super) fn tampered<'a>(ask: &'a RequestSpec<'_>) -> impl Iterator<Item = SignedPart> + 'a {
    ask.traits.iter().filter_map(|wanted| match wanted {
        SignatureTrait::Tamper(part) => Some(*part),
        _ => None,
    })
}

/// What a dialect calls the parameters that prove who asks.
pub(super) struct Names {
    pub signature: &'static str,
    pub key: &'static str,
    /// Until when the request is valid, or when it was made.
    pub moments: &'static [&'static str],
}

/// A request whose signature is a parameter, altered after signing where the step wants that.
pub(super) fn signed(
    ask: &RequestSpec<'_>,
    caller: &Caller<'_>,
    names: &Names,
    mut parameters: Pairs,
    signed: Signed,
    encode: fn(&str) -> String,
) -> Written {
    let mut signature = signed.signature.clone();
    for part in tampered(ask) {
        match part {
            SignedPart::Signature => signature = altered(&signature),
            SignedPart::ApiKey => alter(&mut parameters, |name| name == names.key),
            SignedPart::Argument => tamper_with_argument(ask, &mut parameters),
            SignedPart::Expires => alter(&mut parameters, |name| names.moments.contains(&name)),
        }
    }
    if !ask.has(&SignatureTrait::Omit(SignedPart::Signature)) {
        parameters.push(pair(names.signature, &signature));
    }
    (request(ask, &caller.url, &parameters, encode), Some(signed))
}

/// Whether pairs are sorted before they are signed: a step may want them as they are sent.
pub(super) fn order(ask: &RequestSpec<'_>) -> Order {
    if ask.has(&SignatureTrait::Unsorted) { Order::AsSent } else { Order::Sorted }
}

/// Whether all is lower-cased before it is signed: a step may want it as it is.
pub(super) fn case(ask: &RequestSpec<'_>) -> Case {
    if ask.has(&SignatureTrait::KeepCase) { Case::Kept } else { Case::Lowered }
}

/// The secret key, or another where the step wants that.
pub(super) fn secret(ask: &RequestSpec<'_>, known: &str) -> String {
    if ask.has(&SignatureTrait::WrongSecret) { format!("{known}x") } else { known.to_owned() }
}

/// The key that names the account, or an unknown one where the step wants that; none where it is left out.
pub(super) fn key<'a>(ask: &RequestSpec<'_>, known: &'a str) -> Option<&'a str> {
    if ask.has(&SignatureTrait::Omit(SignedPart::ApiKey)) {
        return None;
    }
    Some(if ask.has(&SignatureTrait::UnknownKey) { "assay-unknown-key" } else { known })
}

/// The first letter or digit replaced by another; not by the same in another case, which signs alike.
pub(super) fn altered(text: &str) -> String {
    let replacement = if text.starts_with(['A', 'a']) { "B" } else { "A" };
    let rest: String = text.chars().skip(1).collect();
    format!("{replacement}{rest}")
}

pub(super) fn alter(pairs: &mut Pairs, which: impl Fn(&str) -> bool) {
    for (_, value) in pairs.iter_mut().filter(|(name, _)| which(name)) {
        *value = altered(value);
    }
}

/// The first argument is changed; where there is none, one is added that was not signed.
pub(super) fn tamper_with_argument(ask: &RequestSpec<'_>, pairs: &mut Pairs) {
    match ask.arguments.first() {
        Some((name, _)) => alter(pairs, |known| known == name),
        None => pairs.push(pair("unsigned", "true")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_travels_as_the_suite_says() {
        let ids = json!(["a", "b"]);
        assert_eq!(argument("id", &ids, ListForm::Commas), [pair("id", "a,b")]);
        assert_eq!(argument("id", &ids, ListForm::Repeated), [pair("id", "a"), pair("id", "b")]);
        assert_eq!(argument("id", &json!(7), ListForm::Repeated), [pair("id", "7")]);
    }
}
