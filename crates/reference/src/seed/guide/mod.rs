//! What the cloud of CloudStack's guide begins with: a tree of domains, accounts of every role, and one of everything
//! that can be listed. Tests look at it and refer to it; what they change, they make themselves.

mod machines;
mod networks;
mod people;
mod places;
mod records;
mod rules;

use crate::command::Given;
use crate::command::kinds;
use crate::refusal::Refusal;
use crate::service::Arguments;
use crate::world::{AccountIndex, Kind, Owner, World};

use super::Variables;

/// Fills an empty world.
pub fn fill(world: &mut World) -> Result<Variables, Refusal> {
    let people = people::fill(world)?;
    let mut seeding = Seeding { world, variables: Vec::new(), people };
    people::name(&mut seeding)?;
    places::fill(&mut seeding)?;
    networks::fill(&mut seeding)?;
    machines::fill(&mut seeding)?;
    rules::fill(&mut seeding)?;
    records::fill(&mut seeding)?;
    for condition in CONDITIONS {
        seeding.name(condition, "true");
    }
    for (name, same) in [("password_template", "template"), ("basic_zone", "other_zone"), ("vpn_ip", "public_ip")] {
        let value = seeding.value(same)?;
        seeding.name(name, &value);
    }
    Ok(seeding.variables)
}

/// What is switched on here.
const CONDITIONS: [&str; 5] = ["api_throttling", "autoscale", "live_migration", "project_invitations", "swift"];

/// The accounts that own something.
struct People {
    root: AccountIndex,
    second: AccountIndex,
    admin: AccountIndex,
    user: AccountIndex,
    europe: AccountIndex,
    other: AccountIndex,
    full: AccountIndex,
    crowded: AccountIndex,
}

/// A world that is being filled.
struct Seeding<'a> {
    world: &'a mut World,
    variables: Variables,
    people: People,
}

impl Seeding<'_> {
    /// Makes one of a kind for an account, as a request would; its id follows from the name.
    fn make(&mut self, kind: Kind, name: &str, owner: AccountIndex, pairs: &[(&str, &str)]) -> Result<String, Refusal> {
        let id = self.world.ids.named(&format!("{kind} {name} of {}", self.world.accounts.get(owner).name));
        let arguments = Arguments::of(pairs);
        // Whoever owns it: the provider gives it, who may use everything.
        let given = Given { arguments: &arguments, caller: self.people.root, owner: Owner::Account(owner) };
        let id = kinds::order(self.world, kind, &id, given)?;
        self.stand(kind, owner, &id);
        Ok(id)
    }

    /// Makes one of a kind for the account that tests work with, and gives it a variable's name.
    fn make_as(&mut self, variable: &str, kind: Kind, pairs: &[(&str, &str)]) -> Result<String, Refusal> {
        let id = self.make(kind, variable, self.people.root, pairs)?;
        self.name(variable, &id);
        Ok(id)
    }

    /// The first of every kind that the account that tests work with sees has a name that follows from the kind.
    fn stand(&mut self, kind: Kind, owner: AccountIndex, id: &str) {
        let name = format!("standing_{}", kind.name().to_lowercase());
        if owner == self.people.root {
            self.name(&name, id);
        }
    }

    /// Gives a value a name, unless the name is given away already.
    fn name(&mut self, variable: &str, value: &str) {
        if self.value(variable).is_err() {
            self.variables.push((variable.to_owned(), value.to_owned()));
        }
    }

    /// The value of a name.
    fn value(&self, variable: &str) -> Result<String, Refusal> {
        let found = self.variables.iter().find(|(name, _)| name == variable);
        found.map(|(_, value)| value.clone()).ok_or_else(|| Refusal::value(format!("{variable} is not seeded yet")))
    }

    /// Sets a field of what was made.
    fn set(&mut self, kind: Kind, id: &str, field: &str, value: impl Into<serde_json::Value>) {
        self.world.store.change(kind, id, |record| record.set(field, value));
    }

    /// Keeps something of what was made that is not shown.
    fn hide(&mut self, kind: Kind, id: &str, name: &str, value: impl Into<serde_json::Value>) {
        let value = value.into();
        self.world.store.change(kind, id, |record| {
            record.hidden.insert(name.to_owned(), value);
        });
    }

    /// Gives something a tag that everything tagged here has.
    fn tag(&mut self, of: (&str, Kind), id: &str) -> Result<(), Refusal> {
        crate::command::give_tag(self.world, of, id, (TAG_KEY, TAG_VALUE))
    }
}

/// The tag of everything that is tagged here.
const TAG_KEY: &str = "role";
/// Its value.
const TAG_VALUE: &str = "demonstration";

/// The account that asks through the port where nobody has to prove anything.
pub const INTEGRATION: &str = "integration";

/// That account.
pub fn integration(world: &World) -> Option<AccountIndex> {
    world.accounts.find(|account| account.name == INTEGRATION)
}
