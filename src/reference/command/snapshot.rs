//! `createSnapshot`, which the Cloudn manual only names (1-1).

use crate::reference::present;
use crate::reference::refusal::Refusal;
use crate::reference::resource::snapshot::of_volume;
use crate::reference::world::{World, kind};

use super::{Call, Reply};

/// `createSnapshot`: of one of the account's volumes, attached or not.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = world.ids.fresh();
    let volume = world.own(kind::VOLUME, call.arguments.need("volumeid")?, call.account)?;
    let snapshot = of_volume(&id, volume, &world.origin(call.owner()));
    let shown = present::named(world, kind::SNAPSHOT, &snapshot);
    world.add(kind::SNAPSHOT, snapshot)?;
    Ok(Reply::Content(shown))
}
