//! Reads what is expected of every API, and scenarios that show it.

use crate::scenario::laws::LawName;
use crate::scenario::step::{Step, StepRole};
use crate::scenario::{Expectation, Law, Outcome};
use assay_suite::StatusPattern;
use assay_suite::source::{Diagnostic, Diagnostics, Located, Node};

/// One law; each has one entry.
pub(super) fn read(node: &Node, known: &[Law], mistakes: &mut Diagnostics) -> Option<Law> {
    let mut fields = node.fields("a law", mistakes)?;
    let place = fields.place_of("law").cloned();
    let name = fields.need("law", mistakes).and_then(|node| node.choice("`law`", &LawName::NAMES, mistakes));
    let title = fields.need_text("title", mistakes);
    let text = fields.need_text("text", mistakes);
    fields.finish(mistakes);
    let (name, place) = name.zip(place)?;
    if known.iter().any(|law| law.name == name) {
        let mistake = Diagnostic::error(&place, format!("duplicate law `{}`", name.name()));
        mistakes.add(mistake.help("keep one of them"));
        return None;
    }
    Some(Law { name, title: title?.value, text: text?.value, place })
}

/// The steps of a scenario. One that shows laws and nothing else is as the cases that are made of them: a step that shows none
/// only prepares, and a look that is refused decides nothing about what it was to show.
pub(super) fn as_shown(mut steps: Vec<Step>) -> Vec<Step> {
    let is_law = |name: &Located<String>| LawName::parse(&name.value).is_some();
    let shows_others = steps.iter().flat_map(|step| &step.verifies).any(|name| !is_law(name));
    if shows_others || steps.iter().all(|step| step.verifies.is_empty()) {
        return steps;
    }
    for step in &mut steps {
        let says = |found: &Located<Expectation>| match &found.value {
            Expectation::Outcome(outcome) => *outcome != Outcome::Accepted,
            Expectation::Status(_) => true,
            _ => false,
        };
        if step.verifies.is_empty() {
            step.role = StepRole::Prepares;
        } else if !step.expect.iter().any(says) {
            let others = ["3xx", "4xx", "5xx"].into_iter().filter_map(StatusPattern::new).collect();
            let place = step.action.place.clone();
            step.expect.push(Located { value: Expectation::Undecided(others), place });
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "what a test relies on is there, or the test fails")]

    use super::super::read_steps;
    use super::*;
    use assay_suite::source::SourceFile;

    fn steps(text: &str) -> Vec<Step> {
        let node = Node::parse(&SourceFile::new("steps.yaml", text.to_owned())).expect("it is YAML");
        let mut mistakes = Diagnostics::new();
        let steps = as_shown(read_steps(&node, "`steps`", &mut mistakes));
        assert!(!mistakes.has_errors());
        steps
    }

    fn is_undecided(step: &Step) -> bool {
        step.expect.iter().any(|found| matches!(found.value, Expectation::Undecided(_)))
    }

    #[test]
    fn a_scenario_that_shows_laws_only_charges_them_with_nothing_else() {
        let steps = steps(
            "- {call: createThing}\n\
             - {call: listThings, expect: {$.name: assay}, verifies: [created-is-read-back]}\n\
             - {call: removeThing, expect: refused, verifies: [used-is-kept]}\n",
        );
        let roles: Vec<_> = steps.iter().map(|step| step.role == StepRole::Prepares).collect();
        assert_eq!(roles, [true, false, false]);
        let undecided: Vec<_> = steps.iter().map(is_undecided).collect();
        assert_eq!(undecided, [false, true, false]);
    }

    #[test]
    fn a_scenario_that_shows_a_promise_of_a_document_is_as_it_is_written() {
        let steps = steps(
            "- {call: createThing}\n\
             - {call: listThings, verifies: [created-is-read-back, MI-001]}\n",
        );
        assert!(steps.iter().all(|step| step.role == StepRole::Tests && !is_undecided(step)));
    }
}
