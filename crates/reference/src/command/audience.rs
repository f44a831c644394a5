//! Which commands are not for everyone (`CloudStack` developer's guide 4.1, 1.2 and 5.5.3). The guide says what each role
//! may manage; which commands that makes is what a cloud is configured with, here as it is delivered.

use crate::fault::Fault;
use crate::model::Audience;
use crate::policy::Dialect;
use crate::refusal::{ApiError, Reason};
use crate::world::{AccountIndex, Role, World};

use super::call::Call;

/// Whether the role of an account may call a command.
pub fn may_call(world: &World, account: AccountIndex, command: &str) -> bool {
    let audience = world.rules.model.command(command).map_or(Audience::Everybody, |command| command.audience);
    match world.accounts.get(account).role {
        Role::RootAdmin => true,
        Role::DomainAdmin => audience != Audience::Root,
        Role::User => audience == Audience::Everybody,
    }
}

/// Refuses a command that is not for the role of the account.
pub fn check(world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    if world.rules.dialect != Dialect::CloudStack || may_call(world, call.account, call.name()) {
        return Ok(());
    }
    let role = world.accounts.get(call.account).role;
    let fault = match call.name() {
        "getUser" if role == Role::User => Fault::CloudstackUserMayGetUser,
        "createZone" if role == Role::DomainAdmin => Fault::CloudstackDomainAdminMayCreateZones,
        _ => return Err(forbidden(call)),
    };
    world.rules.faults.check(fault, || Err(forbidden(call)))
}

fn forbidden(call: &Call<'_>) -> ApiError {
    ApiError::new(Reason::Forbidden, format!("the account may not call {}", call.name()))
}
