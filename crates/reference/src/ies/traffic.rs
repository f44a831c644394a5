//! What was measured of a connection.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fault::{Fault, Faults};

use super::facts::facts;
use super::refusal::ApiError;
use super::service::Service;

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
    let is_metric = [&facts().rate, &facts().utilisation].iter().any(|known| *known == asked.metric);
    if !is_metric && !faults.has(Fault::IesMetricNotChecked) {
        return Err(ApiError::parameter(format!("there is no metric {}", asked.metric)));
    }
    if asked.time_dimension != "minute" && !faults.has(Fault::IesTimeDimensionNotChecked) {
        return Err(ApiError::parameter(format!("there is no time dimension {}", asked.time_dimension)));
    }
    if asked.period.is_empty() && !faults.has(Fault::IesPeriodNotChecked) {
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
        return facts().sample.clone();
    }
    let minutes = first.max(last - MOST + 1)..=last;
    minutes.rev().map(|minute| (minute * MINUTE, format!("{}.50", minute % 1000))).collect()
}

/// A rate as it was measured; inbound is half of outbound; the utilisation is in percent of the bandwidth.
fn value(rate: &str, asked: &Question<'_>, bandwidth: Option<u64>, faults: &Faults) -> String {
    let is_rate = asked.metric == facts().rate || faults.has(Fault::IesMetricIgnored);
    if is_rate && asked.direction == "outbound" {
        return rate.to_owned();
    }
    let measured: f64 = rate.parse().unwrap_or_default();
    let measured = if asked.direction == "inbound" { measured / 2.0 } else { measured };
    #[allow(clippy::cast_precision_loss, reason = "bandwidths are small")]
    let whole = bandwidth.map_or(f64::INFINITY, |bandwidth| bandwidth as f64 * 1000.0);
    if is_rate { format!("{measured:.20}") } else { format!("{:.20}", measured / whole * 100.0) }
}
