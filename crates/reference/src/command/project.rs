//! Projects, their members and invitations.

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{Account, AccountIndex, Fields, Owner, Record, World, kind};
use assay_suite::Suite;

use super::call::{Call, Reply};
use super::generic;
use super::kinds::{self, Given};
use super::scope::named_account;

/// `createProject`: the account that creates it, or for which it is created, owns it.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = world.ids.fresh();
    add(world, &id, call.arguments.need("name")?, call.target)?;
    let text = call.arguments.need("displaytext")?;
    world.store.change(kind::PROJECT, &id, |project| project.set("displaytext", text));
    Ok(Reply::Created { content: generic::shown(world, kind::PROJECT, &id)?, id })
}

/// Adds a project of an account. Its resources belong to an account of its own.
pub fn add(world: &mut World, id: &str, name: &str, owner: AccountIndex) -> Result<(), ApiError> {
    let account = world.accounts.get(owner).clone();
    let same = |project: &Record| project.text("name") == name && project.text("domainid") == account.domain;
    if world.store.of(kind::PROJECT).any(same) {
        return Err(ApiError::value(format!("there is already a project named {name}")));
    }
    let arguments = Arguments::of(&[
        ("name", name),
        ("displaytext", name),
        ("domainid", &account.domain),
        ("account", &account.name),
    ]);
    let given = Given { arguments: &arguments, caller: AccountIndex::FIRST, owner: Owner::Account(owner) };
    kinds::order(world, kind::PROJECT, id, given)?;
    let own = world.ids.named(&format!("account of the project {id}"));
    let blank = world.accounts.keyless(own, name, &account.domain);
    let own = world.accounts.insert(Account { project: Some(id.to_owned()), ..blank });
    world.accounts.join(own, owner);
    Ok(())
}

/// The project that a parameter names, and the account of its resources. Only who owns it may change it.
fn chosen(world: &World, call: &Call<'_>, parameter: &str) -> Result<(String, AccountIndex), ApiError> {
    let id = call.arguments.need(parameter)?;
    world.own(kind::PROJECT, id, call.account)?;
    let account = world.accounts.of_project(id).ok_or_else(|| ApiError::unknown(kind::PROJECT, id))?;
    Ok((id.to_owned(), account))
}

/// `updateProject`: its text, and whose it is.
pub fn update(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (id, own) = chosen(world, call, "id")?;
    let text = call.arguments.get("displaytext").map(str::to_owned);
    let owner = match call.arguments.get("account") {
        Some(name) => {
            let domain = &world.accounts.get(own).domain;
            let found = world.accounts.named(name, domain);
            Some((name.to_owned(), found.ok_or_else(|| ApiError::value(format!("there is no account {name}")))?))
        }
        None => None,
    };
    if let Some((_, account)) = owner {
        world.accounts.join(own, account);
    }
    world.store.change(kind::PROJECT, &id, |project| {
        if let Some(text) = text {
            project.set("displaytext", text);
        }
        if let Some((name, account)) = owner {
            project.set("account", name);
            project.owner = Owner::Account(account);
        }
    });
    Ok(Reply::Content(generic::shown(world, kind::PROJECT, &id)?))
}

/// `deleteProject`: with what belongs to it.
pub fn delete(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (id, _) = chosen(world, call, "id")?;
    world.store.remove(kind::PROJECT, &id);
    let of_project = world.store.of(kind::INVITATION).filter(|invitation| invitation.text("projectid") == id);
    let invitations: Vec<_> = of_project.map(|invitation| invitation.id().to_owned()).collect();
    for invitation in invitations {
        world.store.remove(kind::INVITATION, &invitation);
    }
    Ok(Reply::Success)
}

/// `addAccountToProject`: an account joins at once; an address is sent an invitation.
pub fn add_account(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (id, own) = chosen(world, call, "projectid")?;
    match (call.arguments.get("account"), call.arguments.get("email")) {
        (Some(name), _) => {
            let member = account_near(world, own, name)?;
            // Who may act for an account need not ask it.
            if world.accounts.may_act_for(call.account, member) {
                world.accounts.join(own, member);
            } else {
                let name = world.accounts.get(member).name.clone();
                invite(world, &id, (&name, ""), member)?;
            }
        }
        (None, Some(email)) => {
            invite(world, &id, ("", email), call.account)?;
        }
        (None, None) => return Err(ApiError::parameter("give the parameter account or the parameter email")),
    }
    Ok(Reply::Success)
}

/// Adds an invitation to a project. Its id.
pub fn invite(world: &mut World, project: &str, whom: (&str, &str), owner: AccountIndex) -> Result<String, ApiError> {
    let arguments = Arguments::of(&[("projectid", project), ("account", whom.0), ("email", whom.1)]);
    let given = Given { arguments: &arguments, caller: AccountIndex::FIRST, owner: Owner::Account(owner) };
    let id = world.ids.fresh();
    kinds::order(world, kind::INVITATION, &id, given)
}

fn account_near(world: &World, project: AccountIndex, name: &str) -> Result<AccountIndex, ApiError> {
    let domain = &world.accounts.get(project).domain;
    let found = world.accounts.named(name, domain).or_else(|| {
        // An account of another domain may be added, too, as long as its name is no one else's.
        world.accounts.find(|account| account.name == name && account.project.is_none())
    });
    found.ok_or_else(|| ApiError::value(format!("there is no account {name}")))
}

/// `deleteAccountFromProject`.
pub fn remove_account(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (id, own) = chosen(world, call, "projectid")?;
    let name = call.arguments.need("account")?;
    let member = account_near(world, own, name)?;
    if !world.accounts.members(own).contains(&member) {
        return Err(ApiError::value(format!("the account {name} is no member of the project {id}")));
    }
    if world.store.existing(kind::PROJECT, &id)?.owner == Owner::Account(member) {
        return Err(ApiError::value(format!("the account {name} owns the project {id}")));
    }
    world.accounts.remove_member(own, member);
    Ok(Reply::Success)
}

/// `listProjectAccounts`.
pub fn accounts(world: &World, _suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let id = call.arguments.need("projectid")?;
    let project = world.store.existing(kind::PROJECT, id)?;
    let own = world.accounts.of_project(id).ok_or_else(|| ApiError::unknown(kind::PROJECT, id))?;
    if !world.accounts.may_act_for(call.account, own) {
        return Err(ApiError::foreign(kind::PROJECT, id));
    }
    let role = |member: AccountIndex| if project.owner == Owner::Account(member) { "Admin" } else { "Regular" };
    let wanted = |member: &AccountIndex| {
        let name = call.arguments.get("account");
        let as_role = call.arguments.get("role");
        name.is_none_or(|name| world.accounts.get(*member).name == name)
            && as_role.is_none_or(|wanted| role(*member) == wanted)
    };
    let members = world.accounts.members(own).iter().copied().filter(wanted);
    Ok(members
        .map(|member| {
            let account = world.accounts.get(member);
            fields(json!({
                "projectid": id,
                "project": project.text("name"),
                "accountid": account.id,
                "account": account.name,
                "accounttype": account.role.number(),
                "role": role(member),
                "domainid": account.domain,
                "domain": world.accounts.domain_of(Owner::Account(member)).name,
                "user": Value::Array(Vec::new()),
                "tags": project.fields.get("tags"),
            }))
        })
        .collect())
}

/// `updateProjectInvitation`: accepted where nothing else is said.
pub fn answer_invitation(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.arguments.need("projectid")?;
    let own = world.accounts.of_project(id).ok_or_else(|| ApiError::unknown(kind::PROJECT, id))?;
    let invited = match call.arguments.get("account") {
        Some(name) => named_account(world, call, name).or_else(|_| account_near(world, own, name))?,
        None => call.account,
    };
    if !world.accounts.may_act_for(call.account, invited) {
        return Err(ApiError::foreign("account", &world.accounts.get(invited).name));
    }
    let invitation = invitation_of(world, id, &world.accounts.get(invited).name)?;
    let accepted = call.arguments.get("accept") != Some("false");
    if accepted {
        world.accounts.join(own, invited);
    }
    let state = if accepted { "Completed" } else { "Declined" };
    world.store.change(kind::INVITATION, &invitation, |invitation| invitation.set("state", state));
    Ok(Reply::Success)
}

/// The invitation of an account to a project: by its name, or by an address whose owner is unknown.
fn invitation_of(world: &World, project: &str, name: &str) -> Result<String, ApiError> {
    let fits = |invitation: &&Record| {
        let invited = invitation.text("account") == name || !invitation.text("email").is_empty();
        invitation.text("projectid") == project && invited
    };
    let found = world.store.of(kind::INVITATION).find(fits);
    let invitation = found.ok_or_else(|| ApiError::value(format!("the project {project} has not invited {name}")))?;
    Ok(invitation.id().to_owned())
}
