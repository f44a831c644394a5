//! ESM's service levels against the reference cloud: met as it is, violated when it is slow, inconclusive with too few samples.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use assay_suite::Quantile;

use super::Place;
use crate::assay_load::{AssayLoad, JudgedLevel, at_quantiles};
use crate::child::{Running, with_input};
use crate::failure::Failure;
use crate::samples::QUANTILES;
use crate::table::{Bound, Limit, Page, Verdict, milliseconds};

/// What is asked of assay, and what must come of it.
struct Story {
    title: &'static str,
    /// What the cloud does wrong.
    faults: &'static [&'static str],
    arguments: &'static [&'static str],
    lasts: Duration,
    levels: Levels,
    wanted: &'static str,
}

/// Which service levels a story is about.
#[derive(Clone, Copy, Debug)]
enum Levels {
    /// Response times, success rates, throughput.
    All,
    /// Response times.
    ResponseTimes,
    /// Response times at this quantile.
    At(Quantile),
}

const STORIES: [Story; 6] = [
    Story {
        title: "4,000/s, the cloud as it is",
        faults: &[],
        arguments: &["--suite", "esm", "--tag", "monitoring", "--for", "30s"],
        lasts: Duration::from_secs(12 * 40),
        levels: Levels::All,
        wanted: "met",
    },
    Story {
        title: "4,000/s, slow at TP50",
        faults: &["esm-median-slow"],
        arguments: &["--suite", "esm", "--tag", "monitoring", "--for", "30s"],
        lasts: Duration::from_secs(12 * 40),
        levels: Levels::At(Quantile::P50),
        wanted: "violated",
    },
    Story {
        title: "4,000/s, slow at TP99.9",
        faults: &["esm-tail-slow"],
        arguments: &["--suite", "esm", "--tag", "monitoring", "--for", "30s"],
        lasts: Duration::from_secs(12 * 40),
        levels: Levels::At(Quantile::P99_9),
        wanted: "violated",
    },
    Story {
        title: "60/min, slow at TP50",
        faults: &["esm-median-slow"],
        arguments: &["--suite", "esm", "--tag", "metering", "--for", "60s"],
        lasts: Duration::from_secs(70),
        levels: Levels::At(Quantile::P50),
        wanted: "violated",
    },
    Story {
        title: "60/min, slow at TP99.9",
        faults: &["esm-tail-slow"],
        // In one minute a slow tail may not show often enough to be sure of it.
        arguments: &["--suite", "esm", "--tag", "metering", "--for", "120s"],
        lasts: Duration::from_secs(130),
        levels: Levels::At(Quantile::P99_9),
        wanted: "violated",
    },
    Story {
        title: "60/min, five requests each",
        faults: &[],
        arguments: &["--suite", "esm", "--tag", "metering", "--for", "5s"],
        lasts: Duration::from_secs(15),
        levels: Levels::ResponseTimes,
        wanted: "inconclusive",
    },
];

pub(super) fn run(place: &Place) -> Result<Verdict, Failure> {
    let mut page = Page::new("ESM's service levels against the reference cloud");
    page.say("The cloud and the generator share the machine.");
    let (mut rows, mut bounds) = (Vec::new(), Vec::new());
    for story in &STORIES {
        let run = tell(place, story)?;
        rows.push(row(story, &run));
        bounds.push(other_verdicts(story, &run));
    }
    let columns = [
        "story",
        "judged",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "late p99.9 ms",
        "met",
        "violated",
        "inconclusive",
        "invalid",
    ];
    page.table("Stories", &columns, &rows);
    page.bounds(&bounds);
    page.finish(&place.page())
}

fn tell(place: &Place, story: &Story) -> Result<AssayLoad, Failure> {
    let (cloud, target) = cloud(place, story.faults)?;
    let arguments: Vec<&OsStr> = story.arguments.iter().map(OsStr::new).collect();
    let run = AssayLoad::run_with(place, &target, &arguments, story.lasts)?;
    drop(cloud);
    Ok(run)
}

/// Starts the reference cloud on free ports; gives its target file, too.
fn cloud(place: &Place, faults: &[&str]) -> Result<(Running, PathBuf), Failure> {
    let target = place.folder.join("cloud.yaml");
    let mut command = Command::new(&place.assay);
    command.args(["serve", "--listen", "127.0.0.1:0", "--write-target"]).arg(&target);
    command.args(faults.iter().flat_map(|fault| ["--fault", fault]));
    let cloud = Running::start("cloud", with_input(command), &place.folder)?;
    cloud.line_with("Ctrl-C stops it.")?;
    Ok((cloud, target))
}

fn row(story: &Story, run: &AssayLoad) -> Vec<String> {
    let mut cells = vec![story.title.to_owned(), run.judged.to_string()];
    cells.extend(at_quantiles(&run.response).map(milliseconds));
    cells.push(milliseconds(run.lateness.quantile(QUANTILES[2])));
    let verdicts = ["met", "violated", "inconclusive", "invalid"];
    cells.extend(verdicts.map(|verdict| run.levels_that_are(verdict).to_string()));
    cells
}

/// None may have another verdict, and there must be one.
#[allow(clippy::cast_precision_loss, reason = "as many as there are service levels")]
fn other_verdicts(story: &Story, run: &AssayLoad) -> Bound {
    let about = |level: &&JudgedLevel| match story.levels {
        Levels::All => true,
        Levels::ResponseTimes => level.quantile.is_some(),
        Levels::At(quantile) => level.quantile.and_then(Quantile::new) == Some(quantile),
    };
    let verdicts: Vec<_> = run.levels.iter().filter(about).map(|level| level.verdict.as_str()).collect();
    let others = verdicts.iter().filter(|verdict| **verdict != story.wanted).count();
    let others = if verdicts.is_empty() { f64::INFINITY } else { others as f64 };
    Bound::new(format!("{}: verdicts other than {}", story.title, story.wanted), others, Limit::AtMost(0.0), "")
}
