//! What the resources of CloudStack's guide show besides what is kept of them.

use serde_json::Value;

use crate::fault::{Fault, Faults};
use crate::world::{AccountIndex, Fields, Kind, Owner, Record, World, kind};

/// Fields that Cloudn shows and CloudStack does not.
const UNKNOWN: [(Kind, &str); 1] = [(kind::SECURITY_GROUP, "userid")];

/// Fields that CloudStack calls otherwise.
const RENAMED: [(Kind, &str, &str); 2] =
    [(kind::SECURITY_GROUP, "ingress", "ingressrule"), (kind::SECURITY_GROUP, "egress", "egressrule")];

/// Completes a resource.
pub fn complete(world: &World, kind: Kind, shown: &mut Fields) {
    for (_, field) in UNKNOWN.iter().filter(|(of, _)| *of == kind) {
        shown.shift_remove(*field);
    }
    for (_, field, name) in RENAMED.iter().filter(|(of, ..)| *of == kind) {
        let value = shown.shift_remove(*field).unwrap_or_default();
        shown.insert((*name).to_owned(), value);
    }
    match kind {
        kind::ACCOUNT => complete_account(world, shown),
        kind::VPC => {
            let of_cloud = |network: &&Record| Some(network.text("vpcid")) == shown.get("id").and_then(Value::as_str);
            let networks = world.store.of(kind::NETWORK).filter(of_cloud);
            let networks: Vec<_> = networks.map(|network| Value::Object(network.fields.clone())).collect();
            shown.insert("network".into(), networks.into());
        }
        kind::VOLUME => {
            shown.entry("hypervisor").or_insert_with(|| "XenServer".into());
        }
        _ => {}
    }
    distort(&world.rules.faults, kind, shown);
}

fn complete_account(world: &World, shown: &mut Fields) {
    let id = shown.get("id").and_then(Value::as_str).unwrap_or_default();
    let Some(index) = world.accounts.find(|account| account.id == id) else { return };
    for (kind, limited) in world.rules.model.limited() {
        count(world, index, &limited.shown, kind, shown);
    }
    let running =
        world.store.owned_by(kind::MACHINE, index).filter(|machine| machine.text("state") == "Running").count();
    let stopped =
        world.store.owned_by(kind::MACHINE, index).filter(|machine| machine.text("state") == "Stopped").count();
    shown.insert("vmrunning".into(), running.into());
    shown.insert("vmstopped".into(), stopped.into());
    let users = world.store.owned_by(kind::USER, index).map(|user| Value::Object(user.fields.clone()));
    shown.insert("user".into(), users.collect());
}

fn count(world: &World, account: AccountIndex, name: &str, kind: Kind, shown: &mut Fields) {
    let total = world.store.of(kind).filter(|record| record.owner == Owner::Account(account)).count();
    let limit = world.limits.of(account, kind);
    let written = |number: Option<usize>| number.map_or_else(|| "Unlimited".to_owned(), |number| number.to_string());
    shown.insert(format!("{name}limit"), written(limit).into());
    shown.insert(format!("{name}total"), total.into());
    shown.insert(format!("{name}available"), written(limit.map(|limit| limit.saturating_sub(total))).into());
}

fn distort(faults: &Faults, kind: Kind, shown: &mut Fields) {
    match kind {
        kind::ACCOUNT if faults.has(Fault::CloudstackAccountWithoutVpcs) => {
            for field in ["vpclimit", "vpctotal", "vpcavailable"] {
                shown.shift_remove(field);
            }
        }
        kind::F5 if faults.has(Fault::CloudstackInlineShown) => {
            shown.insert("inline".into(), false.into());
        }
        kind::MACHINE => {
            let nics = shown.get_mut("nic").and_then(Value::as_array_mut).into_iter().flatten();
            for nic in nics.filter_map(Value::as_object_mut) {
                let has_address = nic.contains_key("ip6address");
                if has_address && faults.has(Fault::CloudstackNicWithoutIp6) {
                    nic.retain(|field, _| !["ip6address", "ip6gateway", "ip6cidr"].contains(&field.as_str()));
                }
            }
        }
        _ => {}
    }
}
