//! Load balancers: their machines, how they keep to one, and the groups behind them.

use serde_json::{Value, json};

use crate::present;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{Fields, Record, World, kind};
use assay_suite::Suite;

use super::call::{Call, Reply};
use super::kinds::{self, Given};

/// `listLoadBalancerRuleInstances`: those assigned to the rule; with `applied=false` those that could be.
pub fn machines(world: &World, _suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let rule = world.own(kind::BALANCER, call.arguments.need("id")?, call.account)?;
    let assigned = rule.hidden_text("machines").split(',').collect::<Vec<_>>();
    let applied = call.arguments.get("applied") != Some("false");
    let machines = world
        .store
        .of(kind::MACHINE)
        .filter(|machine| machine.owner == rule.owner && assigned.contains(&machine.id()) == applied);
    Ok(machines.map(|machine| present::listed(world, kind::MACHINE, &machine.fields)).collect())
}

/// The policies of a rule, as answers show them.
fn policies(rule: &Record, policies: &[Value]) -> Fields {
    fields(json!({
        "lbruleid": rule.id(),
        "name": rule.text("name"),
        "description": rule.text("description"),
        "account": rule.text("account"),
        "domainid": rule.text("domainid"),
        "domain": rule.text("domain"),
        "state": rule.text("state"),
        "zoneid": rule.text("zoneid"),
        "stickinesspolicy": policies,
    }))
}

/// `createLBStickinessPolicy`.
pub fn create_stickiness(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    const METHODS: [&str; 3] = ["LbCookie", "AppCookie", "SourceBased"];
    let rule = world.own(kind::BALANCER, call.arguments.need("lbruleid")?, call.account)?;
    let (rule, owner) = (rule.id().to_owned(), rule.owner);
    let method = call.arguments.need("methodname")?;
    if !METHODS.iter().any(|known| known.eq_ignore_ascii_case(method)) {
        return Err(ApiError::value(format!("there is no method {method}")));
    }
    let id = world.ids.fresh();
    kinds::order(world, kind::STICKINESS, &id, Given { owner, ..call.given() })?;
    let made = Value::Object(world.store.existing(kind::STICKINESS, &id)?.fields.clone());
    let shown = policies(world.store.existing(kind::BALANCER, &rule)?, &[made]);
    Ok(Reply::Created { id, content: fields(json!({kind::STICKINESS.name(): shown})) })
}

/// `listLBStickinessPolicies`.
pub fn stickiness(world: &World, _suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let rule = world.own(kind::BALANCER, call.arguments.need("lbruleid")?, call.account)?;
    let of_rule = world.store.of(kind::STICKINESS).filter(|policy| policy.hidden_text("lbruleid") == rule.id());
    let found: Vec<_> = of_rule.map(|policy| Value::Object(policy.fields.clone())).collect();
    Ok(vec![policies(rule, &found)])
}

/// Refuses a group that is to have more members at least than at most; one is what it has where nothing is said.
pub fn check_members(_world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    let number = |name: &str| call.arguments.get(name).map_or(Some(1), |text| text.parse::<u64>().ok());
    match number("minmembers").zip(number("maxmembers")) {
        Some((least, most)) if least > most => Err(ApiError::value("a group has at least as many members as at most")),
        _ => Ok(()),
    }
}
