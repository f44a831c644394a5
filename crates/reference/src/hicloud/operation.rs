//! Machines are listed, started, stopped and rebooted (TO INQUIRE FOR THE VM DATA, THE OPERATION OF VM).

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::fault::Fault;

use super::facts::facts;
use super::refusal::{Answer, ApiError, fields};
use super::request::Parameters;
use super::state::{CustomerIndex, Machine, Monitoring, Power, State};

/// `describeInstances`. A machine must be among those that each of the filters names.
#[expect(clippy::unnecessary_wraps, reason = "orders may be refused; this one never is")]
pub fn describe(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let faults = &state.rules.faults;
    let (ids, orders) = (parameters.all("businessServiceId"), parameters.all("orderId"));
    let unfiltered = ids.is_empty() && orders.is_empty();
    let is_theirs = |machine: &&Machine| {
        let others = if unfiltered { Fault::HicloudForeignMachinesListed } else { Fault::HicloudForeignShownById };
        machine.customer == customer || faults.has(others)
    };
    let theirs: Vec<_> = state.machines.iter().filter(is_theirs).collect();
    let nothing_has = |ids: &[&str]| !theirs.iter().any(|machine| ids.contains(&machine.id.as_str()));
    let all = faults.has(Fault::HicloudUnknownMachineListsAll) && !ids.is_empty() && nothing_has(&ids);
    let is_found = |machine: &&&Machine| {
        let hidden =
            unfiltered && faults.has(Fault::HicloudMonitoredNotListed) && machine.monitoring == Monitoring::Installed;
        let named = (ids.is_empty() || ids.contains(&machine.id.as_str()))
            && (orders.is_empty() || orders.contains(&machine.order.as_str()));
        all || (named && !hidden)
    };
    let mut list: Vec<_> = theirs.iter().filter(is_found).map(|machine| shown(machine, state.now)).collect();
    for machine in list.iter_mut().filter(|_| !ids.is_empty()) {
        misreport(state, machine);
    }
    Ok(fields([("instanceList", list.into_iter().map(Value::Object).collect::<Vec<_>>().into())]))
}

/// A machine as a list shows it. Before it is provisioned, it has neither address nor state.
fn shown(machine: &Machine, now: Timestamp) -> Map<String, Value> {
    let provisioned = machine.ready <= now;
    let then = |value: Value| if provisioned { value } else { Value::Null };
    let (status, message) =
        if provisioned { ("provisionok", "PROVISION_SUCCESS") } else { ("provisioning", "PROVISIONING") };
    fields([
        ("applyDate", written(machine.applied)),
        ("businessServiceId", machine.id.as_str().into()),
        ("businessTag", facts().business_tag.as_str().into()),
        ("endDate", Value::Null),
        ("ipForNat", then(machine.address.as_str().into())),
        ("ipForVm", then(machine.address.as_str().into())),
        ("name", machine.name.as_str().into()),
        ("operationStatus", then(machine.power.status().into())),
        ("orderId", machine.order.as_str().into()),
        ("provisionMessage", message.into()),
        ("provisionStatus", status.into()),
        ("startDate", then(written(machine.ready))),
    ])
}

/// What faults make of a machine that was looked up by its id.
fn misreport(state: &State, machine: &mut Map<String, Value>) {
    let faults = &state.rules.faults;
    if faults.has(Fault::HicloudNameForgotten) {
        machine.insert("name".to_owned(), machine["businessServiceId"].clone());
    }
    if faults.has(Fault::HicloudOrderIdOther) {
        machine.insert("orderId".to_owned(), state.ids.named("another order").into());
    }
    if faults.has(Fault::HicloudProvisionMessageBlank) {
        machine.insert("provisionMessage".to_owned(), "".into());
    }
}

/// A moment as the samples write it.
pub fn written(moment: Timestamp) -> Value {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

/// `startInstances`. What runs already goes on running.
pub fn start(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let due = state.due();
    let mut ids = parameters.all("businessServiceId");
    if state.rules.faults.has(Fault::HicloudStartsFirstOnly) {
        ids.truncate(1);
    }
    let stops = state.rules.faults.has(Fault::HicloudStartStopsRunning);
    let statuses = change(state, customer, &ids, |machine| {
        if matches!(machine.power, Power::Off | Power::Stopping(_)) {
            machine.power = Power::Starting(due);
        } else if stops {
            machine.power = Power::Off;
        }
    })?;
    Ok(power_statuses(state, Fault::HicloudStartSaysStarted, statuses, "vm_start"))
}

/// `stopInstances`. What does not run goes on not running.
pub fn stop(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let due = state.due();
    let mut ids = parameters.all("businessServiceId");
    if state.rules.faults.has(Fault::HicloudStopsFirstOnly) {
        ids.truncate(1);
    }
    let faults = state.rules.faults.clone();
    if faults.has(Fault::HicloudStopStopsAll) {
        state.theirs(customer).for_each(|machine| machine.power = machine.power.stopped_by(due));
    }
    let statuses = change(state, customer, &ids, |machine| {
        let starts = machine.power == Power::Off && faults.has(Fault::HicloudStopStartsStopped);
        machine.power = if starts { Power::On } else { machine.power.stopped_by(due) };
    })?;
    Ok(power_statuses(state, Fault::HicloudStopSaysStopped, statuses, "vm_stop"))
}

/// `rebootInstances`: it stops, and then starts.
pub fn reboot(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let faults = state.rules.faults.clone();
    let due = if faults.has(Fault::HicloudRebootNeverEnds) { Timestamp::MAX } else { state.due() };
    let ids = parameters.all("businessServiceId");
    if faults.has(Fault::HicloudRebootMoves) {
        for position in state.named(customer, &ids, Fault::HicloudForeignMachineChanged)? {
            let address = state.address("");
            state.machines[position].address = address;
        }
    }
    let statuses = change(state, customer, &ids, |machine| machine.power = Power::Rebooting(due))?;
    Ok(power_statuses(state, Fault::HicloudRebootSaysStarting, statuses, "vm_starting"))
}

/// What is answered of machines that were changed: what has become of each, unless a fault says something else.
fn power_statuses(
    state: &State,
    fault: Fault,
    mut statuses: Map<String, Value>,
    otherwise: &str,
) -> Map<String, Value> {
    if state.rules.faults.has(fault) {
        statuses.values_mut().for_each(|status| *status = otherwise.into());
    }
    fields([("statusMap", statuses.into())])
}

/// Changes machines, all or none. What has become of each.
fn change(
    state: &mut State,
    customer: CustomerIndex,
    ids: &[&str],
    change: impl Fn(&mut Machine),
) -> Result<Map<String, Value>, ApiError> {
    let (named, now) = (state.named(customer, ids, Fault::HicloudForeignMachineChanged), state.now);
    if named.is_err() && state.rules.faults.has(Fault::HicloudHalfDone) {
        let known = state.theirs(customer).filter(|machine| ids.contains(&machine.id.as_str()));
        known.for_each(change);
        return named.map(|_| Map::new());
    }
    let positions = named?;
    if let Some(machine) = positions.iter().map(|position| &state.machines[*position]).find(|found| found.ready > now) {
        return Err(ApiError::state(format!("{} is not provisioned yet", machine.id)));
    }
    let mut statuses = Map::new();
    for position in positions {
        let machine = &mut state.machines[position];
        change(machine);
        statuses.insert(machine.id.clone(), machine.power.status().into());
    }
    Ok(statuses)
}
