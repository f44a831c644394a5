//! Query jobs and the billing records that they find (4.2).

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::rest::Routed;
use crate::world::Rules;

use super::refusal::ApiError;
use super::tables::Tables;

/// The day of the first billing records.
pub(super) const FIRST_DAY: Date = date(2022, 1, 1);

/// For so many days there are billing records.
const DAYS: i32 = 31;

/// So many for each.
const RECORDS_A_DAY: i32 = 7;

/// So many records are answered when no other number is asked for.
const LIMIT: i64 = 100;

/// The jobs that were created. They are never forgotten: a cloud lives no longer than a test.
#[derive(Debug, Default)]
pub(super) struct Metering {
    jobs: Mutex<Vec<Job>>,
}

#[derive(Clone, Debug)]
struct Job {
    created: Timestamp,
    /// From this day on.
    first: Option<Date>,
    /// Before this day.
    end: Option<Date>,
    region: Option<String>,
}

impl Metering {
    /// Creates a job.
    pub(super) fn create(&self, routed: &Routed<'_>, now: Timestamp, rules: &Rules) -> Result<Value, ApiError> {
        let longest = if rules.faults.has(Fault::EsmLongIdAccepted) { usize::MAX } else { 36 };
        for (name, longest) in [("hcso_id", longest), ("region_id", 255)] {
            if routed.text(name).is_some_and(|text| !is_plain(&text, longest)) {
                return Err(ApiError::parameter(format!("{name} does not have the documented form")));
            }
        }
        let late = |text: &str| rules.faults.has(Fault::EsmTimeOfDayCounts) && !text.ends_with("00:00:00");
        let day = |name| routed.text(name).and_then(|text| Some((text.get(..10)?.parse::<Date>().ok()?, late(&text))));
        let next = |(day, late): (Date, bool)| if late { day.saturating_add(1.day()) } else { day };
        let mut end = day("max_sdr_time").map(next);
        if rules.faults.has(Fault::EsmUpperBoundInclusive) {
            end = end.map(|day| day.saturating_add(1.day()));
        }
        let job = Job { created: now, first: day("min_sdr_time").map(next), end, region: routed.text("region_id") };
        let mut jobs = self.jobs();
        jobs.push(job);
        let number = if rules.faults.has(Fault::EsmJobIdRepeated) { 1 } else { jobs.len() };
        Ok(json!({"job_id": id(number)}))
    }

    /// How far a job is.
    pub(super) fn follow(&self, routed: &Routed<'_>, now: Timestamp, rules: &Rules) -> Result<Value, ApiError> {
        let (id, job) = self.job(routed, rules)?;
        let progress = job.progress(now, rules);
        let status = match progress {
            100 if rules.faults.has(Fault::EsmJobStatusUnknown) => "done",
            100 => "success",
            0..25 => "pending",
            _ => "running",
        };
        let progress = match progress {
            100 if rules.faults.has(Fault::EsmProgressBeyond) => 101,
            100 if rules.faults.has(Fault::EsmProgressStuck) => 99,
            progress => progress,
        };
        Ok(json!({"id": id, "status": status, "progress": progress}))
    }

    /// A page of the records that a job found.
    pub(super) fn records(&self, routed: &Routed<'_>, now: Timestamp, rules: &Rules) -> Result<Value, ApiError> {
        let (_, mut job) = self.job(routed, rules)?;
        if rules.faults.has(Fault::EsmJobsShareBounds) {
            job = self.jobs().last().cloned().unwrap_or(job);
        }
        if job.progress(now, rules) < 100 {
            return Err(ApiError::parameter("the job has not ended"));
        }
        let marker = routed.text("marker").filter(|_| !rules.faults.has(Fault::EsmMarkerIgnored));
        let begin = marker.map_or(Some(0), |marker| marker.strip_prefix("r-")?.parse::<usize>().ok());
        let begin = begin.ok_or_else(|| ApiError::parameter("marker is not that of an answer"))?;
        let limit = routed.whole_number("limit").filter(|_| !rules.faults.has(Fault::EsmLimitIgnored));
        let usual = if rules.faults.has(Fault::EsmDefaultLimitLow) { 1 } else { LIMIT };
        let limit = usize::try_from(limit.unwrap_or(usual)).unwrap_or_default();
        let all = job.found();
        let end = begin.saturating_add(limit);
        let whole = end >= all.len() && !rules.faults.has(Fault::EsmMarkerNeverEmpty);
        let next = if whole { String::new() } else { format!("r-{end}") };
        let page: Vec<_> = all.into_iter().skip(begin).take(limit).collect();
        Ok(json!({"data": page, "marker": next}))
    }

    /// The ids of all jobs.
    pub(super) fn ids(&self) -> impl Iterator<Item = String> {
        (1..=self.jobs().len()).map(id)
    }

    fn jobs(&self) -> MutexGuard<'_, Vec<Job>> {
        // A job is pushed whole: nothing is half done where another thread panicked.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn job(&self, routed: &Routed<'_>, rules: &Rules) -> Result<(String, Job), ApiError> {
        let wanted = routed.text("job_id").unwrap_or_default();
        let jobs = self.jobs();
        let number = wanted.strip_prefix("job-").and_then(|number| number.parse::<usize>().ok());
        let job = number.and_then(|number| jobs.get(number.checked_sub(1)?));
        let job = job.filter(|_| id(number.unwrap_or_default()) == wanted);
        let last = jobs.last().filter(|_| rules.faults.has(Fault::EsmUnknownJobIsLast));
        let job = job.or(last).cloned();
        job.map(|job| (wanted, job)).ok_or_else(|| ApiError::not_found("there is no such job"))
    }
}

/// Whether a text has letters, digits, hyphens and underscores only, and no more than so many.
fn is_plain(text: &str, longest: usize) -> bool {
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    text.chars().all(fits) && text.len() <= longest
}

fn id(number: usize) -> String {
    format!("job-{number:08}")
}

impl Job {
    /// How much of it is done, in percent.
    fn progress(&self, now: Timestamp, rules: &Rules) -> u64 {
        let passed = now.as_microsecond().saturating_sub(self.created.as_microsecond());
        let passed = u128::try_from(passed).unwrap_or_default();
        let percent = (passed * 100).checked_div(rules.job_time.as_micros()).unwrap_or(100);
        u64::try_from(percent).unwrap_or(100).min(100)
    }

    fn found(&self) -> Vec<Value> {
        let days = (0..DAYS).map(|day| FIRST_DAY.saturating_add(day.days()));
        let days =
            days.filter(|day| self.first.is_none_or(|first| *day >= first) && self.end.is_none_or(|end| *day < end));
        let days =
            days.filter(|_| self.region.as_deref().is_none_or(|region| region == Tables::embedded().first("region")));
        let records = days.flat_map(|day| (1..=RECORDS_A_DAY).map(move |number| (day, number)));
        let record = |(day, number): (Date, i32)| {
            json!({
                "id": format!("{day}-{number}"), "region_id": Tables::embedded().first("region"), "sdr_time": format!("{day} {number:02}:00:00"),
                "resource_type": "hws.resource.type.vm", "accumulate_factor_value": "3600",
            })
        };
        records.map(record).collect()
    }
}
