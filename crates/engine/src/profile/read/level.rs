//! Reads what is promised.

use std::time::Duration;

use crate::profile::{OwnServiceLevel, Promised};
use assay_suite::Quantile;
use assay_suite::source::{Diagnostic, Diagnostics, Located, Node, NodeKind, Place, closest};

use super::rate;

/// What an own service level can have, besides other quantiles.
const KEYS: [&str; 7] = ["tp50", "tp90", "tp95", "tp99", "tp99.9", "availability", "throughput"];

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Located<Promised>> {
    let value = if let NodeKind::Text(_) = &node.kind {
        let words = [("documented", Promised::Documented), ("nothing", Promised::Nothing)];
        node.choice("`service_level`", &words, mistakes)
    } else {
        read_own(node, mistakes).map(Promised::Own)
    };
    value.map(|value| Located { value, place: node.place.clone() })
}

fn read_own(node: &Node, mistakes: &mut Diagnostics) -> Option<OwnServiceLevel> {
    let mut level = OwnServiceLevel::default();
    let mut quantiles: Vec<(Quantile, Duration, &Place)> = Vec::new();
    let entries = node.entries("`service_level`", mistakes)?;
    for (key, node) in entries {
        let what = format!("`{}`", key.value);
        match (key.value.as_str(), Quantile::parse(&key.value).filter(|_| key.value.starts_with("tp"))) {
            ("throughput", _) => level.throughput = rate::read(node, &what, mistakes).map(|rate| rate.value),
            ("availability", _) => level.availability = node.share(mistakes),
            (_, Some(quantile)) => {
                quantiles.extend(node.some_time(&what, mistakes).map(|limit| (quantile, limit, &key.place)));
            }
            (name, None) => {
                let near = closest(name, KEYS).map(|near| format!("did you mean `{near}`?"));
                let help = near.unwrap_or_else(|| format!("a service level can have: {}", KEYS.join(", ")));
                mistakes.add(Diagnostic::error(&key.place, format!("a service level has no field {what}")).help(help));
            }
        }
    }
    if entries.is_empty() {
        let mistake = Diagnostic::error(&node.place, "this service level promises nothing");
        mistakes.add(mistake.help("write `service_level: nothing`, or what is promised: {tp50: 2ms}"));
        return None;
    }
    quantiles.sort_by(|(one, ..), (other, ..)| one.share().total_cmp(&other.share()));
    for pair in quantiles.windows(2) {
        if let [(_, shorter, _), (quantile, limit, place)] = pair
            && limit < shorter
        {
            let message = format!("{quantile} can't be below a quantile of fewer requests");
            mistakes.add(Diagnostic::error(place, message).help(format!("write {shorter:?} or more")));
        }
    }
    level.quantiles = quantiles.into_iter().map(|(quantile, limit, _)| (quantile, limit)).collect();
    Some(level)
}
