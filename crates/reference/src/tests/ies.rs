//! The IES API at moments that the tests choose.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::read_suite;
use crate::api::Incoming;
use crate::fault::Faults;
use crate::ies;
use crate::model::Model;
use crate::opening::{Opened, Opening};
use crate::policy::{Behaviour, Dialect, Policy};
use crate::settings::Settings;
use crate::world::Rules;

const JOB_TIME: Duration = Duration::from_secs(10 * 60);
const SERVICES: &str = "/rest/servicemanager/v1/services";

struct Client {
    opened: Opened,
    now: Timestamp,
    tenant: usize,
}

impl Client {
    fn new() -> Self {
        let rules = Rules {
            dialect: Dialect::Cloudn,
            model: Model::embedded(),
            policy: Policy::of(Behaviour::Documented),
            faults: Faults::default(),
            job_time: JOB_TIME,
            expunge_after: Duration::ZERO,
        };
        let opening = Opening { settings: &Settings::default(), rules, cloudn: OnceLock::new() };
        let opened = ies::open(&Arc::new(suite!("ies")), &opening);
        Self { opened, now: "2017-05-17T12:00:30Z".parse().unwrap(), tenant: 0 }
    }

    fn ask(&self, method: &str, address: &str, body: &Value) -> (u16, Value) {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let account = &self.opened.accounts[self.tenant];
        let headers = [
            ("x-auth-token", account.key("token")),
            ("authorization", account.key("bearer")),
            ("content-type", "application/json"),
        ];
        let request = Incoming {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: if body.is_null() { String::new() } else { body.to_string() },
        };
        let answer = self.opened.api.answer(&request, self.now);
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    fn get(&self, address: &str) -> (u16, Value) {
        self.ask("GET", address, &Value::Null)
    }

    /// Orders a service with a connection of a name; its address. The members are side by side, as the schema prints them.
    fn order(&self, name: &str, on_failure: &str, device: &str) -> String {
        let connection = json!({"CloudVpnName": name, "Bandwidth": "60000", "CPE_A_ESN": device, "action": "create"});
        let body = json!({
            "onfailure": on_failure,
            "name": name,
            "service_definition_id": "8c34e27ed6644bbfbce93a41a05cb7ab",
            "template_id": "e77fc5e21e1e42c9933ec9574c33a5d8",
            "parameters": {"Site2DCList": [connection]},
        });
        let (status, answer) = self.ask("POST", SERVICES, &body);
        assert_eq!(status, 202, "{answer}");
        format!("{SERVICES}/{}", answer["service"]["service_id"].as_str().unwrap())
    }
}

/// A device that there is.
const DEVICE: &str = "21500102003GG3000704";

#[test]
fn a_service_is_made_when_its_time_has_come_and_not_before() {
    let mut client = Client::new();
    let service = client.order("vpn", "rollback", DEVICE);
    let traffic = "/rest/cloudvpnwatch/v1/traffic/connections/vpn/traffic-rate?direction=outbound&timedim=minute\
                   &starttime=0&endtime=4294967296";
    client.now += JOB_TIME;
    client.now -= Duration::from_secs(1);
    assert_eq!(client.get(&service).1["service"]["status"], "Creating");
    assert_eq!(client.get(traffic).1, json!({"metric": {"datas": []}}));
    client.now += Duration::from_secs(61);
    assert_eq!(client.get(&service).1["service"]["status"], "Completed");
    let points = client.get(traffic).1["metric"]["datas"].as_array().unwrap().clone();
    let times: Vec<_> = points.iter().map(|point| point["time"].as_i64().unwrap() % 60).collect();
    assert_eq!(times, [0, 0], "one for each minute in operation");
}

#[test]
fn what_fails_is_undone_where_that_was_asked_for() {
    let mut client = Client::new();
    let (undone, left) = (client.order("one", "rollback", "none"), client.order("other", "stay", "none"));
    client.now += JOB_TIME;
    assert_eq!(client.get(&undone).0, 404);
    assert_eq!(client.get(&left).1["service"]["status"], "Failed");
}

#[test]
fn a_tenant_sees_what_is_its_own() {
    let mut client = Client::new();
    let own = format!("{SERVICES}/8hiqoNgCSZmrlD1MyROJbg");
    assert_eq!(client.get(&own).1["service"]["parameters"]["Site2SiteList"][0]["VNI"], "1236");
    client.tenant = 1;
    assert_eq!(client.get(&own).0, 404);
    assert_eq!(client.get(SERVICES).1["services"][0]["name"], "site2dc_201705071132");
    assert_eq!(client.ask("POST", SERVICES, &json!({})).0, 403);
}

#[test]
fn the_sample_of_the_slides_is_answered_as_printed() {
    let address = "/rest/cloudvpnwatch/v1/traffic/connections/VPNS2S201705061433/traffic-rate?starttime=1493367320\
                   &endtime=1495058150&timedim=minute&direction=outbound&indicator=max";
    let (status, answer) = Client::new().get(address);
    assert_eq!(status, 200);
    let first = json!({
        "time": 1_494_061_140,
        "value": "22.8266666666666677605601609712948629749007523059844970703125000000",
    });
    assert_eq!(answer["metric"]["datas"][0], first);
}

#[test]
fn a_path_that_lacks_its_id_is_no_list() {
    let client = Client::new();
    assert_eq!(client.get(&format!("{SERVICES}/")).0, 404);
    assert_eq!(client.ask("DELETE", SERVICES, &Value::Null).0, 405);
}
