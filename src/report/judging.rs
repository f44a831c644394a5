//! Records, judged again.

use std::collections::BTreeMap;
use std::path::Path;

use crate::context::CliContext;
use crate::documents;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::runtime::runtime;
use assay_engine::conformance::replay;
use assay_engine::deployment::Target;
use assay_engine::interpreter::{mark_stale, settle_absent, withdraw_unfounded};
use assay_engine::plan::{Choice, ConformancePlan, Library};
use assay_formats::record::Record;
use assay_report::Summary;
use assay_suite::source::Diagnostics;

use super::reading::{file_of, read_record};
use super::shards;

/// The run that a record holds, judged again.
pub(crate) fn judge(surroundings: &CliContext<'_>, run: &Path, judge_by: Option<&Path>) -> Result<Summary, CliError> {
    let record = read_record(surroundings, &file_of(run))?;
    judge_records(surroundings, &[&record], judge_by).map(|(summary, _)| summary)
}

/// What the records of one run come to, judged again, and the plan that they were judged by.
pub(crate) fn judge_records(
    surroundings: &CliContext<'_>,
    records: &[&Record],
    judge_by: Option<&Path>,
) -> Result<(Summary, ConformancePlan), CliError> {
    judge_with_library(surroundings, records, judge_by).map(|(summary, plan, _)| (summary, plan))
}

/// The same, and the library that they were judged by.
pub(crate) fn judge_with_library(
    surroundings: &CliContext<'_>,
    records: &[&Record],
    judge_by: Option<&Path>,
) -> Result<(Summary, ConformancePlan, Library), CliError> {
    let Some(first) = records.first() else {
        return Err(CliError::new(ExitCode::Usage, "error: there is no record to read"));
    };
    let with_documents = records.iter().find(|record| !record.ends_before_the_first_case());
    let documents = match (judge_by, with_documents) {
        (Some(folder), _) => documents::documents(folder)?,
        // Its documents may break off, too. Nothing is judged by them then.
        (None, None) => documents::documents(Path::new("."))?,
        (None, Some(record)) => documents::recorded(&record.documents),
    };
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents, &mut mistakes);
    if mistakes.has_errors() {
        return Err(CliError::mistakes(&mistakes, surroundings.paint()));
    }
    let started = &first.started;
    let (suites, tags) = (started.suites.clone(), started.tags.clone());
    let choice = Choice { suites, tags, strictness: started.strictness };
    let target = Target::recorded(&started.target);
    let plan = documents::plan(surroundings, &library, &target, &choice)?;
    let runtime = runtime()?;
    let mut by_case = BTreeMap::new();
    for record in records {
        let own = (record.started.target != started.target)
            .then(|| documents::plan(surroundings, &library, &Target::recorded(&record.started.target), &choice))
            .transpose()?;
        let outcomes = runtime.block_on(replay(own.as_ref().unwrap_or(&plan), &library.schemas, record));
        by_case.extend(outcomes.into_iter().map(|outcome| (outcome.case.clone(), outcome)));
    }
    let mut outcomes: Vec<_> = plan.cases.iter().filter_map(|case| by_case.remove(&case.name)).collect();
    settle_absent(&plan.cases, &mut outcomes);
    withdraw_unfounded(&mut outcomes);
    mark_stale(&plan.cases, &mut outcomes);
    let left_over = records.iter().flat_map(|record| record.left_over.clone()).collect();
    let unproven = records.iter().flat_map(|record| record.unproven.clone()).collect();
    let took_us = records.iter().map(|record| record.took_us).max().unwrap_or_default();
    let summary = Summary::new(&plan, started, &outcomes, left_over, shards::ending(records), took_us);
    Ok((summary.with_unproven(unproven), plan, library))
}
