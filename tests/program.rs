//! The program as people use it, and what it must withstand: documents, servers, signals, time.

#![allow(clippy::unwrap_used, reason = "what a test relies on is there, or the test fails")]

mod architecture;
mod by_hand;
mod certificates;
mod command_line;
mod credentials;
mod docs;
mod documents;
mod foreign;
mod fuzz;
mod hostile;
mod kills;
mod load;
mod new_profile;
mod new_scenario;
mod new_suite;
mod openapi;
mod reports;
mod run_to_run;
mod shards;
mod support;
mod surroundings;
