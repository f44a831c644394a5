//! What a verdict rests on besides the answer that it is about. Of an empty list holds everything that says what is not in it,
//! and a deployment that refuses everything refuses what is wrong, too.

use crate::scenario::{Expectation, Matcher, Outcome, Path};
use assay_suite::List;
use assay_suite::source::Located;

use super::answer::expected_outcome;
use super::{JudgedAnswer, Mismatch, RequestContext, Verdict};

/// What must have been observed somewhere in a run for an expectation that was met to mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Witness {
    /// That the operation, or at least another one of its suite, takes a good request.
    Acceptance,
    /// That the list shows items at all.
    Items,
}

/// What the met expectations of a step rest on, with the number of the expectation.
pub fn rests_on(
    asked: RequestContext<'_>,
    expectations: &[Located<Expectation>],
    judged: &JudgedAnswer,
) -> Vec<(Option<usize>, Witness)> {
    let mut witnesses = Vec::new();
    let (index, outcome) = expected_outcome(expectations);
    if !judged.accepted && outcome != Outcome::Accepted {
        witnesses.push((index, Witness::Acceptance));
    }
    if let Some(list) = empty_list(asked, judged) {
        let absences = expectations.iter().enumerate().filter(|(_, expectation)| match &expectation.value {
            Expectation::Field(path, matcher) => is_negative(matcher) && leads_into(path, list),
            _ => false,
        });
        witnesses.extend(absences.map(|(index, _)| (Some(index), Witness::Items)));
    }
    witnesses
}

/// Expectations of every item of a list that has none: they hold of nothing. `names_things` as for [`without_data`].
pub fn unseen(
    asked: RequestContext<'_>,
    expectations: &[Located<Expectation>],
    judged: &JudgedAnswer,
    names_things: impl Fn(&Path, &Matcher) -> bool,
) -> Vec<(Option<usize>, Mismatch)> {
    let Some(list) = empty_list(asked, judged) else { return Vec::new() };
    let unseen = expectations.iter().enumerate().filter_map(|(index, expectation)| match &expectation.value {
        Expectation::Field(path, matcher)
            if is_negative(matcher) && is_of_each(path, matcher, list) && !names_things(path, matcher) =>
        {
            let observed = format!("{} lists nothing: with an item it could be decided", asked.operation);
            Some((Some(index), Mismatch::inconclusive(format!("{path} {matcher}"), observed)))
        }
        _ => None,
    });
    unseen.collect()
}

/// What is not there need not be there: an empty list, of which nothing is known that it must hold, breaks no promise about
/// its items. `names_things` says whether the request, or what an expectation compares with, names what was there.
pub fn without_data(
    asked: RequestContext<'_>,
    expectations: &[Located<Expectation>],
    judged: &mut JudgedAnswer,
    names_things: impl Fn(&Path, &Matcher) -> bool,
) {
    let Some(list) = empty_list(asked, judged) else { return };
    for (index, departure) in &mut judged.departures {
        let expectation = index.and_then(|index| expectations.get(index)).map(|expectation| &expectation.value);
        if let (Verdict::Violates, Some(Expectation::Field(path, matcher))) = (departure.verdict, expectation)
            && leads_into(path, list)
            && !names_things(path, matcher)
        {
            departure.verdict = Verdict::Inconclusive;
            departure.observed = format!("{} lists nothing: with an item it could be decided", asked.operation);
        }
    }
}

/// What is listed, if the answer is that of a list and has no items.
fn empty_list<'a>(asked: RequestContext<'a>, judged: &JudgedAnswer) -> Option<&'a List> {
    let list = asked.suite.operations.get(asked.operation)?.list.as_ref()?;
    (judged.items == Some(0)).then_some(list)
}

/// Whether a matcher holds of nothing.
fn is_negative(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Absent | Matcher::Excludes(_) | Matcher::Distinct | Matcher::Sorted(_) | Matcher::Times(0) => true,
        // Of two empty lists nothing is shown.
        Matcher::Unchanged(_) | Matcher::Narrows(_) => true,
        Matcher::All(matchers) => matchers.iter().all(is_negative),
        _ => false,
    }
}

/// Whether a path leads to the items of a list, or to what is in them.
fn leads_into(path: &Path, list: &List) -> bool {
    within(&path.to_string(), list).is_some()
}

/// What a path asks for within the container of the items; nothing if it leads elsewhere.
fn within<'p>(path: &'p str, list: &List) -> Option<&'p str> {
    let container = format!("$.{}", list.items);
    let rest = path.strip_prefix(container.as_str());
    let rest = rest
        .or_else(|| path.strip_prefix("$.*"))
        .or_else(|| path.strip_prefix("$.").filter(|rest| rest.starts_with('.')))?;
    (rest.is_empty() || rest.starts_with(['[', '.'])).then_some(rest)
}

/// Whether a path looks at each item, rather than for items at all, for an item beyond a number, or for one that a variable
/// names.
fn is_of_each(path: &Path, matcher: &Matcher, list: &List) -> bool {
    let text = path.to_string();
    let Some(rest) = within(&text, list) else { return false };
    if !path.variables().is_empty() || !matcher.templates().is_empty() {
        return false;
    }
    let for_any = rest.is_empty() || rest == "[*]" || is_number(rest) || is_existence(rest);
    !for_any
}

fn is_number(selector: &str) -> bool {
    let digits = selector.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a selector takes every item that has a field: `[?@.id]`.
fn is_existence(selector: &str) -> bool {
    let field = selector.strip_prefix("[?@.").and_then(|rest| rest.strip_suffix(']'));
    field.is_some_and(|field| field.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &str) -> List {
        List { items: items.to_owned(), key: None, volatile: Vec::new(), created: None }
    }

    #[test]
    fn a_path_into_a_list_looks_for_items_or_at_each() {
        let of_each = |path: &str| is_of_each(&Path::parse(path).unwrap(), &Matcher::Absent, &list("zone"));
        for path in ["$.zone", "$.zone[*]", "$.*[500]", "$.*[?@.id]", "$.count", "$.zone[?@.id == '${zone}']"] {
            assert!(!of_each(path), "{path}");
        }
        for path in ["$.zone[*].name", "$.zone[?@.name == '']", "$.*[?@.account && @.account != 'root']", "$..name"] {
            assert!(of_each(path), "{path}");
        }
    }

    #[test]
    fn a_container_is_not_one_whose_name_only_begins_alike() {
        assert!(leads_into(&Path::parse("$.a.b[0].id").unwrap(), &list("a.b")));
        assert!(!leads_into(&Path::parse("$.zones[0].id").unwrap(), &list("zone")));
        assert!(!leads_into(&Path::parse("$.count").unwrap(), &list("zone")));
    }
}
