//! Templates and installation media as CloudStack's guide has them: registered, updated, prepared, copied, granted.

use serde_json::json;

use crate::present;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::resource::template::{NewTemplate, Passwords, Readiness};
use crate::world::{Fields, Record, World, kind};

use super::volume::check_url;
use super::{Call, Reply, generic};

/// The settings of `VMware` that a template can carry, and how it shows them (4.1.3).
const DETAILS: [(&str, &str); 4] = [
    ("rootdiskcontroller", "rootDiskController"),
    ("nicadapter", "nicAdapter"),
    ("keyboard", "keyboard"),
    ("keyboard.typematicmindelay", "keyboard.typematicMinDelay"),
];

/// Says who may use a template, and what for.
pub fn describe(call: &Call<'_>, template: &mut Record) {
    for field in ["ispublic", "isfeatured", "isextractable", "passwordenabled", "sshkeyenabled", "bootable"] {
        if let Some(value) = call.arguments.get(field) {
            template.set(field, value == "true");
        }
    }
    let details: Vec<_> = DETAILS
        .iter()
        .filter_map(|(name, shown)| Some(((*shown).to_owned(), call.arguments.get(name)?.into())))
        .collect();
    if !details.is_empty() {
        template.set("details", Fields::from_iter(details));
    }
    for (field, parameter) in [("checksum", "checksum"), ("templatetag", "templatetag"), ("format", "format")] {
        if let Some(value) = call.arguments.get(parameter) {
            template.set(field, value);
        }
    }
}

/// `registerTemplate`, `registerIso`: answers a list of one.
pub fn register(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let kind = call.command.of.unwrap_or(kind::TEMPLATE);
    let format = if kind == kind::ISO { "ISO" } else { call.arguments.need("format")? };
    check_url(call.arguments.need("url")?)?;
    let id = world.ids.fresh();
    let os_type = match call.arguments.get("ostypeid") {
        Some(id) => world.usable(kind::OS_TYPE, id, call.account)?,
        None => world.store.of(kind::OS_TYPE).next().ok_or_else(|| ApiError::parameter("ostypeid is missing"))?,
    };
    let new = NewTemplate {
        id,
        name: call.arguments.need("name")?,
        display_text: call.arguments.need("displaytext")?,
        os_type,
        zone: world.usable(kind::ZONE, call.arguments.need("zoneid")?, call.account)?,
        format,
        readiness: Readiness::Ready,
        passwords: Passwords::Unmanaged,
        source: "",
    };
    let mut record = new.record(&world.origin(call.owner()));
    record.set("hypervisor", call.arguments.get("hypervisor").unwrap_or("XenServer"));
    describe(call, &mut record);
    let shown = present::shown(world, kind, &record);
    world.add(kind, record)?;
    Ok(Reply::Content(fields(json!({"count": 1, kind.name(): [shown]}))))
}

/// `updateTemplate`, `updateIso`.
pub fn update(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let kind = call.command.of.unwrap_or(kind::TEMPLATE);
    let id = generic::named(world, call, kind)?.id().to_owned();
    let os_type = match call.arguments.get("ostypeid") {
        Some(id) => Some(world.usable(kind::OS_TYPE, id, call.account)?.clone()),
        None => None,
    };
    world.store.change(kind, &id, |record| {
        for field in ["name", "displaytext"] {
            if let Some(text) = call.arguments.get(field) {
                record.set(field, text);
            }
        }
        if let Some(os_type) = os_type {
            record.set("ostypeid", os_type.id());
            record.set("ostypename", os_type.text("description"));
        }
        describe(call, record);
    });
    Ok(Reply::Content(generic::shown(world, kind, &id)?))
}

/// `prepareTemplate`: copied to the primary storage of a zone. It answers a list of one.
pub fn prepare(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    world.usable(kind::ZONE, call.arguments.need("zoneid")?, call.account)?;
    let template = world.usable(kind::TEMPLATE, call.arguments.need("templateid")?, call.account)?;
    let shown = present::shown(world, kind::TEMPLATE, template);
    Ok(Reply::Content(fields(json!({"count": 1, "template": [shown]}))))
}
