//! How much of everything an account may have (`CloudStack` developer's guide 4.1, 6.5).

use std::collections::HashMap;

use crate::kind::Kind;

use super::account::AccountIndex;

/// The limits that were set. Where none was, there is none.
#[derive(Default)]
pub struct Limits(HashMap<(AccountIndex, Kind), usize>);

impl Limits {
    /// How many of a kind an account may have, if that is limited.
    pub fn of(&self, account: AccountIndex, kind: Kind) -> Option<usize> {
        self.0.get(&(account, kind)).copied()
    }

    /// Limits how many of a kind an account may have; `None` lifts the limit.
    pub fn set(&mut self, account: AccountIndex, kind: Kind, limit: Option<usize>) {
        match limit {
            Some(limit) => self.0.insert((account, kind), limit),
            None => self.0.remove(&(account, kind)),
        };
    }
}
