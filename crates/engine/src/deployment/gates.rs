//! `gates` of a target file: conditions on a whole run.

use assay_suite::source::{Diagnostic, Diagnostics, Node};

/// Conditions on a whole run, besides the verdicts of its cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gates {
    /// So many cases are run, at least.
    pub cases: Option<u64>,
    /// This share of the documented operations is tested, at least.
    pub operations: Option<Share>,
    /// This share of the requirements that requests can decide is verified, at least.
    pub requirements: Option<Share>,
    /// Nothing fails that did not fail in the run whose record is in this file or folder.
    pub no_new_failures_since: Option<String>,
}

/// A share of a whole, in percent.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// Reads `90%`.
    fn new(text: &str) -> Option<Self> {
        let percent: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
        (0.0..=100.0).contains(&percent).then_some(Self(percent))
    }

    /// Whether a part of a whole is this share of it, at least. All of nothing is not.
    #[allow(clippy::cast_precision_loss, reason = "no suite has 2^52 operations")]
    pub fn is_reached(self, part: usize, whole: usize) -> bool {
        whole > 0 && part as f64 * 100.0 >= self.0 * whole as f64
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} %", self.0)
    }
}

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Gates> {
    let mut fields = node.fields("gates", mistakes)?;
    let cases = fields.take("cases").and_then(|node| node.whole_number("`cases`", mistakes));
    let operations = fields.take("operations").and_then(|node| read_share(node, "`operations`", mistakes));
    let requirements = fields.take("requirements").and_then(|node| read_share(node, "`requirements`", mistakes));
    let since = fields.text("no_new_failures_since", mistakes).map(|path| path.value);
    fields.finish(mistakes);
    Some(Gates { cases, operations, requirements, no_new_failures_since: since })
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

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn a_share_is_reached_by_as_much_and_not_by_nothing() {
        let share = Share::new("90%").unwrap();
        assert!(share.is_reached(9, 10) && !share.is_reached(89, 100) && !share.is_reached(0, 0));
        assert!(Share::new("101%").is_none() && Share::new("90").is_none() && Share::new("-1%").is_none());
    }
}
