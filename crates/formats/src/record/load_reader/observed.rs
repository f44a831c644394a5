//! What was observed of a load, added up.

use std::time::Duration;

use indexmap::IndexMap;

use crate::record::clock::ClockOffset;
use crate::record::load::{LoadStarted, ProfileEnding, Shard};
use crate::record::obligation::Ledger;
use crate::record::reader::Ending;
use assay_suite::OperationName;

use super::blocks::PromiseBlocks;
use super::timeline::Part;
use super::totals::Totals;

/// Load records of one run, added up. Its size depends on what was planned, not on how long it took.
#[derive(Clone, Debug)]
pub struct LoadRecord {
    /// What was known when the run began; of several generators, what the first knew.
    pub started: LoadStarted,
    /// The generators whose records these are, by number.
    pub shards: Vec<Shard>,
    /// The numbers of the generators that had a part in the load and whose records are not here.
    pub missing: Vec<u32>,
    /// What was observed of each profile, as they are listed in `started`.
    pub profiles: Vec<ObservedProfile>,
    /// What was not removed: the profile, and what is left.
    pub left_over: Vec<(String, String)>,
    /// What no operation removes: the profile, and what it created. It is left over, too.
    pub not_removable: Vec<(String, String)>,
    /// What is still to be removed, of each record.
    pub ledger: Vec<Ledger>,
    /// How far the deployment's clock is ahead of each generator's, where answers show it.
    pub clocks: Vec<(Shard, ClockOffset)>,
    /// How the records end; the worst of several.
    pub ending: Ending,
    /// From the start of the run to its last event, in microseconds.
    pub took_us: u64,
}

/// What was observed of a profile.
#[derive(Clone, Debug, Default)]
pub struct ObservedProfile {
    /// When it began, in microseconds from the start of the run; nothing if it did not.
    pub started_us: Option<u64>,
    /// When it ended; nothing if it did not.
    pub ended_us: Option<u64>,
    /// How it ended; nothing if it did not.
    pub ending: Option<ProfileEnding>,
    /// What was observed of each operation, warm-up left out.
    pub judged: IndexMap<OperationName, Totals>,
    /// How many seconds of judged requests there were: from the first judged due moment to the last, rounded up.
    pub judged_seconds: u64,
    /// How many seconds after the last judged due moment the last outcome of a judged request was known.
    pub lagged_seconds: u64,
    /// How the requests of each promise lie in time, warm-up left out, as the promises are planned.
    pub blocks: Vec<PromiseBlocks>,
    /// How far apart the generators began, by their clocks.
    pub apart: Duration,
    /// What was observed over time, warm-up included, of all operations together, in parts of equal length.
    pub timeline: Vec<Part>,
}

impl ObservedProfile {
    /// What was observed of an operation, or of all together, warm-up left out.
    pub fn of(&self, operation: Option<&OperationName>) -> Totals {
        let mut totals = Totals::default();
        let chosen = self.judged.iter().filter(|(name, _)| operation.is_none_or(|operation| operation == *name));
        chosen.for_each(|(_, judged)| totals.add(judged));
        totals
    }
}
