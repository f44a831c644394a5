//! Several tests that are to be right together.

use crate::statistics::{holm, holm_threshold};

use super::judged::SIGNIFICANCE;

/// The p-values of tests that are wrong at most as often as [`SIGNIFICANCE`] says, all together, by Holm's rule.
pub(in crate::verdict) struct Family {
    p_values: Vec<Option<f64>>,
    rejected: Vec<bool>,
}

impl Family {
    /// A family of those that are tested; what has no p-value takes no part.
    pub fn of(p_values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let p_values: Vec<_> = p_values.into_iter().collect();
        let tested: Vec<f64> = p_values.iter().flatten().copied().collect();
        let mut rejected = holm(&tested, SIGNIFICANCE).into_iter();
        let rejected = p_values.iter().map(|p_value| p_value.is_some() && rejected.next() == Some(true)).collect();
        Self { p_values, rejected }
    }

    /// Whether the test with this place shows what it is to show.
    pub fn shows(&self, place: usize) -> bool {
        self.rejected.get(place) == Some(&true)
    }

    /// Up to which p-value the test with this place would show it, the others being as they are.
    pub fn threshold(&self, place: usize) -> f64 {
        let others = self.p_values.iter().enumerate().filter(|(other, _)| *other != place);
        let others: Vec<f64> = others.filter_map(|(_, p_value)| *p_value).collect();
        holm_threshold(&others, SIGNIFICANCE)
    }
}
