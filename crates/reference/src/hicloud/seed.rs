//! What the cloud begins with: two customers, and a few machines to be looked at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;

use crate::demonstration::Credentials;

use super::facts::facts;
use super::state::{Customer, CustomerIndex, Machine, Monitoring, Power, State};

/// Adds the customers, with keys in the form of the samples: the number of the customer with a moment, and 32 hexadecimal
/// digits, both in Base64.
pub fn customers(state: &mut State, suite: &str) -> Vec<Credentials> {
    let mut accounts = Vec::new();
    for (name, number) in &facts().customers {
        let secret = state.ids.named(&format!("secret key {suite} {name}")).replace('-', "");
        let customer = Customer {
            number: number.clone(),
            access_key: STANDARD_NO_PAD.encode(format!("HN{number}{}", facts().keys_given)),
            secret_key: STANDARD_NO_PAD.encode(secret),
        };
        let keys = vec![("api_key", customer.access_key.clone()), ("secret_key", customer.secret_key.clone())];
        accounts.push(Credentials { account: name.clone(), keys, url: None });
        let customer = state.add_customer(customer);
        machines(state, customer);
    }
    accounts
}

fn machines(state: &mut State, customer: CustomerIndex) {
    let applied = Timestamp::from_second(facts().ordered).unwrap_or(Timestamp::UNIX_EPOCH);
    for seeded in &facts().machines {
        let machine = Machine {
            id: state.service_id("BV", customer),
            customer,
            order: state.ids.fresh(),
            name: seeded.name.clone(),
            address: state.address(&seeded.name),
            template: seeded.template.clone(),
            specification: seeded.specification.clone(),
            monitoring: if seeded.monitored { Monitoring::Installed } else { Monitoring::None },
            applied,
            ready: applied,
            power: if seeded.runs { Power::On } else { Power::Off },
        };
        state.machines.push(machine);
    }
}
