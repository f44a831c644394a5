//! The cloud as a client sees it, at moments that the tests choose.

/// One of the project's own suites.
macro_rules! suite {
    ($name:literal) => {
        read_suite([
            include_str!(concat!("../../../../suites/", $name, "/suite.yaml")),
            include_str!(concat!("../../../../suites/", $name, "/operations.yaml")),
            include_str!(concat!("../../../../suites/", $name, "/requirements.yaml")),
        ])
    };
}

mod errors;
mod faults;
mod guide_faults;
mod ies;
mod list_semantics;
mod lists;
mod login;
mod machines;
mod new_kind;
mod roles;
mod security_groups;
mod speed;
mod volumes;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha1::Sha1;

use super::answer::Answer;
use super::arguments::Method;
use super::fault::{Fault, Faults};
use super::model::Model;
use super::policy::{Behaviour, Dialect, Policy};
use super::query::QueryService;
use super::seed;
use super::settings::Throttle;
use super::world::{AccountIndex, Rules, World};
use assay_suite::source::{Diagnostics, Node, SourceFile};
use assay_suite::{Availability, Effect, Operation, Presence, Suite, SuiteFiles};

/// How long jobs take in these tests.
const JOB_TIME: Duration = Duration::from_secs(10);

/// How long destroyed machines can be recovered.
const EXPUNGE_AFTER: Duration = Duration::from_secs(3_600);

fn read_suite([suite, operations, requirements]: [&str; 3]) -> Suite {
    let files = SuiteFiles {
        suite: &SourceFile::new("suite.yaml", suite),
        operations: &SourceFile::new("operations.yaml", operations),
        requirements: &SourceFile::new("requirements.yaml", requirements),
        deviations: Vec::new(),
        variables: None,
    };
    let mut mistakes = Diagnostics::new();
    let suite = Suite::read(&files, &mut mistakes);
    suite.unwrap_or_else(|| panic!("{}", super::data::tests::written(&mistakes)))
}

/// The suite of the Cloudn manual.
pub fn cloudn() -> Suite {
    suite!("cloudn")
}

/// Its EC2 side.
pub fn ec2() -> Suite {
    suite!("ec2")
}

/// The suite of CloudStack's guide.
pub fn cloudstack() -> Suite {
    suite!("cloudstack")
}

/// A cloud and a client of it, in the account `demo` unless it says otherwise.
struct Client {
    service: Arc<QueryService>,
    now: Timestamp,
    variables: Vec<(String, String)>,
    keys: Vec<(String, String)>,
    names: Vec<String>,
    integration: Option<AccountIndex>,
    account: usize,
}

impl Client {
    fn new() -> Self {
        Self::with(Behaviour::Documented, &[], None)
    }

    fn with_fault(fault: Fault) -> Self {
        Self::with(Behaviour::Documented, &[fault], None)
    }

    fn with(behaviour: Behaviour, faults: &[Fault], throttle: Option<Throttle>) -> Self {
        let rules = Rules {
            dialect: Dialect::Cloudn,
            model: Model::embedded(),
            policy: Policy::of(behaviour),
            faults: Faults::new(faults),
            job_time: JOB_TIME,
            expunge_after: EXPUNGE_AFTER,
        };
        let mut world = World::new("cloudn", rules, seed::moment(0));
        let variables = seed::fill(&mut world).unwrap();
        let keys = world.accounts.iter().map(|a| (a.api_key.clone(), a.secret_key.clone())).collect();
        let names = world.accounts.iter().map(|account| account.name.clone()).collect();
        let service = Arc::new(QueryService::new(Arc::new(cloudn()), world, throttle).unwrap());
        Self { service, now: seed::moment(100), variables, keys, names, integration: None, account: 0 }
    }

    fn of_guide(faults: &[Fault]) -> Self {
        Self::guide_with(Behaviour::Documented, faults)
    }

    /// The cloud of CloudStack's guide, asked by the root administrator.
    fn guide_with(behaviour: Behaviour, faults: &[Fault]) -> Self {
        Self::of_model(behaviour, faults, Model::embedded(), cloudstack())
    }

    /// The same with a model and a document of one's own.
    fn of_model(behaviour: Behaviour, faults: &[Fault], model: &'static Model, suite: Suite) -> Self {
        let rules = Rules {
            dialect: Dialect::CloudStack,
            model,
            policy: Policy::of_dialect(behaviour, Dialect::CloudStack),
            faults: Faults::new(faults),
            job_time: JOB_TIME,
            expunge_after: EXPUNGE_AFTER,
        };
        let mut world = World::new("cloudstack", rules, seed::moment(0));
        let variables = seed::fill(&mut world).unwrap();
        let keys = world.accounts.iter().map(|a| (a.api_key.clone(), a.secret_key.clone())).collect();
        let names = world.accounts.iter().map(|account| account.name.clone()).collect();
        let integration = seed::integration(&world);
        let service = Arc::new(QueryService::new(Arc::new(suite), world, None).unwrap());
        Self { service, now: seed::moment(100), variables, keys, names, integration, account: 0 }
    }

    /// From now on the client asks as this account.
    fn sign_in(&mut self, account: &str) {
        self.account = self.names.iter().position(|name| name == account).unwrap();
    }

    /// The arguments that an operation can't do without, as its document would fill them.
    fn good_arguments(&self, operation: &Operation) -> Vec<(String, String)> {
        let required = operation.parameters.values().filter(|parameter| parameter.presence == Presence::Required);
        let known = |name: &str| self.variables.iter().find(|(variable, _)| variable == name).map(|(_, id)| id.clone());
        let standing = |name: &str| known(&format!("standing_{}", name.replace("srx_", "srx").replace('_', "")));
        required
            .map(|parameter| {
                let written = parameter.value.as_ref().map(Node::to_json).unwrap_or_default();
                let written = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
                let value = match written.strip_prefix('$') {
                    Some(name) => known(name).or_else(|| standing(name)).unwrap_or_default(),
                    None => written,
                };
                (parameter.name.value.clone(), value)
            })
            .collect()
    }

    /// The id behind one of the demonstration's variables.
    fn id(&self, variable: &str) -> String {
        let found = self.variables.iter().find(|(name, _)| name == variable);
        found.unwrap_or_else(|| panic!("there is no variable {variable}")).1.clone()
    }

    fn wait(&mut self, duration: Duration) {
        self.now += duration;
    }

    /// Sends a well signed request.
    fn send(&self, method: Method, parameters: &[(&str, &str)]) -> Answer {
        let (api_key, secret_key) = &self.keys[self.account];
        let mut parameters = parameters.to_vec();
        parameters.push(("apikey", api_key));
        self.service.answer(method, &[&signed(&parameters, secret_key)], self.now)
    }

    /// Sends a query as it is.
    fn send_raw(&self, query: &str) -> Answer {
        self.service.answer(Method::Get, &[query], self.now)
    }

    /// The status of a command's answer in JSON, and what is in its envelope.
    fn ask(&self, command: &str, parameters: &[(&str, &str)]) -> (u16, Value) {
        let mut all = vec![("command", command), ("response", "json")];
        all.extend(parameters);
        let answer = self.send(Method::Get, &all);
        (answer.status, unwrapped(&answer))
    }

    /// The answer to a command that must succeed.
    fn call(&self, command: &str, parameters: &[(&str, &str)]) -> Value {
        let (status, answer) = self.ask(command, parameters);
        assert_eq!(status, 200, "{command} {parameters:?}: {answer}");
        answer
    }

    /// The code with which a command is refused.
    fn refusal(&self, command: &str, parameters: &[(&str, &str)]) -> u64 {
        let (status, answer) = self.ask(command, parameters);
        assert_eq!(answer["errorcode"], status, "{command} {parameters:?}: {answer}");
        status.into()
    }

    /// Waits for the job that a command begins. Its state and result.
    fn run(&mut self, command: &str, parameters: &[(&str, &str)]) -> (u64, Value) {
        let accepted = self.call(command, parameters);
        let job = accepted["jobid"].as_str().unwrap_or_else(|| panic!("{command} names no job: {accepted}")).to_owned();
        assert_eq!(self.call("queryAsyncJobResult", &[("jobid", &job)])["jobstatus"], 0);
        self.wait(JOB_TIME);
        let finished = self.call("queryAsyncJobResult", &[("jobid", &job)]);
        (finished["jobstatus"].as_u64().unwrap(), finished["jobresult"].clone())
    }

    /// The result of a job that must succeed.
    fn done(&mut self, command: &str, parameters: &[(&str, &str)]) -> Value {
        let (state, result) = self.run(command, parameters);
        assert_eq!(state, 1, "{command} {parameters:?}: {result}");
        result
    }

    /// Deploys a machine. Its id.
    fn deploy(&mut self, further: &[(&str, &str)]) -> String {
        let (zone, offering, template) = (self.id("zone"), self.id("offering"), self.id("template"));
        let mut parameters =
            vec![("zoneid", zone.as_str()), ("serviceofferingid", &offering), ("templateid", &template)];
        parameters.retain(|(name, _)| further.iter().all(|(given, _)| given != name));
        parameters.extend(further);
        let result = self.done("deployVirtualMachine", &parameters);
        result["virtualmachine"]["id"].as_str().unwrap().to_owned()
    }

    /// The first item of a list.
    fn first(&self, command: &str, parameters: &[(&str, &str)], items: &str) -> Value {
        self.call(command, parameters)[items][0].clone()
    }

    fn machine(&self, id: &str) -> Value {
        self.first("listVirtualMachines", &[("id", id)], "virtualmachine")
    }

    fn volume(&self, id: &str) -> Value {
        self.first("listVolumes", &[("id", id)], "volume")
    }
}

/// What is in the envelope of an answer in JSON.
fn unwrapped(answer: &Answer) -> Value {
    let document: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("not JSON: {}", answer.body));
    document.as_object().unwrap().values().next().unwrap().clone()
}

/// A query with its signature. This is the third signer of this crate, and the shortest.
fn signed(parameters: &[(&str, &str)], secret_key: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let unreserved = |text: String| text.replace("%2D", "-").replace("%5F", "_").replace("%2E", ".");
    let mut sorted: Vec<_> = query.iter().map(|pair| unreserved(pair.clone()).to_lowercase()).collect();
    sorted.sort();
    let mac = Hmac::<Sha1>::new_from_slice(secret_key.as_bytes()).unwrap().chain_update(sorted.join("&"));
    format!("{}&signature={}", query.join("&"), encode(&STANDARD.encode(mac.finalize().into_bytes())))
}
