//! What the cloud begins with: two customers, and a few machines to be looked at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;

use crate::demonstration::Credentials;

use super::state::{Customer, CustomerIndex, Machine, Monitoring, Power, State};

/// The moment at which the first key pair of the samples was given away, in milliseconds, and the first machine ordered, in
/// seconds: 2013-05-08, as everything that is seeded.
const KEYS_GIVEN: u64 = 1_367_995_538_013;
const ORDERED: i64 = 1_367_996_625;

/// Adds the customers, with keys in the form of the samples: the number of the customer with a moment, and 32 hexadecimal
/// digits, both in Base64.
pub fn customers(state: &mut State, suite: &str) -> Vec<Credentials> {
    let mut accounts = Vec::new();
    for (name, number) in [("demo", "55010005"), ("neighbour", "55010001")] {
        let secret = state.ids.named(&format!("secret key {suite} {name}")).replace('-', "");
        let customer = Customer {
            number: number.to_owned(),
            access_key: STANDARD_NO_PAD.encode(format!("HN{number}{KEYS_GIVEN}")),
            secret_key: STANDARD_NO_PAD.encode(secret),
        };
        let keys = vec![("api_key", customer.access_key.clone()), ("secret_key", customer.secret_key.clone())];
        accounts.push(Credentials { account: name.to_owned(), keys, url: None });
        let customer = state.add_customer(customer);
        machines(state, customer);
    }
    accounts
}

fn machines(state: &mut State, customer: CustomerIndex) {
    let applied = Timestamp::from_second(ORDERED).unwrap_or(Timestamp::UNIX_EPOCH);
    for (name, monitoring, power) in [
        ("hwstest", Monitoring::None, Power::On),
        ("risc-test-run", Monitoring::Installed, Power::On),
        ("spare", Monitoring::None, Power::Off),
    ] {
        let machine = Machine {
            id: state.service_id("BV", customer),
            customer,
            order: state.ids.fresh(),
            name: name.to_owned(),
            address: state.address(name),
            template: "hi-olajtpss".to_owned(),
            specification: "HC1.S.LINUX".to_owned(),
            monitoring,
            applied,
            ready: applied,
            power,
        };
        state.machines.push(machine);
    }
}
