//! Regions (`CloudStack` developer's guide 4.1, 4.1.6). Callers choose their numbers.

use serde_json::json;

use crate::reference::refusal::Refusal;
use crate::reference::resource::fields;
use crate::reference::world::{Fields, Owner, Record, World, kind};

use super::{Call, Reply};

/// `addRegion`. One with the same number takes the place of the one before.
pub fn add(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let number = number(call)?;
    let region = region(number, call.arguments.need("name")?, call.arguments.need("endpoint")?);
    let shown = region.fields.clone();
    world.add(kind::REGION, region)?;
    Ok(Reply::Content(named(shown)))
}

fn number(call: &Call<'_>) -> Result<u64, Refusal> {
    let text = call.arguments.need("id")?;
    text.parse().map_err(|_| Refusal::value(format!("the id of a region is a number, not {text}")))
}

/// A region.
pub fn region(number: u64, name: &str, endpoint: &str) -> Record {
    let region = fields(json!({"id": number, "name": name, "endpoint": endpoint}));
    Record::new(Owner::Everyone, region).hiding("id", number.to_string())
}

fn named(region: Fields) -> Fields {
    fields(json!({"region": region}))
}

/// `updateRegion`.
pub fn update(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = number(call)?.to_string();
    world.own(kind::REGION, &id, call.account)?;
    let given: Vec<_> = ["name", "endpoint"].into_iter().filter_map(|name| Some((name, call.arguments.get(name)?))).collect();
    world.store.change(kind::REGION, &id, |region| {
        for (field, value) in &given {
            region.set(field, *value);
        }
    });
    Ok(Reply::Content(named(world.store.existing(kind::REGION, &id)?.fields.clone())))
}

/// `removeRegion`.
pub fn remove(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = number(call)?.to_string();
    world.own(kind::REGION, &id, call.account)?;
    world.store.remove(kind::REGION, &id);
    Ok(Reply::Success)
}
