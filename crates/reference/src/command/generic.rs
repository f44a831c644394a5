//! The verbs that know nothing of a kind but its row.

use crate::policy::Checks;
use crate::present;
use crate::refusal::{Reason, Refusal};
use crate::world::{Fields, Kind, Record, World, kind};

use super::kinds::{self, user_of};
use super::{Call, Reply};

/// Creates one of a kind from the parameters.
pub fn create(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, Refusal> {
    let id = world.ids.fresh();
    let record = kinds::make(world, kind, &id, call.given())?;
    add(world, kind, record)
}

/// Adds a new resource and shows it.
pub fn add(world: &mut World, kind: Kind, record: Record) -> Result<Reply, Refusal> {
    let id = world.add(kind, record)?;
    Ok(Reply::Created { content: shown(world, kind, &id)?, id })
}

/// What a call names of a kind, which the account may change.
pub fn named<'a>(world: &'a World, call: &Call<'_>, kind: Kind) -> Result<&'a Record, Refusal> {
    world.own(kind, call.arguments.need(kinds::named_by(kind))?, call.account)
}

/// Changes what the parameters say.
pub fn update(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, Refusal> {
    let id = named(world, call, kind)?.id().to_owned();
    kinds::change(world, kind, &id, call.given())?;
    Ok(Reply::Content(shown(world, kind, &id)?))
}

/// Sets one field.
pub fn set(
    world: &mut World,
    call: &Call<'_>,
    kind: Kind,
    (field, value): (&'static str, &'static str),
) -> Result<Reply, Refusal> {
    let id = named(world, call, kind)?.id().to_owned();
    world.store.change(kind, &id, |record| record.set(field, value));
    Ok(Reply::Content(shown(world, kind, &id)?))
}

/// Deletes one, unless it is in use.
pub fn delete(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, Refusal> {
    let id = named(world, call, kind)?.id().to_owned();
    if kind == kind::PUBLIC_ADDRESS && world.rules.policy.checks == Checks::Server {
        while let Some((user, of)) = user_of(world, kind, &id) {
            world.store.remove(user, &of);
            super::tag::forget(world, &of);
        }
    }
    if let Some((user, of)) = user_of(world, kind, &id) {
        return Err(Refusal::new(Reason::InUse, format!("the {kind} {id} is used by the {user} {of}")));
    }
    world.store.remove(kind, &id);
    super::tag::forget(world, &id);
    if kind == kind::NETWORK {
        remove_routers(world, &id);
    }
    Ok(Reply::Success)
}

/// The routers that served a network go with it.
fn remove_routers(world: &mut World, network: &str) {
    let routers = world.store.of(kind::ROUTER).filter(|router| router.text("guestnetworkid") == network);
    let routers: Vec<_> = routers.map(|router| router.id().to_owned()).collect();
    routers.iter().for_each(|router| drop(world.store.remove(kind::ROUTER, router)));
}

/// A resource under the name of its kind.
pub fn shown(world: &World, kind: Kind, id: &str) -> Result<Fields, Refusal> {
    Ok(present::named(world, kind, world.store.existing(kind, id)?))
}
