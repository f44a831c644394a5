//! Machines are ordered, changed and given back (TO APPLY FOR A VM).

use serde_json::{Map, Value};

use crate::fault::Fault;

use super::facts::facts;
use super::refusal::{Answer, ApiError, fields};
use super::request::Parameters;
use super::state::{CustomerIndex, Machine, Monitoring, Power, State};

/// What a machine is made like.
struct Model {
    template: String,
    specification: String,
    monitoring: Monitoring,
}

/// `runInstances`: a machine that is copied decides over everything else.
pub fn run(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let model = match parameters.get("businessServiceId") {
        Some(id) => copied(state, customer, id)?,
        None => from_template(state, parameters)?,
    };
    let count = count(state, parameters)?;
    let count = if state.rules.faults.has(Fault::HicloudOneOrderForSeveral) { 1 } else { count };
    let name = parameters.get("instanceName").unwrap_or_default().to_owned();
    let orders: Vec<Value> = (0..count).map(|_| order(state, customer, &model, &name, parameters).into()).collect();
    Ok(fields([("orderUuidList", orders.into())]))
}

fn order(state: &mut State, customer: CustomerIndex, model: &Model, name: &str, parameters: &Parameters) -> String {
    let order = state.ids.fresh();
    let is_copy = parameters.get("businessServiceId").is_some();
    let runs = is_copy && state.rules.faults.has(Fault::HicloudCopyRuns);
    let machine = Machine {
        id: state.service_id("BV", customer),
        customer,
        order: order.clone(),
        name: name.to_owned(),
        address: copied_address(state, parameters).unwrap_or_else(|| state.address(name)),
        template: model.template.clone(),
        specification: model.specification.clone(),
        monitoring: model.monitoring,
        applied: state.now,
        ready: state.due(),
        power: if runs { Power::Starting(state.due()) } else { Power::Off },
    };
    state.machines.push(machine);
    order
}

/// The address of what is copied, which a fault gives the copy, too.
fn copied_address(state: &State, parameters: &Parameters) -> Option<String> {
    let id = parameters.get("businessServiceId").filter(|_| state.rules.faults.has(Fault::HicloudCopyHasAddress))?;
    state.machines.iter().find(|machine| machine.id == id).map(|machine| machine.address.clone())
}

fn copied(state: &State, customer: CustomerIndex, id: &str) -> Result<Model, ApiError> {
    let positions = match state.named(customer, &[id], Fault::HicloudForeignMachineCopied) {
        Err(_) if state.rules.faults.has(Fault::HicloudUnknownMachineCopied) => vec![0],
        positions => positions?,
    };
    let source = positions.first().and_then(|position| state.machines.get(*position));
    let source = source.ok_or_else(|| ApiError::parameter("there is nothing to copy"))?;
    Ok(Model {
        template: source.template.clone(),
        specification: source.specification.clone(),
        monitoring: source.monitoring,
    })
}

fn from_template(state: &State, parameters: &Parameters) -> Result<Model, ApiError> {
    let faults = &state.rules.faults;
    let (template, specification) = (needed(parameters, "imageId")?, needed(parameters, "instanceType")?);
    let known = facts().is_template(template) && facts().size(specification).is_some();
    if !known && !faults.has(Fault::HicloudUnknownTemplateOrdered) {
        return Err(ApiError::parameter(format!(
            "there is no template {template} or no specification {specification}"
        )));
    }
    let apart = || Err(ApiError::parameter(format!("{template} can't be ordered as {specification}")));
    if known && !facts().goes_with(template, specification) {
        faults.check(Fault::HicloudAnyPairOrdered, apart)?;
    }
    if faults.has(Fault::HicloudPairRefused) && (template, specification) == ("hi-sll3leq7", "HC1.XL.LINUX") {
        apart()?;
    }
    let monitoring = monitoring(state, parameters)?.unwrap_or(Monitoring::None);
    Ok(Model { template: template.to_owned(), specification: specification.to_owned(), monitoring })
}

fn needed<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, ApiError> {
    parameters.get(name).ok_or_else(|| ApiError::parameter(format!("the parameter {name} is missing")))
}

fn monitoring(state: &State, parameters: &Parameters) -> Result<Option<Monitoring>, ApiError> {
    match parameters.get("monitoringEnabled") {
        None => Ok(None),
        Some("true") => Ok(Some(Monitoring::Installed)),
        Some("false") => Ok(Some(Monitoring::None)),
        Some(_) if state.rules.faults.has(Fault::HicloudMonitoringNotChecked) => Ok(None),
        Some(other) => Err(ApiError::parameter(format!("monitoringEnabled can't be {other}"))),
    }
}

fn count(state: &State, parameters: &Parameters) -> Result<usize, ApiError> {
    let Some(text) = parameters.get("count") else { return Ok(1) };
    let most = facts().most_machines;
    let count = text.parse().ok().filter(|count| (1..=most).contains(count));
    let count = count.or_else(|| state.rules.faults.has(Fault::HicloudCountNotChecked).then_some(1));
    count.ok_or_else(|| ApiError::parameter(format!("count is a number from 1 to {most}")))
}

/// `terminateInstances`.
pub fn terminate(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let ids = parameters.all("businessServiceId");
    state.named(customer, &ids, Fault::HicloudForeignMachineChanged)?;
    if state.rules.faults.has(Fault::HicloudTerminateTakesAll) {
        state.machines.retain(|machine| machine.customer != customer);
    }
    let mut statuses = Map::new();
    for id in ids {
        let position = state.machines.iter().position(|machine| machine.id == id);
        if let Some(position) = position.filter(|_| !state.rules.faults.has(Fault::HicloudTerminateLeaves)) {
            state.remove(position);
        }
        statuses.insert(id.to_owned(), "process success".into());
    }
    Ok(fields([("statusMap", statuses.into())]))
}

/// `modifyInstanceAttribute`. A machine stays with its template, so the table holds for its new size, too.
pub fn modify(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let id = needed(parameters, "businessServiceId")?;
    let specification = parameters.get("instanceType");
    let monitoring = monitoring(state, parameters)?;
    let position = state.named(customer, &[id], Fault::HicloudForeignMachineChanged)?.first().copied();
    let faults = state.rules.faults.clone();
    let Some(machine) = position.and_then(|position| state.machines.get_mut(position)) else {
        return Err(ApiError::parameter("there is nothing to modify"));
    };
    if let Some(specification) = specification {
        let smaller = facts().size(specification) < facts().size(&machine.specification);
        let refused = faults.has(Fault::HicloudDowngradeRefused) && smaller;
        let fits = facts().goes_with(&machine.template, specification) || faults.has(Fault::HicloudSizeNotChecked);
        if refused || !fits {
            return Err(ApiError::state(format!("{id} can't become {specification}")));
        }
        specification.clone_into(&mut machine.specification);
        if faults.has(Fault::HicloudModifyRenames) {
            specification.clone_into(&mut machine.name);
        }
        if faults.has(Fault::HicloudModifyResetsMonitoring) {
            machine.monitoring = Monitoring::None;
        }
    }
    if let Some(monitoring) = monitoring.filter(|_| !faults.has(Fault::HicloudMonitoringNotInstalled)) {
        machine.monitoring = monitoring;
    }
    Ok(fields([("statusMap", fields([(id, "success".into())]).into())]))
}
