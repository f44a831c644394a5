//! Who may ask. `data/esm/accounts.yaml` says it.

use std::sync::LazyLock;

use assay_suite::source::Diagnostics;
use indexmap::IndexMap;
use serde::Deserialize;

use crate::data;
use crate::demonstration::Credentials;
use crate::fault::Fault;

/// The document.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Accounts {
    /// Who has a token. The first is the account that tests work with.
    #[serde(rename = "accounts")]
    pub known: Vec<Account>,
    /// What everybody shows in the other parameters that carry a credential.
    credentials: IndexMap<String, String>,
    /// The mistakes that faults overlook.
    pub overlooked: Vec<Overlooked>,
}

/// Somebody with a token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    name: String,
    /// The token.
    pub token: String,
    /// What it was issued for (3.2).
    #[serde(default)]
    pub scope: Scope,
    /// Whether it was issued less than 24 hours ago (3.2).
    #[serde(default)]
    pub age: Age,
    /// What its owner may do (chapter 5).
    #[serde(default)]
    pub permission: Permission,
    /// Whether the accessed tenant must be named.
    #[serde(default)]
    pub scenario: Scenario,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Scope {
    #[default]
    Project,
    Domain,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Age {
    #[default]
    Valid,
    Expired,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Permission {
    #[default]
    All,
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Scenario {
    #[default]
    Other,
    Hcso,
}

/// A mistake that a fault overlooks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Overlooked {
    /// The fault.
    pub fault: Fault,
    /// In requests of which operation.
    pub operation: String,
    /// In which parameter.
    pub parameter: String,
    /// How the mistake is described.
    #[serde(default)]
    pub begins: String,
}

impl Accounts {
    /// Those of the demonstration. A test holds that the document has no mistakes.
    pub(super) fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Accounts> =
            LazyLock::new(|| data::document("esm/accounts.yaml", &mut Diagnostics::new()).unwrap_or_default());
        &EMBEDDED
    }

    /// What an account shows in a parameter that carries a credential.
    pub(super) fn key<'a>(&'a self, account: &'a Account, credential: &str) -> &'a str {
        match credential {
            "token" => &account.token,
            other => self.credentials.get(other).map_or("", String::as_str),
        }
    }

    /// The tenant of the demonstration.
    pub(super) fn domain(&self) -> &str {
        self.credentials.get("domain").map_or("", String::as_str)
    }

    /// All accounts, as clients know them.
    pub(super) fn credentials(&self) -> Vec<Credentials> {
        let keys = ["token", "app_code", "hcso_app_code", "domain"];
        let of = |account: &Account| Credentials {
            account: account.name.clone(),
            keys: keys.iter().map(|key| (*key, self.key(account, key).to_owned())).collect(),
            url: None,
        };
        self.known.iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accounts_have_no_mistakes() {
        let mut mistakes = Diagnostics::new();
        let accounts: Option<Accounts> = data::document("esm/accounts.yaml", &mut mistakes);
        assert_eq!(mistakes.iter().count(), 0, "{}", data::tests::written(&mistakes));
        assert_eq!(accounts.unwrap().credentials().len(), 5);
    }
}
