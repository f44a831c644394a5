//! The resources: kinds, each holding records in the order in which they came.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;
use serde_json::Value;

use crate::fault::{Fault, consult_again};
use crate::kind::Kind;
use crate::refusal::{ApiError, Reason};

use super::account::{AccountIndex, Owner};
use super::agenda::Appointment;

/// Fields and their values, in the order in which answers show them. Blank text is a field without a value.
pub type Fields = serde_json::Map<String, Value>;

/// How many resources of a kind an account may have.
const LIMIT: usize = 5_000;

/// A resource.
#[derive(Clone, Debug)]
pub struct Record {
    /// Whose it is.
    pub owner: Owner,
    /// What it shows.
    pub fields: Fields,
    /// What is known about it but not shown.
    pub hidden: Fields,
    /// The ids of the accounts that its owner has granted its use.
    pub granted: Vec<String>,
    /// What the agenda holds for it.
    pub appointment: Option<Appointment>,
}

impl Record {
    /// A resource with its fields, `id` among them.
    pub fn new(owner: Owner, fields: Fields) -> Self {
        Self { owner, fields, hidden: Fields::new(), granted: Vec::new(), appointment: None }
    }

    /// The same with something that is not shown.
    pub fn hiding(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.hidden.insert(name.to_owned(), value.into());
        self
    }

    /// Its id, which some kinds show under another name.
    pub fn id(&self) -> &str {
        self.fields.get("id").and_then(Value::as_str).unwrap_or_else(|| self.hidden_text("id"))
    }

    /// The text of a field; blank if it has none.
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The text of something that is not shown; blank if there is none.
    pub fn hidden_text(&self, name: &str) -> &str {
        self.hidden.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The number in something that is not shown; 0 if there is none.
    pub fn hidden_number(&self, name: &str) -> u64 {
        self.hidden.get(name).and_then(Value::as_u64).unwrap_or_default()
    }

    /// The number in a field; 0 if there is none.
    pub fn number(&self, field: &str) -> u64 {
        self.fields.get(field).and_then(Value::as_u64).unwrap_or_default()
    }

    /// Whether a field is true.
    pub fn is_true(&self, field: &str) -> bool {
        self.fields.get(field) == Some(&Value::Bool(true))
    }

    /// The items of a field; none if it is not a list.
    pub fn items(&self, field: &str) -> &[Value] {
        self.fields.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Changes the items of a field; one that is not a list becomes one.
    pub fn change_items(&mut self, field: &str, change: impl FnOnce(&mut Vec<Value>)) {
        let mut items = self.items(field).to_vec();
        change(&mut items);
        self.set(field, items);
    }

    /// Sets a field. One that is new comes last.
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }
}

/// The resources.
#[derive(Default)]
pub struct Store {
    shelves: HashMap<Kind, IndexMap<String, Record>>,
    /// The faults that were asked for when the first resources of a kind were made: who looks at them asks once more.
    consulted: HashMap<Kind, BTreeSet<Fault>>,
}

impl Store {
    /// These faults were asked for when resources of a kind were made, and of no other.
    pub fn depends(&mut self, kind: Kind, faults: BTreeSet<Fault>) {
        self.consulted.entry(kind).or_default().extend(faults);
    }

    fn shelf(&self, kind: Kind) -> Option<&IndexMap<String, Record>> {
        self.consulted.get(&kind).into_iter().for_each(consult_again);
        self.shelves.get(&kind)
    }

    fn shelf_mut(&mut self, kind: Kind) -> Option<&mut IndexMap<String, Record>> {
        self.consulted.get(&kind).into_iter().for_each(consult_again);
        self.shelves.get_mut(&kind)
    }

    /// Refuses more of a kind than an account may have. What needs several resources asks before it adds the first.
    pub fn check_room(&self, kind: Kind, owner: Owner, further: usize) -> Result<(), ApiError> {
        let count = self.of(kind).filter(|record| record.owner == owner).count();
        if owner != Owner::Everyone && count + further > LIMIT {
            let text = format!("an account has at most {LIMIT} resources of the kind {kind}");
            return Err(ApiError::new(Reason::AccountLimit, text));
        }
        Ok(())
    }

    /// Adds a resource; an account may not have too many of a kind.
    pub fn insert(&mut self, kind: Kind, record: Record) -> Result<(), ApiError> {
        self.check_room(kind, record.owner, 1)?;
        self.shelves.entry(kind).or_default().insert(record.id().to_owned(), record);
        Ok(())
    }

    /// A resource, whoever it belongs to.
    pub fn get(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.shelf(kind)?.get(id)
    }

    /// A resource that a job works on: it may have ceased to be in the meantime.
    pub fn existing(&self, kind: Kind, id: &str) -> Result<&Record, ApiError> {
        self.get(kind, id).ok_or_else(|| ApiError::unknown(kind, id))
    }

    /// Changes a resource, if it is still there.
    pub fn change(&mut self, kind: Kind, id: &str, change: impl FnOnce(&mut Record)) {
        if let Some(record) = self.shelf_mut(kind).and_then(|shelf| shelf.get_mut(id)) {
            change(record);
        }
    }

    /// Removes a resource.
    pub fn remove(&mut self, kind: Kind, id: &str) -> Option<Record> {
        self.shelf_mut(kind)?.shift_remove(id)
    }

    /// All resources of a kind, in the order in which they came.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.shelf(kind).into_iter().flat_map(IndexMap::values)
    }

    /// All resources of a kind, to change them.
    pub fn of_mut(&mut self, kind: Kind) -> impl Iterator<Item = &mut Record> {
        self.shelf_mut(kind).into_iter().flat_map(IndexMap::values_mut)
    }

    /// All resources with their kinds.
    pub fn all(&self) -> impl Iterator<Item = (Kind, &Record)> {
        self.consulted.values().for_each(consult_again);
        self.shelves.iter().flat_map(|(kind, shelf)| shelf.values().map(|record| (*kind, record)))
    }

    /// The resources of a kind that an account owns.
    pub fn owned_by(&self, kind: Kind, account: AccountIndex) -> impl Iterator<Item = &Record> {
        self.of(kind).filter(move |record| record.owner == Owner::Account(account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::consulted_by;
    use crate::world::kind;

    fn record(id: &str) -> Record {
        Record::new(Owner::Account(AccountIndex::FIRST), Fields::from_iter([("id".to_owned(), id.into())]))
    }

    #[test]
    fn who_looks_at_a_kind_asks_for_the_faults_that_it_began_with() {
        let mut store = Store::default();
        let faults = BTreeSet::from([Fault::CloudstackAlertTypeUnknown]);
        store.depends(kind::ALERT, faults.clone());
        let looked = |look: &dyn Fn(&Store)| consulted_by(|| look(&store)).1;
        assert_eq!(looked(&|store| _ = store.of(kind::ALERT).count()), faults);
        assert_eq!(looked(&|store| _ = store.get(kind::ALERT, "one")), faults);
        assert_eq!(looked(&|store| _ = store.all().count()), faults);
        assert_eq!(looked(&|store| _ = store.of(kind::VOLUME).count()), BTreeSet::new());
        assert_eq!(consulted_by(|| store.remove(kind::ALERT, "one")).1, faults);
    }

    #[test]
    fn an_account_has_a_limit() {
        let mut store = Store::default();
        for number in 0..LIMIT {
            store.insert(kind::VOLUME, record(&number.to_string())).unwrap();
        }
        let refused = store.insert(kind::VOLUME, record("one more")).unwrap_err();
        assert_eq!(refused.reason, Reason::AccountLimit);
    }
}
