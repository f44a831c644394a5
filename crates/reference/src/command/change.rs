//! Changes to a machine that exists: its password, its plan, its properties (Cloudn Compute 1-4).

use crate::fault::Fault;
use crate::present;
use crate::refusal::Refusal;
use crate::resource::machine::State;
use crate::world::{Fields, Record, World, kind};

use super::deploy::{check_userdata, put_into_group, remember_userdata};
use super::lifecycle::check_state;
use super::{Call, Reply, begin};

/// The states in which the properties of a machine can be changed.
const ALIVE: [State; 4] = [State::Starting, State::Running, State::Stopping, State::Stopped];

/// `resetPasswordForVirtualMachine`: only when stopped, and only if the template supports it (CN-097, CN-098).
pub fn reset_password(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = call.arguments.need("id")?.to_owned();
    check_reset(world, world.own(kind::MACHINE, &id, call.account)?)?;
    Ok(begin(world, call, None, Box::new(move |world| finish_reset(world, &id))))
}

fn check_reset(world: &World, machine: &Record) -> Result<(), Refusal> {
    let faults = &world.rules.faults;
    faults.check(Fault::ResetWithoutSupport, || {
        if machine.is_true("passwordenabled") {
            return Ok(());
        }
        Err(Refusal::value(format!("the template of the machine {} does not support a reset", machine.id())))
    })?;
    faults.check(Fault::ResetWhileRunning, || check_state(machine, &[State::Stopped], "given a new password"))
}

fn finish_reset(world: &mut World, id: &str) -> Result<Fields, Refusal> {
    check_reset(world, world.store.existing(kind::MACHINE, id)?)?;
    if !world.rules.faults.has(Fault::ResetKeepsPassword) {
        let password = world.ids.password();
        world.store.change(kind::MACHINE, id, |machine| machine.set("password", password));
    }
    Ok(present::named(world, kind::MACHINE, world.store.existing(kind::MACHINE, id)?))
}

/// `changeServiceForVirtualMachine`: only when stopped (CN-102).
pub fn change_offering(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = call.arguments.need("id")?;
    let machine = world.own(kind::MACHINE, id, call.account)?;
    let offering = call.arguments.need("serviceofferingid")?;
    let offering = world.usable(kind::SERVICE_OFFERING, offering, call.account)?.clone();
    let faults = &world.rules.faults;
    faults.check(Fault::ChangeWhileRunning, || check_state(machine, &[State::Stopped], "given another offering"))?;
    let memory = if faults.has(Fault::ChangeLeavesMemory) { machine } else { &offering };
    let memory = memory.number("memory");
    world.store.change(kind::MACHINE, id, |machine| {
        machine.set("serviceofferingid", offering.id());
        machine.set("serviceofferingname", offering.text("name"));
        machine.set("cpunumber", offering.number("cpunumber"));
        machine.set("cpuspeed", offering.number("cpuspeed"));
        machine.set("memory", memory);
    });
    let machine = world.store.existing(kind::MACHINE, id)?;
    Ok(Reply::Content(present::named(world, kind::MACHINE, machine)))
}

/// `updateVirtualMachine`: display name, group, high availability, type of operating system, user data.
pub fn update(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = call.arguments.need("id")?;
    check_state(world.own(kind::MACHINE, id, call.account)?, &ALIVE, "updated")?;
    check_userdata(world, call)?;
    let os_type = call.arguments.get("ostypeid");
    if let Some(os_type) = os_type {
        world.usable(kind::OS_TYPE, os_type, call.account)?;
    }
    put_into_group(world, id, call.arguments.get("group"))?;
    remember_userdata(world, call, id);
    let faults = &world.rules.faults;
    let display_name = call.arguments.get("displayname").filter(|_| !faults.has(Fault::UpdateForgetsDisplayName));
    let available = call.arguments.get("haenable").filter(|_| !faults.has(Fault::UpdateForgetsAvailability));
    world.store.change(kind::MACHINE, id, |machine| {
        for (field, text) in [("displayname", display_name), ("guestosid", os_type)] {
            if let Some(text) = text {
                machine.set(field, text);
            }
        }
        if let Some(available) = available {
            machine.set("haenable", available == "true");
        }
    });
    let machine = world.store.existing(kind::MACHINE, id)?;
    Ok(Reply::Content(present::named(world, kind::MACHINE, machine)))
}
