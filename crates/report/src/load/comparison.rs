//! Two load runs held against each other: in a terminal, as Markdown, as a page.

use std::fmt::Write as _;

use serde::Serialize;

use crate::ReportError;
use crate::html::{Template, render, text as harmless_text};
use crate::markdown::{Page as ShortPage, text};
use assay_engine::verdict::{CAVEAT, Change, Comparison, Estimate, Measure};
use assay_suite::human;
use assay_suite::source::harmless;

use super::html::STYLE;
use super::wording;

const PAGE: Template =
    Template { name: "comparison.html", text: include_str!("../../../../reports/html/comparison.html.jinja") };

/// All that a comparison comes to, the weightiest first.
const CHANGES: [Change; 5] = [Change::Regressed, Change::Missing, Change::Inconclusive, Change::Improved, Change::Same];

/// One line of a comparison, whatever it compares.
struct Row<'a> {
    profile: &'a str,
    operation: &'a str,
    name: String,
    baseline: Estimate,
    run: Estimate,
    change: String,
    verdict: Change,
    reason: &'a str,
}

fn quantile_rows(comparison: &Comparison) -> Vec<Row<'_>> {
    let rows = comparison.quantiles.iter().map(|compared| Row {
        profile: &compared.profile,
        operation: &compared.operation.0,
        name: compared.quantile.to_string(),
        baseline: compared.baseline,
        run: compared.run,
        change: compared.change.map_or_else(|| "–".to_owned(), |change| signed((change - 1.0) * 100.0, "%")),
        verdict: compared.verdict,
        reason: &compared.reason,
    });
    rows.collect()
}

fn success_rows(comparison: &Comparison) -> Vec<Row<'_>> {
    let rows = comparison.success_rates.iter().map(|compared| Row {
        profile: &compared.profile,
        operation: &compared.operation.0,
        name: "success rate".to_owned(),
        baseline: compared.baseline,
        run: compared.run,
        change: compared.change.map_or_else(|| "–".to_owned(), |change| signed(change * 100.0, "points")),
        verdict: compared.verdict,
        reason: &compared.reason,
    });
    rows.collect()
}

/// A change with its sign: `+12.3 %`, `0 %`.
fn signed(value: f64, unit: &str) -> String {
    let digits = usize::from(value.abs() < 9.95);
    let rendered = human::plain(value, digits);
    match rendered.as_str() {
        "0" | "-0" => format!("0 {unit}"),
        rendered if value > 0.0 => format!("+{rendered} {unit}"),
        rendered => format!("{} {unit}", rendered.replacen('-', "−", 1)),
    }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Same => "same",
        Change::Improved => "improved",
        Change::Inconclusive => "inconclusive",
        Change::Missing => "missing",
        Change::Regressed => "regressed",
    }
}

fn headline(comparison: &Comparison) -> String {
    match comparison.worst() {
        _ if comparison.quantiles.is_empty() && comparison.success_rates.is_empty() => {
            "The runs have nothing in common to compare.".to_owned()
        }
        Change::Regressed => "The run is worse than its baseline.".to_owned(),
        Change::Missing => "The runs are not of the same requests. What both have is no worse.".to_owned(),
        Change::Inconclusive => "Whether the run is worse than its baseline is open.".to_owned(),
        Change::Improved => "The run is better than its baseline.".to_owned(),
        Change::Same => "The run is no worse than its baseline.".to_owned(),
    }
}

/// How many came to what, the weightiest first: `2 regressed, 6 same`.
fn tally(comparison: &Comparison) -> String {
    let verdicts = comparison.quantiles.iter().map(|compared| compared.verdict);
    let verdicts: Vec<_> = verdicts.chain(comparison.success_rates.iter().map(|compared| compared.verdict)).collect();
    let counted = CHANGES.into_iter().filter_map(|change| {
        let count = verdicts.iter().filter(|verdict| **verdict == change).count();
        (count > 0).then(|| format!("{} {}", human::number(count), word(change)))
    });
    counted.collect::<Vec<_>>().join(", ")
}

fn interval(estimate: &Estimate) -> String {
    match (estimate.low, estimate.high) {
        (Measure::Nothing, _) | (_, Measure::Nothing) => String::new(),
        (low, high) => wording::between(low, high),
    }
}

/// A line for each quantile and success rate, why those are not the same that are not, and the counts last.
pub fn comparison_terminal(comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing to a string can't fail.
    let _ = write_terminal(&mut out, comparison);
    out
}

fn write_terminal(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    writeln!(out, "baseline  {}", harmless::line(&comparison.baseline))?;
    writeln!(out, "run       {}", harmless::line(&comparison.run))?;
    let rows: Vec<_> = quantile_rows(comparison).into_iter().chain(success_rows(comparison)).collect();
    let cells: Vec<_> = rows.iter().map(terminal_cells).collect();
    let widths = wording::widths(&cells);
    let mut profile = None;
    for (row, cells) in rows.iter().zip(&cells) {
        if profile != Some(row.profile) {
            writeln!(out, "\n{}", harmless::line(row.profile))?;
            profile = Some(row.profile);
        }
        writeln!(out, "  {}", wording::aligned(cells, widths))?;
        if !row.reason.is_empty() {
            writeln!(out, "    {}", harmless::line(row.reason))?;
        }
    }
    if !rows.is_empty() {
        writeln!(out, "\n{}", tally(comparison))?;
    }
    writeln!(out, "{}", headline(comparison))
}

fn terminal_cells(row: &Row<'_>) -> [String; 5] {
    let rendered = |estimate: &Estimate| match interval(estimate) {
        interval if interval.is_empty() => wording::measure(estimate.value),
        interval => format!("{} ({interval})", wording::measure(estimate.value)),
    };
    [
        word(row.verdict).to_owned(),
        format!("{} {}", harmless::line(row.operation), row.name),
        rendered(&row.baseline),
        format!("-> {}", rendered(&row.run)),
        row.change.clone(),
    ]
}

/// The same as a table for a comment on a change; always shorter than 64 KB.
pub fn comparison_markdown(comparison: &Comparison) -> String {
    let mut page = ShortPage::default();
    let mark = match comparison.worst() {
        Change::Same | Change::Improved => "✅",
        Change::Inconclusive | Change::Missing => "❔",
        Change::Regressed => "❌",
    };
    page.add(&format!("# {mark} {}\n\n", headline(comparison)));
    page.add(&format!("baseline {} · run {}\n", text(&comparison.baseline), text(&comparison.run)));
    let rows: Vec<_> = quantile_rows(comparison).into_iter().chain(success_rows(comparison)).collect();
    if !rows.is_empty() {
        page.add(&format!("\n{}\n", tally(comparison)));
        page.add("\n| | Profile | What | Baseline | Run | Change |\n|:--|:--|:--|:--|:--|--:|\n");
    }
    rows.iter().for_each(|row| page.add(&markdown_row(row)));
    let reasons = rows.iter().filter(|row| !row.reason.is_empty() && row.verdict > Change::Improved);
    for (index, row) in reasons.enumerate() {
        let head = if index == 0 { "\n" } else { "" };
        let (operation, reason) = (text(row.operation), text(row.reason));
        page.add(&format!("{head}- **{}** {operation} {}: {reason}\n", word(row.verdict), row.name));
    }
    if page.left_out > 0 {
        page.text.push_str(&format!("\n…and {} more lines, in the page.\n", page.left_out));
    }
    page.text.push_str(&format!("\n<sub>{CAVEAT}</sub>\n"));
    page.text
}

fn markdown_row(row: &Row<'_>) -> String {
    let rendered = |estimate: &Estimate| match interval(estimate) {
        interval if interval.is_empty() => wording::measure(estimate.value),
        interval => format!("{}<br><sub>{interval}</sub>", wording::measure(estimate.value)),
    };
    let (profile, operation) = (text(row.profile), text(row.operation));
    let (baseline, run) = (rendered(&row.baseline), rendered(&row.run));
    format!("| {} | {profile} | {operation} {} | {baseline} | {run} | {} |\n", word(row.verdict), row.name, row.change)
}

#[derive(Serialize)]
struct ComparisonPage {
    verdict: &'static str,
    headline: String,
    tally: String,
    baseline: String,
    run: String,
    quantiles: Vec<RowView>,
    success_rates: Vec<RowView>,
    confidence: &'static str,
}

#[derive(Serialize)]
struct RowView {
    /// The profile, where another begins.
    group: Option<String>,
    operation: String,
    name: String,
    verdict: &'static str,
    baseline: String,
    baseline_interval: String,
    run: String,
    run_interval: String,
    change: String,
    bars: Vec<Bar>,
    reason: String,
}

/// A rectangle in a drawing that is 1000 wide and 28 high.
#[derive(Serialize)]
struct Bar {
    kind: &'static str,
    x: String,
    y: u32,
    width: String,
    height: u32,
}

/// The same as one HTML page, with a bar for each interval.
pub fn comparison_html(comparison: &Comparison) -> Result<String, ReportError> {
    let page = ComparisonPage {
        verdict: word(comparison.worst()),
        headline: headline(comparison),
        tally: tally(comparison),
        baseline: harmless_text(&comparison.baseline),
        run: harmless_text(&comparison.run),
        quantiles: row_views(&quantile_rows(comparison)),
        success_rates: row_views(&success_rows(comparison)),
        confidence: CAVEAT,
    };
    render(PAGE, STYLE, page)
}

fn row_views(rows: &[Row<'_>]) -> Vec<RowView> {
    let mut profile = None;
    let view = |row: &Row<'_>| {
        let group = (profile != Some(row.profile.to_owned())).then(|| harmless_text(row.profile));
        profile = Some(row.profile.to_owned());
        RowView {
            group,
            operation: harmless_text(row.operation),
            name: row.name.clone(),
            verdict: word(row.verdict),
            baseline: wording::measure(row.baseline.value),
            baseline_interval: interval(&row.baseline),
            run: wording::measure(row.run.value),
            run_interval: interval(&row.run),
            change: row.change.clone(),
            bars: bars(&row.baseline, &row.run),
            reason: harmless_text(row.reason),
        }
    };
    rows.iter().map(view).collect()
}

/// Where the intervals of a row lie against each other, on a scale of its own.
fn bars(baseline: &Estimate, run: &Estimate) -> Vec<Bar> {
    const WIDTH: f64 = 1000.0;
    const NARROWEST: f64 = 8.0;
    const MARK: f64 = 4.0;
    let ends = [baseline, run].map(|estimate| [estimate.low, estimate.value, estimate.high].map(position));
    let known: Vec<f64> = ends.iter().flatten().copied().flatten().collect();
    let (least, most) = known.iter().fold((f64::MAX, f64::MIN), |(least, most), at| (least.min(*at), most.max(*at)));
    if known.is_empty() {
        return Vec::new();
    }
    // A little room at both ends, and never a scale so fine that noise looks large.
    let room = ((most - least) * 0.08).max(0.01);
    let (from, span) = (least - room, most - least + 2.0 * room);
    let x = |at: f64| (at - from) / span * WIDTH;
    let mut bars = Vec::new();
    for (row, [low, value, high]) in ends.into_iter().enumerate() {
        let Some(low) = low.or(value) else { continue };
        // What has no upper end goes to the end of the drawing.
        let (left, right) = (x(low), high.map_or(WIDTH, x));
        let (kind, y) = if row == 0 { ("baseline", 3) } else { ("later", 16) };
        let bar = |kind, x: f64, y, width: f64, height| Bar {
            kind,
            x: format!("{x:.1}"),
            y,
            width: format!("{width:.1}"),
            height,
        };
        bars.push(bar(kind, left, y, (right - left).max(NARROWEST), 9));
        bars.extend(value.map(|value| bar("mark", x(value) - MARK / 2.0, y - 2, MARK, 13)));
    }
    bars
}

/// Where a value is on a row's scale; nothing if it is off the scale. Times are distinguished by their ratio.
fn position(measure: Measure) -> Option<f64> {
    match measure {
        Measure::Time(time) => Some(time.as_secs_f64().max(1e-9).ln()),
        Measure::Share(share) => Some(share),
        Measure::Rate(rate) => Some(rate),
        Measure::Endless | Measure::Nothing => None,
    }
}
