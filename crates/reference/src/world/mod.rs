//! The state of a cloud: accounts, resources, jobs, and what is due when.
//!
//! Nothing happens in the background. Every request first brings the world up to its own moment, and what was due until
//! then happens in order. A test gives that moment itself, so that no test depends on a clock.

mod account;
mod agenda;
mod clock;
mod ids;
mod job;
mod limits;
mod pace;
mod store;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub(crate) use super::kind::{self, Kind};

use super::fault::{Fault, Faults};
use super::model::Model;
use super::policy::{Dialect, Policy};
use super::refusal::{ApiError, Reason};

pub use account::{Account, AccountIndex, Accounts, Domain, Owner, Pace, Role, Standing};
pub use agenda::Agenda;
pub use clock::{after, read_moment, written};
pub use ids::Ids;
pub use job::{Job, Jobs, Memory, Outcome};
pub use limits::Limits;
pub use pace::Counters;
pub use store::{Fields, Record, Store};

/// What a job does when it is due: its result, or why it failed.
pub type Task = Box<dyn FnOnce(&mut World) -> Result<Fields, ApiError> + Send>;

/// What stays the same as long as a cloud runs.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whose document it answers to.
    pub dialect: Dialect,
    /// The kinds of resources, and what commands do.
    pub model: &'static Model,
    /// How the server behaves.
    pub policy: Policy,
    /// The promises it breaks.
    pub faults: Faults,
    /// How long a job is pending.
    pub job_time: Duration,
    /// How long a destroyed machine can be recovered.
    pub expunge_after: Duration,
}

/// The state of a cloud.
pub struct World {
    /// What stays the same.
    pub rules: Arc<Rules>,
    /// The moment that the world has been brought up to.
    pub now: Timestamp,
    /// Ids and passwords still to be given away.
    pub ids: Ids,
    /// Who uses the cloud.
    pub accounts: Accounts,
    /// The resources.
    pub store: Store,
    /// The jobs.
    pub jobs: Jobs,
    /// What is due when.
    pub agenda: Agenda<World>,
    /// How much of everything an account may have.
    pub limits: Limits,
    /// How often each account has asked.
    pub counters: Counters,
    /// The ids of what was deleted last from a network, which are given to nothing else but by a fault.
    pub former: HashMap<(Kind, String), String>,
}

impl World {
    /// An empty world. The same name gives the same ids.
    pub fn new(name: &str, rules: Rules, now: Timestamp) -> Self {
        let ids = Ids::of(name);
        let accounts = Accounts::new(Domain::root(&ids));
        let rules = Arc::new(rules);
        let (store, jobs, agenda) = (Store::default(), Jobs::default(), Agenda::default());
        let (limits, counters) = (Limits::default(), Counters::default());
        let former = HashMap::new();
        Self { rules, now, ids, accounts, store, jobs, agenda, limits, counters, former }
    }

    /// Brings the world up to a moment: what was due until then happens, in order. Time never runs backwards.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some((due, event)) = self.agenda.take_due(now) {
            self.now = self.now.max(due);
            event(self);
        }
        self.now = self.now.max(now);
    }

    /// Registers a job and has it done after the job time. Its id.
    pub fn begin(&mut self, command: &str, account: AccountIndex, task: Task) -> String {
        let id = self.register(command, account);
        let (job, due) = (id.clone(), after(self.now, self.rules.job_time));
        self.agenda.enter(
            due,
            Box::new(move |world: &mut Self| {
                let outcome = task(world);
                world.jobs.finish(&job, outcome);
            }),
        );
        id
    }

    /// Registers a job that never proceeds. Its id.
    pub fn register(&mut self, command: &str, account: AccountIndex) -> String {
        let id = self.ids.fresh();
        let job = Job::pending(id.clone(), command, account, self.now);
        self.jobs.insert(job);
        id
    }

    /// A resource that an account may use: what it may change, and what is everyone's.
    pub fn usable(&self, kind: Kind, id: &str, account: AccountIndex) -> Result<&Record, ApiError> {
        let record = self.store.existing(kind, id)?;
        let usable = record.owner == Owner::Everyone || self.accounts.may_change(account, record.owner);
        if usable || self.is_anyones() { Ok(record) } else { Err(ApiError::foreign(kind, id)) }
    }

    /// A resource that an account may change: its own, and what its role or a project puts into its hands.
    pub fn own(&self, kind: Kind, id: &str, account: AccountIndex) -> Result<&Record, ApiError> {
        let record = self.store.existing(kind, id)?;
        if self.accounts.may_change(account, record.owner) || self.is_anyones() {
            Ok(record)
        } else {
            Err(ApiError::foreign(kind, id))
        }
    }

    /// Whether a fault lets anybody change what belongs to others.
    fn is_anyones(&self) -> bool {
        let by_any = [
            Fault::ForeignThingChanged,
            Fault::CloudstackForeignThingChanged,
            Fault::Ec2ForeignMachineChanged,
            Fault::Ec2ForeignVolumeChanged,
            Fault::Ec2ForeignImageChanged,
            Fault::Ec2ForeignSnapshotDeleted,
        ];
        by_any.into_iter().any(|fault| self.rules.faults.has(fault))
    }

    /// Refuses more of a kind than an owner may have.
    pub fn check_room(&self, kind: Kind, owner: Owner, further: usize) -> Result<(), ApiError> {
        self.store.check_room(kind, owner, further)?;
        let Owner::Account(account) = owner else { return Ok(()) };
        let Some(limit) = self.limits.of(account, kind) else { return Ok(()) };
        let is_beyond = self.store.owned_by(kind, account).count() + further > limit;
        if is_beyond && !(kind == kind::VOLUME && self.rules.faults.has(Fault::CloudstackLimitIgnored)) {
            let text = format!("the account may have at most {limit} resources of the kind {kind}");
            return Err(ApiError::new(Reason::Allocation, text));
        }
        Ok(())
    }

    /// What belongs to a project shows that instead of an account.
    fn of_project(&self, mut record: Record) -> Record {
        let account = self.accounts.owner(record.owner);
        if let Some(project) = account.project.as_ref().filter(|_| record.fields.contains_key("account")) {
            record.set("account", "");
            record.set("projectid", project.as_str());
            record.set("project", account.name.as_str());
        }
        record
    }

    /// Adds a resource of an account, whose limits may refuse it. Its id.
    pub fn add(&mut self, kind: Kind, record: Record) -> Result<String, ApiError> {
        let id = record.id().to_owned();
        self.check_room(kind, record.owner, 1)?;
        let record = self.of_project(record);
        self.store.insert(kind, record)?;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::policy::Behaviour;

    fn world() -> World {
        let rules = Rules {
            dialect: Dialect::Cloudn,
            model: Model::embedded(),
            policy: Policy::of(Behaviour::Documented),
            faults: Faults::default(),
            job_time: Duration::from_secs(10),
            expunge_after: Duration::from_secs(60),
        };
        World::new("test", rules, Timestamp::UNIX_EPOCH)
    }

    fn moment(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_job_is_done_when_it_is_due_and_not_before() {
        let mut world = world();
        let id = world.begin("work", AccountIndex::FIRST, Box::new(|_| Ok(Fields::new())));
        world.advance(moment(9));
        assert!(matches!(world.jobs.get(&id).unwrap().outcome, Outcome::Pending));
        world.advance(moment(10));
        assert!(matches!(world.jobs.get(&id).unwrap().outcome, Outcome::Succeeded(_)));
    }

    #[test]
    fn what_is_somebody_elses_is_distinguished_from_what_is_not_there() {
        let mut world = world();
        let asking = world.accounts.add("asking", &Ids::of("test"));
        let fields = Fields::from_iter([("id".to_owned(), "1".into())]);
        world.add(kind::VOLUME, Record::new(Owner::Everyone, fields)).unwrap();
        let reason = |id| world.own(kind::VOLUME, id, asking).map(Record::id).map_err(|refusal| refusal.reason);
        assert_eq!(reason("1"), Err(Reason::Permission));
        assert_eq!(reason("2"), Err(Reason::Value));
        assert!(world.usable(kind::VOLUME, "1", asking).is_ok());
    }

    #[test]
    fn what_is_due_happens_in_order_and_at_its_own_moment() {
        let mut world = world();
        for (name, due) in [("second", 2), ("first", 1), ("also second", 2)] {
            world.agenda.enter(
                moment(due),
                Box::new(move |world: &mut World| {
                    let seen = Value::from(world.now.as_second());
                    let fields = Fields::from_iter([("id".to_owned(), name.into()), ("seen".to_owned(), seen)]);
                    world.store.insert(kind::ZONE, Record::new(Owner::Everyone, fields)).unwrap();
                }),
            );
        }
        world.advance(moment(5));
        let seen: Vec<_> = world.store.of(kind::ZONE).map(|zone| (zone.id(), zone.fields["seen"].as_i64())).collect();
        assert_eq!(seen, [("first", Some(1)), ("second", Some(2)), ("also second", Some(2))]);
        assert_eq!(world.now, moment(5));
        world.advance(moment(4));
        assert_eq!(world.now, moment(5), "time never runs backwards");
    }
}
