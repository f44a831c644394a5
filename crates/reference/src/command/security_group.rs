//! `createSecurityGroup` and `deleteSecurityGroup` (Cloudn Compute 1-5).

use serde_json::Value;

use crate::policy::Dialect;
use crate::refusal::{ApiError, Reason};
use crate::resource::machine::State;
use crate::resource::security_group::{DEFAULT, group};
use crate::world::{AccountIndex, Fields, Record, World, kind};

use super::{Call, Reply, generic};

/// What the creation of a group answers (CN-124); a list shows more.
const CREATED: [&str; 6] = ["id", "name", "description", "account", "domainid", "domain"];

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

/// `createSecurityGroup`. Names are unique within an account; the description falls back to the name.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.arguments.need("name")?;
    if named(world, call.target, name).is_ok() {
        return Err(ApiError::value(format!("there is already a security group named {name}")));
    }
    let id = world.ids.fresh();
    let description = call.arguments.get("description").unwrap_or(name);
    let group = group(&id, name, description, &world.origin(call.owner()));
    if world.rules.dialect == Dialect::CloudStack {
        return generic::add(world, kind::SECURITY_GROUP, group);
    }
    let shown: Fields =
        group.fields.iter().filter(|(field, _)| CREATED.contains(&field.as_str())).map(clone_entry).collect();
    world.add(kind::SECURITY_GROUP, group)?;
    Ok(Reply::Content(Fields::from_iter([(kind::SECURITY_GROUP.name().to_owned(), Value::Object(shown))])))
}

fn clone_entry((field, value): (&String, &Value)) -> (String, Value) {
    (field.clone(), value.clone())
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
