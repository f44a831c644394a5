//! Chance for tests: the same seed gives the same numbers.

use std::time::Duration;

/// Sebastiano Vigna's `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, and below 1.
    pub fn share(&mut self) -> f64 {
        Self::of_all(self.bits() >> 11)
    }

    /// Above 0, and at most 1: what a logarithm can be taken of.
    pub fn above_zero(&mut self) -> f64 {
        Self::of_all((self.bits() >> 11) + 1)
    }

    #[allow(clippy::cast_precision_loss, reason = "53 bits are kept")]
    fn of_all(bits: u64) -> f64 {
        bits as f64 / (1_u64 << 53) as f64
    }

    /// Exponentially distributed, with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -self.above_zero().ln() * mean
    }

    /// Normally distributed, around 0.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.above_zero().ln()).sqrt() * (std::f64::consts::TAU * self.above_zero()).cos()
    }

    /// A time with this median, and a tail that falls off as those of servers do.
    pub fn time(&mut self, median: Duration, spread: f64) -> Duration {
        median.mul_f64((self.normal() * spread).exp())
    }
}
