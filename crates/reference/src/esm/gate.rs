//! Who asks, and whether they may.

use crate::api::Incoming;
use crate::fault::Fault;
use crate::world::Rules;
use assay_suite::{Operation, Presence};

use super::accounts::{Account, Accounts, Age, Permission, Scenario, Scope};
use super::refusal::ApiError;

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
            Some(given) if given != Accounts::embedded().key(account, credential) => {
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
fn authenticate(
    operation: &Operation,
    request: &Incoming,
    rules: &Rules,
) -> Result<Option<&'static Account>, ApiError> {
    let asked = |parameter: &&assay_suite::Parameter| parameter.credential.as_deref() == Some("token");
    let Some(parameter) = operation.parameters.values().find(asked) else { return Ok(None) };
    let of = |fault, name| rules.faults.has(fault) && operation.name.value.0 == name;
    let given = request.header(&parameter.name.value.to_lowercase());
    let accounts = &Accounts::embedded().known;
    let account = accounts.iter().find(|account| given == Some(account.token.as_str()));
    let unasked = given.is_none() && of(Fault::EsmTokenNotAsked, "host-vms");
    let unchecked = given.is_some() && of(Fault::EsmTokenNotChecked, "audit-log");
    let account = account.or(accounts.first().filter(|_| unasked || unchecked));
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
