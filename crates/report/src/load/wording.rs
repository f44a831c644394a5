//! What the reports of load runs that people read say in the same words.

use std::time::Duration;

use crate::{Counts, Ending, wording};
use assay_engine::verdict::{LevelVerdict, Measure};
use assay_formats::record::load::{Model, Outcome, ProfileEnding};
use assay_suite::human;

use super::summary::{LevelSummary, LoadRunInfo, LoadSummary, ProfileSummary};

/// All verdicts, the weightiest first.
pub(super) const VERDICTS: [LevelVerdict; 4] =
    [LevelVerdict::Violated, LevelVerdict::Invalid, LevelVerdict::Inconclusive, LevelVerdict::Met];

/// A verdict, as it is in texts, classes and attributes.
pub(super) fn verdict(verdict: LevelVerdict) -> &'static str {
    match verdict {
        LevelVerdict::Met => "met",
        LevelVerdict::Inconclusive => "inconclusive",
        LevelVerdict::Invalid => "invalid",
        LevelVerdict::Violated => "violated",
    }
}

/// An outcome, as it is after a number of requests.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "answered well",
        Outcome::WrongAnswer => "wrong answer",
        Outcome::Throttled => "throttled",
        Outcome::Refused => "refused",
        Outcome::TimedOut => "timed out",
        Outcome::Broken => "connection broken",
        Outcome::NotSent => "not sent",
        Outcome::GeneratorLimit => "stopped by the generator's machine",
    }
}

/// A measured value.
pub(super) fn measure(measure: Measure) -> String {
    match measure {
        Measure::Time(time) => human::latency(time),
        Measure::Endless => "no answer".to_owned(),
        Measure::Share(share) => human::percent(share),
        Measure::Rate(rate) => human::rate(rate),
        Measure::Nothing => "–".to_owned(),
    }
}

/// The verdict on the whole run, in one sentence.
pub(super) fn headline(summary: &LoadSummary) -> String {
    let (counts, all) = (&summary.counts, summary.counts.total());
    let rendered = |count: usize, which: &str, one: &str, many: &str| match (count == all, all) {
        (_, 1) => format!("The service level {one}."),
        (true, _) => format!("All {} service levels {many}.", human::number(all)),
        (false, _) => {
            let verb = if count == 1 { one } else { many };
            format!("{} of {} service levels {verb}{which}.", human::number(count), human::number(all))
        }
    };
    let Some(verdict) = summary.verdict else {
        return "The run only measured. No service level was judged.".to_owned();
    };
    let count = counts.of(verdict);
    match verdict {
        LevelVerdict::Violated => rendered(count, "", "is violated", "are violated"),
        LevelVerdict::Invalid if count == all => "The run says nothing about the deployment.".to_owned(),
        LevelVerdict::Invalid => rendered(count, "", "could not be judged", "could not be judged"),
        LevelVerdict::Inconclusive => rendered(count, "", "is undecided", "are undecided"),
        LevelVerdict::Met if !partial(&summary.run).is_empty() => {
            rendered(count, "", "is met, as far as the run went", "are met, as far as the run went")
        }
        LevelVerdict::Met => rendered(count, "", "is met", "are met"),
    }
}

/// What the headline leaves out, in a sentence or two; empty if it says all.
pub(super) fn detail(summary: &LoadSummary) -> String {
    let mut sentences = Vec::new();
    if summary.counts.0.len() > 1 {
        sentences.push(format!("{}.", tally(&summary.counts)));
    }
    if summary.counts.of(LevelVerdict::Invalid) > 0 {
        sentences.push("Where the load was not what its profile says, the observations say nothing.".to_owned());
    }
    let without = summary.profiles.iter().filter(|profile| profile.levels.is_empty()).count();
    if without > 0 && summary.verdict.is_some() {
        sentences.push(format!("{} only measured.", human::count_of(without, "profile", "profiles")));
    }
    sentences.join(" ")
}

/// How many came to each verdict, the weightiest first: `1 violated, 3 met`.
pub(super) fn tally(counts: &Counts<LevelVerdict>) -> String {
    let counted = VERDICTS.into_iter().filter(|verdict| counts.of(*verdict) > 0);
    let counted: Vec<_> = counted.map(|one| format!("{} {}", human::number(counts.of(one)), verdict(one))).collect();
    if counted.is_empty() { "no service level".to_owned() } else { counted.join(", ") }
}

/// Why a report is partial, in sentences; none if it is whole.
pub(super) fn partial(run: &LoadRunInfo) -> Vec<String> {
    let mut reasons = Vec::new();
    if !run.missing_generators.is_empty() {
        let numbers: Vec<_> = run.missing_generators.iter().map(u32::to_string).collect();
        let (records, are) = if numbers.len() == 1 { ("record", "is") } else { ("records", "are") };
        reasons.push(format!(
            "The {records} of generator {} of {} {are} missing: this is a part of the load that was planned.",
            numbers.join(", "),
            run.generators
        ));
    }
    reasons.extend(match run.ending {
        Ending::Completed => None,
        Ending::Interrupted => Some("The run was interrupted. What was not sent by then is missing here.".to_owned()),
        Ending::Broken | Ending::Incomplete => wording::partial(run.ending).map(str::to_owned),
    });
    reasons
}

/// What is said of generators whose clocks are not the deployment's, in sentences; none if all may be.
pub(super) fn clocks(run: &LoadRunInfo) -> Vec<String> {
    let differing = run.clocks.iter().filter(|clock| clock.differs);
    let sentences = differing.map(|clock| {
        let (by, side) = if clock.ahead_at_least_s > 0.0 {
            (clock.ahead_at_least_s, "behind")
        } else {
            (-clock.ahead_at_most_s, "ahead of")
        };
        let which = if run.generators > 1 { format!("generator {}", clock.generator) } else { "the generator".to_owned() };
        format!(
            "The clock of {which} is at least {} {side} the deployment's (by the `Date` of answers). No response time depends \
             on it; set it all the same: signatures have times in them.",
            human::duration(by)
        )
    });
    sentences.collect()
}

/// The model and the rate of a profile's load: `open, up to 4 000/s`.
pub(super) fn model(model: &Model) -> String {
    match model {
        Model::Open { peak: Some(peak), .. } => format!("open model, up to {}", human::rate(*peak)),
        Model::Open { peak: None, .. } => "open model, as fast as the deployment answers".to_owned(),
        Model::Closed { users } => {
            format!("closed model, {}", human::count_of(usize::try_from(*users).unwrap_or(usize::MAX), "user", "users"))
        }
    }
}

/// What is reported of a profile's end, if it did not end as planned.
pub(super) fn ending(profile: &ProfileSummary) -> Option<String> {
    match &profile.ending {
        Some(ProfileEnding::Completed) => None,
        Some(ProfileEnding::Aborted(reason)) => Some(format!("Ended early: {reason}")),
        Some(ProfileEnding::Interrupted) => Some("Somebody stopped it before its end.".to_owned()),
        Some(ProfileEnding::CouldNotRun(reason)) => Some(format!("It could not be set up: {reason}")),
        Some(ProfileEnding::GeneratorLimit(reason)) => {
            Some(format!("The generator's machine is at a limit of its own: {reason}"))
        }
        None if profile.timeline.is_empty() => Some("It did not begin.".to_owned()),
        None => Some("Its record has no end.".to_owned()),
    }
}

/// What is said of a deployment that had not settled when it was judged.
pub(super) fn settling(profile: &ProfileSummary) -> Option<String> {
    let settling = profile.settling?;
    if let Some(unsettled) = settling.unsettled_s {
        let enough = human::duration((profile.warm_up_s + unsettled).ceil());
        return Some(format!(
            "Response times settled only {} after the warm-up. A `warm_up` of {enough} leaves out what came before.",
            human::duration(unsettled)
        ));
    }
    match settling.trend {
        "rising" => {
            Some("Response times rose all the time under a constant load. Let the profile last longer.".to_owned())
        }
        "falling" => {
            Some("Response times fell all the time under a constant load. Let the warm-up last longer.".to_owned())
        }
        _ => None,
    }
}

/// The interval of a level: `1.07 ms to 1.09 ms`.
pub(super) fn interval(level: &LevelSummary) -> Option<String> {
    level.interval.map(|(low, high)| between(low.0, high.0))
}

/// Two ends: `1.07 ms to 1.09 ms`; one where they can't be distinguished.
pub(super) fn between(low: Measure, high: Measure) -> String {
    let (low, high) = (measure(low), measure(high));
    if low == high { low } else { format!("{low} to {high}") }
}

/// The service levels of a profile, each with its reason unless that is the one just printed.
pub(super) fn with_reasons(levels: &[LevelSummary]) -> impl Iterator<Item = (&LevelSummary, Option<&str>)> {
    let mut before = "";
    levels.iter().map(move |level| {
        let is_new = !level.reason.is_empty() && level.reason != before;
        before = &level.reason;
        (level, is_new.then_some(level.reason.as_str()))
    })
}

/// How many requests are beyond the limit; a limit may fall inside a bucket of the histogram.
pub(super) fn beyond(level: &LevelSummary) -> String {
    let (least, most) = (level.beyond_at_least, level.beyond_at_most);
    if least == most {
        return human::requests(least);
    }
    format!("{} to {}", human::requests(least), human::requests(most))
}

/// What was observed of a level, as one clause: `observed 12.4 ms, limit 5 ms; 120 of 4 000 requests are beyond it`.
pub(super) fn observation(level: &LevelSummary) -> String {
    let beyond = if level.quantile.is_some() { "are beyond it" } else { "failed" };
    format!(
        "observed {}, limit {}; {} of {} requests {beyond}",
        measure(level.observed.0),
        measure(level.limit.0),
        self::beyond(level),
        human::requests(level.samples)
    )
}

/// Why a level is not met: what was observed of a violated one, else the reason.
pub(super) fn reason(level: &LevelSummary) -> Option<String> {
    match level.verdict {
        _ if !level.reason.is_empty() => Some(level.reason.clone()),
        LevelVerdict::Violated => Some(format!("{}.", observation(level))),
        LevelVerdict::Met | LevelVerdict::Inconclusive | LevelVerdict::Invalid => None,
    }
}

/// What would decide a level: `needs 2 995 requests, 49 min 55 s`.
pub(super) fn needs(level: &LevelSummary) -> Option<String> {
    let needs = level.needs?;
    let time = needs.time_s.map(|time| format!(", {}", human::duration(time))).unwrap_or_default();
    Some(format!("needs {} requests{time}", human::requests(needs.samples)))
}

/// A time in seconds as people say it, if there is one.
pub(super) fn seconds(seconds: Option<f64>) -> Option<String> {
    let time = Duration::try_from_secs_f64(seconds?).ok()?;
    Some(human::latency(time))
}

/// The command that puts the same load on the same deployment again.
pub(super) fn repeat(summary: &LoadSummary) -> String {
    let given: String = summary.run.repeat.iter().map(|argument| format!(" {}", wording::quoted(argument))).collect();
    format!("assay load{given}")
}

/// How wide each column of a table is.
pub(super) fn widths<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> [usize; COLUMNS] {
    rows.iter().fold([0; COLUMNS], |mut widths, row| {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
        widths
    })
}

/// A line of a table whose columns are so wide.
pub(super) fn aligned<const COLUMNS: usize>(row: &[String; COLUMNS], widths: [usize; COLUMNS]) -> String {
    let padded: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    padded.join("  ").trim_end().to_owned()
}
