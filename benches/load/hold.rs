//! How long the truth server holds an answer back, as a pure function, and what an open model implies of it.

use std::time::Duration;

use crate::clock::Moment;
use crate::samples::Samples;

/// So many arrivals have exactly the shares that a distribution says.
const ROUND: usize = 1000;
/// A frozen server freezes once in so many nanoseconds,
const EVERY: u64 = 10_000_000_000;
/// and for this part of them.
const FROZEN: std::ops::Range<u64> = 4_000_000_000..6_000_000_000;

/// How long answers are held back.
#[derive(Clone, Debug)]
pub struct Hold {
    /// By the arrival's number, again after each round; empty if nothing is held back.
    times: Vec<Duration>,
    /// When nothing is answered at all.
    freeze: Freeze,
}

/// When nothing is answered at all, counted from the first arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freeze {
    /// Never.
    Never,
    /// From second 4 to 6 of every 10: no freeze is cut off by the beginning or the end of a run.
    TwoSecondsOfTen,
}

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Answers at once.
    Instant,
    /// 1 ms for 99 %, 20 ms for 0.9 %, 100 ms for 0.1 %.
    Distribution,
    /// 1 ms, and frozen for 2 s of every 10.
    Frozen,
}

impl Kind {
    /// All servers, with their names on the command line.
    pub const NAMES: [(&'static str, Self); 3] =
        [("instant", Self::Instant), ("distribution", Self::Distribution), ("frozen", Self::Frozen)];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("instant", |(name, _)| name)
    }

    /// The server of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// How long it holds answers back.
    pub fn hold(self) -> Hold {
        let milliseconds = Duration::from_millis;
        match self {
            Self::Instant => Hold { times: Vec::new(), freeze: Freeze::Never },
            Self::Distribution => {
                Hold { times: round(&[(9, milliseconds(20)), (1, milliseconds(100))]), freeze: Freeze::Never }
            }
            Self::Frozen => Hold { times: round(&[]), freeze: Freeze::TwoSecondsOfTen },
        }
    }
}

/// The times of a round: 1 ms, but so many of the others, spread evenly.
fn round(slow: &[(usize, Duration)]) -> Vec<Duration> {
    let usual = Duration::from_millis(1);
    let mut times = vec![usual; ROUND];
    for (many, time) in slow {
        for one in 0..*many {
            let wanted = (2 * one + 1) * ROUND / (2 * many);
            let free = (wanted..ROUND).chain(0..wanted).find(|place| times[*place] == usual);
            if let Some(place) = free {
                times[place] = *time;
            }
        }
    }
    times
}

impl Hold {
    /// Whether answers are given at once.
    pub fn is_nothing(&self) -> bool {
        self.times.is_empty()
    }

    /// When an arrival is answered, by its number and by when the first one came.
    pub fn released(&self, number: usize, arrived: Moment, first: Moment) -> Moment {
        let Some(time) = self.times.get(number % ROUND) else { return arrived };
        let released = arrived.0 + nanos(*time);
        if self.freeze == Freeze::Never {
            return Moment(released);
        }
        let within = (released - first.0) % EVERY;
        Moment(if FROZEN.contains(&within) { released - within + FROZEN.end } else { released })
    }

    /// The response times that an open model implies: requests at this rate, each sent the moment it is due, to a server that
    /// does nothing but hold answers back. The first seconds are left out.
    pub fn implied(&self, rate: u32, left_out: u32, seconds: u32) -> Samples {
        let due = |number: u32| Moment(u64::from(number) * 1_000_000_000 / u64::from(rate));
        let numbers = rate * left_out..rate * (left_out + seconds);
        numbers.map(|number| self.released(number as usize, due(number), Moment(0)).0 - due(number).0).collect()
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
