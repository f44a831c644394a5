//! The end of a run, as a person reads it in a terminal.

use std::fmt::Write as _;

use indexmap::{IndexMap, IndexSet};

use crate::cause::Cause;
use assay_engine::verdict::Verdict;
use assay_suite::human;
use assay_suite::source::harmless;

use super::summary::{Ending, Summary};
use super::wording;

/// A few lines for each suite, the findings by their causes, what is left over, and the verdict last.
pub fn terminal(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_summary(&mut text, summary);
    harmless::lines(&text)
}

/// Causes beyond this number are counted, not listed: the reports have them all.
const MOST_LISTED: usize = 10;
/// What is longer is clipped: a line of a terminal, and the beginning of what an answer says.
const LONGEST_LINE: usize = 240;

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
    for gate in summary.unmet() {
        writeln!(out, "\n{}: {}", gate.outcome.name(), gate.name)?;
        writeln!(out, "  expected  {}\n  observed  {}", gate.expected, gate.observed)?;
    }
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
    writeln!(out, "\n{} in {:.1} s: {}", cases_run(summary), run.took_s, sentence(summary))
}

/// How many cases were run, and of how many.
fn cases_run(summary: &Summary) -> String {
    let all = summary.cases.len();
    let run = all - summary.counts.of(Verdict::Skipped);
    let cases = human::count_of(all, "case", "cases");
    if run == all { cases } else { format!("{} of {cases}", human::number(run)) }
}

/// The findings, each cause by its smallest example.
fn write_causes(out: &mut String, summary: &Summary) -> std::fmt::Result {
    let causes = summary.causes();
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", wording::causes_in_cases(&causes))?;
    for (index, cause) in causes.iter().take(MOST_LISTED).enumerate() {
        write_cause(out, summary, index + 1, cause)?;
    }
    if causes.len() > MOST_LISTED {
        let left = human::count_of(causes.len() - MOST_LISTED, "more cause", "more causes");
        let cases: usize = causes.iter().skip(MOST_LISTED).map(Cause::count).sum();
        writeln!(out, "\nand {left} ({}), in the reports", human::count_of(cases, "case", "cases"))?;
    }
    Ok(())
}

fn write_cause(out: &mut String, summary: &Summary, number: usize, cause: &Cause<'_>) -> std::fmt::Result {
    let line = |text: &str| harmless::short_line(text, LONGEST_LINE);
    writeln!(out, "\n{number}. {}, {}", wording::cause(cause), wording::extent(cause))?;
    for promise in cause.requirements().iter().take(1) {
        writeln!(out, "  document  {} ({})", line(&promise.text), line(&promise.source))?;
    }
    if let Some(reason) = &cause.example.reason {
        writeln!(out, "  why       {}", line(reason))?;
    }
    if let Some(finding) = cause.finding() {
        writeln!(out, "  expected  {}", line(&finding.expected))?;
        writeln!(out, "  observed  {}", line(&finding.observed))?;
        writeln!(out, "  at        {}", finding.place)?;
        let exchange = finding.exchange.and_then(|index| cause.example.exchanges.get(index));
        if let Some(exchange) = exchange {
            let request = &exchange.exchange.request;
            writeln!(out, "  request   {} {}", request.method, line(&request.url))?;
            if let Ok(response) = &exchange.exchange.outcome {
                writeln!(out, "  answer    {} {}", response.status, line(&response.body))?;
            }
        }
    }
    writeln!(out, "  again     {}", wording::repeat(summary, cause.example))
}

/// What is left over: each text once, and those that differ only in the values that they name together.
fn write_left_over(out: &mut String, left_over: &[(String, String)]) -> std::fmt::Result {
    let mut kinds: IndexMap<String, (IndexSet<&str>, Vec<&str>)> = IndexMap::new();
    for (case, what) in left_over {
        let (texts, cases) = kinds.entry(without_values(what)).or_default();
        texts.insert(what);
        cases.push(case);
    }
    for (texts, cases) in kinds.into_values() {
        let mut texts = texts.into_iter();
        let (Some(first), [case, others @ ..]) = (texts.next(), cases.as_slice()) else { continue };
        writeln!(out, "left over: {first}")?;
        let alike: Vec<_> = texts.flat_map(named_values).collect();
        if !alike.is_empty() {
            writeln!(out, "  and alike: {}", alike.join(", "))?;
        }
        match others.len() {
            0 => writeln!(out, "  by {case}")?,
            more => writeln!(out, "  by {case} and {more} more")?,
        }
    }
    Ok(())
}

/// The words of a text that give a name its value, such as `group=assay-1`.
fn named_values(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| word.contains('='))
}

/// A text without the values that it names.
fn without_values(text: &str) -> String {
    let plain = text.split(' ').map(|word| word.split_once('=').map_or(word, |(name, _)| name));
    plain.collect::<Vec<_>>().join(" ")
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
fn sentence(summary: &Summary) -> String {
    if let Some(gate) = wording::deciding_gate(summary) {
        return format!("a gate is not met: {}; nothing observed violates the document.", gate.name);
    }
    let of_cases = match summary.verdict {
        Verdict::Violates => "the deployment violates its document.",
        Verdict::CouldNotRun => "some cases could not run; nothing that ran violates the document.",
        Verdict::Inconclusive => "some cases are inconclusive; nothing observed violates the document.",
        Verdict::Flaky => "some cases are flaky; nothing else violates the document.",
        Verdict::StaleDeviation => "all conform, and a known deviation is not one any more.",
        Verdict::DeviatesAsKnown => "all conform, but for known deviations.",
        Verdict::Skipped | Verdict::Conforms if summary.counts.of(Verdict::Conforms) == 0 => "nothing was tested.",
        Verdict::Skipped => "all that ran conform.",
        Verdict::Conforms => "all conform.",
    };
    of_cases.to_owned()
}

#[cfg(test)]
mod tests {
    use super::write_left_over;

    #[test]
    fn what_is_left_over_for_one_reason_is_said_once_with_all_that_it_names() {
        let left = |case: &str, group: &str| {
            (case.to_owned(), format!("a group that deploy created for group={group} is not removed"))
        };
        let other = ("c".to_owned(), "what addSwift created is not removed".to_owned());
        let mut out = String::new();
        write_left_over(&mut out, &[left("a", "g-1"), left("b", "g-2"), other, left("d", "g-1")]).unwrap();
        assert_eq!(
            out,
            "left over: a group that deploy created for group=g-1 is not removed\n  and alike: group=g-2\n  by a and 2 more\n\
             left over: what addSwift created is not removed\n  by c\n"
        );
    }
}
