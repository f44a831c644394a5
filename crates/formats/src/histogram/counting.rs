//! Counts that are added to: one number for each bucket, and between which of them there are any.

use super::bucket::Bucket;
use super::packed::{bucket, index_of};

/// Counts of all buckets up to the longest that was needed.
#[derive(Clone, Debug, Default)]
pub(super) struct Counting {
    counts: Vec<u64>,
    /// Before the first and from the end on nothing is counted.
    first: usize,
    end: usize,
    counted: u64,
}

impl Counting {
    /// Counts a duration so often.
    pub fn add(&mut self, nanos: u64, count: u64) {
        let index = usize::try_from(index_of(nanos)).unwrap_or(usize::MAX);
        self.reach(index, index + 1);
        self.counts[index] = self.counts[index].saturating_add(count);
        self.counted = self.counted.saturating_add(count);
    }

    /// Adds what another has counted.
    pub fn add_all(&mut self, other: &Self) {
        if other.counted == 0 {
            return;
        }
        self.reach(other.first, other.end);
        let own = self.counts[other.first..other.end].iter_mut();
        own.zip(&other.counts[other.first..other.end]).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
        self.counted = self.counted.saturating_add(other.counted);
    }

    /// Forgets everything, and keeps its memory.
    pub fn clear(&mut self) {
        self.counts[self.first..self.end].fill(0);
        (self.first, self.end, self.counted) = (0, 0, 0);
    }

    /// How many durations were counted.
    pub fn len(&self) -> u64 {
        self.counted
    }

    /// The buckets that hold something, the shortest first.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let counts = self.counts[self.first..self.end].iter().zip(self.first as u64..);
        counts.filter(|(count, _)| **count > 0).map(|(count, index)| bucket(index, *count))
    }

    /// Makes room from one bucket up to another.
    fn reach(&mut self, first: usize, end: usize) {
        if self.counts.len() < end {
            self.counts.resize(end, 0);
        }
        let is_new = self.counted == 0;
        self.first = if is_new { first } else { self.first.min(first) };
        self.end = if is_new { end } else { self.end.max(end) };
    }
}
