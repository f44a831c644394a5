//! Whether a series of measurements goes on as it began: where its warm-up ends, and whether it rises or falls after that.

/// With fewer values than this nothing is said.
const FEWEST: usize = 10;
/// The warm-up ends within this part of a series, or it is none.
const LONGEST_PART: usize = 2;
/// How many standard deviations are no chance: one in 500 series of noise is beyond.
const NOTICED: f64 = 3.09;

/// How a series goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// Up and down.
    None,
    /// Upwards.
    Rising,
    /// Downwards.
    Falling,
}

/// How many values at the beginning belong to a warm-up: those without which the mean of the others is known best (MSER,
/// White 1997), if they differ from the others more than these among themselves. None of a short series.
pub fn warm_up_of(values: &[f64]) -> usize {
    if values.len() < FEWEST {
        return 0;
    }
    let error = |left_out: usize| {
        let rest = &values[left_out..];
        deviation(rest) / real(rest.len()).sqrt()
    };
    let candidates = 1..=values.len() / LONGEST_PART;
    let best = candidates.min_by(|one, other| error(*one).total_cmp(&error(*other))).unwrap_or_default();
    let (begun, rest) = values.split_at(best);
    let apart = (mean(begun) - mean(rest)).abs();
    let is_other = apart > NOTICED * deviation(rest) * (1.0 / real(begun.len()) + 1.0 / real(rest.len())).sqrt();
    if is_other && error(best) < error(0) { best } else { 0 }
}

/// Whether a series rises or falls (Mann 1945, Kendall 1955), neighbours that resemble each other counted as fewer (Hamed and
/// Rao 1998, by the first correlation alone).
pub fn trend(values: &[f64]) -> Trend {
    if values.len() < FEWEST {
        return Trend::None;
    }
    let mut sum = 0.0;
    for (place, earlier) in values.iter().enumerate() {
        for later in &values[place + 1..] {
            sum += (later - earlier).partial_cmp(&0.0).map_or(0.0, |order| f64::from(order as i8));
        }
    }
    let count = real(values.len());
    let variance = count * (count - 1.0) * (2.0 * count + 5.0) / 18.0;
    let correlation = correlation_without_slope(values).clamp(0.0, 0.9);
    let score = sum / (variance * (1.0 + correlation) / (1.0 - correlation)).sqrt();
    if score > NOTICED {
        Trend::Rising
    } else if score < -NOTICED {
        Trend::Falling
    } else {
        Trend::None
    }
}

/// How neighbours resemble each other apart from a straight line through all of them.
fn correlation_without_slope(values: &[f64]) -> f64 {
    let (middle, level) = (real(values.len() - 1) / 2.0, mean(values));
    let places = || (0..values.len()).map(|place| real(place) - middle);
    let slope = places().zip(values).map(|(place, value)| place * (value - level)).sum::<f64>()
        / places().map(|place| place * place).sum::<f64>();
    let left: Vec<f64> = places().zip(values).map(|(place, value)| value - level - slope * place).collect();
    let squares: f64 = left.iter().map(|value| value * value).sum();
    if squares <= 0.0 { 0.0 } else { left.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / squares }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / real(values.len().max(1))
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / real(values.len().max(1))).sqrt()
}

#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise between 0 and 1, the same each time; each value keeps a part of the one before.
    fn noise(count: usize, seed: u64, kept: f64) -> Vec<f64> {
        let mut bits = seed.wrapping_mul(2) | 1;
        let mut last = 0.5;
        let next = || {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            last = kept * last + (1.0 - kept) * f64::from(u32::try_from(bits >> 32).unwrap()) / f64::from(u32::MAX);
            last
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn noise_has_no_warm_up_and_no_trend() {
        let found = |kept| {
            let series = || (0..500).map(|seed| noise(60, seed, kept));
            (
                series().filter(|values| warm_up_of(values) > 0).count(),
                series().filter(|values| trend(values) != Trend::None).count(),
            )
        };
        let (warm, trending) = found(0.0);
        assert!(warm <= 25 && trending <= 5, "{warm} {trending}");
        let (_, trending) = found(0.6);
        assert!(trending <= 25, "{trending}");
    }

    #[test]
    fn a_slow_beginning_is_found() {
        for seed in 0..20 {
            let mut values = noise(60, seed, 0.0);
            values.iter_mut().take(8).for_each(|value| *value += 5.0);
            let found = warm_up_of(&values);
            assert!((8..=10).contains(&found), "{seed}: {found}");
        }
    }

    #[test]
    fn what_becomes_slower_and_slower_rises() {
        for seed in 0..20 {
            let mut values = noise(60, seed, 0.3);
            values.iter_mut().enumerate().for_each(|(place, value)| *value += 0.05 * real(place));
            assert_eq!(trend(&values), Trend::Rising, "{seed}");
            values.reverse();
            assert_eq!(trend(&values), Trend::Falling, "{seed}");
        }
    }

    #[test]
    fn too_few_values_show_nothing() {
        assert_eq!((warm_up_of(&[9.0, 1.0, 1.0]), trend(&[1.0, 2.0, 3.0])), (0, Trend::None));
    }
}
