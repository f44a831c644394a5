//! How much an account may have, and how often it may ask (`CloudStack` developer's guide 4.1, 5.4 and 6.5).

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::model::Limited;
use crate::policy::Checks;
use crate::refusal::{ApiError, Reason};
use crate::resource::fields;
use crate::throttle::{DELIVERED, throttle_of};
use crate::world::{AccountIndex, Fields, Kind, Owner, World};
use assay_suite::Suite;

use super::call::{Call, Reply};
use super::scope::{Scope, named_account};

/// What is shown of a limit. `-1` is none.
fn shown(world: &World, account: AccountIndex, (kind, of): Limit) -> Fields {
    let mut shown = Fields::new();
    super::kinds::owner_fields(world, Owner::Account(account), &mut shown);
    let limit = world.limits.of(account, kind).and_then(|limit| i64::try_from(limit).ok());
    shown.insert("resourcetype".into(), of.number.to_string().into());
    shown.insert("max".into(), limit.unwrap_or(-1).into());
    shown
}

/// A kind whose number is limited.
type Limit = (Kind, &'static Limited);

fn wanted(world: &World, call: &Call<'_>) -> Result<Vec<Limit>, ApiError> {
    let all = world.rules.model.limited();
    let Some(number) = call.arguments.get("resourcetype") else { return Ok(all) };
    let known = all.into_iter().find(|(_, limited)| limited.number.to_string() == number);
    Ok(vec![known.ok_or_else(|| ApiError::value(format!("there is no type of resource {number}")))?])
}

/// The account whose limits a call is about.
fn concerned(world: &World, call: &Call<'_>) -> Result<AccountIndex, ApiError> {
    match Scope::read(world, call)? {
        Scope::Account(account) | Scope::Project(account) => Ok(account),
        _ => Ok(call.account),
    }
}

/// `listResourceLimits`.
pub fn limits(world: &World, _suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let account = concerned(world, call)?;
    Ok(wanted(world, call)?.into_iter().map(|of| shown(world, account, of)).collect())
}

/// `updateResourceLimit`.
pub fn update(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let account = match call.arguments.get("account") {
        Some(name) => named_account(world, call, name)?,
        None => concerned(world, call)?,
    };
    let most = call.arguments.get("max").unwrap_or("-1");
    let limit = match most {
        "-1" => None,
        text => Some(text.parse().map_err(|_| ApiError::value(format!("max is a number, not {text}")))?),
    };
    call.arguments.need("resourcetype")?;
    let of = wanted(world, call)?[0];
    world.limits.set(account, of.0, limit);
    Ok(Reply::Content(fields(json!({"resourcelimit": shown(world, account, of)}))))
}

/// `updateResourceCount`: counts anew, and shows what was counted.
pub fn update_count(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let account = match call.arguments.get("account") {
        Some(name) => named_account(world, call, name)?,
        None => concerned(world, call)?,
    };
    let counts = wanted(world, call)?.into_iter().map(|(kind, of)| {
        let mut shown = Fields::new();
        super::kinds::owner_fields(world, Owner::Account(account), &mut shown);
        shown.insert("resourcetype".into(), of.number.to_string().into());
        shown.insert("resourcecount".into(), world.store.owned_by(kind, account).count().into());
        Value::Object(shown)
    });
    let counts: Vec<_> = counts.collect();
    Ok(Reply::Content(fields(json!({"count": counts.len(), "resourcecount": counts}))))
}

/// `getApiLimit`: how often the account has asked, and how often it may.
pub fn get_api_limit(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let throttle = throttle_of(world, call.account);
    if throttle.is_none() && world.rules.policy.checks == Checks::Server {
        let text = "This api is only available when api.throttling.enabled = true.";
        return Err(ApiError::new(Reason::Forbidden, text));
    }
    let throttle = throttle.unwrap_or(DELIVERED);
    let now = world.now;
    let interval = *world.counters.interval(call.account, throttle, now);
    let allowed = throttle.requests.get();
    let account = world.accounts.get(call.account);
    let left = interval.end.duration_since(now).as_millis();
    Ok(Reply::Content(fields(json!({"apilimit": {
        "accountid": account.id,
        "account": account.name,
        "apiIssued": interval.requests,
        "apiAllowed": allowed.saturating_sub(interval.requests),
        "expireAfter": i64::try_from(left).unwrap_or(0).max(0),
    }}))))
}

/// `resetApiLimit`: of one account, or of all.
pub fn reset_api_limit(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    if let Some(id) = call.arguments.get("account") {
        let found = world.accounts.find(|account| account.id == id || account.name == id);
        let account = found.ok_or_else(|| ApiError::unknown("account", id))?;
        if !world.rules.faults.has(Fault::CloudstackApiLimitNotReset) {
            world.counters.reset(account);
        }
    } else {
        world.counters.reset_all();
    }
    Ok(Reply::Success)
}
