//! From profiles to a load plan: what is sent when, and what is promised of it, complete before the first request.

mod amount;
mod apply;
mod capacity;
pub mod chance;
mod check;
pub mod pace;
mod parameters;
mod planned;
mod promises;
mod trace;

use std::collections::{BTreeMap, HashMap};

use crate::deployment::Target;
use crate::profile::Profile;
use assay_suite::source::{Diagnostics, closest};
use assay_suite::{RequirementId, SuiteName};

use super::Library;
use super::expand::PlannedByFormat;
use apply::Context;
pub use capacity::NoCapacity;
pub use planned::{LoadChoice, PlannedArrivals, PlannedDue, PlannedLoad, PlannedPortion, PlannedProfile, PlannedUsers};
pub(super) use promises::is_promise_name;

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
