//! `deleteSecurityGroup` (Cloudn Compute 1-5), and how groups are named.

use serde_json::Value;

use crate::refusal::{ApiError, Reason};
use crate::resource::machine::State;
use crate::resource::security_group::DEFAULT;
use crate::world::{AccountIndex, Record, World, kind};

use super::call::{Call, Reply};

/// An account's group with a name.
pub fn named<'a>(world: &'a World, account: AccountIndex, name: &str) -> Result<&'a Record, ApiError> {
    let mut own = world.store.owned_by(kind::SECURITY_GROUP, account);
    own.find(|group| group.text("name") == name)
        .ok_or_else(|| ApiError::value(format!("there is no security group named {name}")))
}

/// The group that a call names by its id or by its name.
pub fn chosen<'a>(world: &'a World, call: &Call<'_>, id: &str, name: &str) -> Result<&'a Record, ApiError> {
    match call.arguments.get(id) {
        Some(id) => world.own(kind::SECURITY_GROUP, id, call.account),
        None => named(world, call.target, call.arguments.need(name)?),
    }
}

/// `deleteSecurityGroup`: not the default one, and none that machines are in. Destroyed machines are not in it.
pub fn delete(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let group = chosen(world, call, "id", "name")?;
    if group.text("name") == DEFAULT {
        return Err(ApiError::value("the default security group can't be deleted"));
    }
    let id = group.id().to_owned();
    let gone = |machine: &Record| matches!(State::of(machine), State::Destroyed | State::Expunging);
    let user = world.store.of(kind::MACHINE).find(|machine| is_member(machine, &id) && !gone(machine));
    if let Some(machine) = user {
        let text = format!("the machine {} is in the security group {id}", machine.id());
        return Err(ApiError::new(Reason::InUse, text));
    }
    for machine in world.store.of_mut(kind::MACHINE).filter(|machine| is_member(machine, &id)) {
        machine.change_items("securitygroup", |groups| groups.retain(|group| !names(group, &id)));
    }
    world.store.remove(kind::SECURITY_GROUP, &id);
    Ok(Reply::Success)
}

fn is_member(machine: &Record, group: &str) -> bool {
    machine.items("securitygroup").iter().any(|listed| names(listed, group))
}

fn names(listed: &Value, id: &str) -> bool {
    listed.get("id").and_then(Value::as_str) == Some(id)
}
