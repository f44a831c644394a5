//! What is in one field of a row: a value that follows from the number of the row.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The moment of the first row of every table.
const FIRST_MOMENT: i64 = 1_709_251_200_000;

/// Between two rows of a table lies an hour.
const BETWEEN: i64 = 3_600_000;

/// The moment of a row, in milliseconds since 1970.
pub(super) fn moment(row: usize) -> i64 {
    FIRST_MOMENT + BETWEEN * i64::try_from(row).unwrap_or_default()
}

/// What is in one field.
#[derive(Clone, Debug)]
pub(super) enum Column {
    /// Always the same text.
    Text(String),
    /// One text after the other, each for as many rows as are said.
    Cycle(usize, Vec<String>),
    /// One number after the other.
    Codes(Vec<Value>),
    /// A number as text, from this one on.
    Count(i64),
    /// A share of a terabyte as text, from this one on.
    Terabytes(i64),
    /// A text that ends in the number of the row.
    Numbered(String),
    /// An id that no other row of the table has.
    Id(i64),
    /// The moment of the row.
    Moment(Form),
    /// An address that begins so.
    Address(String),
}

/// How the moment of a row is written.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// As milliseconds since 1970, as text.
    Milliseconds,
    /// As `strftime` does it.
    Written(String),
}

impl Column {
    /// What is in this field of a row.
    pub(super) fn value(&self, row: usize) -> Value {
        let number = i64::try_from(row).unwrap_or_default();
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Cycle(rows, texts) => {
                let place = row.checked_div(*rows).unwrap_or_default().checked_rem(texts.len()).unwrap_or_default();
                texts.get(place).cloned().unwrap_or_default().into()
            }
            Self::Codes(codes) => codes.get(row % codes.len().max(1)).cloned().unwrap_or_default(),
            Self::Count(first) => (first + number).to_string().into(),
            Self::Terabytes(first) => format!("{}.{}", first + number, (number * 37) % 100).into(),
            Self::Numbered(prefix) => format!("{prefix}{}", row + 1).into(),
            Self::Id(kind) => format!("{kind:08x}-0000-4000-8000-{row:012x}").into(),
            Self::Moment(Form::Milliseconds) => moment(row).to_string().into(),
            Self::Moment(Form::Written(form)) => {
                civil(row).map_or(Value::Null, |time| time.strftime(form).to_string().into())
            }
            Self::Address(prefix) => format!("{prefix}{}", row % 250 + 1).into(),
        }
    }
}

fn civil(row: usize) -> Option<DateTime> {
    Some(Timestamp::from_millisecond(moment(row)).ok()?.to_zoned(TimeZone::UTC).datetime())
}
