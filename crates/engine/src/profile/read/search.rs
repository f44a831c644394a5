//! Reads between which rates a capacity is searched, and how long.

use crate::profile::SearchBounds;
use assay_suite::source::{Diagnostic, Diagnostics, Node};

use super::rate;

/// An interval narrower than this would take days.
const NARROWEST: f64 = 0.005;
/// One that is wider says nothing.
const WIDEST: f64 = 0.5;

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<SearchBounds> {
    let mut fields = node.fields("`search`", mistakes)?;
    let from = fields.take("from").and_then(|node| rate::read(node, "`from`", mistakes));
    let to = fields.take("to").and_then(|node| rate::read(node, "`to`", mistakes));
    let width = fields.take("width").and_then(|node| read_width(node, mistakes));
    let within = fields.take("within").and_then(|node| node.some_time("`within`", mistakes));
    fields.finish(mistakes);
    if let (Some(from), Some(to)) = (&from, &to)
        && from.value.value() >= to.value.value()
    {
        mistakes.add(Diagnostic::error(&to.place, "`to` must be above `from`").help("write a higher rate"));
    }
    Some(SearchBounds { from: from.map(|rate| rate.value), to: to.map(|rate| rate.value), width, within })
}

fn read_width(node: &Node, mistakes: &mut Diagnostics) -> Option<f64> {
    let width = node.share(mistakes)?;
    if (NARROWEST..=WIDEST).contains(&width) {
        return Some(width);
    }
    let mistake = Diagnostic::error(&node.place, "`width` must be from 0.5% to 50%");
    mistakes.add(mistake.help("write how wide the interval may be: 5%"));
    None
}
