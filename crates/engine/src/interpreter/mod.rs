//! Walks through cases: calls, follows jobs, fetches pages, and removes what was created.
//!
//! One interpreter walks through the steps of a case, [`run_case`]. It asks an [`Exchanger`] for every exchange: that is a
//! deployment, by a [`Session`], or the record of a run that is judged again. [`prepare_case`] stops before the removal, and
//! [`undo_open`] makes up for one that an earlier run did not come to.

mod absent;
mod asking;
mod await_job;
mod calls;
mod claims;
mod created;
mod data;
mod evidence;
mod exchanger;
mod form;
mod inventories;
mod job;
mod known_deviations;
mod lists;
mod looks;
mod moved;
mod names;
mod obligations;
mod open;
mod orphan_search;
mod outcome;
mod ownership;
mod pages;
mod paginate;
mod polling;
mod removal;
mod restore;
mod saved;
mod secrets;
mod session;
mod settings;
mod sighting;
mod state;
mod survey;
mod throttle;
mod undo;
mod walk;
mod witnesses;

pub use absent::{refused_as_absent, settle_absent};
pub use evidence::{Evidence, Question};
pub use exchanger::{Exchanger, Later, NoExchange, Postponed};
pub use inventories::Inventories;
pub use known_deviations::mark_stale;
pub use lists::is_going;
pub use open::OpenCase;
pub use outcome::{CaseOutcome, NOT_BEGUN};
pub use pages::{NextPart, PageWalk, items_of};
pub use restore::{Unknown, Waits, origin_of, take_inventories, undo_open};
pub use secrets::CaseSecrets;
pub use session::{Session, SessionError};
pub use sighting::{Sighting, Sightings};
pub use state::LONGEST_EVIDENCE;
pub use walk::{Prepared, prepare_case, run_case};
pub use witnesses::withdraw_unfounded;
