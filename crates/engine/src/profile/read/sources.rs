//! What a profile is read with.

use std::num::NonZeroU32;
use std::sync::Arc;

use assay_suite::source::{Diagnostic, Diagnostics, Documents, Node, SourceFile};

/// A profile on its way: the file it is in, and the documents next to it.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub file: &'a Arc<SourceFile>,
    pub documents: &'a Documents,
}

/// A number of things of which there is one at least, and `most` at the most.
pub(super) fn at_most(node: &Node, most: u32, what: &str, mistakes: &mut Diagnostics) -> Option<NonZeroU32> {
    let count = node.count(what, mistakes)?;
    if count.get() > most {
        let mistake = Diagnostic::error(&node.place, format!("{what} can't be more than {most}"));
        mistakes.add(mistake.help("use several generators (`--shard`) for more"));
        return None;
    }
    Some(count)
}
