//! What the provider offers: zones, plans, types of operating systems, templates, installation media.

use serde_json::{Value, json};

use crate::refusal::ApiError;
use crate::resource::fields;
use crate::resource::template::{NewTemplate, Passwords, Readiness};
use crate::world::{Kind, Owner, Record, World, kind, written};

use super::{Variables, variables};

/// A zone of East Japan (Cloudn Compute 1-4, example box).
pub const ZONE: &str = "1b02e74c-6c21-4aa3-b96c-51042de8fccd";
/// The other one.
pub const OTHER_ZONE: &str = "91e59e5f-2971-48e7-adbe-e853ed875e76";
/// The plan v1 (ibid.).
pub const OFFERING: &str = "88ce379e-a686-4ae4-946f-dc3358275276";
/// The plan v2 (ibid.).
pub const OTHER_OFFERING: &str = "0b41ab6e-696e-4a91-b623-5b880e3be7a6";

/// The plans: id, name, processors, megahertz of each, megabytes of memory. The ids are documented, the sizes made up.
const OFFERINGS: [(&str, &str, u64, u64, u64); 5] = [
    ("200c6378-8ae9-4718-9b25-b8c4f6c1dfc8", "vQ", 1, 800, 512),
    (OFFERING, "v1", 1, 1_600, 2_048),
    (OTHER_OFFERING, "v2", 2, 1_600, 4_096),
    ("3164027a-3636-4cd5-a8be-f76d51d93a1a", "v4", 4, 1_600, 8_192),
    ("a40f2dba-e51d-4175-a41d-8c0047e589b7", "v8", 8, 1_600, 16_384),
];

/// The plans of data disks: name, text, gigabytes; 0 leaves the size open.
const DISK_OFFERINGS: [(&str, &str, u64); 3] =
    [("20GB", "20 GB data disk", 20), ("100GB", "100 GB data disk", 100), ("custom", "data disk of any size", 0)];

/// Types of operating systems.
const OS_TYPES: [&str; 3] = ["CentOS 6.4 (64-bit)", "Ubuntu 12.04 (64-bit)", "Windows Server 2008 R2 (64-bit)"];

/// The service's templates: name, text, place of the type, passwords.
const TEMPLATES: [(&str, &str, usize, Passwords); 3] = [
    ("centos-6.4", "CentOS 6.4", 0, Passwords::Managed),
    ("ubuntu-12.04", "Ubuntu 12.04", 1, Passwords::Unmanaged),
    ("windows-2008r2", "Windows Server 2008 R2 <Standard> & tools", 2, Passwords::Managed),
];

/// The id of one of the service's templates.
pub fn template(world: &World, name: &str) -> String {
    world.ids.named(&format!("template {name}"))
}

/// The id of the installation medium.
pub fn iso(world: &World) -> String {
    world.ids.named("iso ubuntu")
}

/// The id of a type of operating system.
pub fn os_type(world: &World, description: &str) -> String {
    world.ids.named(&format!("os type {description}"))
}

/// The id of a plan of data disks.
pub fn disk_offering(world: &World, name: &str) -> String {
    world.ids.named(&format!("disk offering {name}"))
}

/// Adds all of it.
pub fn fill(world: &mut World) -> Result<Variables, ApiError> {
    zones(world)?;
    offerings(world)?;
    os_types(world)?;
    templates(world)?;
    Ok(variables([
        ("east_japan_zone", ZONE.to_owned()),
        ("east_japan_plan", OFFERING.to_owned()),
        ("zone", ZONE.to_owned()),
        ("other_zone", OTHER_ZONE.to_owned()),
        ("offering", OFFERING.to_owned()),
        ("other_offering", OTHER_OFFERING.to_owned()),
        ("disk_offering", disk_offering(world, "20GB")),
        ("ostype", os_type(world, OS_TYPES[0])),
        ("template", template(world, "centos-6.4")),
        ("template_without_password", template(world, "ubuntu-12.04")),
        ("iso", iso(world)),
    ]))
}

fn provide(world: &mut World, kind: Kind, object: Value) -> Result<(), ApiError> {
    world.add(kind, Record::new(Owner::Everyone, fields(object))).map(|_| ())
}

fn zones(world: &mut World) -> Result<(), ApiError> {
    for (id, name) in [(ZONE, "jp-e1a"), (OTHER_ZONE, "jp-e1b")] {
        let token = world.ids.named(&format!("zone token {name}"));
        let zone = json!({
            "id": id,
            "name": name,
            "created": written(world.now),
            "domainid": null,
            "domain": world.accounts.domain().name,
            "domainname": null,
            "networktype": "Basic",
            "securitygroupsenabled": true,
            "allocationstate": "Enabled",
            "zonetoken": token,
            "localstorageenabled": false,
        });
        provide(world, kind::ZONE, zone)?;
    }
    Ok(())
}

fn offerings(world: &mut World) -> Result<(), ApiError> {
    let domain = world.accounts.domain().clone();
    for (id, name, processors, speed, memory) in OFFERINGS {
        let offering = json!({
            "id": id,
            "name": name,
            "displaytext": format!("Plan {name}"),
            "cpunumber": processors,
            "cpuspeed": speed,
            "memory": memory,
            "created": written(world.now),
            "storagetype": "Shared",
            "offerha": true,
            "limitcpuuse": true,
            "tags": "flat",
            "domainid": domain.id,
            "domain": domain.name,
            "hosttags": "flat",
            "issystem": false,
            "defaultuse": false,
        });
        provide(world, kind::SERVICE_OFFERING, offering)?;
    }
    for (name, text, size) in DISK_OFFERINGS {
        let offering = json!({
            "id": disk_offering(world, name),
            "name": name,
            "displaytext": text,
            "disksize": size,
            "created": written(world.now),
            "storagetype": "Shared",
            "tags": "flat",
            "domainid": domain.id,
            "domain": domain.name,
            "iscustomized": size == 0,
        });
        provide(world, kind::DISK_OFFERING, offering)?;
    }
    Ok(())
}

fn os_types(world: &mut World) -> Result<(), ApiError> {
    for description in OS_TYPES {
        let os_type = json!({"id": os_type(world, description), "description": description});
        provide(world, kind::OS_TYPE, os_type)?;
    }
    Ok(())
}

fn templates(world: &mut World) -> Result<(), ApiError> {
    let origin = world.origin(Owner::Everyone);
    for (name, text, os, passwords) in TEMPLATES {
        let template = NewTemplate {
            id: template(world, name),
            name,
            display_text: text,
            os_type: world.store.existing(kind::OS_TYPE, &os_type(world, OS_TYPES[os]))?,
            zone: world.store.existing(kind::ZONE, ZONE)?,
            format: "VHD",
            readiness: Readiness::Ready,
            passwords,
            source: "",
        };
        let template = template.record(&origin);
        world.add(kind::TEMPLATE, template)?;
    }
    let iso = NewTemplate {
        id: iso(world),
        name: "ubuntu-12.04-installer",
        display_text: "Ubuntu 12.04 installation medium",
        os_type: world.store.existing(kind::OS_TYPE, &os_type(world, OS_TYPES[1]))?,
        zone: world.store.existing(kind::ZONE, ZONE)?,
        format: "ISO",
        readiness: Readiness::Ready,
        passwords: Passwords::Unmanaged,
        source: "",
    };
    let iso = iso.record(&origin);
    world.add(kind::ISO, iso)?;
    Ok(())
}
