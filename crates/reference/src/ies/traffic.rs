//! What was measured of a connection.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fault::{Fault, Faults};

use super::refusal::ApiError;
use super::service::Service;

/// The name of the metric that the example asks for.
pub const RATE: &str = "traffic-rate";

/// The other metric, whose name is not printed.
pub const UTILISATION: &str = "bandwidth-utilization";

/// The sample of the slides, not in the order of time: seconds since 1970, and a rate.
const SAMPLE: [(i64, &str); 6] = [
    (1_494_061_140, "22.8266666666666677605601609712948629749007523059844970703125000000"),
    (1_494_060_540, "2791180.146666666680042486485026353992822123473160900175571441650390625"),
    (1_494_059_940, "90.38666666666666709981526467432288995951239485293626785278320312500"),
    (1_494_060_600, "35.4266666666666683643740348719219923623313661664724349975585937500"),
    (1_494_060_000, "104.22666666666666716613894733134415560016350354999303817749023437500"),
    (1_494_060_660, "1158060.85333333338882961984633856999948875454720109701156616210937500"),
];

/// No more points than these of a service that has been in operation for long.
const MOST: i64 = 1440;

const MINUTE: i64 = 60;

/// What a request asks for.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The name of the connection.
    pub connection: &'a str,
    /// Which metric.
    pub metric: &'a str,
    /// `inbound` or `outbound`.
    pub direction: &'a str,
    /// The step between points.
    pub time_dimension: &'a str,
    /// The period, in seconds since 1970.
    pub period: RangeInclusive<i64>,
}

/// The points of a connection of a service.
pub fn of(service: &Service, asked: &Question<'_>, now: Timestamp, faults: &Faults) -> Result<Value, ApiError> {
    if ![RATE, UTILISATION].contains(&asked.metric) {
        return Err(ApiError::parameter(format!("there is no metric {}", asked.metric)));
    }
    if asked.time_dimension != "minute" {
        return Err(ApiError::parameter(format!("there is no time dimension {}", asked.time_dimension)));
    }
    if asked.period.is_empty() {
        return Err(ApiError::parameter("endtime is before starttime"));
    }
    let bandwidth = service.connection(asked.connection).and_then(|connection| connection.number("Bandwidth"));
    let everything = faults.has(Fault::IesPointsOutsidePeriod);
    let within = points(service, now).into_iter().filter(|(time, _)| asked.period.contains(time) || everything);
    let datas = within.map(|(time, rate)| {
        let time = if faults.has(Fault::IesPointsOffTheMinute) { time + 1 } else { time };
        let value = value(&rate, asked, bandwidth, faults);
        if faults.has(Fault::IesValueAsNumber) {
            json!({"time": time, "value": value.parse::<f64>().unwrap_or_default()})
        } else {
            json!({"time": time, "value": value})
        }
    });
    Ok(json!({"metric": {"datas": datas.collect::<Vec<_>>()}}))
}

/// All that was measured: the sample of a service that was there before, or a point for each minute in operation.
fn points(service: &Service, now: Timestamp) -> Vec<(i64, String)> {
    let Some(since) = service.in_operation_since else { return Vec::new() };
    let (first, last) = (since.as_second().div_euclid(MINUTE), now.as_second().div_euclid(MINUTE));
    if super::seed::is_preset(service) {
        return SAMPLE.into_iter().map(|(time, rate)| (time, rate.to_owned())).collect();
    }
    let minutes = first.max(last - MOST + 1)..=last;
    minutes.rev().map(|minute| (minute * MINUTE, format!("{}.50", minute % 1000))).collect()
}

/// A rate as it was measured; inbound is half of outbound; the utilisation is in percent of the bandwidth.
fn value(rate: &str, asked: &Question<'_>, bandwidth: Option<u64>, faults: &Faults) -> String {
    let is_rate = asked.metric == RATE || faults.has(Fault::IesMetricIgnored);
    if is_rate && asked.direction == "outbound" {
        return rate.to_owned();
    }
    let measured: f64 = rate.parse().unwrap_or_default();
    let measured = if asked.direction == "inbound" { measured / 2.0 } else { measured };
    #[allow(clippy::cast_precision_loss, reason = "bandwidths are small")]
    let whole = bandwidth.map_or(f64::INFINITY, |bandwidth| bandwidth as f64 * 1000.0);
    if is_rate { format!("{measured:.20}") } else { format!("{:.20}", measured / whole * 100.0) }
}
