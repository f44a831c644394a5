//! Runs are interrupted, ended and killed at seeded moments, and their disk fills up: what they had observed is kept, what
//! they created is removed or printed. Moments are counted in requests and events, never in time.

#![cfg(unix)]

mod full_disk;
mod load_runs;
mod proxy;
mod records;
mod stage;
mod test_runs;
