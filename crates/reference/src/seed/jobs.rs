//! Jobs to look at: some that never end, so that there is always something to list, and some that have ended.

use crate::present;
use crate::refusal::ApiError;
use crate::world::{AccountIndex, Job, Memory, Outcome, World, kind};

use super::{Variables, moment, variables};

/// The commands of the jobs that never end, each registered a day after the one before.
const PENDING: [&str; 4] = ["deployVirtualMachine", "createVolume", "uploadVolume", "extractVolume"];

/// Four pending jobs, one that succeeded and one that failed.
pub fn of_demo(world: &mut World, demo: AccountIndex) -> Result<Variables, ApiError> {
    let mut pending = Vec::new();
    for (day, command) in (1..).zip(PENDING) {
        world.advance(moment(day));
        pending.push(world.register(command, demo));
    }
    let succeeded = stopped_machine(world, demo)?;
    let failed = ApiError::value("the volume and the machine are in different zones");
    Ok(variables([
        ("pending_job", pending.into_iter().next().unwrap_or_default()),
        ("finished_job", ended(world, demo, "stopVirtualMachine", succeeded)),
        ("failed_job", ended(world, demo, "attachVolume", Outcome::Failed(failed))),
    ]))
}

/// A pending job of its own.
pub fn of_neighbour(world: &mut World, neighbour: AccountIndex) -> Variables {
    variables([("foreign_job", world.register("createVolume", neighbour))])
}

fn stopped_machine(world: &World, demo: AccountIndex) -> Result<Outcome, ApiError> {
    let mut machines = world.store.owned_by(kind::MACHINE, demo);
    let machine = machines.find(|machine| machine.text("name") == "batch-1");
    let machine = machine.ok_or_else(|| ApiError::unknown(kind::MACHINE, "batch-1"))?;
    Ok(Outcome::Succeeded(present::named(world, kind::MACHINE, machine)))
}

/// A job that ended before anybody asked.
fn ended(world: &mut World, account: AccountIndex, command: &str, outcome: Outcome) -> String {
    let id = world.ids.fresh();
    let job = Job { outcome, memory: Memory::Lasting, ..Job::pending(id.clone(), command, account, world.now) };
    world.jobs.insert(job);
    id
}
