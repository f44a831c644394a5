//! Tags of resources (`CloudStack` developer's guide 4.1, 4.2.2).

use crate::fault::Fault;
use crate::policy::Checks;
use crate::refusal::ApiError;
use crate::resource::tag;
use crate::world::{Fields, Kind, Record, World, kind};

use super::call::{Call, Reply};
use super::kinds::owner_fields;

/// What a call is to tag or to untag: a type by its usual name, its kind, and the ids.
struct Tagged<'a> {
    name: &'static str,
    kind: Kind,
    ids: Vec<&'a str>,
}

impl<'a> Tagged<'a> {
    fn read(world: &World, call: &'a Call<'_>) -> Result<Self, ApiError> {
        let wanted = call.arguments.need("resourcetype")?;
        let mut types = world.rules.model.rows().filter_map(|row| Some((row.tagged_as.as_deref()?, row.kind)));
        let known = types.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let (name, kind) = known.ok_or_else(|| ApiError::value(format!("there is no type of resource {wanted}")))?;
        let ids = call.arguments.items("resourceids");
        for id in &ids {
            world.own(kind, id, call.account)?;
        }
        if ids.is_empty() {
            return Err(ApiError::parameter("the parameter resourceids is missing"));
        }
        Ok(Self { name, kind, ids })
    }
}

/// `createTags`: all of the tags for all of the resources. A key that is there already is a tag of its own no more.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let tagged = Tagged::read(world, call)?;
    let mut pairs = Vec::new();
    for (number, entry) in call.arguments.entries("tags") {
        let blank = (world.rules.policy.checks == Checks::Server).then(String::new);
        let (Some(key), Some(value)) = (entry.get("key"), entry.get("value").or(blank.as_ref())) else {
            return Err(ApiError::parameter(format!("tags[{number}] needs both a key and a value")));
        };
        pairs.push((key.clone(), value.clone()));
    }
    if tagged.kind == kind::SNAPSHOT && world.rules.faults.has(Fault::CloudstackTagsForgotten) {
        return Ok(Reply::Success);
    }
    for id in &tagged.ids {
        for (key, value) in &pairs {
            remove(world, tagged.kind, id, Some(key), None);
            add(world, (tagged.name, tagged.kind), id, (key, value))?;
        }
    }
    Ok(Reply::Success)
}

/// Gives a resource a tag.
pub fn add(world: &mut World, what: (&str, Kind), id: &str, (key, value): (&str, &str)) -> Result<(), ApiError> {
    let owner = world.store.existing(what.1, id)?.owner;
    let own_id = world.ids.fresh();
    let mut shown = Fields::new();
    for (field, text) in [("key", key), ("value", value), ("resourcetype", what.0), ("resourceid", id)] {
        shown.insert(field.into(), text.into());
    }
    owner_fields(world, owner, &mut shown);
    world.store.change(what.1, id, |record| record.change_items("tags", |tags| tags.push(tag(key, value))));
    world.add(kind::TAG, Record::new(owner, shown).hiding("id", own_id)).map(|_| ())
}

/// `deleteTags`: those with the given keys; all where none is given.
pub fn delete(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let tagged = Tagged::read(world, call)?;
    if world.rules.faults.has(Fault::CloudstackTagsKept) {
        return Ok(Reply::Success);
    }
    let entries = call.arguments.entries("tags");
    for id in &tagged.ids {
        if entries.is_empty() {
            remove(world, tagged.kind, id, None, None);
        }
        for entry in entries.values() {
            remove(
                world,
                tagged.kind,
                id,
                entry.get("key").map(String::as_str),
                entry.get("value").map(String::as_str),
            );
        }
    }
    Ok(Reply::Success)
}

fn remove(world: &mut World, kind: Kind, id: &str, key: Option<&str>, value: Option<&str>) {
    let fits = |has_key: &str, has_value: &str| {
        key.is_none_or(|key| key == has_key) && value.is_none_or(|value| value == has_value)
    };
    let of_resource = |tag: &&Record| tag.text("resourceid") == id && fits(tag.text("key"), tag.text("value"));
    let gone: Vec<_> = world.store.of(kind::TAG).filter(of_resource).map(|tag| tag.id().to_owned()).collect();
    for tag in gone {
        world.store.remove(kind::TAG, &tag);
    }
    world.store.change(kind, id, |record| {
        record.change_items("tags", |tags| {
            tags.retain(|tag| {
                let text = |field| tag.get(field).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
                !fits(&text("key"), &text("value"))
            });
        });
    });
}

/// Forgets the tags of what is no longer in use.
pub fn forget(world: &mut World, id: &str) {
    let of_resource = world.store.of(kind::TAG).filter(|tag| tag.text("resourceid") == id);
    let gone: Vec<_> = of_resource.map(|tag| tag.id().to_owned()).collect();
    for tag in gone {
        world.store.remove(kind::TAG, &tag);
    }
}
