//! The closed model: users, each of whom waits for an answer before asking again, and thinks between two journeys.
//!
//! goose brings the users, at the rate that the profile says; nothing else of it is used. When requests are sent and
//! answered is taken where they are sent, by the run's own client.
//!
//! What goose does that a library's user would not expect, and what is done about it:
//!
//! - Its kill switch belongs to the process: each attack that starts resets it, and one that is set ends all attacks that are
//!   under way, so that of two profiles that run together neither could be ended alone. It is not used. A user does one
//!   transaction, which is its whole stay and ends when the profile does; the attack is dropped as soon as all have come.
//! - It takes Ctrl-C from whoever listened for it before, and ends the program at the second, with all that was created
//!   still there. Its handler can be set once in a process: `cli` does so before it listens itself.
//! - It has metrics, a controller on two ports, and a client for each user: all are turned off.

mod journey;
mod pool;
mod visit;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use goose::client::GooseClientBuilder;
use goose::config::GooseConfiguration;
use goose::goose::{Scenario, Transaction, TransactionFunction};
use goose::metrics::GooseCoordinatedOmissionMitigation;
use goose::{GooseAttack, GooseError};
use tokio::sync::watch;

use crate::plan::Case;
use assay_formats::record::load::Shard;
use assay_suite::OperationName;

use super::collector::{BatchReporter, every_second, second_of};

use pool::UserPool;
pub use visit::UsersError;
pub(super) use visit::Visit;
use visit::calls;

/// The operations that a journey asks for by name. Only they are counted and judged: not what following a job, or removing
/// what was created, asks for besides.
pub(super) fn operations(journey: &Case) -> Vec<OperationName> {
    let named: BTreeSet<_> =
        journey.steps.iter().flat_map(|step| calls(step)).map(|call| OperationName(call.operation.clone())).collect();
    named.into_iter().collect()
}

/// Has the users come from a moment on, and returns when all have left and removed what they created. Once a second what was
/// observed is handed over.
pub(super) async fn run_users(visit: Visit<'_>, started: Instant) -> Result<(), UsersError> {
    let (post, count) =
        (BatchReporter::new(visit.place, visit.operations.len(), visit.gathered.clone()), of_shard(&visit));
    let rate = visit.users.hatch_rate.value() / f64::from(visit.shard.of.max(1));
    let (close, closed) = watch::channel(false);
    let world = Arc::new(UserPool::new(visit, count, started, closed)?);
    let hand_over = |second| post.hand_over(second, world.in_flight(), |empty| world.take(empty));
    tokio::time::sleep_until(started.into()).await;
    let stayed = async {
        bring(&world, count, rate).await?;
        tokio::select! {
            () = world.over() => {}
            // They end early if there is nothing that they can do.
            () = world.deserted() => {}
        }
        // The world listens.
        let _ = close.send(true);
        world.deserted().await;
        Ok::<_, UsersError>(())
    };
    tokio::select! {
        stayed = stayed => stayed?,
        () = every_second(started, hand_over) => {}
    }
    hand_over(second_of(started, Instant::now()));
    world.failure().map_or(Ok(()), |reason| Err(UsersError::Journey(reason)))
}

/// How many of the users come from here.
fn of_shard(visit: &Visit<'_>) -> u32 {
    let (all, Shard { number, of }) = (visit.users.count.get(), visit.shard);
    let of = of.max(1);
    all / of + u32::from(number <= all % of)
}

/// Has goose bring so many users, at a rate a second. They stay when it is gone: nothing more is wanted of it.
async fn bring(world: &Arc<UserPool>, count: u32, rate: f64) -> Result<(), UsersError> {
    if count == 0 {
        return Ok(());
    }
    let failed = |error: GooseError| UsersError::Attack(error.to_string());
    let attack = attack(world, count, rate).map_err(failed)?;
    tokio::select! {
        biased;
        // No user joins a profile that is over.
        () = world.over() => Ok(()),
        () = world.all_came() => Ok(()),
        // It is large.
        ended = Box::pin(attack.execute()) => ended.map(drop).map_err(failed),
    }
}

/// An attack whose users stay once each.
fn attack(world: &Arc<UserPool>, count: u32, rate: f64) -> Result<GooseAttack, GooseError> {
    let world = Arc::clone(world);
    let stay: TransactionFunction = Arc::new(move |_user| {
        let world = Arc::clone(&world);
        Box::pin(async move {
            world.stay().await;
            Ok(())
        })
    });
    let scenario = Scenario::new("users").register_transaction(Transaction::new(stay));
    let shared = GooseClientBuilder::new().without_cookies();
    GooseAttack::initialize_with_config(configuration(count, rate)?)?
        .register_scenario(scenario)
        .set_client_builder_without_cookies(shared)
}

/// goose without anything of its own: no arguments of the program, nothing printed, no ports, no metrics.
fn configuration(count: u32, rate: f64) -> Result<GooseConfiguration, GooseError> {
    /// It must have an address; nothing is sent there.
    const NOWHERE: &str = "http://127.0.0.1/";
    let (users, of_a_second) = (usize::try_from(count).unwrap_or(usize::MAX), number(rate));
    let mut configuration = GooseConfiguration::parse_args_default::<&str>(&[])?;
    configuration.host = Some(NOWHERE.to_owned());
    // Once all have come it prints how many there are. So more are asked for than are wanted, as many as come in a second
    // and two, and it is gone by then.
    configuration.users = Some(users.saturating_add(of_a_second).saturating_add(2));
    configuration.increase_rate = Some(rate.to_string());
    configuration.iterations = Some(1);
    configuration.quiet = 2;
    configuration.no_telnet = true;
    configuration.no_metrics = true;
    configuration.co_mitigation = Some(GooseCoordinatedOmissionMitigation::Disabled);
    Ok(configuration)
}

/// A rate as a number of users, rounded up.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive, and what is above is enough"
)]
fn number(rate: f64) -> usize {
    rate.ceil() as usize
}
