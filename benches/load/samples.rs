//! Exact quantiles: every duration is kept.

use std::time::Duration;

use assay_suite::Quantile;

/// The quantiles that every bench is about.
pub const QUANTILES: [Quantile; 3] = [Quantile::P50, Quantile::P99, Quantile::P99_9];

/// A duration for each of `QUANTILES`; nothing where it is not known.
pub type AtQuantiles = [Option<Duration>; 3];

/// Durations in nanoseconds, in order.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<u64>);

impl FromIterator<u64> for Samples {
    fn from_iter<I: IntoIterator<Item = u64>>(nanos: I) -> Self {
        let mut all: Vec<_> = nanos.into_iter().collect();
        all.sort_unstable();
        Self(all)
    }
}

impl Samples {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The durations that these shares do not exceed.
    pub fn at_quantiles(&self) -> AtQuantiles {
        QUANTILES.map(|quantile| self.quantile(quantile))
    }

    fn quantile(&self, quantile: Quantile) -> Option<Duration> {
        // By what may be slower, which is exact where the share itself is not: 0.99 times 1,000 is not quite 990.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "small"
        )]
        let slower = (self.len() as f64 * quantile.rest() + 1e-6).floor() as usize;
        let rank = self.len().checked_sub(slower + 1)?;
        self.0.get(rank).copied().map(Duration::from_nanos)
    }
}
