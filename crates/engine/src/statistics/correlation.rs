//! How many independent samples a sample is worth whose neighbours resemble each other.
//!
//! Samples come in blocks of time. If they were independent, the number beyond a limit would differ from block to block as
//! the binomial distribution says. By how much more it differs is the variance inflation: so many times more samples are
//! needed (Flyvbjerg and Petersen, 1989, for the growing blocks; Bayley and Hammersley, 1946, for the effective size).

/// Samples of a part of the time, and how many of them were beyond a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Samples.
    pub size: u64,
    /// Those beyond.
    pub beyond: u64,
}

/// With fewer blocks than this nothing is known of how much they differ.
const FEWEST_BLOCKS: usize = 8;
/// With fewer samples beyond the limit than this nothing is known of where they lie.
const FEWEST_BEYOND: u64 = 10;
/// Blocks that differ by no more than chance has them do in one of so many runs are taken for independent ones.
const NOTICED: f64 = 2.326;
/// A correlation above this is not believed: it would make any number of samples worth nothing.
const STRONGEST: f64 = 0.9;

/// By how much larger the variance of the share beyond the limit is than that of independent samples: 1, or more. Nothing if
/// there are too few blocks, or too few samples beyond the limit, to say so.
pub fn variance_inflation(blocks: &[Block]) -> Option<f64> {
    let mut blocks: Vec<Block> = blocks.iter().copied().filter(|block| block.size > 0).collect();
    let beyond: u64 = blocks.iter().map(|block| block.beyond).sum();
    let size: u64 = blocks.iter().map(|block| block.size).sum();
    if beyond < FEWEST_BEYOND || beyond == size || blocks.len() < FEWEST_BLOCKS {
        return None;
    }
    let share = real(beyond) / real(size);
    let mut inflation = 1.0_f64;
    while blocks.len() >= FEWEST_BLOCKS {
        inflation = inflation.max(of_level(&blocks, share));
        blocks = blocks.chunks(2).map(|pair| pair.iter().copied().fold(Block::default(), Block::and)).collect();
    }
    Some(inflation)
}

/// So many independent samples beyond a limit say well enough how they lie.
const ENOUGH_BEYOND: f64 = 20.0;

/// The variance inflation at a limit. Where few samples are beyond it, lower limits show how those lie that are nearly beyond;
/// `limits` has the blocks at the limit itself first, then at lower and lower ones. 1 where nothing is known.
pub fn inflation_at_limit<'a>(limits: impl IntoIterator<Item = &'a [Block]>) -> f64 {
    let mut inflation = 1.0_f64;
    for blocks in limits {
        let Some(found) = variance_inflation(blocks) else { continue };
        inflation = inflation.max(found);
        let beyond: u64 = blocks.iter().map(|block| block.beyond).sum();
        if real(beyond) / found >= ENOUGH_BEYOND {
            break;
        }
    }
    inflation
}

impl Block {
    fn and(self, other: Self) -> Self {
        Self { size: self.size + other.size, beyond: self.beyond + other.beyond }
    }

    /// By how many standard deviations it has more beyond than its share is.
    fn residual(self, share: f64) -> f64 {
        let size = real(self.size);
        (real(self.beyond) - size * share) / (size * share * (1.0 - share)).sqrt()
    }
}

/// The inflation that blocks of one length show: their own spread, and what goes on from one to the next.
fn of_level(blocks: &[Block], share: f64) -> f64 {
    let residuals: Vec<f64> = blocks.iter().map(|block| block.residual(share)).collect();
    let (count, squares) =
        (real(residuals.len() as u64), residuals.iter().map(|residual| residual * residual).sum::<f64>());
    let freedom = count - 1.0;
    let spread = squares / freedom;
    let products: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let correlation = if squares > 0.0 { products / squares } else { 0.0 };
    let is_noticed = standard_normal_of_chi_square(squares, freedom) > NOTICED;
    let continued = correlation * count.sqrt() > NOTICED;
    let spread = if is_noticed { spread } else { 1.0 };
    let correlation = if continued { correlation.min(STRONGEST) } else { 0.0 };
    spread * (1.0 + correlation) / (1.0 - correlation)
}

/// Wilson's and Hilferty's approximation: how many standard deviations a chi-square of so many degrees of freedom is above its
/// mean.
fn standard_normal_of_chi_square(square: f64, freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    ((square / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}

#[allow(clippy::cast_precision_loss, reason = "no run has 2^52 samples")]
fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of 100, of which so many are beyond by turns.
    fn blocks(count: usize, beyond: impl Fn(usize) -> u64) -> Vec<Block> {
        (0..count).map(|place| Block { size: 100, beyond: beyond(place) }).collect()
    }

    #[test]
    fn independent_samples_are_worth_what_they_are() {
        // As the binomial distribution has it: a mean of 10, a deviation of 3.
        let spread = [10, 13, 7, 9, 11, 14, 6, 10, 12, 8, 10, 13, 7, 11, 9, 10];
        assert_eq!(variance_inflation(&blocks(64, |place| spread[place * 7 % 16])), Some(1.0));
    }

    #[test]
    fn samples_that_come_in_bursts_are_worth_less() {
        // All that are beyond are in every eighth block: 80 together.
        let found = variance_inflation(&blocks(64, |place| if place % 8 == 0 { 80 } else { 0 })).unwrap();
        assert!((60.0..110.0).contains(&found), "{found}");
        // What goes on for eight blocks is worth eight times less than that.
        let longer = variance_inflation(&blocks(128, |place| if place / 8 % 4 == 0 { 40 } else { 0 })).unwrap();
        assert!(longer > 150.0, "{longer}");
    }

    #[test]
    fn too_few_blocks_or_samples_beyond_show_nothing() {
        assert_eq!(variance_inflation(&blocks(7, |_| 10)), None);
        assert_eq!(variance_inflation(&blocks(64, |place| u64::from(place < 9))), None);
        assert_eq!(variance_inflation(&blocks(64, |_| 0)), None);
        assert_eq!(variance_inflation(&blocks(64, |_| 100)), None);
    }

    #[test]
    fn lower_limits_show_how_those_lie_that_are_beyond_the_limit() {
        let at_limit = blocks(64, |place| if place == 40 { 5 } else { 0 });
        let below = blocks(64, |place| if place % 8 == 0 { 80 } else { 0 });
        let alone = inflation_at_limit([at_limit.as_slice()]);
        assert!((alone - 1.0).abs() < f64::EPSILON, "{alone}");
        assert!(inflation_at_limit([at_limit.as_slice(), &below]) > 60.0);
    }
}
