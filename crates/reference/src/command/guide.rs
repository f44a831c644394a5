//! What narrows the lists of CloudStack's guide besides the fields of their items.

use serde_json::Value;

use crate::fault::Fault;
use crate::refusal::{ApiError, Reason};
use crate::world::{Fields, Kind, Owner, Role, World, kind, read_moment};

use super::call::Call;
use super::candidate::{Candidate, Condition};
use super::scope::Scope;

fn is_true(fields: &Fields, field: &str) -> bool {
    fields.get(field) == Some(&Value::Bool(true))
}

fn text<'a>(fields: &'a Fields, field: &str) -> &'a str {
    fields.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// `templatefilter` (4.3.3).
pub fn template_filter<'a>(world: &'a World, call: &Call<'a>) -> Result<Vec<Condition<'a>>, ApiError> {
    images(world, call, call.arguments.get("templatefilter").unwrap_or("executable"))
}

/// `isofilter`: the same for installation media.
pub fn iso_filter<'a>(world: &'a World, call: &Call<'a>) -> Result<Vec<Condition<'a>>, ApiError> {
    images(world, call, call.arguments.get("isofilter").unwrap_or("selfexecutable"))
}

fn images<'a>(world: &'a World, call: &Call<'a>, filter: &'a str) -> Result<Vec<Condition<'a>>, ApiError> {
    let role = world.accounts.get(call.account).role;
    if filter == "all" && role == Role::User {
        return Err(ApiError::new(Reason::Permission, "all templates are for administrators"));
    }
    let faults = &world.rules.faults;
    let chosen = match Scope::read(world, call)? {
        Scope::Account(account) | Scope::Project(account) => account,
        _ => call.account,
    };
    let caller = world.accounts.get(call.account).id.as_str();
    Ok(vec![Box::new(move |image: &Candidate<'_>| {
        let fields = &*image.fields;
        let own = image.owner == Owner::Account(chosen);
        let (public, featured) = (is_true(fields, "ispublic"), is_true(fields, "isfeatured"));
        let ready = is_true(fields, "isready");
        let granted = image.granted.iter().any(|account| account == caller);
        match filter {
            "featured" => featured && public,
            "self" => own,
            "selfexecutable" => own && (ready || faults.has(Fault::CloudstackSelfShowsUnready)),
            "sharedexecutable" => granted && ready && !faults.has(Fault::CloudstackSharedNotListed),
            "executable" => (own || public) && ready,
            "community" => public && (!featured || faults.has(Fault::CloudstackCommunityShowsFeatured)),
            _ => match image.owner {
                Owner::Everyone => true,
                Owner::Account(owner) => world.accounts.may_act_for(chosen, owner),
            },
        }
    })])
}

/// The conditions that the parameters of other lists set.
pub fn conditions<'a>(world: &'a World, call: &Call<'a>, kind: Kind) -> Result<Vec<Condition<'a>>, ApiError> {
    let mut conditions: Vec<Condition<'a>> = match kind {
        kind::SECURITY_GROUP => of_machine(world, call),
        kind::USAGE => within_days(call)?,
        kind::PUBLIC_ADDRESS => vec![Box::new(|address| text(&address.fields, "state") == "Allocated")],
        _ => Vec::new(),
    };
    let given = |name: &str| call.arguments.get(name).filter(|_| call.operation.parameters.contains_key(name));
    if let Some(wanted) = given("forvpc").filter(|_| matches!(kind, kind::NETWORK | kind::ROUTER)) {
        let wanted = wanted == "true";
        conditions.push(Box::new(move |item| text(&item.fields, "vpcid").is_empty() != wanted));
    }
    if let Some(network) = given("networkid").filter(|_| matches!(kind, kind::MACHINE | kind::ROUTER)) {
        conditions.push(Box::new(move |item| on_network(&item.fields, network)));
    }
    if let Some(wanted) = given("intervaltype").filter(|_| kind == kind::SNAPSHOT) {
        conditions.push(Box::new(move |snapshot| text(&snapshot.fields, "intervaltype").eq_ignore_ascii_case(wanted)));
    }
    if let Some(wanted) = given("securitygroupenabled").filter(|_| kind == kind::ZONE) {
        let wanted = wanted == "true";
        conditions.push(Box::new(move |zone| is_true(&zone.fields, "securitygroupsenabled") == wanted));
    }
    if let Some(wanted) = given("supportedservices") {
        let wanted: Vec<_> = wanted.split(',').collect();
        conditions.push(Box::new(move |item| wanted.iter().all(|name| offers(&item.fields, name))));
    }
    if kind == kind::USAGE {
        for (parameter, field) in [("type", "usagetype"), ("accountid", "accountid")] {
            if let Some(wanted) = given(parameter) {
                conditions.push(Box::new(move |record| {
                    record.fields.get(field).is_some_and(|value| value.to_string().trim_matches('"') == wanted)
                }));
            }
        }
    }
    Ok(conditions)
}

fn on_network(fields: &Fields, network: &str) -> bool {
    let nics = fields.get("nic").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let there = |nic: &Value| nic.get("networkid").and_then(Value::as_str) == Some(network);
    nics.iter().any(there) || text(fields, "guestnetworkid") == network
}

fn offers(fields: &Fields, service: &str) -> bool {
    let services = fields.get("service").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    services.iter().any(|known| known.get("name").and_then(Value::as_str) == Some(service))
}

/// `startdate` and `enddate`: the records of these days, both of them included.
fn within_days<'a>(call: &Call<'_>) -> Result<Vec<Condition<'a>>, ApiError> {
    let day = |name: &str| match call.arguments.get(name) {
        Some(text) => match read_moment(text) {
            Some(moment) => Ok(Some((moment, text.len() <= "2013-06-13".len()))),
            None => Err(ApiError::value(format!("{name} can't be {text}"))),
        },
        None => Ok(None),
    };
    let (first, last) = (day("startdate")?.map(|(moment, _)| moment), day("enddate")?);
    let last =
        last.map(|(moment, whole_day)| if whole_day { moment + jiff::SignedDuration::from_hours(24) } else { moment });
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        return Err(ApiError::value("the period ends before it begins"));
    }
    let moment = |fields: &Fields, field: &str| read_moment(text(fields, field));
    Ok(vec![Box::new(move |record| {
        let (begun, ended) = (moment(&record.fields, "startdate"), moment(&record.fields, "enddate"));
        begun.zip(first).is_none_or(|(begun, first)| begun >= first)
            && ended.zip(last).is_none_or(|(ended, last)| ended <= last)
    })])
}

/// `virtualmachineid` (Cloudn Compute 1-5): the groups that one of the account's machines is in.
pub fn of_machine<'a>(world: &'a World, call: &Call<'a>) -> Vec<Condition<'a>> {
    let Some(id) = call.arguments.get("virtualmachineid") else { return Vec::new() };
    if world.rules.faults.has(Fault::MachineFilterIgnored) {
        return Vec::new();
    }
    let groups = world.usable(kind::MACHINE, id, call.account).map_or(&[][..], |m| m.items("securitygroup"));
    let is_listed = |group: &Fields| groups.iter().any(|listed| listed.get("id") == group.get("id"));
    vec![Box::new(move |group| is_listed(&group.fields))]
}
