//! A service that is asked by query: one address, and a parameter that names the operation.

mod gate;
mod session;
mod signing;

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::answer::{Answer, Writer};
use crate::api::{Api, Incoming, Outgoing};
use crate::arguments::{Arguments, Method};
use crate::command::{self, Call};
use crate::fault::Fault;
use crate::inventory::{Held, of_world};
use crate::model::{Command, Model};
use crate::policy::{Checks, Dialect, Names, Policy, Sessions as Allowed, Surface};
use crate::refusal::{ApiError, Reason};
use crate::settings::Throttle;
use crate::surface;
use crate::world::{AccountIndex, World};
use assay_suite::{Availability, Encoding, List, Operation, OperationName, Presence, Style, Suite};

use gate::Gate;
use session::Sessions;

/// Lists that no document of ours has, but for which CloudStack's own clients ask next to documented ones: apache-libcloud
/// with every list of machines. A cloud with flat networks has nothing in them.
const EMPTY_LISTS: [&str; 3] = ["listPublicIpAddresses", "listPortForwardingRules", "listIpForwardingRules"];

/// Where a query service listens (CloudStack developer's guide 4.1, 5.1; Cloudn Compute 1-2).
pub const PATH: &str = "/client/api";

/// The envelope of what no operation answers.
const NO_OPERATION: &str = "errorresponse";

/// An operation for which the cloud has no behaviour.
#[derive(Debug)]
pub struct UnknownOperation(pub String);

/// One suite's service.
pub struct QueryService {
    suite: Arc<Suite>,
    commands: IndexMap<OperationName, &'static Command>,
    operation_parameter: String,
    /// The suite with the commands next to it.
    all: Suite,
    world: Mutex<World>,
    sessions: Mutex<Sessions>,
}

/// Whether a request must prove who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door<'a> {
    /// It must; these are its cookies.
    Guarded(Option<&'a str>),
    /// It is taken for this account's.
    Open(AccountIndex),
}

impl QueryService {
    /// A service for a suite, if the cloud knows all of its operations.
    pub fn new(suite: Arc<Suite>, mut world: World, throttle: Option<Throttle>) -> Result<Self, UnknownOperation> {
        let model = world.rules.model;
        let mut commands = IndexMap::new();
        let offered = suite.operations.values().filter(|operation| operation.availability == Availability::Offered);
        for name in offered.map(|operation| &operation.name.value) {
            let command = model.command(&name.0).ok_or_else(|| UnknownOperation(name.0.clone()))?;
            commands.insert(name.clone(), command);
        }
        let operation_parameter = match &suite.style {
            Style::Query { operation_parameter, .. } => operation_parameter.clone(),
            Style::Rest => String::new(),
        };
        world.counters.common = throttle;
        let beside = if world.rules.dialect == Dialect::CloudStack { beside(&suite, model) } else { IndexMap::new() };
        for name in beside.keys() {
            commands.extend(model.command(&name.0).map(|command| (name.clone(), command)));
        }
        let mut all = Suite::clone(&suite);
        all.operations.extend(beside);
        let sessions = Mutex::new(Sessions::default());
        Ok(Self { suite, commands, operation_parameter, all, world: Mutex::new(world), sessions })
    }

    /// Lets another API act on the same world at a moment, with what this one documents.
    pub fn share<T>(&self, now: Timestamp, act: impl FnOnce(&mut World, &Arc<Suite>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(now);
        act(&mut world, &self.suite)
    }

    /// Answers a request that arrives at a moment.
    #[cfg(test)]
    pub fn answer(&self, method: Method, encoded: &[&str], now: Timestamp) -> Answer {
        self.answer_at(Door::Guarded(None), method, encoded, now)
    }

    /// The answer to a login or logout, with the cookie that it sets.
    fn of_session(&self, door: Door<'_>, encoded: &[&str], now: Timestamp) -> Option<(Answer, Option<String>)> {
        let Door::Guarded(cookies) = door else { return None };
        let arguments = Arguments::read(encoded);
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let rules = Arc::clone(&world.rules);
        let name = arguments
            .get_exactly(&self.operation_parameter)
            .filter(|_| rules.policy.sessions == Allowed::ByPassword)?;
        let encoding = encoding(&arguments, &rules.policy);
        let writer = Writer { policy: &rules.policy, faults: &rules.faults, encoding };
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(now);
        if name.eq_ignore_ascii_case("logout") {
            return Some((writer.unlisted("logoutresponse", sessions.log_out(cookies)), None));
        }
        name.eq_ignore_ascii_case("login").then(|| match sessions.log_in(&world, &arguments) {
            Ok((content, cookie)) => (writer.unlisted("loginresponse", content), Some(cookie)),
            Err(refusal) => (writer.bare_refusal(NO_OPERATION, &refusal), None),
        })
    }

    fn answer_at(&self, door: Door<'_>, method: Method, encoded: &[&str], now: Timestamp) -> Answer {
        let arguments = Arguments::read(encoded);
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let world = &mut *world;
        world.advance(now);
        let rules = Arc::clone(&world.rules);
        let encoding = encoding(&arguments, &rules.policy);
        let writer = Writer { policy: &rules.policy, faults: &rules.faults, encoding };

        if let Some(name) = arguments.get(&self.operation_parameter).filter(|name| self.lists_nothing(name)) {
            let envelope = format!("{}response", name.to_lowercase());
            return match self.admit(door, world, &arguments, method) {
                Ok(_) => writer.nothing(&envelope),
                Err(refusal) => writer.bare_refusal(&envelope, &refusal),
            };
        }
        let (operation, command) = match self.operation(&arguments, &rules.policy) {
            Ok(found) => found,
            Err(refusal) => return refuse_unnamed(&writer, &refusal),
        };
        let admitted = self.admit(door, world, &arguments, method);
        let arguments = match rules.policy.surface {
            Surface::Document => arguments,
            Surface::Source => match surface::of(&operation.name.value.0) {
                Some(departure) => arguments.without(&departure.ignores),
                None => arguments,
            },
        };
        let outcome = admitted.and_then(|account| {
            let call = Call { operation, command, arguments: &arguments, account, target: account, method };
            command::carry_out(world, &self.all, &call)
        });
        match outcome {
            Ok(reply) => writer.reply(&self.suite, operation, reply),
            Err(refusal) if rules.policy.checks == Checks::Server => {
                let refusal = in_the_servers_words(operation, &arguments, refusal);
                match refusal.reason {
                    Reason::Forbidden => writer.bare_refusal(NO_OPERATION, &refusal),
                    _ => writer.refusal(&self.suite, operation, &refusal),
                }
            }
            Err(refusal) => writer.refusal(&self.suite, operation, &refusal),
        }
    }

    fn admit(
        &self,
        door: Door<'_>,
        world: &mut World,
        arguments: &Arguments,
        method: Method,
    ) -> Result<AccountIndex, ApiError> {
        match door {
            Door::Guarded(cookies) => {
                let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
                match cookies.and_then(|cookies| sessions.account(cookies, arguments)) {
                    Some(account) => Gate::admit_known(world, account),
                    None => Gate::admit(world, arguments, method),
                }
            }
            Door::Open(_) if world.rules.faults.has(Fault::CloudstackIntegrationPortClosed) => {
                Gate::admit(world, arguments, method)
            }
            Door::Open(account) => Ok(account),
        }
    }

    fn lists_nothing(&self, name: &str) -> bool {
        EMPTY_LISTS.contains(&name) && !self.commands.contains_key(name)
    }

    /// The operation that a request names, in the document's own spelling.
    fn operation(&self, arguments: &Arguments, policy: &Policy) -> Result<(&Operation, &'static Command), ApiError> {
        let name = match policy.names {
            Names::AnyCase => arguments.get(&self.operation_parameter),
            Names::CommandAsWritten => arguments.get_exactly(&self.operation_parameter),
        };
        let name = name.ok_or_else(|| ApiError::new(Reason::NoCommand, "the request names no command"))?;
        let operation = self.all.operations.get(name).zip(self.commands.get(name));
        let (operation, command) =
            operation.ok_or_else(|| ApiError::new(Reason::UnknownCommand, format!("there is no command {name}")))?;
        Ok((operation, *command))
    }
}

/// The commands in addition to those of the suite, described like documented ones that are alike. Their absence would leave
/// clients of CloudStack helpless.
fn beside(suite: &Suite, model: &Model) -> IndexMap<OperationName, Operation> {
    let unknown = model.commands().filter(|command| !suite.operations.contains_key(command.name.as_str()));
    let described = unknown.filter_map(|command| {
        let undocumented = command.undocumented.as_ref()?;
        let mut operation = suite.operations.get(undocumented.like.as_str())?.clone();
        operation.name.value = OperationName(command.name.clone());
        operation.envelopes.clear();
        operation.list = undocumented.list.clone().map(|(items, key)| List {
            items,
            key: Some(key),
            volatile: Vec::new(),
            created: None,
        });
        for parameter in operation.parameters.values_mut() {
            parameter.filter = None;
            if parameter.name.value != "id" || undocumented.by_name {
                parameter.presence = Presence::Optional;
            }
        }
        operation.asynchronous &= !undocumented.at_once;
        operation.exactly_one = None;
        operation.at_least_one = None;
        Some((operation.name.value.clone(), operation))
    });
    described.collect()
}

/// The same service behind a port of its own, without authentication (CloudStack developer's guide 4.1, 4.3.1).
pub struct Unguarded {
    /// The service.
    pub service: Arc<QueryService>,
    /// Whose every request is.
    pub account: AccountIndex,
}

impl Api for Unguarded {
    fn answer(&self, request: &Incoming, now: Timestamp) -> Outgoing {
        self.service.outgoing(Door::Open(self.account), request, now)
    }
}

impl Api for QueryService {
    fn answer(&self, request: &Incoming, now: Timestamp) -> Outgoing {
        self.outgoing(Door::Guarded(request.header("cookie")), request, now)
    }

    fn inventory(&self, now: Timestamp) -> Vec<Held> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(now);
        of_world(&world)
    }
}

impl QueryService {
    fn outgoing(&self, door: Door<'_>, request: &Incoming, now: Timestamp) -> Outgoing {
        if request.path != PATH {
            let body = String::new();
            return Outgoing { status: 404, content_type: "text/html", headers: Vec::new(), body };
        }
        let (method, encoded) = match request.method.as_str() {
            "GET" => (Method::Get, vec![request.query.as_str()]),
            "POST" => (Method::Post, vec![request.query.as_str(), request.body.trim_end()]),
            _ => {
                let body = String::new();
                return Outgoing { status: 405, content_type: "text/html", headers: Vec::new(), body };
            }
        };
        let of_session = self.of_session(door, &encoded, now);
        let (answer, cookie) = of_session.unwrap_or_else(|| (self.answer_at(door, method, &encoded, now), None));
        let headers = cookie.map(|cookie| ("set-cookie", cookie)).into_iter().collect();
        let content_type = answer.content_type();
        Outgoing { status: answer.status, content_type, headers, body: answer.body }
    }
}

/// Refuses a request that names no operation of the suite, unless a fault lets it succeed.
fn refuse_unnamed(writer: &Writer<'_>, refusal: &ApiError) -> Answer {
    let (fault, envelope) = match refusal.reason {
        // The server has no name for the element around it, and says so in JSON.
        Reason::NoCommand if writer.encoding == Encoding::Json && writer.policy.checks == Checks::Server => {
            (Fault::MissingCommandAccepted, "null")
        }
        Reason::NoCommand => (Fault::MissingCommandAccepted, NO_OPERATION),
        _ => (Fault::UnknownCommandAccepted, NO_OPERATION),
    };
    let removed = refusal.text.ends_with(" createConfiguration");
    if removed && writer.faults.has(Fault::CloudstackRemovedCommandAccepted) {
        return writer.bare_success("createconfigurationresponse");
    }
    if writer.faults.has(fault) { writer.bare_success("response") } else { writer.bare_refusal(envelope, refusal) }
}

/// A refusal in the words of a CloudStack 4.1 management server, where its clients look for them.
fn in_the_servers_words(operation: &Operation, arguments: &Arguments, refusal: ApiError) -> ApiError {
    let command = &operation.name.value.0;
    if refusal.reason == Reason::Forbidden && refusal.text.ends_with(command) {
        let text = format!("The given command:{command} does not exist or it is not available for user with id:null");
        return ApiError { text, ..refusal };
    }
    let Some(id) = refusal.unknown.as_deref() else { return refusal };
    let holds = |(_, value): &(&str, &str)| value.split(',').any(|item| item.trim() == id);
    let Some((name, _)) = arguments.iter().find(holds) else { return refusal };
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        let what = if command == "queryAsyncJobResult" { "a job" } else { name };
        return ApiError { text: format!("Unable to find {what} by id {id}"), ..refusal };
    }
    ApiError::parameter(format!(
        "Unable to execute API command {} due to invalid value. Invalid parameter {} value={id} due to incorrect long \
         value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.",
        command.to_lowercase(),
        name.to_lowercase(),
    ))
}

/// JSON for `response=json`, whatever the case where the server does not look at it; XML for anything else.
fn encoding(arguments: &Arguments, policy: &Policy) -> Encoding {
    let response = match policy.names {
        Names::AnyCase => arguments.get("response"),
        Names::CommandAsWritten => arguments.get_exactly("response"),
    };
    let in_json = response.is_some_and(|response| match policy.checks {
        Checks::Document => response == "json",
        Checks::Server => response.eq_ignore_ascii_case("json"),
    });
    if in_json { Encoding::Json } else { Encoding::Xml }
}
