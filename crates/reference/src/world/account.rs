//! Who uses the cloud: domains as a tree, the accounts in them, and what each may see.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use indexmap::IndexMap;
use serde::Deserialize;
use sha2::{Digest, Sha512};

use super::ids::Ids;

/// A domain: the accounts of one customer, and the domains below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the domain that it is in; none for the root.
    pub parent: Option<String>,
    /// The names of all domains on the way to it: `ROOT/sales`.
    pub path: String,
}

impl Domain {
    /// The domain that encloses all others.
    pub fn root(ids: &Ids) -> Self {
        Self { id: ids.named("domain ROOT"), name: "ROOT".into(), parent: None, path: "ROOT".into() }
    }
}

/// What an account may manage (`CloudStack` developer's guide 4.1, 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Its own virtual resources.
    User,
    /// The virtual resources of its domain and the domains below.
    DomainAdmin,
    /// Everything, virtual and physical.
    RootAdmin,
}

impl Role {
    /// The number that answers show as `accounttype`.
    pub fn number(self) -> u8 {
        match self {
            Self::User => 0,
            Self::RootAdmin => 1,
            Self::DomainAdmin => 2,
        }
    }

    /// The role with a number.
    pub fn of_number(number: &str) -> Option<Self> {
        [Self::User, Self::RootAdmin, Self::DomainAdmin].into_iter().find(|role| role.number().to_string() == number)
    }
}

/// Whether an account may ask for anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Enabled,
    /// It may not.
    Disabled,
}

/// Why the number of an account's requests is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It is only if all are.
    AsAll,
    /// It always is, so that a client can see what happens then.
    Limited,
}

/// An account, with its first user.
#[derive(Clone)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its user's id.
    pub user: String,
    /// The key that names it; blank if it has none.
    pub api_key: String,
    /// The key that it signs with.
    pub secret_key: String,
    /// The id of its domain.
    pub domain: String,
    /// What it may manage.
    pub role: Role,
    /// Whether it may ask for anything.
    pub standing: Standing,
    /// Whether the number of its requests is limited.
    pub pace: Pace,
    /// The id of the project whose resources it owns; none for an account of people.
    pub project: Option<String>,
}

/// The place of an account among all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountIndex(usize);

impl AccountIndex {
    /// The account that was added first: the one that tests work with.
    pub const FIRST: Self = Self(0);
}

/// Whose a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The provider's, for everyone to use.
    Everyone,
    /// One account's.
    Account(AccountIndex),
}

impl Owner {
    /// Whether an account may see what this owner has.
    pub fn shows_to(self, account: AccountIndex) -> bool {
        self == Self::Everyone || self == Self::Account(account)
    }
}

/// All accounts. None is ever removed: one that is deleted can no longer ask.
pub struct Accounts {
    root: Domain,
    domains: IndexMap<String, Domain>,
    service: Account,
    users: Vec<Account>,
    members: HashMap<AccountIndex, Vec<AccountIndex>>,
}

impl Accounts {
    /// None yet, but for the provider's own, which owns what belongs to everyone.
    pub fn new(root: Domain) -> Self {
        let service = Account {
            id: String::new(),
            name: "system".into(),
            user: String::new(),
            api_key: String::new(),
            secret_key: String::new(),
            domain: root.id.clone(),
            role: Role::RootAdmin,
            standing: Standing::Enabled,
            pace: Pace::AsAll,
            project: None,
        };
        let domains = IndexMap::from([(root.id.clone(), root.clone())]);
        Self { root, domains, service, users: Vec::new(), members: HashMap::new() }
    }

    /// Adds a user's account in the root domain. Its keys follow from its name and that of the world.
    pub fn add(&mut self, name: &str, ids: &Ids) -> AccountIndex {
        let account = Account {
            id: ids.named(&format!("account {name}")),
            name: name.to_owned(),
            user: ids.named(&format!("user {name}")),
            api_key: key(ids, &format!("API key {name}")),
            secret_key: key(ids, &format!("secret key {name}")),
            ..self.service.clone()
        };
        self.insert(Account { role: Role::User, ..account })
    }

    /// Adds an account.
    pub fn insert(&mut self, account: Account) -> AccountIndex {
        self.users.push(account);
        AccountIndex(self.users.len() - 1)
    }

    /// An account without keys, to be completed.
    pub fn keyless(&self, id: String, name: &str, domain: &str) -> Account {
        let blank = self.service.clone();
        Account { id, name: name.to_owned(), domain: domain.to_owned(), role: Role::User, ..blank }
    }

    /// Adds a domain below another. Its id.
    pub fn add_domain(&mut self, id: String, name: &str, parent: &Domain) -> String {
        let path = format!("{}/{name}", parent.path);
        let domain = Domain { id: id.clone(), name: name.to_owned(), parent: Some(parent.id.clone()), path };
        self.domains.insert(id.clone(), domain);
        id
    }

    /// The domain that encloses all others.
    pub fn domain(&self) -> &Domain {
        &self.root
    }

    /// The domain with an id.
    pub fn domain_with(&self, id: &str) -> Option<&Domain> {
        self.domains.get(id)
    }

    /// The domain with the names of all domains on the way to it, `ROOT/sales`, in any case.
    pub fn domain_at(&self, path: &str) -> Option<&Domain> {
        self.domains.values().find(|domain| domain.path.eq_ignore_ascii_case(path))
    }

    /// The domain of an owner: the root where something belongs to everyone.
    pub fn domain_of(&self, owner: Owner) -> &Domain {
        self.domains.get(&self.owner(owner).domain).unwrap_or(&self.root)
    }

    /// Whether a domain is another one, or lies below it.
    pub fn is_within(&self, domain: &str, enclosing: &str) -> bool {
        let mut at = self.domains.get(domain);
        while let Some(known) = at {
            if known.id == enclosing {
                return true;
            }
            at = known.parent.as_ref().and_then(|parent| self.domains.get(parent));
        }
        false
    }

    /// The account at a place.
    pub fn get(&self, index: AccountIndex) -> &Account {
        self.users.get(index.0).unwrap_or(&self.service)
    }

    /// The account at a place, to change it.
    pub fn get_mut(&mut self, index: AccountIndex) -> Option<&mut Account> {
        self.users.get_mut(index.0)
    }

    /// The account that owns something: the provider's where it belongs to everyone.
    pub fn owner(&self, owner: Owner) -> &Account {
        match owner {
            Owner::Everyone => &self.service,
            Owner::Account(index) => self.get(index),
        }
    }

    /// The account with an API key.
    pub fn with_key(&self, api_key: &str) -> Option<AccountIndex> {
        self.find(|account| !api_key.is_empty() && account.api_key == api_key)
    }

    /// The first account that fits.
    pub fn find(&self, fits: impl FnMut(&Account) -> bool) -> Option<AccountIndex> {
        self.users.iter().position(fits).map(AccountIndex)
    }

    /// The account with a name in a domain.
    pub fn named(&self, name: &str, domain: &str) -> Option<AccountIndex> {
        self.find(|account| account.name == name && account.domain == domain && account.project.is_none())
    }

    /// The account that owns the resources of a project.
    pub fn of_project(&self, project: &str) -> Option<AccountIndex> {
        self.find(|account| account.project.as_deref() == Some(project))
    }

    /// All accounts in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.users.iter()
    }

    /// Lets an account use a project.
    pub fn join(&mut self, project: AccountIndex, member: AccountIndex) {
        let members = self.members.entry(project).or_default();
        if !members.contains(&member) {
            members.push(member);
        }
    }

    /// No longer lets an account use a project.
    pub fn remove_member(&mut self, project: AccountIndex, member: AccountIndex) {
        self.members.entry(project).or_default().retain(|known| *known != member);
    }

    /// The accounts that may use a project.
    pub fn members(&self, project: AccountIndex) -> &[AccountIndex] {
        self.members.get(&project).map_or(&[], Vec::as_slice)
    }

    /// Whether an account may see and change what another one owns.
    pub fn may_act_for(&self, caller: AccountIndex, other: AccountIndex) -> bool {
        let asking = self.get(caller);
        let by_role = match asking.role {
            Role::User => false,
            Role::DomainAdmin => self.is_within(&self.get(other).domain, &asking.domain),
            Role::RootAdmin => true,
        };
        caller == other || by_role || self.members(other).contains(&caller)
    }

    /// Whether an account may change something. What belongs to everyone is the root administrator's to change.
    pub fn may_change(&self, caller: AccountIndex, owner: Owner) -> bool {
        match owner {
            Owner::Everyone => self.get(caller).role == Role::RootAdmin,
            Owner::Account(other) => self.may_act_for(caller, other),
        }
    }
}

/// 86 characters, as long as CloudStack's keys, and the same at every start.
fn key(ids: &Ids, name: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha512::digest(ids.named(name)))
}
