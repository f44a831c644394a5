//! What a page says of how many items there are, against what it holds.

use serde_json::Value;

use crate::scenario::{Expectation, Said};
use assay_schema::decimal;
use assay_suite::http::Response;
use assay_suite::source::Located;

use super::{Mismatch, cut};

/// Judges the numbers that pages say. One that says none breaks nothing: its schema says whether it must.
pub(super) fn judge(
    expectations: &[Located<Expectation>],
    response: &Response,
    value: Option<&Value>,
) -> Vec<(Option<usize>, Mismatch)> {
    let value = value.unwrap_or(&Value::Null);
    let departures = expectations.iter().enumerate().filter_map(|(index, expectation)| {
        let Expectation::Total(total) = &expectation.value else { return None };
        let (name, said) = match &total.said {
            Said::Field(path) => (path.to_string(), path.select(value).first().and_then(|said| decimal::count(said))?),
            Said::Header(name) => (format!("the header {name}"), response.header(name)?.trim().parse::<u64>().ok()?),
        };
        let shown = total.ending.items.select(value).len() as u64;
        let is_only = cut::goes_on(&total.ending, response, value).is_none();
        let expected = match () {
            () if said < shown => format!("{name} is at least {shown}, as many items as are on the page"),
            () if said < total.least => format!("{name} is at least {}: so many were created", total.least),
            () if is_only && said != shown => format!("{name} is {shown}, as many items as are on the only page"),
            () => return None,
        };
        Some((Some(index), Mismatch::violation(expected, said.to_string())))
    });
    departures.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scenario::{Ending, Path, Total};
    use assay_suite::source::{Place, SourceFile};

    fn is_wrong(said: Said, page: &Value, header: &str) -> bool {
        let ending = Ending { items: Path::parse("$.items[*]").unwrap(), full: 3, next: None };
        let place = Place::start_of(&SourceFile::new("list.yaml", ""));
        let expected = Located { value: Expectation::Total(Total { said, least: 2, ending }), place };
        let headers = vec![("x-total-count".to_owned(), header.to_owned())];
        let response = Response { status: 200, headers, body: String::new(), lossy: false };
        !judge(&[expected], &response, Some(page)).is_empty()
    }

    #[test]
    fn a_total_is_that_of_the_only_page_and_no_less_than_what_is_shown() {
        for (said, items, wrong) in [
            (json!(2), 2, false),
            (json!(2.0), 2, false),
            (json!(3), 2, true),
            (json!(1), 1, true),
            (json!(3), 3, false),
            (json!(9), 3, false),
            (json!(2), 3, true),
            (json!(null), 2, false),
        ] {
            let page = json!({"total": said, "items": vec![0; items]});
            assert_eq!(is_wrong(Said::Field(Path::parse("$.total").unwrap()), &page, ""), wrong, "{page}");
            assert_eq!(
                is_wrong(Said::Header("x-total-count".to_owned()), &page, &said.to_string().replace(".0", "")),
                wrong,
                "{page}"
            );
        }
    }
}
