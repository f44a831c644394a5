//! A run as the summary of a job of continuous integration, which takes a page of Markdown of limited size.

use std::fmt::Write as _;

use assay_engine::verdict::Verdict;
use assay_suite::human;

use super::cause::causes;
use super::summary::{CaseSummary, FindingSummary, SuiteSummary, Summary};
use super::{harmless, wording};

/// GitHub refuses a summary of 1 MiB, others one of 64 KiB; this leaves room for the closing lines.
const MOST_BYTES: usize = 60 * 1024;
/// Failures beyond this number are counted; other reports have them all.
const MOST_FAILURES: usize = 20;
/// What is longer than this is clipped.
const LONGEST_TEXT: usize = 300;
/// What a single case shows.
const MOST_FINDINGS: usize = 3;
/// What a single finding shows.
const MOST_PROMISES: usize = 4;
/// Things left over beyond this number are counted.
const MOST_LEFT_OVER: usize = 10;

/// The verdict, the suites and the first failures; always shorter than 64 KB.
pub fn markdown(summary: &Summary) -> String {
    let left_over = [
        listed("Left over on the deployment", &summary.left_over),
        listed("Removed, not shown to be gone", &summary.unproven),
    ]
    .concat();
    let mut page = Page { reserved: left_over.len(), ..Page::default() };
    page.add(&opening(summary));
    page.add(SUITES_HEAD);
    summary.suites.iter().for_each(|suite| page.add(&suite_row(suite)));
    let causes = causes(summary);
    if !causes.is_empty() {
        page.add("\n## Findings\n");
    }
    for cases in causes.iter().take(MOST_FAILURES) {
        page.add(&failure(summary, cases));
    }
    // The cases that no part lists by name, among them those with the same cause as a listed one.
    let cases: usize = causes.iter().map(Vec::len).sum();
    let left_out = page.left_out + cases - causes.len().min(MOST_FAILURES);
    if left_out > 0 {
        // Writing to a string can't fail.
        let _ = writeln!(page.text, "\n…and {left_out} more, in the other reports.");
    }
    page.reserved = 0;
    page.add(&left_over);
    page.text
}

/// A page that stays short: what does not fit is counted instead.
#[derive(Default)]
pub(super) struct Page {
    /// What fits.
    pub(super) text: String,
    /// How many parts do not.
    pub(super) left_out: usize,
    /// Bytes that are kept free for what comes last.
    pub(super) reserved: usize,
}

impl Page {
    /// Adds a part if it fits.
    pub(super) fn add(&mut self, part: &str) {
        if self.text.len() + part.len() + self.reserved <= MOST_BYTES {
            self.text.push_str(part);
        } else {
            self.left_out += 1;
        }
    }
}

const SUITES_HEAD: &str = "\n| Suite | Cases | Operations tested | Requirements verified | Untestable | Open |\n\
                           |:--|:--|--:|--:|--:|--:|\n";

fn opening(summary: &Summary) -> String {
    let run = &summary.run;
    let mark = if summary.verdict <= Verdict::StaleDeviation { "✅" } else { "❌" };
    let mut lines = vec![format!("# {mark} {}\n", wording::headline(summary))];
    lines.extend(run.certificates.warning().map(|warning| format!("> **Not verified.** {}\n", text(warning))));
    if let Some(partial) = wording::partial(run.ending) {
        lines.push(format!("> **Partial.** {partial}\n"));
    }
    lines.extend(wording::unreachable(summary).map(|unreachable| format!("> {unreachable}\n")));
    let mut facts = vec![format!("target {}", code(&run.target))];
    facts.extend(run.server.iter().map(|server| format!("server {}", code(server))));
    facts.push(format!("{} in {}", human::count_of(summary.cases.len(), "case", "cases"), human::duration(run.took_s)));
    facts.push(format!("started {}", text(&run.started)));
    facts.push(format!("assay {}", text(&run.assay)));
    lines.push(facts.join(" · "));
    lines.join("\n") + "\n"
}

fn listed(title: &str, left: &[(String, String)]) -> String {
    if left.is_empty() {
        return String::new();
    }
    let mut lines = vec![format!("\n## {title}\n")];
    lines.extend(left.iter().take(MOST_LEFT_OVER).map(|(case, what)| format!("- {}, by {}", text(what), code(case))));
    if left.len() > MOST_LEFT_OVER {
        lines.push(format!("- …and {} more", left.len() - MOST_LEFT_OVER));
    }
    lines.join("\n") + "\n"
}

fn suite_row(suite: &SuiteSummary) -> String {
    let coverage = &suite.coverage;
    format!(
        "| {} | {} | {} of {}{} | {} of {} | {} | {}{} |\n",
        text(&suite.name),
        wording::tally(&suite.counts),
        coverage.operations_tested,
        coverage.operations_documented,
        wording::gaps(&coverage.operations_untested),
        coverage.verified,
        coverage.requirements.len(),
        coverage.untestable,
        coverage.open,
        wording::gaps(&coverage.open_because)
    )
}

/// A cause, by the first of its cases.
fn failure(summary: &Summary, cases: &[&CaseSummary]) -> String {
    let Some((case, others)) = cases.split_first() else { return String::new() };
    let mut lines = format!("\n### {}: {}\n\n{}\n", case.verdict, text(&case.scenario), code(&case.name));
    // Writing to a string can't fail.
    let _ = write_findings(&mut lines, case);
    if !others.is_empty() {
        let others = human::count_of(others.len(), "other case shows", "other cases show");
        let _ = writeln!(lines, "\n{others} the same.");
    }
    let _ = writeln!(lines, "\nAgain: {}", code(&wording::repeat(summary, case)));
    lines
}

fn write_findings(out: &mut String, case: &CaseSummary) -> std::fmt::Result {
    if let Some(reason) = &case.reason {
        writeln!(out, "\nWhy: {}", text(reason))?;
    }
    for finding in case.findings.iter().take(MOST_FINDINGS) {
        write_finding(out, finding)?;
    }
    if case.findings.len() > MOST_FINDINGS {
        writeln!(out, "- …and {} more findings", case.findings.len() - MOST_FINDINGS)?;
    }
    Ok(())
}

fn write_finding(out: &mut String, finding: &FindingSummary) -> std::fmt::Result {
    out.push('\n');
    for promise in finding.promises.iter().take(MOST_PROMISES) {
        writeln!(out, "> **{}** {} ({})\n", text(&promise.id.0), text(&promise.text), text(&promise.source))?;
    }
    if finding.promises.len() > MOST_PROMISES {
        writeln!(out, "> …and {} more promises\n", finding.promises.len() - MOST_PROMISES)?;
    }
    writeln!(out, "- expected: {}", code(&finding.expected))?;
    writeln!(out, "- observed: {}", code(&finding.observed))?;
    writeln!(out, "- at: {}", code(&finding.place))
}

/// Text in which nothing is markup any more.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::new();
    let line = harmless::short_line(text, LONGEST_TEXT);
    let mut characters = line.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        let is_markup = match character {
            '&' | '<' | '>' | '|' | '`' | '*' | '[' | ']' | '\\' | '~' | '#' | '@' | '$' | '!' => true,
            '_' => !(before.is_alphanumeric() && next.is_alphanumeric()),
            // Plain addresses would become links.
            ':' => next == '/',
            '.' => escaped.to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if is_markup {
            // A number can't be read as markup by anything.
            let _ = write!(escaped, "&#{};", u32::from(character));
        } else {
            escaped.push(character);
        }
        before = character;
    }
    escaped
}

/// The same, set as code. Backticks can't be escaped within backticks, and pipes end a table's cell even there.
pub(super) fn code(code: &str) -> String {
    format!("<code>{}</code>", text(code))
}
