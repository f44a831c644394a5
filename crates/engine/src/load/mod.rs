//! Puts load on a deployment as a plan says, and records second by second what comes of it.
//!
//! The plan's `pace` knows when requests are due, `requests` what they say: both are pure functions of a request's number. The
//! connections of a `worker` take turns in waiting for the next of these moments. What they observe is gathered in a
//! `recorder::ObservationBuffer`, which the `collector` takes once a second into the record.

mod collector;
mod creations;
mod dates;
mod inspector;
mod lifo_mutex;
mod recorder;
mod requests;
mod run;
mod set_up;
#[cfg(test)]
mod tests;
mod timer;
mod users;
mod worker;

pub use collector::{Progress, Sight, Watcher};
pub use run::LoadRun;
pub use set_up::{NotSetUp, SetUp};
pub use users::UsersError;
