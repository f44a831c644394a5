//! A comparison of test runs for a review, or the summary of a CI job.

use crate::cause::Cause;
use crate::markdown::{Page, code, text};
use crate::wording;
use assay_suite::human;

use super::comparison::Changes;

/// Causes of a part, and reasons, beyond this number are counted.
const MOST_LISTED: usize = 20;

/// What changed, always shorter than 64 KB.
pub fn changes_markdown(changes: &Changes<'_>) -> String {
    let mut page = Page::default();
    let mark = if changes.new.is_empty() { "✅" } else { "❌" };
    let runs = format!("{} → {}", code(&changes.baseline.started), code(&changes.run.started));
    let cases = human::count_of(changes.in_both, "case", "cases");
    page.add(&format!("# {mark} {}\n\n{runs}, {cases} in both runs\n", text(&changes.headline())));
    for (part, causes) in changes.parts().into_iter().filter(|(_, causes)| !causes.is_empty()) {
        page.add(&format!("\n## {}\n\n{HEAD}", part.title()));
        causes.iter().take(MOST_LISTED).for_each(|cause| page.add(&row(cause)));
        if causes.len() > MOST_LISTED {
            page.add(&format!("\n…and {} more\n", causes.len() - MOST_LISTED));
        }
    }
    if !changes.untested.is_empty() {
        page.add("\n## Not tested any more\n\n");
        for (reason, cases) in changes.untested.iter().take(MOST_LISTED) {
            page.add(&format!("- {}: {}\n", text(reason), human::count_of(cases.len(), "case", "cases")));
        }
    }
    page.text
}

const HEAD: &str = "| Verdict | Requirements | Cases | Example | Expected | Observed |\n|:--|:--|:--|:--|:--|:--|\n";

fn row(cause: &Cause<'_>) -> String {
    let requirements: Vec<_> = cause.names().iter().map(|name| text(name)).collect();
    let finding = cause.finding();
    let cell = |value: Option<&str>| value.map(code).unwrap_or_default();
    format!(
        "| {} | {} | {} | {} | {} | {} |\n",
        cause.verdict(),
        requirements.join(", "),
        text(&wording::extent(cause)),
        code(&cause.example.name),
        cell(finding.map(|finding| finding.expected.as_str())),
        cell(finding.map(|finding| finding.observed.as_str()).or(cause.example.reason.as_deref()))
    )
}
