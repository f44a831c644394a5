//! Reads recorded arrivals.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::Value;

use crate::profile::{Portion, Trace, TracedArrival};
use crate::scenario::{CallOptions, Template};
use assay_suite::source::{Diagnostic, Diagnostics, Located, Node, NodeKind, Place, closest};

use super::sources::Sources;
use super::table::{self, Table};

/// The trace, and the portions that it asks for: those of the mix if there is one, else one for each of its operations.
pub(super) fn read(
    node: &Node,
    portions: Option<Vec<Portion>>,
    sources: Sources<'_>,
    mistakes: &mut Diagnostics,
) -> Option<(Trace, Vec<Portion>)> {
    let mut fields = node.fields("`trace`", mistakes)?;
    let name = fields.need_text("file", mistakes);
    let scale = fields.take("scale").map_or(Some(1.0), |node| read_scale(node, mistakes));
    fields.finish(mistakes);
    let name = name?;
    let table = table::read(&name, sources, mistakes)?;
    let (at, operation) = (table.column("at", &name.place, mistakes), table.column("operation", &name.place, mistakes));
    let columns = Columns { at: at?, operation: operation? };
    let mix = match portions {
        Some(portions) => Mix::Written(checked(portions, mistakes)?),
        None => Mix::Implied(Vec::new()),
    };
    let mut reading = Reading { columns, mix, arrivals: Vec::new(), latest: Duration::ZERO };
    // One mistake is enough: a file of a million lines may have it in each.
    table.rows.iter().try_for_each(|row| reading.row(&table, row, mistakes))?;
    let Some(first) = reading.arrivals.first().map(|arrival| arrival.at) else {
        mistakes.add(Diagnostic::error(&name.place, "this trace is empty").help("write a line for each request"));
        return None;
    };
    reading.arrivals.iter_mut().for_each(|arrival| arrival.at -= first);
    let trace = Trace { arrivals: reading.arrivals.into(), scale: scale?, place: name.place };
    let (Mix::Written(portions) | Mix::Implied(portions)) = reading.mix;
    Some((trace, portions))
}

/// A trace says itself what is asked for how often: a mix in addition says how.
fn checked(portions: Vec<Portion>, mistakes: &mut Diagnostics) -> Option<Vec<Portion>> {
    let mut good = true;
    for portion in &portions {
        let message = if portion.operation.value.as_literal().is_none() {
            "next to a trace a portion names its operation"
        } else if portion.weight > NonZeroU32::MIN {
            "a trace says itself how often this is asked for, so `weight` means nothing"
        } else {
            continue;
        };
        good = false;
        mistakes.add(Diagnostic::error(&portion.operation.place, message).help("write {call: listZones}"));
    }
    good.then_some(portions)
}

/// A day in a minute is 1440 times as fast, a minute in a day as much slower.
const SLOWEST: f64 = 0.0001;
const FASTEST: f64 = 1_000_000.0;

fn read_scale(node: &Node, mistakes: &mut Diagnostics) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "no trace is replayed 2^53 times as fast")]
    let scale = match node.kind {
        NodeKind::Integer(scale) => scale as f64,
        NodeKind::Number(scale) => scale,
        _ => 0.0,
    };
    if (SLOWEST..=FASTEST).contains(&scale) {
        return Some(scale);
    }
    let message = format!("`scale` is a number from {SLOWEST} to {FASTEST}");
    let mistake = Diagnostic::error(&node.place, message);
    mistakes.add(mistake.help("write 2 to replay twice as fast as recorded, 0.5 for half as fast"));
    None
}

#[derive(Clone, Copy)]
struct Columns {
    at: usize,
    operation: usize,
}

/// The portions that a trace asks for.
enum Mix {
    /// As the profile has them; the trace asks for no others.
    Written(Vec<Portion>),
    /// One for each operation that the trace has asked for so far.
    Implied(Vec<Portion>),
}

/// A trace on its way.
struct Reading {
    columns: Columns,
    mix: Mix,
    arrivals: Vec<TracedArrival>,
    latest: Duration,
}

impl Reading {
    fn row(&mut self, table: &Table, row: &Located<Vec<String>>, mistakes: &mut Diagnostics) -> Option<()> {
        let cell = |index: usize| row.value.get(index).map(String::as_str).unwrap_or_default();
        let Some(at) = read_moment(cell(self.columns.at)) else {
            let mistake = Diagnostic::error(&row.place, format!("`{}` is not a moment", cell(self.columns.at)));
            mistakes.add(mistake.help("write seconds from the start of the trace, or a duration: 12.5, 1m 30s"));
            return None;
        };
        if at < self.latest {
            let mistake = Diagnostic::error(&row.place, "a trace is in the order of its moments, and this is earlier");
            mistakes.add(mistake.help("sort its lines by `at`"));
            return None;
        }
        self.latest = at;
        let portion = self.portion(cell(self.columns.operation), &row.place, mistakes)?;
        let own = [self.columns.at, self.columns.operation];
        let others = table.columns.iter().enumerate().filter(|(index, _)| !own.contains(index));
        let arguments = others.map(|(index, name)| (name.clone(), cell(index))).filter(|(_, cell)| !cell.is_empty());
        let arguments = arguments.map(|(name, cell)| (name, Value::from(cell))).collect();
        self.arrivals.push(TracedArrival { at, portion, arguments });
        Some(())
    }

    /// Which portion asks for an operation.
    fn portion(&mut self, operation: &str, place: &Place, mistakes: &mut Diagnostics) -> Option<usize> {
        if operation.is_empty() {
            let mistake = Diagnostic::error(place, "this line names no operation");
            mistakes.add(mistake.help("write it in the column `operation`: listZones"));
            return None;
        }
        let (Mix::Written(portions) | Mix::Implied(portions)) = &self.mix;
        let known = |portion: &Portion| portion.operation.value.as_literal() == Some(operation);
        if let Some(found) = portions.iter().position(known) {
            return Some(found);
        }
        match &mut self.mix {
            Mix::Implied(portions) => {
                let operation = Located { value: Template::text(operation), place: place.clone() };
                portions.push(Portion { operation, options: CallOptions::default(), weight: NonZeroU32::MIN });
                Some(portions.len() - 1)
            }
            Mix::Written(portions) => {
                let names = portions.iter().filter_map(|portion| portion.operation.value.as_literal());
                let help = match closest(operation, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name an operation of `mix`; without a `mix` it can be any".to_owned(),
                };
                mistakes.add(Diagnostic::error(place, format!("`mix` has no operation `{operation}`")).help(help));
                None
            }
        }
    }
}

/// Seconds, or a duration.
fn read_moment(text: &str) -> Option<Duration> {
    let moment = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => text.parse::<jiff::SignedDuration>().ok().and_then(|duration| duration.try_into().ok()),
    };
    moment.filter(|moment| *moment <= LATEST)
}

/// No trace is longer than a year.
const LATEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
