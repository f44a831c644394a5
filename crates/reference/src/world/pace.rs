//! How often each account has asked (`CloudStack` developer's guide 4.1, 5.4).

use std::collections::HashMap;

use jiff::Timestamp;

use crate::settings::Throttle;

use super::account::AccountIndex;
use super::clock::after;

/// That an account has asked too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled;

/// The requests that an account has sent since an interval began.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    /// When it ends, and the count falls to 0.
    pub end: Timestamp,
    /// How many were sent.
    pub requests: u32,
}

/// The intervals of all accounts.
#[derive(Default)]
pub struct Counters {
    /// How many requests any account may send.
    pub common: Option<Throttle>,
    intervals: HashMap<AccountIndex, Interval>,
}

impl Counters {
    /// The interval of an account; a new one begins with the first request after it.
    pub fn interval(&mut self, account: AccountIndex, throttle: Throttle, now: Timestamp) -> &mut Interval {
        let begun = || Interval { end: after(now, throttle.interval), requests: 0 };
        let interval = self.intervals.entry(account).or_insert_with(begun);
        if interval.end <= now {
            *interval = begun();
        }
        interval
    }

    /// Counts a request, which may be one too many.
    pub fn count(&mut self, account: AccountIndex, throttle: Throttle, now: Timestamp) -> Result<(), Throttled> {
        let interval = self.interval(account, throttle, now);
        interval.requests = interval.requests.saturating_add(1);
        if interval.requests > throttle.requests.get() { Err(Throttled) } else { Ok(()) }
    }

    /// Forgets what an account has sent.
    pub fn reset(&mut self, account: AccountIndex) {
        self.intervals.remove(&account);
    }

    /// Forgets what all accounts have sent.
    pub fn reset_all(&mut self) {
        self.intervals.clear();
    }
}
