//! Numbers of a document that mean an amount: shares, counts, durations above nothing.

use std::num::NonZeroU32;
use std::time::Duration;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::node::{Node, NodeKind};

impl Node {
    /// A share from 0 to 1, written in percent.
    pub fn share(&self, mistakes: &mut Diagnostics) -> Option<f64> {
        const HELP: &str = "write it in percent: 99.9%";
        let percent = match &self.kind {
            NodeKind::Text(text) => text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok()),
            _ => None,
        };
        let message = match percent {
            Some(percent) if (0.0..=100.0).contains(&percent) => return Some(percent / 100.0),
            Some(percent) if percent > 100.0 => "a share can't be above 100%",
            _ => "this is not a share",
        };
        mistakes.add(Diagnostic::error(&self.place, message).help(HELP));
        None
    }

    /// A whole number from 1 on.
    pub fn count(&self, what: &str, mistakes: &mut Diagnostics) -> Option<NonZeroU32> {
        let number = self.whole_number(what, mistakes)?;
        let (message, help) = match u32::try_from(number).map(NonZeroU32::new) {
            Ok(Some(count)) => return Some(count),
            Ok(None) => (format!("{what} can't be 0"), "write 1 or more"),
            Err(_) => (format!("{what} can't be {number}"), "write a smaller number"),
        };
        mistakes.add(Diagnostic::error(&self.place, message).help(help));
        None
    }

    /// A duration that is longer than nothing.
    pub fn some_time(&self, what: &str, mistakes: &mut Diagnostics) -> Option<Duration> {
        let duration = self.duration(what, mistakes)?;
        if duration.is_zero() {
            let mistake = Diagnostic::error(&self.place, format!("{what} can't be 0"));
            mistakes.add(mistake.help("write how long it takes: 30s, 10m"));
            return None;
        }
        Some(duration)
    }
}
