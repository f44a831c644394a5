//! The harness against the reference cloud, whole and broken: what is found, what is not, and what stays behind.

#![allow(clippy::unwrap_used, reason = "what a test relies on is there, or the test fails")]

mod behaviour;
mod behaviour_mutants;
mod evidence;
mod explore;
mod fault_trace;
mod faults;
mod inventory;
mod mutants;
mod ownership;
mod steady;
mod support;
