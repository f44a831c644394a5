//! The gates of a run.

use std::path::Path;

use crate::context::CliContext;
use crate::report::judging::judge;
use assay_engine::plan::ConformancePlan;
use assay_formats::record::{Gates, Untested};
use assay_report::{Gate, GateOutcome, Summary};

/// Whether the gates are met. A record that can't be read fails the gate that needs it.
pub(super) fn of_run(
    surroundings: &CliContext<'_>,
    wanted: &Gates,
    plan: &ConformancePlan,
    run: &Summary,
) -> Vec<Gate> {
    let earlier = wanted.no_new_failures_since.as_deref().map(|path| judge(surroundings, Path::new(path), None));
    let compared = earlier.as_ref().map(|judged| judged.as_ref().map_err(ToString::to_string));
    let mut gates = assay_report::gates(wanted, run, compared);
    let counts = |gate: &Gate| gate.outcome != GateOutcome::Met && wanted.untested == Untested::Refused;
    gates.extend(untested(run, plan).filter(counts));
    gates
}

/// Whether all operations of `OpenAPI` documents were tested; nothing if no suite is described by one.
pub(super) fn untested(run: &Summary, plan: &ConformancePlan) -> Option<Gate> {
    let described: Vec<_> = plan.suites.iter().filter(|suite| suite.described.is_some()).collect();
    let of = run.suites.iter().filter(|found| described.iter().any(|suite| suite.name.value.0 == found.name));
    let (tested, all) = of.fold((0, 0), |(tested, all), suite| {
        (tested + suite.coverage.operations_tested, all + suite.coverage.operations_documented)
    });
    (!described.is_empty()).then(|| Gate {
        name: "all operations of the document are tested".to_owned(),
        expected: format!("{all} of {all} operations"),
        observed: format!("{tested} of {all} operations"),
        outcome: if tested < all { GateOutcome::Open } else { GateOutcome::Met },
    })
}
