//! The shop, and what is wrong with it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fault::{Fault, Faults};

use super::customer::Issued;
use super::stock::Stocks;

/// The shop, and what is wrong with it.
pub struct Shop {
    pub(super) faults: Faults,
    /// How long an export takes.
    pub(super) job_time: jiff::SignedDuration,
    pub(super) stocks: Mutex<Stocks>,
    pub(super) issued: Mutex<Issued>,
}

impl Shop {
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.faults.has(fault)
    }

    pub(super) fn stocks(&self) -> MutexGuard<'_, Stocks> {
        self.stocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn issued(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
