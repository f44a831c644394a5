//! From profiles to a load plan: what is sent when, and what is promised of it, complete before the first request.

mod amount;
mod apply;
mod capacity;
pub mod chance;
mod check;
pub mod pace;
mod promises;
mod trace;

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::deployment::Target;
use crate::profile::{Abort, Data, Profile, Rate, SearchBounds, Shape, Spacing, Trace};
use crate::scenario::Bindings;
use assay_formats::record::load::RecordedProfile;
use assay_suite::Variable;
use assay_suite::source::{Diagnostics, closest};
use assay_suite::{OperationName, RequirementId, Suite, SuiteName};

use super::Library;
use super::case::{Case, PlannedCall, Readiness};
use super::expand::PlannedByFormat;
use apply::Context;
pub use capacity::NoCapacity;
pub(super) use promises::is_promise_name;

/// What a load run is to cover, and how it departs from what is written.
#[derive(Clone, Debug, Default)]
pub struct LoadChoice {
    /// These suites; all that the target serves when none are named.
    pub suites: Vec<SuiteName>,
    /// Profiles whose name, or whose file's path; all when none are named.
    pub names: Vec<String>,
    /// Profiles with one of these tags; all when none are named.
    pub tags: Vec<String>,
    /// How long each takes after its warm-up, at the rates that are written. As long as it is written when nothing is said.
    pub lasts: Option<Duration>,
    /// What chance is made from, in place of the seeds that are written.
    pub seed: Option<u64>,
}

/// The profiles of a load run.
#[derive(Clone, Debug)]
pub struct LoadPlan {
    /// One after another; the profiles of a round run at the same time.
    pub rounds: Vec<Vec<PlannedProfile>>,
    /// Names that were chosen and that no profile has.
    pub unknown: Vec<UnknownName>,
}

/// A name that no profile has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// The name of a profile that looks like it.
    pub near: Option<String>,
}

/// A profile, applied to an operation if it is repeated for some, with everything resolved that is known before the run.
#[derive(Clone, Debug)]
pub struct PlannedProfile {
    /// What the record says of it: names, promises, what is expected.
    pub recorded: RecordedProfile,
    /// The suite.
    pub suite: Arc<Suite>,
    /// The values of the target's variables; they go before.
    pub given: Arc<Bindings>,
    /// When requests are made.
    pub load: PlannedLoad,
    /// What they ask for; nothing in the closed model. A trace's arrivals name their portions by their places here.
    pub portions: Vec<PlannedPortion>,
    /// The values of variables in each request anew. They go before all others.
    pub data: Vec<(Variable, Data)>,
    /// What is done before, for the one interpreter: the steps of fixtures that the requests need, and those that the
    /// profile has for it. What it saves the requests use; what it creates is removed afterwards. Nothing if nothing is done.
    pub set_up: Option<Arc<Case>>,
    /// The most requests under way at once.
    pub in_flight: u32,
    /// The share of answers, from 0 to 1, that are held against their JSON Schema.
    pub checked: f64,
    /// From sending to the last byte of the answer; what takes longer has failed.
    pub deadline: Duration,
    /// Where its capacity is searched.
    pub search: SearchBounds,
    /// When the profile ends early.
    pub abort: Abort,
    /// Whether it can be run against the target.
    pub readiness: Readiness,
}

impl PlannedProfile {
    /// Its steps as cases: those of the set-up, and those that its users take.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        let journey = match &self.load {
            PlannedLoad::Open(_) => None,
            PlannedLoad::Closed(users) => Some(&users.journey),
        };
        self.set_up.iter().chain(journey).map(AsRef::as_ref)
    }
}

/// When the requests of a profile are made.
#[derive(Clone, Debug)]
pub enum PlannedLoad {
    /// At moments that do not depend on answers.
    Open(PlannedArrivals),
    /// By users who wait for answers.
    Closed(PlannedUsers),
}

/// When requests are due in the open model.
#[derive(Clone, Debug)]
pub struct PlannedArrivals {
    /// The first part is not judged, for this long.
    pub warm_up: Duration,
    /// How neighbours are spaced.
    pub spacing: Spacing,
    /// What chance is made from.
    pub seed: u64,
    /// How many are due when.
    pub due: PlannedDue,
}

/// How many requests are due when.
#[derive(Clone, Debug)]
pub enum PlannedDue {
    /// As many as a rate over time says.
    Shape(Shape),
    /// When a recorded trace says.
    Trace(Trace),
}

/// The users of the closed model.
#[derive(Clone, Debug)]
pub struct PlannedUsers {
    /// How many are there in the end.
    pub count: NonZeroU32,
    /// How many come in a second.
    pub hatch_rate: Rate,
    /// How long each thinks between two journeys: from, to.
    pub think_time: (Duration, Duration),
    /// How long they stay, from the first one's coming.
    pub stays: Duration,
    /// The first part is not judged, for this long.
    pub warm_up: Duration,
    /// What chance is made from.
    pub seed: u64,
    /// What each does, again and again. It has no fixtures: they are in the profile's set-up.
    pub journey: Arc<Case>,
}

/// A part of a mix.
#[derive(Clone, Debug)]
pub struct PlannedPortion {
    /// The operation.
    pub operation: OperationName,
    /// How it is asked for; it may still hold variables of `data` and of the set-up.
    pub call: PlannedCall,
    /// How often, as against the others.
    pub weight: NonZeroU32,
}

impl LoadPlan {
    /// Applies the profiles of a library to a target. Mistakes that only show so are reported: rates and service levels
    /// that no document has, parameters that an operation does not have.
    pub fn new(library: &Library, target: &Target, choice: &LoadChoice, mistakes: &mut Diagnostics) -> Self {
        let mut plan = Rounds::default();
        let (mut known, mut missed) = (Vec::new(), choice.names.clone());
        for suite in super::chosen(library, target, &choice.suites) {
            let context = Context::new(library, target, &suite, choice);
            let mut planned = PlannedByFormat::default();
            for profile in library.profiles.iter().filter(|profile| profile.suite == suite.name.value) {
                let tagged = choice.tags.is_empty() || profile.tags.iter().any(|tag| choice.tags.contains(tag));
                for applied in context.applications(profile, mistakes).into_iter().filter(|_| tagged) {
                    missed.retain(|name| !applied.is_called(name));
                    if choice.names.is_empty() || choice.names.iter().any(|name| applied.is_called(name)) {
                        plan.add(profile, applied.plan(&context, &mut planned, mistakes));
                    }
                    known.push(applied.name);
                }
            }
        }
        let known = || known.iter().map(String::as_str);
        let unknown = missed.into_iter();
        let unknown = unknown.map(|name| UnknownName { near: closest(&name, known()).map(str::to_owned), name });
        Self { rounds: plan.rounds, unknown: unknown.collect() }
    }

    /// All profiles, in the order in which they are run.
    pub fn profiles(&self) -> impl Iterator<Item = &PlannedProfile> {
        self.rounds.iter().flatten()
    }
}

/// For each requirement that a profile decides, the names of these profiles. Their mistakes are reported where they are planned.
pub(super) fn verifying(
    library: &Library,
    target: &Target,
    suites: &[SuiteName],
) -> BTreeMap<RequirementId, Vec<String>> {
    let choice = LoadChoice { suites: suites.to_vec(), ..LoadChoice::default() };
    let plan = LoadPlan::new(library, target, &choice, &mut Diagnostics::new());
    let mut verifying: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for profile in plan.profiles().map(|profile| &profile.recorded) {
        for requirement in profile.promises.iter().flat_map(|promise| &promise.requirements) {
            let profiles = verifying.entry(requirement.id.clone()).or_default();
            if !profiles.contains(&profile.name) {
                profiles.push(profile.name.clone());
            }
        }
    }
    verifying
}

/// Rounds on their way.
#[derive(Default)]
struct Rounds {
    rounds: Vec<Vec<PlannedProfile>>,
    /// Which round the profiles of a file that share a word are in.
    together: HashMap<(String, String), usize>,
}

impl Rounds {
    fn add(&mut self, written: &Profile, planned: PlannedProfile) {
        let next = self.rounds.len();
        let round = match &written.together {
            Some(word) => *self.together.entry((written.file.path.clone(), word.clone())).or_insert(next),
            None => next,
        };
        match self.rounds.get_mut(round) {
            Some(round) => round.push(planned),
            None => self.rounds.push(vec![planned]),
        }
    }
}
