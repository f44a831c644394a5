//! Whose resources a call is about (`CloudStack` developer's guide 4.1, 4.3.3).

use crate::fault::{Fault, Faults};
use crate::model::Concerns;
use crate::refusal::ApiError;
use crate::world::{AccountIndex, Kind, Owner, Role, World, kind};

use super::call::Call;

/// The project of all projects.
const ALL_PROJECTS: &str = "-1";

/// Whose resources a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The caller's own, be it an administrator or not.
    Own,
    /// An account's.
    Account(AccountIndex),
    /// Those of the accounts in a domain.
    Domain {
        /// The domain's id.
        id: String,
        /// Whether it is the domain alone.
        depth: Depth,
    },
    /// A project's.
    Project(AccountIndex),
    /// Those of all projects that the caller may see.
    Projects,
    /// All that the caller may see, but for those of projects.
    All,
}

/// Whether a domain is meant with those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// It alone.
    Alone,
    /// With all those below.
    Recursive,
}

/// The account for which a call that is not a list asks.
pub fn target(world: &World, call: &Call<'_>) -> Result<AccountIndex, ApiError> {
    // To some the parameters name what is acted upon, not for whom; they look at them themselves.
    if call.command.concerns == Concerns::Object {
        return Ok(call.account);
    }
    match Scope::read(world, call)? {
        Scope::Account(account) | Scope::Project(account) => Ok(account),
        _ => Ok(call.account),
    }
}

/// The account that `account` and `domainid` name. The domain is the caller's own where it is left out.
pub fn named_account(world: &World, call: &Call<'_>, name: &str) -> Result<AccountIndex, ApiError> {
    let own = &world.accounts.get(call.account).domain;
    let domain = call.arguments.get("domainid").unwrap_or(own);
    let found = world.accounts.named(name, domain);
    found.ok_or_else(|| ApiError::value(format!("there is no account {name} in the domain {domain}")))
}

impl Scope {
    /// What the parameters of a call choose.
    pub fn read(world: &World, call: &Call<'_>) -> Result<Self, ApiError> {
        let given = |name: &str| call.arguments.get(name).filter(|_| call.operation.parameters.contains_key(name));
        let faults = &world.rules.faults;
        let ignored = call.name() == "listSecurityGroups" && faults.has(Fault::CloudstackProjectIgnored);
        if let Some(project) = given("projectid").filter(|_| !ignored) {
            return Self::of_project(world, call, project);
        }
        if let Some(name) = given("account") {
            let account = named_account(world, call, name)?;
            let tolerated = call.name() == "listVirtualMachines" && faults.has(Fault::CloudstackForeignAccountListed);
            if !tolerated && !world.accounts.may_act_for(call.account, account) {
                return Err(ApiError::foreign("account", name));
            }
            return Ok(Self::Account(account));
        }
        if let Some(domain) = given("domainid") {
            return Self::of_domain(world, call, domain, given("isrecursive") == Some("true"));
        }
        // Who names a resource means it, wherever it may be; whoever may not see it still does not.
        Ok(if given("listall") == Some("true") || given("id").is_some() { Self::All } else { Self::Own })
    }

    fn of_project(world: &World, call: &Call<'_>, project: &str) -> Result<Self, ApiError> {
        if project == ALL_PROJECTS {
            return Ok(Self::Projects);
        }
        let account = world.accounts.of_project(project).ok_or_else(|| ApiError::unknown(kind::PROJECT, project))?;
        // Whoever is invited to a project may see the invitation.
        let invited = call.name() == "listProjectInvitations"
            && world.store.owned_by(kind::INVITATION, call.account).any(|known| known.text("projectid") == project);
        if invited || world.accounts.may_act_for(call.account, account) {
            Ok(Self::Project(account))
        } else {
            Err(ApiError::foreign(kind::PROJECT, project))
        }
    }

    fn of_domain(world: &World, call: &Call<'_>, id: &str, recursive: bool) -> Result<Self, ApiError> {
        if world.accounts.domain_with(id).is_none() {
            return Err(ApiError::unknown("domain", id));
        }
        let caller = world.accounts.get(call.account);
        if caller.role != Role::RootAdmin && !world.accounts.is_within(id, &caller.domain) {
            return Err(ApiError::foreign("domain", id));
        }
        let depth = match call.name() {
            "listVirtualMachines" if world.rules.faults.has(Fault::CloudstackRecursionIgnored) => Depth::Alone,
            "listVirtualMachines" if world.rules.faults.has(Fault::CloudstackAlwaysRecursive) => Depth::Recursive,
            _ if recursive => Depth::Recursive,
            _ => Depth::Alone,
        };
        Ok(Self::Domain { id: id.to_owned(), depth })
    }

    /// Whether what an owner has is shown to a caller.
    pub fn shows(&self, world: &World, caller: AccountIndex, owner: Owner) -> bool {
        let Owner::Account(owner) = owner else { return true };
        let accounts = &world.accounts;
        let account = accounts.get(owner);
        let projects = account.project.is_some();
        match self {
            Self::Own => owner == caller,
            Self::Account(chosen) | Self::Project(chosen) => owner == *chosen,
            Self::Domain { id, depth } => {
                let inside = match depth {
                    Depth::Alone => account.domain == *id,
                    Depth::Recursive => accounts.is_within(&account.domain, id),
                };
                inside && !projects && accounts.may_act_for(caller, owner)
            }
            Self::Projects => projects && accounts.may_act_for(caller, owner),
            Self::All => !projects && accounts.may_act_for(caller, owner),
        }
    }

    /// The faults that show more than the scope does.
    pub fn shows_by_mistake(&self, world: &World, kind: Kind, owner: Owner) -> bool {
        let faults: &Faults = &world.rules.faults;
        let Owner::Account(owner) = owner else { return false };
        let projects = world.accounts.get(owner).project.is_some();
        match (self, kind) {
            (Self::Own, kind::MACHINE) => faults.has(Fault::CloudstackAdminSeesAll),
            (Self::All, kind::SECURITY_GROUP) => projects && faults.has(Fault::CloudstackListallShowsProjects),
            _ => false,
        }
    }
}
