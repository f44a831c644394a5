//! Reads what several kinds of steps have alike: how long something may take, how a job ends, what is kept.

use std::time::Duration;

use crate::scenario::step::{JobEnd, Source};
use assay_suite::Variable;
use assay_suite::source::{Diagnostics, Fields, Located, Node};

use super::path;

/// How long something may take where nothing is said.
pub(super) const LONGEST_UNSAID: Duration = Duration::from_secs(10 * 60);

pub(super) fn read_within(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Duration {
    fields.take("within").and_then(|node| node.duration("`within`", mistakes)).unwrap_or(LONGEST_UNSAID)
}

pub(super) fn read_ends(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> JobEnd {
    let ends = [("succeeded", JobEnd::Succeeded), ("failed", JobEnd::Failed)];
    let ends = fields.take("ends").and_then(|node| node.choice("`ends`", &ends, mistakes));
    ends.unwrap_or(JobEnd::Succeeded)
}

pub(super) fn read_save(node: &Node, mistakes: &mut Diagnostics) -> Vec<(Variable, Located<Source>)> {
    let entries = node.entries("`save`", mistakes).unwrap_or_default();
    let saves = entries.iter().filter_map(|(name, node)| {
        let text = node.text("a path", mistakes)?;
        let source = match text.value.strip_prefix("header.") {
            Some(header) => Some(Located { value: Source::Header(header.to_lowercase()), place: text.place.clone() }),
            None => path::read(&text, mistakes).map(|path| path.map(Source::Path)),
        };
        Some((Variable::read(name, mistakes)?.value, source?))
    });
    saves.collect()
}
