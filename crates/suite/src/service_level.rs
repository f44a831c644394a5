//! How quick and how often an operation is to answer.

use std::time::Duration;

use crate::Quantile;

/// How quick and how often an operation is to answer, as a document promises it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceLevel {
    /// So many requests may be sent.
    pub throughput: Throughput,
    /// Response times: the share of requests that are answered within a duration.
    pub quantiles: Vec<(Quantile, Duration)>,
    /// The share of requests, from 0 to 1, that must succeed.
    pub availability: Option<f64>,
}

/// A number of requests in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throughput {
    /// The requests.
    pub requests: u32,
    /// The time.
    pub per: Duration,
}

impl Throughput {
    /// Reads `60/min`, `4000/s`.
    pub fn parse(text: &str) -> Option<Self> {
        let (requests, unit) = text.split_once('/')?;
        let per = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            _ => return None,
        };
        let requests = requests.trim().parse().ok().filter(|requests| *requests > 0)?;
        Some(Self { requests, per: Duration::from_secs(per) })
    }

    /// Requests a second.
    pub fn per_second(self) -> f64 {
        f64::from(self.requests) / self.per.as_secs_f64()
    }
}
