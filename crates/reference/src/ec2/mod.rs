//! Cloudn's EC2 side (Compute manual, chapter 2): the public EC2 query API, in front of the same machines as the native API.
//!
//! It keeps nothing of its own. As the manual says of the service, an EC2 command is interpreted: what it changes is changed
//! by native commands, and what it shows is the native API's resources in EC2's words.

mod call;
mod failure;
mod gate;
mod images;
mod instances;
mod native;
mod parameters;
mod signing;
mod storage;
mod xml;

use std::sync::Arc;

use assay_suite::{Operation, Presence, Suite};
use jiff::Timestamp;

use super::api::{Api, Incoming, Outgoing};
use super::demonstration::Credentials;
use super::fault::Fault;
use super::opening::{Opened, Opening};
use super::query::QueryService;
use super::resource::machine::State;
use super::seed;
use super::world::{Record, World, kind};

use call::{Answer, Call, done};
use failure::Failure;
use parameters::Parameters;

/// Where the EC2 side listens (2-1).
const PATH: &str = "/awsapi";

/// Opens the EC2 side of the native API; nothing if that is not open.
pub fn open(suite: &Arc<Suite>, opening: &Opening<'_>) -> Option<Opened> {
    let native = Arc::clone(opening.cloudn.get()?);
    let (accounts, variables) = native.share(seed::moment(0), |world, _| (credentials(world), variables(world)));
    let api = Arc::new(Ec2 { suite: Arc::clone(suite), native });
    Some(Opened { api, path: PATH, accounts, variables, further: None })
}

/// The keys of the native API: the EC2 side knows the same accounts.
fn credentials(world: &World) -> Vec<Credentials> {
    let accounts = world.accounts.iter().map(|account| Credentials {
        account: account.name.clone(),
        keys: vec![("api_key", account.api_key.clone()), ("secret_key", account.secret_key.clone())],
        url: None,
    });
    accounts.collect()
}

/// What scenarios need of the native API's seed, and the names by which EC2 knows it.
fn variables(world: &World) -> Vec<(String, String)> {
    let first = |kind| world.store.of(kind).next().map(|record| record.id().to_owned());
    let plan = world.store.of(kind::SERVICE_OFFERING).nth(2);
    let entity = world.accounts.iter().nth(1).map(|account| account.name.clone());
    let variables = [
        ("zone", first(kind::ZONE)),
        ("template", first(kind::TEMPLATE)),
        ("disk_offering", first(kind::DISK_OFFERING)),
        ("other_offering", plan.map(|plan| plan.id().to_owned())),
        ("other_offering_name", plan.map(|plan| plan.text("name").to_owned())),
        ("entity", entity),
    ];
    variables.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The EC2 side.
struct Ec2 {
    suite: Arc<Suite>,
    native: Arc<QueryService>,
}

/// What an action does.
type Action = fn(&mut World, &Call<'_>) -> Answer;

/// What every action does.
const ACTIONS: [(&str, Action); 18] = [
    ("DescribeInstances", instances::describe),
    ("RunInstances", instances::run),
    ("RebootInstances", instances::reboot),
    ("StartInstances", instances::start),
    ("StopInstances", instances::stop),
    ("TerminateInstances", instances::terminate),
    ("ModifyInstanceAttribute", instances::modify),
    ("CreateImage", images::create),
    ("DescribeImages", images::describe),
    ("DeregisterImage", images::deregister),
    ("ModifyImageAttribute", images::modify),
    ("CreateSnapshot", storage::create_snapshot),
    ("DeleteSnapshot", storage::delete_snapshot),
    ("DescribeSnapshots", storage::describe_snapshots),
    ("AttachVolume", storage::attach_volume),
    ("DeleteVolume", storage::delete_volume),
    ("DescribeVolumes", storage::describe_volumes),
    ("DetachVolume", storage::detach_volume),
];

/// The parameters that narrow a list and that this side does not know.
const NARROWING: [&str; 5] = ["Filter.", "MaxResults", "NextToken", "ExecutableBy.", "RestorableBy."];

/// Refuses what would narrow a list elsewhere: what comes back would be more than was asked for.
fn check_narrowing(name: &str, parameters: &Parameters) -> Result<(), Failure> {
    let owners = |given: &str| given.starts_with("Owner.") && name != "DescribeImages";
    let narrows = |given: &&str| NARROWING.iter().any(|known| given.starts_with(known)) || owners(given);
    match parameters.names().find(narrows).filter(|_| name.starts_with("Describe")) {
        Some(given) => Err(Failure::new("UnsupportedOperation", format!("{name} does not know {given}"))),
        None => Ok(()),
    }
}

impl Ec2 {
    fn carry_out(&self, world: &mut World, request: &Incoming, native: &Arc<Suite>) -> (String, Answer) {
        let parameters = &Parameters::read(request);
        let name = parameters.get("Action").unwrap_or_default().to_owned();
        (name.clone(), self.act(world, &name, request, parameters, native))
    }

    fn act(
        &self,
        world: &mut World,
        name: &str,
        request: &Incoming,
        parameters: &Parameters,
        native: &Arc<Suite>,
    ) -> Answer {
        if name.is_empty() {
            return Err(Failure::new("MissingAction", "the request names no action"));
        }
        let account = gate::admit(world, request, parameters)?;
        let operation = self.suite.operations.get(name);
        let action = ACTIONS.iter().find(|(known, _)| *known == name);
        let Some((operation, (_, action))) = operation.zip(action) else {
            return Err(Failure::new("InvalidAction", format!("there is no action {name}")));
        };
        if let Err(failure) = check(operation, parameters) {
            let tolerated = world.rules.faults.has(Fault::Ec2MissingParameterAccepted);
            return if tolerated { Ok(done()) } else { Err(failure) };
        }
        check_narrowing(name, parameters)?;
        let call = Call { account, parameters, native };
        if names_terminated(world, &call, name) && world.rules.faults.has(Fault::Ec2TerminatedMachineServed) {
            return Ok(done());
        }
        action(world, &call)
    }
}

/// Whether something is asked of a machine that is no more.
fn names_terminated(world: &World, call: &Call<'_>, name: &str) -> bool {
    let named = ["InstanceId", "InstanceId.1"].into_iter().find_map(|parameter| call.parameters.get(parameter));
    let machine = named.and_then(|id| world.store.get(kind::MACHINE, id));
    let is_gone = |machine: &Record| matches!(State::of(machine), State::Destroyed | State::Expunging);
    !name.starts_with("Describe") && machine.is_some_and(is_gone)
}

/// Refuses a request without what the document asks for.
fn check(operation: &Operation, parameters: &Parameters) -> Result<(), Failure> {
    let required = operation.parameters.values().filter(|parameter| parameter.presence == Presence::Required);
    for parameter in required {
        parameters.need(&parameter.name.value)?;
    }
    let gives = |set: &Vec<String>| set.iter().all(|name| parameters.get(name).is_some());
    match &operation.at_least_one {
        Some(alternatives) if !alternatives.0.iter().any(gives) => {
            let names: Vec<_> = alternatives.0.iter().flatten().map(String::as_str).collect();
            Err(Failure::new("MissingParameter", format!("one of these must be given: {}", names.join(", "))))
        }
        _ => Ok(()),
    }
}

impl Api for Ec2 {
    fn answer(&self, request: &Incoming, now: Timestamp) -> Outgoing {
        if request.path.trim_end_matches('/') != PATH {
            return Outgoing { status: 404, content_type: "text/html", headers: Vec::new(), body: String::new() };
        }
        self.native.share(now, |world, native| {
            let (name, answer) = self.carry_out(world, request, native);
            let id = world.ids.fresh();
            match answer {
                Ok(content) => {
                    let wrong = name == "DescribeSnapshots" && world.rules.faults.has(Fault::Ec2EnvelopeWrong);
                    let root = if wrong { "SnapshotsResponse".to_owned() } else { format!("{name}Response") };
                    xml::answer(&root, &content, &id)
                }
                Err(failure) => {
                    let in_json = name == "StopInstances" && world.rules.faults.has(Fault::Ec2RefusalInJson);
                    if in_json { failure.in_json() } else { failure.in_xml(&id) }
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_action_does_something() {
        let suite = crate::tests::ec2();
        let missing: Vec<_> =
            suite.operations.keys().filter(|name| !ACTIONS.iter().any(|(known, _)| *known == name.0)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(suite.operations.len(), ACTIONS.len());
    }
}
