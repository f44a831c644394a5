//! What a wrong or hostile deployment does to a run: it ends, in bounded time and memory, and tells what it saw. Secrets stay
//! secret, and what is not allowed is not asked.

#![allow(clippy::unwrap_used, reason = "what a test relies on is there, or the test fails")]

mod behaviours;
mod certificates;
mod findings;
mod recorded;
mod run;
mod secrets;
mod spy;
#[path = "../support/mod.rs"]
mod support;
mod survival;
mod through;
mod yard;
