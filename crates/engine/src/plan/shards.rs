//! One plan in several parts, for runs that share it: the same parts wherever they are made, and each case in one of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use assay_formats::record::load::Shard;

use super::{Case, ConformancePlan, Isolation};

/// Cases that one run must have together.
#[derive(Default)]
struct Unit<'a> {
    cases: Vec<&'a Case>,
    weight: usize,
}

impl ConformancePlan {
    /// Keeps the cases of one shard. Cases that look at whole lists stay with those that change what the lists show, as only
    /// within a run they wait for each other; so do cases that change a thing in turn. All other cases are shared evenly, by
    /// their steps.
    #[must_use]
    pub fn of_shard(mut self, shard: Shard) -> Self {
        if shard == Shard::WHOLE {
            return self;
        }
        let own = own_cases(&self.cases, shard);
        self.cases.retain(|case| own.contains(&case.name));
        self
    }
}

/// The names of the cases of a shard.
fn own_cases(cases: &[Arc<Case>], shard: Shard) -> BTreeSet<String> {
    let mut units = units(cases);
    // The heaviest first, each to the shard that has the least: no shard has much more than another.
    units.sort_by_key(|unit| (Reverse(unit.weight), unit.cases.first().map(|case| case.name.as_str())));
    let mut shards = vec![(0_usize, Vec::new()); shard.of as usize];
    for unit in &units {
        if let Some(lightest) = shards.iter_mut().min_by_key(|(weight, _)| *weight) {
            lightest.0 += unit.weight;
            lightest.1.extend(unit.cases.iter().map(|case| case.name.clone()));
        }
    }
    let own = shards.into_iter().nth(shard.number.saturating_sub(1) as usize);
    own.map(|(_, names)| names.into_iter().collect()).unwrap_or_default()
}

/// Cases that share a thing, directly or by way of others, are one unit.
fn units(cases: &[Arc<Case>]) -> Vec<Unit<'_>> {
    let mut groups = Groups::default();
    let listed: BTreeSet<&str> =
        cases.iter().filter(|case| case.isolation == Isolation::Exclusive).flat_map(|case| suites(case)).collect();
    let shared = |case: &Case| -> Vec<String> {
        let changes = case.isolation != Isolation::None;
        let lists = suites(case).into_iter().filter(|suite| changes && listed.contains(suite));
        let turns = case.in_turn.iter().map(|variable| format!("{} ${variable}", case.suite.name.value));
        lists.map(str::to_owned).chain(turns).collect()
    };
    let things: Vec<_> = cases.iter().map(|case| shared(case)).collect();
    things.iter().for_each(|things| groups.join(things));
    let mut together: BTreeMap<usize, Unit<'_>> = BTreeMap::new();
    let mut alone = Vec::new();
    for (case, things) in cases.iter().zip(&things) {
        let weight = case.steps.len().max(1);
        if let Some(thing) = things.first() {
            let unit = together.entry(groups.of(thing)).or_default();
            unit.weight += weight;
            unit.cases.push(case);
        } else {
            alone.push(Unit { cases: vec![case], weight });
        }
    }
    alone.extend(together.into_values());
    alone
}

/// The suites that a case asks.
fn suites(case: &Case) -> BTreeSet<&str> {
    let others = case.steps.iter().filter_map(|step| step.suite.as_deref());
    others.map(|suite| suite.name.value.0.as_str()).chain([case.suite.name.value.0.as_str()]).collect()
}

/// Things that are joined by cases that share several of them.
#[derive(Default)]
struct Groups(BTreeMap<String, usize>);

impl Groups {
    fn of(&self, thing: &str) -> usize {
        self.0.get(thing).copied().unwrap_or_default()
    }

    fn join(&mut self, things: &[String]) {
        let known: BTreeSet<usize> = things.iter().filter_map(|thing| self.0.get(thing).copied()).collect();
        let group = known.first().copied().unwrap_or(self.0.len());
        self.0.values_mut().filter(|of| known.contains(of)).for_each(|of| *of = group);
        things.iter().for_each(|thing| {
            self.0.insert(thing.clone(), group);
        });
    }
}
