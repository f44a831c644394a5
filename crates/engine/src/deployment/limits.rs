//! How hard a deployment may be pressed.

use std::time::Duration;

/// How hard a deployment may be pressed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests under way at once.
    pub in_flight: usize,
    /// Requests a second; none for no limit.
    pub rate: Option<u32>,
    /// From sending a request to the last byte of its answer.
    pub deadline: Duration,
    /// How long a job may take, whatever a scenario allows.
    pub longest_job: Duration,
    /// The longest body that is read, in bytes.
    pub longest_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 8,
            rate: None,
            deadline: Duration::from_secs(30),
            longest_job: Duration::from_secs(600),
            longest_body: 8 << 20,
        }
    }
}
