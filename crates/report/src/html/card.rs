//! What speaks against the deployment: each cause by an example with all its evidence, and the other cases that show it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::failure::failures;
use crate::summary::{CaseSummary, FindingSummary, Promise, Summary};
use crate::wording;
use assay_engine::verdict::Verdict;
use assay_suite::human;
use assay_suite::source::harmless;

use super::exchange::ExchangeView;
use super::fragments::{slug, text};

/// Bytes of bodies on the whole page: a browser still opens it at once.
const ALLOWANCE: usize = 6 * 1024 * 1024;
/// Bytes of one body.
const MOST_OF_A_BODY: usize = 8 * 1024;
/// Cards beyond this number come without exchanges: they most often repeat what the first show.
const CARDS_WITH_EXCHANGES: usize = 200;
/// The cards of causes beyond this number come folded.
const CARDS_UNFOLDED: usize = 20;
/// Exchanges of one case. Waiting for a job can take hundreds.
const MOST_EXCHANGES: usize = 30;
/// Findings of one case.
const MOST_FINDINGS: usize = 40;
/// Bytes of what was expected or observed.
const LONGEST_OBSERVATION: usize = 4 * 1024;

/// A failed case.
#[derive(Serialize)]
pub(super) struct Card {
    /// The anchor within the page.
    anchor: String,
    verdict: &'static str,
    label: String,
    title: String,
    /// The case's name in its parts.
    name: Vec<String>,
    place: String,
    took: String,
    reason: Option<String>,
    groups: Vec<Group>,
    findings_left_out: usize,
    exchanges: Vec<ExchangeView>,
    exchanges_left_out: usize,
    repeat: String,
    folded: bool,
}

/// Failures with one cause: the example with all its evidence, and the others.
#[derive(Serialize)]
pub(super) struct CauseView {
    /// The anchor within the page, which is the same in the report of every run.
    anchor: String,
    number: usize,
    verdict: &'static str,
    label: String,
    requirements: Vec<String>,
    /// In how many cases, operations and formats it shows.
    extent: String,
    example: Card,
    others: Vec<Card>,
    /// How many others there are, in words.
    alike: String,
}

/// Findings about the same promises.
#[derive(Serialize)]
struct Group {
    heading: &'static str,
    promises: Vec<PromiseView>,
    findings: Vec<FindingView>,
}

#[derive(Serialize)]
struct PromiseView {
    id: String,
    text: String,
    source: String,
    /// Where the suite has it.
    place: Option<String>,
}

#[derive(Serialize)]
struct FindingView {
    verdict: &'static str,
    expected: String,
    observed: String,
    place: String,
    /// The number of the exchange that shows it, if that is on the page.
    exchange: Option<usize>,
}

/// The causes, each with a card for every case. The examples of the first are unfolded.
pub(super) fn causes(summary: &Summary) -> Vec<CauseView> {
    let index: BTreeMap<&str, usize> =
        failures(summary).enumerate().map(|(index, case)| (case.name.as_str(), index)).collect();
    let allowance = ALLOWANCE / index.len().clamp(1, CARDS_WITH_EXCHANGES);
    let card = |case: &CaseSummary, form: Form| {
        card(summary, case, index.get(case.name.as_str()).copied().unwrap_or_default(), form, allowance)
    };
    let causes = summary.causes();
    let views = causes.iter().enumerate().map(|(number, cause)| CauseView {
        anchor: format!("finding-{}", cause.id),
        number: number + 1,
        verdict: slug(cause.verdict()),
        label: cause.verdict().to_string(),
        requirements: cause.names().iter().map(|name| text(name)).collect(),
        extent: text(&wording::extent(cause)),
        example: card(cause.example, if number < CARDS_UNFOLDED { Form::Unfolded } else { Form::Folded }),
        others: cause.others.iter().map(|case| card(case, Form::Folded)).collect(),
        alike: format!("{} the same", human::count_of(cause.others.len(), "other case shows", "other cases show")),
    });
    views.collect()
}

/// How a card comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With all its evidence in sight.
    Unfolded,
    /// As one line that unfolds.
    Folded,
}

fn card(summary: &Summary, case: &CaseSummary, index: usize, form: Form, allowance: usize) -> Card {
    let exchanges = if index < CARDS_WITH_EXCHANGES { exchanges(case, form, allowance) } else { Vec::new() };
    Card {
        anchor: anchor(index),
        verdict: slug(case.verdict),
        label: case.verdict.to_string(),
        title: text(&case.scenario),
        name: case.name.split("::").map(text).collect(),
        place: text(&case.place),
        took: human::duration(case.took_s),
        reason: case.reason.as_deref().map(text),
        groups: groups(&case.findings, &exchanges),
        findings_left_out: case.findings.len().saturating_sub(MOST_FINDINGS),
        exchanges_left_out: case.exchanges.len() - exchanges.len(),
        exchanges,
        repeat: harmless::line(&wording::repeat(summary, case)),
        folded: form == Form::Folded,
    }
}

/// The anchor of a card. Names of cases are not fit for anchors.
pub(super) fn anchor(index: usize) -> String {
    format!("failure-{}", index + 1)
}

fn groups(findings: &[FindingSummary], exchanges: &[ExchangeView]) -> Vec<Group> {
    let findings = &findings[..findings.len().min(MOST_FINDINGS)];
    let about_the_same = |one: &FindingSummary, other: &FindingSummary| {
        let ids =
            |finding: &FindingSummary| finding.promises.iter().map(|promise| promise.id.clone()).collect::<Vec<_>>();
        ids(one) == ids(other) && one.verdict == other.verdict
    };
    findings.chunk_by(about_the_same).map(|findings| group(findings, exchanges)).collect()
}

fn group(findings: &[FindingSummary], exchanges: &[ExchangeView]) -> Group {
    let first = findings.first();
    let promises = first.map(|finding| finding.promises.as_slice()).unwrap_or_default();
    let heading = match (first.map(|finding| finding.verdict), promises.len()) {
        (Some(Verdict::Violates), 0..=1) => "The requirement it breaks",
        (Some(Verdict::Violates), _) => "The requirements it breaks",
        (Some(Verdict::StaleDeviation | Verdict::DeviatesAsKnown), _) => "The requirement it is about",
        (_, 0..=1) => "The requirement it leaves open",
        (_, _) => "The requirements it leaves open",
    };
    Group {
        heading,
        promises: promises.iter().map(promise_view).collect(),
        findings: findings.iter().map(|finding| finding_view(finding, exchanges)).collect(),
    }
}

fn promise_view(promise: &Promise) -> PromiseView {
    PromiseView {
        id: text(&promise.id.0),
        text: text(&promise.text),
        source: text(&promise.source),
        place: promise.place.as_deref().map(text),
    }
}

fn finding_view(finding: &FindingSummary, exchanges: &[ExchangeView]) -> FindingView {
    let rendered = |text: &str| {
        let (start, clipped) = harmless::clipped(text, LONGEST_OBSERVATION);
        harmless::lines(start) + if clipped { "…" } else { "" }
    };
    FindingView {
        verdict: slug(finding.verdict),
        expected: rendered(&finding.expected),
        observed: rendered(&finding.observed),
        place: text(&finding.place),
        exchange: finding
            .exchange
            .map(|index| index + 1)
            .filter(|number| exchanges.iter().any(|one| one.number == *number)),
    }
}

/// The exchanges that decide, and those right before them, as far as the allowance goes.
fn exchanges(case: &CaseSummary, form: Form, allowance: usize) -> Vec<ExchangeView> {
    let decides = |index: usize| case.findings.iter().any(|finding| finding.exchange == Some(index));
    let mut chosen: Vec<usize> =
        (0..case.exchanges.len()).filter(|index| decides(*index)).take(MOST_EXCHANGES).collect();
    let decisive = chosen.len();
    let last = chosen.first().copied().unwrap_or(case.exchanges.len());
    let others = (0..last).rev().chain(last..case.exchanges.len()).filter(|index| !decides(*index));
    chosen.extend(others.take(MOST_EXCHANGES - decisive));
    let mut left = allowance;
    let mut views: Vec<_> = chosen
        .into_iter()
        .filter_map(|index| {
            let exchange = case.exchanges.get(index)?;
            let most = left.min(MOST_OF_A_BODY);
            let bodies = exchange.exchange.request.body.as_ref().map_or(0, String::len)
                + exchange.exchange.outcome.as_ref().map_or(0, |response| response.body.len());
            left = left.saturating_sub(bodies.min(2 * MOST_OF_A_BODY));
            let open = decides(index) && form == Form::Unfolded;
            Some(ExchangeView::new(index + 1, exchange, decides(index), open, most))
        })
        .collect();
    views.sort_by_key(|view| view.number);
    views
}
