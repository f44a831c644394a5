//! `createSnapshot`, which the Cloudn manual only names (1-1).

use crate::refusal::ApiError;
use crate::resource::snapshot::of_volume;
use crate::world::{Record, World, kind};

use super::{Call, Reply, generic};

/// `createSnapshot`: of one of the account's volumes, attached or not.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = world.ids.fresh();
    let volume = world.own(kind::VOLUME, call.arguments.need("volumeid")?, call.account)?;
    let snapshot = of_volume(&id, volume, &world.origin(volume.owner));
    let snapshot = Record { owner: volume.owner, ..snapshot };
    generic::add(world, kind::SNAPSHOT, snapshot)
}
