//! How a row of a table becomes a resource, and how it is changed.

use serde_json::Value;

use crate::refusal::Refusal;
use crate::service::Arguments;
use crate::world::{AccountIndex, Fields, Kind, Owner, Record, World};

use super::{Row, Source, Whose, row};

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

/// The row of a kind that requests create.
fn known(kind: Kind) -> Result<&'static Row, Refusal> {
    row(kind).ok_or_else(|| Refusal::value(format!("a {kind} can't be made")))
}

/// A new resource of a kind under an id. It is not added yet.
pub fn make(world: &mut World, kind: Kind, id: &str, given: Given<'_>) -> Result<Record, Refusal> {
    let row = known(kind)?;
    let owner = if row.whose == Whose::Everyones { Owner::Everyone } else { given.owner };
    let number = world.ids.number();
    check_unique(world, row, owner, given)?;
    let mut fields = Fields::new();
    for field in row.fields {
        match field.source {
            Source::Owner => owner_fields(world, owner, &mut fields),
            source => {
                let made = value(world, source, given, &fields, (id, number))?;
                fields.insert(field.name.to_owned(), made);
            }
        }
    }
    let id = if row.named_by == "name" { fields.get("name").cloned().unwrap_or_default() } else { id.into() };
    Ok(Record::new(owner, fields).hiding("number", number).hiding("id", id))
}

/// Adds a new resource of a kind. Its id.
pub fn order(world: &mut World, kind: Kind, id: &str, given: Given<'_>) -> Result<String, Refusal> {
    let record = make(world, kind, id, given)?;
    world.add(kind, record)
}

/// Changes what the parameters say of a resource, and what follows from them.
pub fn change(world: &mut World, kind: Kind, id: &str, given: Given<'_>) -> Result<(), Refusal> {
    let row = known(kind)?;
    let mut fields = world.store.existing(kind, id)?.fields.clone();
    let gives = |parameter: &str| parameter != row.named_by && given.arguments.get(parameter).is_some();
    for field in row.fields {
        let touched = match field.source {
            Source::Text(parameter, _) | Source::Number(parameter, _) | Source::Flag(parameter, _) => gives(parameter),
            Source::Items(parameter) | Source::Of(parameter, _, _) => gives(parameter),
            _ => false,
        };
        if touched {
            let made = value(world, field.source, given, &fields, (id, 0))?;
            fields.insert(field.name.to_owned(), made);
        }
    }
    world.store.change(kind, id, |record| record.fields = fields);
    Ok(())
}

fn check_unique(world: &World, row: &Row, owner: Owner, given: Given<'_>) -> Result<(), Refusal> {
    let Some(wanted) = given.arguments.get(row.unique) else { return Ok(()) };
    let mut others = world.store.of(row.kind).filter(|other| other.owner == owner);
    if others.any(|other| other.text(row.unique) == wanted) {
        return Err(Refusal::value(format!("there is already a {} with the {} {wanted}", row.kind, row.unique)));
    }
    Ok(())
}

fn value(
    world: &World,
    source: Source,
    given: Given<'_>,
    fields: &Fields,
    (id, number): (&str, u64),
) -> Result<Value, Refusal> {
    let get = |parameter| given.arguments.get(parameter);
    Ok(match source {
        Source::Id => id.into(),
        Source::Text(parameter, otherwise) => get(parameter).unwrap_or(otherwise).into(),
        Source::Number(parameter, otherwise) => match get(parameter) {
            Some(text) => {
                let number: i64 =
                    text.parse().map_err(|_| Refusal::value(format!("{parameter} is a whole number, not {text}")))?;
                number.into()
            }
            None => otherwise.into(),
        },
        Source::Flag(parameter, otherwise) => get(parameter).map_or(otherwise, |text| text == "true").into(),
        Source::Items(parameter) => given.arguments.items(parameter).into(),
        Source::Always(text) => text.into(),
        Source::AlwaysNumber(number) => number.into(),
        Source::Of(reference, kind, field) => {
            let chosen = get(reference).or_else(|| fields.get(reference).and_then(Value::as_str));
            match chosen.filter(|id| !id.is_empty()) {
                Some(id) => {
                    let record = world.usable(kind, id, given.caller)?;
                    record.fields.get(field).cloned().unwrap_or_else(|| "".into())
                }
                None => "".into(),
            }
        }
        Source::Address(prefix) => format!("{prefix}{}", number % 250 + 2).into(),
        Source::Empty => Value::Array(Vec::new()),
        Source::Created => world.origin(Owner::Everyone).created.into(),
        Source::Owner => Value::Null,
    })
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
