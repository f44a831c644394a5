//! How often something took how long.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use super::Quantile;

/// The longest duration that is told from longer ones.
pub const LONGEST: Duration = Duration::from_secs(600);
/// Durations are kept to this many significant digits.
const DIGITS: u8 = 3;

/// How often something took how long, from 1 ns to 600 s, to three significant digits. Two of them add up to what one
/// would have been that saw all.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram(hdrhistogram::Histogram<u64>);

/// A histogram as `HdrHistogram`'s other readers take it: V2, deflated, in Base64. Empty for an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EncodedHistogram(pub String);

/// Why a text is no histogram.
#[derive(Debug, thiserror::Error)]
#[error("this is no encoded histogram: {0}")]
pub struct NotAHistogram(String);

/// How many durations are above a limit, as far as a histogram tells: the limit may fall inside one of its buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Above {
    /// So many at least.
    pub surely: u64,
    /// So many at most.
    pub at_most: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    /// An empty one. It grows with the longest duration that it meets, up to 248 KiB.
    pub fn new() -> Self {
        #[allow(clippy::expect_used, reason = "constants within the library's bounds")]
        let mut counts = hdrhistogram::Histogram::new_with_bounds(1, 1 << 20, DIGITS).expect("bounds are good");
        counts.auto(true);
        Self(counts)
    }

    /// Counts one duration.
    pub fn record(&mut self, duration: Duration) {
        // It grows as it has to, and nothing is above what it can grow to.
        let _ = self.0.record(nanos(duration));
    }

    /// Counts what another has counted.
    pub fn add(&mut self, other: &Self) {
        // As above.
        let _ = self.0.add(&other.0);
    }

    /// Forgets everything, and keeps its memory.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// How many durations were counted.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The duration that this share of all does not exceed; nothing if none was counted.
    pub fn quantile(&self, quantile: Quantile) -> Option<Duration> {
        (!self.is_empty()).then(|| Duration::from_nanos(self.0.value_at_quantile(quantile.share())))
    }

    /// The duration with this place, counted from 1, when all are put in order: the upper end of its bucket.
    pub fn at_rank(&self, rank: u64) -> Option<Duration> {
        if rank == 0 || rank > self.len() {
            return None;
        }
        let mut counted = 0;
        let reached = self.0.iter_recorded().find(|bucket| {
            counted += bucket.count_since_last_iteration();
            counted >= rank
        });
        reached.map(|bucket| Duration::from_nanos(self.0.highest_equivalent(bucket.value_iterated_to())))
    }

    /// How many durations are above a limit.
    pub fn above(&self, limit: Duration) -> Above {
        let limit = nanos(limit);
        let (mut surely, mut at_most) = (0, 0);
        for bucket in self.0.iter_recorded() {
            let (value, count) = (bucket.value_iterated_to(), bucket.count_since_last_iteration());
            surely += if self.0.lowest_equivalent(value) > limit { count } else { 0 };
            at_most += if self.0.highest_equivalent(value) > limit { count } else { 0 };
        }
        Above { surely, at_most }
    }

    /// The longest duration.
    pub fn longest(&self) -> Duration {
        Duration::from_nanos(if self.is_empty() { 0 } else { self.0.max() })
    }

    /// The mean duration.
    pub fn mean(&self) -> Duration {
        Duration::try_from_secs_f64(self.0.mean() / 1e9).unwrap_or_default()
    }

    /// Each duration that was counted, the shortest first, and how many are at most as long.
    pub fn steps(&self) -> impl Iterator<Item = (Duration, u64)> + '_ {
        let mut counted = 0;
        self.0.iter_recorded().map(move |bucket| {
            counted += bucket.count_since_last_iteration();
            (Duration::from_nanos(bucket.value_iterated_to()), counted)
        })
    }

    /// As other readers take it.
    pub fn encode(&self) -> EncodedHistogram {
        let mut bytes = Vec::new();
        if self.is_empty() || V2DeflateSerializer::new().serialize(&self.0, &mut bytes).is_err() {
            return EncodedHistogram::default();
        }
        EncodedHistogram(STANDARD.encode(bytes))
    }
}

impl EncodedHistogram {
    /// The histogram.
    pub fn decode(&self) -> Result<Histogram, NotAHistogram> {
        let mut histogram = Histogram::new();
        if self.0.is_empty() {
            return Ok(histogram);
        }
        let bytes = STANDARD.decode(&self.0).map_err(|error| NotAHistogram(error.to_string()))?;
        let read: hdrhistogram::Histogram<u64> =
            Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(|error| NotAHistogram(error.to_string()))?;
        if read.sigfig() != DIGITS || read.low() != 1 || read.max() > nanos(LONGEST) * 2 {
            return Err(NotAHistogram("it has other bounds than those of a load run".to_owned()));
        }
        histogram.0.add(read).map_err(|error| NotAHistogram(error.to_string()))?;
        Ok(histogram)
    }
}

/// Nanoseconds, at least 1 and at most the longest that is told apart.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.min(LONGEST).as_nanos()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        micros.into_iter().for_each(|micros| histogram.record(Duration::from_micros(micros)));
        histogram
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let mut sum = of((1..=5_000).step_by(2));
        sum.add(&of((2..=5_000).step_by(2)));
        let whole = of(1..=5_000);
        assert_eq!(sum.encode(), whole.encode());
        assert_eq!(sum.len(), 5_000);
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let histogram = of([1, 20, 300, 599_999_999]);
        let again = histogram.encode().decode().unwrap();
        assert_eq!(again.steps().collect::<Vec<_>>(), histogram.steps().collect::<Vec<_>>());
        assert!(EncodedHistogram::default().decode().unwrap().is_empty());
        assert!(EncodedHistogram("HISTFAAA".into()).decode().is_err());
    }

    #[test]
    fn a_limit_inside_a_bucket_is_told_from_both_ends() {
        // At 2 ms a bucket is 1,024 ns wide.
        let histogram = of([1_000, 2_000, 3_000]);
        let above = histogram.above(Duration::from_millis(2));
        assert_eq!(above, Above { surely: 1, at_most: 2 });
        assert_eq!(histogram.above(Duration::from_micros(1_500)), Above { surely: 2, at_most: 2 });
    }

    #[test]
    fn ranks_are_counted_from_one() {
        let histogram = of([10, 20, 30]);
        assert_eq!(histogram.at_rank(0), None);
        assert!(histogram.at_rank(2).unwrap().as_micros().abs_diff(20) <= 1);
        assert_eq!(histogram.at_rank(4), None);
    }
}
