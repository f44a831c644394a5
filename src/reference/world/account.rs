//! Who uses the cloud.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha512};

use super::{Ids, Owner};

/// A domain: the accounts of one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Domain {
    /// The domain that encloses all others.
    pub fn root(ids: &Ids) -> Self {
        Self { id: ids.named("domain ROOT"), name: "ROOT".into() }
    }
}

/// An account, with its one user.
#[derive(Clone)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its user's id.
    pub user: String,
    /// The key that names it.
    pub api_key: String,
    /// The key that it signs with.
    pub secret_key: String,
}

/// The place of an account among all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountIndex(usize);

impl AccountIndex {
    /// The account that was added first: the one that tests work with.
    pub const FIRST: Self = Self(0);
}

/// All accounts. They are of one domain, and none is ever removed.
pub struct Accounts {
    domain: Domain,
    service: Account,
    users: Vec<Account>,
}

impl Accounts {
    /// None yet, but for the provider's own, which owns what belongs to everyone.
    pub fn new(domain: Domain) -> Self {
        let service = Account {
            id: String::new(),
            name: "system".into(),
            user: String::new(),
            api_key: String::new(),
            secret_key: String::new(),
        };
        Self { domain, service, users: Vec::new() }
    }

    /// Adds an account. Its keys follow from its name and that of the world.
    pub fn add(&mut self, name: &str, ids: &Ids) -> AccountIndex {
        self.users.push(Account {
            id: ids.named(&format!("account {name}")),
            name: name.to_owned(),
            user: ids.named(&format!("user {name}")),
            api_key: key(ids, &format!("API key {name}")),
            secret_key: key(ids, &format!("secret key {name}")),
        });
        AccountIndex(self.users.len() - 1)
    }

    /// The domain of all accounts.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The account at a place.
    pub fn get(&self, index: AccountIndex) -> &Account {
        self.users.get(index.0).unwrap_or(&self.service)
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
        self.users.iter().position(|account| account.api_key == api_key).map(AccountIndex)
    }

    /// All accounts in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.users.iter()
    }
}

/// 86 characters, as long as CloudStack's keys, and the same at every start.
fn key(ids: &Ids, name: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha512::digest(ids.named(name)))
}
