//! Lists: what of a kind an account may see, narrowed by filters, cut into a page, and counted.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use assay_suite::{Counts, Filter, Suite};

use crate::fault::{Fault, Faults};
use crate::model::Departure;
use crate::page::Page;
use crate::policy::{Dialect, EmptyList, PagingRules, Policy, UnknownFilter};
use crate::present;
use crate::refusal::ApiError;
use crate::resource::is_in_zone;
use crate::world::{Fields, Kind, Owner, Record, World, kind};

use super::call::{Call, Reply};
use super::candidate::{Candidate, Condition};
use super::scope::Scope;
use super::{job, narrowing};

/// Filters that a fault keeps from working, each on one list only.
const IGNORED: [(Fault, &str, &str); 7] = [
    (Fault::IdFilterIgnored, "listDiskOfferings", "id"),
    (Fault::NameFilterIgnored, "listServiceOfferings", "name"),
    (Fault::ZoneFilterIgnored, "listVirtualMachines", "zoneid"),
    (Fault::StateFilterIgnored, "listVirtualMachines", "state"),
    (Fault::TypeFilterIgnored, "listVolumes", "type"),
    (Fault::VolumeZoneFilterIgnored, "listVolumes", "zoneid"),
    (Fault::KeywordIgnored, "listTemplates", "keyword"),
];

/// Answers a list operation.
pub fn list(world: &World, suite: &Suite, call: &Call<'_>, kind: Kind) -> Result<Reply, ApiError> {
    let mut conditions = documented_conditions(world, call, kind)?;
    conditions.extend(tag_condition(world, call)?);
    conditions.extend(narrowing::conditions(world, call, kind)?);
    let candidates = candidates(world, call, kind)?;
    let mut found: Vec<_> = candidates.into_iter().filter(|item| conditions.iter().all(|holds| holds(item))).collect();
    distort(&world.rules.faults, !conditions.is_empty(), &mut found);
    paged(world, suite, call, kind, &found)
}

/// Answers a list operation with what belongs to something.
pub fn of(world: &World, suite: &Suite, call: &Call<'_>, kind: Kind, found: Vec<Fields>) -> Result<Reply, ApiError> {
    let candidates =
        found.into_iter().map(|fields| Candidate { owner: Owner::Everyone, fields: Cow::Owned(fields), granted: &[] });
    let conditions = documented_conditions(world, call, kind)?;
    let found: Vec<_> = candidates.filter(|item| conditions.iter().all(|holds| holds(item))).collect();
    paged(world, suite, call, kind, &found)
}

fn paged(
    world: &World,
    suite: &Suite,
    call: &Call<'_>,
    kind: Kind,
    found: &[Candidate<'_>],
) -> Result<Reply, ApiError> {
    let (policy, faults) = (&world.rules.policy, &world.rules.faults);
    let unbounded = Policy { paging_rules: PagingRules::Documented, ..policy.clone() };
    let size = suite.paging.as_ref().and_then(|paging| call.arguments.get(&paging.size));
    let bounds = if size.is_some() && faults.has(Fault::CloudstackLargePageAccepted) { &unbounded } else { policy };
    let page = Page::read(call.arguments, suite.paging.as_ref(), bounds)?;
    let shown = page.cut(found, faults);
    let mut items = shown.iter().map(|item| present::listed(world, kind, &item.fields)).collect::<Vec<_>>();
    narrowing::select_details(call, kind, &mut items);
    Ok(Reply::Content(content(world, suite, call, kind, items, found.len())))
}

/// What an account may see of a kind.
fn candidates<'a>(world: &'a World, call: &Call<'_>, kind: Kind) -> Result<Vec<Candidate<'a>>, ApiError> {
    let account = call.account;
    if kind == kind::JOB {
        return Ok(job::candidates(world, account));
    }
    let candidate = |record: &'a Record| Candidate {
        owner: record.owner,
        fields: Cow::Borrowed(&record.fields),
        granted: &record.granted,
    };
    if world.rules.dialect == Dialect::CloudStack {
        let scope = Scope::read(world, call)?;
        let by_id = call.arguments.get("id").filter(|_| world.rules.faults.has(Fault::CloudstackForeignShownById));
        let shown =
            |record: &&Record| by_id == Some(record.id()) || narrowing::is_in_scope(world, call, kind, record, &scope);
        let zone = call.arguments.get("zoneid").filter(|_| matches!(kind, kind::TEMPLATE | kind::ISO));
        let zone = zone.filter(|zone| world.store.get(kind::ZONE, zone).is_some());
        let in_zone = |record: &'a Record| match zone {
            Some(zone) if is_in_zone(record, zone) => {
                Candidate { fields: Cow::Owned(shown_in(world, record, zone)), ..candidate(record) }
            }
            _ => candidate(record),
        };
        return Ok(world.store.of(kind).filter(shown).map(in_zone).collect());
    }
    let everyones = shows_everyones(&world.rules.faults, kind);
    let by_id = call.arguments.get("id").filter(|_| world.rules.faults.has(Fault::ForeignShownById));
    let shown = |record: &&Record| everyones || record.owner.shows_to(account) || by_id == Some(record.id());
    let records = world.store.of(kind).filter(shown);
    Ok(records.map(candidate).collect())
}

/// A template as it is in a zone that it was copied to.
fn shown_in(world: &World, record: &Record, zone: &str) -> Fields {
    let mut fields = record.fields.clone();
    let name = world.store.get(kind::ZONE, zone).map(|zone| zone.text("name").to_owned()).unwrap_or_default();
    fields.insert("zoneid".into(), zone.into());
    fields.insert("zonename".into(), name.into());
    fields
}

fn shows_everyones(faults: &Faults, kind: Kind) -> bool {
    match kind {
        kind::MACHINE => faults.has(Fault::ForeignMachinesListed),
        kind::VOLUME => faults.has(Fault::ForeignVolumesListed),
        _ => false,
    }
}

/// The filters that the suite describes by the field they look at.
fn documented_conditions<'a>(world: &World, call: &Call<'a>, kind: Kind) -> Result<Vec<Condition<'a>>, ApiError> {
    let mut conditions: Vec<Condition<'a>> = Vec::new();
    let is_whole =
        [Fault::KeywordIsWhole, Fault::CloudstackKeywordIsWhole].into_iter().any(|fault| world.rules.faults.has(fault));
    for parameter in call.operation.parameters.values() {
        let name = parameter.name.value.as_str();
        let (Some(filter), Some(value)) = (&parameter.filter, call.arguments.get(name)) else { continue };
        // Whose resources are meant is more than a field: the domain may be meant with those below it.
        if world.rules.dialect == Dialect::CloudStack && ["account", "domainid", "projectid"].contains(&name) {
            continue;
        }
        if is_ignored(&world.rules.faults, call.name(), name)
            || is_kind_ignored(&world.rules.faults, (filter, name), value)
        {
            continue;
        }
        // The id of a region is a number that whoever added it chose.
        let is_known_by_id = name == "id" && kind != kind::REGION;
        // The server takes numbers for its own ones, which name nothing that is known here.
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
        if is_known_by_id && !is_number && world.rules.policy.unknown_filter == UnknownFilter::Refused {
            world.usable(kind, value, call.account)?;
        }
        conditions.push(match filter {
            Filter::Equals(field) => Box::new(move |item| text(&item.fields, field) == value),
            Filter::Contains(field) if is_whole => Box::new(move |item| text(&item.fields, field) == value),
            Filter::Contains(field) => Box::new(move |item| text(&item.fields, field).contains(value)),
        });
    }
    Ok(conditions)
}

/// Whether a fault keeps a kind of filter from working.
fn is_kind_ignored(faults: &Faults, (filter, name): (&Filter, &str), value: &str) -> bool {
    let is_kind = [
        (Fault::CloudstackFlagFiltersIgnored, matches!(value, "true" | "false")),
        (Fault::CloudstackReferenceFiltersIgnored, name.ends_with("id") && name != "id"),
        (Fault::CloudstackNameFiltersIgnored, name == "name"),
        (Fault::CloudstackStateFiltersIgnored, name == "state"),
        (Fault::CloudstackKeywordIgnored, matches!(filter, Filter::Contains(_))),
    ];
    is_kind.into_iter().any(|(fault, is_kind)| is_kind && faults.has(fault))
}

/// How many lists were answered that a fault makes alternate.
static ALTERNATING: AtomicUsize = AtomicUsize::new(0);

/// What faults make of what was found.
fn distort(faults: &Faults, is_narrowed: bool, found: &mut Vec<Candidate<'_>>) {
    let has = |known: [Fault; 2]| known.into_iter().any(|fault| faults.has(fault));
    if is_narrowed && !found.is_empty() && has([Fault::NarrowedListLacksFirst, Fault::CloudstackNarrowedListLacksFirst])
    {
        found.remove(0);
    }
    let reverses = has([Fault::ListOrderAlternates, Fault::CloudstackListOrderAlternates]);
    let flickers = faults.has(Fault::CloudstackFlagsFlicker);
    if (!reverses && !flickers) || ALTERNATING.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
        return;
    }
    if reverses {
        found.reverse();
    }
    for item in found.iter_mut().filter(|_| flickers) {
        for value in item.fields.to_mut().values_mut() {
            if let Value::Bool(flag) = value {
                *flag = !*flag;
            }
        }
    }
}

fn is_ignored(faults: &Faults, operation: &str, parameter: &str) -> bool {
    IGNORED.iter().any(|(fault, of, name)| *of == operation && *name == parameter && faults.has(*fault))
}

/// The value of a field as a parameter would write it.
fn text(fields: &Fields, field: &str) -> String {
    match fields.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// `tags[N].key` and `tags[N].value`: every pair must be among the tags (Cloudn Compute 1-4 and others).
fn tag_condition(world: &World, call: &Call<'_>) -> Result<Option<Condition<'static>>, ApiError> {
    let pairs = call.arguments.entries("tags");
    let ignored = call.name() == "listVirtualMachines" && world.rules.faults.has(Fault::TagsIgnored);
    if pairs.is_empty() || ignored || !takes_tags(call) {
        return Ok(None);
    }
    let mut wanted = Vec::new();
    for (number, pair) in &pairs {
        let (Some(key), Some(value)) = (pair.get("key"), pair.get("value")) else {
            return Err(ApiError::parameter(format!("tags[{number}] needs both a key and a value")));
        };
        wanted.push(crate::resource::tag(key, value));
    }
    Ok(Some(Box::new(move |item| {
        let tags = item.fields.get("tags").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        wanted.iter().all(|tag| tags.contains(tag))
    })))
}

/// Documents write the parameter as a whole or by its elements.
fn takes_tags(call: &Call<'_>) -> bool {
    ["tags", "tags[0].key"].iter().any(|name| call.operation.parameters.contains_key(*name))
}

/// The count and the items of an answer.
fn content(world: &World, suite: &Suite, call: &Call<'_>, kind: Kind, items: Vec<Fields>, whole: usize) -> Fields {
    let (policy, faults) = (&world.rules.policy, &world.rules.faults);
    let mut content = Fields::new();
    if whole == 0 && policy.empty_list == EmptyList::Nothing {
        return content;
    }
    if let Some(documented) = suite.paging_of(call.operation).and_then(|paging| paging.count.as_ref()) {
        let counts = match policy.paging_rules {
            PagingRules::Documented | PagingRules::Bounded => documented.counts,
            PagingRules::CloudStack if world.rules.model.row(kind).departs(Departure::CountsPage) => Counts::Answer,
            PagingRules::CloudStack => Counts::Whole,
        };
        let count = match counts {
            _ if faults.has(Fault::CountOfWhole) => whole,
            _ if faults.has(Fault::CountOffByOne) => items.len() + 1,
            Counts::Answer => items.len(),
            Counts::Whole => whole,
        };
        content.insert(documented.field.clone(), count.into());
    }
    if let Some(list) = call.operation.list.as_ref().filter(|_| !items.is_empty()) {
        content.insert(list.items.clone(), items.into_iter().map(Value::Object).collect());
    }
    content
}
