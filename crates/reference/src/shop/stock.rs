//! What the shops of all customers hold.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::customer::Customer;

/// What the shops of all customers hold.
#[derive(Debug, Default)]
pub(super) struct Stocks {
    pub(super) of: BTreeMap<Customer, Stock>,
    pub(super) made: u64,
}

/// What a customer's shop holds.
#[derive(Debug, Default)]
pub(super) struct Stock {
    pub(super) products: BTreeMap<u64, Value>,
    pub(super) pictures: BTreeMap<(u64, u64), Value>,
    pub(super) orders: BTreeMap<String, Value>,
    /// Those that a fault still lists.
    pub(super) deleted_orders: Vec<Value>,
    pub(super) exports: BTreeMap<String, (Value, Timestamp)>,
}

impl Stocks {
    pub(super) fn of(&mut self, customer: Customer) -> &mut Stock {
        self.of.entry(customer).or_default()
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }
}
