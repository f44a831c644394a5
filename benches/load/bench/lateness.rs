//! How late requests are sent at 4,000/s, on the cores that the server shares; and that a late generator is informed of.

use std::process::Command;
use std::time::Duration;

use assay_formats::Histogram;

use super::{Place, TruthServer};
use crate::assay_load::{AssayLoad, Profile, at_quantiles};
use crate::child::{Running, with_input};
use crate::clock::{Moment, Timer};
use crate::failure::Failure;
use crate::hold::Kind;
use crate::samples::{AtQuantiles, QUANTILES};
use crate::table::{Bound, Limit, Page, Verdict, median, milliseconds};

/// How often it is measured.
const RUNS: usize = 5;
/// How late requests may be at each quantile, as the median of the runs; and in one run, before it is invalid, by what the
/// profile in benches/documents/scenarios/truth/load/lateness.yaml allows.
const BOUNDS: [Duration; 3] = [Duration::from_micros(30), Duration::from_micros(100), Duration::from_micros(300)];

/// So many processes that never rest make every generator late.
const SPINNING: usize = 4;

pub(super) fn run(place: &Place) -> Result<Verdict, Failure> {
    let mut runs = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..RUNS {
        bare.push(bare_timer()?);
        runs.push(one(place)?);
    }
    let disturbed = disturbed(place)?;
    let mut page = Page::new("How late requests are sent");
    page.say(
        "4,000/s for 10 s each, to a server that answers at once, and a last time beside processes that never rest. Before each \
         run, what the machine itself can do: a thread that waits for the same moments and does nothing else, with no server.",
    );
    let mut rows: Vec<_> = bare.iter().zip(1..).map(|(late, number)| bare_row(number, late)).collect();
    rows.extend(runs.iter().zip(1..).map(|(run, number)| row(&format!("{number}"), run)));
    rows.push(row("disturbed", &disturbed));
    page.table("Runs", &["run", "p50 ms", "p99 ms", "p99.9 ms", "longest ms", "sent", "verdicts"], &rows);
    let all: Vec<_> = runs.iter().map(|run| at_quantiles(&run.lateness)).collect();
    let mut bounds: Vec<_> = (0..QUANTILES.len()).map(|place| median_bound(&all, place)).collect();
    let bare: Vec<_> = bare.iter().map(at_quantiles).collect();
    bounds.extend((0..QUANTILES.len()).map(|place| beside_bare(&all, &bare, place)));
    let late: Vec<_> = runs.iter().chain([&disturbed]).filter(|run| is_late(run)).collect();
    bounds.push(Bound::new("late runs, the disturbed one among them", number(late.len()), Limit::AtLeast(1.0), ""));
    let untold = late.iter().filter(|run| run.levels_that_are("invalid") == 0).count();
    bounds.push(Bound::new("late runs that are not called invalid", number(untold), Limit::AtMost(0.0), ""));
    page.bounds(&bounds);
    page.finish(&place.page())
}

fn one(place: &Place) -> Result<AssayLoad, Failure> {
    let server = TruthServer::start(place, Kind::Instant)?;
    let run = AssayLoad::run(place, Profile::Lateness, &server.url())?;
    server.stop()?;
    Ok(run)
}

/// A run that can't be in time.
fn disturbed(place: &Place) -> Result<AssayLoad, Failure> {
    let spin = |number: usize| {
        let itself = std::env::current_exe().map_err(Failure::system("the bench's own program"))?;
        let mut command = Command::new(itself);
        command.arg("spin");
        Running::start(&format!("spin-{number}"), with_input(command), &place.folder)
    };
    let spinning = (0..SPINNING).map(spin).collect::<Result<Vec<_>, _>>()?;
    let run = one(place)?;
    drop(spinning);
    Ok(run)
}

fn row(name: &str, run: &AssayLoad) -> Vec<String> {
    let mut cells = vec![name.to_owned()];
    cells.extend(at_quantiles(&run.lateness).map(milliseconds));
    cells.extend([milliseconds(Some(run.lateness.longest())), run.lateness.len().to_string(), verdicts(run)]);
    cells
}

fn verdicts(run: &AssayLoad) -> String {
    run.levels.iter().map(|level| level.verdict.as_str()).collect::<Vec<_>>().join(", ")
}

fn median_bound(runs: &[AtQuantiles], place: usize) -> Bound {
    let what = format!("lateness at {}, median of {RUNS} runs", QUANTILES[place]);
    Bound::at_most(what, median_late(runs, place), BOUNDS[place])
}

/// A generator can't be more punctual than a thread that does nothing else.
fn beside_bare(runs: &[AtQuantiles], bare: &[AtQuantiles], place: usize) -> Bound {
    let what = format!("lateness at {}, against the bare timer's", QUANTILES[place]);
    Bound::at_most(what, median_late(runs, place), median_late(bare, place).unwrap_or_default())
}

fn median_late(runs: &[AtQuantiles], place: usize) -> Option<Duration> {
    let seconds = median(runs.iter().filter_map(|run| run[place]).map(|late| late.as_secs_f64()));
    Duration::try_from_secs_f64(seconds).ok()
}

/// How late a thread wakes that waits for the moments of 4,000/s, for 10 s.
fn bare_timer() -> Result<Histogram, Failure> {
    const MOMENTS: u64 = 40_000;
    const APART: u64 = 250_000;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let waited = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let (timer, mut late) = (Timer::new()?, Histogram::new());
            let started = Moment::now().0 + APART;
            for due in (0..MOMENTS).map(|number| started + number * APART) {
                timer.set(Moment(due))?;
                timer.reached().await?;
                late.record(Duration::from_nanos(Moment::now().0.saturating_sub(due)));
            }
            Ok(late)
        })
    });
    waited.map_err(Failure::system("a timer"))
}

fn bare_row(number: usize, late: &Histogram) -> Vec<String> {
    let mut cells = vec![format!("bare timer {number}")];
    cells.extend(at_quantiles(late).map(milliseconds));
    cells.extend([milliseconds(Some(late.longest())), String::new(), String::new()]);
    cells
}

fn is_late(run: &AssayLoad) -> bool {
    let mut late = at_quantiles(&run.lateness).into_iter().zip(BOUNDS);
    late.any(|(late, bound)| late.is_some_and(|late| late > bound))
}

#[allow(clippy::cast_precision_loss, reason = "six runs")]
fn number(runs: usize) -> f64 {
    runs as f64
}
