//! How what data says of a kind becomes a resource, and how one is changed.

use serde_json::Value;

use crate::arguments::Arguments;
use crate::fault::{Fault, Faults};
use crate::model::{Anyones, Field, Own, Row, Source, Whose};
use crate::policy::Dialect;
use crate::refusal::ApiError;
use crate::world::{AccountIndex, Fields, Kind, Owner, Record, World, written};

/// What a resource is made from: the parameters of a request, or what the cloud begins with.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The parameters.
    pub arguments: &'a Arguments,
    /// Who asks.
    pub caller: AccountIndex,
    /// For whom.
    pub owner: Owner,
}

/// What is said of a kind that requests create.
fn known(world: &World, kind: Kind) -> Result<&'static Row, ApiError> {
    let row = world.rules.model.row(kind);
    if row.fields.is_empty() { Err(ApiError::value(format!("a {kind} can't be made"))) } else { Ok(row) }
}

/// A new resource of a kind under an id. It is not added yet.
pub fn make(world: &mut World, kind: Kind, id: &str, given: Given<'_>) -> Result<Record, ApiError> {
    let row = known(world, kind)?;
    let owner = if row.whose == Whose::Everyones { Owner::Everyone } else { given.owner };
    let number = world.ids.number();
    check_unique(world, row, owner, given)?;
    let mut fields = Fields::new();
    for field in &row.fields {
        if matches!(field.source, Source::Owner) {
            owner_fields(world, owner, &mut fields);
            continue;
        }
        let made = value(world, field, Given { owner, ..given }, &fields, (id, number))?;
        fields.insert(field.name.clone(), made);
    }
    let hidden = settings(world, &row.hides, Given { owner, ..given }, &fields)?;
    let id = if row.named_by == "name" { fields.get("name").cloned().unwrap_or_default() } else { id.into() };
    let mut record = Record::new(owner, fields).hiding("number", number).hiding("id", id);
    record.hidden.extend(hidden);
    Ok(record)
}

/// Adds a new resource of a kind. Its id.
pub fn order(world: &mut World, kind: Kind, id: &str, given: Given<'_>) -> Result<String, ApiError> {
    let record = make(world, kind, id, given)?;
    world.add(kind, record)
}

/// Changes what the parameters say of a resource, and what follows from them.
pub fn change(world: &mut World, kind: Kind, id: &str, given: Given<'_>) -> Result<(), ApiError> {
    let row = known(world, kind)?;
    let mut fields = world.store.existing(kind, id)?.fields.clone();
    let gives = |parameter: &str| parameter != row.named_by && given.arguments.get(parameter).is_some();
    for field in row.fields.iter().filter(|field| field.source.parameter().is_some_and(gives)) {
        let made = value(world, field, given, &fields, (id, 0))?;
        fields.insert(field.name.clone(), made);
    }
    let others = row.fields.iter().filter(|field| field.source.parameter().is_some_and(|name| !gives(name)));
    for field in others.filter(|field| field.name != row.named_by) {
        reset(&world.rules.faults, fields.get_mut(&field.name));
    }
    world.store.change(kind, id, |record| record.fields = fields);
    Ok(())
}

/// What a fault makes of a field that an update does not name.
fn reset(faults: &Faults, field: Option<&mut Value>) {
    let Some(value) = field else { return };
    let blank = match value {
        Value::Bool(_) if faults.has(Fault::CloudstackUpdateResetsFlags) => false.into(),
        Value::String(_) if faults.has(Fault::CloudstackUpdateResetsTexts) => "".into(),
        Value::Number(_) if faults.has(Fault::CloudstackUpdateResetsNumbers) => 0.into(),
        _ => return,
    };
    *value = blank;
}

/// What faults make of what was created, once its creation was answered.
pub fn forget(faults: &Faults, record: &mut Record) {
    for (name, value) in &mut record.fields {
        match value {
            Value::Bool(true) if faults.has(Fault::CloudstackCreatedForgetsFlags) => *value = false.into(),
            Value::Number(_) if faults.has(Fault::CloudstackCreatedForgetsNumbers) => *value = 0.into(),
            Value::String(text) if name == "created" && faults.has(Fault::CloudstackCreatedHoursOff) => {
                *value = text.replace("+0000", "+0900").into();
            }
            Value::String(text) if faults.has(Fault::CloudstackCreatedLowersNames) => {
                *value = text.to_lowercase().into();
            }
            _ => {}
        }
    }
}

/// The values that a command sets, with a resource that shows these fields.
pub fn settings(
    world: &World,
    settings: &[Field],
    given: Given<'_>,
    fields: &Fields,
) -> Result<Vec<(String, Value)>, ApiError> {
    let mut values = Vec::new();
    for field in settings {
        let given_at_all = || field.source.parameter().is_none_or(|name| given.arguments.get(name).is_some());
        let broken = || field.unless.is_some_and(|fault| world.rules.faults.has(fault));
        let meant = !field.only_in_guide || world.rules.dialect == Dialect::CloudStack;
        if meant && (!field.only_given || given_at_all()) && !broken() {
            values.push((field.name.clone(), value(world, field, given, fields, ("", 0))?));
        }
    }
    Ok(values)
}

fn check_unique(world: &World, row: &Row, owner: Owner, given: Given<'_>) -> Result<(), ApiError> {
    let Some(field) = row.unique.as_deref() else { return Ok(()) };
    let Some(wanted) = given.arguments.get(field) else { return Ok(()) };
    if row.whose == Whose::Everyones && world.rules.faults.has(Fault::CloudstackNamesTakenTwice) {
        return Ok(());
    }
    let is_beside = |other: &&Record| {
        row.unique_in.as_ref().is_none_or(|place| other.text(place) == given.arguments.get(place).unwrap_or_default())
    };
    let mut others = world.store.of(row.kind).filter(|other| other.owner == owner).filter(is_beside);
    if others.any(|other| other.text(field) == wanted) {
        return Err(ApiError::value(format!("there is already a {} with the {field} {wanted}", row.kind)));
    }
    Ok(())
}

/// The value of a field, or that of the field which replaces one without.
fn value(world: &World, field: &Field, given: Given<'_>, fields: &Fields, own: (&str, u64)) -> Result<Value, ApiError> {
    let value = sourced(world, &field.source, given, fields, own)?;
    let blank = value == "" || value == 0;
    let other = field.or.as_ref().filter(|_| blank).and_then(|other| fields.get(other));
    Ok(other.cloned().unwrap_or(value))
}

fn sourced(
    world: &World,
    source: &Source,
    given: Given<'_>,
    fields: &Fields,
    (id, number): (&str, u64),
) -> Result<Value, ApiError> {
    let get = |parameter: &str| given.arguments.get(parameter);
    Ok(match source {
        Source::Id => id.into(),
        Source::Text(parameter, otherwise) => get(parameter).unwrap_or(otherwise).into(),
        Source::Number(parameter, otherwise) => match get(parameter) {
            Some(text) => {
                let number: i64 =
                    text.parse().map_err(|_| ApiError::value(format!("{parameter} is a whole number, not {text}")))?;
                number.into()
            }
            None => (*otherwise).into(),
        },
        Source::Flag(parameter, otherwise) => get(parameter).map_or(*otherwise, |text| text == "true").into(),
        Source::Items(parameter) => given.arguments.items(parameter).into(),
        Source::Always(value) => value.clone(),
        Source::Of(reference, kind, field, anyones) => {
            let chosen = get(reference).or_else(|| fields.get(reference).and_then(Value::as_str));
            let Some(id) = chosen.filter(|id| !id.is_empty()) else { return Ok("".into()) };
            let record = match anyones {
                Anyones::Allowed => world.store.existing(*kind, id)?,
                Anyones::Refused => world.usable(*kind, id, given.caller)?,
            };
            let known = record.fields.get(field).or_else(|| record.hidden.get(field));
            known.cloned().unwrap_or_else(|| "".into())
        }
        Source::Each(kind, parameter) => {
            let ids = given.arguments.items(parameter).into_iter();
            let found = ids.map(|id| Ok(Value::Object(world.usable(*kind, id, given.caller)?.fields.clone())));
            found.collect::<Result<Vec<_>, ApiError>>()?.into()
        }
        Source::PlaceIn(places, parameter) => {
            let wanted = get(parameter).unwrap_or_default();
            places.iter().position(|place| place.eq_ignore_ascii_case(wanted)).unwrap_or_default().into()
        }
        Source::Address(prefix) => format!("{prefix}{}", number % 250 + 2).into(),
        Source::Empty => Value::Array(Vec::new()),
        Source::Created => written(world.now).into(),
        Source::Owner => Value::Null,
        Source::Own(own) => {
            let (account, domain) = (world.accounts.owner(given.owner), world.accounts.domain_of(given.owner));
            let fact = match own {
                Own::Account => &account.name,
                Own::User => &account.user,
                Own::DomainId => &domain.id,
                Own::Domain => &domain.name,
            };
            fact.as_str().into()
        }
        Source::Digits => id.replace('-', "").into(),
        Source::Format(format) => formatted(format, fields).into(),
        Source::First(parameter, kind) => match (get(parameter), world.store.of(*kind).next()) {
            (Some(given), _) => given.into(),
            (None, first) => first.map(Record::id).unwrap_or_default().into(),
        },
        Source::Does(worked) => worked.value(given.arguments),
    })
}

/// A text in which `{field}` is the value of a field.
fn formatted(format: &str, fields: &Fields) -> String {
    let mut parts = format.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (field, rest) = part.split_once('}').unwrap_or((part, ""));
        text.push_str(fields.get(field).and_then(Value::as_str).unwrap_or_default());
        text.push_str(rest);
    }
    text
}

/// The account and its domain; of a project's resources the project instead.
pub fn owner_fields(world: &World, owner: Owner, fields: &mut Fields) {
    let account = world.accounts.owner(owner);
    let domain = world.accounts.domain_of(owner);
    let (name, project, project_name) = match &account.project {
        Some(project) => ("", project.as_str(), account.name.as_str()),
        None => (account.name.as_str(), "", ""),
    };
    for (field, value) in [
        ("account", name),
        ("projectid", project),
        ("project", project_name),
        ("domainid", domain.id.as_str()),
        ("domain", domain.name.as_str()),
    ] {
        fields.insert(field.to_owned(), value.into());
    }
}

/// What uses a resource, if anything does.
pub fn user_of(world: &World, kind: Kind, id: &str) -> Option<(Kind, String)> {
    world.rules.model.row(kind).used_by.iter().find_map(|(user, field)| {
        let found = world.store.of(*user).find(|record| record.text(field) == id)?;
        Some((*user, found.id().to_owned()))
    })
}
