//! What has happened: usage, events, jobs.

use serde_json::{Value, json};

use crate::command::happening;
use crate::command::usage::{self, Day, Meter};
use crate::present;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{Job, Memory, Outcome, Owner, Record, kind};

use super::calendar::moment;
use super::seeding::Seeding;
use super::step::Step;

/// The day whose usage the guide's example is about.
const USAGE_DAY: Day = Day::new(jiff::civil::date(2013, 7, 1));

impl Seeding<'_> {
    /// Takes a step that makes no resource.
    pub fn note(&mut self, step: &Step) -> Result<(), ApiError> {
        if step.event_types {
            for (name, _) in self.world.rules.model.events() {
                let record = Record::new(Owner::Everyone, fields(json!({"name": name}))).hiding("id", name.as_str());
                self.world.add(kind::EVENT_TYPE, record)?;
            }
        }
        if let Some(name) = &step.event {
            let account = self.index(step)?;
            happening::add(self.world, account, name, "made for the demonstration");
        }
        if let Some(project) = &step.join {
            let (project, member) = (self.value(project)?, self.index(step)?);
            let own = self.world.accounts.of_project(&project);
            self.world.accounts.join(own.ok_or_else(|| ApiError::unknown("project", &project))?, member);
        }
        for (kind, most) in &step.limits {
            let account = self.index(step)?;
            self.world.limits.set(account, *kind, Some(*most));
        }
        if let Some(day) = step.day {
            self.world.advance(moment(day));
        }
        if let Some(command) = &step.job {
            self.add_job(step, command)?;
        }
        match step.usage {
            Some(usage_type) => self.add_usage(step, usage_type),
            None => Ok(()),
        }
    }

    /// A job that never ends, or one that ended before anybody asked.
    fn add_job(&mut self, step: &Step, command: &str) -> Result<(), ApiError> {
        let account = self.index(step)?;
        let outcome = match (&step.succeeded, &step.failed) {
            (Some(machine), _) => {
                let machine = self.world.store.existing(kind::MACHINE, &self.value(machine)?)?;
                Outcome::Succeeded(present::named(self.world, kind::MACHINE, machine))
            }
            (None, Some(failed)) => Outcome::Failed(ApiError::new(failed.reason, failed.text.clone())),
            (None, None) => Outcome::Pending,
        };
        let id = if matches!(outcome, Outcome::Pending) {
            self.world.register(command, account)
        } else {
            let id = self.world.ids.fresh();
            let pending = Job::pending(id.clone(), command, account, self.world.now);
            self.world.jobs.insert(Job { outcome, memory: Memory::Lasting, ..pending });
            id
        };
        step.variable.iter().for_each(|variable| self.name(variable, &id));
        Ok(())
    }

    fn add_usage(&mut self, step: &Step, usage_type: u8) -> Result<(), ApiError> {
        let spans = step.spans.iter().map(|(from, to)| (USAGE_DAY.at(*from), USAGE_DAY.at(*to)));
        let meter = Meter {
            usage_type,
            description: format!("{} (type {usage_type})", step.named.as_deref().unwrap_or_default()),
            spans: spans.collect(),
            shows: Value::Object(self.fields(&step.fields)?),
        };
        let (zone, account) = (self.value("$zone")?, self.index(step)?);
        for number in &step.days {
            let day = (0..*number).fold(USAGE_DAY, |day, _| day.next());
            let record = usage::record(self.world, account, &zone, &meter, day);
            self.world.add(kind::USAGE, record)?;
        }
        Ok(())
    }
}
