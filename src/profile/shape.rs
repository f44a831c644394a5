//! A rate over time, as a pure function.

use std::time::Duration;

/// Requests a second; never negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
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
        (number.is_finite() && number >= 0.0).then_some(Self(number / seconds))
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
