//! What the cloud of CloudStack's guide begins with: a tree of domains, accounts of every role, and one of everything
//! that can be listed. Tests look at it and refer to it; what they change, they make themselves.

mod machines;
mod people;
mod records;
mod steps;

use crate::command::Given;
use crate::command::kinds;
use crate::refusal::ApiError;
use crate::service::Arguments;
use crate::world::{AccountIndex, Kind, Owner, World};

use super::Variables;

/// Fills an empty world.
pub fn fill(world: &mut World) -> Result<Variables, ApiError> {
    let people = people::fill(world)?;
    let mut seeding = Seeding { world, variables: Vec::new(), people };
    people::name(&mut seeding)?;
    steps::fill(&mut seeding)?;
    records::fill(&mut seeding)?;
    Ok(seeding.variables)
}

/// The accounts that own something.
struct People {
    root: AccountIndex,
    second: AccountIndex,
    user: AccountIndex,
    other: AccountIndex,
}

/// A world that is being filled.
struct Seeding<'a> {
    world: &'a mut World,
    variables: Variables,
    people: People,
}

impl Seeding<'_> {
    /// Makes one of a kind for an account, as a request would; its id follows from the name.
    fn make(
        &mut self,
        kind: Kind,
        name: &str,
        owner: AccountIndex,
        pairs: &[(&str, &str)],
    ) -> Result<String, ApiError> {
        let id = self.world.ids.named(&format!("{kind} {name} of {}", self.world.accounts.get(owner).name));
        let arguments = Arguments::of(pairs);
        // Whoever owns it: the provider gives it, who may use everything.
        let given = Given { arguments: &arguments, caller: self.people.root, owner: Owner::Account(owner) };
        let id = kinds::order(self.world, kind, &id, given)?;
        self.register(kind, owner, &id);
        Ok(id)
    }

    /// The first of every kind that the account that tests work with sees has a name that follows from the kind.
    fn register(&mut self, kind: Kind, owner: AccountIndex, id: &str) {
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
    fn value(&self, variable: &str) -> Result<String, ApiError> {
        let found = self.variables.iter().find(|(name, _)| name == variable);
        found.map(|(_, value)| value.clone()).ok_or_else(|| ApiError::value(format!("{variable} is not seeded yet")))
    }
}

/// The tag of everything that is tagged here.
const TAG: (&str, &str) = ("role", "demonstration");

/// The account that asks through the port without authentication.
pub const INTEGRATION: &str = "integration";

/// That account.
pub fn integration(world: &World) -> Option<AccountIndex> {
    world.accounts.find(|account| account.name == INTEGRATION)
}
