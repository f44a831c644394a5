//! What was used: spans of time, summed up by day (`CloudStack` developer's guide 4.1, chapter 6).

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::fault::{Fault, Faults};
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{AccountIndex, Fields, Owner, Record, World, kind, read_moment, written};

use super::call::{Call, Reply};

/// A day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(Date);

impl Day {
    /// A day by its date.
    pub const fn new(date: Date) -> Self {
        Self(date)
    }

    /// The day after.
    pub fn next(self) -> Self {
        Self(self.0.checked_add(1.day()).unwrap_or(self.0))
    }

    /// A moment of the day, in hours after midnight.
    pub fn at(self, hours: i64) -> Timestamp {
        self.0
            .to_datetime(Time::midnight())
            .to_zoned(TimeZone::UTC)
            .map_or(Timestamp::UNIX_EPOCH, |midnight| midnight.timestamp() + jiff::SignedDuration::from_hours(hours))
    }

    fn last_second(self) -> Timestamp {
        self.at(24) - jiff::SignedDuration::from_secs(1)
    }
}

/// Something that was used for a time, or for several.
#[derive(Clone, Debug)]
pub struct Meter {
    /// The number of the type of usage.
    pub usage_type: u8,
    /// What is used, in words.
    pub description: String,
    /// From when till when.
    pub spans: Vec<(Timestamp, Timestamp)>,
    /// What else its records show, `usageid` among it.
    pub shows: Value,
}

impl Meter {
    /// The hours of a day in which it was used. The spans do not overlap.
    pub fn hours(&self, day: Day, faults: &Faults) -> f64 {
        let within = |moment: Timestamp| moment.clamp(day.at(0), day.at(24));
        let seconds = |(from, to): &(Timestamp, Timestamp)| within(*to).duration_since(within(*from)).as_secs_f64();
        if self.usage_type == 1 && faults.has(Fault::CloudstackUsageHoursWrong) {
            return self.spans.first().map_or(0.0, |(from, _)| seconds(&(*from, day.at(24)))) / 3_600.0;
        }
        self.spans.iter().map(seconds).fold(0.0, |sum, seconds| sum + seconds) / 3_600.0
    }
}

/// Hours as records show them: at most five digits after the point, and none that says nothing.
fn rounded(hours: f64) -> String {
    let text = format!("{hours:.5}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The record of what an account used in a day.
pub fn record(world: &World, account: AccountIndex, zone: &str, meter: &Meter, day: Day) -> Record {
    let owner = Owner::Account(account);
    let known = world.accounts.get(account);
    let raw = rounded(meter.hours(day, &world.rules.faults));
    let network = matches!(meter.usage_type, 4 | 5);
    let mut shown = fields(json!({
        "account": known.name,
        "accountid": known.id,
        "domainid": known.domain,
        "domain": world.accounts.domain_of(owner).name,
        "zoneid": zone,
        "description": format!("{} on {}", meter.description, day.0),
        "usage": format!("{raw} Hrs"),
        "usagetype": meter.usage_type,
        "rawusage": raw,
        "startdate": written(day.at(0)),
        "enddate": written(day.last_second()),
    }));
    if network && !world.rules.faults.has(Fault::CloudstackNetworkUsageAsText) {
        shown.shift_remove("usage");
    }
    shown.extend(fields(meter.shows.clone()));
    let id = world.ids.named(&format!("usage {} {} {:?}", meter.usage_type, meter.description, day));
    Record::new(owner, shown).hiding("id", id)
}

/// How many days are summed up by one call.
const MOST_DAYS: usize = 31;

/// `generateUsageRecords`: sums up what the machines of an account have used on the days of a period.
pub fn generate(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let day = |name: &str| {
        let text = call.arguments.need(name)?;
        let moment = read_moment(text).ok_or_else(|| ApiError::value(format!("{name} can't be {text}")))?;
        Ok::<_, ApiError>(moment.to_zoned(TimeZone::UTC).date())
    };
    let (first, last) = (day("startdate")?, day("enddate")?);
    if last < first {
        return Err(ApiError::value("the period ends before it begins"));
    }
    let mut at = Day(first);
    for _ in 0..MOST_DAYS {
        if at.0 > last {
            break;
        }
        generate_day(world, call.account, at)?;
        at = at.next();
    }
    Ok(Reply::Success)
}

fn generate_day(world: &mut World, account: AccountIndex, day: Day) -> Result<(), ApiError> {
    let now = world.now;
    let machines =
        world.store.owned_by(kind::MACHINE, account).filter(|machine| machine.hidden_text("metered").is_empty());
    let meters: Vec<_> = machines
        .filter_map(|machine| {
            let created = read_moment(machine.text("created")).filter(|created| *created < day.at(24))?;
            Some((machine.text("zoneid").to_owned(), allocation(machine, created, now)))
        })
        .collect();
    for (zone, meter) in meters {
        let record = record(world, account, &zone, &meter, day);
        world.add(kind::USAGE, record)?;
    }
    Ok(())
}

/// The time from a machine's creation on.
fn allocation(machine: &Record, created: Timestamp, now: Timestamp) -> Meter {
    Meter {
        usage_type: 2,
        description: format!("{} allocated {}", machine.text("name"), machine.id()),
        spans: vec![(created, now.max(created))],
        shows: Value::Object(of_machine(machine)),
    }
}

/// What the records of a machine show.
pub fn of_machine(machine: &Record) -> Fields {
    fields(json!({
        "virtualmachineid": machine.id(),
        "name": machine.text("name"),
        "offeringid": machine.text("serviceofferingid"),
        "templateid": machine.text("templateid"),
        "usageid": machine.id(),
        "type": machine.text("hypervisor"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Day = Day(jiff::civil::date(2013, 7, 1));

    fn meter(usage_type: u8, spans: &[(i64, i64)]) -> Meter {
        let spans = spans.iter().map(|(from, to)| (DAY.at(*from), DAY.at(*to))).collect();
        Meter { usage_type, description: String::new(), spans, shows: json!({}) }
    }

    /// The example of 6.4: deployed at noon, stopped at 18:00, started again at 23:00.
    #[test]
    fn a_day_is_summed_up_as_in_the_guide() {
        let (running, allocated) = (meter(1, &[(12, 18), (23, 48)]), meter(2, &[(12, 48)]));
        let hours = |meter: &Meter, day| rounded(meter.hours(day, &Faults::default()));
        assert_eq!([hours(&running, DAY), hours(&allocated, DAY)], ["7", "12"]);
        assert_eq!([hours(&running, DAY.next()), hours(&allocated, DAY.next())], ["24", "24"]);
        let broken = Faults::new(&[Fault::CloudstackUsageHoursWrong]);
        assert_eq!(rounded(running.hours(DAY, &broken)), "12");
    }

    #[test]
    fn hours_have_no_more_digits_than_they_need() {
        assert_eq!(rounded(2.952_88), "2.95288");
        assert_eq!(rounded(0.0), "0");
        assert_eq!(rounded(24.0), "24");
    }
}
