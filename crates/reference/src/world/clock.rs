//! Moments and how they are written.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// A moment as answers write it, in UTC: `2013-06-13T09:00:00+0000`.
pub fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%z").to_string()
}

/// The moment a duration later; the end of time at the latest.
pub fn after(moment: Timestamp, duration: Duration) -> Timestamp {
    moment.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// Reads a moment that a filter gives: a day, or a day and a time with or without an offset; UTC where none is given.
pub fn read_moment(text: &str) -> Option<Timestamp> {
    let offset = || Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text).ok();
    let zulu = || text.parse::<Timestamp>().ok();
    let time = || text.parse::<DateTime>().ok().and_then(in_utc);
    let day = || text.parse::<Date>().ok().map(|date| date.to_datetime(jiff::civil::Time::midnight())).and_then(in_utc);
    offset().or_else(zulu).or_else(time).or_else(day)
}

fn in_utc(local: DateTime) -> Option<Timestamp> {
    TimeZone::fixed(Offset::UTC).to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_with_an_offset_of_four_digits() {
        assert_eq!(written(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00+0000");
    }

    #[test]
    fn a_day_is_read_as_its_beginning() {
        for text in ["1970-01-02", "1970-01-02T00:00:00", "1970-01-02T00:00:00Z", "1970-01-02T09:00:00+0900"] {
            assert_eq!(read_moment(text).map(Timestamp::as_second), Some(86_400), "{text}");
        }
        assert_eq!(read_moment("yesterday"), None);
    }
}
