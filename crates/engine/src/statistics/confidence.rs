//! How sure a share or a quantile is, given a number of samples. All of it rests on the binomial distribution, and so on
//! samples that have nothing to do with each other.

use statrs::distribution::{Binomial, Discrete as _};

use assay_suite::Quantile;

/// More samples than this are never asked for: they would take too long.
const MOST_SAMPLES: u64 = 1_000_000_000;

/// P(Bin(n, p) <= x): how likely at most `x` of `n` samples are beyond a limit if each is with probability `p`.
pub fn at_most(x: u64, n: u64, p: f64) -> f64 {
    let p = p.clamp(0.0, 1.0);
    if x >= n || p <= 0.0 {
        1.0
    } else if p >= 1.0 {
        0.0
    } else if is_below_mean(x, n, p) {
        lower_tail(x, n, p)
    } else {
        // The smaller of the two tails is summed, so nothing small is the difference of two large ones.
        1.0 - upper_tail(x + 1, n, p)
    }
}

/// P(Bin(n, p) >= x): how likely at least `x` of `n` samples are beyond a limit if each is with probability `p`.
pub fn at_least(x: u64, n: u64, p: f64) -> f64 {
    let p = p.clamp(0.0, 1.0);
    if x == 0 {
        1.0
    } else if x > n || p <= 0.0 {
        0.0
    } else if p >= 1.0 {
        1.0
    } else if is_below_mean(x - 1, n, p) {
        1.0 - lower_tail(x - 1, n, p)
    } else {
        upper_tail(x, n, p)
    }
}

/// The fewest samples, with so many above a limit, that show at a significance that a quantile keeps the limit. Nothing if
/// no number that anybody waits for does.
pub fn fewest_samples(quantile: Quantile, above: u64, significance: f64) -> Option<u64> {
    fewest(|n| at_most(above, n, quantile.rest()) <= significance)
}

/// The fewest samples with which something holds that holds with more of them as well.
pub fn fewest(holds: impl Fn(u64) -> bool) -> Option<u64> {
    let mut enough = 1;
    while !holds(enough) {
        enough *= 2;
        if enough > MOST_SAMPLES {
            return None;
        }
    }
    let mut too_few = enough / 2;
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if holds(middle) { enough = middle } else { too_few = middle }
    }
    Some(enough)
}

/// The places, counted from 1 in the order of size, of the samples between which a true quantile lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankInterval {
    /// The lower end; nothing if there are too few samples for one.
    pub low: Option<u64>,
    /// The upper end; nothing if there are too few samples for one.
    pub high: Option<u64>,
}

/// Between which samples of `n` the true quantile lies, with a confidence from 0 to 1 that errs equally to both sides.
pub fn rank_interval(n: u64, quantile: Quantile, confidence: f64) -> RankInterval {
    let side = (1.0 - confidence) / 2.0;
    let share = 1.0 - quantile.rest();
    // The first places for which each does not hold, and does.
    let above_low = first(n, |rank| at_most(rank - 1, n, share) > side);
    let high = first(n, |rank| at_least(rank, n, share) <= side);
    RankInterval { low: Some(above_low - 1).filter(|rank| *rank > 0), high: Some(high).filter(|rank| *rank <= n) }
}

/// The first of the numbers from 1 to `n` for which something holds that holds for all after it; `n + 1` if for none.
fn first(n: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut from, mut to) = (1, n + 1);
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

/// Between which ends a true share lies of which `x` of `n` samples were seen, by Clopper and Pearson, with a confidence from
/// 0 to 1 that errs equally to both sides. Of no samples, everything.
pub fn share_interval(x: u64, n: u64, confidence: f64) -> (f64, f64) {
    let side = (1.0 - confidence) / 2.0;
    let low = if x == 0 { 0.0 } else { crossing(|p| at_least(x, n, p) > side) };
    let high = if x >= n { 1.0 } else { crossing(|p| at_most(x, n, p) <= side) };
    (low, high)
}

/// The least share for which something holds that holds for all greater ones.
fn crossing(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    // A share of one in 10^9 is still right to nine digits.
    for _ in 0..60 {
        let middle = f64::midpoint(from, to);
        if holds(middle) { to = middle } else { from = middle }
    }
    to
}

/// Which of several hypotheses are rejected, by Holm's step-down rule: with all of them together, one that is true is
/// rejected with at most the probability `significance`. In the order of `p_values`.
pub fn holm(p_values: &[f64], significance: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut rejected = vec![false; p_values.len()];
    for (place, index) in order.into_iter().enumerate() {
        if p_values[index] > significance / number(p_values.len() - place) {
            break;
        }
        rejected[index] = true;
    }
    rejected
}

/// Up to which p-value [`holm`] rejects one more hypothesis in addition to these.
pub fn holm_threshold(others: &[f64], significance: f64) -> f64 {
    // One that no other is weaker than is tested last, at the weakest level. It takes its turn after those that pass.
    let with_last: Vec<f64> = others.iter().copied().chain([f64::INFINITY]).collect();
    let passed = holm(&with_last, significance).into_iter().filter(|rejected| *rejected).count();
    significance / number(with_last.len() - passed)
}

#[allow(clippy::cast_precision_loss, reason = "there are never 2^52 hypotheses")]
fn number(count: usize) -> f64 {
    count as f64
}

#[allow(clippy::cast_precision_loss, reason = "a few samples more or less in 10^16 move no tail")]
fn real(count: u64) -> f64 {
    count as f64
}

fn is_below_mean(x: u64, n: u64, p: f64) -> bool {
    real(x) <= real(n) * p
}

/// The sum from `x` downwards, `x` not above the mean: each term is smaller than the one before.
fn lower_tail(x: u64, n: u64, p: f64) -> f64 {
    let odds = (1.0 - p) / p;
    sum(point(x, n, p), (1..=x).rev().map(|k| real(k) / real(n - k + 1) * odds))
}

/// The sum from `x` upwards, `x` not below the mean.
fn upper_tail(x: u64, n: u64, p: f64) -> f64 {
    let odds = p / (1.0 - p);
    sum(point(x, n, p), (x..n).map(|k| real(n - k) / real(k + 1) * odds))
}

/// A first term and those after it, each as a multiple of the one before. The library's own distribution function is a
/// continued fraction of 140 terms, which is too short for 10^9 samples.
fn sum(first: f64, ratios: impl Iterator<Item = f64>) -> f64 {
    let (mut term, mut sum) = (first, first);
    for ratio in ratios {
        term *= ratio;
        sum += term;
        if term <= sum * 1e-17 {
            break;
        }
    }
    sum.min(1.0)
}

/// P(Bin(n, p) = x), for `p` between 0 and 1.
fn point(x: u64, n: u64, p: f64) -> f64 {
    Binomial::new(p, n).map_or(1.0, |binomial| binomial.ln_pmf(x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, wanted: f64, relative: f64) {
        assert!((found - wanted).abs() <= wanted.abs() * relative, "{found} is not {wanted}");
    }

    /// Bin(n, p) term by term, in the plainest way.
    fn plainly(n: u64, p: f64, wanted: impl Fn(u64) -> bool) -> f64 {
        let mut choose = 1.0;
        let mut sum = 0.0;
        for k in 0..=n {
            if wanted(k) {
                sum += choose * p.powf(real(k)) * (1.0 - p).powf(real(n - k));
            }
            choose *= real(n - k) / real(k + 1);
        }
        sum
    }

    #[test]
    fn tails_are_those_of_the_binomial_distribution() {
        for p in [0.001, 0.3, 0.5, 0.99] {
            for x in 0..=20 {
                near(at_most(x, 20, p), plainly(20, p, |k| k <= x), 1e-9);
                near(at_least(x, 20, p), plainly(20, p, |k| k >= x), 1e-9);
            }
        }
    }

    #[test]
    fn tails_are_right_at_the_edges() {
        assert_eq!(
            [at_most(0, 0, 0.5), at_most(7, 7, 0.5), at_most(8, 7, 0.5)].map(f64::to_bits),
            [1.0; 3].map(f64::to_bits)
        );
        assert_eq!(
            [at_most(0, 7, 0.0), at_most(6, 7, 1.0), at_most(7, 7, 1.0)].map(f64::to_bits),
            [1.0, 0.0, 1.0].map(f64::to_bits)
        );
        assert_eq!(
            [at_least(0, 0, 0.5), at_least(8, 7, 0.5), at_least(1, 0, 0.5)].map(f64::to_bits),
            [1.0, 0.0, 0.0].map(f64::to_bits)
        );
        assert_eq!(
            [at_least(1, 7, 0.0), at_least(0, 7, 0.0), at_least(7, 7, 1.0)].map(f64::to_bits),
            [0.0, 1.0, 1.0].map(f64::to_bits)
        );
    }

    #[test]
    fn small_tails_stay_small_and_positive() {
        // 0.5^900, and one in a thousand a hundred times over.
        near(at_least(900, 900, 0.5).ln(), 900.0 * 0.5_f64.ln(), 1e-9);
        near(at_most(0, 600_000, 0.001).ln(), 600_000.0 * 0.999_f64.ln(), 1e-6);
        let tail = at_least(1_400, 1_000_000, 0.001);
        assert!(tail > 0.0 && tail < 1e-30, "{tail}");
    }

    #[test]
    fn tails_hold_for_a_thousand_million_samples() {
        let (n, middle) = (1_000_000_000, 500_000_000);
        near(at_most(middle, n, 0.5) + at_least(middle + 1, n, 0.5), 1.0, 1e-9);
        // Half, and half of the middle's own probability, which is 1 / sqrt(pi n / 2).
        let own = (2.0 / (std::f64::consts::PI * 1e9)).sqrt();
        near(at_most(middle, n, 0.5), 0.5 + own / 2.0, 1e-5);
        // 1.959964 standard deviations below the mean lie 2.5 %.
        near(at_most(middle - 30_990, n, 0.5), 0.025, 1e-3);
        near(at_most(998_040, n, 0.001), 0.025, 5e-3);
    }

    #[test]
    fn the_fewest_samples_are_those_of_the_table() {
        let table = [
            (Quantile::P50, [5, 8, 18, 30]),
            (Quantile::P99, [299, 473, 1_049, 1_693]),
            (Quantile::P99_9, [2_995, 4_742, 10_511, 16_959]),
        ];
        for (quantile, wanted) in table {
            let found = [0, 1, 5, 10].map(|above| fewest_samples(quantile, above, 0.05));
            assert_eq!(found, wanted.map(Some), "{quantile}");
        }
        // One in 10^12 is more than anybody waits for.
        assert_eq!(fewest_samples(Quantile::new(1.0 - 1e-12).unwrap(), 0, 0.05), None);
    }

    #[test]
    fn a_quantile_lies_between_two_of_its_samples() {
        // The median of 100: the 40th and the 61st, as every table of order statistics says.
        assert_eq!(rank_interval(100, Quantile::P50, 0.95), RankInterval { low: Some(40), high: Some(61) });
        // 0.5^5 is more than 2.5 %, 0.5^6 is less.
        assert_eq!(rank_interval(5, Quantile::P50, 0.95), RankInterval { low: None, high: None });
        assert_eq!(rank_interval(6, Quantile::P50, 0.95), RankInterval { low: Some(1), high: Some(6) });
        let tail = rank_interval(1_000, Quantile::P99_9, 0.95);
        assert!(tail.high.is_none() && tail.low.is_some_and(|low| (990..999).contains(&low)), "{tail:?}");
        assert_eq!(rank_interval(0, Quantile::P50, 0.95), RankInterval { low: None, high: None });
    }

    #[test]
    fn a_share_lies_between_the_ends_of_clopper_and_pearson() {
        let (low, high) = share_interval(10, 100, 0.95);
        near(low, 0.049_005, 1e-4);
        near(high, 0.176_222, 1e-4);
        let (low, high) = share_interval(0, 1_000_000_000, 0.95);
        assert!(low == 0.0);
        near(high, 3.689e-9, 1e-3);
        assert_eq!(share_interval(0, 0, 0.95), (0.0, 1.0));
    }

    #[test]
    fn holm_steps_down_and_stops() {
        // 0.01 <= 0.05/4, 0.015 <= 0.05/3, 0.03 > 0.05/2: the last is small enough alone, and comes too late.
        assert_eq!(holm(&[0.03, 0.01, 0.04, 0.015], 0.05), [false, true, false, true]);
        assert_eq!(holm(&[0.05], 0.05), [true]);
        assert!(holm(&[], 0.05).is_empty());
    }

    #[test]
    fn one_more_hypothesis_is_rejected_up_to_its_threshold() {
        for others in [vec![], vec![0.01, 0.04], vec![0.5, 0.6, 0.001], vec![0.02, 0.024]] {
            let threshold = holm_threshold(&others, 0.05);
            let with = |p: f64| holm(&[vec![p], others.clone()].concat(), 0.05)[0];
            assert!(with(threshold) && !with(threshold * 1.000_001), "{others:?}");
        }
    }
}
