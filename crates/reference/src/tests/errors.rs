use std::num::NonZeroU32;

use serde_json::json;

use super::*;

#[test]
fn an_error_is_shown_under_the_commands_name() {
    let client = Client::new();
    let answer = client.send(Method::Get, &[("command", "stopVirtualMachine"), ("response", "json")]);
    let error: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer.status, 431);
    assert_eq!(error["stopvirtualmachineresponse"]["errorcode"], 431);
    assert_eq!(error["stopvirtualmachineresponse"]["cserrorcode"], 9999);
    assert!(error["stopvirtualmachineresponse"]["errortext"].is_string());
    let answer = client.send(Method::Get, &[("command", "stopVirtualMachine")]);
    assert!(answer.body.contains("<stopvirtualmachineresponse><errorcode>431</errorcode>"));
}

#[test]
fn a_command_is_needed_and_known() {
    let client = Client::new();
    let missing = client.send(Method::Get, &[("response", "json")]);
    assert_eq!((missing.status, unwrapped(&missing)["errorcode"].clone()), (400, json!(400)));
    let unknown = client.send(Method::Get, &[("response", "json"), ("command", "makeCoffee")]);
    assert_eq!(unknown.status, 432);
    assert!(unknown.body.starts_with(r#"{"errorresponse":"#));
    assert_eq!(client.send(Method::Get, &[("command", "listzones")]).status, 432, "values have their case");
    assert_eq!(client.send(Method::Get, &[("COMMAND", "listZones")]).status, 200, "names do not");
    let cloudstack = Client::with(Behaviour::CloudStack41, &[], None);
    let missing = cloudstack.send(Method::Get, &[("COMMAND", "listZones"), ("response", "json")]);
    assert!(missing.status == 401 && missing.body.starts_with(r#"{"null":"#));
}

#[test]
fn credentials_are_checked() {
    let client = Client::new();
    let (api_key, secret_key) = &client.keys[0];
    let zones = [("command", "listZones"), ("apikey", api_key.as_str())];
    let good = signed(&zones, secret_key);
    assert_eq!(client.send_raw(&good).status, 200);
    assert_eq!(client.send_raw(&good.replace("signature=", "SIGNATURE=")).status, 200);
    let unsigned = good.split("&signature").next().unwrap();
    for query in [
        unsigned.to_owned(),
        format!("{unsigned}&signature=AAAAAAAAAAAAAAAAAAAAAAAAAAA%3D"),
        good.replace("listZones", "listVolumes"),
        format!("{good}&pagesize=1"),
        signed(&zones, &client.keys[1].1),
        signed(&zones[..1], secret_key),
        signed(&[zones[0], ("apikey", "unknown")], secret_key),
    ] {
        let answer = client.send_raw(&query);
        assert_eq!(answer.status, 401, "{query}");
        assert!(answer.body.contains("<errorcode>401</errorcode>") && !answer.body.contains("cserrorcode"));
    }
}

#[test]
fn a_request_can_expire() {
    const FORM: &str = "%Y-%m-%dT%H:%M:%S%z";
    let client = Client::new();
    let with = |expires: &str, version: &str| {
        let parameters = [("command", "listZones"), ("expires", expires), ("signatureVersion", version)];
        let given: Vec<_> = parameters.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        client.send(Method::Get, &given).status
    };
    let at =
        |seconds: i64, form: &str| (client.now + jiff::SignedDuration::from_secs(seconds)).strftime(form).to_string();
    assert_eq!(with(&at(60, FORM), "3"), 200);
    assert_eq!(with(&at(60, "%Y-%m-%dT%H:%M:%SZ"), "3"), 200);
    assert_eq!(with(&at(-60, FORM), "3"), 401);
    assert_eq!(with(&at(60, FORM).replace('+', " "), "3"), 401);
    assert_eq!(with("tomorrow", "3"), 401);
    assert_eq!(with(&at(60, FORM), ""), 401);
    assert_eq!(with("", "3"), 401);
    assert_eq!(with(&at(60, FORM), "2"), 401);
    let cloudstack = Client::with(Behaviour::CloudStack41, &[], None);
    let ignored = [("command", "listZones"), ("expires", "never")];
    assert_eq!(cloudstack.send(Method::Get, &ignored).status, 200);
}

#[test]
fn parameters_keep_their_contract() {
    let client = Client::new();
    let id = client.id("tagged_vm");
    for (command, parameters) in [
        ("listTemplates", vec![]),
        ("listTemplates", vec![("templatefilter", "all")]),
        ("uploadVolume", vec![("format", "RAW"), ("name", "x"), ("url", "http://x"), ("zoneid", "x")]),
        (
            "deployVirtualMachine",
            vec![("zoneid", "x"), ("templateid", "x"), ("serviceofferingid", "x"), ("account", "demo")],
        ),
        ("deleteSecurityGroup", vec![]),
        ("deleteSecurityGroup", vec![("id", "x"), ("name", "x")]),
        ("detachVolume", vec![("deviceid", "1")]),
        ("detachVolume", vec![("id", "x"), ("virtualmachineid", &id)]),
        ("authorizeSecurityGroupIngress", vec![("securitygroupname", "web")]),
        ("updateVirtualMachine", vec![("id", &id), ("displayname", "bell\u{7}")]),
        ("updateVirtualMachine", vec![("id", &id), ("displayname", &"x".repeat(256))]),
    ] {
        assert_eq!(client.refusal(command, &parameters), 431, "{command} {parameters:?}");
    }
    assert_eq!(client.refusal("stopVirtualMachine", &[("id", &client.id("foreign_vm"))]), 531);
    assert_eq!(client.refusal("deleteVolume", &[("id", &client.id("foreign_volume"))]), 531);
    assert_eq!(client.refusal("deleteSecurityGroup", &[("id", &client.id("foreign_group"))]), 531);
}

#[test]
fn too_many_requests_are_refused_until_the_interval_ends() {
    let throttle = Throttle { requests: NonZeroU32::new(2).unwrap(), interval: Duration::from_secs(1) };
    let mut client = Client::with(Behaviour::Documented, &[], Some(throttle));
    let zones = |client: &Client| client.ask("listZones", &[]).0;
    assert_eq!([zones(&client), zones(&client), zones(&client)], [200, 200, 429]);
    client.account = 1;
    assert_eq!(zones(&client), 200);
    client.account = 0;
    client.wait(Duration::from_secs(1));
    assert_eq!(zones(&client), 200);
}
