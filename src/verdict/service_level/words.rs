//! Numbers as sentences have them.

use std::time::Duration;

/// A number with thin spaces between groups of three digits.
pub(in crate::verdict) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A duration, to three digits: `850 µs`, `1.23 ms`, `300 ms`, `2.5 s`, `49 min 55 s`, `1 h 02 min`.
pub(in crate::verdict) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.000_999_5 {
        format!("{} µs", three_digits(seconds * 1e6))
    } else if seconds < 0.999_5 {
        format!("{} ms", three_digits(seconds * 1e3))
    } else if seconds < 59.95 {
        format!("{} s", three_digits(seconds))
    } else {
        let whole = duration.as_secs() + u64::from(duration.subsec_nanos() >= 500_000_000);
        let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
        if hours > 0 { format!("{hours} h {minutes:02} min") } else { format!("{minutes} min {seconds:02} s") }
    }
}

/// A rate: `4000/s`, `0.5/s`.
pub(in crate::verdict) fn rate(per_second: f64) -> String {
    format!("{}/s", three_digits(per_second))
}

/// A share of requests: `0.1 %`.
pub(in crate::verdict) fn percent(share: f64) -> String {
    format!("{} %", (share * 1e8).round() / 1e6)
}

/// To three digits at least, without zeros at the end.
fn three_digits(number: f64) -> f64 {
    let places = if number < 9.995 {
        100.0
    } else if number < 99.95 {
        10.0
    } else {
        1.0
    };
    (number * places).round() / places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let times = [850, 1_234, 300_000, 2_500_000, 2_995_000_000, 3_725_000_000].map(Duration::from_micros).map(time);
        assert_eq!(times, ["850 µs", "1.23 ms", "300 ms", "2.5 s", "49 min 55 s", "1 h 02 min"]);
        assert_eq!([0.5, 4_000.0].map(rate), ["0.5/s", "4000/s"]);
        assert_eq!([0.001, 0.5].map(percent), ["0.1 %", "50 %"]);
        assert_eq!([7, 1_000, 1_234_567].map(count), ["7", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }
}
