//! Virtual routers, and the machines of the system.

use crate::fault::Fault;
use crate::refusal::Refusal;
use crate::world::{Kind, World, kind};

use super::{Call, Reply, generic};

const RUNNING: &str = "Running";
const STOPPED: &str = "Stopped";

fn check(world: &World, call: &Call<'_>, kind: Kind, allowed: &[&str]) -> Result<String, Refusal> {
    let record = generic::named(world, call, kind)?;
    let state = record.text("state");
    if allowed.contains(&state) {
        return Ok(record.id().to_owned());
    }
    Err(Refusal::state(format!("the {kind} {} is {state}", record.id())))
}

/// `startRouter`.
pub fn start(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    check(world, call, kind::ROUTER, &[STOPPED])?;
    generic::set(world, call, kind::ROUTER, ("state", RUNNING))
}

/// `stopRouter`.
pub fn stop(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    check(world, call, kind::ROUTER, &[RUNNING])?;
    generic::set(world, call, kind::ROUTER, ("state", STOPPED))
}

/// `rebootRouter`.
pub fn reboot(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    check(world, call, kind::ROUTER, &[RUNNING])?;
    generic::set(world, call, kind::ROUTER, ("state", RUNNING))
}

/// `destroyRouter`: shows what is gone.
pub fn destroy(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = check(world, call, kind::ROUTER, &[RUNNING, STOPPED])?;
    world.store.change(kind::ROUTER, &id, |router| router.set("state", "Destroyed"));
    let shown = generic::shown(world, kind::ROUTER, &id)?;
    world.store.remove(kind::ROUTER, &id);
    Ok(Reply::Content(shown))
}

/// `changeServiceForRouter`: only when stopped.
pub fn change_offering(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = check(world, call, kind::ROUTER, &[STOPPED])?;
    let offering = world.usable(kind::SERVICE_OFFERING, call.arguments.need("serviceofferingid")?, call.account)?;
    let (offering, name) = (offering.id().to_owned(), offering.text("name").to_owned());
    world.store.change(kind::ROUTER, &id, |router| {
        router.set("serviceofferingid", offering);
        router.set("serviceofferingname", name);
    });
    Ok(Reply::Content(generic::shown(world, kind::ROUTER, &id)?))
}

/// `changeServiceForSystemVm`: only when stopped (4.3.5.1).
pub fn change_system_offering(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let broken = world.rules.faults.has(Fault::CloudstackSystemVmChangedRunning);
    let allowed: &[&str] = if broken { &[STOPPED, RUNNING] } else { &[STOPPED] };
    let id = check(world, call, kind::SYSTEM_VM, allowed)?;
    let offering = call.arguments.need("serviceofferingid")?;
    let offering = world.usable(kind::SERVICE_OFFERING, offering, call.account)?.id().to_owned();
    world.store.change(kind::SYSTEM_VM, &id, |machine| {
        machine.hidden.insert("serviceofferingid".into(), offering.into());
    });
    Ok(Reply::Content(generic::shown(world, kind::SYSTEM_VM, &id)?))
}
