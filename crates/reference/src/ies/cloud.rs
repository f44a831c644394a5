//! The services of all tenants.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fault::{Fault, Faults};
use crate::rest::Routed;

use super::facts::Tenant;
use super::refusal::ApiError;
use super::service::{Service, State};
use super::tenant::Ids;
use super::traffic;

/// What changes.
pub struct Cloud {
    /// The services.
    pub services: Vec<Service>,
    /// Names of connections that a fault keeps from being used again.
    pub retired_names: Vec<String>,
    /// Ids of services that a fault gives away again.
    pub freed_ids: Vec<String>,
    /// Ids still to be given away.
    pub ids: Ids,
}

impl Cloud {
    /// Brings all services up to a moment.
    pub fn settle(&mut self, now: Timestamp, faults: &Faults) {
        self.services.iter_mut().for_each(|service| service.settle(now, faults));
        let gone = |service: &Service| matches!(service.state, State::Gone);
        if faults.has(Fault::IesNameNotReleased) {
            let names = self.services.iter().filter(|service| gone(service)).flat_map(Service::connection_names);
            self.retired_names.extend(names.map(str::to_owned).collect::<Vec<_>>());
        }
        if faults.has(Fault::IesIdentityReused) {
            let gone = self.services.iter().filter(|service| gone(service));
            self.freed_ids.extend(gone.map(|service| service.id.clone()));
        }
        if !faults.has(Fault::IesDeletedServiceRead) {
            self.services.retain(|service| !gone(service));
        }
    }

    /// The services of a tenant.
    pub fn list(&self, tenant: &Tenant, faults: &Faults) -> Value {
        let shown =
            |service: &&Service| service.tenant.name == tenant.name || faults.has(Fault::IesForeignServicesListed);
        let there = self.services.iter().filter(|service| !matches!(service.state, State::Gone));
        let services = there.filter(shown).map(|service| {
            let mut summary =
                if faults.has(Fault::IesParametersListed) { service.details() } else { service.summary() };
            if let Some(fields) = summary.as_object_mut().filter(|_| faults.has(Fault::IesTagMissing)) {
                fields.shift_remove("nfv_tag");
            }
            summary
        });
        json!({"services": services.collect::<Vec<_>>()})
    }

    /// A service of a tenant; anyone's by a fault.
    pub fn find(&self, tenant: &Tenant, id: &str, anyones: Fault, faults: &Faults) -> Result<&Service, ApiError> {
        let is_theirs = |service: &Service| service.tenant.name == tenant.name || faults.has(anyones);
        let found = self.services.iter().find(|service| service.id == id && is_theirs(service));
        found.ok_or_else(|| ApiError::unknown("service", id))
    }

    /// What was measured of a connection of a tenant.
    pub fn traffic(
        &self,
        tenant: &Tenant,
        routed: &Routed<'_>,
        now: Timestamp,
        faults: &Faults,
    ) -> Result<Value, ApiError> {
        let text = |name| routed.text(name).unwrap_or_default();
        let (name, metric, direction) = (text("connection-name"), text("metric"), text("direction"));
        let moment = |name| routed.whole_number(name).unwrap_or_default();
        let question = traffic::Question {
            connection: &name,
            metric: &metric,
            direction: &direction,
            time_dimension: &text("timedim"),
            period: moment("starttime")..=moment("endtime"),
        };
        let is_theirs =
            |service: &Service| service.tenant.name == tenant.name || faults.has(Fault::IesForeignTrafficRead);
        let has = |service: &&Service| service.connection(&name).is_some() && is_theirs(service);
        let service = self.services.iter().find(has);
        if service.is_none() && faults.has(Fault::IesUnknownConnectionMeasured) {
            return Ok(json!({"metric": {"datas": []}}));
        }
        traffic::of(service.ok_or_else(|| ApiError::unknown("connection", &name))?, &question, now, faults)
    }
}
