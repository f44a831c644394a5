//! Axes: from where to where, and what is written at them.

use std::time::Duration;

use assay_suite::human;

/// An axis of a chart, in the chart's own coordinates.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) from: f64,
    pub(super) to: f64,
    /// Where something is written, and what.
    pub(super) ticks: Vec<(f64, String)>,
    /// What it measures.
    pub(super) title: &'static str,
}

/// Ticks of an axis of times beyond this number would crowd it.
const MOST_TICKS: usize = 8;
/// The shortest time that is distinguished from shorter ones.
const SHORTEST: f64 = 1e-6;

/// Where a share of requests is: 1 for 90 %, 2 for 99 %.
pub(super) fn share_position(share: f64) -> f64 {
    -(1.0 - share).max(1e-12).log10()
}

/// Where a time is on a logarithmic axis.
pub(super) fn time_position(seconds: f64) -> f64 {
    seconds.max(SHORTEST).log10()
}

/// An axis of shares of requests that has room up to a position.
pub(super) fn shares(to: f64) -> Axis {
    let shares =
        [("50 %", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("99.9 %", 0.999), ("99.99 %", 0.9999), ("99.999 %", 0.99999)];
    let to = to.max(2.0);
    let ticks = shares.map(|(label, share)| (share_position(share), label.to_owned()));
    let ticks = ticks.into_iter().filter(|(position, _)| *position <= to + 1e-9).collect();
    Axis { from: 0.0, to, ticks, title: "share of requests" }
}

/// A logarithmic axis of times, in seconds, that has room for all that are given.
pub(super) fn times(seconds: impl IntoIterator<Item = f64>) -> Axis {
    let (least, most) = seconds
        .into_iter()
        .map(|seconds| seconds.max(SHORTEST))
        .fold((f64::MAX, 0.0_f64), |(least, most), seconds| (least.min(seconds), most.max(seconds)));
    let (least, most) = if most > 0.0 { (least, most) } else { (1e-3, 1e-2) };
    // Of 1, 2 and 5 in every decade, those around all that is shown.
    let all: Vec<f64> = (-6..=3).flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(decade))).collect();
    let from = all.iter().rev().find(|tick| **tick <= least * 0.9).or(all.first()).copied().unwrap_or(least);
    let to = all.iter().find(|tick| **tick >= most * 1.1).copied().unwrap_or(most * 1.1);
    let within = |tick: &f64| *tick >= from * 0.999 && *tick <= to * 1.001;
    let fine: Vec<f64> = all.iter().copied().filter(within).collect();
    let ticks = if fine.len() > MOST_TICKS { fine.into_iter().filter(|tick| is_decade(*tick)).collect() } else { fine };
    let label = |seconds: f64| human::latency(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    Axis {
        from: time_position(from),
        to: time_position(to),
        ticks: ticks.into_iter().map(|tick| (time_position(tick), label(tick))).collect(),
        title: "",
    }
}

fn is_decade(tick: f64) -> bool {
    let position = tick.log10();
    (position - position.round()).abs() < 1e-6
}

/// An axis of requests a second, from none to the highest that is given.
pub(super) fn rates(highest: f64) -> Axis {
    // What is drawn at the very edge is hard to see.
    from_none(highest, 1.02, human::rate)
}

/// An axis of shares, from none to the highest that is given.
pub(super) fn percentages(highest: f64) -> Axis {
    from_none(highest, 1.0, human::percent)
}

/// An axis from none to the highest that is given, and so much further.
fn from_none(highest: f64, further: f64, label: impl Fn(f64) -> String) -> Axis {
    const STEPS: f64 = 4.0;
    let wanted = if highest > 0.0 { highest / STEPS } else { 1.0 / STEPS };
    let size = 10_f64.powf(wanted.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|digit| digit * size).find(|step| *step >= wanted * 0.999);
    let step = step.unwrap_or(wanted);
    let count = (highest / step * further - 1e-9).ceil().max(1.0);
    let ticks = std::iter::successors(Some(0.0), |tick| Some(tick + 1.0)).take_while(|tick| *tick <= count);
    let ticks = ticks.map(|tick| (tick * step, if tick > 0.0 { label(tick * step) } else { "0".to_owned() }));
    Axis { from: 0.0, to: count * step, ticks: ticks.collect(), title: "" }
}

/// An axis of time from the first request on.
pub(super) fn elapsed(seconds: f64) -> Axis {
    const STEPS: [(f64, f64, &str); 17] = [
        (1.0, 1.0, "s"),
        (2.0, 1.0, "s"),
        (5.0, 1.0, "s"),
        (10.0, 1.0, "s"),
        (15.0, 1.0, "s"),
        (30.0, 1.0, "s"),
        (60.0, 60.0, "min"),
        (120.0, 60.0, "min"),
        (300.0, 60.0, "min"),
        (600.0, 60.0, "min"),
        (900.0, 60.0, "min"),
        (1_800.0, 60.0, "min"),
        (3_600.0, 3_600.0, "h"),
        (7_200.0, 3_600.0, "h"),
        (14_400.0, 3_600.0, "h"),
        (28_800.0, 3_600.0, "h"),
        (86_400.0, 3_600.0, "h"),
    ];
    let to = seconds.max(1.0);
    let fits = STEPS.into_iter().find(|(step, _, _)| to / step <= 6.0);
    let (step, unit, name) = fits.unwrap_or((to / 4.0, 3_600.0, "h"));
    let ticks = std::iter::successors(Some(0.0), |tick| Some(tick + step)).take_while(|tick| *tick <= to + 1e-9);
    let label =
        |tick: f64| if tick > 0.0 { format!("{} {name}", human::plain(tick / unit, 1)) } else { "0".to_owned() };
    Axis {
        from: 0.0,
        to,
        ticks: ticks.map(|tick| (tick, label(tick))).collect(),
        title: "time since the first request",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_few_and_round() {
        assert_eq!(
            labels(&times([0.0011, 0.0042])),
            ["500 µs", "1 ms", "2 ms", "5 ms"].map(|label| label).as_slice()[..].to_vec()
        );
        assert_eq!(labels(&times([0.0011, 2.0])), ["1 ms", "10 ms", "100 ms", "1 s"]);
        assert_eq!(
            labels(&rates(4000.0)),
            ["0", "1\u{202f}000/s", "2\u{202f}000/s", "3\u{202f}000/s", "4\u{202f}000/s", "5\u{202f}000/s"]
        );
        assert_eq!(labels(&rates(1.0)), ["0", "0.25/s", "0.5/s", "0.75/s", "1/s", "1.25/s"]);
        assert_eq!(labels(&percentages(1.0)), ["0", "25 %", "50 %", "75 %", "100 %"]);
        assert_eq!(labels(&percentages(0.0036)), ["0", "0.1 %", "0.2 %", "0.3 %", "0.4 %"]);
        assert_eq!(labels(&elapsed(65.0)), ["0", "15 s", "30 s", "45 s", "60 s"]);
        assert_eq!(labels(&elapsed(3000.0)), ["0", "10 min", "20 min", "30 min", "40 min", "50 min"]);
        assert_eq!(labels(&shares(share_position(0.999))), ["50 %", "90 %", "99 %", "99.9 %"]);
    }

    #[test]
    fn everything_given_is_within_the_axis() {
        for seconds in [vec![], vec![0.0], vec![1e-9, 600.0], vec![0.005]] {
            let axis = times(seconds.clone());
            assert!(axis.from < axis.to && !axis.ticks.is_empty(), "{axis:?}");
            assert!(seconds.iter().all(|one| time_position(*one) >= axis.from && time_position(*one) <= axis.to));
        }
        for rate in [0.0, 0.3, 7.0, 123_456.0] {
            assert!(rates(rate).to >= rate);
        }
        assert!(elapsed(1e7).ticks.len() < 8);
    }
}
