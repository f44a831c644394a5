//! Accounts, their users and their domains.

use serde_json::json;

use crate::arguments::Arguments;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{Account, AccountIndex, Owner, Role, Standing, World, kind};

use super::call::{Call, Reply};
use super::generic;
use super::kinds::{self, Given};
use super::scope::named_account;

/// The fields of an account that are arguments of nothing.
fn described(pairs: &[(&str, &str)]) -> Arguments {
    Arguments::of(pairs)
}

/// `createDomain`: below the root where nothing else is said.
pub fn create_domain(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let parent = call.arguments.get("parentdomainid").unwrap_or(&world.accounts.domain().id);
    let parent = world.accounts.domain_with(parent).ok_or_else(|| ApiError::unknown("domain", parent))?.clone();
    let id = call.arguments.get("domainid").map_or_else(|| world.ids.fresh(), str::to_owned);
    let name = call.arguments.need("name")?;
    add_domain(world, &id, name, &parent.id, call.arguments.get("networkdomain").unwrap_or_default())?;
    Ok(Reply::Content(generic::shown(world, kind::DOMAIN, &id)?))
}

/// Shows the domain that encloses all others.
pub fn show_root(world: &mut World) -> Result<(), ApiError> {
    let root = world.accounts.domain().clone();
    let arguments = described(&[("name", &root.name), ("level", "0"), ("path", &root.path), ("haschild", "true")]);
    let given = Given { arguments: &arguments, caller: AccountIndex::FIRST, owner: Owner::Everyone };
    kinds::order(world, kind::DOMAIN, &root.id, given).map(|_| ())
}

/// Adds a domain, and what is shown of it.
pub fn add_domain(world: &mut World, id: &str, name: &str, parent: &str, network: &str) -> Result<(), ApiError> {
    let parent = world.accounts.domain_with(parent).ok_or_else(|| ApiError::unknown("domain", parent))?.clone();
    let path = format!("{}/{name}", parent.path);
    let level = path.matches('/').count().to_string();
    let arguments = described(&[
        ("name", name),
        ("level", &level),
        ("parentdomainid", &parent.id),
        ("networkdomain", network),
        ("path", &path),
    ]);
    let given = Given { arguments: &arguments, caller: AccountIndex::FIRST, owner: Owner::Everyone };
    kinds::order(world, kind::DOMAIN, id, given)?;
    world.accounts.add_domain(id.to_owned(), name, &parent);
    world.store.change(kind::DOMAIN, &parent.id, |domain| domain.set("haschild", true));
    Ok(())
}

/// What is known of a user when it is made.
pub struct NewUser<'a> {
    pub id: String,
    pub name: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: &'a str,
    pub time_zone: &'a str,
    /// What it logs in with.
    pub password: &'a str,
}

impl<'a> NewUser<'a> {
    fn read(world: &mut World, call: &Call<'a>) -> Result<Self, ApiError> {
        let get = |name| call.arguments.get(name).unwrap_or_default();
        let time_zone = get("timezone");
        if !time_zone.is_empty() && !is_time_zone(time_zone) {
            return Err(ApiError::value(format!("there is no time zone {time_zone}")));
        }
        Ok(Self {
            id: call.arguments.get("userid").map_or_else(|| world.ids.fresh(), str::to_owned),
            name: call.arguments.need("username")?,
            first_name: get("firstname"),
            last_name: get("lastname"),
            email: get("email"),
            time_zone,
            password: get("password"),
        })
    }
}

/// An area and a place, as the guide's appendix C lists them.
fn is_time_zone(name: &str) -> bool {
    const AREAS: [&str; 13] = [
        "Etc",
        "Pacific",
        "US",
        "America",
        "Mexico",
        "Canada",
        "Atlantic",
        "Africa",
        "Europe",
        "Asia",
        "Australia",
        "CET",
        "UTC",
    ];
    AREAS.contains(&name.split('/').next().unwrap_or_default())
}

/// Refuses a time zone that there is not.
pub fn check_time_zone(_world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    let time_zone = call.arguments.need("timezone")?;
    if is_time_zone(time_zone) { Ok(()) } else { Err(ApiError::value(format!("there is no time zone {time_zone}"))) }
}

/// Shows an account and its first user.
pub fn show(world: &mut World, index: AccountIndex, user: &NewUser<'_>) -> Result<(), ApiError> {
    let account = world.accounts.get(index).clone();
    let role = account.role.number().to_string();
    let arguments = described(&[("name", &account.name), ("accounttype", &role), ("domainid", &account.domain)]);
    let given = Given { arguments: &arguments, caller: AccountIndex::FIRST, owner: Owner::Account(index) };
    kinds::order(world, kind::ACCOUNT, &account.id, given)?;
    show_user(world, index, user, (&account.api_key, &account.secret_key))
}

fn show_user(
    world: &mut World,
    index: AccountIndex,
    user: &NewUser<'_>,
    (api_key, secret_key): (&str, &str),
) -> Result<(), ApiError> {
    let account = world.accounts.get(index).clone();
    let role = account.role.number().to_string();
    let arguments = described(&[
        ("username", user.name),
        ("firstname", user.first_name),
        ("lastname", user.last_name),
        ("email", user.email),
        ("account", &account.name),
        ("accounttype", &role),
        ("domainid", &account.domain),
        ("timezone", user.time_zone),
        ("apikey", api_key),
        ("secretkey", secret_key),
        ("accountid", &account.id),
        ("password", user.password),
    ]);
    let given = Given { arguments: &arguments, caller: AccountIndex::FIRST, owner: Owner::Account(index) };
    kinds::order(world, kind::USER, &user.id, given).map(|_| ())
}

/// `createAccount`: with its first user. The account is named like the user where nothing else is said.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = NewUser::read(world, call)?;
    let name = call.arguments.get("account").unwrap_or(user.name);
    let domain = call.arguments.get("domainid").unwrap_or(&world.accounts.domain().id).to_owned();
    if world.accounts.domain_with(&domain).is_none() {
        return Err(ApiError::unknown("domain", &domain));
    }
    if world.accounts.named(name, &domain).is_some() {
        return Err(ApiError::value(format!("there is already an account {name} in the domain {domain}")));
    }
    let number = call.arguments.need("accounttype")?;
    let role = Role::of_number(number).ok_or_else(|| ApiError::value(format!("there is no account type {number}")))?;
    let id = call.arguments.get("accountid").map_or_else(|| world.ids.fresh(), str::to_owned);
    let blank = world.accounts.keyless(id.clone(), name, &domain);
    let index = world.accounts.insert(Account { role, user: user.id.clone(), ..blank });
    show(world, index, &user)?;
    let network = call.arguments.get("networkdomain").unwrap_or_default().to_owned();
    world.store.change(kind::ACCOUNT, &id, |account| account.set("networkdomain", network));
    Ok(Reply::Content(generic::shown(world, kind::ACCOUNT, &id)?))
}

/// The account that a call names by its id, or by its name and its domain.
fn chosen(world: &World, call: &Call<'_>) -> Result<(AccountIndex, String), ApiError> {
    let index = if let Some(id) = call.arguments.get("id") {
        let found = world.accounts.find(|account| account.id == id);
        found.ok_or_else(|| ApiError::unknown(kind::ACCOUNT, id))?
    } else {
        named_account(world, call, call.arguments.need("account")?)?
    };
    let id = world.accounts.get(index).id.clone();
    world.store.existing(kind::ACCOUNT, &id)?;
    if world.accounts.may_act_for(call.account, index) {
        Ok((index, id))
    } else {
        Err(ApiError::foreign("account", &id))
    }
}

/// `updateAccount`.
pub fn update(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (index, id) = chosen(world, call)?;
    let name = call.arguments.need("newname")?.to_owned();
    if let Some(account) = world.accounts.get_mut(index) {
        account.name.clone_from(&name);
    }
    let network = call.arguments.get("networkdomain").map(str::to_owned);
    world.store.change(kind::ACCOUNT, &id, |account| {
        account.set("name", name);
        if let Some(network) = network {
            account.set("networkdomain", network);
        }
    });
    Ok(Reply::Content(generic::shown(world, kind::ACCOUNT, &id)?))
}

fn set_standing(
    world: &mut World,
    call: &Call<'_>,
    standing: Standing,
    state: &'static str,
) -> Result<Reply, ApiError> {
    let (index, id) = chosen(world, call)?;
    if let Some(account) = world.accounts.get_mut(index) {
        account.standing = standing;
    }
    world.store.change(kind::ACCOUNT, &id, |account| account.set("state", state));
    Ok(Reply::Content(generic::shown(world, kind::ACCOUNT, &id)?))
}

/// `enableAccount`.
pub fn enable(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    set_standing(world, call, Standing::Enabled, "enabled")
}

/// `disableAccount`: locked, or disabled.
pub fn disable(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let state = if call.arguments.get("lock") == Some("true") { "locked" } else { "disabled" };
    set_standing(world, call, Standing::Disabled, state)
}

/// `markDefaultZoneForAccount`.
pub fn mark_default_zone(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (_, id) = chosen(world, call)?;
    let zone = world.usable(kind::ZONE, call.arguments.need("zoneid")?, call.account)?.id().to_owned();
    world.store.change(kind::ACCOUNT, &id, |account| account.set("defaultzoneid", zone));
    Ok(Reply::Content(generic::shown(world, kind::ACCOUNT, &id)?))
}

/// `deleteAccount`: the account can no longer ask, and its users are gone with it.
pub fn delete(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (index, id) = chosen(world, call)?;
    let users = world.store.owned_by(kind::USER, index).map(|user| user.id().to_owned()).collect::<Vec<_>>();
    for user in users {
        world.store.remove(kind::USER, &user);
    }
    if let Some(account) = world.accounts.get_mut(index) {
        account.standing = Standing::Disabled;
        account.name = format!("{} (deleted)", account.name);
    }
    world.store.remove(kind::ACCOUNT, &id);
    Ok(Reply::Success)
}

/// `createUser`: another user of an account, without keys.
pub fn create_user(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let index = named_account(world, call, call.arguments.need("account")?)?;
    let user = NewUser::read(world, call)?;
    show_user(world, index, &user, ("", ""))?;
    Ok(Reply::Content(generic::shown(world, kind::USER, &user.id)?))
}

/// `getUser`: the user with an API key (4.1.6).
pub fn get_user(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.arguments.need("userapikey")?;
    let user = world.store.of(kind::USER).find(|user| user.text("apikey") == key);
    let user = user.ok_or_else(|| ApiError::value(format!("no user has the API key {key}")))?;
    Ok(Reply::Content(fields(json!({"user": user.fields}))))
}
