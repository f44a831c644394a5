//! Instances: the virtual machines of the native API.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::command::Reply;
use crate::fault::Fault;
use crate::resource::machine::State;
use crate::world::{AccountIndex, Owner, Record, World, after, kind};
use assay_suite::Suite;

use super::call::{Answer, Call, device, done, items, moment, native, own, owner, stop_one};
use super::failure::Failure;
use super::images;
use super::native::Command;

/// The most machines that one request launches.
const MOST: u64 = 20;

/// The plan in the manual's sample of `RunInstances`: the first plan of the cloud.
const SAMPLE: &str = "m1.small";

/// What is known of a machine that this side launched, and not shown.
const LAUNCHED_HERE: &str = "launched by the EC2 side";

/// The same of a machine that is being terminated.
const TERMINATING: &str = "being terminated";

/// EC2's number and name of a machine's state.
fn state(machine: &Record) -> Value {
    let (code, name) = match State::of(machine) {
        State::Destroyed | State::Expunging => (48, "terminated"),
        _ if machine.hidden.contains_key(TERMINATING) => (32, "shutting-down"),
        State::Starting => (0, "pending"),
        State::Running => (16, "running"),
        State::Stopping => (64, "stopping"),
        State::Stopped => (80, "stopped"),
    };
    json!({"code": code, "name": name})
}

/// Machines that are shown together.
fn reservation(world: &World, machines: &[&Record]) -> Value {
    let Some(first) = machines.first() else { return json!({}) };
    let instances = machines.iter().map(|machine| instance(world, machine));
    json!({
        // The sample of the manual gives each machine a reservation of its own, with the machine's id.
        "reservationId": first.id(),
        "ownerId": owner(world, first),
        "groupSet": groups(world, first),
        "instancesSet": items(instances),
    })
}

fn groups(world: &World, machine: &Record) -> Value {
    let ids = machine.items("securitygroup").iter().filter_map(|group| group.get("id")?.as_str());
    let groups = ids.filter_map(|id| world.store.get(kind::SECURITY_GROUP, id));
    items(groups.map(|group| json!({"groupId": group.id(), "groupName": group.text("name")})))
}

fn instance(world: &World, machine: &Record) -> Value {
    let address = machine.items("nic").first().and_then(|nic| nic.get("ipaddress")).cloned().unwrap_or_default();
    let disks = world.store.of(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == machine.id());
    let disks = disks.map(|disk| {
        json!({
            "deviceName": device(disk),
            "ebs": {
                "volumeId": disk.id(),
                "status": "attached",
                "attachTime": moment(disk.text("attached")),
                "deleteOnTermination": disk.number("deviceid") == 0,
            },
        })
    });
    json!({
        "instanceId": machine.id(),
        "imageId": machine.text("templateid"),
        "instanceState": state(machine),
        "privateDnsName": "",
        "dnsName": "",
        "reason": "",
        "amiLaunchIndex": 0,
        "instanceType": machine.text("serviceofferingname"),
        "launchTime": moment(machine.text("created")),
        "placement": {"availabilityZone": machine.text("zonename")},
        "monitoring": {"state": "disabled"},
        "privateIpAddress": address,
        "ipAddress": address,
        "hypervisor": "xen",
        "rootDeviceType": "ebs",
        "rootDeviceName": "/dev/sda1",
        "blockDeviceMapping": items(disks),
        "groupSet": groups(world, machine),
    })
}

/// `DescribeInstances`: those that are named, or all.
pub fn describe(world: &mut World, call: &Call<'_>) -> Answer {
    let faults = &world.rules.faults;
    let mut named = call.parameters.numbered("InstanceId");
    if faults.has(Fault::Ec2SecondMachineNotListed) {
        named.truncate(1);
    }
    let machines: Vec<&Record> = if named.is_empty() && faults.has(Fault::Ec2ForeignMachinesListed) {
        world.store.of(kind::MACHINE).collect()
    } else if named.is_empty() {
        world.store.owned_by(kind::MACHINE, call.account).collect()
    } else {
        named.into_iter().map(|id| own(world, call, id)).collect::<Result<_, _>>()?
    };
    let hides = faults.has(Fault::Ec2NativeMachinesHidden);
    let shown = machines.into_iter().filter(|machine| !hides || machine.hidden.contains_key(LAUNCHED_HERE));
    Ok(json!({"reservationSet": items(shown.map(|machine| reservation(world, &[machine])))}))
}

/// `RunInstances`: as many machines as may be, of the first plan where none is named.
pub fn run(world: &mut World, call: &Call<'_>) -> Answer {
    let count = |name: &'static str| -> Result<u64, Failure> {
        let count = call.parameters.need(name)?.parse().ok().filter(|count| (1..=MOST).contains(count));
        let count = count.or_else(|| world.rules.faults.has(Fault::Ec2CountNotChecked).then_some(1));
        count.ok_or_else(|| Failure::new("InvalidParameterValue", format!("{name} is a number from 1 to {MOST}")))
    };
    let (least, most) = (count("MinCount")?, count("MaxCount")?);
    if least > most && !world.rules.faults.has(Fault::Ec2CountNotChecked) {
        return Err(Failure::new("InvalidParameterCombination", "MinCount is greater than MaxCount"));
    }
    let image = images::launchable(world, call, call.parameters.need("ImageId")?)?;
    let zone = if image.is_true("crossZones") { None } else { Some(image.text("zoneid").to_owned()) };
    let (image, owner) = (image.id().to_owned(), image.owner);
    let zone = zone.or_else(|| world.store.of(kind::ZONE).next().map(|zone| zone.id().to_owned())).unwrap_or_default();
    let plan = plan(world, call.parameters.get("InstanceType"))?;
    let arguments = [("templateid", &*image), ("zoneid", &*zone), ("serviceofferingid", &*plan)];
    let command = native(call, "deployVirtualMachine", &arguments);
    // Whoever may launch an image uses it as though it were everyone's.
    world.store.change(kind::TEMPLATE, &image, |image| image.owner = Owner::Everyone);
    let deployed: Result<Vec<_>, _> = (0..most).map(|_| command.carry_out(world)).collect();
    world.store.change(kind::TEMPLATE, &image, |image| image.owner = owner);
    let created = deployed?.into_iter().filter_map(|reply| match reply {
        Reply::Accepted { created, .. } => created,
        _ => None,
    });
    let created: Vec<_> = created.collect();
    for id in &created {
        world.store.change(kind::MACHINE, id, |machine| {
            machine.hidden.insert(LAUNCHED_HERE.to_owned(), Value::Bool(true));
        });
    }
    let machines: Vec<_> = created.iter().filter_map(|id| world.store.get(kind::MACHINE, id)).collect();
    Ok(reservation(world, &machines))
}

/// The id of the plan with a name; of the first plan when none is named.
fn plan(world: &World, name: Option<&str>) -> Result<String, Failure> {
    let by_id = world.rules.faults.has(Fault::Ec2PlanByIdAccepted);
    // The sample of the manual names a plan that no cloud of its kind has.
    let name = name.filter(|name| *name != SAMPLE);
    let is_meant = |plan: &&Record| name.is_none_or(|name| plan.text("name") == name || (by_id && plan.id() == name));
    let plan = world.store.of(kind::SERVICE_OFFERING).find(is_meant).map(|plan| plan.id().to_owned());
    plan.ok_or_else(|| Failure::new("InvalidParameterValue", format!("there is no plan {}", name.unwrap_or_default())))
}

/// The machines that a request names, all of them the account's own.
fn named(world: &World, call: &Call<'_>) -> Result<Vec<String>, Failure> {
    let ids = call.parameters.numbered("InstanceId").into_iter();
    ids.map(|id| own(world, call, id).map(|machine| machine.id().to_owned())).collect()
}

/// `RebootInstances`.
pub fn reboot(world: &mut World, call: &Call<'_>) -> Answer {
    if world.rules.faults.has(Fault::Ec2UnknownMachineRebooted) && named(world, call).is_err() {
        return Ok(done());
    }
    for id in named(world, call)? {
        native(call, "rebootVirtualMachine", &[("id", &id)]).carry_out_at_once(world)?;
    }
    Ok(done())
}

/// `StartInstances`. One that runs already stays as it is.
pub fn start(world: &mut World, call: &Call<'_>) -> Answer {
    change_states(world, call, |world, id| match State::of(own(world, call, id)?) {
        State::Running if world.rules.faults.has(Fault::Ec2StartStopsRunning) => stop_one(world, call, id),
        State::Starting | State::Running => Ok(()),
        _ => native(call, "startVirtualMachine", &[("id", id)]).carry_out(world).map(|_| ()),
    })
}

/// `StopInstances`. One that is stopped already stays as it is.
pub fn stop(world: &mut World, call: &Call<'_>) -> Answer {
    if world.rules.faults.has(Fault::Ec2StopStopsAll) {
        for id in all_running(world, call) {
            stop_one(world, call, &id)?;
        }
    }
    change_states(world, call, |world, id| match State::of(own(world, call, id)?) {
        State::Stopped if world.rules.faults.has(Fault::Ec2StopStartsStopped) => {
            native(call, "startVirtualMachine", &[("id", id)]).carry_out(world).map(|_| ())
        }
        _ => stop_one(world, call, id),
    })
}

/// The machines of the account that run.
fn all_running(world: &World, call: &Call<'_>) -> Vec<String> {
    let theirs = world.store.owned_by(kind::MACHINE, call.account);
    theirs.filter(|machine| State::of(machine) == State::Running).map(|machine| machine.id().to_owned()).collect()
}

/// `TerminateInstances`. One that is being started or stopped is terminated when that is over.
pub fn terminate(world: &mut World, call: &Call<'_>) -> Answer {
    if world.rules.faults.has(Fault::Ec2TerminateTakesAll) {
        for id in all_running(world, call) {
            terminate_one(world, call.native, call.account, &id)?;
        }
    }
    let (mut first, only_first) = (true, world.rules.faults.has(Fault::Ec2SecondMachineNotTerminated));
    change_states(world, call, |world, id| {
        let spared = only_first && !std::mem::take(&mut first);
        if spared { Ok(()) } else { terminate_one(world, call.native, call.account, id) }
    })
}

fn terminate_one(world: &mut World, suite: &Arc<Suite>, account: AccountIndex, id: &str) -> Result<(), Failure> {
    let Some(machine) = world.store.get(kind::MACHINE, id) else { return Ok(()) };
    match State::of(machine) {
        State::Destroyed | State::Expunging => Ok(()),
        State::Running | State::Stopped => {
            let command = Command { suite, account, name: "destroyVirtualMachine", arguments: &[("id", id)] };
            command.carry_out(world)?;
            mark_terminating(world, id);
            let (id, due) = (id.to_owned(), over(world));
            let unmark = |machine: &mut Record| drop(machine.hidden.shift_remove(TERMINATING));
            world.agenda.enter(due, Box::new(move |world| world.store.change(kind::MACHINE, &id, unmark)));
            Ok(())
        }
        State::Starting | State::Stopping => {
            mark_terminating(world, id);
            let (suite, id, due) = (Arc::clone(suite), id.to_owned(), over(world));
            // What can't be terminated then has ended in another way.
            let later = move |world: &mut World| drop(terminate_one(world, &suite, account, &id));
            world.agenda.enter(due, Box::new(later));
            Ok(())
        }
    }
}

fn mark_terminating(world: &mut World, id: &str) {
    world.store.change(kind::MACHINE, id, |machine| {
        machine.hidden.insert(TERMINATING.to_owned(), Value::Bool(true));
    });
}

/// When a job that is begun now is over.
fn over(world: &World) -> Timestamp {
    after(world.now, world.rules.job_time + Duration::from_millis(1))
}

/// Does something to each machine, and reports its state before and after.
fn change_states(
    world: &mut World,
    call: &Call<'_>,
    mut change: impl FnMut(&mut World, &str) -> Result<(), Failure>,
) -> Answer {
    let mut changes = Vec::new();
    for id in named(world, call)? {
        let before = state(own(world, call, &id)?);
        change(world, &id)?;
        let current = state(own(world, call, &id)?);
        changes.push(json!({"instanceId": id, "currentState": current, "previousState": before}));
    }
    Ok(json!({"instancesSet": items(changes.into_iter())}))
}

/// `ModifyInstanceAttribute`: the plan of a stopped machine.
pub fn modify(world: &mut World, call: &Call<'_>) -> Answer {
    let id = own(world, call, call.parameters.need("InstanceId")?)?.id().to_owned();
    let plan = plan(world, Some(call.parameters.need("InstanceType.Value")?))?;
    let runs = State::of(own(world, call, &id)?) == State::Running;
    let faults = &world.rules.faults;
    if faults.has(Fault::Ec2PlanNotChanged) || (runs && faults.has(Fault::Ec2RunningMachineModified)) {
        return Ok(done());
    }
    native(call, "changeServiceForVirtualMachine", &[("id", &id), ("serviceofferingid", &plan)]).carry_out(world)?;
    if world.rules.faults.has(Fault::Ec2PlanChangeMoves) {
        world.store.change(kind::MACHINE, &id, |machine| machine.set("zonename", "another zone"));
    }
    Ok(done())
}
