//! What the operations do: most by verbs that know nothing of a kind, the others by their own behaviour.

mod account;
mod audience;
mod balancing;
mod behaviours;
mod call;
mod candidate;
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
mod list;
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

use assay_suite::Suite;

use super::contract::{self, Verdict};
use super::model::Shape;
use super::policy::{Dialect, StateCheck};
use super::refusal::{ApiError, Reason};
use super::resource::fields;
use super::world::{AccountIndex, World};

use call::{begin, success};

pub use account::{NewUser, add_domain, show as show_account, show_root as show_domain};
pub use call::{Call, Reply};
pub use deploy::put_into_group;
pub use kinds::Given;
pub use nic::{Chosen, Place, flat_nic, nic};
pub use project::{add as add_project, invite};
pub use tag::add as give_tag;

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
