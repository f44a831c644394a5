//! The API as a client sees it, at moments that the tests choose. That it keeps the document's promises is what the scenarios test;
//! here is what they can't see: moments.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde_json::Value;
use sha1::Sha1;

use crate::api::{Incoming, Outgoing};
use crate::fault::Faults;
use crate::model::Model;
use crate::opening::{Opened, Opening};
use crate::policy::{Behaviour, Dialect, Policy};
use crate::settings::Settings;
use crate::world::Rules;
use assay_suite::source::{Diagnostics, SourceFile};
use assay_suite::{Suite, SuiteFiles};

const JOB_TIME: Duration = Duration::from_secs(10);

struct Client {
    opened: Opened,
    now: Timestamp,
}

impl Client {
    fn new() -> Self {
        let files = SuiteFiles {
            suite: &SourceFile::new("suite.yaml", include_str!("../../../../../suites/hicloud/suite.yaml")),
            operations: &SourceFile::new(
                "operations.yaml",
                include_str!("../../../../../suites/hicloud/operations.yaml"),
            ),
            requirements: &SourceFile::new(
                "requirements.yaml",
                include_str!("../../../../../suites/hicloud/requirements.yaml"),
            ),
            deviations: Vec::new(),
            variables: None,
        };
        let suite = Suite::read(&files, &mut Diagnostics::new()).expect("the suite has no mistakes");
        let rules = Rules {
            dialect: Dialect::Cloudn,
            model: Model::embedded(),
            policy: Policy::of(Behaviour::Documented),
            faults: Faults::new(&[]),
            job_time: JOB_TIME,
            expunge_after: JOB_TIME,
        };
        let opening = Opening { settings: &Settings::default(), rules, cloudn: OnceLock::new() };
        let opened = super::open(&Arc::new(suite), &opening).unwrap();
        Self { opened, now: "2013-06-01T00:00:00Z".parse().unwrap() }
    }

    fn send(&self, method: &str, path: &str, query: &str) -> Outgoing {
        let request = Incoming {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..Incoming::default()
        };
        self.opened.api.answer(&request, self.now)
    }

    /// A query, signed: the values of these tests need no encoding but that of colons.
    fn signed(&self, query: &str) -> String {
        let account = &self.opened.accounts[0];
        let query = format!(
            "{query}&version=2013-03-29&chtAuthType=hwspass&accessKey={}&expires=2099-01-01T00:00:00Z",
            account.key("api_key")
        );
        let mut pairs: Vec<_> = query.split('&').collect();
        pairs.sort_by_key(|pair| pair.split('=').next().map(str::to_lowercase));
        let mac = Hmac::<Sha1>::new_from_slice(account.key("secret_key").as_bytes()).unwrap();
        let digest = mac.chain_update(pairs.join("&").to_lowercase()).finalize().into_bytes();
        let signature = STANDARD_NO_PAD.encode(digest).replace('+', "*").replace('/', "-");
        format!("{query}&signature={signature}")
    }

    fn ask(&self, query: &str) -> (u16, Value) {
        let answer = self.send("GET", "/cloud_hws/api/hws/", &self.signed(query));
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    fn call(&self, query: &str) -> Value {
        let (status, answer) = self.ask(query);
        assert_eq!(status, 200, "{query}: {answer}");
        answer
    }

    fn wait(&mut self) {
        self.now += JOB_TIME;
    }

    fn machine(&self, filter: &str) -> Value {
        self.call(&format!("action=describeInstances&{filter}"))["instanceList"][0].clone()
    }
}

/// A text field.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{value} has no {name}"))
}

#[test]
fn a_machine_is_ordered_provisioned_started_rebooted_and_stopped_in_its_time() {
    let mut client = Client::new();
    let answer = client.call("action=runInstances&imageId=hi-olajtpss&instanceType=HC1.S.LINUX&instanceName=a");
    let order = format!("orderId={}", answer["orderUuidList"][0].as_str().unwrap());
    let machine = client.machine(&order);
    assert_eq!(text(&machine, "provisionStatus"), "provisioning");
    assert_eq!(machine["ipForVm"], Value::Null);
    let id = format!("businessServiceId={}", text(&machine, "businessServiceId"));
    assert_eq!(client.ask(&format!("action=startInstances&{id}")).0, 409);
    client.wait();
    assert_eq!(text(&client.machine(&order), "provisionStatus"), "provisionok");
    assert_eq!(text(&client.machine(&order), "operationStatus"), "vm_stop");
    for (action, meanwhile, then) in [
        ("startInstances", "vm_starting", "vm_start"),
        ("rebootInstances", "vm_stopping", "vm_start"),
        ("stopInstances", "vm_stopping", "vm_stop"),
    ] {
        client.call(&format!("action={action}&{id}"));
        assert_eq!(text(&client.machine(&id), "operationStatus"), meanwhile);
        client.wait();
        assert_eq!(text(&client.machine(&id), "operationStatus"), then);
    }
}

#[test]
fn several_machines_may_be_named_by_repetition_or_with_commas() {
    let client = Client::new();
    let list = client.call("action=describeInstances")["instanceList"].clone();
    let (one, other) = (text(&list[0], "businessServiceId"), text(&list[1], "businessServiceId"));
    for query in
        [format!("businessServiceId={one}&businessServiceId={other}"), format!("businessServiceId={one},{other}")]
    {
        let stats = client.call(&format!("action=getInstancesStats&{query}"));
        assert_eq!(stats["instanceStatsList"].as_array().unwrap().len(), 2, "{query}");
    }
}

#[test]
fn the_visitors_of_a_policy_are_shared_by_the_machines_that_run() {
    let client = Client::new();
    let list = client.call("action=describeInstances")["instanceList"].clone();
    let (watched, off) = (&list[1], &list[2]);
    let id = format!("businessServiceId={}", text(watched, "businessServiceId"));
    let load = |client: &Client| {
        let stats = client.call(&format!("action=getInstancesStats&{id}"));
        stats["instanceStatsList"][0]["cpuUsage"].as_f64().unwrap()
    };
    assert!(load(&client) < 2.0);
    let addresses = format!("ripsInfo={}&ripsInfo={}", text(watched, "ipForVm"), text(off, "ipForVm"));
    client.call(&format!("action=createLoadBalancerPolicy&port=80&{addresses}"));
    assert!(load(&client) > 60.0, "the other machine does not run");
    client.call(&format!("action=startInstances&businessServiceId={}", text(off, "businessServiceId")));
    let later = Client { now: client.now + JOB_TIME, ..client };
    assert!(load(&later) < 60.0);
}

#[test]
fn orders_go_to_one_path_with_get() {
    let client = Client::new();
    let query = client.signed("action=describeInstances");
    assert_eq!(client.send("GET", "/cloud_hws/api/hws", &query).status, 200);
    assert_eq!(client.send("POST", "/cloud_hws/api/hws/", &query).status, 405);
    assert_eq!(client.send("GET", "/cloud_hws/api/", &query).status, 404);
}
