//! How far the clocks of a generator and of a deployment are apart, as the `Date` fields of answers show it (RFC 9110, 6.6.1).

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a `Date` field can be late by: it has whole seconds, and servers make it once a second.
const RESOLUTION_US: i64 = 2_000_000;

/// How far a deployment's clock is ahead of a generator's, in microseconds: between two ends. Behind is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockOffset {
    /// At least.
    pub least_us: i64,
    /// At most.
    pub most_us: i64,
}

impl ClockOffset {
    /// What one answer shows: the date in it, and when the generator sent the request and had the answer, by its own clock.
    pub fn of_answer(date: Timestamp, answered: Timestamp, took: Duration) -> Self {
        let took = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        let late = date.as_microsecond().saturating_sub(answered.as_microsecond());
        Self { least_us: late, most_us: late.saturating_add(RESOLUTION_US).saturating_add(took) }
    }

    /// What an answer shows that has just come, by its date as it was written; nothing where that is none.
    pub fn of_date(date: &str, took: Duration) -> Option<Self> {
        let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
        Some(Self::of_answer(date, Timestamp::now(), took))
    }

    /// What two answers show together. If no offset fits both, a clock was set in between: then it lies anywhere in either.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let both = Self { least_us: self.least_us.max(other.least_us), most_us: self.most_us.min(other.most_us) };
        if both.least_us <= both.most_us {
            return both;
        }
        Self { least_us: self.least_us.min(other.least_us), most_us: self.most_us.max(other.most_us) }
    }

    /// By how much the clocks are apart at least; nothing if they may be the same.
    pub fn apart(self) -> Option<Skew> {
        let micros = |us: i64| Duration::from_micros(us.unsigned_abs());
        if self.least_us > 0 {
            return Some(Skew { side: Side::Behind, by: micros(self.least_us) });
        }
        (self.most_us < 0).then(|| Skew { side: Side::Ahead, by: micros(self.most_us) })
    }
}

/// A generator's clock that is certainly not the deployment's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// Whether the generator's clock is ahead or behind.
    pub side: Side,
    /// By how much, at least.
    pub by: Duration,
}

/// Where the generator's clock is, as seen from the deployment's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It shows a later time.
    Ahead,
    /// It shows an earlier time.
    Behind,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(date_s: i64, answered_ms: i64) -> ClockOffset {
        let answered = Timestamp::from_millisecond(answered_ms).unwrap();
        ClockOffset::of_answer(Timestamp::from_second(date_s).unwrap(), answered, Duration::from_millis(100))
    }

    #[test]
    fn clocks_that_may_be_the_same_are_not_called_apart() {
        // The date of a second is that of all its answers, and of those that follow soon.
        for answered in [100_000, 100_999, 101_900] {
            assert_eq!(shown(100, answered).apart(), None, "{answered}");
        }
    }

    #[test]
    fn many_answers_show_an_offset_more_closely_than_one() {
        // The deployment is three seconds ahead.
        let shown: Vec<_> =
            (0..20).map(|step| shown((100_000 + step * 100 + 3_000) / 1_000, 100_000 + step * 100)).collect();
        let all = shown.iter().copied().reduce(ClockOffset::and).unwrap();
        let skew = all.apart().unwrap();
        assert_eq!((skew.side, skew.by), (Side::Behind, Duration::from_secs(3)));
        assert!(all.most_us <= 4_300_000, "{all:?}");
    }

    #[test]
    fn a_clock_that_was_set_in_between_widens_what_is_known() {
        let all = shown(100, 100_500).and(shown(500, 101_000));
        assert_eq!((all.least_us, all.most_us), (-500_000, 401_100_000));
        assert_eq!(all.apart(), None);
    }
}
