//! What walks have reached: each operation, in each state of what it works on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use assay_suite::OperationName;

/// How often each operation was asked for, by the state of what it worked on.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    pairs: BTreeMap<(OperationName, String), u64>,
    accepted: BTreeSet<OperationName>,
}

/// One operation in one state, as it is shown and saved.
#[derive(Clone, Debug, Serialize)]
pub struct ReachedPair {
    /// The operation.
    pub operation: OperationName,
    /// The state of what it worked on; `-` where that has none.
    pub state: String,
    /// How often.
    pub times: u64,
}

impl Reached {
    /// Notes that an operation was asked for.
    pub(super) fn note(&mut self, operation: &OperationName, state: Option<&str>) {
        *self.pairs.entry((operation.clone(), state.unwrap_or("-").to_owned())).or_default() += 1;
    }

    /// Notes that an operation was carried out.
    pub(super) fn note_accepted(&mut self, operation: &OperationName) {
        self.accepted.insert(operation.clone());
    }

    /// How often an operation was asked for, whatever the state.
    pub(super) fn times(&self, operation: &OperationName) -> u64 {
        let of_operation = self.pairs.iter().filter(|((name, _), _)| name == operation);
        of_operation.map(|(_, times)| times).sum()
    }

    /// How many operations were asked for.
    pub fn operations(&self) -> usize {
        self.pairs.keys().map(|(operation, _)| operation).collect::<BTreeSet<_>>().len()
    }

    /// How many operations were carried out at least once.
    pub fn operations_accepted(&self) -> usize {
        self.accepted.len()
    }

    /// All pairs, by operation and state.
    pub fn pairs(&self) -> Vec<ReachedPair> {
        let pairs = self.pairs.iter().map(|((operation, state), times)| ReachedPair {
            operation: operation.clone(),
            state: state.clone(),
            times: *times,
        });
        pairs.collect()
    }
}
