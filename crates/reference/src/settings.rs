//! What a reference cloud is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use super::fault::Fault;
use super::model::MutantData;
use super::policy::Behaviour;

/// What a reference cloud is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the first suite's listener. Further suites take the ports that follow; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Whether that address may be reached from other machines.
    pub exposure: Exposure,
    /// Which server the cloud plays.
    pub behaviour: Behaviour,
    /// The promises it breaks on purpose.
    pub faults: Vec<Fault>,
    /// How long an asynchronous job is pending.
    pub job_time: Duration,
    /// How long an answer is held back.
    pub latency: Latency,
    /// How long a destroyed machine can be recovered.
    pub expunge_after: Duration,
    /// How many requests an account may send.
    pub throttle: Option<Throttle>,
    /// Whether there is a port without authentication.
    pub integration: Integration,
    /// Whether answers show which faults could have changed them.
    pub fault_trace: FaultTrace,
    /// Whether the shop is served next to the suites: its document is an `OpenAPI` one.
    pub shop: Shop,
    /// The data of a mutant in place of the cloud's own.
    pub mutant: Option<MutantData>,
}

/// Whether the shop is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shop {
    /// It is not.
    #[default]
    Closed,
    /// It is, at the first address.
    Served,
}

/// Whether answers show which faults could have changed them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FaultTrace {
    /// They don't.
    #[default]
    Off,
    /// Each has a header [`FAULT_TRACE`] with the names of the faults that were asked for while it was made.
    InHeader,
}

/// The header of [`FaultTrace::InHeader`].
pub const FAULT_TRACE: &str = "assay-faults-consulted";

/// Whether there is a port without authentication (CloudStack developer's guide 4.1, 4.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integration {
    /// There is none: so it is delivered.
    #[default]
    Closed,
    /// There is one, on a port that the system chooses.
    Open,
    /// There is one, on this port.
    On(u16),
}

impl Integration {
    /// The port; 0 where the system chooses it. None if there is none.
    pub(super) fn port(self) -> Option<u16> {
        match self {
            Self::Closed => None,
            Self::Open => Some(0),
            Self::On(port) => Some(port),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            exposure: Exposure::Loopback,
            behaviour: Behaviour::Documented,
            faults: Vec::new(),
            job_time: Duration::from_millis(20),
            latency: Latency::None,
            expunge_after: Duration::from_secs(60 * 60),
            throttle: None,
            integration: Integration::Closed,
            fault_trace: FaultTrace::Off,
            shop: Shop::Closed,
            mutant: None,
        }
    }
}

/// From where the cloud may be reached. Its keys are public, so anything but loopback is a choice of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exposure {
    /// From this machine only.
    #[default]
    Loopback,
    /// From wherever the address can be reached.
    Anywhere,
}

/// How long an answer is held back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Latency {
    /// Not at all.
    #[default]
    None,
    /// Always as long.
    Fixed(Duration),
    /// By chance, each time with this weight. The same requests in the same order meet the same latencies.
    Weighted(Vec<(u32, Duration)>),
}

impl Latency {
    /// How long the answer with this number, counted over the life of the cloud, is held back.
    pub(super) fn of_answer(&self, number: u64) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(duration) => *duration,
            Self::Weighted(choices) => weighted(choices, scramble(number)),
        }
    }
}

fn weighted(choices: &[(u32, Duration)], chance: u64) -> Duration {
    let total: u64 = choices.iter().map(|(weight, _)| u64::from(*weight)).sum();
    let mut remaining = chance.checked_rem(total).unwrap_or_default();
    for (weight, duration) in choices {
        match remaining.checked_sub(u64::from(*weight)) {
            Some(rest) => remaining = rest,
            None => return *duration,
        }
    }
    Duration::ZERO
}

/// Numbers in a row become numbers without visible order: the finaliser of Sebastiano Vigna's `SplitMix64`.
fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// How many requests an account may send, whether or not they are well signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// The number of requests that are served within an interval.
    pub requests: NonZeroU32,
    /// The interval; a new one begins with the first request after it.
    pub interval: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_kept() {
        let latency = Latency::Weighted(vec![(3, Duration::from_millis(1)), (1, Duration::from_millis(9))]);
        let slow = (0..4_000).filter(|number| latency.of_answer(*number) == Duration::from_millis(9)).count();
        assert!((900..1_100).contains(&slow), "{slow} of 4000 answers are slow");
    }

    #[test]
    fn weights_that_add_up_to_nothing_mean_no_latency() {
        assert_eq!(Latency::Weighted(vec![(0, Duration::from_secs(1))]).of_answer(1), Duration::ZERO);
    }
}
