//! Random walks: sequences of requests that no scenario describes, sent to a deployment and to a model of it.
//!
//! Pure parts make up requests by what the documents say, relate identifiers, compare answers but for what may
//! differ, shrink sequences and write them down as scenarios. [`Explorer`] does what is done over the network: it walks, and looks
//! into each disagreement.

mod atlas;
mod compare;
mod coverage;
mod dice;
mod explorer;
mod freedom;
mod generator;
mod identities;
mod laws;
mod linearizability;
mod model;
mod observation;
mod pair;
mod render;
mod requirements;
mod sequence;
mod shrink;
mod world;

pub use coverage::{Reached, ReachedPair};
pub use explorer::{Counterexample, Exploration, Explored, Explorer};
pub use laws::Law;
pub use linearizability::{Interval, Linearizability, RegisterCall, judge_history};
pub use observation::Answers;
pub use pair::{Aspect, Disagreement};
pub use sequence::SequenceStep;
