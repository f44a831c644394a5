//! How the requests that are beyond a promise's limit lie in time. Neighbours resemble each other: how much, only time shows.

use std::time::Duration;

use crate::record::load::Level;

use super::totals::Totals;

/// Limits at which is counted: the promised one, and those that are a half, a quarter and an eighth of it.
pub const LIMITS: usize = 4;

/// A promise's time has at most so many blocks; then each takes in its neighbour.
const MOST_BLOCKS: usize = 1024;

/// Requests of a part of the time, and how many of them were beyond each limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PromiseBlock {
    /// Requests that have an outcome.
    pub ended: u64,
    /// Those that were beyond each of the limits, failures among them.
    pub beyond: [u64; LIMITS],
}

/// The judged time of a promise, in blocks of equal length.
#[derive(Clone, Debug)]
pub struct PromiseBlocks {
    /// How many seconds a block has.
    seconds: u64,
    blocks: Vec<PromiseBlock>,
}

impl Default for PromiseBlocks {
    fn default() -> Self {
        Self { seconds: 1, blocks: Vec::new() }
    }
}

impl PromiseBlocks {
    /// Adds what was observed of an operation in a second.
    pub fn add(&mut self, second: u64, level: Level, totals: &Totals) {
        let block = counted(level, totals);
        if block.ended == 0 {
            return;
        }
        while second / self.seconds >= MOST_BLOCKS as u64 {
            self.fold();
        }
        let place = usize::try_from(second / self.seconds).unwrap_or(MOST_BLOCKS - 1);
        if self.blocks.len() <= place {
            self.blocks.resize(place + 1, PromiseBlock::default());
        }
        self.blocks[place].take(block);
    }

    /// The blocks, in order; some may be empty.
    pub fn blocks(&self) -> &[PromiseBlock] {
        &self.blocks
    }

    fn fold(&mut self) {
        self.seconds = self.seconds.saturating_mul(2);
        let pairs = self.blocks.chunks(2).map(|pair| {
            let mut sum = PromiseBlock::default();
            pair.iter().for_each(|block| sum.take(*block));
            sum
        });
        self.blocks = pairs.collect();
    }
}

impl PromiseBlock {
    fn take(&mut self, other: Self) {
        // Counts of a record that was altered may be of any size.
        self.ended = self.ended.saturating_add(other.ended);
        self.beyond.iter_mut().zip(other.beyond).for_each(|(sum, more)| *sum = sum.saturating_add(more));
    }
}

fn counted(level: Level, totals: &Totals) -> PromiseBlock {
    let (ended, failed) = (totals.ended(), totals.failed());
    let beyond = match level {
        Level::Latency { limit, .. } => {
            let mut beyond = [0; LIMITS];
            let mut limit: Duration = limit;
            for count in &mut beyond {
                *count = totals.response.above(limit).surely.saturating_add(failed);
                limit /= 2;
            }
            beyond
        }
        Level::SuccessRate(_) => [failed; LIMITS],
        // It is no share of requests.
        Level::Throughput(_) => return PromiseBlock::default(),
    };
    PromiseBlock { ended, beyond }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{answered, with};
    use super::*;
    use crate::record::load::Outcome;
    use assay_suite::Quantile;

    #[test]
    fn each_second_is_counted_at_the_limit_and_below_it() {
        let level = Level::Latency { quantile: Quantile::P99, limit: Duration::from_millis(8) };
        let mut blocks = PromiseBlocks::default();
        let totals = with(answered(&[(10_000, 1), (5_000, 2), (3_000, 4), (1_500, 8), (500, 16)]), Outcome::Broken, 1);
        blocks.add(2, level, &totals);
        blocks.add(2, level, &answered(&[(500, 1)]));
        let expected = PromiseBlock { ended: 33, beyond: [2, 4, 8, 16] };
        assert_eq!(blocks.blocks(), [PromiseBlock::default(), PromiseBlock::default(), expected]);
    }

    #[test]
    fn a_long_run_has_no_more_blocks_than_a_short_one() {
        let mut blocks = PromiseBlocks::default();
        let totals = with(answered(&[(500, 9)]), Outcome::Broken, 1);
        (0..10_000).for_each(|second| blocks.add(second, Level::SuccessRate(0.9), &totals));
        let found = blocks.blocks();
        assert!(found.len() > MOST_BLOCKS / 2 && found.len() <= MOST_BLOCKS, "{}", found.len());
        assert_eq!(found.iter().map(|block| block.ended).sum::<u64>(), 100_000);
        assert_eq!(found[0], PromiseBlock { ended: 160, beyond: [16; LIMITS] });
    }
}
