//! Load balancers: their machines, how they keep to one, and the groups behind them.

use serde_json::{Value, json};

use crate::present;
use crate::refusal::Refusal;
use crate::resource::fields;
use crate::world::{Fields, Kind, Record, World, kind};
use assay_suite::Suite;

use super::network::check_balancer;
use super::{Call, Reply, generic, kinds};

/// `createLoadBalancerRule`: on an address, which may follow from the network.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    if let Some(address) = call.arguments.get("publicipid") {
        let address = world.own(kind::PUBLIC_ADDRESS, address, call.account)?.id().to_owned();
        check_balancer(world, call, &address)?;
    }
    let id = world.ids.fresh();
    let rule = kinds::make(world, kind::BALANCER, &id, call.given())?;
    generic::add(world, kind::BALANCER, rule)
}

/// `listLoadBalancerRuleInstances`: those assigned to the rule; with `applied=false` those that could be.
pub fn machines(world: &World, _suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, Refusal> {
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

/// Adds a stickiness policy to a rule. Its id.
pub fn add_stickiness(
    world: &mut World,
    rule: &str,
    name: &str,
    method: &str,
    description: &str,
) -> Result<String, Refusal> {
    let id = world.ids.fresh();
    let owner = world.store.existing(kind::BALANCER, rule)?.owner;
    let policy =
        fields(json!({"id": id, "name": name, "methodname": method, "description": description, "state": "Add"}));
    world.add(kind::STICKINESS, Record::new(owner, policy).hiding("lbruleid", rule))
}

/// `createLBStickinessPolicy`.
pub fn create_stickiness(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    const METHODS: [&str; 3] = ["LbCookie", "AppCookie", "SourceBased"];
    let rule = world.own(kind::BALANCER, call.arguments.need("lbruleid")?, call.account)?.id().to_owned();
    let method = call.arguments.need("methodname")?;
    if !METHODS.iter().any(|known| known.eq_ignore_ascii_case(method)) {
        return Err(Refusal::value(format!("there is no method {method}")));
    }
    let description = call.arguments.get("description").unwrap_or_default();
    let id = add_stickiness(world, &rule, call.arguments.need("name")?, method, description)?;
    let made = Value::Object(world.store.existing(kind::STICKINESS, &id)?.fields.clone());
    let shown = policies(world.store.existing(kind::BALANCER, &rule)?, &[made]);
    Ok(Reply::Created { id, content: fields(json!({kind::STICKINESS.name(): shown})) })
}

/// `listLBStickinessPolicies`.
pub fn stickiness(world: &World, _suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, Refusal> {
    let rule = world.own(kind::BALANCER, call.arguments.need("lbruleid")?, call.account)?;
    let of_rule = world.store.of(kind::STICKINESS).filter(|policy| policy.hidden_text("lbruleid") == rule.id());
    let found: Vec<_> = of_rule.map(|policy| Value::Object(policy.fields.clone())).collect();
    Ok(vec![policies(rule, &found)])
}

/// The resources that a parameter names, as another resource shows them.
fn named(world: &World, call: &Call<'_>, kind: Kind, parameter: &str) -> Result<Value, Refusal> {
    let ids = call.arguments.items(parameter);
    let found = ids.into_iter().map(|id| Ok(Value::Object(world.usable(kind, id, call.account)?.fields.clone())));
    found.collect::<Result<Vec<_>, Refusal>>().map(Value::Array)
}

/// `createCondition`.
pub fn create_condition(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    const OPERATORS: [&str; 5] = ["EQ", "GT", "GE", "LT", "LE"];
    let operator = call.arguments.need("relationaloperator")?;
    if !OPERATORS.contains(&operator.to_uppercase().as_str()) {
        return Err(Refusal::value(format!("there is no relation {operator}")));
    }
    let counter = named(world, call, kind::COUNTER, "counterid")?;
    let id = world.ids.fresh();
    let mut condition = kinds::make(world, kind::CONDITION, &id, call.given())?;
    condition.set("counter", counter);
    generic::add(world, kind::CONDITION, condition.hiding("counterid", call.arguments.need("counterid")?))
}

/// `createAutoScalePolicy`.
pub fn create_scale_policy(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    const ACTIONS: [&str; 2] = ["scaleup", "scaledown"];
    let action = call.arguments.need("action")?;
    if !ACTIONS.contains(&action.to_lowercase().as_str()) {
        return Err(Refusal::value(format!("there is no action {action}")));
    }
    let conditions = named(world, call, kind::CONDITION, "conditionids")?;
    let id = world.ids.fresh();
    let mut policy = kinds::make(world, kind::SCALE_POLICY, &id, call.given())?;
    policy.set("conditions", conditions);
    generic::add(world, kind::SCALE_POLICY, policy)
}

/// `createAutoScaleVmGroup`.
pub fn create_scale_group(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    world.own(kind::BALANCER, call.arguments.need("lbruleid")?, call.account)?;
    world.own(kind::SCALE_PROFILE, call.arguments.need("vmprofileid")?, call.account)?;
    let up = named(world, call, kind::SCALE_POLICY, "scaleuppolicyids")?;
    let down = named(world, call, kind::SCALE_POLICY, "scaledownpolicyids")?;
    let id = world.ids.fresh();
    let mut group = kinds::make(world, kind::SCALE_GROUP, &id, call.given())?;
    let number = |field: &str| group.number(field);
    if number("minmembers") > number("maxmembers") {
        return Err(Refusal::value("a group has at least as many members as at most"));
    }
    group.set("scaleuppolicies", up);
    group.set("scaledownpolicies", down);
    generic::add(world, kind::SCALE_GROUP, group)
}
