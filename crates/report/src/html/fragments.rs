//! What pages are made of: facts, shares, and text that does no harm.

use serde::Serialize;

use assay_engine::verdict::Verdict;
use assay_suite::source::harmless;

/// Texts of documents and of the program itself are shorter; what is longer came from elsewhere, and is clipped.
const LONGEST_TEXT: usize = 2 * 1024;

/// A fact about the run: what it is, and its values.
#[derive(Serialize)]
pub(crate) struct Fact {
    pub label: &'static str,
    pub values: Vec<String>,
}

/// A part of a bar that is 1000 wide.
#[derive(Serialize)]
pub(crate) struct Segment {
    kind: &'static str,
    x: String,
    width: String,
}

/// A text of one line, harmless and not too long.
pub(crate) fn text(text: &str) -> String {
    harmless::short_line(text, LONGEST_TEXT)
}

/// A verdict's name in classes and attributes.
pub(crate) fn slug(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Conforms => "conforms",
        Verdict::Skipped => "skipped",
        Verdict::DeviatesAsKnown => "deviates-as-known",
        Verdict::StaleDeviation => "stale-deviation",
        Verdict::Flaky => "flaky",
        Verdict::Inconclusive => "inconclusive",
        Verdict::CouldNotRun => "could-not-run",
        Verdict::Violates => "violates",
    }
}

/// The parts of a bar, as wide as their shares; the smallest is still seen.
#[allow(clippy::cast_precision_loss, reason = "widths on a screen")]
pub(crate) fn segments(shares: &[(&'static str, usize)]) -> Vec<Segment> {
    const WIDTH: f64 = 1000.0;
    const GAP: f64 = 3.0;
    const NARROWEST: f64 = 10.0;
    let shares: Vec<_> = shares.iter().filter(|(_, count)| *count > 0).collect();
    let total: usize = shares.iter().map(|(_, count)| count).sum();
    let wanted: Vec<f64> =
        shares.iter().map(|(_, count)| (*count as f64 / total as f64 * WIDTH).max(NARROWEST)).collect();
    let scale = (WIDTH - GAP * shares.len().saturating_sub(1) as f64) / wanted.iter().sum::<f64>();
    let mut x = 0.0;
    let segments = shares.iter().zip(wanted).map(|((kind, _), width)| {
        let segment = Segment { kind, x: format!("{x:.1}"), width: format!("{:.1}", width * scale) };
        x += width * scale + GAP;
        segment
    });
    segments.collect()
}
