//! Cases that show the same: they are reported together, those that show most first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use assay_engine::verdict::Verdict;

use super::summary::{CaseSummary, Summary};
use super::wording;

/// What cases with the same cause have in common: the verdict, the promises, and what was expected and observed, but for the names
/// and numbers in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    verdict: Reverse<Verdict>,
    /// What no requirement covers comes last.
    names_none: bool,
    promises: Vec<String>,
    expected: String,
    observed: String,
}

impl Key {
    fn of(case: &CaseSummary) -> Self {
        let decisive = case.findings.iter().find(|finding| finding.verdict == case.verdict).or(case.findings.first());
        let plain = |text: &str| without_names(text, case.operation.as_deref());
        let promises: Vec<_> =
            decisive.into_iter().flat_map(|finding| &finding.promises).map(|promise| promise.id.0.clone()).collect();
        Self {
            verdict: Reverse(case.verdict),
            names_none: promises.is_empty(),
            promises,
            expected: decisive.map(|finding| plain(&finding.expected)).unwrap_or_default(),
            observed: decisive
                .map(|finding| plain(&finding.observed))
                .or(case.reason.as_deref().map(plain))
                .unwrap_or_default(),
        }
    }
}

/// A text without what differs from case to case: the operation, ids and numbers.
fn without_names(text: &str, operation: Option<&str>) -> String {
    let text = text.to_lowercase();
    let text = match operation {
        Some(operation) if !operation.is_empty() => text.replace(&operation.to_lowercase(), "*"),
        _ => text,
    };
    let mut plain = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let name = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_status = name.len() == 3;
        if name.bytes().any(|byte| byte.is_ascii_digit()) && !is_status {
            plain.push('#');
            plain.push_str(&word[name.len()..]);
        } else {
            plain.push_str(word);
        }
    }
    plain
}

/// Orders cases: the weightiest first; of these the causes with the most cases first; then as they were planned.
pub(super) fn sort(cases: &mut Vec<CaseSummary>, planned: impl Fn(&str) -> Option<usize>) {
    let mut sizes: BTreeMap<Key, (usize, Option<usize>)> = BTreeMap::new();
    let keyed: Vec<_> =
        std::mem::take(cases).into_iter().map(|case| (Key::of(&case), planned(&case.name), case)).collect();
    for (key, place, _) in &keyed {
        let known = sizes.entry(key.clone()).or_insert((0, *place));
        *known = (known.0 + 1, known.1.min(*place));
    }
    let shows = |key: &Key| key.verdict.0 > Verdict::DeviatesAsKnown;
    let rank = |(key, place, _): &(Key, Option<usize>, CaseSummary)| {
        let (size, first) = sizes.get(key).filter(|_| shows(key)).copied().unwrap_or_default();
        (key.verdict, shows(key) && key.names_none, Reverse(size), first, *place)
    };
    let mut keyed = keyed;
    keyed.sort_by_key(rank);
    cases.extend(keyed.into_iter().map(|(_, _, case)| case));
}

/// The cases that a person should look at, those with the same cause together.
pub(super) fn causes(summary: &Summary) -> Vec<Vec<&CaseSummary>> {
    let mut causes: Vec<(Key, Vec<&CaseSummary>)> = Vec::new();
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    for case in wording::failures(summary) {
        let key = Key::of(case);
        if let Some((_, cases)) = known.get(&key).and_then(|index| causes.get_mut(*index)) {
            cases.push(case);
        } else {
            known.insert(key.clone(), causes.len());
            causes.push((key, vec![case]));
        }
    }
    causes.into_iter().map(|(_, cases)| cases).collect()
}

#[cfg(test)]
mod tests {
    use super::without_names;

    #[test]
    fn operations_ids_and_numbers_are_no_part_of_a_cause_and_statuses_are() {
        let one = without_names(
            "listZones has 12 items, 5f2c1d77-9a0e-4b51-8c59-d1d63cb34af1; status 432",
            Some("listZones"),
        );
        let other =
            without_names("listHosts has 3 items, 0be6a9c1-9a0e-4b51-8c59-d1d63cb34af1; status 432", Some("listHosts"));
        assert_eq!(one, other);
        assert!(one.contains("432"), "{one}");
    }
}
