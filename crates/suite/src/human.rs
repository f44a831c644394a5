//! Numbers and times as people say them: the same in messages, records and reports.

use std::time::Duration;

/// A time as people say it.
pub fn duration(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 0.0005 {
        "<1 ms".to_owned()
    } else if seconds < 0.9995 {
        format!("{:.0} ms", seconds * 1e3)
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else {
        let whole = Duration::from_secs_f64(seconds.clamp(0.0, 1e9).round()).as_secs();
        let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
        if hours > 0 { format!("{hours} h {minutes:02} min") } else { format!("{minutes} min {seconds:02} s") }
    }
}

/// A number with thin spaces between groups of three digits.
pub fn number(number: usize) -> String {
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

/// `1 case`, `2 cases`.
pub fn count_of(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// A number of requests, grouped as other numbers.
pub fn requests(count: u64) -> String {
    number(usize::try_from(count).unwrap_or(usize::MAX))
}

/// A response time to three significant digits: `850 µs`, `1.08 ms`.
pub fn latency(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds >= 59.95 {
        return duration(seconds);
    }
    let units = [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms")];
    let fits = units.into_iter().find(|(size, _)| seconds < size * 999.5);
    let (size, unit) = fits.unwrap_or((1.0, "s"));
    let value = seconds / size;
    let digits = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{} {unit}", plain(value, digits))
}

/// A share in percent. It is never rounded up: what is not all does not read `100 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", plain((share * 1e5 + 1e-6).floor() / 1e3, 3))
}

/// Requests a second: `4 000/s`, `0.998/s`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is positive, and shown rounded")]
pub fn rate(per_second: f64) -> String {
    if per_second >= 99.95 {
        return format!("{}/s", requests(per_second.round() as u64));
    }
    format!("{}/s", plain(per_second, if per_second < 9.995 { 3 } else { 1 }))
}

/// A number with at most so many decimals, and none that say nothing.
pub fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        let said = [0.0, 0.0001, 0.0123, 0.9996, 12.34, 59.96, 3725.0].map(duration);
        assert_eq!(said, ["0 ms", "<1 ms", "12 ms", "1.0 s", "12.3 s", "1 min 00 s", "1 h 02 min"]);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([7, 1000, 1_234_567].map(number), ["7", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }

    #[test]
    fn response_times_have_three_digits() {
        let said = [0, 850, 999_600, 1_084_000, 2_000_000, 12_340_000, 299_900_000, 1_500_000_000, 75_000_000_000]
            .map(|nanos| latency(Duration::from_nanos(nanos)));
        assert_eq!(said, ["0 ns", "850 ns", "1 ms", "1.08 ms", "2 ms", "12.3 ms", "300 ms", "1.5 s", "1 min 15 s"]);
    }

    #[test]
    fn what_is_not_all_is_not_called_all() {
        assert_eq!([0.999_999, 0.999, 0.99, 1.0, 0.5].map(percent), ["99.999 %", "99.9 %", "99 %", "100 %", "50 %"]);
    }

    #[test]
    fn rates_are_short() {
        assert_eq!([4000.2, 100.0, 60.0, 1.0, 0.9984].map(rate), ["4\u{202f}000/s", "100/s", "60/s", "1/s", "0.998/s"]);
    }
}
