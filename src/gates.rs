//! The gates of a target, held against a run.

use std::path::Path;

use crate::context::CliContext;
use crate::report::judging::judge;
use assay_engine::deployment::Gates;
use assay_report::{Gate, Summary, gates};

/// Whether the gates are met. A record that can't be read fails the gate that needs it.
pub(super) fn of_target(surroundings: &CliContext<'_>, wanted: &Gates, run: &Summary) -> Vec<Gate> {
    let earlier = wanted.no_new_failures_since.as_deref().map(|path| judge(surroundings, Path::new(path), None));
    let compared = earlier.as_ref().map(|judged| judged.as_ref().map_err(ToString::to_string));
    gates(wanted, run, compared)
}
