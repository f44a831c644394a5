//! A load run as a comment on a change: a compact table, then what is not met.

use crate::markdown::{Page, code, text};
use assay_engine::verdict::{CAVEAT, LevelVerdict};
use assay_suite::human;

use super::summary::{LevelSummary, LoadSummary, ProfileSummary};
use super::wording;

/// Reasons beyond this number are counted; other reports have them all.
const MOST_REASONS: usize = 20;

const HEAD: &str = "\n| | Service level | Limit | Observed | 95 % interval | Beyond the limit | Requests |\n\
                    |:--|:--|--:|--:|:--|--:|--:|\n";

/// The verdict, the service levels, and why those are not met that are not; always shorter than 64 KB.
pub fn load_markdown(summary: &LoadSummary) -> String {
    let mut page = Page::default();
    page.add(&opening(summary));
    if !summary.left_over.is_empty() {
        page.add("\n## Left over on the deployment\n\n");
        summary.left_over.iter().for_each(|(by, what)| page.add(&format!("- {}, by {}\n", text(what), code(by))));
    }
    if summary.verdict.is_some() {
        page.add(HEAD);
    }
    let levels: Vec<_> =
        summary.profiles.iter().flat_map(|profile| profile.levels.iter().map(move |level| (profile, level))).collect();
    levels.iter().for_each(|(profile, level)| page.add(&row(profile, level)));
    let reasons: Vec<_> = levels.iter().filter_map(|(profile, level)| reason(profile, level)).collect();
    if !reasons.is_empty() {
        page.add("\n## What is not met\n\n");
    }
    reasons.iter().take(MOST_REASONS).for_each(|reason| page.add(reason));
    let left_out = page.left_out + reasons.len().saturating_sub(MOST_REASONS);
    if left_out > 0 {
        page.text.push_str(&format!("\n…and {left_out} more, in the other reports.\n"));
    }
    page.text.push_str(&format!("\n<sub>{CAVEAT}</sub>\n"));
    page.text
}

fn opening(summary: &LoadSummary) -> String {
    let run = &summary.run;
    let mark = match summary.verdict {
        Some(LevelVerdict::Met) | None => "✅",
        Some(LevelVerdict::Inconclusive) => "❔",
        Some(LevelVerdict::Violated | LevelVerdict::Invalid) => "❌",
    };
    let mut lines = vec![format!("# {mark} {}\n", wording::headline(summary))];
    lines.extend(run.certificates.warning().map(|warning| format!("> **Not verified.** {}\n", text(warning))));
    lines.extend(wording::partial(run).iter().map(|partial| format!("> **Partial.** {partial}\n")));
    lines.extend(wording::clocks(run).iter().map(|clock| format!("> **Clock.** {}\n", text(clock))));
    let detail = wording::detail(summary);
    if !detail.is_empty() {
        lines.push(format!("{detail}\n"));
    }
    let mut facts = vec![format!("target {}", code(&run.target))];
    facts.extend(run.server.iter().map(|server| format!("server {}", code(server))));
    facts.push(human::count_of(summary.profiles.len(), "profile", "profiles"));
    facts.push(format!("took {}", human::duration(run.took_s)));
    facts.push(format!("started {}", text(&run.started)));
    facts.push(format!("assay {}", text(&run.assay)));
    lines.push(facts.join(" · "));
    lines.join("\n") + "\n"
}

fn row(profile: &ProfileSummary, level: &LevelSummary) -> String {
    format!(
        "| {} {} | {}: {} | {} | {} | {} | {} | {} |\n",
        mark(level.verdict),
        wording::verdict(level.verdict),
        text(&profile.name),
        text(&level.name),
        wording::measure(level.limit.0),
        wording::measure(level.observed.0),
        wording::interval(level).unwrap_or_default(),
        wording::beyond(level),
        human::requests(level.samples)
    )
}

fn mark(verdict: LevelVerdict) -> &'static str {
    match verdict {
        LevelVerdict::Met => "✅",
        LevelVerdict::Inconclusive => "❔",
        LevelVerdict::Invalid => "⚠️",
        LevelVerdict::Violated => "❌",
    }
}

fn reason(profile: &ProfileSummary, level: &LevelSummary) -> Option<String> {
    if level.verdict == LevelVerdict::Met {
        return None;
    }
    let promises: Vec<_> = level
        .requirements
        .iter()
        .map(|promise| format!(" {} ({})", text(&promise.id.0), text(&promise.source)))
        .collect();
    let reason = wording::reason(level).unwrap_or_default();
    let needs = wording::needs(level).map(|needs| format!(" It {needs}.")).unwrap_or_default();
    let promised = if promises.is_empty() { String::new() } else { format!(" Promised by{}.", promises.join(",")) };
    Some(format!(
        "- **{}** {}: {}. {}{needs}{promised}\n",
        wording::verdict(level.verdict),
        code(&profile.name),
        text(&level.name),
        text(&reason)
    ))
}
