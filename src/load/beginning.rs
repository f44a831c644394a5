//! What is known when a load run begins.

use jiff::Timestamp;

use crate::arguments::LoadArguments;
use crate::record::without_secrets;
use crate::target::name::REFERENCE;
use assay_engine::deployment::Target;
use assay_engine::plan::LoadPlan;
use assay_formats::record::RecordWriter;
use assay_formats::record::load::{LOAD_FORMAT, LoadEvent, LoadStarted, Shard};

/// Writes what is known when a run begins.
pub(crate) fn begin(
    record: &RecordWriter,
    plan: &LoadPlan,
    target: &Target,
    command: &LoadArguments,
    shard: Shard,
) -> LoadStarted {
    let started = LoadStarted {
        format: LOAD_FORMAT,
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        run: uuid::Uuid::new_v4().to_string(),
        started: Timestamp::now(),
        target: without_secrets(target),
        shard,
        repeat: repeat(command),
        profiles: plan.rounds.iter().flatten().map(|profile| profile.recorded.clone()).collect(),
    };
    record.write(&LoadEvent::LoadStarted(Box::new(started.clone())));
    started
}

/// The arguments that put the same load on the same deployment again.
pub(crate) fn repeat(command: &LoadArguments) -> Vec<String> {
    let mut repeat = Vec::new();
    let mut option = |name: &str, value: String| repeat.extend([format!("--{name}"), value]);
    if command.target != REFERENCE {
        option("target", command.target.clone());
    }
    command.faults.iter().for_each(|fault| option("fault", fault.clone()));
    command.suites.iter().for_each(|suite| option("suite", suite.clone()));
    command.tags.iter().for_each(|tag| option("tag", tag.clone()));
    command.seed.iter().for_each(|seed| option("seed", seed.to_string()));
    if let Some(lasts) = command.lasts {
        option("for", format!("{}s", lasts.as_secs_f64()));
    }
    repeat.extend(command.profiles.iter().cloned());
    repeat
}
