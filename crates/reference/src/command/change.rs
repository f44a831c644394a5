//! The password of a machine that exists (Cloudn Compute 1-4).

use crate::fault::Fault;
use crate::present;
use crate::refusal::ApiError;
use crate::resource::machine::State;
use crate::world::{Fields, Record, World, kind};

use super::call::{Call, Reply, begin};
use super::lifecycle::check_state;

/// `resetPasswordForVirtualMachine`: only when stopped, and only if the template supports it (CN-097, CN-098).
pub fn reset_password(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.arguments.need("id")?.to_owned();
    check_reset(world, world.own(kind::MACHINE, &id, call.account)?)?;
    Ok(begin(world, call, None, Box::new(move |world| finish_reset(world, &id))))
}

fn check_reset(world: &World, machine: &Record) -> Result<(), ApiError> {
    let faults = &world.rules.faults;
    faults.check(Fault::ResetWithoutSupport, || {
        if machine.is_true("passwordenabled") {
            return Ok(());
        }
        Err(ApiError::value(format!("the template of the machine {} does not support a reset", machine.id())))
    })?;
    faults.check(Fault::ResetWhileRunning, || check_state(machine, &[State::Stopped], "given a new password"))
}

fn finish_reset(world: &mut World, id: &str) -> Result<Fields, ApiError> {
    check_reset(world, world.store.existing(kind::MACHINE, id)?)?;
    if !world.rules.faults.has(Fault::ResetKeepsPassword) {
        let password = world.ids.password();
        world.store.change(kind::MACHINE, id, |machine| machine.set("password", password));
    }
    Ok(present::named(world, kind::MACHINE, world.store.existing(kind::MACHINE, id)?))
}
