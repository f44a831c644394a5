//! What a cloud holds, for tests: read from its state, by no request.

use serde_json::Value;

use super::world::{Record, World};

/// Something that a cloud holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The suite whose API shows it.
    pub suite: String,
    /// What it is one of.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it shows, with which it is distinguished from others.
    pub shows: String,
}

impl Held {
    /// Something without a suite: the cloud that holds it knows that.
    pub fn new(kind: &str, id: &str, shows: impl Into<String>) -> Self {
        Self { suite: String::new(), kind: kind.to_owned(), id: id.to_owned(), shows: shows.into() }
    }
}

/// What there is in a world, but for what is on its way out.
pub fn of_world(world: &World) -> Vec<Held> {
    // What happened, was used or is merely described is held by no one.
    let held = |kind| world.rules.model.row(kind).held;
    let records = world.store.all().filter(|(kind, record)| held(*kind) && !is_going(record));
    let resources = records.map(|(kind, record)| {
        let id = Some(record.id()).filter(|id| !id.is_empty()).unwrap_or_else(|| record.text("name"));
        Held::new(kind.name(), id, Value::Object(record.fields.clone()).to_string())
    });
    // An account that was deleted keeps its place, so that the others keep theirs.
    let users = world.accounts.iter().filter(|account| !account.name.ends_with(" (deleted)"));
    let users = users.map(|account| Held::new("user", &account.user, account.name.clone()));
    resources.chain(users).collect()
}

fn is_going(record: &Record) -> bool {
    ["Destroy", "Expung"].iter().any(|stem| record.text("state").starts_with(stem))
}
