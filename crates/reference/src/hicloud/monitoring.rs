//! The latest data of machines (VM MONITORING).
//!
//! The CPU of a machine has next to nothing to do, unless the machine is in a load balancer policy: a policy has visitors, whose
//! load is shared by those of its machines that run. So a site that is too much for one machine is not for two.

use serde_json::{Value, json};

use crate::fault::Fault;

use super::facts::facts;
use super::operation::written;
use super::refusal::{Answer, fields};
use super::request::Parameters;
use super::state::{CustomerIndex, Machine, Monitoring, Power, State};

/// `getInstancesStats`.
pub fn stats(state: &mut State, customer: CustomerIndex, parameters: &Parameters) -> Answer {
    let mut ids = parameters.all("businessServiceId");
    if state.rules.faults.has(Fault::HicloudMeasuresFirstOnly) {
        ids.truncate(1);
    }
    let positions = state.named(customer, &ids, Fault::HicloudForeignMachineMeasured)?;
    let list: Vec<_> = positions.iter().map(|position| of_machine(state, &state.machines[*position])).collect();
    Ok(fields([("instanceStatsList", list.into())]))
}

/// CPU and disks are sampled at times of their own. Networks are not sampled: the sample shows none.
fn of_machine(state: &State, machine: &Machine) -> Value {
    let faults = &state.rules.faults;
    let watched = machine.monitoring == Monitoring::Installed;
    let runs = machine.power == Power::On;
    let minute = state.now.as_second().rem_euclid(60);
    let sampled = jiff::Timestamp::from_second(state.now.as_second() - minute).unwrap_or(state.now);
    let (cpu, cpu_time) =
        if watched && runs { (json!(load(state, machine)), written(state.now)) } else { (Value::Null, Value::Null) };
    let (disks, disk_time) = if watched { (json!([disk(state)]), written(sampled)) } else { (json!([]), Value::Null) };
    let mut data = fields([
        ("businessServiceId", machine.id.as_str().into()),
        ("cpuUpdateTime", cpu_time),
        ("cpuUsage", cpu),
        ("diskUpdateTime", disk_time),
        ("disks", disks),
        ("networkUpdateTime", Value::Null),
        ("networks", json!([])),
        ("powerStatus", if runs { "PoweredOn" } else { "PoweredOff" }.into()),
    ]);
    if faults.has(Fault::HicloudPowerMissing) {
        data.remove("powerStatus");
    }
    data.into()
}

fn disk(state: &State) -> Value {
    let mut disk = facts().disk.clone();
    if state.rules.faults.has(Fault::HicloudDiskFreeWrong) {
        let size = disk.get("diskSize").cloned().unwrap_or_default();
        disk.insert("diskFree".to_owned(), size);
    }
    disk.into()
}

/// The load of a machine that runs, in percent, to two places.
fn load(state: &State, machine: &Machine) -> f64 {
    let faults = &state.rules.faults;
    let policies = state
        .policies
        .iter()
        .filter(|policy| policy.customer == machine.customer && policy.addresses.contains(&machine.address));
    let visitors = policies.map(|policy| {
        let serves = |other: &&Machine| {
            let up = other.power == Power::On || faults.has(Fault::HicloudReserveTakesLoad);
            other.customer == policy.customer && up && policy.addresses.contains(&other.address)
        };
        let machines = state.machines.iter().filter(serves).count();
        if faults.has(Fault::HicloudLoadNotShared) {
            facts().visitors
        } else {
            facts().visitors / f64::from(u32::try_from(machines.max(1)).unwrap_or(u32::MAX))
        }
    });
    let load = facts().idle + visitors.sum::<f64>();
    (load * 100.0).round() / 100.0
}
