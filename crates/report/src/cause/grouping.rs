//! Failures with one cause, taken together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::failure::{failures, is_failure};
use crate::summary::{CaseSummary, ExchangeSummary, FindingSummary, Promise, Summary};
use assay_engine::verdict::Verdict;

use super::fingerprint::{Fingerprint, decisive};

/// Failures with one cause.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// A short name that is the same in every run.
    pub id: String,
    /// The smallest case that shows it: the fewest exchanges, and of these the shortest.
    pub example: &'a CaseSummary,
    /// The other cases, as they were planned.
    pub others: Vec<&'a CaseSummary>,
}

/// A cause for other programs.
#[derive(Serialize)]
pub(crate) struct CauseDocument<'a> {
    id: &'a str,
    verdict: Verdict,
    requirements: Vec<&'a Promise>,
    expected: &'a str,
    observed: &'a str,
    place: &'a str,
    count: usize,
    operations: Vec<&'a str>,
    formats: Vec<&'a str>,
    example: &'a str,
    cases: Vec<&'a str>,
}

impl<'a> Cause<'a> {
    /// How many cases show it.
    pub fn count(&self) -> usize {
        self.others.len() + 1
    }

    /// Its verdict.
    pub fn verdict(&self) -> Verdict {
        self.example.verdict
    }

    /// The finding of the example that decides its verdict.
    pub fn finding(&self) -> Option<&'a FindingSummary> {
        decisive(self.example)
    }

    /// The requirements that it is about, those of the example first.
    pub fn requirements(&self) -> Vec<&'a Promise> {
        let mut seen = BTreeSet::new();
        let all = self.cases().filter_map(decisive).flat_map(|finding| &finding.promises);
        all.filter(|requirement| seen.insert(&requirement.id)).collect()
    }

    /// Their names, as a person reads them: those of the example, and how many more there are.
    pub fn names(&self) -> Vec<String> {
        let all = self.requirements();
        let shown = self.finding().map_or(0, |finding| finding.promises.len()).min(all.len());
        let more = (shown < all.len()).then(|| format!("and {} more", all.len() - shown));
        all[..shown].iter().map(|requirement| requirement.id.0.clone()).chain(more).collect()
    }

    /// All cases that show it, the example first.
    pub fn cases(&self) -> impl Iterator<Item = &'a CaseSummary> {
        std::iter::once(self.example).chain(self.others.iter().copied())
    }

    /// The operations whose cases show it.
    pub fn operations(&self) -> Vec<&'a str> {
        sorted(self.cases().filter_map(|case| case.operation.as_deref()))
    }

    /// The formats in which it shows.
    pub fn formats(&self) -> Vec<&'a str> {
        sorted(self.cases().map(|case| case.format.as_str()))
    }

    pub(crate) fn document(&self) -> CauseDocument<'_> {
        let finding = self.finding();
        CauseDocument {
            id: &self.id,
            verdict: self.verdict(),
            requirements: self.requirements(),
            expected: finding.map_or("", |finding| &finding.expected),
            observed: finding.map_or(self.example.reason.as_deref().unwrap_or_default(), |finding| &finding.observed),
            place: finding.map_or(&self.example.place, |finding| &finding.place),
            count: self.count(),
            operations: self.operations(),
            formats: self.formats(),
            example: &self.example.name,
            cases: self.cases().map(|case| case.name.as_str()).collect(),
        }
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The cause of each case: cases with the same number have the same one.
fn numbered(fingerprints: &[Fingerprint]) -> Vec<usize> {
    let mut causes: Vec<usize> = (0..fingerprints.len()).collect();
    let (mut exact, mut at_place) = (BTreeMap::new(), BTreeMap::new());
    for (index, fingerprint) in fingerprints.iter().enumerate() {
        let first = *exact.entry(&fingerprint.exact).or_insert(index);
        join(&mut causes, index, first);
        let first = *at_place.entry(&fingerprint.at_place).or_insert(index);
        join(&mut causes, index, first);
    }
    (0..causes.len()).map(|index| root(&causes, index)).collect()
}

fn root(causes: &[usize], mut index: usize) -> usize {
    while causes[index] != index {
        index = causes[index];
    }
    index
}

/// The cause of both is that of the earlier case.
fn join(causes: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(causes, one), root(causes, other));
    causes[one.max(other)] = one.min(other);
}

/// Orders cases: the weightiest verdict first; of these the causes with the most cases first, each with its smallest example first;
/// then as they were planned.
pub(crate) fn sort(cases: &mut Vec<CaseSummary>, planned: impl Fn(&str) -> Option<usize>) {
    cases.sort_by_key(|case| (Reverse(case.verdict), planned(&case.name)));
    let failing = cases.iter().take_while(|case| is_failure(case)).count();
    let passing = cases.split_off(failing);
    let fingerprints: Vec<_> = cases.iter().map(Fingerprint::of).collect();
    let causes = numbered(&fingerprints);
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (case, cause) in causes.iter().enumerate() {
        groups.entry(*cause).or_default().push(case);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    for group in &mut groups {
        let smallest = (0..group.len()).min_by_key(|at| size(&cases[group[*at]])).unwrap_or_default();
        group[..=smallest].rotate_right(1);
    }
    groups.sort_by_key(|group| {
        let first = group[0];
        (Reverse(cases[first].verdict), fingerprints[first].is_without_requirement(), Reverse(group.len()))
    });
    let mut unordered: Vec<_> = std::mem::take(cases).into_iter().map(Some).collect();
    cases.extend(groups.into_iter().flatten().filter_map(|case| unordered[case].take()));
    cases.extend(passing);
}

/// How much a person has to read of a case.
fn size(case: &CaseSummary) -> (usize, usize) {
    let of_exchange = |exchange: &ExchangeSummary| {
        let exchange = &exchange.exchange;
        let asked = exchange.request.url.len() + exchange.request.body.as_ref().map_or(0, String::len);
        asked + exchange.outcome.as_ref().map_or(0, |response| response.body.len())
    };
    (case.exchange_count, case.exchanges.iter().map(of_exchange).sum())
}

impl Summary {
    /// What a person should look at, one for each cause, the weightiest first.
    pub fn causes(&self) -> Vec<Cause<'_>> {
        causes(failures(self))
    }
}

/// The causes of failures, in the order of their first cases.
pub(crate) fn causes<'a>(failures: impl Iterator<Item = &'a CaseSummary>) -> Vec<Cause<'a>> {
    let failures: Vec<_> = failures.collect();
    let fingerprints: Vec<_> = failures.iter().map(|case| Fingerprint::of(case)).collect();
    let numbers = numbered(&fingerprints);
    let mut causes: Vec<(Fingerprint, Cause<'_>)> = Vec::new();
    let mut known = BTreeMap::new();
    for ((case, fingerprint), number) in failures.into_iter().zip(fingerprints).zip(numbers) {
        let index = *known.entry(number).or_insert(causes.len());
        if let Some((least, cause)) = causes.get_mut(index) {
            cause.others.push(case);
            if fingerprint < *least {
                *least = fingerprint;
            }
        } else {
            causes.push((fingerprint, Cause { id: String::new(), example: case, others: Vec::new() }));
        }
    }
    causes.into_iter().map(|(least, cause)| Cause { id: least.id(), ..cause }).collect()
}

/// Whether two cases fail by the same mismatch of the same requirements.
pub(crate) fn is_same(one: &CaseSummary, other: &CaseSummary) -> bool {
    let (one, other) = (Fingerprint::of(one), Fingerprint::of(other));
    one.exact == other.exact || one.at_place == other.at_place || one.mismatch() == other.mismatch()
}
