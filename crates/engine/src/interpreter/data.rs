//! What a deployment does not have can't be tested there: absent data, and variables that mean the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::plan::{Case, PlannedCall, PlannedStep};
use crate::scenario::{Expectation, Matcher, Path, Template};
use crate::verdict::{JudgedAnswer, Verdict, shown};
use assay_suite::{Effect, Suite, Variable};

use super::state::Interpreter;

/// Whether a request, or what an expectation about its answer compares with, names something that is known to be there: what
/// earlier steps saved, or what an argument calls by its id.
pub(super) fn names_things<'a>(
    case: &'a Case,
    at: usize,
    suite: &'a Suite,
    call: &'a PlannedCall,
) -> impl Fn(&Path, &Matcher) -> bool + 'a {
    let saved = case.steps.iter().take(at).flat_map(|step| step.save.iter().map(|(variable, _)| variable.clone()));
    let saved: BTreeSet<Variable> = saved.chain([Variable::unique()]).collect();
    let key =
        suite.operations.get(call.operation.as_str()).and_then(|operation| operation.list.as_ref()?.key.as_deref());
    let is_id = move |name: &str| name == "id" || name == "ids" || Some(name) == key;
    let by_argument = call.arguments.iter().any(|(name, value)| {
        let variables = value.variables();
        !variables.is_empty() && is_id(name) || variables.into_iter().any(|variable| saved.contains(variable))
    });
    move |path, matcher| {
        let compared = matcher.templates().into_iter().flat_map(Template::variables).next().is_some();
        by_argument || compared || !path.variables().is_empty()
    }
}

impl Interpreter<'_> {
    /// What compares two things of the target file that are one can't be met, and breaks no promise.
    pub(super) fn mark_ambiguous(&self, step: &PlannedStep, call: &PlannedCall, judged: &mut JudgedAnswer) {
        for (index, departure) in &mut judged.departures {
            let expectation = index.and_then(|index| step.expect.get(index)).map(|expectation| &expectation.value);
            let (Verdict::Violates, Some(Expectation::Field(path, matcher))) = (departure.verdict, expectation) else {
                continue;
            };
            if let Some((one, other)) = self.one_for_two(step, call, path, matcher) {
                departure.verdict = Verdict::Inconclusive;
                let value = self.bindings.get(&one).map(shown).unwrap_or_default();
                departure.observed = format!(
                    "{}; {one} and {other} are the same, {value}: with two different ones it could be decided",
                    departure.observed
                );
            }
        }
    }

    /// The variables that the steps so far saved of what they created: two of these are never one.
    fn created_before(&self) -> BTreeSet<Variable> {
        let creates = |step: &&Arc<PlannedStep>| {
            let suite = step.suite.as_deref().unwrap_or(&self.case.suite);
            let operations = step.operations();
            let mut known = operations.iter().filter_map(|name| suite.operations.get(name));
            known.any(|operation| operation.effect == Effect::Creates)
        };
        let steps = self.case.steps.iter().take(self.at).filter(creates);
        steps.flat_map(|step| step.save.iter().map(|(variable, _)| variable.clone())).collect()
    }

    /// Two variables with one value, of which an expectation keeps one apart from the other.
    fn one_for_two(
        &self,
        step: &PlannedStep,
        call: &PlannedCall,
        path: &Path,
        matcher: &Matcher,
    ) -> Option<(Variable, Variable)> {
        let apart = kept_apart(matcher);
        let alike = step.expect.iter().filter_map(|expectation| match &expectation.value {
            Expectation::Field(other, matcher) if other.to_string() == path.to_string() => Some(matcher),
            _ => None,
        });
        let in_matchers = alike.flat_map(Matcher::templates).flat_map(Template::variables);
        let in_arguments = call.arguments.iter().flat_map(|(_, value)| value.variables());
        let others: BTreeSet<_> = in_matchers.chain(in_arguments).collect();
        let created = self.created_before();
        let is_same = |one: &Variable, other: &Variable| {
            if created.contains(one) && created.contains(other) {
                return false;
            }
            let value = self.bindings.get(one).filter(|value| value.is_string() || value.is_number());
            one != other && value.is_some() && value == self.bindings.get(other)
        };
        apart.into_iter().find_map(|one| {
            let other = others.iter().find(|other| is_same(one, other))?;
            Some((one.clone(), (*other).clone()))
        })
    }
}

/// The variables that a matcher keeps apart: from what it looks for besides, or from each other.
fn kept_apart(matcher: &Matcher) -> Vec<&Variable> {
    match matcher {
        Matcher::Excludes(template) | Matcher::Not(template) => template.variables(),
        Matcher::All(matchers) => {
            let counts = matchers.iter().any(|matcher| matches!(matcher, Matcher::Times(_) | Matcher::Distinct));
            if counts {
                matcher.templates().into_iter().flat_map(Template::variables).collect()
            } else {
                matchers.iter().flat_map(kept_apart).collect()
            }
        }
        _ => Vec::new(),
    }
}
