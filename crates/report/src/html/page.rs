//! What the page's template is given: plain text and numbers, already made harmless, in the order of the page.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::gate::{Gate, GateOutcome};
use crate::summary::{CaseSummary, Counts, Summary};
use crate::wording;
use assay_engine::verdict::Verdict;
use assay_suite::human;

use super::card::{self, CauseView};
use super::coverage::{self, SuiteView};
use super::fragments::{Fact, Segment, segments, slug, text};

/// The names of cases that are listed for one notice.
const MOST_NAMES: usize = 5;

/// The page.
#[derive(Serialize)]
pub(super) struct Page {
    target: String,
    verdict: &'static str,
    headline: String,
    detail: String,
    unverified: Option<&'static str>,
    partial: Option<&'static str>,
    facts: Vec<Fact>,
    tally: Vec<Tally>,
    bar: Vec<Segment>,
    broken: Vec<Broken>,
    left_over: Vec<(String, String)>,
    unproven: Vec<(String, String)>,
    causes: Vec<CauseView>,
    gates: Vec<GateView>,
    suites: Vec<SuiteView>,
    cases: Vec<CaseRow>,
    formats: Vec<String>,
    notices: Vec<Notice>,
    assay: String,
    run: String,
}

#[derive(Serialize)]
struct Tally {
    verdict: &'static str,
    /// As the filter's label.
    label: String,
    /// As it is after the count.
    counted: &'static str,
    count: String,
}

#[derive(Serialize)]
struct Broken {
    id: String,
    text: String,
    source: String,
    cases: String,
}

#[derive(Serialize)]
struct CaseRow {
    /// The suite and the file, which many names have in common.
    prefix: String,
    name: String,
    suite: String,
    format: String,
    verdict: &'static str,
    label: String,
    took: String,
    /// The anchor of its card.
    anchor: Option<String>,
    reason: Option<String>,
    requirements: String,
}

/// A condition on the run.
#[derive(Serialize)]
struct GateView {
    /// As the verdict that has the same colour and sign.
    verdict: &'static str,
    label: &'static str,
    name: String,
    expected: String,
    observed: String,
}

#[derive(Serialize)]
struct Notice {
    text: String,
    count: String,
    names: Vec<String>,
    more: usize,
}

impl Page {
    pub(super) fn new(summary: &Summary) -> Self {
        let run = &summary.run;
        let mut formats: Vec<_> = summary.cases.iter().map(|case| text(&case.format)).collect();
        formats.sort();
        formats.dedup();
        Self {
            target: text(&run.target),
            verdict: slug(tone(summary)),
            headline: wording::headline(summary),
            detail: detail(summary),
            unverified: run.certificates.warning(),
            partial: wording::partial(run.ending),
            facts: facts(summary),
            tally: tally(&summary.counts),
            bar: segments(&Verdict::ALL.map(|verdict| (slug(verdict), summary.counts.of(verdict)))),
            broken: broken(summary),
            left_over: summary.left_over.iter().map(|(case, what)| (text(case), text(what))).collect(),
            unproven: summary.unproven.iter().map(|(case, what)| (text(case), text(what))).collect(),
            causes: card::causes(summary),
            gates: summary.gates.iter().map(gate_view).collect(),
            suites: coverage::suites(summary),
            cases: case_rows(summary),
            formats,
            notices: notices(&summary.cases),
            assay: text(&run.assay),
            run: text(&run.id),
        }
    }
}

fn gate_view(gate: &Gate) -> GateView {
    let verdict = match gate.outcome {
        GateOutcome::Met => Verdict::Conforms,
        GateOutcome::Stale => Verdict::StaleDeviation,
        GateOutcome::Open => Verdict::Inconclusive,
        GateOutcome::Failed => Verdict::Violates,
        GateOutcome::CouldNotRun => Verdict::CouldNotRun,
    };
    GateView {
        verdict: slug(verdict),
        label: gate.outcome.name(),
        name: text(&gate.name),
        expected: text(&gate.expected),
        observed: text(&gate.observed),
    }
}

/// The verdict whose colour the page has: skipped cases take nothing from the others, and a gate that is not met does.
fn tone(summary: &Summary) -> Verdict {
    if wording::deciding_gate(summary).is_some() {
        return Verdict::Inconclusive;
    }
    match summary.verdict {
        Verdict::Skipped if summary.counts.of(Verdict::Conforms) > 0 => Verdict::Conforms,
        verdict => verdict,
    }
}

/// What the headline leaves out, in one or two sentences.
fn detail(summary: &Summary) -> String {
    let mut sentences: Vec<_> = wording::unreachable(summary).into_iter().collect();
    let violating = summary.counts.of(Verdict::Violates);
    let broken = wording::broken(summary).len();
    let cases = human::count_of(summary.cases.len(), "case", "cases");
    if violating > 0 && broken > 0 {
        let verb = if violating == 1 { "breaks" } else { "break" };
        let promises = human::count_of(broken, "requirement", "requirements");
        sentences.push(format!("{} of {cases} {verb} {promises}.", human::number(violating)));
    }
    let coverage = || summary.suites.iter().map(|suite| &suite.coverage);
    let requirements: usize = coverage().map(|suite| suite.requirements.len()).sum();
    if requirements > 0 {
        let verified = human::number(coverage().map(|suite| suite.verified).sum());
        let untestable = human::number(coverage().map(|suite| suite.untestable).sum());
        let open = human::number(coverage().map(|suite| suite.open).sum());
        let requirements = human::count_of(requirements, "requirement", "requirements");
        sentences.push(format!(
            "The run verified {verified} of {requirements}: {untestable}\u{a0}untestable, {open}\u{a0}open."
        ));
    }
    sentences.join(" ")
}

fn facts(summary: &Summary) -> Vec<Fact> {
    let run = &summary.run;
    let fact = |label, value: &str| Fact { label, values: vec![text(value)] };
    let mut facts = vec![fact("Target", &run.target)];
    facts.extend(run.server.iter().map(|server| fact("Server", server)));
    let several = run.services.len() > 1;
    let addresses = run.services.iter();
    let addresses = addresses.map(|service| {
        text(&if several { format!("{}: {}", service.suite, service.url) } else { service.url.clone() })
    });
    let addresses: Vec<_> = addresses.collect();
    if !addresses.is_empty() {
        facts.push(Fact { label: if several { "Addresses" } else { "Address" }, values: addresses });
    }
    facts.push(fact("Started", &run.started));
    facts.push(fact("Took", &human::duration(run.took_s)));
    facts
}

fn tally(counts: &Counts) -> Vec<Tally> {
    let occurring = Verdict::ALL.into_iter().filter(|verdict| counts.of(*verdict) > 0);
    let tally = occurring.map(|verdict| Tally {
        verdict: slug(verdict),
        label: verdict.to_string(),
        counted: wording::labelled(verdict, counts.of(verdict)),
        count: human::number(counts.of(verdict)),
    });
    tally.collect()
}

fn broken(summary: &Summary) -> Vec<Broken> {
    let mut broken = wording::broken(summary);
    broken.sort_by_key(|(_, cases)| std::cmp::Reverse(*cases));
    let broken = broken.into_iter().map(|(promise, cases)| Broken {
        id: text(&promise.id.0),
        text: text(&promise.text),
        source: text(&promise.source),
        cases: human::count_of(cases, "case", "cases"),
    });
    broken.collect()
}

fn case_rows(summary: &Summary) -> Vec<CaseRow> {
    let mut failures = 0;
    let rows = summary.cases.iter().map(|case| {
        let anchor = (case.verdict > Verdict::DeviatesAsKnown).then(|| {
            failures += 1;
            card::anchor(failures - 1)
        });
        let name = text(&case.name);
        let prefix = name.match_indices("::").nth(1).map_or(0, |(index, separator)| index + separator.len());
        let requirements: Vec<_> = case.verifies.iter().map(|id| text(&id.0)).collect();
        CaseRow {
            prefix: name[..prefix].to_owned(),
            name: name[prefix..].to_owned(),
            suite: text(&case.suite),
            format: text(&case.format),
            verdict: slug(case.verdict),
            label: case.verdict.to_string(),
            took: if case.verdict == Verdict::Skipped { String::new() } else { human::duration(case.took_s) },
            anchor,
            reason: case.reason.as_deref().map(text),
            requirements: requirements.join(" "),
        }
    });
    rows.collect()
}

fn notices(cases: &[CaseSummary]) -> Vec<Notice> {
    let mut grouped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in cases {
        for notice in &case.notices {
            grouped.entry(notice).or_default().push(&case.name);
        }
    }
    let mut grouped: Vec<_> = grouped.into_iter().collect();
    grouped.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let notices = grouped.into_iter().map(|(notice, names)| Notice {
        text: text(notice),
        count: human::number(names.len()),
        names: names.iter().take(MOST_NAMES).map(|name| text(name)).collect(),
        more: names.len().saturating_sub(MOST_NAMES),
    });
    notices.collect()
}
