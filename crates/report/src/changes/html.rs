//! A comparison of test runs as a page in the style of all reports.

use serde::Serialize;

use crate::cause::Cause;
use crate::error::ReportError;
use crate::html::{Fact, Template, render, slug, text};
use crate::wording;
use assay_suite::human;

use super::comparison::{Changes, Part};

const CHANGES: Template =
    Template { name: "changes.html", text: include_str!("../../../../reports/html/changes.html.jinja") };

#[derive(Serialize)]
struct PageView {
    /// The verdict whose colour the page has.
    verdict: &'static str,
    headline: String,
    facts: Vec<Fact>,
    parts: Vec<PartView>,
    untested: Vec<(String, String, Vec<String>)>,
    assay: String,
}

#[derive(Serialize)]
struct PartView {
    slug: &'static str,
    title: &'static str,
    extent: String,
    causes: Vec<CauseView>,
}

#[derive(Serialize)]
struct CauseView {
    anchor: String,
    verdict: &'static str,
    label: String,
    requirements: Vec<String>,
    extent: String,
    example: String,
    expected: String,
    observed: String,
    place: String,
    others: Vec<String>,
}

/// A comparison as one page.
pub fn changes_html(changes: &Changes<'_>) -> Result<String, ReportError> {
    let run = |label, run: &crate::RunInfo| Fact {
        label,
        values: vec![text(&run.target), text(&run.started), text(&run.id)],
    };
    let parts = changes.parts().into_iter().filter(|(_, causes)| !causes.is_empty());
    let untested = changes.untested.iter().map(|(reason, cases)| {
        let names = cases.iter().map(|case| text(&case.name)).collect();
        (text(reason), human::count_of(cases.len(), "case", "cases"), names)
    });
    let page = PageView {
        verdict: if changes.new.is_empty() { "conforms" } else { "violates" },
        headline: changes.headline(),
        facts: vec![run("Before", changes.baseline), run("After", changes.run)],
        parts: parts.map(|(part, causes)| part_view(part, causes)).collect(),
        untested: untested.collect(),
        assay: text(&changes.run.assay),
    };
    render(CHANGES, "", page)
}

fn part_view(part: Part, causes: &[Cause<'_>]) -> PartView {
    PartView {
        slug: part.slug(),
        title: part.title(),
        extent: wording::causes_in_cases(causes),
        causes: causes.iter().map(|cause| cause_view(part, cause)).collect(),
    }
}

fn cause_view(part: Part, cause: &Cause<'_>) -> CauseView {
    let finding = cause.finding();
    CauseView {
        anchor: format!("{}-{}", part.slug(), cause.id),
        verdict: slug(cause.verdict()),
        label: cause.verdict().to_string(),
        requirements: cause.names().iter().map(|name| text(name)).collect(),
        extent: text(&wording::extent(cause)),
        example: text(&cause.example.name),
        expected: finding.map(|finding| text(&finding.expected)).unwrap_or_default(),
        observed: text(
            finding.map(|finding| finding.observed.as_str()).or(cause.example.reason.as_deref()).unwrap_or_default(),
        ),
        place: text(finding.map_or(&cause.example.place, |finding| &finding.place)),
        others: cause.others.iter().map(|case| text(&case.name)).collect(),
    }
}
