//! The memory that a run needs does not grow with its length.

use super::cost::megabytes;
use super::{Length, Place, TruthServer};
use crate::assay_load::{AssayLoad, Profile};
use crate::failure::Failure;
use crate::hold::Kind;
use crate::table::{Bound, Limit, Page, Verdict};

/// Megabytes.
const BOUND: f64 = 64.0;

pub(super) fn run(place: &Place, length: Length) -> Result<Verdict, Failure> {
    let mut profiles = vec![("1 minute", Profile::Minute)];
    if length == Length::Long {
        profiles.push(("20 minutes", Profile::TwentyMinutes));
    }
    let mut page = Page::new("The memory of a run");
    page.say("4,000/s, the most memory that the process had (VmHWM).");
    let (mut rows, mut bounds) = (Vec::new(), Vec::new());
    for (name, profile) in profiles {
        let server = TruthServer::start(place, Kind::Instant)?;
        let run = AssayLoad::run(place, profile, &server.url())?;
        server.stop()?;
        let memory = megabytes(run.cost.memory);
        rows.push(vec![name.to_owned(), run.answered.to_string(), format!("{memory:.1}")]);
        bounds.push(Bound::new(format!("memory of a run of {name}"), memory, Limit::AtMost(BOUND), "MB"));
    }
    page.table("Runs", &["run", "requests", "memory MB"], &rows);
    page.bounds(&bounds);
    page.finish(&place.page())
}
