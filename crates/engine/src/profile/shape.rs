//! A rate over time, as a pure function.

use std::f64::consts::TAU;
use std::time::Duration;

/// Requests a second; never negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// No generator reaches more a second: what says so is mistyped.
    const HIGHEST: f64 = 1e7;

    /// So many a second; what is no such number is none.
    pub fn per_second(number: f64) -> Self {
        Self(if number.is_finite() { number.max(0.0) } else { 0.0 })
    }

    /// Reads `4000/s`, `60/min`, `100/h`, `0.5/s`.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_once('/')?;
        let seconds = match unit.trim() {
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        let number: f64 = number.trim().parse().ok()?;
        (0.0..=Self::HIGHEST).contains(&number).then_some(Self(number / seconds))
    }

    /// Requests a second.
    pub fn value(self) -> f64 {
        self.0
    }
}

/// A rate over time: one segment after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape(pub Vec<Segment>);

/// A rate over a part of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// The rate.
    pub form: Form,
    /// How long.
    pub lasts: Duration,
}

/// The rate within a segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// Always the same. Steps are several of these.
    Constant(Rate),
    /// From one rate to another, evenly.
    Ramp {
        /// At the beginning.
        from: Rate,
        /// At the end.
        to: Rate,
    },
    /// A sudden peak in the middle third.
    Spike {
        /// Before and after.
        base: Rate,
        /// In the middle third.
        peak: Rate,
    },
    /// Up and down around a mean.
    Sine {
        /// The mean.
        mean: Rate,
        /// How far up and down; at most the mean.
        amplitude: Rate,
        /// From one peak to the next.
        period: Duration,
    },
    /// As many as the requests in flight allow: measures how much a deployment takes, and judges no response times.
    Unlimited,
}

impl Shape {
    /// How long all segments take together.
    pub fn lasts(&self) -> Duration {
        self.0.iter().map(|segment| segment.lasts).sum()
    }

    /// Whether the deployment decides how many requests are made.
    pub fn is_unlimited(&self) -> bool {
        self.0.iter().any(|segment| segment.form == Form::Unlimited)
    }

    /// The rate at a moment; nothing after the end, or where there is no limit.
    pub fn rate_at(&self, moment: Duration) -> Option<Rate> {
        let mut begins = Duration::ZERO;
        for segment in &self.0 {
            if moment < begins + segment.lasts {
                return segment.rate_at(moment.saturating_sub(begins).as_secs_f64());
            }
            begins += segment.lasts;
        }
        None
    }

    /// The highest rate; nothing where there is no limit.
    pub fn peak(&self) -> Option<Rate> {
        let peaks = self.0.iter().map(|segment| match segment.form {
            Form::Constant(rate) => Some(rate),
            Form::Ramp { from, to } => Some(Rate(from.0.max(to.0))),
            Form::Spike { base, peak } => Some(Rate(base.0.max(peak.0))),
            Form::Sine { mean, amplitude, .. } => Some(Rate(mean.0 + amplitude.0)),
            Form::Unlimited => None,
        });
        peaks.reduce(|one, other| Some(Rate(one?.0.max(other?.0)))).flatten()
    }

    /// How many requests have become due by a moment: the rate, added up. What is unlimited adds nothing.
    pub fn arrivals_by(&self, moment: Duration) -> f64 {
        let mut begins = Duration::ZERO;
        let mut sum = 0.0;
        for segment in &self.0 {
            let inside = moment.saturating_sub(begins).min(segment.lasts);
            sum += segment.arrivals(inside.as_secs_f64());
            begins += segment.lasts;
        }
        sum
    }

    /// When so many requests have become due; nothing if there are fewer in all. The inverse of [`Shape::arrivals_by`].
    pub fn moment_of(&self, arrivals: f64) -> Option<Duration> {
        let mut begins = Duration::ZERO;
        let mut left = arrivals;
        for segment in &self.0 {
            let all = segment.arrivals(segment.lasts.as_secs_f64());
            if left < all {
                return Some(begins + Duration::from_secs_f64(segment.moment(left)));
            }
            left -= all;
            begins += segment.lasts;
        }
        None
    }
}

impl Segment {
    fn rate_at(&self, second: f64) -> Option<Rate> {
        let lasts = self.lasts.as_secs_f64();
        Some(match self.form {
            Form::Constant(rate) => rate,
            Form::Ramp { from, to } => Rate(from.0 + (to.0 - from.0) * second / lasts),
            Form::Spike { base, peak } => {
                if (1.0..2.0).contains(&(second / lasts * 3.0)) {
                    peak
                } else {
                    base
                }
            }
            Form::Sine { mean, amplitude, period } => {
                Rate(mean.0 + amplitude.0 * (TAU * second / period.as_secs_f64()).sin())
            }
            Form::Unlimited => return None,
        })
    }

    /// How many requests become due within the first seconds of it.
    fn arrivals(&self, seconds: f64) -> f64 {
        let lasts = self.lasts.as_secs_f64();
        match self.form {
            Form::Constant(rate) => rate.0 * seconds,
            Form::Ramp { from, to } => from.0 * seconds + (to.0 - from.0) * seconds * seconds / (2.0 * lasts),
            Form::Spike { base, peak } => {
                let within = (seconds - lasts / 3.0).clamp(0.0, lasts / 3.0);
                base.0 * (seconds - within) + peak.0 * within
            }
            Form::Sine { mean, amplitude, period } => {
                let period = period.as_secs_f64();
                mean.0 * seconds + amplitude.0 * period / TAU * (1.0 - (TAU * seconds / period).cos())
            }
            Form::Unlimited => 0.0,
        }
    }

    /// After how many seconds so many requests have become due; it is asked only for fewer than there are.
    fn moment(&self, arrivals: f64) -> f64 {
        match self.form {
            Form::Constant(rate) => arrivals / rate.0,
            Form::Ramp { from, to } => {
                let slope = (to.0 - from.0) / self.lasts.as_secs_f64();
                // This form of the root holds for a slope of nothing, too.
                let root = (from.0 * from.0 + 2.0 * slope * arrivals).max(0.0).sqrt();
                if from.0 + root > 0.0 { 2.0 * arrivals / (from.0 + root) } else { 0.0 }
            }
            Form::Spike { .. } | Form::Sine { .. } => self.sought(arrivals),
            Form::Unlimited => 0.0,
        }
    }

    /// The same for forms whose sum has no simple inverse: the sum never falls, so halving finds it.
    fn sought(&self, arrivals: f64) -> f64 {
        // Enough for a nanosecond of a day.
        const HALVINGS: u32 = 60;
        let (mut low, mut high) = (0.0, self.lasts.as_secs_f64());
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.arrivals(middle) <= arrivals {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(number: f64) -> Rate {
        Rate::per_second(number)
    }

    fn segment(form: Form, seconds: u64) -> Segment {
        Segment { form, lasts: Duration::from_secs(seconds) }
    }

    fn shapes() -> Vec<(&'static str, Shape, f64)> {
        let sine = Form::Sine { mean: rate(100.0), amplitude: rate(100.0), period: Duration::from_secs(4) };
        vec![
            ("constant", Shape(vec![segment(Form::Constant(rate(4000.0)), 10)]), 40_000.0),
            ("ramp up", Shape(vec![segment(Form::Ramp { from: rate(0.0), to: rate(100.0) }, 10)]), 500.0),
            ("ramp down", Shape(vec![segment(Form::Ramp { from: rate(100.0), to: rate(0.0) }, 10)]), 500.0),
            ("spike", Shape(vec![segment(Form::Spike { base: rate(10.0), peak: rate(400.0) }, 9)]), 1260.0),
            ("sine", Shape(vec![segment(sine, 8)]), 800.0),
            ("pause", Shape(vec![segment(Form::Constant(rate(0.0)), 5), segment(Form::Constant(rate(1.0)), 5)]), 5.0),
        ]
    }

    #[test]
    fn each_shape_has_the_arrivals_that_its_rate_adds_up_to() {
        for (name, shape, expected) in shapes() {
            let all = shape.arrivals_by(shape.lasts());
            assert!((all - expected).abs() < 1e-6, "{name}: {all}");
            // The sum of the rate in small steps, as a second opinion.
            let steps = 100_000;
            let step = shape.lasts() / steps;
            let summed: f64 = (0..steps).filter_map(|at| shape.rate_at(step * at + step / 2)).map(Rate::value).sum();
            let summed = summed * step.as_secs_f64();
            assert!((summed - expected).abs() < expected * 1e-3 + 1e-6, "{name}: {summed}");
        }
    }

    #[test]
    fn moments_are_those_at_which_so_many_are_due_and_never_go_back() {
        for (name, shape, expected) in shapes() {
            let mut before = Duration::ZERO;
            let mut number = 0.0;
            while number < expected - 1e-6 {
                let moment = shape.moment_of(number).unwrap();
                assert!(moment >= before && moment <= shape.lasts(), "{name}: {number} is due at {moment:?}");
                let due = shape.arrivals_by(moment);
                assert!((due - number).abs() < 1e-3, "{name}: at {moment:?} {due} are due, not {number}");
                before = moment;
                number += 0.5;
            }
            assert_eq!(shape.moment_of(expected + 0.5), None, "{name}");
        }
    }

    #[test]
    fn a_constant_rate_has_equal_distances() {
        let shape = Shape(vec![segment(Form::Constant(rate(4000.0)), 1)]);
        let moments: Vec<_> = [0.0, 1.0, 2.0, 3999.0].into_iter().map(|number| shape.moment_of(number)).collect();
        let micros: Vec<_> = moments.into_iter().map(|moment| moment.unwrap().as_micros()).collect();
        assert_eq!(micros, [0, 250, 500, 999_750]);
    }

    #[test]
    fn rates_are_read_in_the_units_of_documents() {
        for (text, expected) in [("4000/s", 4000.0), ("60/min", 1.0), ("90 / h", 0.025), ("0.5/s", 0.5)] {
            assert!((Rate::parse(text).unwrap().value() - expected).abs() < 1e-12, "{text}");
        }
        for text in ["4000", "/s", "x/s", "1/day", "-1/s", "inf/s", "1e10/s"] {
            assert_eq!(Rate::parse(text), None, "{text}");
        }
    }
}
