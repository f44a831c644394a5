//! A comparison of test runs, as a person reads it in a terminal.

use std::fmt::Write as _;

use crate::cause::Cause;
use crate::wording;
use assay_suite::human;
use assay_suite::source::harmless;

use super::comparison::{Changes, Part};

/// Causes of a part beyond this number are counted.
const MOST_LISTED: usize = 10;
/// What is longer is clipped.
const LONGEST_LINE: usize = 240;

/// What changed, the new failures first, and the verdict last.
pub fn changes_terminal(changes: &Changes<'_>) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_changes(&mut text, changes);
    harmless::lines(&text)
}

fn write_changes(out: &mut String, changes: &Changes<'_>) -> std::fmt::Result {
    writeln!(out, "{} {}, {}", changes.baseline.target, changes.baseline.started, changes.baseline.id)?;
    writeln!(out, "{} {}, {}", changes.run.target, changes.run.started, changes.run.id)?;
    for (part, causes) in changes.parts() {
        if causes.is_empty() {
            continue;
        }
        writeln!(out, "\n{}: {}", part.title(), wording::causes_in_cases(causes))?;
        for cause in causes.iter().take(MOST_LISTED) {
            write_cause(out, part, cause)?;
        }
        if causes.len() > MOST_LISTED {
            writeln!(out, "  and {} more", causes.len() - MOST_LISTED)?;
        }
    }
    if !changes.untested.is_empty() {
        let cases: usize = changes.untested.values().map(Vec::len).sum();
        writeln!(out, "\nNot tested any more: {}", human::count_of(cases, "case", "cases"))?;
        for (reason, cases) in changes.untested.iter().take(MOST_LISTED) {
            let more = if cases.len() > 1 { format!(" and {} more", cases.len() - 1) } else { String::new() };
            let first = cases.first().map(|case| case.name.as_str()).unwrap_or_default();
            writeln!(out, "  {}: {first}{more}", harmless::short_line(reason, LONGEST_LINE))?;
        }
    }
    writeln!(out, "\n{} in both runs. {}", human::count_of(changes.in_both, "case", "cases"), changes.headline())
}

fn write_cause(out: &mut String, part: Part, cause: &Cause<'_>) -> std::fmt::Result {
    writeln!(out, "- {}, {}", wording::cause(cause), wording::extent(cause))?;
    writeln!(out, "  {}", cause.example.name)?;
    if let Some(finding) = cause.finding().filter(|_| part != Part::Fixed) {
        writeln!(out, "  expected  {}", harmless::short_line(&finding.expected, LONGEST_LINE))?;
        writeln!(out, "  observed  {}", harmless::short_line(&finding.observed, LONGEST_LINE))?;
    }
    Ok(())
}
