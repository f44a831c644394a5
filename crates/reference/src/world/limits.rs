//! How much of everything an account may have (`CloudStack` developer's guide 4.1, 6.5).

use std::collections::HashMap;

use super::{AccountIndex, Kind, kind};

/// A type of resource that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceType {
    /// The number by which requests and answers name it.
    pub number: u8,
    /// What is counted.
    pub kind: Kind,
}

impl ResourceType {
    /// All of them, with the numbers that CloudStack gives them.
    pub const ALL: [Self; 8] = [
        Self { number: 0, kind: kind::MACHINE },
        Self { number: 1, kind: kind::PUBLIC_ADDRESS },
        Self { number: 2, kind: kind::VOLUME },
        Self { number: 3, kind: kind::SNAPSHOT },
        Self { number: 4, kind: kind::TEMPLATE },
        Self { number: 5, kind: kind::PROJECT },
        Self { number: 6, kind: kind::NETWORK },
        Self { number: 7, kind: kind::VPC },
    ];

    /// The one with a number.
    pub fn of_number(number: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.number.to_string() == number)
    }
}

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
