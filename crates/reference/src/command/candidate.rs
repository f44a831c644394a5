//! What may be listed, and what it must be to be.

use std::borrow::Cow;

use crate::world::{Fields, Owner};

/// What may be listed: a resource, or a job that is shown like one.
pub struct Candidate<'a> {
    /// Whose it is.
    pub owner: Owner,
    /// What is known of it.
    pub fields: Cow<'a, Fields>,
    /// The ids of the accounts that were granted its use.
    pub granted: &'a [String],
}

/// What a candidate must be to be listed.
pub type Condition<'a> = Box<dyn Fn(&Candidate<'_>) -> bool + 'a>;
