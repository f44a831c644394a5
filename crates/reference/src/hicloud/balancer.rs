//! Load balancer policies. The document names the orders; the parameters are those of the operator's developer guide, and
//! a machine takes part through its address.

use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};

use crate::fault::Fault;

use super::refusal::{Answer, ApiError, fields};
use super::request::Parameters;
use super::state::{CustomerIndex, Policy, State};

/// `describeLoadBalancerPolicies`.
#[expect(clippy::unnecessary_wraps, reason = "orders may be refused; this one never is")]
pub fn describe(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let (ids, orders) = (parameters.all("loadBalancerId"), parameters.all("orderUuid"));
    let hidden = ids.is_empty() && orders.is_empty() && state.rules.faults.has(Fault::HicloudPoliciesNotListed);
    let is_found = |policy: &&Policy| {
        !hidden
            && policy.customer == customer
            && (ids.is_empty() || ids.contains(&policy.id.as_str()))
            && (orders.is_empty() || orders.contains(&policy.order.as_str()))
    };
    let list: Vec<_> = state.policies.iter().filter(is_found).map(shown).collect();
    Ok(fields([("loadBalancerList", list.into())]))
}

fn shown(policy: &Policy) -> Value {
    json!({
        "loadBalancerId": policy.id,
        "loadBalancerPolicyName": policy.name,
        "orderUuid": policy.order,
        "port": policy.port,
        "ripsInfo": policy.addresses,
    })
}

/// `createLoadBalancerPolicy`.
pub fn create(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let addresses = addresses(parameters)?;
    let port = port(parameters)?.ok_or_else(|| ApiError::parameter("the parameter port is missing"))?;
    let order = state.ids.fresh();
    let policy = Policy {
        id: state.service_id("BL", customer),
        customer,
        order: order.clone(),
        name: parameters.get("loadBalancerPolicyName").map(str::to_owned),
        port,
        addresses,
    };
    state.policies.push(policy);
    Ok(fields([("orderUuidList", json!([order]))]))
}

/// `replaceLoadBalancerPolicy`: the new addresses take the place of the old ones.
pub fn replace(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let (mut addresses, port) = (addresses(parameters)?, port(parameters)?);
    let keeps = state.rules.faults.has(Fault::HicloudPolicyKeepsAddress);
    let position = position(state, customer, parameters)?;
    let policy = &mut state.policies[position];
    if keeps {
        let old = policy.addresses.iter().filter(|address| !addresses.contains(address)).cloned();
        addresses = old.chain(addresses.iter().cloned()).collect();
    }
    policy.addresses = addresses;
    policy.port = port.unwrap_or(policy.port);
    Ok(Map::new())
}

/// `deleteLoadBalancerPolicy`.
pub fn delete(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let position = position(state, customer, parameters)?;
    if !state.rules.faults.has(Fault::HicloudPolicyNotDeleted) {
        state.policies.remove(position);
    }
    Ok(Map::new())
}

fn position(state: &State, customer: CustomerIndex, parameters: &Parameters) -> Result<usize, ApiError> {
    let id = parameters.get("loadBalancerId").unwrap_or_default();
    let position = state.policies.iter().position(|policy| policy.customer == customer && policy.id == id);
    position.ok_or_else(|| ApiError::new(404, "InvalidLoadBalancerId", format!("there is no policy {id}")))
}

fn addresses(parameters: &Parameters) -> Result<Vec<String>, ApiError> {
    let addresses = parameters.all("ripsInfo");
    if let Some(address) = addresses.iter().find(|address| address.parse::<Ipv4Addr>().is_err()) {
        return Err(ApiError::parameter(format!("{address} is no address")));
    }
    Ok(addresses.into_iter().map(str::to_owned).collect())
}

fn port(parameters: &Parameters) -> Result<Option<u16>, ApiError> {
    let read = |text: &str| {
        let port = text.parse().ok().filter(|port| *port > 0);
        port.ok_or_else(|| ApiError::parameter("port is a number from 1 to 65535"))
    };
    parameters.get("port").map(read).transpose()
}
