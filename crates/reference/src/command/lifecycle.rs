//! The end of a machine: destroyed, recovered, and at last expunged (Cloudn Compute 1-4).

use crate::arguments::Arguments;
use crate::fault::Fault;
use crate::present;
use crate::refusal::ApiError;
use crate::resource::machine::State;
use crate::resource::volume;
use crate::world::{Record, World, after, kind};

use super::call::{Call, Reply};

/// Refuses what can only be done to machines in other states.
pub fn check_state(machine: &Record, allowed: &[State], what: &str) -> Result<(), ApiError> {
    let state = State::of(machine);
    if allowed.contains(&state) {
        return Ok(());
    }
    Err(ApiError::state(format!("the machine {} is {state} and can't be {what}", machine.id())))
}

/// What a machine's destruction means for its volumes, and when it will be expunged.
#[expect(clippy::unnecessary_wraps, reason = "what follows from a change may be refused; this never is")]
pub fn retire(world: &mut World, id: &str, _: &Arguments) -> Result<(), ApiError> {
    super::tag::forget(world, id);
    for disk in world.store.of_mut(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == id) {
        if volume::is_root(disk) {
            disk.set("destroyed", true);
            disk.set("state", "Destroy");
        } else {
            volume::detach(disk);
        }
    }
    let (machine, due) = (id.to_owned(), after(world.now, world.rules.expunge_after));
    let appointment = world.agenda.enter(due, Box::new(move |world| expunge(world, machine)));
    world.store.change(kind::MACHINE, id, |machine| machine.appointment = Some(appointment));
    make_room(world, id);
    Ok(())
}

/// How many destroyed machines of an account can be recovered; a long run would otherwise list ever more of them.
const MOST_RECOVERABLE: usize = 24;

/// Removes for good the machine that was destroyed first, if its account has more than can be recovered.
fn make_room(world: &mut World, id: &str) {
    let Ok(owner) = world.store.existing(kind::MACHINE, id).map(|machine| machine.owner) else { return };
    let destroyed = world.store.of(kind::MACHINE).filter(|machine| {
        machine.owner == owner && State::of(machine) == State::Destroyed && machine.appointment.is_some()
    });
    let mut destroyed: Vec<_> = destroyed.map(|machine| (machine.appointment, machine.id().to_owned())).collect();
    if destroyed.len() <= MOST_RECOVERABLE {
        return;
    }
    destroyed.sort();
    if let Some((Some(appointment), machine)) = destroyed.into_iter().next() {
        world.agenda.cancel(appointment);
        // At once: what is read next to this shows it no longer, instead of a little later.
        vanish(world, &machine);
    }
}

/// Begins to remove a destroyed machine for good. From now on it can't be recovered.
fn expunge(world: &mut World, id: String) {
    world.store.change(kind::MACHINE, &id, |machine| machine.set("state", State::Expunging.name()));
    let due = after(world.now, world.rules.job_time);
    world.agenda.enter(due, Box::new(move |world| vanish(world, &id)));
}

fn vanish(world: &mut World, id: &str) {
    world.store.remove(kind::MACHINE, id);
    let disks = world.store.of(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == id);
    let disks: Vec<_> = disks.map(|disk| disk.id().to_owned()).collect();
    for disk in disks {
        world.store.remove(kind::VOLUME, &disk);
    }
}

/// `recoverVirtualMachine`: a destroyed machine becomes a stopped one.
pub fn recover(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.arguments.need("id")?;
    let machine = world.own(kind::MACHINE, id, call.account)?;
    let tolerated = match State::of(machine) {
        State::Expunging => world.rules.faults.has(Fault::RecoverExpunging),
        State::Running => world.rules.faults.has(Fault::RecoverRunning),
        _ => false,
    };
    if !tolerated {
        check_state(machine, &[State::Destroyed], "recovered")?;
        restore(world, id);
    }
    let machine = world.store.existing(kind::MACHINE, id)?;
    Ok(Reply::Content(present::named(world, kind::MACHINE, machine)))
}

fn restore(world: &mut World, id: &str) {
    if world.rules.faults.has(Fault::RecoverLeavesDestroyed) {
        return;
    }
    let mut appointment = None;
    world.store.change(kind::MACHINE, id, |machine| {
        machine.set("state", State::Stopped.name());
        appointment = machine.appointment.take();
    });
    if let Some(appointment) = appointment {
        world.agenda.cancel(appointment);
    }
    for disk in world.store.of_mut(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == id) {
        disk.set("destroyed", false);
        disk.set("state", "Ready");
    }
}
