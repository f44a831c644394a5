//! `gates` of a target file: conditions on a whole run.

use assay_formats::record::{Gates, Share};
use assay_suite::source::{Diagnostic, Diagnostics, Node};

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Gates> {
    let mut fields = node.fields("gates", mistakes)?;
    let cases = fields.take("cases").and_then(|node| node.whole_number("`cases`", mistakes));
    let operations = fields.take("operations").and_then(|node| read_share(node, "`operations`", mistakes));
    let requirements = fields.take("requirements").and_then(|node| read_share(node, "`requirements`", mistakes));
    let since = fields.text("no_new_failures_since", mistakes).map(|path| path.value);
    fields.finish(mistakes);
    Some(Gates { cases, operations, requirements, no_new_failures_since: since, ..Gates::default() })
}

fn read_share(node: &Node, what: &str, mistakes: &mut Diagnostics) -> Option<Share> {
    let text = node.text(what, mistakes)?;
    let share = Share::new(&text.value);
    if share.is_none() {
        mistakes.add(
            Diagnostic::error(&text.place, format!("{what} is not a share")).help("write a share in percent: 90%"),
        );
    }
    share
}
