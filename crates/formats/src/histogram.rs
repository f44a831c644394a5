//! How often something took how long.

mod bucket;
mod counting;
mod packed;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use assay_suite::Quantile;

use bucket::{Bucket, DIGITS, nanos};
pub use bucket::{LONGEST, NotAHistogram};
use counting::Counting;
use packed::Packed;

/// How often something took how long, from 1 ns to 600 s, to three significant digits. Two of them add up to what one
/// would have been that saw all.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// Ready to count; nothing until that is needed, as a record has hundreds of histograms that are only looked at.
    open: Option<Counting>,
    /// Until then, as it is written, which takes a few bytes for each bucket that holds something; empty for none.
    packed: Packed,
}

/// A histogram as `HdrHistogram`'s other readers take it: V2, deflated, in Base64. Empty for an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EncodedHistogram(pub String);

/// How many durations are above a limit, as far as a histogram shows: the limit may fall inside one of its buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Above {
    /// So many at least.
    pub surely: u64,
    /// So many at most.
    pub at_most: u64,
}

impl PartialEq for Histogram {
    /// Whether the same durations were counted as often.
    fn eq(&self, other: &Self) -> bool {
        self.buckets().eq(other.buckets())
    }
}

impl Histogram {
    /// An empty one. It grows with the longest duration that it meets, up to 248 KiB.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one duration.
    pub fn record(&mut self, duration: Duration) {
        self.opened().add(nanos(duration), 1);
    }

    /// Counts what another has counted.
    pub fn add(&mut self, other: &Self) {
        match &other.open {
            Some(counts) => self.opened().add_all(counts),
            None => other.packed.buckets().for_each(|bucket| self.opened().add(bucket.highest, bucket.count)),
        }
    }

    /// Forgets everything, and keeps its memory.
    pub fn clear(&mut self) {
        self.packed = Packed::default();
        if let Some(counts) = &mut self.open {
            counts.clear();
        }
    }

    /// Keeps only the buckets that hold something: for a histogram that is complete. It still counts if it has to.
    pub fn pack(&mut self) {
        *self = self.packed();
    }

    /// The same in little memory.
    #[must_use]
    pub fn packed(&self) -> Self {
        Self { packed: Packed::new(self.buckets()), open: None }
    }

    /// The contrary: for one that much is asked of.
    pub fn unpack(&mut self) {
        self.opened();
    }

    /// How many durations were counted.
    pub fn len(&self) -> u64 {
        match &self.open {
            Some(counts) => counts.len(),
            None => self.buckets().map(|bucket| bucket.count).sum(),
        }
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The duration that this share of all does not exceed; nothing if none was counted.
    pub fn quantile(&self, quantile: Quantile) -> Option<Duration> {
        self.at_rank(quantile.rank(self.len()))
    }

    /// The duration with this place, counted from 1, when all are put in order: the upper end of its bucket.
    pub fn at_rank(&self, rank: u64) -> Option<Duration> {
        self.steps().find(|(_, counted)| rank > 0 && *counted >= rank).map(|(duration, _)| duration)
    }

    /// How many durations are above a limit.
    pub fn above(&self, limit: Duration) -> Above {
        let limit = nanos(limit);
        let (mut surely, mut at_most) = (0, 0);
        for bucket in self.buckets() {
            surely += if bucket.lowest > limit { bucket.count } else { 0 };
            at_most += if bucket.highest > limit { bucket.count } else { 0 };
        }
        Above { surely, at_most }
    }

    /// The longest duration.
    pub fn longest(&self) -> Duration {
        Duration::from_nanos(self.buckets().last().map_or(0, |bucket| bucket.highest))
    }

    /// The mean duration.
    pub fn mean(&self) -> Duration {
        let mean = self.sum().as_nanos().checked_div(u128::from(self.len())).unwrap_or_default();
        Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX))
    }

    /// All durations together.
    pub fn sum(&self) -> Duration {
        let middle = |bucket: &Bucket| u128::from(u64::midpoint(bucket.lowest, bucket.highest));
        let sum: u128 = self.buckets().map(|bucket| middle(&bucket) * u128::from(bucket.count)).sum();
        let nanos = sum.min(Duration::MAX.as_nanos());
        Duration::from_secs(u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX))
            + Duration::from_nanos(u64::try_from(nanos % 1_000_000_000).unwrap_or_default())
    }

    /// Each duration that was counted, the shortest first, and how many are at most as long.
    pub fn steps(&self) -> impl Iterator<Item = (Duration, u64)> + '_ {
        let mut counted = 0;
        self.buckets().map(move |bucket| {
            counted += bucket.count;
            (Duration::from_nanos(bucket.highest), counted)
        })
    }

    /// As other readers take it.
    pub fn encode(&self) -> EncodedHistogram {
        let counts = of_buckets(self.buckets());
        let mut bytes = Vec::new();
        if counts.is_empty() || V2DeflateSerializer::new().serialize(&counts, &mut bytes).is_err() {
            return EncodedHistogram::default();
        }
        EncodedHistogram(STANDARD.encode(bytes))
    }

    fn opened(&mut self) -> &mut Counting {
        let packed = std::mem::take(&mut self.packed);
        self.open.get_or_insert_with(|| {
            let mut counts = Counting::default();
            packed.buckets().for_each(|bucket| counts.add(bucket.highest, bucket.count));
            counts
        })
    }

    /// The buckets that hold something, the shortest first.
    fn buckets(&self) -> Box<dyn Iterator<Item = Bucket> + '_> {
        match &self.open {
            Some(counts) => Box::new(counts.buckets()),
            None => Box::new(self.packed.buckets()),
        }
    }
}

/// The same durations as the library has them, which does not show how they were added up.
fn of_buckets(buckets: impl Iterator<Item = Bucket>) -> hdrhistogram::Histogram<u64> {
    let mut counts = empty();
    for bucket in buckets {
        // It grows as it has to.
        let _ = counts.record_n(bucket.highest, bucket.count);
    }
    counts
}

fn empty() -> hdrhistogram::Histogram<u64> {
    #[allow(clippy::expect_used, reason = "constants within the library's bounds")]
    let mut counts = hdrhistogram::Histogram::new_with_bounds(1, 1 << 20, DIGITS).expect("bounds are good");
    counts.auto(true);
    counts
}

impl EncodedHistogram {
    /// The histogram.
    pub fn decode(&self) -> Result<Histogram, NotAHistogram> {
        if self.0.is_empty() {
            return Ok(Histogram::new());
        }
        let bytes = STANDARD.decode(&self.0).map_err(|error| NotAHistogram(error.to_string()))?;
        Ok(Histogram { packed: Packed::decode(&bytes)?, open: None })
    }
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

    /// A busy deployment answers after times of many lengths.
    #[test]
    fn a_histogram_of_many_durations_is_decoded() {
        let histogram = of((1..20_000).map(|micros| micros * 37));
        let again = histogram.encode().decode().unwrap();
        assert_eq!(again.steps().collect::<Vec<_>>(), histogram.steps().collect::<Vec<_>>());
    }

    #[test]
    fn a_limit_inside_a_bucket_is_distinguished_from_both_ends() {
        // At 2 ms a bucket is 1,024 ns wide.
        let histogram = of([1_000, 2_000, 3_000]);
        let above = histogram.above(Duration::from_millis(2));
        assert_eq!(above, Above { surely: 1, at_most: 2 });
        assert_eq!(histogram.above(Duration::from_micros(1_500)), Above { surely: 2, at_most: 2 });
    }

    #[test]
    fn a_packed_histogram_says_the_same_and_still_counts() {
        let open = of((1..3_000).map(|micros| micros * 7));
        let mut packed = open.clone();
        packed.pack();
        assert_eq!((packed.len(), packed.mean(), packed.longest()), (open.len(), open.mean(), open.longest()));
        assert_eq!(packed.quantile(Quantile::P99), open.quantile(Quantile::P99));
        assert_eq!(packed.above(Duration::from_millis(2)), open.above(Duration::from_millis(2)));
        assert_eq!(packed.encode().decode().unwrap(), open);
        let mut twice = Histogram::new();
        twice.add(&packed);
        packed.add(&open);
        twice.add(&open);
        assert_eq!((packed.len(), &packed), (5_998, &twice));
    }

    #[test]
    fn a_quantile_is_the_duration_of_its_rank() {
        let histogram = of(1..=1_000);
        let micros = |quantile| histogram.quantile(quantile).unwrap().as_micros();
        assert_eq!([Quantile::P50, Quantile::P99, Quantile::P99_9].map(micros), [500, 990, 999]);
        assert_eq!(Histogram::new().quantile(Quantile::P50), None);
        assert!(histogram.mean().as_micros().abs_diff(500) <= 1);
    }

    #[test]
    fn ranks_are_counted_from_one() {
        let histogram = of([10, 20, 30]);
        assert_eq!(histogram.at_rank(0), None);
        assert!(histogram.at_rank(2).unwrap().as_micros().abs_diff(20) <= 1);
        assert_eq!(histogram.at_rank(4), None);
    }
}
