//! A world that is being filled, and the values that have names.

use assay_suite::source::closest;
use serde_json::Value;

use crate::policy::Dialect;
use crate::refusal::ApiError;
use crate::world::{Account, AccountIndex, Fields, Kind, Owner, World, written};

use super::step::Step;

/// Names for scenarios, and the ids behind them.
pub type Variables = Vec<(String, String)>;

/// A world that is being filled.
pub struct Seeding<'a> {
    /// The world.
    pub world: &'a mut World,
    /// Names for scenarios, and the ids behind them.
    pub variables: Variables,
}

impl<'a> Seeding<'a> {
    /// Nothing yet.
    pub fn new(world: &'a mut World) -> Self {
        Self { world, variables: Vec::new() }
    }

    /// Gives a value a name, unless the name is given away already.
    pub fn name(&mut self, variable: &str, value: &str) {
        if self.variables.iter().all(|(name, _)| name != variable) {
            self.variables.push((variable.to_owned(), value.to_owned()));
        }
    }

    /// The first of every kind that the account which tests work with sees has a name that follows from the kind.
    pub fn register(&mut self, kind: Kind, owner: Owner, id: &str) {
        let listed = owner == Owner::Account(AccountIndex::FIRST) && self.world.rules.dialect == Dialect::CloudStack;
        if listed {
            self.name(&format!("standing_{}", kind.name().to_lowercase()), id);
        }
    }

    /// The value of `$name`; any other text is itself.
    pub fn value(&self, text: &str) -> Result<String, ApiError> {
        let Some(variable) = text.strip_prefix('$') else { return Ok(text.to_owned()) };
        if variable == "now" {
            return Ok(written(self.world.now));
        }
        let found = self.variables.iter().find(|(name, _)| name == variable);
        found.map(|(_, value)| value.clone()).ok_or_else(|| ApiError::value(format!("`{variable}` has no value yet")))
    }

    /// A value in which names are replaced by what they name, `{id: text}` by the id that follows from a text, and
    /// `{account: name}`, `{user: name}`, `{key: name}` by facts about an account.
    pub fn resolved(&self, value: &Value) -> Result<Value, ApiError> {
        let entry = value.as_object().filter(|entries| entries.len() == 1).and_then(|entries| entries.iter().next());
        let of = |name: &Value| self.account_named(name.as_str().unwrap_or_default());
        match (value, entry.map(|(key, value)| (key.as_str(), value))) {
            (_, Some(("id", text))) => Ok(self.world.ids.named(text.as_str().unwrap_or_default()).into()),
            (_, Some(("account", name))) => Ok(of(name)?.id.clone().into()),
            (_, Some(("user", name))) => Ok(of(name)?.user.clone().into()),
            (_, Some(("key", name))) => Ok(of(name)?.api_key.clone().into()),
            (Value::String(text), _) => {
                let values = text.split(',').map(|part| self.value(part));
                Ok(values.collect::<Result<Vec<_>, _>>()?.join(",").into())
            }
            (Value::Object(entries), _) => self.fields(entries).map(Value::Object),
            (Value::Array(items), _) => items.iter().map(|item| self.resolved(item)).collect(),
            (other, _) => Ok(other.clone()),
        }
    }

    /// The same of all fields.
    pub fn fields(&self, fields: &Fields) -> Result<Fields, ApiError> {
        fields.iter().map(|(name, value)| Ok((name.clone(), self.resolved(value)?))).collect()
    }

    /// The account with a name.
    pub fn index_named(&self, name: &str) -> Result<AccountIndex, ApiError> {
        let found = self.world.accounts.find(|account| account.name == name);
        found.ok_or_else(|| {
            let near = closest(name, self.world.accounts.iter().map(|account| account.name.as_str()));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            ApiError::value(format!("there is no account `{name}`{near}"))
        })
    }

    /// The same account itself.
    pub fn account_named(&self, name: &str) -> Result<&Account, ApiError> {
        self.index_named(name).map(|index| self.world.accounts.get(index))
    }

    /// Whose what a step makes is.
    pub fn owner(&self, step: &Step) -> Result<Owner, ApiError> {
        if let Some(project) = &step.project {
            let project = self.value(project)?;
            let owner = self.world.accounts.of_project(&project);
            return owner.map(Owner::Account).ok_or_else(|| ApiError::unknown("project", &project));
        }
        match step.owner.as_deref() {
            None => Ok(Owner::Account(AccountIndex::FIRST)),
            Some("everyone") => Ok(Owner::Everyone),
            Some(name) => self.index_named(name).map(Owner::Account),
        }
    }

    /// The account that a step is about.
    pub fn index(&self, step: &Step) -> Result<AccountIndex, ApiError> {
        match self.owner(step)? {
            Owner::Account(index) => Ok(index),
            Owner::Everyone => Err(ApiError::value("this is an account's")),
        }
    }
}
