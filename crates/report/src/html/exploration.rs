//! What random walks came to, as one page: each disagreement as a sequence of requests with what both sides answered.

use serde::Serialize;

use crate::ReportError;
use assay_engine::explore::{Counterexample, Explored, SequenceStep};
use assay_suite::{SuiteName, human};

use super::fragments::{Fact, text};
use super::template::{Template, render};

const PAGE: Template =
    Template { name: "explore.html", text: include_str!("../../../../reports/html/explore.html.jinja") };

const STYLE: &str = include_str!("../../../../reports/html/explore.css");

/// An exploration, as its page shows it.
#[derive(Clone, Copy, Debug)]
pub struct Exploration<'a> {
    /// The target's name.
    pub target: &'a str,
    /// What chance was made from.
    pub seed: u64,
    /// What was found, suite by suite.
    pub suites: &'a [(SuiteName, Explored)],
}

#[derive(Serialize)]
struct Page {
    verdict: &'static str,
    conclusion: String,
    facts: Vec<Fact>,
    found: Vec<Found>,
    suites: Vec<Row>,
}

#[derive(Serialize)]
struct Found {
    number: usize,
    verdict: &'static str,
    label: String,
    suite: String,
    operation: String,
    aspect: String,
    expected: String,
    observed: String,
    /// Whether a model answered, too.
    has_model: bool,
    steps: Vec<Step>,
    /// How it was found.
    how: String,
    scenario: String,
}

#[derive(Serialize)]
struct Step {
    number: usize,
    at: String,
    account: String,
    operation: String,
    is_job: bool,
    arguments: Vec<(String, String)>,
    kept: String,
    deployment: String,
    model: String,
    disagrees: bool,
}

#[derive(Serialize)]
struct Row {
    suite: String,
    walks: u64,
    steps: u64,
    operations: usize,
    carried_out: usize,
    pairs: usize,
    disagreements: usize,
    interrupted: Option<String>,
}

/// The exploration as one HTML page.
pub fn exploration_html(exploration: &Exploration<'_>) -> Result<String, ReportError> {
    let all = || exploration.suites.iter().flat_map(|(_, explored)| &explored.counterexamples);
    let violates = all().filter(|found| !found.requirements.is_empty()).count();
    let undecided = all().count() - violates;
    let fact = |label, value: String| Fact { label, values: vec![value] };
    let page = Page {
        verdict: match (violates, undecided) {
            (1.., _) => "violates",
            (0, 1..) => "inconclusive",
            (0, 0) => "conforms",
        },
        conclusion: conclusion(violates, undecided),
        facts: vec![fact("Target", text(exploration.target)), fact("Seed", exploration.seed.to_string())],
        found: exploration.suites.iter().flat_map(|(suite, explored)| found(suite, explored)).collect(),
        suites: exploration.suites.iter().map(|(suite, explored)| row(suite, explored)).collect(),
    };
    render(PAGE, STYLE, page)
}

fn conclusion(violates: usize, undecided: usize) -> String {
    let all = human::count_of(violates + undecided, "disagreement", "disagreements");
    let are = |count| if count == 1 { "is" } else { "are" };
    match (violates, undecided) {
        (0, 0) => "No walk found a disagreement".to_owned(),
        (1, 0) => format!("{all} violates the document"),
        (_, 0) => format!("{all} violate the document"),
        (0, _) => format!("{all} {} undecided by the document", are(undecided)),
        (_, _) => {
            let violate = if violates == 1 { "violates" } else { "violate" };
            format!("{all}: {violates} {violate} the document, {undecided} {} undecided by it", are(undecided))
        }
    }
}

fn found(suite: &SuiteName, explored: &Explored) -> Vec<Found> {
    let mut all: Vec<_> = explored.counterexamples.iter().enumerate().collect();
    // What violates the document comes first.
    all.sort_by_key(|(_, one)| one.requirements.is_empty());
    all.into_iter().map(|(index, one)| shown(suite, index + 1, one)).collect()
}

fn shown(suite: &SuiteName, number: usize, one: &Counterexample) -> Found {
    let is_decided = !one.requirements.is_empty();
    let ids: Vec<_> = one.requirements.iter().map(ToString::to_string).collect();
    let folder = if is_decided { "scenarios" } else { "undecided" };
    let last = one.sequence.len();
    Found {
        number,
        verdict: if is_decided { "violates" } else { "inconclusive" },
        label: if is_decided { text(&format!("violates {}", ids.join(", "))) } else { "undecided".to_owned() },
        suite: text(&suite.0),
        operation: text(&one.disagreement.operation.0),
        aspect: text(&one.disagreement.aspect.to_string()),
        expected: text(&one.disagreement.expected),
        observed: text(&one.disagreement.observed),
        has_model: one.sequence.iter().any(|step| step.answers.model.is_some()),
        steps: one.sequence.iter().enumerate().map(|(at, step)| of_step(at + 1, step, at + 1 == last)).collect(),
        how: format!(
            "walk {}, after {} and {}; shown again {} of 2 times; met {}",
            one.walk,
            human::count_of(usize::try_from(one.after_steps).unwrap_or(usize::MAX), "step", "steps"),
            human::duration(one.after.as_secs_f64()),
            one.reproduced,
            human::count_of(usize::try_from(one.times).unwrap_or(usize::MAX), "time", "times"),
        ),
        scenario: text(&format!("{folder}/{suite}/explored-{number}.yaml")),
    }
}

fn of_step(number: usize, step: &SequenceStep, disagrees: bool) -> Step {
    let kept: Vec<_> = step.kept.iter().map(|name| format!("${name}")).collect();
    Step {
        number,
        at: human::duration(step.at.as_secs_f64()),
        account: text(step.account.as_deref().unwrap_or("main")),
        operation: text(&step.operation),
        is_job: step.is_job,
        arguments: step.arguments.iter().map(|(name, value)| (text(name), text(value))).collect(),
        kept: text(&kept.join(", ")),
        deployment: text(&step.answers.deployment),
        model: text(step.answers.model.as_deref().unwrap_or_default()),
        disagrees,
    }
}

fn row(suite: &SuiteName, explored: &Explored) -> Row {
    Row {
        suite: text(&suite.0),
        walks: explored.walks,
        steps: explored.steps,
        operations: explored.reached.operations(),
        carried_out: explored.reached.operations_accepted(),
        pairs: explored.reached.pairs().len(),
        disagreements: explored.counterexamples.len(),
        interrupted: explored.interrupted.as_deref().map(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_with_what_the_walks_came_to() {
        assert_eq!(conclusion(0, 0), "No walk found a disagreement");
        assert_eq!(conclusion(1, 0), "1 disagreement violates the document");
        assert_eq!(conclusion(0, 1), "1 disagreement is undecided by the document");
        assert_eq!(conclusion(3, 1), "4 disagreements: 3 violate the document, 1 is undecided by it");
        let suites = [(SuiteName("notes".to_owned()), Explored::default())];
        let page = exploration_html(&Exploration { target: "<b>", seed: 7, suites: &suites }).unwrap();
        assert!(page.contains("No walk found a disagreement") && page.contains("&lt;b&gt;"));
    }
}
