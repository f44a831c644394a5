//! What narrows the lists of some kinds besides the fields of their items.

use serde_json::Value;

use crate::fault::Fault;
use crate::policy::Dialect;
use crate::refusal::ApiError;
use crate::world::{Fields, Kind, Owner, Record, World, kind, read_moment};

use super::call::Call;
use super::candidate::Condition;
use super::guide;
use super::scope::Scope;

/// Containers of a listed machine, and the detail that asks for each.
const MACHINE_DETAILS: [(&str, &str); 2] = [("nic", "nics"), ("securitygroup", "secgrp")];

/// Whether a list shows a record at all.
pub fn is_in_scope(world: &World, call: &Call<'_>, kind: Kind, record: &Record, scope: &Scope) -> bool {
    let by_hidden = world.rules.model.row(kind).narrowed_by_hidden.iter();
    for name in by_hidden.filter(|name| record.hidden.contains_key(*name)) {
        if call.arguments.get(name).is_some_and(|wanted| record.hidden_text(name) != wanted) {
            return false;
        }
    }
    match kind {
        // These have filters of their own.
        kind::TEMPLATE | kind::ISO if *scope == Scope::Own => true,
        kind::INVITATION if matches!(scope, Scope::Project(_)) => {
            call.arguments.get("projectid").is_some_and(|project| record.text("projectid") == project)
        }
        kind::DOMAIN => {
            let own = &world.accounts.get(call.account).domain;
            world.accounts.is_within(record.id(), own)
        }
        kind::PROJECT if *scope == Scope::Own => {
            let members = world.accounts.of_project(record.id()).map(|project| world.accounts.members(project));
            members.is_some_and(|members| members.contains(&call.account))
        }
        _ => scope.shows(world, call.account, record.owner) || scope.shows_by_mistake(world, kind, record.owner),
    }
}

/// The conditions that a kind's own parameters set.
pub fn conditions<'a>(world: &'a World, call: &Call<'a>, kind: Kind) -> Result<Vec<Condition<'a>>, ApiError> {
    match kind {
        kind::JOB => started_since(call),
        kind::SECURITY_GROUP => Ok(guide::of_machine(world, call)),
        kind::TEMPLATE if world.rules.dialect == Dialect::CloudStack => guide::template_filter(world, call),
        kind::ISO if world.rules.dialect == Dialect::CloudStack => guide::iso_filter(world, call),
        kind::TEMPLATE => Ok(vec![template_filter(world, call)]),
        _ if world.rules.dialect == Dialect::CloudStack => guide::conditions(world, call, kind),
        _ => Ok(Vec::new()),
    }
}

/// `startdate` (Cloudn Compute 1-3): the jobs registered at that moment or later. Its form is not documented.
fn started_since<'a>(call: &Call<'_>) -> Result<Vec<Condition<'a>>, ApiError> {
    let Some(text) = call.arguments.get("startdate") else { return Ok(Vec::new()) };
    let since = read_moment(text).ok_or_else(|| ApiError::value(format!("startdate can't be {text}")))?;
    let registered = |fields: &Fields| fields.get("created").and_then(Value::as_str).and_then(read_moment);
    Ok(vec![Box::new(move |job| registered(&job.fields).is_some_and(|moment| moment >= since))])
}

/// `templatefilter` (Cloudn Compute 1-9).
fn template_filter<'a>(world: &'a World, call: &Call<'a>) -> Condition<'a> {
    let faults = &world.rules.faults;
    let filter = call.arguments.get("templatefilter").unwrap_or("executable");
    let is_true = |fields: &Fields, field: &str| fields.get(field) == Some(&Value::Bool(true));
    Box::new(move |template| {
        let featured = is_true(&template.fields, "isfeatured");
        let own = template.owner != Owner::Everyone;
        let ready = is_true(&template.fields, "isready");
        match filter {
            "featured" => featured || own && faults.has(Fault::FeaturedShowsOwn),
            "self" => own || featured && faults.has(Fault::SelfShowsFeatured),
            "self-executable" => own && ready,
            _ => ready || faults.has(Fault::ExecutableShowsUnready),
        }
    })
}

/// `details` (Cloudn Compute 1-4): leaves out the containers that were not asked for, and the tags if `min` was.
pub fn select_details(call: &Call<'_>, kind: Kind, items: &mut [Fields]) {
    let selected = call.arguments.items("details");
    if kind != kind::MACHINE || selected.is_empty() || selected.contains(&"all") {
        return;
    }
    let least = selected.iter().all(|detail| *detail == "min");
    let unasked = MACHINE_DETAILS.iter().filter(|(_, detail)| !selected.contains(detail)).map(|(field, _)| *field);
    for field in unasked.chain(least.then_some("tags")) {
        for item in &mut *items {
            item.shift_remove(field);
        }
    }
}
