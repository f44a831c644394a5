//! What anybody expects of an API that keeps things: by these laws a deployment without a model is walked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::interpreter::is_going;
use crate::scenario::LawName;
use crate::verdict::shown;
use assay_suite::{Effect, Filter, Operation, plain};

use super::observation::{Came, Observed};

/// A law by which a walk is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// One that cases are made of, too.
    OfCases(LawName),
    /// A request that is refused changes nothing.
    RefusedChangesNothing,
}

impl Law {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::OfCases(law) => law.name(),
            Self::RefusedChangesNothing => "refused-changes-nothing",
        }
    }
}

/// A law that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    pub law: Law,
    pub expected: String,
    pub observed: String,
}

/// Whether a step made what it saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// It did.
    Here,
    /// It found it.
    Elsewhere,
}

/// A step that was done.
pub(super) struct Deed<'a> {
    pub operation: &'a Operation,
    /// The arguments as they were sent.
    pub sent: &'a [(String, Value)],
    pub observed: &'a Observed,
    /// What it made, by its identity.
    pub made: &'a [(String, Made)],
    /// What it acted on, by its identity.
    pub subject: Option<&'a str>,
}

/// What a walk knows of a deployment by what it has done there.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    there: BTreeSet<String>,
    gone: BTreeSet<String>,
    /// The last answers to reads, since which nothing was changed: by operation and arguments.
    reads: BTreeMap<String, Value>,
    /// Whether a write was refused since.
    refused: bool,
}

impl Ledger {
    /// Notes a step, and which laws it broke.
    pub fn note(&mut self, deed: &Deed<'_>) -> Vec<Breach> {
        if deed.operation.effect == Effect::Reads { self.note_read(deed) } else { self.note_write(deed) }
    }

    fn note_write(&mut self, deed: &Deed<'_>) -> Vec<Breach> {
        match deed.observed.came {
            Came::Refused => {
                self.refused = true;
                return Vec::new();
            }
            // What was done is not known.
            Came::JobFailed | Came::JobOpen | Came::Unreadable => {
                self.reads.clear();
                return Vec::new();
            }
            Came::Accepted => {}
        }
        (self.refused, self.reads) = (false, BTreeMap::new());
        let is_sent = |id: &str| deed.sent.iter().any(|(_, value)| plain(value) == id);
        let mut breaches = Vec::new();
        for (id, _) in deed.made.iter().filter(|(id, made)| *made == Made::Here && !is_sent(id)) {
            let is_known = self.there.contains(id) || self.gone.contains(id);
            if is_known {
                let expected = "what was created has an identity that nothing had before".to_owned();
                breaches.push(Breach {
                    law: Law::OfCases(LawName::IdentitiesAreGivenOnce),
                    expected,
                    observed: id.clone(),
                });
            }
            self.gone.remove(id);
            self.there.insert(id.clone());
        }
        if let (Effect::Removes, Some(id)) = (deed.operation.effect, deed.subject)
            && self.there.remove(id)
        {
            self.gone.insert(id.to_owned());
        }
        // A change that is accepted of something that was removed brings it back: a recovery.
        if let (Effect::Changes, Some(id)) = (deed.operation.effect, deed.subject) {
            self.gone.remove(id);
        }
        breaches
    }

    fn note_read(&mut self, deed: &Deed<'_>) -> Vec<Breach> {
        let mut breaches = Vec::new();
        breaches.extend(self.by_identity(deed));
        if deed.observed.came != Came::Accepted {
            return breaches;
        }
        breaches.extend(by_filter(deed));
        let Some(value) = &deed.observed.value else { return breaches };
        let asked = format!("{} {:?}", deed.operation.name.value, deed.sent);
        let items = items(deed.operation, value);
        match self.reads.get(&asked) {
            Some(before) if *before != items => breaches.push(Breach {
                law: if self.refused { Law::RefusedChangesNothing } else { Law::OfCases(LawName::RepeatedReadIsEqual) },
                expected: shown(before),
                observed: shown(&items),
            }),
            _ => {}
        }
        self.reads.insert(asked, items);
        breaches
    }

    /// What is asked for by its identity is there, unless it was removed.
    fn by_identity(&self, deed: &Deed<'_>) -> Option<Breach> {
        let list = deed.operation.list.as_ref();
        let key = list.and_then(|list| list.key.as_deref());
        let by_key = |(name, value): &&(String, Value)| {
            let parameter = deed.operation.parameters.get(name.as_str());
            let filter = parameter.and_then(|parameter| parameter.filter.as_ref());
            match (list, filter) {
                (None, _) => deed.subject == Some(plain(value).as_str()),
                (Some(_), Some(Filter::Equals(field))) => Some(field.as_str()) == key,
                _ => false,
            }
        };
        let id = plain(&deed.sent.iter().find(by_key)?.1);
        let sight = match (deed.observed.came, list, &deed.observed.value) {
            (Came::Accepted, Some(list), Some(value)) => {
                let is_it = |item: &&Value| key.and_then(|key| item.get(key)).is_some_and(|found| plain(found) == id);
                match list.items_of(value).iter().find(is_it) {
                    Some(item) if is_going(item) => return None,
                    Some(_) => Sight::Shown,
                    None => Sight::Absent,
                }
            }
            (Came::Accepted, None, _) => Sight::Shown,
            (Came::Refused, None, _) => Sight::Absent,
            _ => return None,
        };
        // What else was asked for may narrow it, too.
        let is_alone = deed.sent.len() == 1;
        let (law, expected, observed) = match sight {
            Sight::Absent if is_alone && self.there.contains(&id) => {
                (Law::OfCases(LawName::CreatedIsReadBack), "there", "not there")
            }
            Sight::Shown if self.gone.contains(&id) => (Law::OfCases(LawName::RemoveExactlyOne), "not there", "there"),
            Sight::Absent | Sight::Shown => return None,
        };
        Some(Breach { law, expected: format!("{id} is {expected}"), observed: format!("{id} is {observed}") })
    }
}

/// Whether something is shown.
#[derive(Clone, Copy)]
enum Sight {
    Shown,
    Absent,
}

/// Each item of a narrowed list has the value that it is narrowed by.
fn by_filter(deed: &Deed<'_>) -> Option<Breach> {
    let (list, value) = (deed.operation.list.as_ref()?, deed.observed.value.as_ref()?);
    deed.sent.iter().find_map(|(name, wanted)| {
        let Some(Filter::Equals(field)) = &deed.operation.parameters.get(name)?.filter else { return None };
        let wanted = plain(wanted);
        let other = list.items_of(value).iter().filter_map(|item| item.get(field)).map(plain);
        let other = other.into_iter().find(|found| !found.eq_ignore_ascii_case(&wanted) && !wanted.contains(','))?;
        let expected = format!("each item has the {field} {wanted}");
        Some(Breach { law: Law::OfCases(LawName::FilterFilters), expected, observed: format!("one has {other}") })
    })
}

/// What a read shows: of a list its items.
fn items(operation: &Operation, value: &Value) -> Value {
    match &operation.list {
        Some(list) => Value::Array(list.items_of(value).to_vec()),
        None => value.clone(),
    }
}
