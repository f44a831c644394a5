//! A run as the summary of a job of continuous integration, which takes a page of Markdown of limited size.

use std::fmt::Write as _;

use crate::cause::Cause;
use crate::gate::Gate;
use assay_engine::verdict::Verdict;
use assay_suite::human;
use assay_suite::source::harmless;

use super::summary::{CaseSummary, ExchangeSummary, FindingSummary, SuiteSummary, Summary};
use super::wording;

/// GitHub refuses a summary of 1 MiB, others one of 64 KiB; this leaves room for the closing lines.
const MOST_BYTES: usize = 60 * 1024;
/// Failures beyond this number are counted; other reports have them all.
const MOST_FAILURES: usize = 20;
/// What is longer than this is clipped.
const LONGEST_TEXT: usize = 300;
/// A command that is longer is left out: half of it does not run.
const LONGEST_COMMAND: usize = 1024;
/// What a single case shows.
const MOST_FINDINGS: usize = 3;
/// What a single finding shows.
const MOST_PROMISES: usize = 4;
/// Things left over beyond this number are counted.
const MOST_LEFT_OVER: usize = 10;

/// The verdict, the suites and the first findings; always shorter than 64 KB.
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
    summary.unmet().for_each(|gate| page.add(&unmet(gate)));
    let causes = summary.causes();
    if !causes.is_empty() {
        page.add("\n## Findings\n");
        page.add(&table(&causes));
    }
    for cause in causes.iter().take(MOST_FAILURES) {
        page.add(&finding(summary, cause));
    }
    let left_out = page.left_out + causes.len().saturating_sub(MOST_FAILURES);
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
    let is_good = summary.verdict <= Verdict::StaleDeviation && summary.unmet().next().is_none();
    let mark = if is_good { "✅" } else { "❌" };
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

/// A condition on the run that is not met.
fn unmet(gate: &Gate) -> String {
    let (name, expected, observed) = (text(&gate.name), code(&gate.expected), code(&gate.observed));
    format!("\n- **{}** {name}: expected {expected}, observed {observed}\n", gate.outcome.name())
}

/// The causes in a table, one a line.
fn table(causes: &[Cause<'_>]) -> String {
    let mut lines = "\n| | Verdict | Requirements | Cases |\n|--:|:--|:--|:--|\n".to_owned();
    for (index, cause) in causes.iter().take(MOST_FAILURES).enumerate() {
        let requirements: Vec<_> = cause.names().iter().map(|name| text(name)).collect();
        let (verdict, extent) = (cause.verdict(), text(&wording::extent(cause)));
        // Writing to a string can't fail.
        let _ = writeln!(lines, "| {} | {verdict} | {} | {extent} |", index + 1, requirements.join(", "));
    }
    lines
}

/// A cause, by its smallest example.
fn finding(summary: &Summary, cause: &Cause<'_>) -> String {
    let case = cause.example;
    let mut lines = format!(
        "\n### {}: {}\n\n{}\n\n{}\n",
        text(&wording::cause(cause)),
        text(&case.scenario),
        text(&wording::extent(cause)),
        code(&case.name)
    );
    // Writing to a string can't fail.
    let _ = write_findings(&mut lines, case);
    let exchange = cause.finding().and_then(|finding| finding.exchange).and_then(|index| case.exchanges.get(index));
    if let Some(exchange) = exchange {
        let _ = write_exchange(&mut lines, exchange);
    }
    let _ = writeln!(lines, "\nAgain: {}", code(&wording::repeat(summary, case)));
    lines
}

/// The exchange that shows it.
fn write_exchange(out: &mut String, exchange: &ExchangeSummary) -> std::fmt::Result {
    let request = &exchange.exchange.request;
    writeln!(out, "- request: {}", code(&format!("{} {}", request.method, request.url)))?;
    match &exchange.exchange.outcome {
        Ok(response) => writeln!(out, "- answer: {}", code(&format!("{} {}", response.status, response.body)))?,
        Err(failure) => writeln!(out, "- answer: {}", code(&format!("{}: {}", failure.kind, failure.message)))?,
    }
    if exchange.curl.len() <= LONGEST_COMMAND {
        writeln!(out, "- curl: {}", whole_code(&exchange.curl))
    } else {
        Ok(())
    }
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
        writeln!(out, "> …and {} more requirements\n", finding.promises.len() - MOST_PROMISES)?;
    }
    writeln!(out, "- expected: {}", code(&finding.expected))?;
    writeln!(out, "- observed: {}", code(&finding.observed))?;
    writeln!(out, "- at: {}", code(&finding.place))
}

/// Text in which nothing is markup any more.
pub(super) fn text(text: &str) -> String {
    escaped(&harmless::short_line(text, LONGEST_TEXT))
}

fn escaped(line: &str) -> String {
    let mut escaped = String::new();
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

/// A command, which is of no use in part.
fn whole_code(command: &str) -> String {
    format!("<code>{}</code>", escaped(&harmless::line(command)))
}
