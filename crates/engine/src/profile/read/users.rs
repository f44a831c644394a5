//! Reads the users of the closed model.

use std::time::Duration;

use crate::profile::{Rate, Users};
use crate::scenario;
use assay_suite::source::{Diagnostic, Diagnostics, Node, NodeKind};

use super::arrivals::SEED;
use super::rate;
use super::sources::at_most;

/// Each has a task and a connection of its own.
const MOST_USERS: u32 = 100_000;

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Users> {
    let mut fields = node.fields("`users`", mistakes)?;
    let count = fields.need("count", mistakes).and_then(|node| at_most(node, MOST_USERS, "`count`", mistakes));
    let hatch_rate = fields.take("hatch_rate").and_then(|node| read_hatch_rate(node, mistakes));
    let think_time = fields.take("think_time").and_then(|node| read_think_time(node, mistakes));
    let stays = fields.need("for", mistakes).and_then(|node| node.some_time("`for`", mistakes));
    let warm_up = fields.take("warm_up").and_then(|node| node.duration("`warm_up`", mistakes)).unwrap_or_default();
    if let (Some(place), Some(stays)) = (fields.place_of("warm_up"), stays.filter(|stays| warm_up >= *stays)) {
        let message = format!("`warm_up` leaves nothing to judge: the users stay for {stays:?}");
        mistakes.add(Diagnostic::error(place, message).help("make it shorter, or `for` longer"));
    }
    let seed = fields.take("seed").and_then(|node| node.whole_number("`seed`", mistakes));
    let journey = fields.need("journey", mistakes).map(|node| scenario::read_steps(node, "`journey`", mistakes));
    fields.finish(mistakes);
    let count = count?;
    Some(Users {
        count,
        // All come within a second when nothing is said.
        hatch_rate: hatch_rate.unwrap_or(Rate::per_second(f64::from(count.get()))),
        think_time: think_time.unwrap_or_default(),
        stays: stays?,
        warm_up,
        seed: seed.unwrap_or(SEED),
        journey: journey?,
    })
}

fn read_hatch_rate(node: &Node, mistakes: &mut Diagnostics) -> Option<Rate> {
    let rate = rate::read(node, "`hatch_rate`", mistakes)?;
    if rate.value.value() <= 0.0 {
        mistakes.add(Diagnostic::error(&rate.place, "`hatch_rate` must be greater than 0").help("write 5/s"));
        return None;
    }
    Some(rate.value)
}

/// `2s`, or `1s..3s`.
fn read_think_time(node: &Node, mistakes: &mut Diagnostics) -> Option<(Duration, Duration)> {
    let NodeKind::Text(text) = &node.kind else {
        return node.duration("`think_time`", mistakes).map(|time| (time, time));
    };
    let Some((from, to)) = text.split_once("..") else {
        return node.duration("`think_time`", mistakes).map(|time| (time, time));
    };
    let end = |text: &str, mistakes: &mut Diagnostics| {
        let node = Node::of_text(text.trim(), &node.place);
        node.duration("`think_time`", mistakes)
    };
    let (from, to) = (end(from, mistakes), end(to, mistakes));
    let (from, to) = from.zip(to)?;
    if from > to {
        let mistake = Diagnostic::error(&node.place, "`think_time` ends before it begins");
        mistakes.add(mistake.help("write the shorter time first: 1s..3s"));
        return None;
    }
    Some((from, to))
}
