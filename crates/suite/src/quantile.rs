//! A share of requests.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The share of requests, above 0 and below 1, that are at most as slow as the duration it belongs to: 0.999 for TP99.9.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Quantile(f64);

impl Quantile {
    /// The median.
    pub const P50: Self = Self(0.5);
    /// 99 of 100.
    pub const P99: Self = Self(0.99);
    /// 999 of 1,000.
    pub const P99_9: Self = Self(0.999);

    /// A quantile; nothing if the share is not between 0 and 1.
    pub fn new(share: f64) -> Option<Self> {
        (share > 0.0 && share < 1.0).then_some(Self(share))
    }

    /// Reads `tp99.9` or `p99.9`.
    pub fn parse(name: &str) -> Option<Self> {
        let percent = name.strip_prefix("tp").or_else(|| name.strip_prefix('p'))?;
        let digits = !percent.is_empty() && percent.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let percent: f64 = percent.parse().ok().filter(|_| digits)?;
        // As a document prints it, not as the nearest binary number times a hundred.
        Self::new((percent * 1e9).round() / 1e11)
    }

    /// The share itself.
    pub fn share(self) -> f64 {
        self.0
    }

    /// The place, counted from 1, of the quantile among so many durations in order; 0 of none.
    pub fn rank(self, of: u64) -> u64 {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a number of requests is a number of requests"
        )]
        // A thousandth of 1,000 is 1, and not the 0.999... that binary numbers make of it.
        let slower = (self.rest() * of as f64 + 1e-6).floor() as u64;
        of - slower.min(of)
    }

    /// The share of requests that may be slower.
    pub fn rest(self) -> f64 {
        ((1.0 - self.0) * 1e12).round() / 1e12
    }
}

impl TryFrom<f64> for Quantile {
    type Error = String;

    fn try_from(share: f64) -> Result<Self, String> {
        Self::new(share).ok_or_else(|| format!("{share} is not between 0 and 1"))
    }
}

impl From<Quantile> for f64 {
    fn from(quantile: Quantile) -> Self {
        quantile.0
    }
}

impl fmt::Display for Quantile {
    /// `TP99.9`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TP{}", (self.0 * 1e9).round() / 1e7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_written_as_documents_write_it() {
        for (name, share, shown) in [("tp50", 0.5, "TP50"), ("p99", 0.99, "TP99"), ("tp99.9", 0.999, "TP99.9")] {
            let quantile = Quantile::parse(name).unwrap();
            assert!((quantile.share() - share).abs() < 1e-12, "{name}");
            assert_eq!(quantile.to_string(), shown);
        }
        for name in ["tp100", "tp0", "tp", "99", "tp-5", "tpx", "tp1e1"] {
            assert_eq!(Quantile::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_rank_leaves_as_many_slower_as_may_be() {
        let ranks = [0, 1, 2, 999, 1_000, 1_001, 3_000].map(|of| Quantile::P99_9.rank(of));
        assert_eq!(ranks, [0, 1, 2, 999, 999, 1_000, 2_997]);
        assert_eq!([1, 2, 3].map(|of| Quantile::P50.rank(of)), [1, 1, 2]);
    }

    #[test]
    fn what_may_be_slower_has_no_rounding_in_it() {
        assert!((Quantile::P99_9.rest() - 0.001).abs() < f64::EPSILON);
    }
}
