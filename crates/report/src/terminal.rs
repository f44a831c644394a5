//! The end of a run, as a person reads it in a terminal.

use std::fmt::Write as _;

use indexmap::IndexMap;

use assay_engine::verdict::Verdict;
use assay_suite::human;

use super::cause::causes;
use super::harmless;
use super::summary::{Ending, Summary};
use super::wording;

/// A few lines for each suite, its findings, and the verdict last.
pub fn terminal(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_summary(&mut text, summary);
    harmless::lines(&text)
}

/// Causes beyond this number are counted, not listed: the reports have them all.
const MOST_LISTED: usize = 10;

fn write_summary(out: &mut String, summary: &Summary) -> std::fmt::Result {
    let run = &summary.run;
    for suite in &summary.suites {
        let url = run.services.iter().find(|service| service.suite == suite.name).map(|service| service.url.as_str());
        writeln!(out, "{} at {}", suite.name, url.unwrap_or(&run.target))?;
        writeln!(out, "  {}", counted(&suite.counts))?;
        writeln!(out, "  {}", wording::coverage(&suite.coverage))?;
    }
    if let Some(unreachable) = wording::unreachable(summary) {
        writeln!(out, "\n{unreachable}")?;
    }
    write_causes(out, summary)?;
    write_left_over(out, &summary.left_over)?;
    for (case, what) in &summary.unproven {
        writeln!(out, "not proven: {what}\n  by {case}")?;
    }
    if let Some(warning) = run.certificates.warning() {
        writeln!(out, "\n{warning}")?;
    }
    match run.ending {
        Ending::Completed => {}
        Ending::Interrupted => writeln!(out, "\nThe run was interrupted: this is what was observed before.")?,
        Ending::Broken => writeln!(out, "\nThe record breaks off: this is what it holds.")?,
        Ending::Incomplete => writeln!(out, "\nThis is a part of a shared run: other shards have the other cases.")?,
    }
    writeln!(out, "\n{} cases in {:.1} s: {}", summary.cases.len(), run.took_s, sentence(summary))
}

/// The failures, each cause by one of its cases.
fn write_causes(out: &mut String, summary: &Summary) -> std::fmt::Result {
    let causes = causes(summary);
    if !causes.is_empty() {
        writeln!(out)?;
    }
    for cases in causes.iter().take(MOST_LISTED) {
        let Some((case, others)) = cases.split_first() else { continue };
        writeln!(out, "{}: {}", case.verdict, case.name)?;
        if let Some(reason) = &case.reason {
            writeln!(out, "  {reason}")?;
        }
        for finding in case.findings.iter().take(1) {
            let promises: Vec<_> = finding.promises.iter().map(|promise| promise.id.0.as_str()).collect();
            if !promises.is_empty() {
                let about = if finding.verdict == Verdict::Violates { "breaks   " } else { "is about " };
                writeln!(out, "  {about} {}", promises.join(", "))?;
            }
            writeln!(out, "  expected  {}", finding.expected)?;
            writeln!(out, "  observed  {}", finding.observed)?;
            writeln!(out, "  at        {}", finding.place)?;
        }
        if !others.is_empty() {
            let others = human::count_of(others.len(), "other case shows", "other cases show");
            writeln!(out, "  {others} the same")?;
        }
    }
    if causes.len() > MOST_LISTED {
        let left: usize = causes.iter().skip(MOST_LISTED).map(Vec::len).sum();
        writeln!(out, "and {left} more, in the reports")?;
    }
    Ok(())
}

/// What is left over, each text once.
fn write_left_over(out: &mut String, left_over: &[(String, String)]) -> std::fmt::Result {
    let mut by_text: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (case, what) in left_over {
        by_text.entry(what).or_default().push(case);
    }
    for (what, cases) in by_text {
        match cases.as_slice() {
            [case] => writeln!(out, "left over: {what}\n  by {case}")?,
            [case, others @ ..] => writeln!(out, "left over: {what}\n  by {case} and {} more", others.len())?,
            [] => {}
        }
    }
    Ok(())
}

fn counted(counts: &super::Counts) -> String {
    let counted = Verdict::ALL.iter().rev().filter(|verdict| counts.of(**verdict) > 0);
    let counted: Vec<_> =
        counted.map(|verdict| format!("{} {}", counts.of(*verdict), plural(*verdict, counts.of(*verdict)))).collect();
    if counted.is_empty() { "no cases".to_owned() } else { counted.join(", ") }
}

fn plural(verdict: Verdict, count: usize) -> String {
    match (verdict, count) {
        (_, 1) => verdict.to_string(),
        (Verdict::Conforms, _) => "conform".to_owned(),
        (Verdict::Violates, _) => "violate".to_owned(),
        (Verdict::DeviatesAsKnown, _) => "deviate as known".to_owned(),
        _ => verdict.to_string(),
    }
}

/// The verdict on the whole run, in one sentence.
fn sentence(summary: &Summary) -> &'static str {
    match summary.verdict {
        Verdict::Violates => "the deployment violates its document.",
        Verdict::CouldNotRun => "some cases could not run; nothing that ran violates the document.",
        Verdict::Inconclusive => "some cases are inconclusive; nothing observed violates the document.",
        Verdict::StaleDeviation => "all conform, and a known deviation is not one any more.",
        Verdict::DeviatesAsKnown => "all conform, but for known deviations.",
        Verdict::Skipped | Verdict::Conforms if summary.counts.of(Verdict::Conforms) == 0 => "nothing was tested.",
        Verdict::Skipped => "all that ran conform.",
        Verdict::Conforms => "all conform.",
    }
}
