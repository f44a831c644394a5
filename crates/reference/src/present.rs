//! How a resource is shown: what others know about it is filled in, and what does not apply is left out.

mod guide;

use serde_json::{Value, json};

use super::fault::{Fault, Faults};
use super::policy::Dialect;
use super::resource::machine::State;
use super::resource::volume;
use super::world::{Fields, Kind, Record, World, kind};

/// A resource as the answer of a command or the result of a job shows it.
pub fn shown(world: &World, kind: Kind, record: &Record) -> Fields {
    present(world, kind, &record.fields)
}

/// A resource as a list shows it.
pub fn listed(world: &World, kind: Kind, fields: &Fields) -> Fields {
    let mut shown = present(world, kind, fields);
    distort_listed(&world.rules.faults, kind, &mut shown);
    shown
}

/// A resource under the name of its kind, as most answers hold it.
pub fn named(world: &World, kind: Kind, record: &Record) -> Fields {
    Fields::from_iter([(kind.name().to_owned(), Value::Object(shown(world, kind, record)))])
}

fn present(world: &World, kind: Kind, fields: &Fields) -> Fields {
    let mut shown = fields.clone();
    match kind {
        kind::MACHINE => name_security_groups(world, &mut shown),
        kind::VOLUME => name_machine(world, &mut shown),
        _ => {}
    }
    if world.rules.dialect == Dialect::CloudStack {
        guide::complete(world, kind, &mut shown);
    }
    distort_shown(&world.rules.faults, kind, &mut shown);
    // Not blank elsewhere (CN-053, CN-054, CN-176, CN-182).
    for field in &world.rules.model.row(kind).only_where_it_applies {
        if is_blank(&shown, field) {
            shown.shift_remove(field);
        }
    }
    shown
}

fn is_blank(fields: &Fields, field: &str) -> bool {
    fields.get(field).and_then(Value::as_str) == Some("")
}

/// A machine knows the ids of its security groups; their names and descriptions are those groups' own.
fn name_security_groups(world: &World, machine: &mut Fields) {
    let Some(groups) = machine.get_mut("securitygroup").and_then(Value::as_array_mut) else { return };
    for group in groups {
        let id = group.get("id").and_then(Value::as_str).unwrap_or_default();
        if let Some(known) = world.store.get(kind::SECURITY_GROUP, id) {
            *group = json!({"id": id, "name": known.text("name"), "description": known.text("description")});
        }
    }
}

/// A volume knows the id of its machine; name and state are that machine's own.
fn name_machine(world: &World, volume: &mut Fields) {
    let id = volume.get("virtualmachineid").and_then(Value::as_str).unwrap_or_default();
    let Some(machine) = world.store.get(kind::MACHINE, id) else { return };
    for (field, of) in [("vmname", "name"), ("vmdisplayname", "displayname"), ("vmstate", "state")] {
        volume.insert(field.into(), machine.text(of).into());
    }
}

/// The faults that a resource shows wherever it is shown.
fn distort_shown(faults: &Faults, kind: Kind, shown: &mut Fields) {
    match kind {
        kind::MACHINE => {
            if faults.has(Fault::PasswordLeaked) && shown.get("passwordenabled") == Some(&Value::Bool(false)) {
                shown.insert("password".into(), "saved_password".into());
            }
            if faults.has(Fault::IsoMachineHasTemplate) && !is_blank(shown, "isoid") {
                let iso = shown.get("isoid").cloned().unwrap_or_default();
                shown.insert("templateid".into(), iso);
            }
        }
        kind::VOLUME if faults.has(Fault::DeviceOfDetachedShown) && is_blank(shown, "deviceid") => {
            shown.insert("deviceid".into(), 1.into());
        }
        kind::TEMPLATE if faults.has(Fault::ParentTemplateMade) && is_blank(shown, "sourcetemplateid") => {
            let own = shown.get("id").cloned().unwrap_or_default();
            shown.insert("sourcetemplateid".into(), own);
        }
        _ => {}
    }
}

fn is_expunging(machine: &Fields) -> bool {
    machine.get("state").and_then(Value::as_str) == Some(State::Expunging.name())
}

/// The faults that only lists show.
fn distort_listed(faults: &Faults, kind: Kind, shown: &mut Fields) {
    match kind {
        kind::MACHINE if faults.has(Fault::MachineStateMissing) && is_expunging(shown) => {
            shown.shift_remove("state");
        }
        kind::SERVICE_OFFERING if faults.has(Fault::CpuNumberAsText) => {
            let number = shown.get("cpunumber").map(ToString::to_string).unwrap_or_default();
            shown.insert("cpunumber".into(), number.into());
        }
        kind::DISK_OFFERING if faults.has(Fault::DiskSizeInBytes) => {
            let size = shown.get("disksize").and_then(Value::as_u64).unwrap_or_default();
            shown.insert("disksize".into(), (size * volume::GIGABYTE).into());
        }
        kind::ZONE if faults.has(Fault::NetworkTypeRenamed) => {
            let value = shown.shift_remove("networktype").unwrap_or_default();
            shown.insert("networkType".into(), value);
        }
        kind::ZONE if faults.has(Fault::PublicZoneHasDomain) => {
            shown.insert("domainname".into(), "ROOT".into());
        }
        kind::TEMPLATE if faults.has(Fault::FeaturedNotMarked) => {
            shown.insert("isfeatured".into(), false.into());
        }
        kind::SECURITY_GROUP if faults.has(Fault::RuleWithoutCidr) => {
            for rule in shown.get_mut("ingress").and_then(Value::as_array_mut).into_iter().flatten() {
                rule.as_object_mut().and_then(|rule| rule.shift_remove("cidr"));
            }
        }
        _ => {}
    }
}
