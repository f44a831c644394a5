//! Documents: the schemas by which editors complete them, what is said of wrong ones, and readers that nothing upsets.

#![allow(clippy::unwrap_used, reason = "what a test relies on is there, or the test fails")]

#[path = "documents/arbitrary.rs"]
mod arbitrary;
#[path = "documents/profiles.rs"]
mod profiles;
#[path = "fuzz/readers.rs"]
mod readers;
#[path = "documents/schemas.rs"]
mod schemas;
#[path = "fuzz/seeds.rs"]
mod seeds;
mod support;
#[path = "documents/wrong.rs"]
mod wrong;
