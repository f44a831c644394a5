//! The kinds of resources that need no behaviour of their own, as rows of tables: what each of their fields holds when
//! one comes into being, whose it is, and what keeps it from being deleted.

mod accounts;
mod balancing;
mod devices;
mod infrastructure;
mod make;
mod network;
mod offerings;
mod physical;
mod virtual_private_cloud;

use crate::world::{Kind, World};

pub use make::{Given, change, make, order, owner_fields};

/// A kind of resource.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// Whose one is when it comes into being.
    pub whose: Whose,
    /// The parameter that names one.
    pub named_by: &'static str,
    /// Its fields, in the order of the answers.
    pub fields: &'static [Field],
    /// Where the id of one stands as long as it is in use and can't be deleted: a kind and its field.
    pub used_by: &'static [(Kind, &'static str)],
    /// The field that no two of an owner may have in common; blank if there is none.
    pub unique: &'static str,
}

/// Whose a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of the account for which it is made.
    Accounts,
    /// The provider's.
    Everyones,
}

/// A field of an answer, and where its value comes from.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Where its value comes from.
    pub source: Source,
}

/// Where the value of a field comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// An id of its own.
    Id,
    /// A parameter, as text, or else this.
    Text(&'static str, &'static str),
    /// A parameter, as a number, or else this.
    Number(&'static str, i64),
    /// A parameter, as a truth value, or else this.
    Flag(&'static str, bool),
    /// The items of a parameter that are separated by commas.
    Items(&'static str),
    /// Always this text.
    Always(&'static str),
    /// Always this number.
    AlwaysNumber(i64),
    /// A field of another resource: the parameter or field with its id, its kind, its field.
    Of(&'static str, Kind, &'static str),
    /// An address that begins so.
    Address(&'static str),
    /// A list that is empty at first.
    Empty,
    /// The account and the domain or the project whose it is.
    Owner,
    /// When it came into being.
    Created,
}

impl Row {
    /// A kind that accounts own, named by `id`.
    const fn of(kind: Kind, fields: &'static [Field]) -> Self {
        Self { kind, whose: Whose::Accounts, named_by: "id", fields, used_by: &[], unique: "" }
    }

    /// A kind that the provider owns, named by `id`.
    const fn provided(kind: Kind, fields: &'static [Field]) -> Self {
        Self { whose: Whose::Everyones, ..Self::of(kind, fields) }
    }
}

const ID: Field = Field { name: "id", source: Source::Id };
const OWNER: Field = Field { name: "account", source: Source::Owner };
const CREATED: Field = Field { name: "created", source: Source::Created };
const TAGS: Field = empty("tags");

const fn id(name: &'static str) -> Field {
    Field { name, source: Source::Id }
}

const fn text(name: &'static str) -> Field {
    Field { name, source: Source::Text(name, "") }
}

const fn text_or(name: &'static str, otherwise: &'static str) -> Field {
    Field { name, source: Source::Text(name, otherwise) }
}

/// The text of a parameter that has another name.
const fn renamed(name: &'static str, parameter: &'static str) -> Field {
    Field { name, source: Source::Text(parameter, "") }
}

const fn number(name: &'static str, otherwise: i64) -> Field {
    Field { name, source: Source::Number(name, otherwise) }
}

const fn flag(name: &'static str, otherwise: bool) -> Field {
    Field { name, source: Source::Flag(name, otherwise) }
}

const fn items(name: &'static str) -> Field {
    Field { name, source: Source::Items(name) }
}

const fn always(name: &'static str, value: &'static str) -> Field {
    Field { name, source: Source::Always(value) }
}

const fn always_number(name: &'static str, value: i64) -> Field {
    Field { name, source: Source::AlwaysNumber(value) }
}

const fn of(name: &'static str, reference: &'static str, kind: Kind, field: &'static str) -> Field {
    Field { name, source: Source::Of(reference, kind, field) }
}

const fn address(name: &'static str, prefix: &'static str) -> Field {
    Field { name, source: Source::Address(prefix) }
}

const fn empty(name: &'static str) -> Field {
    Field { name, source: Source::Empty }
}

/// All tables.
const TABLES: [&[Row]; 8] = [
    accounts::ROWS,
    balancing::ROWS,
    devices::ROWS,
    infrastructure::ROWS,
    network::ROWS,
    offerings::ROWS,
    physical::ROWS,
    virtual_private_cloud::ROWS,
];

/// The row of a kind, if it has one.
pub fn row(kind: Kind) -> Option<&'static Row> {
    TABLES.iter().flat_map(|table| table.iter()).find(|row| row.kind == kind)
}

/// The parameter that names one of a kind.
pub fn named_by(kind: Kind) -> &'static str {
    row(kind).map_or("id", |row| row.named_by)
}

/// What uses a resource, if anything does.
pub fn user_of(world: &World, kind: Kind, id: &str) -> Option<(Kind, String)> {
    row(kind)?.used_by.iter().find_map(|(user, field)| {
        let found = world.store.of(*user).find(|record| record.text(field) == id)?;
        Some((*user, found.id().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_one_row_with_fields_of_different_names() {
        let mut kinds = BTreeSet::new();
        for row in TABLES.iter().flat_map(|table| table.iter()) {
            assert!(kinds.insert(format!("{:?}", row.kind)), "{} has two rows", row.kind);
            let names: BTreeSet<_> = row.fields.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), row.fields.len(), "{}", row.kind);
        }
    }
}
