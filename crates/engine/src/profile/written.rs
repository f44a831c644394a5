//! A rate over time as it is written: a rate may be the documented one, which shows when an operation is known.

use std::time::Duration;

use assay_suite::source::Located;

use super::{Form, Rate, Segment, Shape};

/// A rate as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WrittenRate {
    /// This one.
    Given(Rate),
    /// The throughput of the operation's documented service level.
    Documented,
}

/// One segment after another, as they are written.
#[derive(Clone, Debug)]
pub struct WrittenShape(pub Vec<Located<WrittenSegment>>);

/// A rate over a part of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WrittenSegment {
    /// The rate.
    pub form: WrittenForm,
    /// How long.
    pub lasts: Duration,
}

/// The rate within a segment; [`Form`] says what each means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WrittenForm {
    /// Always the same.
    Constant(WrittenRate),
    /// From one rate to another, evenly.
    Ramp {
        /// At the beginning.
        from: WrittenRate,
        /// At the end.
        to: WrittenRate,
    },
    /// A sudden peak in the middle third.
    Spike {
        /// Before and after.
        base: WrittenRate,
        /// In the middle third.
        peak: WrittenRate,
    },
    /// Up and down around a mean. Its rates are given: an amplitude has to stay below the mean.
    Sine {
        /// The mean.
        mean: Rate,
        /// How far up and down; at most the mean.
        amplitude: Rate,
        /// From one peak to the next.
        period: Duration,
    },
    /// As many as the requests in flight allow.
    Unlimited,
}

impl WrittenRate {
    fn known(self, documented: Option<Rate>) -> Option<Rate> {
        match self {
            Self::Given(rate) => Some(rate),
            Self::Documented => documented,
        }
    }
}

impl WrittenShape {
    /// How long all segments take together.
    pub fn lasts(&self) -> Duration {
        self.0.iter().map(|segment| segment.lasts).sum()
    }

    /// The same in plain rates; an error is the first segment that wants the documented rate where none is known.
    pub fn known(&self, documented: Option<Rate>) -> Result<Shape, &Located<WrittenSegment>> {
        let segments = self.0.iter().map(|segment| {
            let form = segment.form.known(documented).ok_or(segment)?;
            Ok(Segment { form, lasts: segment.lasts })
        });
        segments.collect::<Result<_, _>>().map(Shape)
    }
}

impl WrittenForm {
    fn known(self, documented: Option<Rate>) -> Option<Form> {
        Some(match self {
            Self::Constant(rate) => Form::Constant(rate.known(documented)?),
            Self::Ramp { from, to } => Form::Ramp { from: from.known(documented)?, to: to.known(documented)? },
            Self::Spike { base, peak } => Form::Spike { base: base.known(documented)?, peak: peak.known(documented)? },
            Self::Sine { mean, amplitude, period } => Form::Sine { mean, amplitude, period },
            Self::Unlimited => Form::Unlimited,
        })
    }
}
