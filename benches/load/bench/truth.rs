//! Whether what is reported is what was: assay and other tools against servers whose answers take a known time.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Place, TruthServer};
use crate::assay_load::{AssayLoad, Profile};
use crate::failure::Failure;
use crate::hold::Kind;
use crate::samples::{AtQuantiles, QUANTILES, Samples};
use crate::server::Stamp;
use crate::table::{Bound, Page, Verdict, milliseconds};
use crate::tools::{LatencyCorrection, Load, Reported, Tool, versions};

/// Requests a second.
const RATE: u32 = 4000;
/// How long each tool runs; of assay, what is judged.
const SECONDS: u32 = 30;
/// assay's profile is not judged for so long at first.
const WARM_UP: u32 = 2;
/// How far a reported quantile may be from the truth.
const BOUND: Duration = Duration::from_micros(100);
/// About as many connections as bring 4,000/s to wrk, which knows no rate.
const WRK_CONNECTIONS: u32 = 5;
/// The connections of those that know a rate.
const CONNECTIONS: u32 = 64;

const OTHERS: [Tool; 5] =
    [Tool::Wrk, Tool::Oha(LatencyCorrection::Off), Tool::Oha(LatencyCorrection::On), Tool::Hey, Tool::Goose];

pub(super) fn run(place: &Place) -> Result<Verdict, Failure> {
    let mut page = Page::new("What is reported, and what was");
    page.say(&format!("{}/s for {SECONDS} s each, one after another. {}.", RATE, versions()));
    for (kind, title) in [
        (Kind::Distribution, "1 ms for 99 %, 20 ms for 0.9 %, 100 ms for 0.1 %"),
        (Kind::Frozen, "1 ms, and frozen for 2 s of every 10"),
    ] {
        against(&mut page, place, kind, title)?;
    }
    page.finish(&place.page())
}

/// All tools against one server.
fn against(page: &mut Page, place: &Place, kind: Kind, title: &str) -> Result<(), Failure> {
    let implied = implied(kind);
    let mut rows = vec![row("an open model implies", RATE.into(), implied, implied, implied)];
    let (assay, stamps) = with_assay(place, kind)?;
    let truth = of_numbered(&stamps)?;
    rows.push(row("assay's requests, by the server's stamps", assay.throughput(), truth, implied, held(&stamps)));
    rows.push(row("**assay**", assay.throughput(), assay.at_quantiles, implied, held(&stamps)));
    for tool in OTHERS {
        let server = TruthServer::start(place, kind)?;
        let connections = if tool == Tool::Wrk { WRK_CONNECTIONS } else { CONNECTIONS };
        let load = Load { rate: Some(RATE), connections, seconds: SECONDS };
        match tool.run(place, &server.url(), load) {
            Ok(reported) => {
                let held = held(&server.stop()?);
                rows.push(row(tool.name(), reported.throughput(), reported.at_quantiles, implied, held));
            }
            // No bound rests on it, so the others are shown all the same.
            Err(failure) => rows.push(vec![format!("{}: {failure}", tool.name()).replace('\n', " ")]),
        }
    }
    let columns = [
        "what",
        "answers/s",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "p50 off",
        "p99 off",
        "p99.9 off",
        "server held p50 / p99 / p99.9",
    ];
    page.table(title, &columns, &rows);
    page.bounds(&bounds(assay.at_quantiles, truth));
    Ok(())
}

/// assay's run, and what the server saw of it.
fn with_assay(place: &Place, kind: Kind) -> Result<(Reported, Vec<Stamp>), Failure> {
    let server = TruthServer::start(place, kind)?;
    let run = AssayLoad::run(place, Profile::Truth, &server.url())?;
    Ok((run.reported(), server.stop()?))
}

/// What an open model implies, at the moments that are judged.
fn implied(kind: Kind) -> AtQuantiles {
    kind.hold().implied(RATE, WARM_UP, SECONDS).at_quantiles()
}

/// From due to answered, by the server's own stamps. A request's number says when it was due: the first was due when the
/// luckiest of all says so.
fn of_numbered(stamps: &[Stamp]) -> Result<AtQuantiles, Failure> {
    let due_after = |number: u64| number * 1_000_000_000 / u64::from(RATE);
    let numbered: BTreeMap<_, _> = stamps.iter().filter_map(|stamp| Some((stamp.number?, stamp))).collect();
    let first = numbered.iter().filter_map(|(number, stamp)| stamp.arrived.0.checked_sub(due_after(*number))).min();
    let first =
        first.ok_or_else(|| Failure::not_understood("what the server saw of assay", "no request has a number"))?;
    let judged = numbered.range(u64::from(RATE * WARM_UP)..);
    let samples: Samples = judged.map(|(number, stamp)| stamp.answered.0 - first - due_after(*number)).collect();
    Ok(samples.at_quantiles())
}

/// How long the server held answers back.
fn held(stamps: &[Stamp]) -> AtQuantiles {
    stamps.iter().map(|stamp| stamp.answered.0 - stamp.arrived.0).collect::<Samples>().at_quantiles()
}

fn row(what: &str, throughput: f64, reported: AtQuantiles, truth: AtQuantiles, held: AtQuantiles) -> Vec<String> {
    let off = |(reported, truth): (Option<Duration>, Option<Duration>)| match (reported, truth) {
        (Some(reported), Some(truth)) => format!("{:+.3}", (reported.as_secs_f64() - truth.as_secs_f64()) * 1e3),
        _ => "-".to_owned(),
    };
    let mut cells = vec![what.to_owned(), format!("{throughput:.0}")];
    cells.extend(reported.map(milliseconds));
    cells.extend(reported.into_iter().zip(truth).map(off));
    cells.push(held.map(milliseconds).join(" / "));
    cells
}

fn bounds(reported: AtQuantiles, truth: AtQuantiles) -> Vec<Bound> {
    let off = reported.into_iter().zip(truth).map(|(reported, truth)| Some(reported?.abs_diff(truth?)));
    let names = QUANTILES.iter().map(|quantile| format!("assay's {quantile}, off the server's stamps"));
    names.zip(off).map(|(what, off)| Bound::at_most(what, off, BOUND)).collect()
}
