//! The IES API: a catalogue, `CloudVPN` services that are made in a while, and what was measured of their connections.
//!
//! It answers as the slides say, and where they say nothing as their examples show. What takes ten minutes there takes the
//! job time here.

mod catalogue;
mod change;
mod cloud;
mod connection;
mod facts;
mod order;
mod refusal;
mod seed;
mod service;
mod tenant;
mod traffic;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use assay_suite::Suite;

use super::api::{Api, Incoming, Outgoing};
use super::demonstration::Credentials;
use super::fault::{Fault, Faults};
use super::inventory::Held;
use super::opening::{Opened, Opening};
use super::rest::{Misfit, Routes, check};
use super::world::Rules;

use change::Accepted;
use cloud::Cloud;
use facts::{Tenant, facts};
use refusal::ApiError;
use service::State;
use tenant::Ids;

/// Opens the API.
pub fn open(suite: &Arc<Suite>, opening: &Opening<'_>) -> Opened {
    let accounts = facts().tenants.iter().map(|tenant| Credentials {
        account: tenant.name.clone(),
        keys: vec![("token", tenant.token()), ("bearer", facts().bearer.clone())],
        url: None,
    });
    let cloud =
        Cloud { services: seed::services(), retired_names: Vec::new(), freed_ids: Vec::new(), ids: Ids::default() };
    let api = Ies { routes: Routes::new(Arc::clone(suite)), rules: opening.rules.clone(), cloud: Mutex::new(cloud) };
    Opened { api: Arc::new(api), path: "", accounts: accounts.collect(), variables: seed::variables(), further: None }
}

/// The API.
struct Ies {
    routes: Routes,
    rules: Rules,
    cloud: Mutex<Cloud>,
}

/// An answer that is not a refusal.
enum Answer {
    /// What was asked for.
    Found(Value),
    /// Something that takes a while.
    Accepted(Accepted),
}

impl Api for Ies {
    fn inventory(&self, now: Timestamp) -> Vec<Held> {
        let mut cloud = self.cloud.lock().unwrap_or_else(PoisonError::into_inner);
        cloud.settle(now, &self.rules.faults);
        let there = cloud.services.iter().filter(|service| !matches!(service.state, State::Gone));
        there.map(|service| Held::new("service", &service.id, service.details().to_string())).collect()
    }

    fn answer(&self, request: &Incoming, now: Timestamp) -> Outgoing {
        // A request that panicked leaves a cloud whose services are each as they were before or after it.
        let mut cloud = self.cloud.lock().unwrap_or_else(PoisonError::into_inner);
        cloud.settle(now, &self.rules.faults);
        match self.carry_out(&mut cloud, request, now) {
            Ok(Answer::Found(body)) => Outgoing::json(200, &body),
            Ok(Answer::Accepted(accepted)) => accepted.outgoing(&self.rules.faults),
            Err(refusal) => Outgoing::json(refusal.status, &refusal.body()),
        }
    }
}

impl Ies {
    fn carry_out(&self, cloud: &mut Cloud, request: &Incoming, now: Timestamp) -> Result<Answer, ApiError> {
        let faults = &self.rules.faults;
        // A path that ends where an id should follow is not the path of the list.
        let routed = if request.path.ends_with('/') { Err(Misfit::NoPath) } else { self.routes.find(request) };
        let routed = routed.map_err(misfit)?;
        let tenant = caller(request, faults)?;
        check_content_type(request, faults)?;
        match check(&routed) {
            Err(Misfit::Wrong(name, _)) if name == "direction" && faults.has(Fault::IesDirectionNotChecked) => {}
            other => other.map_err(misfit)?,
        }
        let text = |name| routed.text(name).unwrap_or_default();
        let found = match routed.operation.name.value.0.as_str() {
            "queryServiceDefinitions" => catalogue::list(faults),
            "queryServiceDefinitionDetails" => catalogue::details(&text("servicedefId"), faults)?,
            "queryServices" => cloud.list(tenant, faults),
            "queryService" => {
                let service = cloud.find(tenant, &text("serviceId"), Fault::IesForeignServiceRead, faults)?;
                json!({"service": service.details()})
            }
            "queryConnectionTraffic" => cloud.traffic(tenant, &routed, now, faults)?,
            _ => return cloud.change(tenant, &routed, now, &self.rules).map(Answer::Accepted),
        };
        Ok(Answer::Found(found))
    }
}

/// Whose request it is.
fn caller(request: &Incoming, faults: &Faults) -> Result<&'static Tenant, ApiError> {
    let refused = |text: &str| ApiError { status: 401, text: text.to_owned() };
    if request.header("authorization") != Some(facts().bearer.as_str()) && !faults.has(Fault::IesBearerNotChecked) {
        return Err(refused("Authorization holds no known bearer token"));
    }
    let known = request.header("x-auth-token").and_then(Tenant::with_token);
    let known = known.or_else(|| facts().tenants.first().filter(|_| faults.has(Fault::IesTokenNotChecked)));
    known.ok_or_else(|| refused("X-Auth-Token holds no token of a tenant"))
}

/// A body says that it is JSON.
fn check_content_type(request: &Incoming, faults: &Faults) -> Result<(), ApiError> {
    let declared = request.header("content-type").unwrap_or_default();
    let is_json = declared.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if is_json || request.body.is_empty() || faults.has(Fault::IesContentTypeNotChecked) {
        return Ok(());
    }
    Err(ApiError { status: 415, text: "a body is application/json".to_owned() })
}

fn misfit(misfit: Misfit) -> ApiError {
    match misfit {
        Misfit::NoPath => ApiError { status: 404, text: "there is nothing here".to_owned() },
        Misfit::NoMethod => ApiError { status: 405, text: "not by this method".to_owned() },
        Misfit::NoJson => ApiError::parameter("the body is not JSON"),
        Misfit::Missing(name) => ApiError::parameter(format!("{name} is missing")),
        Misfit::Wrong(name, why) => ApiError::parameter(format!("{name} {why}")),
    }
}
