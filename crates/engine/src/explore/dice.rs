//! Chance that can be repeated: the same seed and walk give the same choices.

use crate::plan::chance;

/// The choices of one walk.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    seed: u64,
    rolls: u64,
}

impl Dice {
    /// Those of a walk, by its number.
    pub fn new(seed: u64, walk: u64) -> Self {
        Self { seed: chance::scrambled(seed, walk), rolls: 0 }
    }

    /// A number of at least 0 and below `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.rolls += 1;
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(chance::below(end, self.seed, self.rolls)).unwrap_or_default()
    }

    /// True so often of a hundred times.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these, if there is one.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_walk_give_the_same_choices() {
        let choices = |seed, walk| -> Vec<_> {
            let mut dice = Dice::new(seed, walk);
            (0..20).map(|_| dice.below(1000)).collect()
        };
        assert_eq!(choices(7, 3), choices(7, 3));
        assert_ne!(choices(7, 3), choices(7, 4));
        assert_ne!(choices(7, 3), choices(8, 3));
        assert_eq!(Dice::new(1, 1).pick::<u8>(&[]), None);
    }
}
