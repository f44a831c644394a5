//! What a page of a list lacks decides nothing where the list may go on after it.

use serde_json::Value;

use crate::deployment::next_link;
use crate::scenario::{Ending, Expectation, Matcher, Next};
use assay_suite::http::Response;
use assay_suite::source::Located;

use super::{Mismatch, Verdict};

/// Makes inconclusive what only the rest of the list would decide: that something is listed nowhere, or once.
pub(super) fn settle(
    expectations: &[Located<Expectation>],
    response: &Response,
    value: Option<&Value>,
    departures: &mut Vec<(Option<usize>, Mismatch)>,
) {
    let goes_on = expectations.iter().find_map(|expectation| match &expectation.value {
        Expectation::Whole(ending) => goes_on(ending, response, value?),
        _ => None,
    });
    let Some(why) = goes_on else { return };
    for (index, expectation) in expectations.iter().enumerate() {
        let Expectation::Field(path, matcher) = &expectation.value else { continue };
        let found = departures.iter().position(|(known, _)| *known == Some(index));
        match (matcher, found) {
            (Matcher::Includes(_), Some(found)) => {
                let departure = &mut departures[found].1;
                departure.verdict = Verdict::Inconclusive;
                departure.observed = format!("{}, and {why}", departure.observed);
            }
            (Matcher::Excludes(_) | Matcher::Distinct, None) => {
                let expected = format!("{path} {matcher}, on any page");
                departures.push((Some(index), Mismatch::inconclusive(expected, format!("it is so on one, and {why}"))));
            }
            _ => {}
        }
    }
}

/// Why a list may go on after an answer, if it may.
pub(super) fn goes_on(ending: &Ending, response: &Response, value: &Value) -> Option<String> {
    let items = ending.items.select(value).len();
    if items >= ending.full {
        return Some(format!("with {items} items it may not be the last page"));
    }
    let leads_on = match ending.next.as_ref()? {
        Next::Field(path) => path.select(value).into_iter().any(|next| !next.is_null() && next.as_str() != Some("")),
        Next::Link => response.header("link").is_some_and(|link| next_link(&link).is_some()),
    };
    leads_on.then(|| "it leads to a next page".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scenario::{Bindings, Path, Template};
    use crate::verdict::judge_fields;
    use assay_suite::source::{Place, SourceFile};

    fn judged(matcher: Matcher, page: &Value) -> Vec<Verdict> {
        let place = Place::start_of(&SourceFile::new("list.yaml", ""));
        let path = |text: &str| Path::parse(text).unwrap();
        let ending = Ending { items: path("$.items[*]"), full: 3, next: Some(Next::Field(path("$.next"))) };
        let expected = [Expectation::Field(path("$.items[*]"), matcher), Expectation::Whole(ending)];
        let expected = expected.map(|value| Located { value, place: place.clone() });
        let response = Response { status: 200, headers: Vec::new(), body: String::new(), lossy: false };
        let mut departures = judge_fields(&expected, Some(page), &Bindings::new());
        settle(&expected, &response, Some(page), &mut departures);
        departures.into_iter().map(|(_, departure)| departure.verdict).collect()
    }

    #[test]
    fn only_the_last_page_shows_what_is_not_there() {
        let is_there = || Matcher::Includes(Template::text("x"));
        let is_not_there = || Matcher::Excludes(Template::text("x"));
        for (page, there, not_there) in [
            (json!({"items": ["a"], "next": null}), vec![Verdict::Violates], vec![]),
            (json!({"items": ["a"], "next": "2"}), vec![Verdict::Inconclusive], vec![Verdict::Inconclusive]),
            (json!({"items": ["a", "b", "c"]}), vec![Verdict::Inconclusive], vec![Verdict::Inconclusive]),
            (json!({"items": ["a", "b", "x"], "next": "2"}), vec![], vec![Verdict::Violates]),
        ] {
            assert_eq!(judged(is_there(), &page), there, "{page}");
            assert_eq!(judged(is_not_there(), &page), not_there, "{page}");
        }
    }

    #[test]
    fn that_nothing_is_there_twice_only_all_pages_show() {
        assert_eq!(judged(Matcher::Distinct, &json!({"items": ["a", "b"]})), []);
        assert_eq!(judged(Matcher::Distinct, &json!({"items": ["a"], "next": "2"})), [Verdict::Inconclusive]);
        assert_eq!(judged(Matcher::Distinct, &json!({"items": ["a", "a"], "next": "2"})), [Verdict::Violates]);
    }

    #[test]
    fn a_link_to_the_page_before_leads_on_nowhere() {
        let ending = Ending { items: Path::parse("$[*]").unwrap(), full: 3, next: Some(Next::Link) };
        let leads_on = |link: &str| {
            let headers = vec![("link".to_owned(), link.to_owned())];
            goes_on(&ending, &Response { status: 200, headers, body: String::new(), lossy: false }, &json!([]))
                .is_some()
        };
        assert!(leads_on("</things?page=2>; rel=\"next\""));
        assert!(!leads_on("</things?before=next>; rel=\"prev\""));
    }
}
