//! Customers, their machines and policies.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::fault::Fault;
use crate::world::{Ids, Rules, after};

use super::refusal::ApiError;

/// A customer.
pub struct Customer {
    /// The eight digits of the customer's number.
    pub number: String,
    /// The key that names the customer.
    pub access_key: String,
    /// The key that the customer signs with.
    pub secret_key: String,
}

/// The place of a customer among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerIndex(usize);

impl CustomerIndex {
    /// The customer that was added first: the one that tests work with.
    pub const FIRST: Self = Self(0);
}

/// Whether a machine is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monitoring {
    /// It is.
    Installed,
    /// It is not.
    None,
}

/// What a machine is doing, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It does not run.
    Off,
    /// It will run.
    Starting(Timestamp),
    /// It runs.
    On,
    /// It will not run.
    Stopping(Timestamp),
    /// It stops, and starts again.
    Rebooting(Timestamp),
}

impl Power {
    /// What has become of it at a moment.
    fn at(self, now: Timestamp) -> Self {
        match self {
            Self::Starting(until) | Self::Rebooting(until) if until <= now => Self::On,
            Self::Stopping(until) if until <= now => Self::Off,
            other => other,
        }
    }

    /// What it is doing once it is to stop: what does not run goes on not running.
    pub fn stopped_by(self, due: Timestamp) -> Self {
        if self == Self::Off { self } else { Self::Stopping(due) }
    }

    /// The word for it.
    pub fn status(self) -> &'static str {
        match self {
            Self::Off => "vm_stop",
            Self::Starting(_) => "vm_starting",
            Self::On => "vm_start",
            Self::Stopping(_) | Self::Rebooting(_) => "vm_stopping",
        }
    }
}

/// A machine.
pub struct Machine {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub customer: CustomerIndex,
    /// The order that it was made by.
    pub order: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// What it was made from, be it by way of other machines.
    pub template: String,
    /// Its size.
    pub specification: String,
    /// Whether it is watched.
    pub monitoring: Monitoring,
    /// When it was ordered.
    pub applied: Timestamp,
    /// When it is provisioned.
    pub ready: Timestamp,
    /// What it is doing.
    pub power: Power,
}

/// A load balancer policy.
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub customer: CustomerIndex,
    /// The order that it was made by.
    pub order: String,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// The port that it listens on.
    pub port: u16,
    /// The addresses among which it shares the load.
    pub addresses: Vec<String>,
}

/// The state of the cloud.
pub struct State {
    /// What stays the same.
    pub rules: Rules,
    /// The moment that the state has been brought up to.
    pub now: Timestamp,
    /// Ids of orders.
    pub ids: Ids,
    /// All machines, in the order in which they were ordered.
    pub machines: Vec<Machine>,
    /// All policies.
    pub policies: Vec<Policy>,
    customers: Vec<Customer>,
    /// Addresses that were given back, by the name of the machine that had them. None is given away again, but by a fault.
    former: BTreeMap<String, VecDeque<String>>,
    /// Ids that a fault gives away again.
    freed: Vec<String>,
    numbered: u32,
    addressed: u32,
    requests: u16,
}

impl State {
    /// No accounts and no resources yet. The same name gives the same ids.
    pub fn new(name: &str, rules: Rules) -> Self {
        Self {
            rules,
            now: Timestamp::UNIX_EPOCH,
            ids: Ids::of(name),
            machines: Vec::new(),
            policies: Vec::new(),
            customers: Vec::new(),
            former: BTreeMap::new(),
            freed: Vec::new(),
            numbered: 0,
            addressed: 0,
            requests: 0,
        }
    }

    /// Brings the state up to a moment. Time never runs backwards.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        for machine in &mut self.machines {
            machine.power = machine.power.at(self.now);
        }
    }

    /// Adds a customer.
    pub fn add_customer(&mut self, customer: Customer) -> CustomerIndex {
        self.customers.push(customer);
        CustomerIndex(self.customers.len() - 1)
    }

    /// A customer.
    pub fn customer(&self, index: CustomerIndex) -> &Customer {
        // An index is only ever made for a customer that was added, and none is removed.
        &self.customers[index.0]
    }

    /// The customer with an access key.
    pub fn customer_with_key(&self, key: &str) -> Option<CustomerIndex> {
        self.customers.iter().position(|customer| customer.access_key == key).map(CustomerIndex)
    }

    /// The machines of a customer that were named; a refusal if one is not the customer's, but for a fault.
    pub fn named(&self, customer: CustomerIndex, ids: &[&str], anyones: Fault) -> Result<Vec<usize>, ApiError> {
        let is_theirs = |machine: &Machine| machine.customer == customer || self.rules.faults.has(anyones);
        let position = |id: &&str| {
            let position = self.machines.iter().position(|machine| machine.id == **id && is_theirs(machine));
            position.ok_or_else(|| ApiError::new(404, "InvalidInstanceId", format!("there is no machine {id}")))
        };
        if self.rules.faults.has(Fault::HicloudUnknownMachinePassedOver) {
            return Ok(ids.iter().filter_map(|id| position(id).ok()).collect());
        }
        ids.iter().map(position).collect()
    }

    /// The machines of a customer.
    pub fn theirs(&mut self, customer: CustomerIndex) -> impl Iterator<Item = &mut Machine> {
        self.machines.iter_mut().filter(move |machine| machine.customer == customer)
    }

    /// The end of what begins now and takes its time.
    pub fn due(&self) -> Timestamp {
        after(self.now, self.rules.job_time)
    }

    /// An id as the samples show it: letters, the customer's number, and four letters or digits.
    pub fn service_id(&mut self, letters: &str, customer: CustomerIndex) -> String {
        const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        if let Some(place) = self.freed.iter().position(|id| id.starts_with(letters)) {
            return self.freed.remove(place);
        }
        self.numbered += 1;
        let mut rest = self.numbered as usize;
        let mut last = [b'0'; 4];
        for place in last.iter_mut().rev() {
            *place = DIGITS[rest % DIGITS.len()];
            rest /= DIGITS.len();
        }
        format!("{letters}{}{}", self.customer(customer).number, String::from_utf8_lossy(&last))
    }

    /// The address of a new machine.
    pub fn address(&mut self, name: &str) -> String {
        if self.rules.faults.has(Fault::HicloudAddressReused)
            && let Some(address) = self.former.get_mut(name).and_then(VecDeque::pop_front)
        {
            return address;
        }
        let number = self.addressed;
        self.addressed += 1;
        format!("210.{}.{}.{}", 61 + number / (254 * 256) % 64, number / 254 % 256, number % 254 + 1)
    }

    /// Takes a machine back.
    pub fn remove(&mut self, position: usize) {
        let machine = self.machines.remove(position);
        self.free(&machine.id);
        self.former.entry(machine.name).or_default().push_back(machine.address);
    }

    /// An id is no longer that of anything. It is given away again by a fault only.
    pub fn free(&mut self, id: &str) {
        if self.rules.faults.has(Fault::HicloudIdentityReused) {
            self.freed.push(id.to_owned());
        }
    }

    /// The id of a request, as the samples make it: the middle part is the moment in milliseconds, the last a count.
    pub fn request_id(&mut self, repeated: bool) -> String {
        self.requests = self.requests.wrapping_add(1);
        let (moment, count) = if repeated { (0, 0) } else { (self.now.as_millisecond(), self.requests) };
        format!("ff8080813e7cbbf3{moment:012x}{count:04x}")
    }
}
