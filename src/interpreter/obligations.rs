//! What a case has created, and so has to remove.

use std::sync::Arc;

use serde_json::Value;

use crate::plan::PlannedCall;
use crate::record::{Change, Matter, Owed};
use crate::scenario::{Path, plain};
use crate::source::Located;
use crate::suite::{Effect, Encoding, Operation, Presence, Suite};

use super::await_job::Job;

/// What a case has to remove before it is over. Whoever records a run is told of every change, in order: what is new before
/// what it takes the place of, so that nothing is lost in between.
#[derive(Debug)]
pub(super) struct Obligations {
    open: Vec<Obligation>,
    /// The format in which the case asks.
    format: Encoding,
    next_number: u64,
    untold: Vec<Change>,
}

/// Something that a case has to see to before it is over, of which suite, and who is to ask for it: the main account when
/// nothing is said.
#[derive(Debug)]
pub(super) struct Obligation {
    /// No other of the case has it.
    pub number: u64,
    pub suite: Arc<Suite>,
    pub account: Option<String>,
    pub matter: Matter,
}

/// Whether it is known what a request created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// All of it, or that it was nothing.
    Whole,
    /// It may have created something that nobody named.
    None,
}

/// The arguments of a removal.
pub(super) type Arguments = Vec<(String, Value)>;

impl Obligations {
    /// Of a case that asks in a format.
    pub fn new(format: Encoding) -> Self {
        Self { open: Vec::new(), format, next_number: 0, untold: Vec::new() }
    }

    /// What an earlier run left. Its record has it already.
    pub fn take_over(&mut self, obligation: Obligation) {
        self.next_number = self.next_number.max(obligation.number + 1);
        self.open.push(obligation);
    }

    /// What has changed since this was last asked.
    pub fn changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.untold)
    }

    /// A request is about to be sent. If it is one that creates something, it is owed until its answer was looked at.
    pub fn asked(
        &mut self,
        suite: &Arc<Suite>,
        call: &PlannedCall,
        arguments: &[(String, Value)],
        unique: &Value,
    ) -> Option<u64> {
        let operation = suite.operations.get(call.operation.as_str())?;
        operation.undo.as_ref()?;
        let unique = plain(unique);
        let named = arguments.iter().any(|(_, value)| plain(value).contains(&unique));
        let matter = Matter::Request { operation: operation.name.value.clone(), name: named.then_some(unique) };
        Some(self.owe(suite, call.account.clone(), matter))
    }

    /// A request was carried out: it may have created something, or removed what was to be removed.
    pub fn accepted(
        &mut self,
        suite: &Arc<Suite>,
        call: &PlannedCall,
        arguments: &[(String, Value)],
        answer: Option<&Value>,
    ) -> Knowledge {
        let given = |(name, wanted): &(String, Value)| {
            arguments.iter().any(|(known, value)| stem(known) == stem(name) && plain(value) == plain(wanted))
        };
        let operation = suite.operations.get(call.operation.as_str());
        // What two suites act on has one id, whatever the parameter that names it.
        let names = |(_, wanted): &(String, Value)| arguments.iter().any(|(_, value)| plain(value) == plain(wanted));
        let removes = operation.is_some_and(|operation| operation.effect == Effect::Removes);
        self.meet_those(|obligation| match &obligation.matter {
            Matter::Thing { arguments, .. } if obligation.suite.name.value != suite.name.value => {
                removes && arguments.iter().all(names)
            }
            Matter::Thing { call: undo, arguments } => {
                undo.0 == call.operation && decisive(operation, arguments).into_iter().all(given)
            }
            Matter::Job { .. } | Matter::Lookup { .. } | Matter::Request { .. } => false,
        });
        let Some(operation) = operation else { return Knowledge::Whole };
        let matters: Vec<_> = match (operation.asynchronous, &suite.jobs) {
            (true, Some(jobs)) => {
                let id = answer.and_then(|answer| jobs.id_in(answer)).cloned();
                id.map(|id| Matter::Job { id, of: operation.name.value.clone() }).into_iter().collect()
            }
            _ => created(operation, answer),
        };
        let knowledge = if matters.is_empty() { Knowledge::None } else { Knowledge::Whole };
        for matter in matters {
            self.owe(suite, call.account.clone(), matter);
        }
        knowledge
    }

    /// A job has ended; what it created is in its result.
    pub fn job_ended(&mut self, suite: &Arc<Suite>, job: &Job<'_>, result: Option<&Value>) {
        let operation = job.of.and_then(|of| suite.operations.get(of));
        for matter in operation.map(|operation| created(operation, result)).unwrap_or_default() {
            self.owe(suite, job.account.map(str::to_owned), matter);
        }
        self.meet_those(|obligation| matches!(&obligation.matter, Matter::Job { id, .. } if id == job.id));
    }

    /// The latest that is not met. It stays owed until somebody says that it is met.
    pub fn next(&mut self) -> Option<Obligation> {
        self.open.pop()
    }

    /// One was seen to.
    pub fn met(&mut self, number: u64) {
        self.open.retain(|obligation| obligation.number != number);
        self.untold.push(Change::Met { number });
    }

    fn owe(&mut self, suite: &Arc<Suite>, account: Option<String>, matter: Matter) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        let (name, format) = (suite.name.value.clone(), self.format);
        let owed = Owed { suite: name, account: account.clone(), format, matter: matter.clone() };
        self.untold.push(Change::Owes { number, owed });
        self.open.push(Obligation { number, suite: Arc::clone(suite), account, matter });
        number
    }

    fn meet_those(&mut self, is_met: impl Fn(&Obligation) -> bool) {
        let Self { open, untold, .. } = self;
        open.retain(|obligation| {
            let met = is_met(obligation);
            untold.extend(met.then_some(Change::Met { number: obligation.number }));
            !met
        });
    }
}

/// The name of a parameter without the number that tells several of its kind apart: `InstanceId.2`.
fn stem(name: &str) -> &str {
    let numbered = name.rsplit_once('.').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    numbered.map_or(name, |(stem, _)| stem)
}

/// The arguments that name what a removal removes: those that it can't do without, or all if there are none of those.
pub(super) fn decisive<'a>(removal: Option<&Operation>, arguments: &'a Arguments) -> Vec<&'a (String, Value)> {
    let parameters = removal.map(|removal| &removal.parameters);
    let required = |name: &str| parameters.and_then(|all| all.get(name)).map(|parameter| parameter.presence);
    let named: Vec<_> = arguments.iter().filter(|(name, _)| required(name) == Some(Presence::Required)).collect();
    if named.is_empty() { arguments.iter().collect() } else { named }
}

/// What an operation created, by its answer.
fn created(operation: &Operation, answer: Option<&Value>) -> Vec<Matter> {
    let Some((undo, answer)) = operation.undo.as_ref().zip(answer) else { return Vec::new() };
    if undo.find.is_some() {
        return vec![Matter::Lookup { of: operation.name.value.clone(), answer: answer.clone() }];
    }
    let call = &undo.call.value;
    let removals = arguments(&undo.with, answer, None).into_iter();
    removals.map(|arguments| Matter::Thing { call: call.clone(), arguments }).collect()
}

/// The arguments of one removal for each thing that an answer names; none if it names nothing.
pub(super) fn arguments(with: &[(String, Located<String>)], answer: &Value, found: Option<&Value>) -> Vec<Arguments> {
    let mut removals = vec![Arguments::new()];
    for (name, written) in with {
        let values: Vec<Value> = match Path::parse(&written.value) {
            _ if written.value == "$found" => found.into_iter().cloned().collect(),
            Ok(path) => path.select(answer).into_iter().cloned().collect(),
            Err(_) => vec![Value::from(written.value.as_str())],
        };
        let with_each = |removal: &Arguments| -> Vec<Arguments> {
            let each = values.iter().map(|value| {
                let mut removal = removal.clone();
                removal.push((name.clone(), value.clone()));
                removal
            });
            each.collect()
        };
        removals = removals.iter().flat_map(with_each).collect();
    }
    removals
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::{Place, SourceFile};

    fn written(text: &str) -> Located<String> {
        let file = SourceFile::new("operations.yaml", "");
        Located { value: text.to_owned(), place: Place::start_of(&file) }
    }

    #[test]
    fn each_thing_that_a_path_leads_to_is_removed() {
        let with = [("id".to_owned(), written("$.set[*].id")), ("forced".to_owned(), written("true"))];
        let answer = json!({"set": [{"id": "a"}, {"id": "b"}]});
        let ids: Vec<_> = arguments(&with, &answer, None).into_iter().map(|removal| removal[0].1.clone()).collect();
        assert_eq!(ids, ["a", "b"]);
        assert!(arguments(&with, &json!({"set": []}), None).is_empty());
    }

    #[test]
    fn what_was_looked_up_is_removed() {
        let with = [("id".to_owned(), written("$found"))];
        assert_eq!(arguments(&with, &json!({}), Some(&json!("x"))), [vec![("id".to_owned(), json!("x"))]]);
    }
}
