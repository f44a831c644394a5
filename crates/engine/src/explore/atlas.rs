//! What a suite's documents say about which operations work on what: the map by which walks are made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::plan::{Drafts, PlannedAction, PlannedStep};
use crate::scenario::{Source, Template};
use assay_suite::{
    Availability, Company, Effect, FOUND, Filter, Operation, Parameter, Presence, Suite, Undo, Variable, way,
};

/// An identifier that nothing has.
pub(super) const NOTHINGS: &str = "a55a7000-0000-4000-8000-000000000000";

/// What things are distinguished by: the field that identifies them, and what it is a field of, such as `volume.id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Kind(String);

impl Kind {
    /// Of what is at a path; the fallback is what it is a field of where the path does not say it.
    fn of(path: &str, fallback: &str) -> Option<Self> {
        let names = way(path);
        match names.as_slice() {
            [] => None,
            [field] => Some(Self(format!("{fallback}.{field}"))),
            [.., of, field] => Some(Self(format!("{of}.{field}"))),
        }
    }
}

/// A list that shows things of a kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub operation: &'a Operation,
    /// The parameter that narrows it to one thing, if there is one.
    pub narrowed_by: Option<&'a Parameter>,
}

/// The operations of a suite that a walk may use, and how they depend on each other.
pub(super) struct Atlas<'a> {
    pub operations: Vec<&'a Operation>,
    kinds: BTreeMap<Variable, Kind>,
    readers: BTreeMap<Kind, Vec<Reader<'a>>>,
}

impl<'a> Atlas<'a> {
    pub fn new(drafts: &Drafts<'a>) -> Self {
        let suite: &'a Suite = drafts.suite();
        let usable = |operation: &&Operation| {
            let is_given = |name: &str| drafts.given().contains_key(&Variable(name.to_owned()));
            operation.availability == Availability::Offered
                && operation.company == Company::Others
                && suite.jobs.as_ref().is_none_or(|jobs| jobs.poll != operation.name.value)
                && operation.needs.iter().all(|name| is_given(&name.value))
                && (operation.effect != Effect::Creates || operation.undo.is_some() || !operation.belongs_to.is_empty())
                && operation.no_undo.is_none()
                && drafts.arguments(operation, &[]).is_some()
        };
        let operations: Vec<_> = suite.operations.values().filter(usable).collect();
        let mut readers: BTreeMap<Kind, Vec<Reader<'a>>> = BTreeMap::new();
        for operation in operations.iter().filter(|operation| operation.effect == Effect::Reads) {
            let Some((list, key)) = operation.list.as_ref().and_then(|list| Some((list, list.key.as_deref()?))) else {
                continue;
            };
            let narrows = |parameter: &&Parameter| parameter.filter == Some(Filter::Equals(key.to_owned()));
            let narrowed_by = operation.parameters.values().find(narrows);
            let of = list.items.split('.').next_back().unwrap_or_default();
            readers.entry(Kind(format!("{of}.{key}"))).or_default().push(Reader { operation, narrowed_by });
        }
        Self { operations, kinds: kinds(drafts), readers }
    }

    /// What kind of thing a variable means.
    pub fn kind_of(&self, variable: &Variable) -> Option<&Kind> {
        self.kinds.get(variable)
    }

    /// The lists that show things of a kind.
    pub fn readers(&self, kind: &Kind) -> &[Reader<'a>] {
        self.readers.get(kind).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The kinds of what the fixtures provide, and of what a target gives.
fn kinds(drafts: &Drafts<'_>) -> BTreeMap<Variable, Kind> {
    let suite = drafts.suite();
    let mut kinds = BTreeMap::new();
    for lookup in &suite.variables {
        let take = lookup.find.as_ref().map(|find| find.take.value.clone());
        if let Some(kind) = take.and_then(|take| Kind::of(&take, "")) {
            kinds.insert(Variable(lookup.name.value.clone()), kind);
        }
    }
    for fixture in drafts.library().written.fixtures.iter().filter(|fixture| fixture.scope.includes(suite)) {
        let provided: BTreeSet<_> = fixture.provides.iter().map(|name| &name.value).collect();
        for (variable, source) in fixture.steps.iter().flat_map(|step| &step.save) {
            if let (true, Source::Path(path)) = (provided.contains(variable), &source.value)
                && let Some(kind) = Kind::of(&path.to_string(), "")
            {
                kinds.insert(variable.clone(), kind);
            }
        }
    }
    kinds
}

/// Where the answer of an operation, or the result of its job, has what it created, and what kind of thing that is.
pub(super) fn made_by(suite: &Suite, operation: &Operation) -> Option<(String, Kind)> {
    let undo: &Undo = operation.undo.as_ref()?;
    let (_, written) = undo.with.iter().find(|(name, written)| written.value != FOUND && !undo.way(name).is_empty())?;
    let kind = Kind::of(&written.value, &operation.group)?;
    let result = suite.jobs.as_ref().and_then(|jobs| jobs.result.as_ref()).filter(|_| operation.asynchronous);
    let path = match result {
        Some(result) if !result.is_empty() => format!("$.{result}{}", written.value.strip_prefix('$')?),
        _ => written.value.clone(),
    };
    Some((path, kind))
}

/// Which argument names what a request changes or removes: its `id`, or else the first that it can't do without.
pub(super) fn subject(operation: &Operation, arguments: &[(String, Template)]) -> Option<usize> {
    let names_thing = |template: &Template| matches!(template, Template::Variable(_));
    let by_id = arguments.iter().position(|(name, value)| name == "id" && names_thing(value));
    let is_required =
        |name: &str| operation.parameters.get(name).is_some_and(|found| found.presence == Presence::Required);
    by_id.or_else(|| arguments.iter().position(|(name, value)| is_required(name) && names_thing(value)))
}

/// Whether steps, from the first of a walk, change and remove only what they created.
pub(super) fn acts_on_own(suite: &Suite, steps: &[Arc<PlannedStep>]) -> bool {
    let mut own = BTreeSet::from([Variable::unique()]);
    for step in steps {
        let suite = step.suite.as_deref().unwrap_or(suite);
        let mut makes = false;
        match &step.action {
            PlannedAction::Call { calls, .. } => {
                for call in calls {
                    let Some(operation) = suite.operations.get(call.operation.as_str()) else { return false };
                    let named: Vec<_> = call.arguments.iter().flat_map(|(_, value)| value.variables()).collect();
                    if matches!(operation.effect, Effect::Changes | Effect::Removes) {
                        let named = subject(operation, &call.arguments).and_then(|at| call.arguments.get(at));
                        let is_own =
                            |(_, value): &(String, Template)| value.variables().iter().all(|one| own.contains(*one));
                        let names_nothing =
                            call.arguments.iter().any(|(_, value)| value.as_literal() == Some(NOTHINGS));
                        if !named.map_or(names_nothing, is_own) {
                            return false;
                        }
                    }
                    makes |= operation.effect != Effect::Reads || named.iter().any(|one| own.contains(*one));
                }
            }
            PlannedAction::Await { job, .. } => makes = job.variables().iter().any(|one| own.contains(*one)),
            PlannedAction::Paginate(_) => {}
        }
        if makes {
            own.extend(step.save.iter().map(|(variable, _)| variable.clone()));
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_the_field_that_identifies_and_what_it_is_a_field_of() {
        let kind = |path| Kind::of(path, "Volume").map(|kind| kind.0);
        assert_eq!(kind("$.jobresult.volume.id").as_deref(), Some("volume.id"));
        assert_eq!(kind("$.template[0].id").as_deref(), Some("template.id"));
        assert_eq!(kind("$.id").as_deref(), Some("Volume.id"));
        assert_eq!(kind("true"), None);
    }
}
