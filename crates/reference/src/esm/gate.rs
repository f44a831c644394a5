//! Who asks, and whether they may.

use crate::demonstration::Credentials;
use crate::fault::Fault;
use crate::service::api::Incoming;
use crate::world::Rules;
use assay_suite::{Operation, Presence};

use super::refusal::ApiError;

/// The tenant of the demonstration.
pub(super) const DOMAIN: &str = "d1803845584b4626850ce57a8a020e4f";

/// Somebody with a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    name: &'static str,
    token: &'static str,
    scope: Scope,
    age: Age,
    permission: Permission,
    scenario: Scenario,
}

/// What a token was issued for (3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Project,
    Domain,
}

/// Whether a token was issued less than 24 hours ago (3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Valid,
    Expired,
}

/// What its owner may do (chapter 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permission {
    All,
    None,
}

/// Whether the accessed tenant must be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scenario {
    Hcso,
    Other,
}

const PLAIN: Account = Account {
    name: "main",
    token: "token-main",
    scope: Scope::Project,
    age: Age::Valid,
    permission: Permission::All,
    scenario: Scenario::Other,
};

const ACCOUNTS: [Account; 5] = [
    PLAIN,
    Account { name: "unprivileged", token: "token-unprivileged", permission: Permission::None, ..PLAIN },
    Account { name: "expired", token: "token-expired", age: Age::Expired, ..PLAIN },
    Account { name: "domain_scoped", token: "token-domain-scoped", scope: Scope::Domain, ..PLAIN },
    Account { name: "hcso", token: "token-hcso", scenario: Scenario::Hcso, ..PLAIN },
];

impl Account {
    /// What it shows in a parameter that carries a credential.
    fn key(&self, credential: &str) -> &'static str {
        match credential {
            "token" => self.token,
            "app_code" => "app-code-1",
            "hcso_app_code" => "app-code-2",
            "domain" => DOMAIN,
            _ => "",
        }
    }
}

/// All accounts, as clients know them.
pub(super) fn credentials() -> Vec<Credentials> {
    let keys = ["token", "app_code", "hcso_app_code", "domain"];
    let of = |account: &Account| Credentials {
        account: account.name.to_owned(),
        keys: keys.iter().map(|key| (*key, account.key(key).to_owned())).collect(),
        url: None,
    };
    ACCOUNTS.iter().map(of).collect()
}

/// Whether a request may be carried out. An operation without a token (4.1.1) is for everybody.
pub(super) fn pass(operation: &Operation, request: &Incoming, rules: &Rules) -> Result<(), ApiError> {
    let Some(account) = authenticate(operation, request, rules)? else { return Ok(()) };
    let of = |fault, name| rules.faults.has(fault) && operation.name.value.0 == name;
    for parameter in operation.parameters.values() {
        let Some(credential) = parameter.credential.as_deref().filter(|credential| *credential != "token") else {
            continue;
        };
        let name = parameter.name.value.as_str();
        let needed = parameter.presence == Presence::Required
            || credential == "domain"
                && account.scenario == Scenario::Hcso
                && !of(Fault::EsmTenantNotAsked, "device-alarm");
        let unasked = name == "X-APIG-Appcode" && of(Fault::EsmAppCodeNotAsked, "elbv3-capacity");
        match request.header(&name.to_lowercase()) {
            None if needed && !unasked => return Err(ApiError::unauthorized(format!("{name} is missing"))),
            Some(given) if given != account.key(credential) => {
                let unchecked = name == "x-hcso-appcode" && of(Fault::EsmAppCodeNotChecked, "host-detail");
                if !unchecked {
                    return Err(ApiError::unauthorized(format!("{name} is unknown")));
                }
            }
            _ => {}
        }
    }
    let privileged = account.permission == Permission::All || of(Fault::EsmPermissionNotChecked, "device-asset");
    if privileged { Ok(()) } else { Err(ApiError::forbidden("the permission for this interface is missing")) }
}

/// Whose token it is; unknown if none is asked for.
fn authenticate(operation: &Operation, request: &Incoming, rules: &Rules) -> Result<Option<Account>, ApiError> {
    let asked = |parameter: &&assay_suite::Parameter| parameter.credential.as_deref() == Some("token");
    let Some(parameter) = operation.parameters.values().find(asked) else { return Ok(None) };
    let of = |fault, name| rules.faults.has(fault) && operation.name.value.0 == name;
    let given = request.header(&parameter.name.value.to_lowercase());
    let account = ACCOUNTS.into_iter().find(|account| given == Some(account.token));
    let unasked = given.is_none() && of(Fault::EsmTokenNotAsked, "host-vms");
    let unchecked = given.is_some() && of(Fault::EsmTokenNotChecked, "audit-log");
    let account = account.or((unasked || unchecked).then_some(PLAIN));
    let failed = || {
        if of(Fault::EsmTokenFailureForbidden, "get-query-job") {
            ApiError::forbidden("the token is not valid")
        } else {
            ApiError::unauthorized("the token is not valid".to_owned())
        }
    };
    let account = account.ok_or_else(failed)?;
    if account.age == Age::Expired && !rules.faults.has(Fault::EsmExpiredTokenAccepted) {
        return Err(ApiError::unauthorized("the token has expired".to_owned()));
    }
    if account.scope == Scope::Domain && !rules.faults.has(Fault::EsmDomainScopeAccepted) {
        return Err(ApiError::unauthorized("the token is not that of a project".to_owned()));
    }
    Ok(Some(account))
}
