//! Removes what a case created: last first, after failure and interruption too.

use serde_json::Value;

use crate::http::Method;
use crate::plan::{Case, PlannedCall};
use crate::record::Part;
use crate::scenario::{JobEnd, Template, plain};
use crate::suite::OperationName;
use crate::verdict::{JobState, judge_answer};

use super::Exchanger;
use super::await_job::Job;
use super::interpreter::Interpreter;
use super::obligations::Obligation;

impl<E: Exchanger> Interpreter<'_, E> {
    pub(super) async fn undo_all(&mut self) {
        while let Some(obligation) = self.obligations.next() {
            match obligation {
                Obligation::Job { id, of } => self.learn(&id, &of).await,
                Obligation::Thing { call, arguments } => {
                    if let Err(why) = self.remove(&call, &arguments).await {
                        let arguments: Vec<_> =
                            arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
                        let what = format!("{call} {} would remove it, but {why}", arguments.join(" "));
                        self.exchanger.left_over(&what);
                    }
                }
            }
        }
    }

    /// Follows a job that nobody followed, to learn what it created.
    async fn learn(&mut self, id: &Value, of: &OperationName) {
        let case = self.case;
        let Some(jobs) = &case.suite.jobs else { return };
        let place = crate::source::Place::start_of(&case.scenario.file);
        let job =
            Job { id, of: Some(of), within: case.longest_job, part: Part::Undo, place: &place, expect: Vec::new() };
        match self.follow(jobs, &job).await {
            Ok(followed) if followed.state.is_ok() => {
                let result = followed.judged.value.as_ref().and_then(|value| value.get(&jobs.result));
                self.obligations.job_ended(&case.suite, id, Some(of), result);
            }
            Ok(_) => self.exchanger.left_over(&format!("job {} of {of} has not ended", plain(id))),
            Err(why) => self.exchanger.left_over(&format!("job {} of {of}: {why}", plain(id))),
        }
    }

    async fn remove(&mut self, operation: &OperationName, arguments: &[(String, String)]) -> Result<(), String> {
        let case = self.case;
        let call = undo_call(case, operation, arguments);
        let exchange = self.exchange(Part::Undo, &call, arguments.to_vec()).await.map_err(|none| none.to_string())?;
        let judged = judge_answer(self.asked(&call), &[], &exchange, &self.bindings);
        if !judged.accepted {
            let observed = judged.departures.first().map(|(_, departure)| departure.observed.clone());
            return Err(observed.unwrap_or_else(|| "it was refused".to_owned()));
        }
        let asynchronous = case.suite.operations.get(operation).is_some_and(|operation| operation.asynchronous);
        let Some(jobs) = case.suite.jobs.as_ref().filter(|_| asynchronous) else { return Ok(()) };
        let id = judged.value.as_ref().and_then(|value| value.get(&jobs.id)).cloned();
        let id = id.ok_or("its job has no id")?;
        let place = call.place.clone();
        let job = Job {
            id: &id,
            of: Some(operation),
            within: case.longest_job,
            part: Part::Undo,
            place: &place,
            expect: Vec::new(),
        };
        match self.follow(jobs, &job).await.map_err(|none| none.to_string())?.state {
            Ok(JobState::Ended(JobEnd::Succeeded)) => Ok(()),
            Ok(_) => Err("its job failed".to_owned()),
            Err(_) => Err("its job has not ended".to_owned()),
        }
    }
}

fn undo_call(case: &Case, operation: &OperationName, arguments: &[(String, String)]) -> PlannedCall {
    PlannedCall {
        operation: operation.0.clone(),
        arguments: arguments.iter().map(|(name, value)| (name.clone(), Template::text(value))).collect(),
        asked: Some(case.format),
        answered: case.format,
        method: Method::Get,
        account: None,
        sign: Vec::new(),
        place: crate::source::Place::start_of(&case.scenario.file),
    }
}
