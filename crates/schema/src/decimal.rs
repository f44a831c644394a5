//! Numbers of JSON, compared by all of their digits: as floating point, 2^53 and 2^53 + 1 are one number.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// A number taken apart; two that are equal are taken apart alike.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    /// Where the decimal point is, counted from the first digit.
    point: i64,
    /// The digits, without zeros at either end; none for zero.
    digits: String,
}

impl Decimal {
    fn of(number: &Number) -> Self {
        let text = number.to_string();
        let (is_negative, text) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // What does not fit is beyond the range that is distinguished.
        let beyond = || if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        let exponent = exponent.parse::<i64>().unwrap_or_else(|_| beyond()).clamp(i64::MIN / 2, i64::MAX / 2);
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let leading = i64::try_from(whole.len()).unwrap_or(i64::MAX / 4)
            - i64::try_from(all.len() - significant.len()).unwrap_or(i64::MAX / 4);
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Self { is_negative: false, point: 0, digits };
        }
        Self { is_negative, point: exponent.saturating_add(leading), digits }
    }

    fn is_whole(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|digits| digits <= self.point) || self.digits.is_empty()
    }

    /// As against another, signs aside.
    fn magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (false, false) => self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits)),
            (one, other) => other.cmp(&one),
        }
    }
}

/// How two numbers compare.
pub fn compare(one: &Number, other: &Number) -> Ordering {
    let (one, other) = (Decimal::of(one), Decimal::of(other));
    match (one.is_negative, other.is_negative) {
        (false, false) => one.magnitude(&other),
        (true, true) => other.magnitude(&one),
        (one, other) => other.cmp(&one),
    }
}

/// Whether two values are the same as JSON Schema has it: a number is its value however it is written, types count.
pub fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || compare(one, other).is_eq(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| equal(one, other)))
        }
        _ => one == other,
    }
}

/// A text that two values have in common exactly if they are equal; fields of objects in their order.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => {
            let Decimal { is_negative, point, digits } = Decimal::of(number);
            format!("{}0.{digits}e{point}", if is_negative { "-" } else { "" })
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(fields) => {
            let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name:?}:{}", canonical(value))).collect();
            format!("{{{}}}", fields.join(","))
        }
        other => other.to_string(),
    }
}

/// Whether a number is a whole one, as 1.0 is (JSON Schema, core 4.2.3).
pub fn is_whole(number: &Number) -> bool {
    Decimal::of(number).is_whole()
}

/// A count that an answer gives: a whole number that is not negative.
pub fn count(value: &Value) -> Option<u64> {
    let number = value.as_number()?;
    number.as_u64().or_else(|| {
        let Decimal { is_negative, point, digits } = Decimal::of(number);
        let zeros = usize::try_from(point).ok()?.checked_sub(digits.len()).filter(|zeros| *zeros < 20)?;
        format!("0{digits}{}", "0".repeat(zeros)).parse().ok().filter(|_| !is_negative)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_are_compared_by_all_of_their_digits() {
        for (one, other) in [
            ("9007199254740993", "9007199254740993"),
            ("1.10", "1.1"),
            ("1e3", "1000"),
            ("0.5", "5E-1"),
            ("-0", "0.0"),
            ("[1.0, {\"a\": 2}]", "[1, {\"a\": 2.0}]"),
        ] {
            assert!(equal(&number(one), &number(other)), "{one} {other}");
            assert_eq!(canonical(&number(one)), canonical(&number(other)), "{one} {other}");
        }
        for (less, more) in [
            ("9007199254740992", "9007199254740993"),
            ("-9007199254740993", "-9007199254740992"),
            ("18446744073709551614", "18446744073709551615"),
            ("-1", "0"),
            ("0", "1e-300"),
            ("9", "10"),
        ] {
            let (less, more) = (number(less), number(more));
            let compared = compare(less.as_number().unwrap(), more.as_number().unwrap());
            assert_eq!(compared, Ordering::Less, "{less} {more}");
            assert!(!equal(&less, &more), "{less} {more}");
        }
        assert!(!equal(&number("1"), &number("\"1\"")));
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        for text in ["1", "1.0", "1e2", "120e-1", "0", "0.0", "18446744073709551615"] {
            assert!(is_whole(number(text).as_number().unwrap()), "{text}");
        }
        for text in ["1.5", "1e-1", "0.25"] {
            assert!(!is_whole(number(text).as_number().unwrap()), "{text}");
        }
        assert_eq!(count(&number("5.0")), Some(5));
        assert_eq!(count(&number("1.2e2")), Some(120));
        assert_eq!(count(&number("0.0")), Some(0));
        assert_eq!([count(&number("-5")), count(&number("1.5")), count(&number("1e30"))], [None; 3]);
    }
}
