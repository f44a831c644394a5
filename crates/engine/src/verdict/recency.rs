//! Whether what was just created says so.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::Value;

use crate::scenario::{Bindings, Expectation};
use assay_suite::http::Response;
use assay_suite::source::Located;

use super::{Mismatch, shown};

/// So long a creation takes at the most, its job included.
const LONGEST: Duration = Duration::from_secs(20 * 60);
/// So far the clocks of one deployment may be apart.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// Judges times that are to be those of the answer, or little before: by the answer's own date, for the clock here may be wrong.
pub(super) fn judge(
    expectations: &[Located<Expectation>],
    response: &Response,
    value: Option<&Value>,
    bindings: &Bindings,
) -> Vec<(Option<usize>, Mismatch)> {
    let departures = expectations.iter().enumerate().filter_map(|(index, expectation)| {
        let Expectation::Recent(path) = &expectation.value else { return None };
        let path = path.bind(bindings);
        let expected = format!("{path} is at most {} minutes before the answer", LONGEST.as_secs() / 60);
        let date = response.header("date").and_then(|date| jiff::fmt::rfc2822::parse(&date).ok());
        let Some(answered) = date.map(|date| date.timestamp()) else {
            let observed = "the answer has no date to compare it with".to_owned();
            return Some((Some(index), Mismatch::inconclusive(expected, observed)));
        };
        let found = value.map(|value| path.select(value)).unwrap_or_default();
        let other = found.into_iter().find(|found| {
            let time = found.as_str().and_then(time);
            time.is_some_and(|time| time > answered + SKEW || time < answered - LONGEST - SKEW)
        })?;
        Some((Some(index), Mismatch::violation(expected, format!("{}, and the answer is of {answered}", shown(other)))))
    });
    departures.collect()
}

/// A time with its offset: RFC 3339, or ISO 8601 as `CloudStack` writes it. Another has no moment of its own.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| strtime::parse("%Y-%m-%dT%H:%M:%S%z", text).ok()?.to_timestamp().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_offsets() {
        let moment: Timestamp = "2013-06-13T00:00:00Z".parse().unwrap();
        for text in [
            "2013-06-13T00:00:00Z",
            "2013-06-13T09:00:00+09:00",
            "2013-06-13T09:00:00+0900",
            "2013-06-13T00:00:00.000Z",
        ] {
            assert_eq!(time(text), Some(moment), "{text}");
        }
        for text in ["2013-06-13", "2013-06-13T00:00:00", "yesterday", ""] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
