//! What is accepted at once and takes a while: creation, modification, deletion.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::Outgoing;
use crate::fault::{Fault, Faults};
use crate::rest::Routed;
use crate::world::{Rules, after};

use super::catalogue;
use super::cloud::Cloud;
use super::connection::Connection;
use super::facts::Tenant;
use super::order::{Action, Order};
use super::refusal::ApiError;
use super::service::{Change, Ordered, Service, State};

/// A change that will be made.
pub struct Accepted {
    kind: Kind,
    operation: String,
}

enum Kind {
    Creation { service: String },
    Modification,
    Deletion,
}

impl Accepted {
    /// Status 202, the address of the task, and ids.
    pub fn outgoing(self, faults: &Faults) -> Outgoing {
        let operation = &self.operation;
        let location = format!("/rest/servicemanager/v1/tasks/{operation}");
        let (status, body, located) = match self.kind {
            Kind::Creation { service } => {
                let status = if faults.has(Fault::IesCreationWith201) { 201 } else { 202 };
                let located = !faults.has(Fault::IesCreationWithoutLocation);
                (status, json!({"service": {"service_id": service, "operation_id": operation}}), located)
            }
            Kind::Modification if faults.has(Fault::IesModificationWithoutId) => (202, json!({}), true),
            Kind::Modification => {
                (202, json!({"operation_id": operation}), !faults.has(Fault::IesModificationWithoutLocation))
            }
            Kind::Deletion if faults.has(Fault::IesDeletionWithoutId) => (202, json!({}), true),
            Kind::Deletion => (202, json!({"operation_id": operation}), true),
        };
        let mut outgoing = Outgoing::json(status, &body);
        outgoing.headers.extend(located.then_some(("location", location)));
        outgoing
    }
}

impl Cloud {
    /// Accepts a change, or refuses it.
    pub fn change(
        &mut self,
        tenant: &'static Tenant,
        routed: &Routed<'_>,
        now: Timestamp,
        rules: &Rules,
    ) -> Result<Accepted, ApiError> {
        let body = Some(&routed.body).filter(|body| !body.is_null());
        let until = after(now, rules.job_time);
        let id = routed.text("serviceId").unwrap_or_default();
        let kind = match routed.operation.name.value.0.as_str() {
            "createService" => {
                let service = self.create(tenant, body, (now, until), &rules.faults)?;
                Kind::Creation { service }
            }
            "modifyService" => {
                let found = self.find(tenant, &id, Fault::IesForeignServiceChanged, &rules.faults);
                if found.is_err() && rules.faults.has(Fault::IesUnknownServicePassedOver) {
                    return Ok(Accepted { kind: Kind::Modification, operation: self.ids.fresh() });
                }
                let change = modification(found?, body, &rules.faults)?;
                if rules.faults.has(Fault::IesModifyChangesAll) {
                    self.change_others(tenant, &id, &change);
                }
                self.begin(&id, &change, until);
                Kind::Modification
            }
            "deleteService" => {
                let found = self.find(tenant, &id, Fault::IesForeignServiceChanged, &rules.faults);
                if found.is_err() && rules.faults.has(Fault::IesUnknownServicePassedOver) {
                    return Ok(Accepted { kind: Kind::Deletion, operation: self.ids.fresh() });
                }
                found?;
                if rules.faults.has(Fault::IesDeleteTakesAll) {
                    self.services.retain(|service| service.tenant.name != tenant.name || service.id == id);
                }
                self.begin(&id, &Change::Deletion, until);
                Kind::Deletion
            }
            other => return Err(ApiError { status: 500, text: format!("{other} does nothing") }),
        };
        Ok(Accepted { kind, operation: self.ids.fresh() })
    }

    /// What a fault makes of the other services of a tenant: their description is the name of the one that is modified.
    fn change_others(&mut self, tenant: &Tenant, id: &str, change: &Change) {
        let Change::Modification(ordered, _) = change else { return };
        let others = self.services.iter_mut().filter(|service| service.tenant.name == tenant.name && service.id != id);
        others.for_each(|service| service.order.description.clone_from(&ordered.name));
    }

    fn begin(&mut self, id: &str, change: &Change, until: Timestamp) {
        for service in self.services.iter_mut().filter(|service| service.id == id) {
            service.state = State::Underway { change: change.clone(), until };
        }
    }

    /// Orders a service. Its id.
    fn create(
        &mut self,
        tenant: &'static Tenant,
        body: Option<&Value>,
        (now, until): (Timestamp, Timestamp),
        faults: &Faults,
    ) -> Result<String, ApiError> {
        if !tenant.creates && !faults.has(Fault::IesScalingTenantCreates) {
            return Err(ApiError { status: 403, text: format!("{} may scale services only", tenant.name) });
        }
        let order = Order::read(body, Action::Create, faults)?;
        let mut order_fields = creation(&order, faults)?;
        let taken = order_fields.connections.iter().map(Connection::name).find(|name| self.is_taken(name));
        if let Some(taken) = taken.filter(|_| !faults.has(Fault::IesNamesTakenTwice)) {
            return Err(ApiError::parameter(format!("there is a CloudVPN {taken} already")));
        }
        if faults.has(Fault::IesDescriptionForgotten) {
            order_fields.description.clear();
        }
        if faults.has(Fault::IesBandwidthFixed) {
            for connection in &mut order_fields.connections {
                connection.members.insert("Bandwidth".to_owned(), "60000".into());
            }
        }
        let id = self.freed_ids.pop().unwrap_or_else(|| self.ids.fresh());
        self.services.push(Service {
            id: id.clone(),
            tenant,
            order: order_fields,
            created: now,
            in_operation_since: None,
            state: State::Underway { change: Change::Creation(order.on_failure), until },
        });
        Ok(id)
    }

    fn is_taken(&self, name: &str) -> bool {
        let known = self.services.iter().any(|service| service.connection(name).is_some());
        known || self.retired_names.iter().any(|retired| retired == name)
    }
}

/// What a creation orders.
fn creation(order: &Order, faults: &Faults) -> Result<Ordered, ApiError> {
    let needed = |name: &str| {
        let text = order.text(name)?.filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| ApiError::parameter(format!("{name} is missing")))
    };
    let (definition, template) = (needed("service_definition_id")?, needed("template_id")?);
    let known = catalogue::usable(&definition, Fault::IesForeignDefinitionUsed, faults);
    let known = known.ok_or_else(|| ApiError::parameter(format!("there is no definition {definition}")))?;
    if template != known.template && !faults.has(Fault::IesTemplateNotChecked) {
        return Err(ApiError::parameter(format!("{definition} has no template {template}")));
    }
    if order.connections.is_empty() {
        return Err(ApiError::parameter("parameters hold no connection"));
    }
    Ok(Ordered {
        name: needed("name")?,
        description: order.text("description")?.unwrap_or_default().to_owned(),
        definition,
        template,
        connections: order.connections.clone(),
    })
}

/// What becomes of a service by a modification.
fn modification(service: &Service, body: Option<&Value>, faults: &Faults) -> Result<Change, ApiError> {
    let order = Order::read(body, Action::Update, faults)?;
    if !matches!(service.state, State::Completed | State::Failed) {
        return Err(ApiError { status: 409, text: format!("{} is being changed", service.id) });
    }
    let (name, description) = (order.text("name")?, order.text("description")?);
    if name.is_none() && description.is_none() && order.connections.is_empty() {
        return Err(ApiError::parameter("nothing is to be changed"));
    }
    if name.is_none() && faults.has(Fault::IesModificationNeedsName) {
        return Err(ApiError::parameter("name is missing"));
    }
    let mut ordered = service.order.clone();
    let kept = |text: String, forgotten: Fault| if faults.has(forgotten) { String::new() } else { text };
    ordered.name = name.map_or_else(|| kept(ordered.name, Fault::IesModifyResetsName), str::to_owned);
    ordered.description =
        description.map_or_else(|| kept(ordered.description, Fault::IesModifyResetsDescription), str::to_owned);
    if order.connections.is_empty() && faults.has(Fault::IesModifyDropsConnections) {
        ordered.connections.clear();
    }
    for wanted in &order.connections {
        let same = |known: &&mut Connection| known.list == wanted.list && known.name() == wanted.name();
        let known = ordered.connections.iter_mut().find(same);
        if known.is_none() && faults.has(Fault::IesUnknownConnectionPassedOver) {
            continue;
        }
        let known = known.ok_or_else(|| ApiError::parameter(format!("there is no CloudVPN {} here", wanted.name())))?;
        if faults.has(Fault::IesModifyDropsMembers) {
            known.members.clear();
        }
        known.members.extend(wanted.members.clone());
    }
    Ok(Change::Modification(Box::new(ordered), order.on_failure))
}
