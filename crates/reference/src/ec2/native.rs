//! The way to the native API, whose commands do what EC2's ask for.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::arguments::{Arguments, Method};
use crate::command::{self, Call, Reply};
use crate::world::{AccountIndex, Outcome, Rules, World};
use assay_suite::Suite;

use super::failure::Failure;

/// A native command with its arguments.
pub struct Command<'a> {
    /// What the native API documents.
    pub suite: &'a Suite,
    /// Who asks.
    pub account: AccountIndex,
    /// Its name.
    pub name: &'a str,
    /// Its arguments.
    pub arguments: &'a [(&'a str, &'a str)],
}

impl Command<'_> {
    /// Has it carried out, as though it had been asked for there.
    pub fn carry_out(&self, world: &mut World) -> Result<Reply, Failure> {
        let documented = self.suite.operations.get(self.name).zip(world.rules.model.command(self.name));
        let (operation, command) = documented
            .ok_or_else(|| Failure::new("Unsupported", format!("the native API has no command {}", self.name)))?;
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = self.arguments.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        let arguments = Arguments::read(&[&pairs.collect::<Vec<_>>().join("&")]);
        let account = self.account;
        let call = Call { operation, command, arguments: &arguments, account, target: account, method: Method::Get };
        command::carry_out(world, self.suite, &call).map_err(Failure::from)
    }

    /// Has it carried out, and its job done before anybody asks again.
    pub fn carry_out_at_once(&self, world: &mut World) -> Result<(), Failure> {
        let rules = Arc::clone(&world.rules);
        world.rules = Arc::new(Rules { job_time: Duration::ZERO, ..(*rules).clone() });
        let reply = self.carry_out(world);
        let now = world.now;
        world.advance(now);
        world.rules = rules;
        let Reply::Accepted { job, .. } = reply? else { return Ok(()) };
        match world.jobs.get_mut(&job).map(|job| &job.outcome) {
            Some(Outcome::Failed(refusal)) => Err(Failure::from(refusal.clone())),
            _ => Ok(()),
        }
    }
}
