//! What the operations do: most by verbs that know nothing of a kind, the others by their own behaviour.

mod account;
mod audience;
mod balancing;
mod behaviours;
mod catalogue;
mod change;
mod deploy;
pub mod discovery;
mod extract;
mod generic;
mod guard;
mod guide;
pub mod happening;
mod image;
pub mod job;
pub mod kinds;
mod lifecycle;
mod limit;
mod machine;
pub mod narrowing;
pub mod network;
mod nic;
mod placed;
mod placement;
mod project;
mod rule;
pub mod scope;
mod security_group;
mod tag;
pub mod usage;
mod volume;

use serde_json::Value;

use assay_suite::{Operation, Suite};

use super::contract::{self, Verdict};
use super::fault::Fault;
use super::list;
use super::model::{Command, Shape};
use super::policy::{Dialect, StateCheck};
use super::refusal::{ApiError, Reason};
use super::resource::fields;
use super::service::{Arguments, Method};
use super::world::{AccountIndex, Fields, Owner, Task, World};

pub use account::{NewUser, add_domain, show as show_account, show_root as show_domain};
pub use deploy::put_into_group;
pub use kinds::Given;
pub use nic::{Chosen, Place, flat_nic, nic};
pub use project::{add as add_project, invite};
pub use tag::add as give_tag;

/// A request that is known to come from an account, for a known operation.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// What it does.
    pub command: &'static Command,
    /// Its parameters.
    pub arguments: &'a Arguments,
    /// The account.
    pub account: AccountIndex,
    /// The account for which it asks: itself, unless it may name another or a project.
    pub target: AccountIndex,
    /// How the request came.
    pub method: Method,
}

impl Call<'_> {
    /// The operation's name.
    pub fn name(&self) -> &str {
        &self.operation.name.value.0
    }

    /// The owner of what the call creates.
    pub fn owner(&self) -> Owner {
        Owner::Account(self.target)
    }

    /// What a resource is made from.
    pub fn given(&self) -> Given<'_> {
        Given { arguments: self.arguments, caller: self.account, owner: self.owner() }
    }
}

/// What a call is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// These fields.
    Content(Fields),
    /// That something has come into being.
    Created {
        /// Its id.
        id: String,
        /// What is shown of it.
        content: Fields,
    },
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

/// Carries a call out.
pub fn carry_out(world: &mut World, suite: &Suite, call: &Call<'_>) -> Result<Reply, ApiError> {
    let rules = (&world.rules.policy, &world.rules.faults);
    audience::check(world, call)?;
    if contract::check(call.operation, call.arguments, suite.paging.as_ref(), rules)? == Verdict::Pretend {
        return pretend(world, suite, call);
    }
    let call = &Call { target: target(world, call)?, ..*call };
    if call.operation.asynchronous {
        world.jobs.check_room(call.account)?;
    }
    let reply = match &call.command.shape {
        Shape::List(kind) => list::list(world, suite, call, *kind),
        Shape::ListOf(kind, related) => {
            related.list(world, suite, call).and_then(|found| list::of(world, suite, call, *kind, found))
        }
        Shape::Items(kind, items, by) => list::of(world, suite, call, *kind, generic::items(call, items, by)),
        Shape::Shows(shown) => Ok(Reply::Content(fields(shown.clone()))),
        Shape::Create(kind) => generic::create(world, call, *kind),
        Shape::Update(kind) => generic::update(world, call, *kind),
        Shape::Change(kind) => generic::change(world, call, *kind),
        Shape::Delete(kind) => generic::delete(world, call, *kind),
        Shape::Does(handler) => handler.handle(world, call),
    };
    if reply.is_ok() {
        happening::note(world, call);
    }
    match reply {
        Err(refusal) if call.operation.asynchronous && is_left_to_job(world, &refusal) => {
            Ok(begin(world, call, None, Box::new(|_| Err(refusal))))
        }
        reply => reply.map(|reply| in_form(world, call, reply)),
    }
}

/// An asynchronous operation answers with a job, whether or not what it does takes time here.
fn in_form(world: &mut World, call: &Call<'_>, reply: Reply) -> Reply {
    match reply {
        Reply::Created { id, content } if call.operation.asynchronous => {
            begin(world, call, Some(id), Box::new(|_| Ok(content)))
        }
        Reply::Content(content) if call.operation.asynchronous => begin(world, call, None, Box::new(|_| Ok(content))),
        Reply::Success if call.operation.asynchronous => begin(world, call, None, Box::new(|_| Ok(success()))),
        Reply::Created { content, .. } => Reply::Content(content),
        reply => reply,
    }
}

fn is_left_to_job(world: &World, refusal: &ApiError) -> bool {
    refusal.reason == Reason::State && world.rules.policy.state_check == StateCheck::InJob
}

/// Answers as though something had been done: for faults that let a request through that says too little.
fn pretend(world: &mut World, suite: &Suite, call: &Call<'_>) -> Result<Reply, ApiError> {
    match &call.command.shape {
        Shape::List(kind) => list::list(world, suite, call, *kind),
        _ if call.operation.asynchronous => Ok(begin(world, call, None, Box::new(|_| Ok(success())))),
        _ => Ok(Reply::Success),
    }
}

/// `account`, `domainid` and `projectid` name whom a call is for. What a list shows of others is its own affair.
fn target(world: &World, call: &Call<'_>) -> Result<AccountIndex, ApiError> {
    if world.rules.dialect == Dialect::CloudStack {
        return if call.operation.list.is_some() { Ok(call.account) } else { scope::target(world, call) };
    }
    let documented = |name: &str| call.operation.parameters.contains_key(name);
    let own = world.accounts.get(call.account);
    if let Some(domain) = call.arguments.get("domainid").filter(|_| documented("domainid"))
        && domain != world.accounts.domain().id
    {
        return Err(ApiError::unknown("domain", domain));
    }
    match call.arguments.get("account").filter(|_| documented("account")) {
        Some(name) if name != own.name => Err(ApiError::foreign("account", name)),
        _ => Ok(call.account),
    }
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
    use crate::model::Model;

    #[test]
    fn every_documented_operation_does_something() {
        let suite = crate::tests::cloudn();
        let missing: Vec<_> =
            suite.operations.keys().filter(|name| Model::embedded().command(&name.0).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(suite.operations.len(), 38);
    }
}
