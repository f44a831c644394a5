//! What a law is about.

use assay_suite::{Law, Operation, Resource};

/// The resource of a law, and what creates one of it.
pub(super) struct Subject<'a> {
    pub resource: &'a Resource,
    pub create: &'a Operation,
    pub key: &'a str,
    pub law: &'a Law,
}
