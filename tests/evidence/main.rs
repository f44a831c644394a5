//! No verdict says more than what was observed carries.

#![allow(clippy::unwrap_used, reason = "what a test relies on is there, or the test fails")]

mod null_servers;
#[path = "../support/mod.rs"]
mod support;
mod undecided;
