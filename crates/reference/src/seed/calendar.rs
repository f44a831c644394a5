//! When the seeds came into being.

use jiff::{Timestamp, ToSpan};

/// The day the Cloudn manual was published, and days after it: the seeds are as old at every start.
pub fn moment(days: i32) -> Timestamp {
    let published = jiff::civil::date(2013, 6, 13).to_datetime(jiff::civil::time(9, 0, 0, 0));
    let moment = published.checked_add(days.days()).and_then(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC));
    moment.map_or(Timestamp::UNIX_EPOCH, |moment| moment.timestamp())
}
