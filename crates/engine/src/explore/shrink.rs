//! The shortest sequence that still shows a disagreement: delta debugging over steps, with what each depends on.

use std::collections::BTreeSet;

/// Tries shorter sequences, one at a time: each is asked about before the next is made.
#[derive(Clone, Debug)]
pub(super) struct Shrinker {
    /// What each step needs that earlier ones provide, and what it provides.
    links: Vec<Links>,
    /// The steps of the shortest sequence that shows it, by their numbers.
    kept: Vec<usize>,
    /// How many steps in a row are taken out.
    piece: usize,
    /// Where the next piece ends, counted from the end of what is kept.
    at: usize,
    /// Whether a piece of this size could be taken out since the last pass began.
    progress: bool,
    candidate: Vec<usize>,
}

/// What a step needs and provides.
#[derive(Clone, Debug, Default)]
pub(super) struct Links {
    /// The variables that it uses.
    pub uses: BTreeSet<String>,
    /// The variables that it saves.
    pub saves: BTreeSet<String>,
}

impl Shrinker {
    /// Begins with a sequence whose last step shows the disagreement.
    pub fn new(links: Vec<Links>) -> Self {
        let kept: Vec<_> = (0..links.len()).collect();
        let piece = (kept.len() / 2).max(1);
        Self { links, kept, piece, at: 0, progress: false, candidate: Vec::new() }
    }

    /// The steps of the shortest sequence so far.
    #[cfg(test)]
    pub fn kept(&self) -> &[usize] {
        &self.kept
    }

    /// The next sequence to try; none when nothing more can be taken out.
    pub fn next(&mut self) -> Option<&[usize]> {
        loop {
            // The last step is what shows it.
            let free = self.kept.len().saturating_sub(1);
            if self.at >= free {
                if self.piece == 1 && !self.progress {
                    return None;
                }
                (self.piece, self.at, self.progress) = ((self.piece / 2).max(1), 0, false);
                if free == 0 {
                    return None;
                }
            }
            let end = free - self.at;
            let start = end.saturating_sub(self.piece);
            let candidate = self.without(start..end);
            if candidate.len() < self.kept.len() && candidate.last() == self.kept.last() {
                self.candidate = candidate;
                return Some(&self.candidate);
            }
            self.at += 1;
        }
    }

    /// Says whether the last sequence tried shows the disagreement, too.
    pub fn tried(&mut self, shows: bool) {
        if shows {
            self.kept = std::mem::take(&mut self.candidate);
            self.progress = true;
        } else {
            self.at += self.piece;
        }
    }

    /// What is kept without some steps and without what depends on them.
    fn without(&self, taken: std::ops::Range<usize>) -> Vec<usize> {
        let all: BTreeSet<_> =
            self.kept.iter().filter_map(|step| self.links.get(*step)).flat_map(|one| &one.saves).collect();
        let mut provided = BTreeSet::new();
        let mut left = Vec::new();
        for (position, step) in self.kept.iter().enumerate() {
            let Some(links) = self.links.get(*step) else { continue };
            let has_all = links.uses.iter().all(|name| !all.contains(name) || provided.contains(name));
            if !taken.contains(&position) && has_all {
                left.push(*step);
                provided.extend(&links.saves);
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(uses: &[&str], saves: &[&str]) -> Links {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Links { uses: set(uses), saves: set(saves) }
    }

    fn shrunk(links: Vec<Links>, shows: impl Fn(&[usize]) -> bool) -> (Vec<usize>, usize) {
        let mut shrinker = Shrinker::new(links);
        let mut tries = 0;
        while let Some(candidate) = shrinker.next().map(<[usize]>::to_vec) {
            tries += 1;
            assert!(tries < 500, "it does not end");
            shrinker.tried(shows(&candidate));
        }
        (shrinker.kept().to_vec(), tries)
    }

    #[test]
    fn only_the_steps_that_are_needed_stay() {
        let links = vec![Links::default(); 20];
        let (kept, tries) = shrunk(links, |steps| steps.contains(&3) && steps.contains(&11));
        assert_eq!(kept, [3, 11, 19]);
        assert!(tries < 60, "{tries}");
    }

    #[test]
    fn a_step_stays_with_what_it_needs() {
        let links = vec![step(&[], &["a"]), step(&[], &["b"]), step(&["a"], &["c"]), step(&["c"], &[])];
        let needs = |steps: &[usize]| !steps.contains(&3) || (steps.contains(&2) && steps.contains(&0));
        let (kept, _) = shrunk(links, |steps| {
            assert!(needs(steps), "{steps:?}");
            true
        });
        assert_eq!(kept, [0, 2, 3]);
    }

    #[test]
    fn one_step_is_short_enough() {
        assert_eq!(shrunk(vec![Links::default()], |_| true).0, [0]);
    }
}
