//! Annotations of GitHub Actions: one workflow command a line.

use crate::summary::Summary;
use crate::wording;
use assay_suite::source::harmless;

use super::annotation::{Weight, location, message};

/// GitHub shows ten annotations of a kind for a step.
const MOST: usize = 10;

/// An annotation for each cause, and for each gate that is not met.
pub fn github(summary: &Summary) -> String {
    let causes = summary.causes();
    let mut lines: Vec<_> = causes
        .iter()
        .take(MOST)
        .map(|cause| {
            let mut properties = Vec::new();
            if let Some(location) = location(cause) {
                properties.push(format!("file={}", property(&harmless::line(location.path))));
                properties.push(format!("line={}", location.line));
            }
            properties.push(format!("title={}", property(&harmless::line(&wording::cause(cause)))));
            format!("::{} {}::{}", command(Weight::of(cause.verdict())), properties.join(","), data(&message(cause)))
        })
        .collect();
    if causes.len() > MOST {
        lines.push(format!("::warning title=assay::and {} more findings, in the report", causes.len() - MOST));
    }
    lines.extend(summary.unmet().map(|gate| {
        let rendered = format!("{}: expected {}, observed {}", gate.name, gate.expected, gate.observed);
        format!("::error title={}::{}", property(gate.outcome.name()), data(&harmless::line(&rendered)))
    }));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn command(weight: Weight) -> &'static str {
    match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
    }
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        assert_eq!(data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
