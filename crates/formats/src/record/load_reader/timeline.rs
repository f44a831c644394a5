//! What was observed of a profile over time. Its size depends on neither the profile's length nor the number of generators.

use std::time::Duration;

use super::totals::Totals;

/// No load run lasts a hundred years. What says so was altered, and is not counted with.
pub(super) const LATEST: u64 = 100 * 366 * 24 * 60 * 60;

/// A profile's time is shown in at most so many parts.
pub const MOST_PARTS: u64 = 240;

/// A part of a profile's time.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The first second of it, from the profile's first due moment.
    pub second: u64,
    /// How many seconds it has.
    pub seconds: u64,
    /// What was observed in it; of all operations together.
    pub totals: Totals,
}

/// A profile's time in parts of equal length.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// How long a part is.
    part_seconds: u64,
    parts: Vec<Part>,
    /// The part that was added to last, and what was observed in it: it alone can be added to quickly.
    open: Option<(usize, Totals)>,
}

impl Timeline {
    /// Of a profile that is planned to last so long. What lasts longer goes on in further parts, and then in the last.
    pub fn new(lasts: Duration) -> Self {
        let seconds = lasts.as_secs().saturating_add(u64::from(lasts.subsec_nanos() > 0)).min(LATEST);
        Self { part_seconds: seconds.div_ceil(MOST_PARTS).max(1), parts: Vec::new(), open: None }
    }

    /// Adds what was observed in a second, and returns the place of its part.
    pub fn add(&mut self, second: u64, totals: &Totals) -> usize {
        let index = self.part(second);
        let (open, mut observed) = self.open.take().unwrap_or_default();
        if open != index {
            self.parts[open].totals = observed.packed();
            observed.clear();
        }
        if observed.ended() == 0 && observed.due == 0 {
            observed.add(&self.parts[index].totals);
        }
        observed.add(totals);
        self.open = Some((index, observed));
        index
    }

    /// The parts so far, in order; some may be empty.
    pub fn parts(&mut self) -> &[Part] {
        if let Some((open, observed)) = &self.open {
            self.parts[*open].totals = observed.packed();
        }
        &self.parts
    }

    /// The parts, when all is added.
    pub fn finish(mut self) -> Vec<Part> {
        self.parts();
        self.parts
    }

    /// The part that a second belongs to.
    fn part(&mut self, second: u64) -> usize {
        let number = (second / self.part_seconds).min(MOST_PARTS - 1);
        let parts = &mut self.parts;
        for new in parts.len() as u64..=number {
            let seconds = self.part_seconds;
            parts.push(Part { second: new * seconds, seconds, totals: Totals::default() });
        }
        #[allow(clippy::cast_possible_truncation, reason = "it is below 240")]
        let index = number as usize;
        parts[index].seconds = parts[index].seconds.max(second + 1 - parts[index].second);
        index
    }
}
