//! What is reported before a load run: how long it takes, how many requests it makes, and which verdicts it can reach.

use std::fmt::Write as _;
use std::time::Duration;

use assay_engine::plan::{LoadPlan, PlannedProfile, Readiness};
use assay_engine::verdict::{Forecast, Needs, Reachable, forecast};
use assay_formats::record::load::{LevelPromise, Model, Shard};
use assay_suite::human::{count_of, duration, number, requests};

/// What to expect of a run, for a person in front of a terminal.
pub fn load_forecast(plan: &LoadPlan, shard: Shard) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_forecast(&mut text, plan, shard);
    text
}

fn write_forecast(out: &mut String, plan: &LoadPlan, shard: Shard) -> std::fmt::Result {
    let profiles: Vec<_> = plan.rounds.iter().flatten().collect();
    let recorded: Vec<_> = profiles.iter().map(|profile| profile.recorded.clone()).collect();
    let lasts: Duration = plan.rounds.iter().map(|round| longest(round)).sum();
    writeln!(out, "{}, {} in all", count_of(profiles.len(), "profile", "profiles"), duration(lasts.as_secs_f64()))?;
    if shard != Shard::WHOLE {
        writeln!(out, "This is generator {} of {}: it makes its part of these requests.", shard.number, shard.of)?;
    }
    for (profile, forecasts) in profiles.iter().zip(forecast(&recorded)) {
        let lasts = duration(profile.recorded.lasts.as_secs_f64());
        writeln!(out, "\n{}: {lasts}, {}", profile.recorded.title, load(profile))?;
        if let Readiness::Skipped(reason) = &profile.readiness {
            writeln!(out, "  is not run: {reason}")?;
            continue;
        }
        let promises = profile.recorded.promises.iter().zip(&forecasts);
        let undecided: Vec<_> =
            promises.filter_map(|(promise, forecast)| undecided(profile, promise, forecast)).collect();
        match (undecided.is_empty(), forecasts.is_empty()) {
            (_, true) => writeln!(out, "  measures, and judges nothing")?,
            (true, false) => writeln!(out, "  can decide all that is promised")?,
            (false, false) => undecided.iter().try_for_each(|line| writeln!(out, "  {line}"))?,
        }
    }
    Ok(())
}

fn longest(round: &[PlannedProfile]) -> Duration {
    round.iter().map(|profile| profile.recorded.lasts).max().unwrap_or_default()
}

fn load(profile: &PlannedProfile) -> String {
    match &profile.recorded.model {
        Model::Open { due: Some(due), .. } => format!("{} requests", requests(*due)),
        Model::Open { due: None, .. } => "as many requests as the deployment takes".to_owned(),
        Model::Closed { users } => format!("{users} users"),
    }
}

/// What keeps a promise from being called met even if all goes well; nothing if nothing does.
fn undecided(profile: &PlannedProfile, promise: &LevelPromise, forecast: &Forecast) -> Option<String> {
    let name = match &promise.operation {
        Some(operation) if profile.recorded.judged.len() > 1 => {
            format!("{operation}: {}", promise.level)
        }
        _ => promise.level.to_string(),
    };
    match forecast.reachable {
        Reachable::Reachable | Reachable::Unknown => None,
        Reachable::TooFew => {
            let needs = forecast.needs.map(enough).unwrap_or_default();
            let alone = match (forecast.needs, forecast.alone) {
                (Some(needs), Some(alone)) if alone.samples < needs.samples => {
                    format!("; in a run of its own: {}", enough(alone))
                }
                _ => String::new(),
            };
            Some(format!("{name} can't be called met: that takes {needs}{alone}"))
        }
        Reachable::RateTooLow => Some(format!("{name} can't be judged: the profile asks for less")),
        Reachable::NotJudged => Some(format!("{name} is not judged: the load has no limit")),
        Reachable::Never => Some(format!("{name} can be broken, but never be called met")),
    }
}

fn enough(needs: Needs) -> String {
    let requests = format!("{} requests", number(usize::try_from(needs.samples).unwrap_or(usize::MAX)));
    match needs.time {
        Some(time) => {
            let seconds = time.as_secs_f64().ceil();
            format!("{requests}, {} at this rate (--for {})", duration(seconds), option(seconds))
        }
        None => requests,
    }
}

/// A duration as `--for` takes it: whole minutes where it is longer than two.
fn option(seconds: f64) -> String {
    if seconds > 120.0 { format!("{}m", (seconds / 60.0).ceil()) } else { format!("{seconds}s") }
}
