//! How far a load run is: a live line on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::arguments::LoadArguments;
use crate::output::Sink;
use crate::report::output::to_stdout;
use assay_engine::load::{Progress, Sight, Watcher};
use assay_engine::plan::LoadPlan;
use assay_formats::record::load::{Outcome, Phase};
use assay_report::outcome_name;
use assay_suite::Quantile;
use assay_suite::human::latency;

use super::super::CliContext;

/// Elsewhere than on a terminal a line is printed this often, in seconds.
const EVERY: u64 = 10;

/// Reports how far a run is.
pub(super) fn watcher(surroundings: &CliContext<'_>, plan: &LoadPlan, sink: Sink) -> Watcher {
    let profiles = plan.rounds.iter().flatten();
    let titles: Vec<_> =
        profiles.map(|profile| (profile.recorded.title.clone(), profile.recorded.lasts.as_secs())).collect();
    if surroundings.terminal { live(titles) } else { plain(titles, sink) }
}

/// Shows a person how far one look of a search is, and no one else.
pub(super) fn quiet(surroundings: &CliContext<'_>, plan: &LoadPlan) -> Watcher {
    if surroundings.terminal { watcher(surroundings, plan, Sink::Err) } else { Box::new(|_| {}) }
}

fn live(titles: Vec<(String, u64)>) -> Watcher {
    let all = MultiProgress::new();
    let mut bars: BTreeMap<usize, ProgressBar> = BTreeMap::new();
    Box::new(move |sight| {
        let Sight::Progress(progress) = sight else { return };
        let Some((title, lasts)) = titles.get(progress.profile) else { return };
        let bar = bars.entry(progress.profile).or_insert_with(|| {
            let bar = all.add(ProgressBar::new(*lasts));
            let style = ProgressStyle::with_template("{prefix}\n  {bar:20} {pos}/{len} s  {wide_msg}");
            let bar = style.map_or(bar.clone(), |style| bar.with_style(style));
            bar.with_prefix(title.clone())
        });
        bar.set_position((progress.second + 1).min(*lasts));
        bar.set_message(describe(progress));
        if progress.second + 1 >= *lasts {
            bar.abandon();
        }
    })
}

fn plain(titles: Vec<(String, u64)>, sink: Sink) -> Watcher {
    let mut last: BTreeMap<usize, u64> = BTreeMap::new();
    Box::new(move |sight| {
        let Sight::Progress(progress) = sight else { return };
        let Some((title, lasts)) = titles.get(progress.profile) else { return };
        let part = progress.second / EVERY;
        if last.insert(progress.profile, part) != Some(part) {
            sink.line(&format!("{title}: {} of {lasts} s, {}", progress.second, describe(progress)));
        }
    })
}

fn describe(progress: &Progress<'_>) -> String {
    let totals = progress.totals;
    let mut rendered = match progress.phase {
        Phase::WarmUp => "warm-up, not judged; ".to_owned(),
        Phase::Judged => String::new(),
    };
    rendered += &format!("{}/s due, {}/s answered, {} in flight", progress.due, progress.answered, progress.in_flight);
    for quantile in [Quantile::P50, Quantile::P99, Quantile::P99_9] {
        if let Some(time) = totals.response.quantile(quantile) {
            rendered += &format!(", {quantile} {}", latency(time));
        }
    }
    let failed = totals.failed();
    if failed > 0 {
        let kinds = totals.outcomes.iter().filter(|(outcome, _)| **outcome != Outcome::Success);
        let kinds: Vec<_> = kinds.map(|(outcome, count)| format!("{count} {}", outcome_name(*outcome))).collect();
        rendered += &format!("; failed: {}", kinds.join(", "));
    }
    rendered
}

/// Where everything but a report is printed: next to one on the standard output nothing else is.
pub(crate) fn progress_sink(command: &LoadArguments) -> Sink {
    if to_stdout(&command.reports) { Sink::Err } else { Sink::Out }
}
