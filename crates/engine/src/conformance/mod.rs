//! Runs a plan against a deployment, or judges the record of such a run again; the cases are walked through by
//! [`crate::interpreter`].

mod attempts;
mod judgement;
mod preflight;
mod replay;
mod session;
mod tape;
mod trials;

pub use attempts::{AtFailure, RunOptions};
pub use preflight::{NotAnApi, preflight};
pub use replay::replay;
pub use session::RecordedSession;
pub use trials::{Collected, OpenSession, Watcher, trials};
