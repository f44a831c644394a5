//! The life of a machine: started, stopped, rebooted, destroyed, recovered, and in the end expunged (Cloudn Compute 1-4).

use crate::fault::{Fault, Faults};
use crate::policy::Checks;
use crate::present;
use crate::refusal::Refusal;
use crate::resource::machine::State;
use crate::resource::volume;
use crate::world::{Fields, Record, World, after, kind};

use super::{Call, Reply, begin};

/// A way from one state of a machine to another.
#[derive(Clone, Copy, Debug)]
struct Transition {
    /// What it is called.
    name: &'static str,
    /// Where it may begin.
    from: &'static [State],
    /// The state while it takes place; none if it is the one before.
    meanwhile: Option<State>,
    /// Where it ends.
    to: State,
}

const START: Transition =
    Transition { name: "started", from: &[State::Stopped], meanwhile: Some(State::Starting), to: State::Running };
const STOP: Transition =
    Transition { name: "stopped", from: &[State::Running], meanwhile: Some(State::Stopping), to: State::Stopped };
/// A machine that does not stop is made to.
const FORCED_STOP: Transition = Transition { from: &[State::Running, State::Stopping], ..STOP };
const REBOOT: Transition =
    Transition { name: "rebooted", from: &[State::Running], meanwhile: None, to: State::Running };
const DESTROY: Transition = Transition {
    name: "destroyed",
    from: &[State::Running, State::Stopped],
    meanwhile: Some(State::Stopping),
    to: State::Destroyed,
};

impl Transition {
    /// The state in which it ends, which some faults change.
    fn end(&self, faults: &Faults) -> State {
        let broken = |fault, instead| if faults.has(fault) { instead } else { self.to };
        match self.name {
            "started" => broken(Fault::StartLeavesStopped, State::Stopped),
            "stopped" => broken(Fault::StopLeavesRunning, State::Running),
            "rebooted" => broken(Fault::RebootLeavesStopped, State::Stopped),
            _ => self.to,
        }
    }

    /// The state in which the machine is while the transition takes place.
    fn is_under_way(&self, state: State) -> bool {
        self.meanwhile.map_or_else(|| self.from.contains(&state), |meanwhile| state == meanwhile)
    }
}

/// Refuses what can only be done to machines in other states.
pub fn check_state(machine: &Record, allowed: &[State], what: &str) -> Result<(), Refusal> {
    let state = State::of(machine);
    if allowed.contains(&state) {
        return Ok(());
    }
    Err(Refusal::state(format!("the machine {} is {state} and can't be {what}", machine.id())))
}

/// `startVirtualMachine`.
pub fn start(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    take(world, call, START)
}

/// `stopVirtualMachine`. `forced` makes a machine stop that is stopping already.
pub fn stop(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let forced = call.arguments.get("forced") == Some("true");
    take(world, call, if forced { FORCED_STOP } else { STOP })
}

/// `rebootVirtualMachine`.
pub fn reboot(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    take(world, call, REBOOT)
}

/// `destroyVirtualMachine`. The machine is kept for a time in which it can be recovered.
pub fn destroy(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = call.arguments.need("id")?;
    let machine = world.own(kind::MACHINE, id, call.account)?;
    if State::of(machine) == State::Destroyed && world.rules.policy.checks == Checks::Server {
        return Ok(Reply::Content(present::named(world, kind::MACHINE, machine)));
    }
    take(world, call, DESTROY)
}

/// Has a job take the machine named by `id` through a transition.
fn take(world: &mut World, call: &Call<'_>, transition: Transition) -> Result<Reply, Refusal> {
    let id = call.arguments.need("id")?.to_owned();
    let machine = world.own(kind::MACHINE, &id, call.account)?;
    check_state(machine, transition.from, transition.name)?;
    if let Some(meanwhile) = transition.meanwhile {
        world.store.change(kind::MACHINE, &id, |machine| machine.set("state", meanwhile.name()));
    }
    Ok(begin(world, call, None, Box::new(move |world| finish(world, &id, transition))))
}

fn finish(world: &mut World, id: &str, transition: Transition) -> Result<Fields, Refusal> {
    let machine = world.store.existing(kind::MACHINE, id)?;
    let (state, end) = (State::of(machine), transition.end(&world.rules.faults));
    if state != end && !transition.is_under_way(state) {
        return Err(Refusal::state(format!("the machine {id} is {state} and was not {}", transition.name)));
    }
    world.store.change(kind::MACHINE, id, |machine| machine.set("state", end.name()));
    if end == State::Destroyed {
        retire(world, id);
    }
    let result = present::named(world, kind::MACHINE, world.store.existing(kind::MACHINE, id)?);
    if end == State::Destroyed && world.rules.faults.has(Fault::DestroyForgets) {
        world.store.remove(kind::MACHINE, id);
    }
    Ok(result)
}

/// What a machine's destruction means for its volumes, and when it will be expunged.
fn retire(world: &mut World, id: &str) {
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
}

/// How many destroyed machines of an account can be recovered; a long run would otherwise list ever more of them.
const MOST_RECOVERABLE: usize = 24;

/// Expunges the machine that was destroyed first, if its account has more than can be recovered.
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
        expunge(world, machine);
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
pub fn recover(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
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
