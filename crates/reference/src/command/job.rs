//! Jobs: what they show, and who may look (Cloudn Compute 1-3; CloudStack developer's guide 4.1, 5.6).

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::fault::{Fault, Faults};
use crate::policy::{FailedJob, JobCommand};
use crate::refusal::{ApiError, Reason};
use crate::resource::fields;
use crate::world::{AccountIndex, Fields, Job, Memory, Outcome, Owner, World, written};

use super::call::{Call, Reply};
use super::candidate::Candidate;

const PENDING: u8 = 0;
const SUCCEEDED: u8 = 1;
const FAILED: u8 = 2;
/// What no document knows.
const UNDOCUMENTED: u8 = 7;

/// `queryAsyncJobResult`: an account's own job, pending or finished.
pub fn query(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.arguments.need("jobid")?;
    let rules = Arc::clone(&world.rules);
    let faults = &rules.faults;
    let Some(job) = world.jobs.get_mut(id) else {
        faults.check(Fault::UnknownJobPending, || Err(ApiError::unknown("job", id)))?;
        let invented = Job::pending(id.to_owned(), call.name(), call.account, world.now);
        return Ok(Reply::Content(shown(world, &invented)));
    };
    if !world.accounts.may_act_for(call.account, job.account) {
        faults.check(Fault::ForeignJobShown, || Err(ApiError::foreign("job", id)))?;
    }
    if !job.is_pending() {
        job.looks += 1;
    }
    let job = job.clone();
    Ok(Reply::Content(looked_at(world, &job)))
}

/// The jobs that an account may see in a list: its own pending ones (CN-025).
pub fn candidates(world: &World, account: AccountIndex) -> Vec<Candidate<'_>> {
    let faults = &world.rules.faults;
    let foreign = faults.has(Fault::ForeignJobsListed);
    // Which jobs finish while a list is read depends on the clients; those that the cloud began with are always there.
    let lasting = faults.has(Fault::FinishedJobsListed);
    let jobs = world.jobs.iter().filter(|job| foreign || job.account == account);
    let jobs = jobs.filter(|job| job.is_pending() || lasting && job.memory == Memory::Lasting);
    jobs.map(|job| Candidate {
        owner: Owner::Account(job.account),
        fields: Cow::Owned(shown(world, job)),
        granted: &[],
    })
    .collect()
}

/// A job as a query shows it, which some faults distort. How often a job is looked at depends on the clients, so these
/// keep to one command.
fn looked_at(world: &World, job: &Job) -> Fields {
    let faults = &world.rules.faults;
    let rebooted = job.command == "rebootVirtualMachine" && matches!(job.outcome, Outcome::Succeeded(_));
    if rebooted && job.looks == 2 && faults.has(Fault::JobGoesBackwards) {
        return shown(world, &Job { outcome: Outcome::Pending, ..job.clone() });
    }
    let mut shown = shown(world, job);
    if rebooted && job.looks == 1 && faults.has(Fault::JobStatusUndocumented) {
        shown.insert("jobstatus".into(), UNDOCUMENTED.into());
    }
    shown
}

fn shown(world: &World, job: &Job) -> Fields {
    let policy = &world.rules.policy;
    let account = world.accounts.get(job.account);
    let (status, code, result) = match &job.outcome {
        Outcome::Pending => (PENDING, 0, Value::from("")),
        Outcome::Succeeded(result) => (SUCCEEDED, 0, Value::Object(result.clone())),
        Outcome::Failed(refusal) => {
            let own = refusal.reason.code();
            let described = json!({"errorcode": own, "errortext": refusal.text});
            match policy.failed_job {
                FailedJob::OwnCode => (FAILED, own, described),
                FailedJob::InternalError => (FAILED, 530, described),
                FailedJob::PlainText => (FAILED, plain_code(refusal), Value::from(refusal.text.clone())),
            }
        }
    };
    let command = match policy.job_command {
        JobCommand::Name => job.command.clone(),
        JobCommand::JavaClass => java_class(&job.command),
    };
    let mut shown = fields(json!({
        "accountid": account.id,
        "userid": account.user,
        "cmd": command,
        "jobstatus": status,
        "jobprocstatus": 0,
        "jobresultcode": code,
        "jobresulttype": "object",
        "jobresult": result,
        "created": written(job.created),
        "jobid": job.id,
    }));
    if policy.failed_job == FailedJob::PlainText {
        as_the_guide_shows_it(job, &mut shown);
    }
    distort(&world.rules.faults, job, &mut shown);
    shown
}

/// The code of a failed job in the guide, whose only example is want of capacity.
fn plain_code(refusal: &ApiError) -> u16 {
    match refusal.reason {
        Reason::Capacity => 551,
        reason => reason.code(),
    }
}

/// A pending job has an internal state and no result; the result of a failed one is text (5.6.2).
fn as_the_guide_shows_it(job: &Job, shown: &mut Fields) {
    match job.outcome {
        Outcome::Pending => {
            for field in ["jobresultcode", "jobresulttype", "jobresult"] {
                shown.shift_remove(field);
            }
            shown.insert("jobprocstatus".into(), 1.into());
        }
        Outcome::Succeeded(_) => {}
        Outcome::Failed(_) => {
            shown.insert("jobresulttype".into(), "text".into());
        }
    }
}

/// The class behind a command, named by CloudStack's own rule.
fn java_class(command: &str) -> String {
    let short = command.replace("VirtualMachine", "VM");
    let (first, rest) = short.split_at(short.len().min(1));
    format!("org.apache.cloudstack.api.command.user.{}.{}{rest}Cmd", package(command), first.to_uppercase())
}

fn package(command: &str) -> &'static str {
    let packages = [("VirtualMachine", "vm"), ("SecurityGroup", "securitygroup"), ("Volume", "volume")];
    packages.iter().find(|(resource, _)| command.contains(resource)).map_or("job", |(_, package)| package)
}

fn distort(faults: &Faults, job: &Job, shown: &mut Fields) {
    let succeeded = matches!(job.outcome, Outcome::Succeeded(_));
    if matches!(job.outcome, Outcome::Failed(_)) && faults.has(Fault::FailedJobSucceeds) {
        shown.insert("jobstatus".into(), SUCCEEDED.into());
    }
    if job.command == "rebootVirtualMachine" && faults.has(Fault::JobCommandWrong) {
        shown.insert("cmd".into(), "startVirtualMachine".into());
    }
    if job.command == "rebootVirtualMachine" && succeeded && faults.has(Fault::JobResultMissing) {
        shown.shift_remove("jobresult");
    }
    if job.command.starts_with("revoke") && succeeded && faults.has(Fault::JobSuccessMissing) {
        shown.insert("jobresult".into(), json!({}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_named_as_cloudstack_names_them() {
        let expected = "org.apache.cloudstack.api.command.user.vm.DeployVMCmd";
        assert_eq!(java_class("deployVirtualMachine"), expected);
    }
}
