//! Conditions on a whole run, besides the verdicts of its cases.

use serde::{Deserialize, Serialize};

/// What a run as a whole has to come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gates {
    /// So many cases are run, at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<u64>,
    /// This share of the documented operations is tested, at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<Share>,
    /// This share of the requirements that requests can decide is verified, at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirements: Option<Share>,
    /// Nothing fails that did not fail in the run whose record is in this file or folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_new_failures_since: Option<String>,
    /// Whether operations of `OpenAPI` documents may go untested.
    #[serde(default)]
    pub untested: Untested,
}

/// Whether operations may go untested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Untested {
    /// They may.
    #[default]
    Allowed,
    /// A run that left one out is not green.
    Refused,
}

/// A share of a whole, in percent.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Share(f64);

impl Share {
    /// Reads `90%`.
    pub fn new(text: &str) -> Option<Self> {
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
