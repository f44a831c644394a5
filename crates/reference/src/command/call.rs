//! What is asked of a command, and what it replies.

use serde_json::Value;

use assay_suite::Operation;

use crate::arguments::{Arguments, Method};
use crate::fault::Fault;
use crate::model::Command;
use crate::world::{AccountIndex, Fields, Owner, Task, World};

use super::kinds::Given;

/// Parameters that no request gave.
pub type Derived = Vec<(&'static str, String)>;

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

/// Has a job do what a call asks for.
pub fn begin(world: &mut World, call: &Call<'_>, created: Option<String>, task: Task) -> Reply {
    let stuck = call.name() == "rebootVirtualMachine" && world.rules.faults.has(Fault::JobNeverEnds);
    let job =
        if stuck { world.register(call.name(), call.account) } else { world.begin(call.name(), call.account, task) };
    Reply::Accepted { job, created }
}

/// The result of a job that has nothing to show.
pub fn success() -> Fields {
    Fields::from_iter([("success".to_owned(), Value::Bool(true))])
}
