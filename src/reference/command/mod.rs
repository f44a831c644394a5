//! What the operations do: most by verbs that know nothing of a kind, the others by their own behaviour.

mod change;
mod deploy;
mod extract;
pub mod job;
mod lifecycle;
pub mod narrowing;
mod rule;
mod security_group;
mod snapshot;
mod template;
mod volume;

use serde_json::Value;

use crate::suite::{Operation, Suite};

use super::contract::{self, Verdict};
use super::fault::Fault;
use super::list;
use super::policy::StateCheck;
use super::refusal::{Reason, Refusal};
use super::service::{Arguments, Method};
use super::world::{AccountIndex, Fields, Kind, Owner, Task, World, kind};

pub use deploy::put_into_group;

/// A request that is known to come from an account, for a known operation.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// Its parameters.
    pub arguments: &'a Arguments,
    /// The account.
    pub account: AccountIndex,
    /// How the request came.
    pub method: Method,
}

impl Call<'_> {
    /// The operation's name.
    pub fn name(&self) -> &str {
        &self.operation.name.value.0
    }

    /// The account as the owner of what the call creates.
    pub fn owner(&self) -> Owner {
        Owner::Account(self.account)
    }
}

/// What a call is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// These fields.
    Content(Fields),
    /// That it succeeded.
    Success,
    /// That a job will do it.
    Accepted {
        /// The job's id.
        job: String,
        /// The id of what the job creates.
        created: Option<String>,
    },
}

/// What a command of its own does.
type Handler = fn(&mut World, &Call<'_>) -> Result<Reply, Refusal>;

/// What an operation does.
#[derive(Clone, Copy)]
pub enum Verb {
    /// It lists a kind.
    List(Kind),
    /// It deletes one of a kind.
    Delete(Kind),
    /// It does something of its own.
    Do(Handler),
}

/// What every operation does.
const COMMANDS: &[(&str, Verb)] = &[
    ("queryAsyncJobResult", Verb::Do(job::query)),
    ("listAsyncJobs", Verb::List(kind::JOB)),
    ("listVirtualMachines", Verb::List(kind::MACHINE)),
    ("deployVirtualMachine", Verb::Do(deploy::deploy)),
    ("destroyVirtualMachine", Verb::Do(lifecycle::destroy)),
    ("rebootVirtualMachine", Verb::Do(lifecycle::reboot)),
    ("startVirtualMachine", Verb::Do(lifecycle::start)),
    ("stopVirtualMachine", Verb::Do(lifecycle::stop)),
    ("resetPasswordForVirtualMachine", Verb::Do(change::reset_password)),
    ("changeServiceForVirtualMachine", Verb::Do(change::change_offering)),
    ("updateVirtualMachine", Verb::Do(change::update)),
    ("recoverVirtualMachine", Verb::Do(lifecycle::recover)),
    ("listSecurityGroups", Verb::List(kind::SECURITY_GROUP)),
    ("createSecurityGroup", Verb::Do(security_group::create)),
    ("deleteSecurityGroup", Verb::Do(security_group::delete)),
    ("authorizeSecurityGroupIngress", Verb::Do(rule::authorize_ingress)),
    ("revokeSecurityGroupIngress", Verb::Do(rule::revoke_ingress)),
    ("authorizeSecurityGroupEgress", Verb::Do(rule::authorize_egress)),
    ("revokeSecurityGroupEgress", Verb::Do(rule::revoke_egress)),
    ("listServiceOfferings", Verb::List(kind::SERVICE_OFFERING)),
    ("listDiskOfferings", Verb::List(kind::DISK_OFFERING)),
    ("listZones", Verb::List(kind::ZONE)),
    ("listTemplates", Verb::List(kind::TEMPLATE)),
    ("createTemplate", Verb::Do(template::create)),
    ("uploadTemplate", Verb::Do(template::upload)),
    ("copyTemplate", Verb::Do(template::copy)),
    ("deleteTemplate", Verb::Delete(kind::TEMPLATE)),
    ("extractTemplate", Verb::Do(extract::template)),
    ("listSnapshot", Verb::List(kind::SNAPSHOT)),
    ("createSnapshot", Verb::Do(snapshot::create)),
    ("deleteSnapshot", Verb::Delete(kind::SNAPSHOT)),
    ("listVolumes", Verb::List(kind::VOLUME)),
    ("attachVolume", Verb::Do(volume::attach)),
    ("detachVolume", Verb::Do(volume::detach)),
    ("createVolume", Verb::Do(volume::create)),
    ("uploadVolume", Verb::Do(volume::upload)),
    ("deleteVolume", Verb::Do(volume::delete)),
    ("extractVolume", Verb::Do(extract::volume)),
];

/// What an operation does, if the cloud can do it.
pub fn verb(operation: &str) -> Option<Verb> {
    COMMANDS.iter().find(|(name, _)| *name == operation).map(|(_, verb)| *verb)
}

/// Carries a call out.
pub fn carry_out(world: &mut World, suite: &Suite, call: &Call<'_>, verb: Verb) -> Result<Reply, Refusal> {
    let rules = (&world.rules.policy, &world.rules.faults);
    if contract::check(call.operation, call.arguments, suite.paging.as_ref(), rules)? == Verdict::Pretend {
        return pretend(world, suite, call, verb);
    }
    check_account(world, call)?;
    if call.operation.asynchronous {
        world.jobs.check_room(call.account)?;
    }
    let reply = match verb {
        Verb::List(kind) => list::list(world, suite, call, kind),
        Verb::Delete(kind) => delete(world, call, kind),
        Verb::Do(handler) => handler(world, call),
    };
    match reply {
        Err(refusal) if call.operation.asynchronous && is_left_to_job(world, &refusal) => {
            Ok(begin(world, call, None, Box::new(|_| Err(refusal))))
        }
        reply => reply,
    }
}

fn is_left_to_job(world: &World, refusal: &Refusal) -> bool {
    refusal.reason == Reason::State && world.rules.policy.state_check == StateCheck::InJob
}

/// Answers as though something had been done: for faults that let a request through that says too little.
fn pretend(world: &mut World, suite: &Suite, call: &Call<'_>, verb: Verb) -> Result<Reply, Refusal> {
    match verb {
        Verb::List(kind) => list::list(world, suite, call, kind),
        _ if call.operation.asynchronous => Ok(begin(world, call, None, Box::new(|_| Ok(success())))),
        _ => Ok(Reply::Success),
    }
}

/// `account` and `domainid` name whom a call is for. An account may only name itself.
fn check_account(world: &World, call: &Call<'_>) -> Result<(), Refusal> {
    let documented = |name: &str| call.operation.parameters.contains_key(name);
    let own = world.accounts.get(call.account);
    if let Some(domain) = call.arguments.get("domainid").filter(|_| documented("domainid"))
        && domain != world.accounts.domain().id
    {
        return Err(Refusal::unknown("domain", domain));
    }
    match call.arguments.get("account").filter(|_| documented("account")) {
        Some(name) if name != own.name => Err(Refusal::foreign("account", name)),
        _ => Ok(()),
    }
}

/// Deletes what the parameter `id` names.
fn delete(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, Refusal> {
    let id = call.arguments.need("id")?;
    world.store.own(kind, id, call.account)?;
    world.store.remove(kind, id);
    Ok(Reply::Success)
}

/// Has a job do what a call asks for.
fn begin(world: &mut World, call: &Call<'_>, created: Option<String>, task: Task) -> Reply {
    let stuck = call.name() == "rebootVirtualMachine" && world.rules.faults.has(Fault::JobNeverEnds);
    let job =
        if stuck { world.register(call.name(), call.account) } else { world.begin(call.name(), call.account, task) };
    Reply::Accepted { job, created }
}

/// The result of a job that has nothing to show.
fn success() -> Fields {
    Fields::from_iter([("success".to_owned(), Value::Bool(true))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_operation_does_something() {
        let suite = crate::reference::tests::cloudn();
        let missing: Vec<_> = suite.operations.keys().filter(|name| verb(&name.0).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(suite.operations.len(), 38);
    }
}
