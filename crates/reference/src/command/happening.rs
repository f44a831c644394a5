//! Events: what becomes known of calls that succeed (`CloudStack` developer's guide 4.1, appendix A).

use crate::arguments::Arguments;
use crate::policy::Dialect;
use crate::world::{AccountIndex, Owner, World, kind};

use super::call::Call;
use super::kinds::{self, Given};

/// How many events an account keeps.
const KEPT: usize = 400;

/// Notes a call that has succeeded, if there is a type of event for it.
pub fn note(world: &mut World, call: &Call<'_>) {
    if world.rules.dialect != Dialect::CloudStack {
        return;
    }
    let caused = |(_, command): &&(String, Option<String>)| command.as_deref() == Some(call.name());
    let Some((name, _)) = world.rules.model.events().iter().find(caused) else { return };
    add(world, call.account, name, &format!("{} has been called", call.name()));
}

/// Adds an event of an account, and forgets the oldest if it has many.
pub fn add(world: &mut World, account: AccountIndex, name: &str, description: &str) {
    let user = world.accounts.get(account).name.clone();
    let arguments = Arguments::of(&[("username", &user), ("type", name), ("description", description)]);
    let given = Given { arguments: &arguments, caller: account, owner: Owner::Account(account) };
    let id = world.ids.fresh();
    // An event that can't be kept must not make the call fail that it is about.
    if kinds::order(world, kind::EVENT, &id, given).is_err() {
        return;
    }
    let own: Vec<_> = world.store.owned_by(kind::EVENT, account).map(|event| event.id().to_owned()).collect();
    if own.len() > KEPT
        && let Some(oldest) = own.first()
    {
        world.store.remove(kind::EVENT, oldest);
    }
}
