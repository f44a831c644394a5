//! A profile becomes a planned one for every operation that it is repeated for.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::deployment::{LoadPermission, Target, allow_line};
use crate::profile::{Arrivals, Data, Due, Load, Portion, Profile, Rate, Shape, Users, WrittenShape};
use crate::scenario::{Action, Bindings, Call, Scenario, Step, StepRole, Template};
use assay_formats::record::load::{Model, RecordedProfile};
use assay_suite::Variable;
use assay_suite::source::{Diagnostic, Diagnostics, Located};
use assay_suite::{Deviation, Encoding, Operation, OperationName, Suite};

use super::amount::stretched;
use super::planned::{
    LoadChoice, PlannedArrivals, PlannedDue, PlannedLoad, PlannedPortion, PlannedProfile, PlannedUsers,
};
use super::promises::{Offered, Peak, lateness};
use super::trace::{shortened, typed};
use crate::plan::arguments;
use crate::plan::case::{Case, PlannedAction, PlannedStep, Purpose, Readiness};
use crate::plan::check::arguments::{Request, Wanted};
use crate::plan::chosen::{deviations, given};
use crate::plan::expand::{self, PlannedByFormat};
use crate::plan::fixtures::Completion;
use crate::plan::planner::Planner;
use crate::plan::{Library, needs};

/// What the profiles of a suite have in common.
pub(super) struct Context<'a> {
    pub(super) library: &'a Library,
    target: &'a Target,
    pub(super) suite: &'a Arc<Suite>,
    choice: &'a LoadChoice,
    pub(super) given: Arc<Bindings>,
    conventions: Bindings,
    deviations: Arc<[Deviation]>,
    format: Encoding,
}

/// A profile, applied to an operation if it is repeated for some.
pub(super) struct Applied<'a> {
    /// Its name: suite, file, what it is, and what it is applied to.
    pub name: String,
    pub(super) profile: &'a Arc<Profile>,
    /// What it is applied to.
    pub(super) operation: Option<&'a Operation>,
    pub(super) bindings: Bindings,
}

/// The steps of a profile, resolved.
struct Steps {
    /// What is done before.
    set_up: Vec<Arc<PlannedStep>>,
    /// The requests of the mix, or the journey.
    requests: Vec<PlannedStep>,
    readiness: Readiness,
}

impl<'a> Context<'a> {
    pub fn new(library: &'a Library, target: &'a Target, suite: &'a Arc<Suite>, choice: &'a LoadChoice) -> Self {
        Self {
            library,
            target,
            suite,
            choice,
            given: Arc::new(given(target, suite)),
            conventions: expand::conventions(suite),
            deviations: deviations(target, suite),
            format: suite.usual_format(),
        }
    }

    /// A profile once, or for each operation that it is repeated for.
    pub fn applications(&self, profile: &'a Arc<Profile>, mistakes: &mut Diagnostics) -> Vec<Applied<'a>> {
        let title = profile.title.value.replace("${operation}", "").replace("$operation", "");
        let name = [&self.suite.name.value.0, profile.file.stem(), &expand::slug(&title)].join("::");
        let Some(for_each) = &profile.for_each else {
            return vec![Applied { name, profile, operation: None, bindings: self.conventions.clone() }];
        };
        let suite: &'a Suite = self.suite;
        let meant = suite.operations.values().filter(|operation| {
            let level = operation.service_level.as_ref();
            let asked = for_each.throughput.as_ref().map(|rate| rate.value.value());
            let of_throughput = |rate: f64| level.is_some_and(|level| same(level.throughput.per_second(), rate));
            level.is_some() && asked.is_none_or(of_throughput) && for_each.choice.includes(suite, operation)
        });
        let applied = meant.map(|operation| Applied {
            name: format!("{name}::{}", operation.name.value),
            profile,
            operation: Some(operation),
            bindings: expand::bound_to(suite, operation, &self.conventions),
        });
        let applied: Vec<_> = applied.collect();
        if applied.is_empty() {
            let message = "`for_each` fits no operation with a documented service level";
            let place = for_each.throughput.as_ref().map_or(&profile.title.place, |rate| &rate.place);
            mistakes.add(Diagnostic::error(place, message).help("assay list operations shows what there is"));
        }
        applied
    }

    fn planner<'p>(&'p self, bindings: &'p Bindings, mistakes: &'p mut Diagnostics) -> Planner<'p> {
        Planner {
            suite: self.suite,
            suites: &self.library.suites,
            fixtures: &self.library.written.fixtures,
            longest_job: self.target.limits.longest_job,
            bindings,
            conventions: &self.conventions,
            allowed: &self.target.allow,
            format: self.format,
            jobs: Vec::new(),
            mistakes,
        }
    }
}

/// Whether two rates are the same but for rounding.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.max(other)
}

impl Applied<'_> {
    /// Whether a name that somebody gave means this: a part of its own name, of its title, or of its file's path.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.contains(name) || self.title().contains(name) || self.profile.file.path.contains(name)
    }

    pub fn plan(
        &self,
        context: &Context<'_>,
        planned: &mut PlannedByFormat,
        mistakes: &mut Diagnostics,
    ) -> PlannedProfile {
        let profile = self.profile;
        let Steps { set_up, requests, readiness } = self.steps(context, planned, mistakes);
        let portions = self.portions(context, &requests, mistakes);
        let (load, in_flight) = match &profile.load {
            Load::Open(arrivals) => {
                let arrivals = planned_arrivals(arrivals, context, &portions, mistakes);
                (PlannedLoad::Open(arrivals), profile.in_flight.get())
            }
            Load::Closed(users) => {
                let journey = requests.into_iter().map(Arc::new).collect();
                let journey = self.case(context, "journey", &users.journey, journey);
                (PlannedLoad::Closed(planned_users(users, context.choice, journey)), users.count.get())
            }
        };
        let set_up = (!set_up.is_empty()).then(|| self.case(context, "set-up", &profile.set_up, set_up));
        let recorded = self.recorded(context, &load, &portions, in_flight, mistakes);
        let readiness = match (readiness, too_fast(context.target, &recorded.model)) {
            (Readiness::Ready, Some(reason)) => Readiness::Skipped(reason),
            (readiness, _) => readiness,
        };
        PlannedProfile {
            recorded,
            suite: Arc::clone(context.suite),
            given: Arc::clone(&context.given),
            load,
            portions,
            data: self.data(context.choice.seed),
            set_up,
            in_flight,
            checked: profile.checked,
            deadline: profile.deadline,
            search: profile.search,
            abort: profile.abort,
            readiness,
        }
    }

    /// The steps of the set-up, with the fixtures that it and the requests need, and the requests.
    fn steps(&self, context: &Context<'_>, planned: &mut PlannedByFormat, mistakes: &mut Diagnostics) -> Steps {
        let profile = self.profile;
        let mut planner = context.planner(&self.bindings, mistakes);
        let mut resolve =
            |steps: &[Step]| -> Vec<_> { steps.iter().map(|step| planner.step(step, &Purpose::Scenario)).collect() };
        let set_up = resolve(&profile.set_up);
        let requests = match &profile.load {
            Load::Open(_) => {
                let steps = profile.mix.iter().map(|portion| step(portion, context.suite, &self.bindings));
                resolve(&steps.collect::<Vec<_>>())
            }
            Load::Closed(users) => resolve(&users.journey),
        };
        self.check_variables(context, &set_up, &requests, planner.mistakes);
        let mut given = Bindings::clone(&context.given);
        given.extend(profile.data.iter().map(|(name, _)| (name.value.clone(), Value::Null)));
        let completion = Completion::new(&mut planner, planned.entry(context.format).or_default(), &given);
        match completion.complete_before(set_up, &requests) {
            Ok(set_up) => {
                let readiness = readiness(context, &set_up, &requests);
                Steps { set_up, requests, readiness }
            }
            Err(missing) => Steps { set_up: Vec::new(), requests, readiness: Readiness::Skipped(missing.to_string()) },
        }
    }

    fn portions(
        &self,
        context: &Context<'_>,
        requests: &[PlannedStep],
        mistakes: &mut Diagnostics,
    ) -> Vec<PlannedPortion> {
        let mut portions = Vec::new();
        for (written, step) in self.profile.mix.iter().zip(requests) {
            let PlannedAction::Call { calls, .. } = &step.action else { continue };
            let Some(call) = calls.first() else { continue };
            let operation = OperationName(call.operation.clone());
            if let Some(documented) = context.suite.operations.get(&operation) {
                let (suite, option_layers) = (context.suite.as_ref(), vec![&written.options]);
                let is_trace = matches!(&self.profile.load, Load::Open(Arrivals { plan: Due::Trace(_), .. }));
                let wanted = if is_trace { Wanted::Replayed } else { Wanted::Accepted };
                Request { suite, operation: documented, call, option_layers, wanted }.check(mistakes);
            }
            portions.push(PlannedPortion { operation, call: call.clone(), weight: written.weight });
        }
        portions
    }

    /// The values of variables, with another seed if one was chosen.
    fn data(&self, seed: Option<u64>) -> Vec<(Variable, Data)> {
        let data = self.profile.data.iter().map(|(name, data)| {
            let data = match (data, seed) {
                // Each its own, so that two variables do not go up and down together.
                (Data::Random { from, to, seed }, Some(other)) => {
                    Data::Random { from: *from, to: *to, seed: seed.wrapping_add(other) }
                }
                _ => data.clone(),
            };
            (name.value.clone(), data)
        });
        data.collect()
    }

    /// Steps as a case, for the one interpreter.
    fn case(&self, context: &Context<'_>, part: &str, written: &[Step], steps: Vec<Arc<PlannedStep>>) -> Arc<Case> {
        let profile = self.profile;
        let title = profile.title.clone().map(|_| format!("{part} of: {}", self.title()));
        let (name, longest_job) = (format!("{}::{part}", self.name), context.target.limits.longest_job);
        let bare = Case::bare(name, title, context.suite, context.format, longest_job);
        let scenario = Scenario { tags: profile.tags.clone(), steps: written.to_vec(), ..(*bare.scenario).clone() };
        Arc::new(Case {
            scenario: Arc::new(scenario),
            operation: self.operation.map(|operation| operation.name.value.clone()),
            bindings: self.bindings.clone(),
            given: Arc::clone(&context.given),
            steps,
            deviations: Arc::clone(&context.deviations),
            ..bare
        })
    }

    /// The title with the operation in it.
    fn title(&self) -> String {
        let operation = self.operation.map(|operation| operation.name.value.0.as_str()).unwrap_or_default();
        self.profile.title.value.replace("${operation}", operation).replace("$operation", operation)
    }

    fn recorded(
        &self,
        context: &Context<'_>,
        load: &PlannedLoad,
        portions: &[PlannedPortion],
        in_flight: u32,
        mistakes: &mut Diagnostics,
    ) -> RecordedProfile {
        let (model, peak, warm_up, lasts, judged) = match load {
            PlannedLoad::Open(arrivals) => {
                let peak = arrivals.peak().map_or(Peak::Unlimited, Peak::Planned);
                (arrivals.model(), peak, arrivals.warm_up, arrivals.lasts(), arrivals.judged(portions))
            }
            PlannedLoad::Closed(users) => {
                let model = Model::Closed { users: users.count.get() };
                (model, Peak::Unknown, users.warm_up, users.stays, IndexMap::new())
            }
        };
        let offered = Offered { suite: context.suite, operations: operations(load, portions), peak };
        let promises = offered.promises(self.profile, mistakes);
        RecordedProfile {
            name: self.name.clone(),
            title: self.title(),
            suite: context.suite.name.value.clone(),
            place: self.profile.title.place.to_string(),
            // Users are never late: nothing says when they are to ask.
            lateness: if matches!(model, Model::Open { .. }) { lateness(&promises) } else { Vec::new() },
            model,
            warm_up,
            lasts,
            in_flight,
            judged,
            promises,
        }
    }
}

/// When requests are due, with another time and seed if these were chosen.
fn planned_arrivals(
    arrivals: &Arrivals,
    context: &Context<'_>,
    portions: &[PlannedPortion],
    mistakes: &mut Diagnostics,
) -> PlannedArrivals {
    let (warm_up, choice) = (arrivals.warm_up, context.choice);
    let due = match &arrivals.plan {
        Due::Shape(shape) => {
            let shape = plain_shape(shape, context.suite, portions, mistakes);
            PlannedDue::Shape(choice.lasts.map_or(shape.clone(), |lasts| stretched(&shape, warm_up, lasts)))
        }
        Due::Trace(trace) => {
            let trace = typed(trace, context.suite, portions, mistakes);
            PlannedDue::Trace(choice.lasts.map_or(trace.clone(), |lasts| shortened(&trace, warm_up, lasts)))
        }
    };
    PlannedArrivals { warm_up, spacing: arrivals.spacing, seed: choice.seed.unwrap_or(arrivals.seed), due }
}

/// The shape in plain rates.
fn plain_shape(
    written: &WrittenShape,
    suite: &Suite,
    portions: &[PlannedPortion],
    mistakes: &mut Diagnostics,
) -> Shape {
    let first = portions.first().map(|portion| &portion.operation);
    let alone = first.filter(|first| portions.iter().all(|portion| portion.operation == **first));
    let level = alone.and_then(|name| suite.operations.get(name)?.service_level.as_ref());
    let documented = level.map(|level| Rate::per_second(level.throughput.per_second()));
    let shape = written.known(documented).unwrap_or_else(|segment| {
        let message = match alone {
            Some(name) => format!("the document says no throughput of {name}"),
            None => "`documented` is the rate of one operation, and the mix has several".to_owned(),
        };
        mistakes.add(Diagnostic::error(&segment.place, message).help("write the rate itself: 100/s"));
        Shape(Vec::new())
    });
    let some = shape.is_unlimited() || shape.arrivals_by(shape.lasts()) > 0.0;
    if let (Some(first), false, false) = (written.0.first(), some, shape.0.is_empty()) {
        let mistake = Diagnostic::error(&first.place, "of this shape no request ever becomes due");
        mistakes.add(mistake.help("write a higher rate, or a longer time"));
    }
    shape
}

/// The users of the closed model, with another time and seed if these were chosen.
fn planned_users(users: &Users, choice: &LoadChoice, journey: Arc<Case>) -> PlannedUsers {
    PlannedUsers {
        count: users.count,
        hatch_rate: users.hatch_rate,
        think_time: users.think_time,
        stays: choice.lasts.map_or(users.stays, |lasts| users.warm_up + lasts),
        warm_up: users.warm_up,
        seed: choice.seed.unwrap_or(users.seed),
        journey,
    }
}

/// The step that a portion of a mix comes to: what its operation must have and the portion does not give has its
/// documented value.
fn step(portion: &Portion, suite: &Suite, bindings: &Bindings) -> Step {
    let operation = portion.operation.value.bind(bindings).to_string();
    let documented = suite.operations.get(operation.as_str());
    let mut options = portion.options.clone();
    for name in documented.map(arguments::obligatory_with_values).unwrap_or_default() {
        options.add.push(portion.operation.clone().map(|_| Template::text(&name)));
    }
    let call = Call { operation: portion.operation.clone(), options, until: None };
    Step {
        action: Located { value: Action::Call(call), place: portion.operation.place.clone() },
        suite: None,
        each: Vec::new(),
        expect: Vec::new(),
        save: Vec::new(),
        verifies: Vec::new(),
        role: StepRole::Tests,
    }
}

/// The operations of a profile, each once, with its share of all requests.
fn operations(load: &PlannedLoad, portions: &[PlannedPortion]) -> Vec<(OperationName, f64)> {
    let mut parts: IndexMap<OperationName, u32> = IndexMap::new();
    let mut add = |name: &OperationName, part: u32| *parts.entry(name.clone()).or_default() += part;
    match load {
        PlannedLoad::Open(PlannedArrivals { due: PlannedDue::Trace(trace), .. }) => {
            let asked = trace.arrivals.iter().filter_map(|arrival| portions.get(arrival.portion));
            asked.for_each(|portion| add(&portion.operation, 1));
        }
        PlannedLoad::Open(_) => portions.iter().for_each(|portion| add(&portion.operation, portion.weight.get())),
        PlannedLoad::Closed(users) => {
            users.journey.steps.iter().flat_map(|step| step.operations()).for_each(|name| add(&name, 1));
        }
    }
    let all: f64 = parts.values().copied().map(f64::from).sum();
    parts.into_iter().map(|(name, part)| (name, f64::from(part) / all)).collect()
}

/// Whether the target lets itself be loaded, allows what the steps do, and has what they need.
fn readiness(context: &Context<'_>, set_up: &[Arc<PlannedStep>], requests: &[PlannedStep]) -> Readiness {
    let (target, suite) = (context.target, &context.suite.name.value);
    if target.services.contains_key(suite) && !target.may_be_loaded(suite) {
        return Readiness::Skipped(format!(
            "{suite} of target {} is not on this machine: the target file can allow load with `{}`",
            target.name,
            allow_line(&target.allow, LoadPermission::Anywhere)
        ));
    }
    let requests = requests.iter().cloned().map(Arc::new);
    needs::readiness(context.suite, target, &set_up.iter().cloned().chain(requests).collect::<Vec<_>>())
}

/// Why a load is more than the target file allows, if it is.
fn too_fast(target: &Target, model: &Model) -> Option<String> {
    let allowed = target.limits.rate?;
    let asked = match model {
        Model::Open { peak: Some(peak), .. } if *peak <= f64::from(allowed) => return None,
        Model::Open { peak: Some(peak), .. } => format!("{peak} requests a second"),
        Model::Open { peak: None, .. } | Model::Closed { .. } => {
            "as many requests as the deployment answers".to_owned()
        }
    };
    let target = &target.name;
    Some(format!(
        "target {target} limits the rate to {allowed}/s, and the profile makes {asked}: raise `limits.rate` there"
    ))
}
