//! How long to wait before asking again.

use std::time::Duration;

/// The first pause between two questions; each later one is half as long again.
const FIRST: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(5);

/// The pauses between questions: short at first, so that quick answers are not waited for, then longer.
pub(super) struct PollInterval(Duration);

impl Default for PollInterval {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl PollInterval {
    /// The pause before the next question.
    pub fn next_pause(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 3 / 2).min(LONGEST);
        pause
    }
}
