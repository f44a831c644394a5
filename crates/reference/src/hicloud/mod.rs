//! The API of Chunghwa Telecom's hicloud (Description of API Scenarios, 2013): machines from templates and copies, what they
//! are doing, their load, and load balancer policies.
//!
//! A request passes through `request`, which reads it; `gate`, which knows who may ask; and the operation: `orders`,
//! `operation`, `monitoring` or `balancer`, on the `state`.

mod balancer;
mod facts;
mod gate;
mod monitoring;
mod operation;
mod orders;
mod refusal;
mod request;
mod seed;
mod signing;
mod state;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::api::{Api, Incoming, Outgoing};
use crate::fault::Fault;
use crate::inventory::Held;
use crate::opening::StartError;
use crate::opening::{Opened, Opening};
use assay_suite::{Operation, Suite};

use refusal::{Answer, ApiError};
use request::Parameters;
use state::{CustomerIndex, State};

/// Where requests go (THE EXECUTION OF API ORDER).
const PATH: &str = "/cloud_hws/api/hws/";

/// What an order does.
type Action = fn(&mut State, CustomerIndex, &Parameters) -> Answer;

/// The twelve of the first phase.
const ACTIONS: [(&str, Action); 12] = [
    ("runInstances", orders::run),
    ("terminateInstances", orders::terminate),
    ("rebootInstances", operation::reboot),
    ("startInstances", operation::start),
    ("stopInstances", operation::stop),
    ("describeInstances", operation::describe),
    ("modifyInstanceAttribute", orders::modify),
    ("getInstancesStats", monitoring::stats),
    ("describeLoadBalancerPolicies", balancer::describe),
    ("createLoadBalancerPolicy", balancer::create),
    ("replaceLoadBalancerPolicy", balancer::replace),
    ("deleteLoadBalancerPolicy", balancer::delete),
];

fn action_of(name: &str) -> Option<Action> {
    ACTIONS.iter().find(|(known, _)| *known == name).map(|(_, action)| *action)
}

/// The API.
struct Hicloud {
    suite: Arc<Suite>,
    state: Mutex<State>,
}

/// Opens the API, with three customers and what is theirs.
pub fn open(suite: &Arc<Suite>, opening: &Opening<'_>) -> Result<Opened, StartError> {
    let name = &suite.name.value.0;
    let unknown = suite.operations.keys().find(|operation| action_of(&operation.0).is_none());
    if let Some(operation) = unknown {
        return Err(StartError::UnknownOperation { suite: name.clone(), operation: operation.0.clone() });
    }
    let mut state = State::new(name, opening.rules.clone());
    let accounts = seed::customers(&mut state, name);
    let api = Hicloud { suite: Arc::clone(suite), state: Mutex::new(state) };
    Ok(Opened { api: Arc::new(api), path: PATH, accounts, variables: Vec::new(), further: None })
}

impl Api for Hicloud {
    fn inventory(&self, now: Timestamp) -> Vec<Held> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance(now);
        let machines = state.machines.iter().map(|machine| Held::new("machine", &machine.id, machine.name.clone()));
        let policies = state
            .policies
            .iter()
            .map(|policy| Held::new("policy", &policy.id, policy.name.clone().unwrap_or_default()));
        machines.chain(policies).collect()
    }

    fn answer(&self, request: &Incoming, now: Timestamp) -> Outgoing {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance(now);
        let parameters = Parameters::read(&request.query);
        let answer = match (request.path.trim_end_matches('/') == PATH.trim_end_matches('/'), request.method.as_str()) {
            (false, _) => Err(ApiError::NO_SUCH_PATH),
            (true, "GET") => self.carry_out(&mut state, &parameters),
            (true, _) => Err(ApiError::NOT_GET),
        };
        let (status, mut fields) = match answer {
            Ok(fields) => (200, fields),
            Err(refusal) => (refusal.status, refusal.fields()),
        };
        let repeated = state.rules.faults.has(Fault::HicloudRequestIdRepeated)
            && parameters.get("action") == Some("describeInstances");
        fields.insert("requestId".to_owned(), state.request_id(repeated).into());
        Outgoing::json(status, &Value::Object(fields))
    }
}

impl Hicloud {
    fn carry_out(&self, state: &mut State, parameters: &Parameters) -> Answer {
        let customer = gate::admit(state, parameters)?;
        let name = parameters.get("action").ok_or_else(|| ApiError::parameter("the order has no action"))?;
        let documented = self.suite.operations.get(name).zip(action_of(name));
        let Some((operation, action)) = documented else {
            let unknown = || Err(ApiError::new(400, "UnsupportedOperation", format!("there is no order {name}")));
            state.rules.faults.check(Fault::HicloudUnknownActionAccepted, unknown)?;
            return Ok(Map::new());
        };
        check_obligations(operation, parameters)?;
        action(state, customer, parameters)
    }
}

/// At least one of the sets of parameters that an order can be given with must be there as a whole.
fn check_obligations(operation: &Operation, parameters: &Parameters) -> Result<(), ApiError> {
    let Some(alternatives) = &operation.at_least_one else { return Ok(()) };
    if alternatives.0.iter().any(|set| set.iter().all(|name| parameters.get(name).is_some())) {
        return Ok(());
    }
    let sets: Vec<_> = alternatives.0.iter().map(|set| set.join(" with ")).collect();
    Err(ApiError::parameter(format!("{} needs {}", operation.name.value, sets.join(" or "))))
}
