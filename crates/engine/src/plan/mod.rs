//! From documents to cases: resolves references, expands, filters, orders. A plan is complete and never changes.

mod arguments;
mod case;
mod check;
mod chosen;
mod drafts;
mod expand;
mod fixtures;
mod lasting;
mod library;
mod load;
mod needs;
mod parameters;
mod planner;
mod shards;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::deployment::Target;
use assay_formats::record::Strictness;
use assay_suite::Variable;
use assay_suite::source::Diagnostics;
use assay_suite::{RequirementId, Suite, SuiteName};

use chosen::{chosen, deviations, given};

pub use case::{Case, Isolation, PlannedAction, PlannedCall, PlannedStep, Purpose, Readiness};
pub use drafts::Drafts;
pub use lasting::{Certainty, Lasting};
pub use library::Library;
pub use load::{
    LoadChoice, LoadPlan, NoCapacity, PlannedArrivals, PlannedDue, PlannedLoad, PlannedPortion, PlannedProfile,
    PlannedUsers, UnknownName, chance, pace,
};

/// What a run is to cover.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// These suites; all that the target serves when none are named.
    pub suites: Vec<SuiteName>,
    /// Scenarios with one of these tags; all when none are named.
    pub tags: Vec<String>,
    /// What a broken promise comes to that the document does not spell out.
    pub strictness: Strictness,
}

/// The cases of a run, in order.
#[derive(Clone, Debug)]
pub struct ConformancePlan {
    /// The cases: by suite, then as the scenarios are ordered, then by operation and format.
    pub cases: Vec<Arc<Case>>,
    /// The suites they are about.
    pub suites: Vec<Arc<Suite>>,
    /// For each requirement that a load run decides, the names of the profiles that do.
    pub loaded: BTreeMap<RequirementId, Vec<String>>,
}

impl ConformancePlan {
    /// Expands the scenarios of a library for a target. Mistakes that only expansion shows are reported.
    pub fn new(library: &Library, target: &Target, choice: &Choice, mistakes: &mut Diagnostics) -> Self {
        let suites = chosen(library, target, &choice.suites);
        let (mut cases, mut vlan_users) = (Vec::new(), 0..);
        for suite in &suites {
            let deviations = deviations(target, suite);
            let (given, conventions) = (Arc::new(given(target, suite)), expand::conventions(suite));
            let mut planned = expand::PlannedByFormat::default();
            for scenario in library.written.scenarios.iter().filter(|scenario| scenario.scope.includes(suite)) {
                let tagged = choice.tags.is_empty() || scenario.tags.iter().any(|tag| choice.tags.contains(tag));
                if tagged {
                    let (deviations, strictness) = (&deviations, choice.strictness);
                    let (given, conventions) = (&given, &conventions);
                    let expansion = expand::Expansion {
                        library,
                        suite,
                        scenario,
                        target,
                        deviations,
                        strictness,
                        given,
                        conventions,
                    };
                    for mut case in expansion.cases(&mut planned, mistakes) {
                        case.vlan_user = needs::uses_vlans(&case.steps).then(|| vlan_users.next()).flatten();
                        cases.push(Arc::new(case));
                    }
                }
            }
        }
        Self { cases, suites, loaded: load::verifying(library, target, &choice.suites) }
    }

    /// How many cases wait for each variable that the target does not give.
    pub fn waiting(&self, suite: &SuiteName) -> BTreeMap<&Variable, usize> {
        let mut waiting = BTreeMap::new();
        for case in self.cases.iter().filter(|case| case.suite.name.value == *suite) {
            if let Some(variable) = &case.waits_for {
                *waiting.entry(variable).or_default() += 1;
            }
        }
        waiting
    }

    /// The case with a name.
    pub fn case(&self, name: &str) -> Option<&Arc<Case>> {
        self.cases.iter().find(|case| case.name == name)
    }

    /// For each requirement, the names of the cases that verify it.
    pub fn verifying(&self) -> BTreeMap<RequirementId, Vec<&str>> {
        let mut verifying: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for case in &self.cases {
            let mut seen = Vec::new();
            for id in case.steps.iter().flat_map(|step| &step.verifies) {
                if !seen.contains(&id) {
                    seen.push(id);
                    verifying.entry(id.clone()).or_default().push(case.name.as_str());
                }
            }
        }
        verifying
    }
}
