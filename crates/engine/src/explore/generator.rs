//! Makes up the next request of a walk: mostly a good one, of an operation that was rarely reached.

use std::sync::Arc;

use serde_json::Value;

use crate::plan::{Drafts, PlannedAction, PlannedCall, PlannedStep, Purpose};
use crate::scenario::{Part, Path, Source, Template};
use assay_suite::source::{Located, Place};
use assay_suite::{Effect, Location, Operation, Parameter, Presence, ValueType, Variable};

use super::atlas::{Atlas, NOTHINGS, made_by, subject};
use super::coverage::Reached;
use super::dice::Dice;
use super::world::{Existence, Owner, World};

/// Not every operation can be asked for in every state: so many are tried.
const TRIES: usize = 20;

/// How often of a hundred times something is done.
mod shares {
    /// What was written is looked at.
    pub const LOOK: usize = 60;
    /// The whole list is looked at, and not one thing.
    pub const WHOLE_LIST: usize = 30;
    /// The last look is repeated.
    pub const REPEATED: usize = 10;
    /// A request is broken.
    pub const BROKEN: usize = 12;
    /// An optional parameter is given.
    pub const OPTIONAL: usize = 20;
    /// A thing is used again that is gone.
    pub const GONE: usize = 6;
    /// A thing of the walk is used where the target gives one, too.
    pub const OWN: usize = 60;
    /// A fixture provides another thing where the walk has one.
    pub const FIXTURE: usize = 15;
    /// A documented value is given that is not the document's example.
    pub const OTHER_VALUE: usize = 50;
    /// Only operations are drawn that work on what there is.
    pub const AT_HAND: usize = 75;
}

/// What is wrong with a request on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It lacks a required parameter.
    Missing(String),
    /// It names something that does not exist.
    Unknown(String),
    /// A parameter has a value that is not among the documented ones.
    WrongValue(String),
}

/// A request that was made up.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub operation: String,
    pub arguments: Vec<(String, Template)>,
    pub broken: Option<Broken>,
}

/// Makes up the requests of a walk.
pub(super) struct Generator<'a> {
    pub drafts: &'a Drafts<'a>,
    pub atlas: &'a Atlas<'a>,
    pub dice: Dice,
    /// The last look, to be repeated: nothing, or a refusal, may have been in between.
    pub last_look: Option<Drawn>,
}

impl Generator<'_> {
    /// The next request; none if nothing could be made up.
    pub fn next(&mut self, world: &World, reached: &Reached) -> Option<Drawn> {
        if let Some(look) = self.look(world) {
            self.last_look = Some(look.clone());
            return Some(look);
        }
        if let Some(look) = self.last_look.clone().filter(|_| self.dice.percent(shares::REPEATED)) {
            return Some(look);
        }
        (0..TRIES).find_map(|_| self.draw(world, reached))
    }

    /// A look at what the last request wrote to.
    fn look(&mut self, world: &World) -> Option<Drawn> {
        let touched = world.touched.as_ref()?;
        if !self.dice.percent(shares::LOOK) {
            return None;
        }
        let kind = &world.thing(touched)?.kind;
        let reader = *self.dice.pick(self.atlas.readers(kind))?;
        let mut arguments = self.drafts.arguments(reader.operation, &[])?;
        if let Some(parameter) = reader.narrowed_by.filter(|_| !self.dice.percent(shares::WHOLE_LIST)) {
            let name = &parameter.name.value;
            arguments.retain(|(known, _)| known != name);
            arguments.push((name.clone(), Template::Variable(touched.clone())));
        }
        Some(Drawn { operation: reader.operation.name.value.0.clone(), arguments, broken: None })
    }

    fn draw(&mut self, world: &World, reached: &Reached) -> Option<Drawn> {
        const DRAWN: usize = 4;
        let candidates: Vec<_> = (0..DRAWN).filter_map(|_| self.dice.pick(&self.atlas.operations).copied()).collect();
        let at_hand = self.dice.percent(shares::AT_HAND);
        let fits = |operation: &&&Operation| !at_hand || self.is_at_hand(operation, world);
        let operation = *candidates.iter().filter(fits).min_by_key(|operation| reached.times(&operation.name.value))?;
        let optional = self.optional(operation);
        let mut arguments =
            self.drafts.arguments(operation, &optional).or_else(|| self.drafts.arguments(operation, &[]))?;
        let acted_on = subject(operation, &arguments);
        let acts = matches!(operation.effect, Effect::Changes | Effect::Removes);
        if acts && acted_on.is_none() {
            return None;
        }
        for (position, (_, value)) in arguments.iter_mut().enumerate() {
            let needs_own = acts && acted_on == Some(position);
            if let Template::Variable(variable) = value {
                *variable = self.thing(variable, needs_own, world)?;
            }
        }
        self.vary(operation, &mut arguments, world.named);
        let broken = if self.dice.percent(shares::BROKEN) { self.break_it(operation, &mut arguments) } else { None };
        Some(Drawn { operation: operation.name.value.0.clone(), arguments, broken })
    }

    /// Whether the walk has all that a plain request for an operation names.
    fn is_at_hand(&self, operation: &Operation, world: &World) -> bool {
        let arguments = self.drafts.arguments(operation, &[]).unwrap_or_default();
        let mut variables = arguments.iter().flat_map(|(_, value)| value.variables());
        variables.all(|variable| {
            let known = self.drafts.given().contains_key(variable) || Variable::of_a_case().contains(variable);
            let of_kind = self.atlas.kind_of(variable);
            known || of_kind.is_some_and(|kind| world.of_kind(kind, Existence::There).next().is_some())
        })
    }

    fn optional(&mut self, operation: &Operation) -> Vec<String> {
        let is_free = |parameter: &&Parameter| {
            let has_value = parameter.value.is_some() || !parameter.values.is_empty();
            let alternatives: Vec<_> = operation.exactly_one.iter().chain(&operation.at_least_one).collect();
            let is_alternative =
                alternatives.iter().any(|sets| sets.0.iter().any(|set| set.contains(&parameter.name.value)));
            parameter.presence == Presence::Optional
                // What stays when the rest is removed is not asked for.
                && parameter.lasting.is_none()
                && has_value
                && parameter.excludes.is_empty()
                && parameter.credential.is_none()
                && !is_alternative
        };
        let free: Vec<_> = operation.parameters.values().filter(is_free).collect();
        let mut given = Vec::new();
        for parameter in free {
            if self.dice.percent(shares::OPTIONAL) {
                given.push(parameter.name.value.clone());
                given.extend(parameter.with.iter().cloned());
            }
        }
        given
    }

    /// What a request names where the document's example is a variable; none if it may name nothing of that kind.
    fn thing(&mut self, variable: &Variable, needs_own: bool, world: &World) -> Option<Variable> {
        let given = self.drafts.given().contains_key(variable);
        if Variable::of_a_case().contains(variable) {
            return (!needs_own).then(|| variable.clone());
        }
        let Some(kind) = self.atlas.kind_of(variable) else {
            return (!given || !needs_own).then(|| variable.clone());
        };
        let existence = if self.dice.percent(shares::GONE) { Existence::Gone } else { Existence::There };
        let own: Vec<_> = world.of_kind(kind, existence).filter(|thing| thing.owner == Owner::Walk).collect();
        let latest = own.last().map(|thing| thing.variable.clone());
        let some = self.dice.pick(&own).map(|thing| thing.variable.clone());
        let chosen = if self.dice.percent(50) { latest } else { some };
        if given {
            let takes_own = needs_own || self.dice.percent(shares::OWN);
            return chosen.filter(|_| takes_own).or_else(|| (!needs_own).then(|| variable.clone()));
        }
        let is_new = world.thing(variable).is_none();
        if is_new && self.dice.percent(shares::FIXTURE) {
            return Some(variable.clone());
        }
        Some(chosen.unwrap_or_else(|| variable.clone()))
    }

    /// Gives values that tell apart: another name than before, another of the documented values.
    fn vary(&mut self, operation: &Operation, arguments: &mut [(String, Template)], number: usize) {
        let writes = matches!(operation.effect, Effect::Creates | Effect::Changes);
        for (name, value) in arguments {
            let Some(parameter) = operation.parameters.get(name) else { continue };
            let is_named = value.variables().contains(&&Variable::unique());
            match value {
                Template::Text(parts) if writes && is_named => parts.push(Part::Literal(format!("-{number}"))),
                Template::Literal(_) if writes && self.dice.percent(shares::OTHER_VALUE) => {
                    let of_booleans = ["true".to_owned(), "false".to_owned()];
                    let is_boolean = parameter.value_type == Some(ValueType::Boolean);
                    let values = if is_boolean { of_booleans.as_slice() } else { parameter.values.as_slice() };
                    if let Some(other) = self.dice.pick(values) {
                        *value = Template::text(other);
                    }
                }
                _ => {}
            }
        }
    }

    fn break_it(&mut self, operation: &Operation, arguments: &mut Vec<(String, Template)>) -> Option<Broken> {
        let position = self.dice.below(arguments.len());
        let (name, value) = arguments.get_mut(position)?;
        let parameter = operation.parameters.get(name)?;
        if !parameter.values.is_empty() {
            *value = Template::text("assay-no-such-value");
            return Some(Broken::WrongValue(name.clone()));
        }
        if parameter.presence == Presence::Required && parameter.location != Location::Path && self.dice.percent(50) {
            let (name, _) = arguments.remove(position);
            return Some(Broken::Missing(name));
        }
        if matches!(value, Template::Variable(variable) if self.atlas.kind_of(variable).is_some()) {
            *value = Template::text(NOTHINGS);
            return Some(Broken::Unknown(name.clone()));
        }
        None
    }
}

impl Drawn {
    /// The step that asks for it, and, if it is asynchronous, the one that follows its job.
    pub fn steps(&self, drafts: &Drafts<'_>, number: usize, place: &Place) -> Option<Vec<Arc<PlannedStep>>> {
        let suite = drafts.suite();
        let operation = suite.operations.get(self.operation.as_str())?;
        let name = &operation.name.value;
        let call = PlannedCall::plain(name, self.arguments.clone(), drafts.format(), place.clone());
        let step = |action, save: Vec<(Variable, Located<Source>)>| {
            let (place, purpose) = (place.clone(), Purpose::Scenario);
            let (suite, expect, verifies) = (None, Vec::new(), Vec::new());
            Arc::new(PlannedStep { place, purpose, action, suite, expect, save, verifies })
        };
        let saved = |variable: String, path: &str| -> Option<(Variable, Located<Source>)> {
            let path = Path::parse(path).ok()?;
            Some((Variable(variable), Located { value: Source::Path(path), place: place.clone() }))
        };
        let made = made_by(suite, operation).filter(|_| self.broken.is_none());
        let made: Vec<_> = made.and_then(|(path, _)| saved(format!("made_{number}"), &path)).into_iter().collect();
        let call = PlannedAction::Call { calls: vec![call], until: None };
        let Some(jobs) = suite.jobs.as_ref().filter(|_| operation.asynchronous) else {
            return Some(vec![step(call, made)]);
        };
        let job = format!("job_{number}");
        let save = saved(job.clone(), &format!("$.{}", jobs.id))?;
        let follow = PlannedAction::Await {
            job: Template::parse(&Value::from(format!("${job}"))),
            of: Some(name.clone()),
            within: drafts.longest_job(),
            account: None,
            ends: crate::scenario::JobEnd::Succeeded,
        };
        Some(vec![step(call, vec![save]), step(follow, made)])
    }
}
