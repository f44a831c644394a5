//! Reads what is expected of every API.

use crate::scenario::Law;
use crate::scenario::laws::LawName;
use assay_suite::source::{Diagnostic, Diagnostics, Node};

/// One law; each has one entry.
pub(super) fn read(node: &Node, known: &[Law], mistakes: &mut Diagnostics) -> Option<Law> {
    let mut fields = node.fields("a law", mistakes)?;
    let place = fields.place_of("law").cloned();
    let name = fields.need("law", mistakes).and_then(|node| node.choice("`law`", &LawName::NAMES, mistakes));
    let title = fields.need_text("title", mistakes);
    let text = fields.need_text("text", mistakes);
    fields.finish(mistakes);
    let (name, place) = name.zip(place)?;
    if known.iter().any(|law| law.name == name) {
        let mistake = Diagnostic::error(&place, format!("duplicate law `{}`", name.name()));
        mistakes.add(mistake.help("keep one of them"));
        return None;
    }
    Some(Law { name, title: title?.value, text: text?.value, place })
}
