//! A load profile, planned.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::plan::case::{Case, PlannedCall, Readiness};
use crate::profile::{Abort, Data, Rate, SearchBounds, Shape, Spacing, Trace};
use crate::scenario::Bindings;
use assay_formats::record::load::RecordedProfile;
use assay_suite::{OperationName, Suite, SuiteName, Variable};

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
