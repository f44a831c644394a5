//! Asynchronous jobs.

use std::collections::VecDeque;

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::refusal::{ApiError, Reason};

use super::account::AccountIndex;
use super::store::Fields;

/// How many finished jobs are remembered.
const FINISHED_KEPT: usize = 2_000;

/// How many pending jobs an account may have.
const PENDING_LIMIT: usize = 5_000;

/// What has become of a job.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is not finished.
    Pending,
    /// It is, with this result.
    Succeeded(Fields),
    /// It could not do what it was to do.
    Failed(ApiError),
}

/// An asynchronous job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// The command that it carries out.
    pub command: String,
    /// Who gave it.
    pub account: AccountIndex,
    /// When it was registered.
    pub created: Timestamp,
    /// What has become of it.
    pub outcome: Outcome,
    /// How often it has been looked at since it is finished.
    pub looks: u32,
    /// How long it is remembered once it is finished.
    pub memory: Memory,
}

/// How long a finished job is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Until enough others have finished after it.
    Passing,
    /// For ever: the cloud began with it.
    Lasting,
}

impl Job {
    /// A job that has been registered.
    pub fn pending(id: String, command: &str, account: AccountIndex, created: Timestamp) -> Self {
        Self {
            id,
            command: command.to_owned(),
            account,
            created,
            outcome: Outcome::Pending,
            looks: 0,
            memory: Memory::Passing,
        }
    }

    /// Whether it is not finished.
    pub fn is_pending(&self) -> bool {
        matches!(self.outcome, Outcome::Pending)
    }
}

/// The jobs in the order in which they were registered, without the finished ones of long ago.
#[derive(Default)]
pub struct Jobs {
    jobs: IndexMap<String, Job>,
    finished: VecDeque<String>,
}

impl Jobs {
    /// Refuses more pending jobs than an account may have. It is asked before a command changes anything.
    pub fn check_room(&self, account: AccountIndex) -> Result<(), ApiError> {
        let pending = self.jobs.values().filter(|job| job.account == account && job.is_pending()).count();
        if pending >= PENDING_LIMIT {
            let text = format!("an account has at most {PENDING_LIMIT} pending jobs");
            return Err(ApiError::new(Reason::AccountLimit, text));
        }
        Ok(())
    }

    /// Adds a job.
    pub fn insert(&mut self, job: Job) {
        self.jobs.insert(job.id.clone(), job);
    }

    /// A job.
    #[cfg(test)]
    pub fn get(&self, id: &str) -> Option<&Job> {
        self.jobs.get(id)
    }

    /// A job, to note that it has been looked at.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Job> {
        self.jobs.get_mut(id)
    }

    /// All that are remembered.
    pub fn iter(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    /// Notes what has become of a job. The one that finished longest ago may be forgotten for it.
    pub fn finish(&mut self, id: &str, outcome: Result<Fields, ApiError>) {
        let Some(job) = self.jobs.get_mut(id) else { return };
        job.outcome = outcome.map_or_else(Outcome::Failed, Outcome::Succeeded);
        if job.memory == Memory::Lasting {
            return;
        }
        self.finished.push_back(id.to_owned());
        if self.finished.len() > FINISHED_KEPT
            && let Some(oldest) = self.finished.pop_front()
        {
            self.jobs.shift_remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_finished_long_ago_are_forgotten() {
        let mut jobs = Jobs::default();
        for number in 0..=FINISHED_KEPT {
            let id = number.to_string();
            jobs.insert(Job::pending(id.clone(), "work", AccountIndex::FIRST, Timestamp::UNIX_EPOCH));
            jobs.finish(&id, Ok(Fields::new()));
        }
        assert!(jobs.get("0").is_none());
        assert!(jobs.get("1").is_some());
        assert_eq!(jobs.iter().count(), FINISHED_KEPT);
    }
}
