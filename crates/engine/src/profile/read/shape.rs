//! Reads a rate over time.

use std::time::Duration;

use crate::profile::{WrittenForm, WrittenRate, WrittenSegment, WrittenShape};
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind, Place};

use super::rate;

/// The keys that determine a segment's form.
const FORMS: [&str; 5] = ["rate", "from", "base", "mean", "steps"];

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<WrittenShape> {
    let mut segments = Vec::new();
    let mut whole = true;
    for part in node.some("`shape`", mistakes) {
        match read_segment(part, mistakes) {
            Some(read) => segments.extend(read),
            None => whole = false,
        }
    }
    let unlimited = segments.iter().find(|segment| segment.value.form == WrittenForm::Unlimited);
    if let Some(unlimited) = unlimited.filter(|_| segments.len() > 1) {
        let message = "`unlimited` can't be combined: it measures how much a deployment takes";
        mistakes.add(Diagnostic::error(&unlimited.place, message).help("write it in a profile of its own"));
        return None;
    }
    (whole && !segments.is_empty()).then_some(WrittenShape(segments))
}

/// One segment, or several of the same length.
fn read_segment(node: &Node, mistakes: &mut Diagnostics) -> Option<Vec<Located<WrittenSegment>>> {
    let mut fields = node.fields("a segment", mistakes)?;
    let mut said: Vec<_> = FORMS.iter().filter_map(|name| Some((*name, fields.place_of(name)?))).collect();
    said.sort_by_key(|(_, place)| place.bytes.start);
    let segments = match said.as_slice() {
        [("steps", _)] => read_steps(&mut fields, &node.place, mistakes),
        [(name, _)] => read_form(name, &mut fields, mistakes).map(|segment| vec![segment]),
        [_, (name, second), ..] => {
            let mistake = Diagnostic::error(second, format!("a segment has one form, and `{name}` begins another"));
            mistakes.add(mistake.help("begin this one with `- `: then it is another segment"));
            // What else is here is not looked at.
            return None;
        }
        [] => {
            for name in FORMS {
                fields.take(name);
            }
            let mistake = Diagnostic::error(&node.place, "a segment needs one of: rate, from, base, mean, steps");
            mistakes.add(mistake.help("write {rate: 100/s, for: 30s}, or {from: 0/s, to: 100/s, for: 30s}"));
            fields.take("for");
            None
        }
    };
    fields.finish(mistakes);
    let located = |value| Located { value, place: node.place.clone() };
    Some(segments?.into_iter().map(located).collect())
}

fn read_form(name: &str, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<WrittenSegment> {
    let form = match name {
        "rate" => fields.take("rate").and_then(|node| read_constant(node, mistakes)),
        "from" => {
            let (from, to) = (written(fields, "from", mistakes), written(fields, "to", mistakes));
            from.zip(to).map(|(from, to)| WrittenForm::Ramp { from, to })
        }
        "base" => {
            let (base, peak) = (written(fields, "base", mistakes), written(fields, "peak", mistakes));
            base.zip(peak).map(|(base, peak)| WrittenForm::Spike { base, peak })
        }
        _ => read_sine(fields, mistakes),
    };
    let lasts = lasts(fields, "for", mistakes);
    Some(WrittenSegment { form: form?, lasts: lasts? })
}

fn read_constant(node: &Node, mistakes: &mut Diagnostics) -> Option<WrittenForm> {
    match &node.kind {
        NodeKind::Text(text) if text == "unlimited" => Some(WrittenForm::Unlimited),
        _ => rate::read_written(node, "`rate`", mistakes).map(WrittenForm::Constant),
    }
}

fn read_sine(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<WrittenForm> {
    let mean = fields.take("mean").and_then(|node| rate::read(node, "`mean`", mistakes));
    let amplitude = fields.need("amplitude", mistakes).and_then(|node| rate::read(node, "`amplitude`", mistakes));
    let period = lasts(fields, "period", mistakes);
    let (mean, amplitude) = (mean?, amplitude?);
    if amplitude.value > mean.value {
        let mistake = Diagnostic::error(&amplitude.place, "`amplitude` can't be above `mean`: no rate is below 0");
        mistakes.add(mistake.help(format!("write {}/s or less", mean.value.value())));
        return None;
    }
    Some(WrittenForm::Sine { mean: mean.value, amplitude: amplitude.value, period: period? })
}

/// Several constant segments of the same length.
fn read_steps(fields: &mut Fields<'_>, place: &Place, mistakes: &mut Diagnostics) -> Option<Vec<WrittenSegment>> {
    let steps = fields.take("steps").and_then(|node| node.list("`steps`", mistakes)).unwrap_or_default();
    let rates: Vec<_> = steps.iter().map(|node| rate::read_written(node, "a step", mistakes)).collect();
    if rates.is_empty() {
        mistakes.add(Diagnostic::error(place, "`steps` needs rates").help("write steps: [100/s, 200/s, 400/s]"));
    }
    let message = "each of the steps takes as long as `each` says";
    fields.refuse("for", message, "write `each` in place of `for`", mistakes);
    let lasts = if fields.place_of("for").is_some() { None } else { lasts(fields, "each", mistakes) };
    let lasts = lasts?;
    rates.into_iter().map(|rate| Some(WrittenSegment { form: WrittenForm::Constant(rate?), lasts })).collect()
}

fn written(fields: &mut Fields<'_>, name: &'static str, mistakes: &mut Diagnostics) -> Option<WrittenRate> {
    rate::read_written(fields.need(name, mistakes)?, &format!("`{name}`"), mistakes)
}

fn lasts(fields: &mut Fields<'_>, name: &'static str, mistakes: &mut Diagnostics) -> Option<Duration> {
    fields.need(name, mistakes)?.some_time(&format!("`{name}`"), mistakes)
}
