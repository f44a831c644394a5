//! Templates and installation media: what they are made from, and how they are copied.

use serde_json::json;

use crate::arguments::Arguments;
use crate::policy::Dialect;
use crate::present;
use crate::refusal::ApiError;
use crate::resource::{fields, is_in_zone};
use crate::world::{Fields, Kind, Record, World, kind, written};

use super::call::{Call, Derived, Reply};

/// The settings of `VMware` that a template can carry, and how it shows them (4.1.3).
const DETAILS: [(&str, &str); 4] = [
    ("rootdiskcontroller", "rootDiskController"),
    ("nicadapter", "nicAdapter"),
    ("keyboard", "keyboard"),
    ("keyboard.typematicmindelay", "keyboard.typematicMinDelay"),
];

/// Gives a template the settings that a request names.
pub fn set_details(arguments: &Arguments, template: &mut Record) {
    let given = DETAILS.iter().filter_map(|(name, shown)| Some(((*shown).to_owned(), arguments.get(name)?.into())));
    let given = given.collect::<Fields>();
    if !given.is_empty() {
        template.set("details", given);
    }
}

/// What `createTemplate` makes a template from: a volume, or a snapshot.
pub fn source(world: &World, call: &Call<'_>) -> Result<Derived, ApiError> {
    let (zone, size, template) = match (call.arguments.get("volumeid"), call.arguments.get("snapshotid")) {
        (Some(id), None) => {
            let volume = world.own(kind::VOLUME, id, call.account)?;
            (volume.text("zoneid"), volume.number("size"), volume.hidden_text("templateid"))
        }
        (None, Some(id)) => {
            let snapshot = world.own(kind::SNAPSHOT, id, call.account)?;
            (snapshot.hidden_text("zoneid"), snapshot.hidden_number("size"), snapshot.hidden_text("templateid"))
        }
        _ => return Err(ApiError::parameter("give exactly one of: volumeid, snapshotid")),
    };
    let parent = world.store.get(kind::TEMPLATE, template);
    let managed = parent.is_some_and(|parent| parent.is_true("passwordenabled"));
    let mut derived = vec![
        ("zoneid", zone.to_owned()),
        ("size", size.to_string()),
        ("sourcetemplateid", parent.map(Record::id).unwrap_or_default().to_owned()),
        ("sshkeyenabled", managed.to_string()),
    ];
    if call.arguments.get("passwordenabled").is_none() {
        derived.push(("passwordenabled", managed.to_string()));
    }
    Ok(derived)
}

/// `copyTemplate`, `copyIso`: the copy in the other zone is one of its own, whose parent is the first one.
pub fn copy(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let kind = call.command.of.unwrap_or(kind::TEMPLATE);
    let (from, to) = (call.arguments.need("sourcezoneid")?, call.arguments.need("destzoneid")?);
    let template = world.own(kind, call.arguments.need("id")?, call.account)?;
    world.usable(kind::ZONE, from, call.account)?;
    let zone = world.usable(kind::ZONE, to, call.account)?;
    if !is_in_zone(template, from) {
        return Err(ApiError::value(format!("the template {} is not in the zone {from}", template.id())));
    }
    if from == to {
        return Err(ApiError::value("a template is copied into another zone"));
    }
    // The guide's commands remove an installation medium by its id alone, so that a copy needs one of its own.
    if world.rules.dialect == Dialect::CloudStack && kind == kind::TEMPLATE {
        return extend_to_zone(world, kind, call.arguments.need("id")?, to);
    }
    let mut copy = template.clone();
    copy.set("sourcetemplateid", template.id());
    copy.set("zoneid", to);
    copy.set("zonename", zone.text("name"));
    copy.set("created", written(world.now));
    let id = world.ids.fresh();
    copy.set("id", id.as_str());
    if world.rules.dialect == Dialect::CloudStack {
        copy.owner = call.owner();
        copy.set("crossZones", false);
    }
    let shown = present::shown(world, kind, &copy);
    world.add(kind, copy)?;
    Ok(Reply::Created { id, content: fields(json!({kind.name(): shown})) })
}

/// In CloudStack a copy has the id of what was copied: it is the same in another zone.
fn extend_to_zone(world: &mut World, kind: Kind, id: &str, zone: &str) -> Result<Reply, ApiError> {
    let name = world.store.existing(kind::ZONE, zone)?.text("name").to_owned();
    world.store.change(kind, id, |template| {
        let zones = format!("{},{zone}", template.hidden_text("zones"));
        template.hidden.insert("zones".into(), zones.into());
    });
    let mut shown = present::shown(world, kind, world.store.existing(kind, id)?);
    shown.insert("zoneid".into(), zone.into());
    shown.insert("zonename".into(), name.into());
    Ok(Reply::Created { id: id.to_owned(), content: fields(json!({kind.name(): shown})) })
}
