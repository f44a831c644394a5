//! What a signed, checked, recorded request costs, next to a bare GET of other tools, in one run.

use super::{Place, TruthServer};
use crate::assay_load::{AssayLoad, Profile};
use crate::failure::Failure;
use crate::hold::Kind;
use crate::table::{Bound, Limit, Page, Verdict, median};
use crate::tools::{LatencyCorrection, Load, Tool, versions};

/// Each tool runs so often, in turn with the others.
const ROUNDS: usize = 3;
/// At full speed.
const LOAD: Load = Load { rate: None, connections: 32, seconds: 10 };
const OTHERS: [Tool; 4] = [Tool::Oha(LatencyCorrection::Off), Tool::Wrk, Tool::Hey, Tool::Goose];

/// What a tool needed in one run.
#[derive(Clone, Copy, Debug)]
struct Needed {
    /// Processor seconds for 100,000 requests.
    cpu: f64,
    /// Answers a second.
    throughput: f64,
    /// Megabytes.
    memory: f64,
}

pub(super) fn run(place: &Place) -> Result<Verdict, Failure> {
    let mut assay = Vec::new();
    let mut others = OTHERS.map(|tool| (tool, Vec::new()));
    for _ in 0..ROUNDS {
        assay.push(with_assay(place)?);
        for (tool, needed) in &mut others {
            needed.push(with_other(place, *tool)?);
        }
    }
    let assay = medians(&assay);
    let others = others.map(|(tool, needed)| (tool, medians(&needed)));
    let mut page = Page::new("What a request costs");
    page.say(&format!(
        "32 connections, as fast as they can for {} s, medians of {ROUNDS} rounds. assay signs and records each request, looks at each answer, and holds 1 % against the schema; the \
         others make a bare GET. {}.",
        LOAD.seconds,
        versions()
    ));
    let named = others.iter().map(|(tool, needed)| (tool.name(), needed));
    let rows: Vec<_> =
        [("**assay**", &assay)].into_iter().chain(named).map(|(name, needed)| row(name, needed, &assay)).collect();
    let columns = ["tool", "CPU s / 100,000", "of assay's", "answers/s", "of assay's", "memory MB"];
    page.table("Medians", &columns, &rows);
    page.bounds(&bounds(&assay, &others));
    page.finish(&place.page())
}

fn with_assay(place: &Place) -> Result<Needed, Failure> {
    let server = TruthServer::start(place, Kind::Instant)?;
    let run = AssayLoad::run(place, Profile::FullSpeed, &server.url())?;
    server.stop()?;
    let throughput = run.reported().throughput();
    Ok(Needed { cpu: run.cpu_per_100_000(), throughput, memory: megabytes(run.cost.memory) })
}

fn with_other(place: &Place, tool: Tool) -> Result<Needed, Failure> {
    let server = TruthServer::start(place, Kind::Instant)?;
    let reported = tool.run(place, &server.url(), LOAD)?;
    server.stop()?;
    let (cpu, throughput) = (reported.cpu_per_100_000(), reported.throughput());
    Ok(Needed { cpu, throughput, memory: megabytes(reported.cost.memory) })
}

fn medians(runs: &[Needed]) -> Needed {
    Needed {
        cpu: median(runs.iter().map(|run| run.cpu)),
        throughput: median(runs.iter().map(|run| run.throughput)),
        memory: median(runs.iter().map(|run| run.memory)),
    }
}

fn row(name: &str, needed: &Needed, assay: &Needed) -> Vec<String> {
    vec![
        name.to_owned(),
        format!("{:.2}", needed.cpu),
        format!("{:.2}", needed.cpu / assay.cpu),
        format!("{:.0}", needed.throughput),
        format!("{:.2}", needed.throughput / assay.throughput),
        format!("{:.0}", needed.memory),
    ]
}

fn bounds(assay: &Needed, others: &[(Tool, Needed)]) -> Vec<Bound> {
    let mut bounds = Vec::new();
    for (tool, needed) in others {
        match tool {
            Tool::Oha(_) => {
                bounds.push(Bound::new("CPU of a request, against oha's", assay.cpu, Limit::AtMost(needed.cpu), "s"));
                let least = Limit::AtLeast(needed.throughput);
                bounds.push(Bound::new("throughput, against oha's", assay.throughput, least, "/s"));
            }
            Tool::Goose => {
                let third = Limit::AtMost(needed.cpu / 3.0);
                bounds.push(Bound::new("CPU of a request, against a third of goose's", assay.cpu, third, "s"));
            }
            Tool::Wrk | Tool::Hey => {}
        }
    }
    bounds
}

/// Of bytes, as a number to show.
pub(super) fn megabytes(bytes: u64) -> f64 {
    crate::tools::count(bytes) / 1e6
}
