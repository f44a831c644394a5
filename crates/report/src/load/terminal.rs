//! The end of a load run, as a person reads it in a terminal.

use std::fmt::Write as _;

use assay_suite::human;
use assay_suite::source::harmless;

use super::summary::{LevelSummary, LoadSummary, ProfileSummary};
use super::wording;

/// A line for each service level, why those are not met that are not, and the counts last.
pub fn load_terminal(summary: &LoadSummary) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_summary(&mut text, summary);
    text
}

fn write_summary(out: &mut String, summary: &LoadSummary) -> std::fmt::Result {
    let rows: Vec<_> = summary.profiles.iter().flat_map(|profile| &profile.levels).map(cells).collect();
    let widths = wording::widths(&rows);
    for profile in &summary.profiles {
        write_profile(out, profile, widths)?;
    }
    for (profile, what) in &summary.left_over {
        writeln!(out, "left over: {}\n  by {}", harmless::line(what), harmless::line(profile))?;
    }
    if let Some(warning) = summary.run.certificates.warning() {
        writeln!(out, "\n{warning}")?;
    }
    for reason in wording::partial(&summary.run).iter().chain(&wording::clocks(&summary.run)) {
        writeln!(out, "\n{reason}")?;
    }
    let levels = human::count_of(summary.counts.total(), "service level", "service levels");
    let took = human::duration(summary.run.took_s);
    if summary.verdict.is_none() {
        return writeln!(out, "\nno service level was judged in {took}");
    }
    writeln!(out, "\n{levels} in {took}: {}", wording::tally(&summary.counts))
}

fn write_profile(out: &mut String, profile: &ProfileSummary, widths: [usize; COLUMNS]) -> std::fmt::Result {
    let name = harmless::line(&profile.name);
    writeln!(out, "{name} ({}, {})", wording::model(&profile.model), human::duration(profile.lasts_s))?;
    if let Some(ending) = wording::ending(profile) {
        writeln!(out, "  {}", harmless::line(&ending))?;
    }
    if let Some(settling) = wording::settling(profile) {
        writeln!(out, "  {settling}")?;
    }
    for (level, reason) in wording::with_reasons(&profile.levels) {
        writeln!(out, "  {}", wording::aligned(&cells(level), widths))?;
        if let Some(reason) = reason {
            writeln!(out, "    {}", harmless::line(reason))?;
        }
        if let Some(needs) = wording::needs(level) {
            writeln!(out, "    {needs}")?;
        }
    }
    if profile.levels.is_empty() {
        write_measured(out, profile)?;
    }
    Ok(())
}

/// What a profile measured that promises nothing.
fn write_measured(out: &mut String, profile: &ProfileSummary) -> std::fmt::Result {
    for operation in &profile.operations {
        let at = |seconds: Option<f64>| wording::seconds(seconds).unwrap_or_else(|| "–".to_owned());
        let response = operation.traffic.response;
        writeln!(
            out,
            "  {}: {} requests; p50 {}, p99 {}, p99.9 {}",
            harmless::line(&operation.operation),
            human::requests(operation.traffic.due),
            at(response.p50_s),
            at(response.p99_s),
            at(response.p99_9_s)
        )?;
    }
    Ok(())
}

const COLUMNS: usize = 5;

/// A line of the table: verdict, service level, observed, interval, beyond the limit.
fn cells(level: &LevelSummary) -> [String; COLUMNS] {
    let failed = if level.quantile.is_some() { "beyond" } else { "failed" };
    [
        wording::verdict(level.verdict).to_owned(),
        harmless::line(&level.name),
        wording::measure(level.observed.0),
        wording::interval(level).map(|interval| format!("({interval})")).unwrap_or_default(),
        format!("{} of {} {failed}", wording::beyond(level), human::requests(level.samples)),
    ]
}
