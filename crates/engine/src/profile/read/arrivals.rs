//! Reads when requests are due in the open model.

use std::time::Duration;

use crate::profile::{Arrivals, Due, Portion, Spacing};
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Node};

use super::sources::Sources;
use super::{shape, trace};

/// What chance is made from when nothing is said.
pub(super) const SEED: u64 = 1;

/// The arrivals, and the mix that they ask for: of a trace without a mix, what it asks for.
pub(super) fn read(
    profile: &Node,
    node: &Node,
    portions: Option<Vec<Portion>>,
    sources: Sources<'_>,
    mistakes: &mut Diagnostics,
) -> Option<(Arrivals, Vec<Portion>)> {
    let mut fields = node.fields("`arrivals`", mistakes)?;
    let warm_up = fields.take("warm_up").and_then(|node| node.duration("`warm_up`", mistakes)).unwrap_or_default();
    let (shape, trace) = (fields.take("shape"), fields.take("trace"));
    let planned = match (shape, trace) {
        (Some(shape), None) => {
            if portions.is_none() {
                let mistake = Diagnostic::error(&profile.place, "a profile with `arrivals` needs `mix`");
                mistakes.add(mistake.help("write what is asked for: mix: [{call: listZones}]"));
            }
            shape::read(shape, mistakes).map(Due::Shape).zip(portions)
        }
        (None, Some(trace)) => {
            for name in ["spacing", "seed"] {
                let message = format!("a trace says itself when requests are due, so `{name}` means nothing");
                fields.refuse(name, &message, "remove it", mistakes);
            }
            trace::read(trace, portions, sources, mistakes).map(|(trace, portions)| (Due::Trace(trace), portions))
        }
        _ => {
            mistakes.add(match fields.place_of("trace") {
                Some(place) => Diagnostic::error(place, "`arrivals` has a `shape` or a `trace`, not both")
                    .help("write the other in a profile of its own"),
                None => Diagnostic::error(&node.place, "`arrivals` needs a `shape` or a `trace`")
                    .help("write shape: [{rate: 100/s, for: 30s}]"),
            });
            None
        }
    };
    let spacing = fields.take("spacing").and_then(|node| node.choice("`spacing`", &Spacing::NAMES, mistakes));
    let seed = fields.take("seed").and_then(|node| node.whole_number("`seed`", mistakes));
    check_warm_up(&fields, warm_up, planned.as_ref().map(|(due, _)| due), mistakes);
    fields.finish(mistakes);
    let (due, portions) = planned?;
    let (spacing, seed) = (spacing.unwrap_or_default(), seed.unwrap_or(SEED));
    Some((Arrivals { warm_up, spacing, seed, plan: due }, portions))
}

fn check_warm_up(fields: &Fields<'_>, warm_up: Duration, due: Option<&Due>, mistakes: &mut Diagnostics) {
    let (Some(place), Some(due)) = (fields.place_of("warm_up"), due) else { return };
    let lasts = due.lasts();
    if warm_up >= lasts {
        let mistake = Diagnostic::error(place, format!("`warm_up` leaves nothing to judge: all of it takes {lasts:?}"));
        mistakes.add(mistake.help("make it shorter, or the rest longer"));
    }
}
