//! Load balancer policies. The document names the orders; the parameters are those of the operator's developer guide, and
//! a machine takes part through its address.

use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};

use crate::fault::Fault;

use super::refusal::{Answer, ApiError, fields};
use super::request::Parameters;
use super::state::{CustomerIndex, Policy, State};

/// The port that a fault takes for another.
const HTTP: u16 = 80;

/// `describeLoadBalancerPolicies`.
#[expect(clippy::unnecessary_wraps, reason = "orders may be refused; this one never is")]
pub fn describe(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let (ids, orders) = (parameters.all("loadBalancerId"), parameters.all("orderUuid"));
    let faults = &state.rules.faults;
    let hidden = ids.is_empty() && orders.is_empty() && faults.has(Fault::HicloudPoliciesNotListed);
    let is_found = |policy: &&Policy| {
        !hidden
            && (policy.customer == customer || faults.has(Fault::HicloudForeignPoliciesListed))
            && (ids.is_empty() || ids.contains(&policy.id.as_str()) || faults.has(Fault::HicloudPolicyIdIgnored))
            && (orders.is_empty()
                || orders.contains(&policy.order.as_str())
                || faults.has(Fault::HicloudPolicyOrderIgnored))
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
    let faults = state.rules.faults.clone();
    let mut addresses = addresses(state, parameters)?;
    if faults.has(Fault::HicloudPolicyFirstAddressOnly) {
        addresses.truncate(1);
    }
    let port = port(state, parameters)?.ok_or_else(|| ApiError::parameter("the parameter port is missing"))?;
    let port = if faults.has(Fault::HicloudPolicyPortFixed) { HTTP } else { port };
    let order = state.ids.fresh();
    let policy = Policy {
        id: state.service_id("BL", customer),
        customer,
        order: order.clone(),
        name: parameters
            .get("loadBalancerPolicyName")
            .filter(|_| !faults.has(Fault::HicloudPolicyNameForgotten))
            .map(str::to_owned),
        port,
        addresses,
    };
    state.policies.push(policy);
    Ok(fields([("orderUuidList", json!([order]))]))
}

/// `replaceLoadBalancerPolicy`: the new addresses take the place of the old ones.
pub fn replace(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let (mut addresses, port) = (addresses(state, parameters)?, port(state, parameters)?);
    let faults = state.rules.faults.clone();
    let position = position(state, customer, parameters);
    if position.is_err() && faults.has(Fault::HicloudUnknownPolicyPassedOver) {
        return Ok(Map::new());
    }
    let position = position?;
    if faults.has(Fault::HicloudReplaceChangesAll) {
        let others = state.policies.iter_mut().filter(|policy| policy.customer == customer);
        others.for_each(|policy| policy.addresses.clone_from(&addresses));
    }
    let policy = &mut state.policies[position];
    if faults.has(Fault::HicloudReplaceResetsPort) {
        policy.port = HTTP;
    }
    if faults.has(Fault::HicloudReplaceResetsName) {
        policy.name = None;
    }
    if faults.has(Fault::HicloudPolicyKeepsAddress) {
        let old = policy.addresses.iter().filter(|address| !addresses.contains(address)).cloned();
        addresses = old.chain(addresses.iter().cloned()).collect();
    }
    policy.addresses = addresses;
    policy.port = port.unwrap_or(policy.port);
    Ok(Map::new())
}

/// `deleteLoadBalancerPolicy`.
pub fn delete(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let faults = state.rules.faults.clone();
    let position = position(state, customer, parameters);
    if position.is_err() && faults.has(Fault::HicloudUnknownPolicyPassedOver) {
        return Ok(Map::new());
    }
    let position = position?;
    if !faults.has(Fault::HicloudPolicyNotDeleted) {
        let policy = state.policies.remove(position);
        state.free(&policy.id);
    }
    if faults.has(Fault::HicloudDeleteTakesAllPolicies) {
        state.policies.retain(|policy| policy.customer != customer);
    }
    Ok(Map::new())
}

fn position(state: &State, customer: CustomerIndex, parameters: &Parameters) -> Result<usize, ApiError> {
    let id = parameters.get("loadBalancerId").unwrap_or_default();
    let anyones = state.rules.faults.has(Fault::HicloudForeignPolicyChanged);
    let is_theirs = |policy: &Policy| policy.customer == customer || anyones;
    let position = state.policies.iter().position(|policy| policy.id == id && is_theirs(policy));
    position.ok_or_else(|| ApiError::new(404, "InvalidLoadBalancerId", format!("there is no policy {id}")))
}

fn addresses(state: &State, parameters: &Parameters) -> Result<Vec<String>, ApiError> {
    let addresses = parameters.all("ripsInfo");
    state.rules.faults.check(Fault::HicloudAddressNotChecked, || {
        let wrong = addresses.iter().find(|address| address.parse::<Ipv4Addr>().is_err());
        wrong.map_or(Ok(()), |address| Err(ApiError::parameter(format!("{address} is no address"))))
    })?;
    Ok(addresses.into_iter().map(str::to_owned).collect())
}

fn port(state: &State, parameters: &Parameters) -> Result<Option<u16>, ApiError> {
    let read = |text: &str| {
        let port = text.parse().ok().filter(|port| *port > 0);
        let port = port.or_else(|| state.rules.faults.has(Fault::HicloudPortNotChecked).then_some(HTTP));
        port.ok_or_else(|| ApiError::parameter("port is a number from 1 to 65535"))
    };
    parameters.get("port").map(read).transpose()
}
