//! How late requests are sent at 4,000/s, on the cores that the server shares; and that a late generator is told of.

use std::time::Duration;

use super::{Place, TruthServer};
use crate::assay_load::{AssayLoad, Profile, at_quantiles};
use crate::failure::Failure;
use crate::hold::Kind;
use crate::samples::{AtQuantiles, QUANTILES};
use crate::table::{Bound, Limit, Page, Verdict, median, milliseconds};

/// How often it is measured.
const RUNS: usize = 5;
/// How late requests may be at each quantile, as the median of the runs.
const BOUNDS: [Duration; 3] = [Duration::from_micros(30), Duration::from_micros(100), Duration::from_micros(300)];

pub(super) fn run(place: &Place) -> Result<Verdict, Failure> {
    let runs = (0..RUNS).map(|_| one(place)).collect::<Result<Vec<_>, _>>()?;
    let mut page = Page::new("How late requests are sent");
    page.say("4,000/s for 10 s each, to a server that takes 1 ms for 99 %, 20 ms for 0.9 % and 100 ms for 0.1 %.");
    let rows: Vec<_> = runs.iter().enumerate().map(|(number, run)| row(number, run)).collect();
    page.table("Runs", &["run", "p50 ms", "p99 ms", "p99.9 ms", "longest ms", "sent", "verdicts"], &rows);
    let all: Vec<_> = runs.iter().map(|run| at_quantiles(&run.lateness)).collect();
    let mut bounds: Vec<_> = (0..QUANTILES.len()).map(|place| median_bound(&all, place)).collect();
    bounds.push(told_of(&runs));
    page.bounds(&bounds);
    page.finish(&place.page())
}

fn one(place: &Place) -> Result<AssayLoad, Failure> {
    let server = TruthServer::start(place, Kind::Distribution)?;
    let run = AssayLoad::run(place, Profile::Lateness, &server.url())?;
    server.stop()?;
    Ok(run)
}

fn row(number: usize, run: &AssayLoad) -> Vec<String> {
    let mut cells = vec![(number + 1).to_string()];
    cells.extend(at_quantiles(&run.lateness).map(milliseconds));
    cells.extend([milliseconds(Some(run.lateness.longest())), run.lateness.len().to_string(), run.verdicts.join(", ")]);
    cells
}

fn median_bound(runs: &[AtQuantiles], place: usize) -> Bound {
    let seconds = median(runs.iter().filter_map(|run| run[place]).map(|late| late.as_secs_f64()));
    let late = Duration::try_from_secs_f64(seconds).ok();
    Bound::at_most(format!("lateness at {}, median of {RUNS} runs", QUANTILES[place]), late, BOUNDS[place])
}

/// The profile allows what the bounds say, so a run that was later says that it is invalid, and no other does.
#[allow(clippy::cast_precision_loss, reason = "five runs")]
fn told_of(runs: &[AssayLoad]) -> Bound {
    let is_late = |run: &AssayLoad| {
        let late = at_quantiles(&run.lateness).into_iter().zip(BOUNDS);
        late.into_iter().any(|(late, bound)| late.is_some_and(|late| late > bound))
    };
    let wrong = runs.iter().filter(|run| is_late(run) && run.verdicts_that_are("invalid") == 0).count();
    Bound::new("late runs that are not called invalid", wrong as f64, Limit::AtMost(0.0), "")
}
