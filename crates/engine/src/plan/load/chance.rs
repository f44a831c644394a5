//! Chance that can be repeated: a pure function of a seed and a number, so that all generators of a load agree.

/// Numbers in a row become numbers without visible order: the finaliser of Sebastiano Vigna's `SplitMix64`.
pub fn scrambled(seed: u64, number: u64) -> u64 {
    mixed(mixed(seed).wrapping_add(number))
}

/// A number of at least 0 and below 1.
#[allow(clippy::cast_precision_loss, reason = "53 bits are what such a number has")]
pub fn share(seed: u64, number: u64) -> f64 {
    (scrambled(seed, number) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number of at least 0 and below `end`; 0 if that is 0.
pub fn below(end: u64, seed: u64, number: u64) -> u64 {
    let product = u128::from(scrambled(seed, number)) * u128::from(end);
    u64::try_from(product >> 64).unwrap_or_default()
}

fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_of_a_range_are_met_alike() {
        let mut met = [0_u32; 10];
        for number in 0..10_000 {
            met[usize::try_from(below(10, 7, number)).unwrap()] += 1;
        }
        assert!(met.iter().all(|count| (850..1_150).contains(count)), "{met:?}");
        assert_eq!(below(0, 7, 1), 0);
    }

    #[test]
    fn another_seed_gives_other_numbers() {
        assert_ne!(scrambled(1, 5), scrambled(2, 5));
        assert_eq!(scrambled(1, 5), scrambled(1, 5));
    }
}
