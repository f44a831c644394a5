//! What the dates of answers show of the generator's clock. A few answers a second are enough.

use std::cell::Cell;
use std::time::{Duration, Instant};

use hyper::header::{AGE, DATE, HeaderMap};
use jiff::Timestamp;

use assay_formats::record::ClockOffset;

/// How often an answer is looked at: its date has whole seconds, so more would show nothing more.
const EVERY: Duration = Duration::from_millis(50);

/// Looks at the date of an answer now and then.
#[derive(Default)]
pub(super) struct Dates {
    last: Cell<Option<Instant>>,
}

impl Dates {
    /// What an answer that took so long shows, if it is its turn.
    pub fn look(&self, headers: &HeaderMap, ended: Instant, took: Duration) -> Option<ClockOffset> {
        if self.last.get().is_some_and(|last| ended.saturating_duration_since(last) < EVERY) {
            return None;
        }
        self.last.set(Some(ended));
        shown(headers, ended, took)
    }
}

/// What the date of an answer shows. One from a cache was made at another time.
fn shown(headers: &HeaderMap, ended: Instant, took: Duration) -> Option<ClockOffset> {
    let date = headers.get(DATE).filter(|_| !headers.contains_key(AGE))?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let answered = Timestamp::now().checked_sub(ended.elapsed()).ok()?;
    Some(ClockOffset::of_answer(date, answered, took))
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_formats::record::Side;

    fn headers(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, date.parse().unwrap())])
    }

    #[test]
    fn a_date_of_another_day_shows_that_a_clock_is_wrong() {
        let shown = shown(&headers("Sun, 06 Nov 1994 08:49:37 GMT"), Instant::now(), Duration::ZERO).unwrap();
        let skew = shown.apart().unwrap();
        assert!(skew.side == Side::Ahead && skew.by > Duration::from_secs(86_400 * 365), "{skew:?}");
    }

    #[test]
    fn no_date_a_bad_one_and_that_of_a_cache_show_nothing() {
        let mut cached = headers("Sun, 06 Nov 1994 08:49:37 GMT");
        cached.insert(AGE, "7".parse().unwrap());
        for headers in [HeaderMap::new(), headers("yesterday"), cached] {
            assert_eq!(shown(&headers, Instant::now(), Duration::ZERO), None, "{headers:?}");
        }
    }

    #[test]
    fn few_answers_are_looked_at() {
        let (dates, headers, now) = (Dates::default(), headers("Sun, 06 Nov 1994 08:49:37 GMT"), Instant::now());
        assert!(dates.look(&headers, now, Duration::ZERO).is_some());
        assert!(dates.look(&headers, now + EVERY / 2, Duration::ZERO).is_none());
    }
}
