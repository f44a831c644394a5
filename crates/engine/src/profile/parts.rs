//! A load profile, and what it is made of.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::scenario::{CallOptions, OperationChoice, Step, Template};
use assay_suite::Quantile;
use assay_suite::Variable;
use assay_suite::source::{Located, Place, SourceFile};
use assay_suite::{ServiceLevel, SuiteName};

use super::shape::Rate;
use super::written::WrittenShape;

/// A load profile, not yet applied to any operation.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What it is, as a sentence; `$operation` is what it is repeated for.
    pub title: Located<String>,
    /// The document it is in.
    pub file: Arc<SourceFile>,
    /// The suite in whose folder it is.
    pub suite: SuiteName,
    /// Words by which a run can choose it.
    pub tags: Vec<String>,
    /// The operations it is repeated for, each bound to `$operation`; once when nothing is said.
    pub for_each: Option<OperationsWithLevel>,
    /// Profiles of one file that name the same group run at the same time; the others one after another.
    pub together: Option<String>,
    /// When requests are made.
    pub load: Load,
    /// What they ask for; in the closed model, nothing: the users' journey says it.
    pub mix: Vec<Portion>,
    /// The values of variables in each request anew.
    pub data: Vec<(Located<Variable>, Data)>,
    /// What is done before, outside of the measurement. What it creates is removed afterwards.
    pub set_up: Vec<Step>,
    /// What is promised.
    pub service_level: Located<Promised>,
    /// The most requests under way at once, and so the connections that are opened beforehand. The closed model has its users.
    pub in_flight: NonZeroU32,
    /// The share of answers, from 0 to 1, that are held against their JSON Schema; status and envelope always are.
    pub checked: f64,
    /// From sending to the last byte of the answer; what takes longer has failed.
    pub deadline: Duration,
    /// Where a capacity is searched.
    pub search: SearchBounds,
    /// When a run ends early.
    pub abort: Abort,
}

/// Between which rates a capacity is searched, and how long; what is left out has a default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SearchBounds {
    /// The first rate.
    pub from: Option<Rate>,
    /// The highest rate that is tried.
    pub to: Option<Rate>,
    /// How wide the interval may be, as a share of its lower end.
    pub width: Option<f64>,
    /// How long the search may take.
    pub within: Option<Duration>,
}

impl Profile {
    /// The steps in it: those of the set-up, and those that its users take.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let journey = match &self.load {
            Load::Open(_) => &[],
            Load::Closed(users) => users.journey.as_slice(),
        };
        self.set_up.iter().chain(journey)
    }
}

/// The operations that a profile is repeated for.
#[derive(Clone, Debug, Default)]
pub struct OperationsWithLevel {
    /// Those meant by the words that scenarios have for operations.
    pub choice: OperationChoice,
    /// Of those, the ones with this documented throughput, as it is written there (`60/min`); with any service level when
    /// nothing is said.
    pub throughput: Option<Located<Rate>>,
}

/// When requests are made.
#[derive(Clone, Debug)]
pub enum Load {
    /// At moments that do not depend on answers: the open model.
    Open(Arrivals),
    /// By users, each of whom waits for an answer before asking again: the closed model.
    Closed(Users),
}

/// When requests are due in the open model.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// The first part of the shape is not judged, for this long.
    pub warm_up: Duration,
    /// How neighbours are spaced.
    pub spacing: Spacing,
    /// What chance is made from: the same seed gives the same moments.
    pub seed: u64,
    /// How many are due when.
    pub plan: Due,
}

/// How many requests are due when.
#[derive(Clone, Debug)]
pub enum Due {
    /// As many as a rate over time says.
    Shape(WrittenShape),
    /// When a recorded trace says.
    Trace(Trace),
}

impl Due {
    /// How long until the last request is due.
    pub fn lasts(&self) -> Duration {
        match self {
            Self::Shape(shape) => shape.lasts(),
            Self::Trace(trace) => trace.lasts(),
        }
    }
}

impl Trace {
    /// How long until the last request is due.
    pub fn lasts(&self) -> Duration {
        self.arrivals.last().map(|arrival| self.moment(arrival)).unwrap_or_default()
    }

    /// When a request is due, as it is replayed.
    pub fn moment(&self, arrival: &TracedArrival) -> Duration {
        arrival.at.div_f64(self.scale)
    }
}

/// How neighbouring requests are spaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spacing {
    /// At equal distances, as the rate wants.
    #[default]
    Even,
    /// As independent users would: exponential distances.
    Poisson,
}

impl Spacing {
    /// All spacings, with the names that profiles give them.
    pub const NAMES: [(&'static str, Self); 2] = [("even", Self::Even), ("poisson", Self::Poisson)];
}

/// Recorded arrivals: what was asked when.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The moments, from the first of the trace on, in order.
    pub arrivals: Arc<[TracedArrival]>,
    /// How much faster than recorded it is replayed: 2 halves the distances.
    pub scale: f64,
    /// Where the trace is named.
    pub place: Place,
}

/// One line of a trace.
#[derive(Clone, Debug)]
pub struct TracedArrival {
    /// From the start of the trace.
    pub at: Duration,
    /// Which portion of the mix it asks for.
    pub portion: usize,
    /// The arguments that it gives in addition to those of the portion.
    pub arguments: Vec<(String, Value)>,
}

/// The users of the closed model.
#[derive(Clone, Debug)]
pub struct Users {
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
    /// What chance is made from: the same seed gives the same think times.
    pub seed: u64,
    /// What each does, again and again.
    pub journey: Vec<Step>,
}

/// A part of a mix.
#[derive(Clone, Debug)]
pub struct Portion {
    /// The operation; its name may come from `$operation`.
    pub operation: Located<Template>,
    /// How it is asked for.
    pub options: CallOptions,
    /// How often, as against the others.
    pub weight: NonZeroU32,
}

/// The value of a variable, in each request anew.
#[derive(Clone, Debug)]
pub enum Data {
    /// One value after another, from the first again after the last: lists, and columns of CSV files.
    Values(Arc<[Value]>),
    /// A number after another.
    Counter {
        /// The first.
        from: u64,
    },
    /// A whole number by chance, the ends included.
    Random {
        /// The least.
        from: u64,
        /// The greatest.
        to: u64,
        /// What chance is made from.
        seed: u64,
    },
}

/// What is promised of the operations of a profile.
#[derive(Clone, Debug)]
pub enum Promised {
    /// What the document says of each.
    Documented,
    /// This of each. What it leaves out is not judged.
    Own(OwnServiceLevel),
    /// Nothing: the run only measures.
    Nothing,
}

/// A service level that a profile names itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnServiceLevel {
    /// So many requests a second are answered well.
    pub throughput: Option<Rate>,
    /// Response times.
    pub quantiles: Vec<(Quantile, Duration)>,
    /// The share of requests, from 0 to 1, that must succeed.
    pub availability: Option<f64>,
}

impl From<&ServiceLevel> for OwnServiceLevel {
    fn from(level: &ServiceLevel) -> Self {
        Self {
            throughput: Some(Rate::per_second(level.throughput.per_second())),
            quantiles: level.quantiles.clone(),
            availability: level.availability,
        }
    }
}

/// When a run ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abort {
    /// As soon as a service level is certainly violated, but not before this much was judged.
    Certain(Duration),
    /// Never.
    Never,
}
