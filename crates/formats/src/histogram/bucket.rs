//! The buckets of a histogram, and what they can hold.

use std::time::Duration;

/// The longest duration that is distinguished from longer ones.
pub const LONGEST: Duration = Duration::from_secs(600);

/// Durations are kept to this many significant digits.
pub(super) const DIGITS: u8 = 3;

/// No load run counts more in a second, and a sum of many still fits.
pub(super) const MOST: u64 = 1 << 40;

/// No histogram of a load run has more bytes: it has 32,000 buckets, of at most nine bytes.
pub(super) const LONGEST_ENCODING: u32 = 1 << 20;

/// Durations that are not distinguished, in nanoseconds, the ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub lowest: u64,
    pub highest: u64,
    pub count: u64,
}

/// Why a text is no histogram.
#[derive(Debug, thiserror::Error)]
#[error("this is no encoded histogram: {0}")]
pub struct NotAHistogram(pub(super) String);

/// Nanoseconds, at least 1 and at most the longest that is distinguished.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.min(LONGEST).as_nanos()).unwrap_or(u64::MAX).max(1)
}
