//! Reads how a signature departs from a good one.

use crate::scenario::step::{SignatureTrait, SignedPart};
use assay_suite::source::{Diagnostics, Node, NodeKind};

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Vec<SignatureTrait> {
    if let NodeKind::Text(_) = &node.kind {
        let none = [("none", SignatureTrait::Unsigned)];
        return node.choice("`sign`", &none, mistakes).into_iter().collect();
    }
    let Some(mut fields) = node.fields("`sign`", mistakes) else { return Vec::new() };
    let parts = [
        ("signature", SignedPart::Signature),
        ("apikey", SignedPart::ApiKey),
        ("argument", SignedPart::Argument),
        ("expires", SignedPart::Expires),
    ];
    let forms = [
        ("wrong secret", SignatureTrait::WrongSecret),
        ("unknown key", SignatureTrait::UnknownKey),
        ("reversed", SignatureTrait::Reversed),
        ("upper case names", SignatureTrait::UpperCaseNames),
        ("case kept", SignatureTrait::KeepCase),
        ("plus for space", SignatureTrait::PlusForSpace),
        ("unsorted", SignatureTrait::Unsorted),
    ];
    let mut traits = Vec::new();
    let omit = fields.take("omit").and_then(|node| node.choice("`omit`", &parts, mistakes));
    let tamper = fields.take("tamper").and_then(|node| node.choice("`tamper`", &parts, mistakes));
    traits.extend(omit.map(SignatureTrait::Omit));
    traits.extend(tamper.map(SignatureTrait::Tamper));
    for node in fields.take("form").map(Node::one_or_many).unwrap_or_default() {
        traits.extend(node.choice("`form`", &forms, mistakes));
    }
    if let Some(node) = fields.take("version") {
        let version = match &node.kind {
            NodeKind::Integer(version) => Some(version.to_string()),
            _ => node.text("`version`", mistakes).map(|text| text.value),
        };
        traits.extend(version.map(SignatureTrait::Version));
    }
    traits.extend(fields.take("expires").and_then(|node| read_expires(node, mistakes)));
    traits.extend(fields.text("offset", mistakes).map(|offset| SignatureTrait::ExpiresOffset(offset.value)));
    fields.finish(mistakes);
    traits
}

fn read_expires(node: &Node, mistakes: &mut Diagnostics) -> Option<SignatureTrait> {
    let text = node.text("`expires`", mistakes)?.value;
    match text.parse() {
        Ok(from_now) => Some(SignatureTrait::Expires(from_now)),
        Err(_) => Some(SignatureTrait::ExpiresText(text)),
    }
}
