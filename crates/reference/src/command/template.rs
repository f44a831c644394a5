//! Templates: created, uploaded, copied. The Cloudn manual only names these commands (1-1); parameters and answers are
//! those of CloudStack 4.1, but synchronous, for want of an (A).

use serde_json::json;

use crate::policy::Dialect;
use crate::present;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::resource::template::{NewTemplate, Passwords, Readiness, is_in_zone};
use crate::world::{Fields, Kind, Record, World, kind};

use super::image::describe;
use super::volume::check_url;
use super::{Call, Reply};

/// `createTemplate`: from a volume or from a snapshot.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let source = Source::read(world, call)?;
    let id = world.ids.fresh();
    let parent = world.store.get(kind::TEMPLATE, &source.template);
    let managed = parent.is_some_and(|parent| parent.is_true("passwordenabled"));
    let template = NewTemplate {
        id,
        name: call.arguments.need("name")?,
        display_text: call.arguments.need("displaytext")?,
        os_type: world.usable(kind::OS_TYPE, call.arguments.need("ostypeid")?, call.account)?,
        zone: world.usable(kind::ZONE, &source.zone, call.account)?,
        format: "VHD",
        readiness: Readiness::Ready,
        passwords: if managed { Passwords::Managed } else { Passwords::Unmanaged },
        source: parent.map(Record::id).unwrap_or_default(),
    };
    let mut template = template.record(&world.origin(call.owner()));
    template.set("size", source.size);
    if world.rules.dialect == Dialect::CloudStack {
        describe(call, &mut template);
    }
    let id = template.id().to_owned();
    let shown = add(world, template)?;
    Ok(Reply::Created { id, content: fields(json!({"template": shown})) })
}

/// What a template is made from.
struct Source {
    zone: String,
    size: u64,
    template: String,
}

impl Source {
    fn read(world: &World, call: &Call<'_>) -> Result<Self, ApiError> {
        match (call.arguments.get("volumeid"), call.arguments.get("snapshotid")) {
            (Some(id), None) => {
                let volume = world.own(kind::VOLUME, id, call.account)?;
                Ok(Self {
                    zone: volume.text("zoneid").to_owned(),
                    size: volume.number("size"),
                    template: volume.hidden_text("templateid").to_owned(),
                })
            }
            (None, Some(id)) => {
                let snapshot = world.own(kind::SNAPSHOT, id, call.account)?;
                Ok(Self {
                    zone: snapshot.hidden_text("zoneid").to_owned(),
                    size: snapshot.hidden_number("size"),
                    template: snapshot.hidden_text("templateid").to_owned(),
                })
            }
            _ => Err(ApiError::parameter("give exactly one of: volumeid, snapshotid")),
        }
    }
}

/// `uploadTemplate`: from a web address, as CloudStack's `registerTemplate` does; it answers a list of one.
pub fn upload(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    check_url(call.arguments.need("url")?)?;
    let id = world.ids.fresh();
    let hypervisor = call.arguments.need("hypervisor")?;
    let template = NewTemplate {
        id,
        name: call.arguments.need("name")?,
        display_text: call.arguments.need("displaytext")?,
        os_type: world.usable(kind::OS_TYPE, call.arguments.need("ostypeid")?, call.account)?,
        zone: world.usable(kind::ZONE, call.arguments.need("zoneid")?, call.account)?,
        format: call.arguments.need("format")?,
        readiness: Readiness::Ready,
        passwords: Passwords::Unmanaged,
        source: "",
    };
    let mut template = template.record(&world.origin(call.owner()));
    template.set("hypervisor", hypervisor);
    let shown = add(world, template)?;
    Ok(Reply::Content(fields(json!({"template": [shown]}))))
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
    copy.set("created", world.origin(call.owner()).created);
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

fn add(world: &mut World, template: Record) -> Result<Fields, ApiError> {
    let shown = present::shown(world, kind::TEMPLATE, &template);
    world.add(kind::TEMPLATE, template)?;
    Ok(shown)
}
