//! Regions (`CloudStack` developer's guide 4.1, 4.1.6). Callers choose their numbers; nothing says that these are unique.

use serde_json::{Value, json};

use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{Fields, Owner, Record, World, kind};

use super::{Call, Reply};

/// `addRegion`.
pub fn add(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let number = number(call)?;
    let id = world.ids.fresh();
    let region = region(&id, number, call.arguments.need("name")?, call.arguments.need("endpoint")?);
    let shown = region.fields.clone();
    world.add(kind::REGION, region)?;
    Ok(Reply::Content(named(&shown)))
}

fn number(call: &Call<'_>) -> Result<u64, ApiError> {
    let text = call.arguments.need("id")?;
    text.parse().map_err(|_| ApiError::value(format!("the id of a region is a number, not {text}")))
}

/// A region.
pub fn region(id: &str, number: u64, name: &str, endpoint: &str) -> Record {
    let region = fields(json!({"id": number, "name": name, "endpoint": endpoint}));
    Record::new(Owner::Everyone, region).hiding("id", id)
}

fn named(region: &Fields) -> Fields {
    fields(json!({"region": region}))
}

/// The region with the number that a call gives: the last that was added.
fn chosen(world: &World, call: &Call<'_>) -> Result<String, ApiError> {
    let number = number(call)?;
    let found = world.store.of(kind::REGION).filter(|region| region.fields.get("id") == Some(&Value::from(number)));
    let region = found.last().ok_or_else(|| ApiError::unknown(kind::REGION, &number.to_string()))?;
    Ok(region.id().to_owned())
}

/// `updateRegion`.
pub fn update(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = chosen(world, call)?;
    let given = ["name", "endpoint"].into_iter().filter_map(|name| Some((name, call.arguments.get(name)?)));
    let given: Vec<_> = given.collect();
    world.store.change(kind::REGION, &id, |region| {
        for (field, value) in &given {
            region.set(field, *value);
        }
    });
    Ok(Reply::Content(named(&world.store.existing(kind::REGION, &id)?.fields)))
}

/// `removeRegion`.
pub fn remove(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = chosen(world, call)?;
    world.store.remove(kind::REGION, &id);
    Ok(Reply::Success)
}
